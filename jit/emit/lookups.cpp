// jit/emit/lookups.cpp: what goes through memory for each number: tables, lanes' own bits.
#include "jit/emit/values.hpp"

#include <algorithm>

namespace rnaslicer::jit::emission {

using llvm::Value;

namespace {

/// A scalar for one lane, a constant vector for several.
template <typename Number>
llvm::Constant* constant_of(llvm::Type* type, const Plan& plan,
                            const std::vector<std::size_t>& lanes, Number number_of) {
  llvm::SmallVector<llvm::Constant*, 64> numbers;
  for (const std::size_t lane : lanes)
    numbers.push_back(llvm::ConstantInt::get(
        type, static_cast<std::uint64_t>(number_of(plan.lanes[lane])), true));
  return numbers.size() == 1 ? numbers[0] : llvm::ConstantVector::get(numbers);
}

} // namespace

Own own_of(Frame& frame, const Plan& plan, const std::vector<std::size_t>& lanes,
           const std::vector<bool>& filled) {
  auto* wide = frame.ir.getInt64Ty();
  Own own;
  switch (plan.storage.decode) {
  case Decode::flag:
    own.mask = constant_of(wide, plan, lanes,
                           [&](const Lane& lane) { return mask_of(plan.storage, lane); });
    break;
  case Decode::lookup:
    own.lookup = constant_of(frame.ir.getInt32Ty(), plan, lanes,
                             [](const Lane& lane) { return lane.lookup; });
    break;
  default:
    break;
  }
  if (std::find(filled.begin(), filled.end(), false) != filled.end()) {
    llvm::SmallVector<llvm::Constant*, 64> flags;
    for (const bool flag : filled)
      flags.push_back(frame.ir.getInt1(flag));
    own.filled = llvm::ConstantVector::get(flags);
  }
  return own;
}

/// The mask of a flag or field in the numbers' width.
Value* Values::lane_mask(Value* shape, unsigned bits) {
  if (!m_own.mask)
    return number(shape, bits, m_plan.storage.mask);
  return m_ir.CreateTrunc(m_own.mask, like(m_ir.getIntNTy(bits), shape));
}

/// The number at base + index * stride for each index, which is not negative.
Value* Values::fetch(Value* base, Value* index, std::int64_t stride, llvm::Type* type) {
  const auto* vector = llvm::dyn_cast<llvm::FixedVectorType>(index->getType());
  const auto step = static_cast<std::uint64_t>(stride);
  if (vector && m_machine.gathers) {
    const unsigned bits = type->getScalarSizeInBits() * vector->getNumElements();
    const bool scales = stride == 1 || stride == 2 || stride == 4 || stride == 8;
    if (type->getScalarSizeInBits() >= 32 && bits >= 128) {
      Value* places = nullptr;
      if (scales) {
        auto* element = llvm::ArrayType::get(m_ir.getInt8Ty(), step);
        places = m_ir.CreateGEP(element, base, index);
      } else {
        auto* wide = like(m_ir.getInt64Ty(), index);
        Value* offset = m_ir.CreateMul(m_ir.CreateSExt(index, wide), number(index, 64, step));
        places = m_ir.CreateGEP(m_ir.getInt8Ty(), base, offset);
      }
      return m_ir.CreateMaskedGather(like(type, index), places, llvm::Align(1));
    }
  }
  const auto load = [&](Value* one) {
    Value* offset = m_ir.CreateMul(m_ir.CreateSExt(one, m_ir.getInt64Ty()), m_ir.getInt64(step));
    return m_ir.CreateAlignedLoad(type, m_ir.CreateGEP(m_ir.getInt8Ty(), base, offset),
                                  llvm::Align(1));
  };
  if (!vector)
    return load(index);
  Value* result = llvm::PoisonValue::get(like(type, index));
  for (unsigned i = 0; i < vector->getNumElements(); ++i)
    result = m_ir.CreateInsertElement(result, load(m_ir.CreateExtractElement(index, i)), i);
  return result;
}

/// Entries of 4 bytes in the lanes' tables of `count`, which the words name but for their lowest
/// `drop` bits (none, or two at least); `first` is the name of the first one.
Value* Values::entries(Value* words, int drop, std::int64_t first, std::int64_t count,
                       llvm::Type* type) {
  constexpr std::int64_t size = 4;
  const auto* vector = llvm::dyn_cast<llvm::FixedVectorType>(words->getType());
  const unsigned lanes = vector ? vector->getNumElements() : 1;
  const auto dropped = static_cast<std::uint64_t>(drop);
  if (lanes % 2 != 0 || m_machine.gathers_quickly) {
    Value* index = m_ir.CreateLShr(words, number(words, 32, dropped));
    Value* table =
        m_ir.CreateMul(m_own.lookup, number(words, 32, static_cast<std::uint64_t>(count)));
    index = m_ir.CreateAdd(index, table);
    Value* base = m_frame.address(m_frame.lookups, nullptr, 0, -first * size);
    return fetch(base, index, size, type);
  }
  // One by one, two names to a register; which table is part of the load. Where bits are dropped,
  // what is left counts bytes at once: of shifts there and back would remain a mask for each.
  if (m_own.filled)
    words = m_ir.CreateFreeze(words);
  const bool in_bytes = drop >= 2;
  if (in_bytes) {
    words = m_ir.CreateLShr(words, number(words, 32, dropped - 2));
    words = m_ir.CreateAnd(words, number(words, 32, ~std::uint32_t{size - 1}), "places");
  }
  auto* wide = m_ir.getInt64Ty();
  Value* pairs = m_ir.CreateBitCast(words, llvm::FixedVectorType::get(wide, lanes / 2));
  Value* result = llvm::PoisonValue::get(like(type, words));
  const auto* tables = llvm::cast<llvm::Constant>(m_own.lookup);
  for (unsigned lane = 0; lane < lanes; ++lane) {
    if (m_own.filled &&
        llvm::cast<llvm::Constant>(m_own.filled)->getAggregateElement(lane)->isZeroValue())
      continue;
    Value* place = m_ir.CreateExtractElement(pairs, lane / 2);
    place = lane % 2 != 0 ? m_ir.CreateLShr(place, 32)
                          : m_ir.CreateZExt(m_ir.CreateTrunc(place, m_ir.getInt32Ty()), wide);
    const auto* table = llvm::cast<llvm::ConstantInt>(tables->getAggregateElement(lane));
    Value* at = m_frame.address(m_frame.lookups, place, in_bytes ? 1 : size,
                                (table->getSExtValue() * count - first) * size);
    result =
        m_ir.CreateInsertElement(result, m_ir.CreateAlignedLoad(type, at, llvm::Align(1)), lane);
  }
  return result;
}

Value* Values::looked_up(Value* raw) {
  Value* byte = m_ir.CreateZExt(exact(raw, Scalar::u8), like(m_ir.getInt32Ty(), raw), "looked.up");
  return entries(byte, 0, 0, 256, m_ir.getFloatTy());
}

/// As jit/lookup.hpp says: the float's bits name a bucket, the sum with its entry the byte.
Value* Values::encode_lookup(Value* value) {
  constexpr int drop = Lookup::bucket_bits;
  static_assert(Lookup::low_bits % (1 << drop) == 0, "the low bits of floats stay as they are");
  auto word = [&](std::int32_t n) { return number(value, 32, static_cast<std::uint32_t>(n)); };
  auto* words = like(m_ir.getInt32Ty(), value);
  Value* bits = m_ir.CreateBitCast(value, words);
  bits = m_ir.CreateBinaryIntrinsic(llvm::Intrinsic::smax, bits, word(Lookup::low_bits));
  bits = m_ir.CreateBinaryIntrinsic(llvm::Intrinsic::smin, bits, word(Lookup::high_bits));
  bits = choose(m_ir.CreateFCmpUNO(value, value), word(Lookup::high_bits + 1), bits);
  Value* entry =
      entries(bits, drop, Lookup::low_bits >> drop, Lookup::bucket_count, m_ir.getInt32Ty());
  Value* rest = m_ir.CreateAnd(bits, word((1 << drop) - 1), "rest");
  return m_ir.CreateLShr(m_ir.CreateAdd(entry, rest), word(drop), "byte");
}

} // namespace rnaslicer::jit::emission
