// jit/emit/fractions.cpp: integers that stand for fractions, as IR.
#include "jit/emit/values.hpp"

#include <cmath>

namespace rnaslicer::jit::emission {

using llvm::Value;

namespace {

/// Of an integer scalar of up to 32 bits.
double largest(Scalar s) {
  const auto bits = static_cast<int>(bits_of(s)) - (info(s).is_signed ? 1 : 0);
  return std::ldexp(1.0, bits) - 1;
}

} // namespace

/// A fraction (f32 or f64) as the integer that stands for it: normalize() of jit/convert.hpp.
Value* Values::normalized(Value* x) {
  const Scalar to = m_plan.format;
  const double lo = info(to).is_signed ? -1 : 0;
  const bool wide = x->getType()->getScalarType()->isDoubleTy();
  Value* zero = real(x, wide, 0);
  Value* one = real(x, wide, 1);
  Value* low = real(x, wide, lo);
  if (info(to).is_signed) {
    x = choose(m_ir.CreateFCmpORD(x, zero), x, zero);
    x = choose(m_ir.CreateFCmpOLT(x, low), low, x);
  } else {
    x = choose(m_ir.CreateFCmpOGT(x, zero), x, zero); // a NaN as well
  }
  x = choose(m_ir.CreateFCmpOGT(x, one), one, x);
  auto* word_type = like(m_ir.getInt32Ty(), x);
  if (!wide && m_machine.fuses && bits_of(to) <= 16) {
    // As below, where 1 is the last bit of a float32: rounded once, so the product counts as it is.
    x = m_ir.CreateIntrinsic(llvm::Intrinsic::fma, {x->getType()},
                             {x, real(x, false, largest(to)), real(x, false, 0x1.8p23)});
    Value* whole = m_ir.CreateBitCast(x, word_type, "whole");
    return m_ir.CreateTrunc(whole, like(m_ir.getIntNTy(bits_of(to)), x));
  }
  if (!wide)
    x = m_ir.CreateFPExt(x, like(m_ir.getDoubleTy(), x));
  x = m_ir.CreateFMul(x, real(x, true, largest(to)), "product");
  // Where 1 is the last bit of a float64, adding rounds to nearest even, and the whole number is
  // what stands in its low bits.
  x = m_ir.CreateFAdd(x, real(x, true, 0x1.8p52), "whole");
  Value* bits = m_ir.CreateBitCast(x, like(m_ir.getInt64Ty(), x));
  Value* word = m_ir.CreateTrunc(bits, word_type);
  return m_ir.CreateTrunc(word, like(m_ir.getIntNTy(bits_of(to)), x));
}

/// And back, in f64: wide_fraction_of() of jit/convert.hpp. In f32, for those of up to 16 bits: a
/// quotient of numbers that f32 holds, rounded to f64 and then to f32, is the one rounded at once.
Value* Values::fraction_of(Value* raw, bool is_wide) {
  const Scalar from = m_plan.format;
  auto* wide = like(is_wide ? m_ir.getDoubleTy() : m_ir.getFloatTy(), raw);
  Value* whole = widened(raw, from);
  Value* x = from == Scalar::u32 ? m_ir.CreateUIToFP(whole, wide) : m_ir.CreateSIToFP(whole, wide);
  x = m_ir.CreateFDiv(x, real(raw, is_wide, largest(from)), "fraction");
  if (info(from).is_signed) {
    Value* low = real(raw, is_wide, -1);
    x = choose(m_ir.CreateFCmpOLT(x, low), low, x);
  }
  return x;
}

Value* Values::narrowed(Value* x) { return m_ir.CreateFPTrunc(x, like(m_ir.getFloatTy(), x)); }

} // namespace rnaslicer::jit::emission
