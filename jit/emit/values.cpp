// jit/emit/values.cpp: decode, convert, clamp and encode as straight IR without branches.
#include "jit/emit/values.hpp"

#include "jit/convert.hpp"

#include <cmath>
#include <llvm/IR/Intrinsics.h>

namespace rnaslicer::jit::emission {

using llvm::Value;

namespace {

/// Integers that survive a passage through i32 unharmed, saturation and wrapping included.
bool fits_i32(Scalar s) {
  return s == Scalar::i8 || s == Scalar::u8 || s == Scalar::i16 || s == Scalar::u16 ||
         s == Scalar::i32;
}

} // namespace

bool copies(const Plan& plan, Direction direction) {
  if (plan.transform)
    return false;
  if (plan.normalized)
    return same_fractions(plan);
  if (plan.storage.decode != Decode::plain || plan.storage.type != plan.format)
    return false;
  if (direction == Direction::update && plan.clamp)
    return false;
  if (plan.value == Scalar::f32)
    return plan.format == Scalar::f32;
  return plan.value == Scalar::i32 && fits_i32(plan.format);
}

llvm::Type* Values::like(llvm::Type* element, Value* shape) {
  const auto* vector = llvm::dyn_cast<llvm::FixedVectorType>(shape->getType());
  return vector ? llvm::FixedVectorType::get(element, vector->getNumElements()) : element;
}

Value* Values::number(Value* shape, unsigned bits, std::uint64_t n) {
  return llvm::ConstantInt::get(like(m_ir.getIntNTy(bits), shape), n);
}

Value* Values::real(Value* shape, bool wide, double x) {
  return llvm::ConstantFP::get(like(wide ? m_ir.getDoubleTy() : m_ir.getFloatTy(), shape), x);
}

Value* Values::choose(Value* condition, Value* yes, Value* no) {
  return m_ir.CreateSelect(condition, yes, no);
}

Value* Values::exact(Value* raw, Scalar type) {
  return m_ir.CreateTrunc(raw, like(m_ir.getIntNTy(bits_of(type)), raw));
}

/// An integer scalar of up to 4 bytes as i32, of 8 bytes as i64.
Value* Values::widened(Value* raw, Scalar type) {
  const unsigned bits = bits_of(type);
  if (bits >= 32)
    return raw;
  Value* narrow = exact(raw, type);
  auto* wide = like(m_ir.getInt32Ty(), raw);
  return info(type).is_signed ? m_ir.CreateSExt(narrow, wide) : m_ir.CreateZExt(narrow, wide);
}

/// Compares just the scalar's own bits, in the width they came in.
Value* Values::nonzero(Value* raw, Scalar type) {
  const unsigned have = raw->getType()->getScalarSizeInBits();
  const unsigned bits = bits_of(type);
  if (have > bits)
    raw = m_ir.CreateAnd(raw, number(raw, have, (1ULL << bits) - 1));
  return m_ir.CreateICmpNE(raw, number(raw, have, 0));
}

/// f16 as f32 (exact), f32 and f64 as themselves.
Value* Values::floating(Value* raw, Scalar type) {
  if (type == Scalar::f16) {
    if (!m_machine.half)
      return widened_half(raw);
    Value* half = m_ir.CreateBitCast(exact(raw, type), like(m_ir.getHalfTy(), raw));
    return m_ir.CreateFPExt(half, like(m_ir.getFloatTy(), raw));
  }
  return m_ir.CreateBitCast(
      raw, like(type == Scalar::f64 ? m_ir.getDoubleTy() : m_ir.getFloatTy(), raw));
}

Value* Values::decode(Value* raw) {
  const auto here = m_frame.at(Part::storage);
  const Storage& storage = m_plan.storage;
  const unsigned have = raw->getType()->getScalarSizeInBits();
  switch (storage.decode) {
  case Decode::flag: {
    Value* bits = m_ir.CreateAnd(raw, lane_mask(raw, have), "flag.bits");
    Value* zero = number(raw, have, 0);
    return storage.inverted ? m_ir.CreateICmpEQ(bits, zero, "flag")
                            : m_ir.CreateICmpNE(bits, zero, "flag");
  }
  case Decode::field: {
    Value* bits = m_ir.CreateAnd(raw, number(raw, have, storage.mask), "field");
    return m_ir.CreateZExtOrTrunc(bits, like(m_ir.getInt32Ty(), raw));
  }
  case Decode::unorm: {
    const float max = storage.type == Scalar::u8 ? 255.0F : 65535.0F;
    Value* whole = m_ir.CreateSIToFP(widened(raw, storage.type), like(m_ir.getFloatTy(), raw));
    return m_ir.CreateFMul(whole, real(raw, false, 1.0F / max), "fraction");
  }
  case Decode::lookup:
    return looked_up(raw);
  case Decode::difference: // to_cache() has subtracted
    return raw;
  case Decode::plain:
    break;
  }
  return decode_plain(raw, storage.type);
}

Value* Values::decode_plain(Value* raw, Scalar type) {
  const auto here = m_frame.at(Part::value);
  if (type == Scalar::b1 || m_plan.value == Scalar::b1) {
    Value* truth = nonzero(raw, type);
    if (type == Scalar::b1 && m_plan.storage.inverted)
      truth = m_ir.CreateNot(truth);
    if (m_plan.value == Scalar::b1)
      return truth;
    return m_ir.CreateZExt(truth, like(m_ir.getInt32Ty(), raw));
  }
  if (info(type).is_float) {
    Value* x = floating(raw, type);
    return type == Scalar::f64 ? m_ir.CreateFPTrunc(x, like(m_ir.getFloatTy(), raw)) : x;
  }
  return m_ir.CreateTrunc(widened(raw, type), like(m_ir.getInt32Ty(), raw));
}

Value* Values::value_to_format(Value* value) {
  const auto here = m_frame.at(Part::format);
  const Scalar to = m_plan.format;
  auto* bits = like(m_ir.getIntNTy(bits_of(to)), value);
  Value* result = nullptr;
  if (m_plan.value == Scalar::b1) {
    if (!info(to).is_float)
      return m_ir.CreateZExt(value, bits);
    // One's bit pattern, selected: cheaper than a conversion.
    const std::uint64_t one = to == Scalar::f16   ? 0x3c00
                              : to == Scalar::f32 ? std::bit_cast<std::uint32_t>(1.0F)
                                                  : std::bit_cast<std::uint64_t>(1.0);
    return choose(value, number(value, bits_of(to), one), number(value, bits_of(to), 0));
  }
  if (m_plan.value == Scalar::i32) {
    if (to == Scalar::b1)
      return m_ir.CreateZExt(nonzero(value, Scalar::i32), bits);
    if (!info(to).is_float)
      return saturated(value, true, to);
    result = m_ir.CreateSIToFP(
        value, like(to == Scalar::f64 ? m_ir.getDoubleTy() : m_ir.getFloatTy(), value));
  } else {
    if (m_plan.normalized)
      return normalized(value);
    if (to == Scalar::b1)
      return m_ir.CreateZExt(m_ir.CreateFCmpONE(value, real(value, false, 0)), bits);
    if (!info(to).is_float)
      return rounded(value, to);
    result = to == Scalar::f64 ? m_ir.CreateFPExt(value, like(m_ir.getDoubleTy(), value)) : value;
  }
  if (to == Scalar::f16 && !m_machine.half)
    return narrowed_half(result);
  if (to == Scalar::f16)
    result = m_ir.CreateFPTrunc(result, like(m_ir.getHalfTy(), value));
  return m_ir.CreateBitCast(result, bits);
}

Value* Values::format_to_value(Value* raw) {
  const auto here = m_frame.at(Part::value);
  const Scalar from = m_plan.format;
  if (m_plan.normalized)
    return bits_of(from) <= 16 ? fraction_of(raw, false) : narrowed(fraction_of(raw, true));
  auto* single = like(m_ir.getFloatTy(), raw);
  auto* word = like(m_ir.getInt32Ty(), raw);
  if (info(from).is_float) {
    Value* x = floating(raw, from);
    const bool wide = from == Scalar::f64;
    if (m_plan.value == Scalar::b1)
      return m_ir.CreateFCmpONE(x, real(x, wide, 0));
    if (m_plan.value == Scalar::i32)
      return rounded(x, Scalar::i32);
    return wide ? m_ir.CreateFPTrunc(x, single) : x;
  }
  if (from == Scalar::b1 || m_plan.value == Scalar::b1) {
    Value* truth = nonzero(raw, from);
    if (m_plan.value == Scalar::b1)
      return truth;
    if (m_plan.value == Scalar::i32)
      return m_ir.CreateZExt(truth, word);
    return choose(truth, real(raw, false, 1), real(raw, false, 0));
  }
  Value* x = widened(raw, from);
  const bool is_signed = info(from).is_signed || bits_of(from) < 32; // small ones got an i32's sign
  if (m_plan.value == Scalar::i32)
    return saturated(x, is_signed, Scalar::i32);
  return is_signed ? m_ir.CreateSIToFP(x, single) : m_ir.CreateUIToFP(x, single);
}

Value* Values::clamped(Value* value) {
  if (!m_plan.clamp || m_plan.value == Scalar::b1)
    return value;
  const auto here = m_frame.at(Part::clamp);
  if (m_plan.value == Scalar::f32) {
    const auto lo = static_cast<float>(m_plan.clamp->lo);
    const auto hi = static_cast<float>(m_plan.clamp->hi);
    // A bound at infinity changes nothing, not even a NaN.
    if (hi != std::numeric_limits<float>::infinity()) {
      Value* bound = real(value, false, hi);
      value = choose(m_ir.CreateFCmpOGT(value, bound), bound, value);
    }
    if (lo == -std::numeric_limits<float>::infinity())
      return value;
    Value* bound = real(value, false, lo);
    return choose(m_ir.CreateFCmpOLT(value, bound), bound, value);
  }
  const auto lo = clamp_bound<Scalar::i32>(m_plan.clamp->lo);
  const auto hi = clamp_bound<Scalar::i32>(m_plan.clamp->hi);
  auto word = [&](std::int32_t n) { return number(value, 32, static_cast<std::uint32_t>(n)); };
  // With lo <= hi the order of the two does not matter.
  value = m_ir.CreateBinaryIntrinsic(llvm::Intrinsic::smin, value, word(hi));
  return m_ir.CreateBinaryIntrinsic(llvm::Intrinsic::smax, value, word(lo));
}

/// In the width `old` came in: what is above the storage's own bits stays as it is.
Value* Values::merged(Value* old, Value* bits) {
  const unsigned have = old->getType()->getScalarSizeInBits();
  const std::uint64_t ones = ~std::uint64_t{0} >> (64 - have);
  Value* others = m_ir.CreateXor(lane_mask(old, have), number(old, have, ones));
  Value* kept = m_ir.CreateAnd(old, others, "kept");
  return m_ir.CreateOr(kept, bits, "merged");
}

Value* Values::encode(Value* value, Value* old) {
  const auto here = m_frame.at(Part::storage);
  const Storage& storage = m_plan.storage;
  const unsigned width = bits_of(storage.type);
  auto* bits = like(m_ir.getIntNTy(width), value);
  const bool is_truth = m_plan.value == Scalar::b1;
  switch (storage.decode) {
  case Decode::flag: {
    const unsigned have = old->getType()->getScalarSizeInBits();
    Value* on = lane_mask(old, have);
    Value* off = number(value, have, 0);
    return merged(old, storage.inverted ? choose(value, off, on) : choose(value, on, off));
  }
  case Decode::field: {
    const unsigned have = old->getType()->getScalarSizeInBits();
    Value* x = m_ir.CreateSExtOrTrunc(value, old->getType());
    return merged(old, m_ir.CreateAnd(x, number(value, have, storage.mask)));
  }
  case Decode::unorm: {
    const float max = storage.type == Scalar::u8 ? 255.0F : 65535.0F;
    Value* zero = real(value, false, 0);
    Value* one = real(value, false, 1);
    Value* x = choose(m_ir.CreateFCmpOGT(value, zero), value, zero); // a NaN as well
    x = choose(m_ir.CreateFCmpOGT(x, one), one, x);
    x = round_even(m_ir.CreateFMul(x, real(value, false, max)));
    return m_ir.CreateTrunc(m_ir.CreateFPToSI(x, like(m_ir.getInt32Ty(), value)), bits);
  }
  case Decode::lookup:
    return m_ir.CreateTrunc(encode_lookup(value), bits);
  case Decode::difference: // refused
  case Decode::plain:
    break;
  }
  if (storage.type == Scalar::b1) {
    Value* truth = is_truth ? value : nonzero(value, m_plan.value);
    return m_ir.CreateZExt(storage.inverted ? m_ir.CreateNot(truth) : truth, bits);
  }
  if (is_truth)
    return m_ir.CreateZExt(value, bits);
  if (storage.type == Scalar::f64)
    return m_ir.CreateBitCast(m_ir.CreateFPExt(value, like(m_ir.getDoubleTy(), value)), bits);
  if (storage.type == Scalar::f32)
    return m_ir.CreateBitCast(value, bits);
  return m_ir.CreateSExtOrTrunc(value, bits);
}

Value* Values::to_cache(Value* raw, Value* next) {
  if (next)
    raw = m_ir.CreateSub(next, raw, "difference");
  if (copies(m_plan, Direction::refresh))
    return exact(raw, m_plan.format);
  return value_to_format(decode(raw));
}

Value* Values::to_source(Value* raw, Value* old) {
  if (copies(m_plan, Direction::update))
    return exact(raw, m_plan.format);
  return encode(clamped(format_to_value(raw)), old);
}

} // namespace rnaslicer::jit::emission
