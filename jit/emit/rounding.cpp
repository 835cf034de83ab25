// jit/emit/rounding.cpp: numbers become integers: saturated, to nearest even.
#include "jit/emit/values.hpp"

#include <cmath>
#include <llvm/IR/Intrinsics.h>

namespace rnaslicer::jit::emission {

using llvm::Value;

namespace {} // namespace

/// i32 or i64 (of that sign) to an integer scalar.
Value* Values::saturated(Value* x, bool is_signed, Scalar to) {
  const unsigned have = x->getType()->getScalarSizeInBits();
  const unsigned want = bits_of(to);
  const bool to_signed = info(to).is_signed;
  auto limit = [&](llvm::Intrinsic::ID which, std::uint64_t n) {
    x = m_ir.CreateBinaryIntrinsic(which, x, number(x, have, n));
  };
  if (is_signed && !to_signed)
    limit(llvm::Intrinsic::smax, 0);
  if (is_signed && to_signed && want < have) {
    limit(llvm::Intrinsic::smax, ~std::uint64_t{0} << (want - 1));
    limit(llvm::Intrinsic::smin, (1ULL << (want - 1)) - 1);
  } else if (want < have || (want == have && to_signed && !is_signed)) {
    const unsigned magnitude = to_signed ? want - 1 : want;
    limit(llvm::Intrinsic::umin, (1ULL << magnitude) - 1);
  }
  auto* type = like(m_ir.getIntNTy(want), x);
  return is_signed && to_signed ? m_ir.CreateSExtOrTrunc(x, type) : m_ir.CreateZExtOrTrunc(x, type);
}

Value* Values::round_even(Value* x) {
  if (m_machine.rounds)
    return m_ir.CreateUnaryIntrinsic(llvm::Intrinsic::roundeven, x);
  // From 2^23 (2^52) on there are only integers; below, adding it rounds.
  const bool wide = x->getType()->getScalarType()->isDoubleTy();
  Value* limit = real(x, wide, wide ? 0x1p52 : 0x1p23);
  Value* unit = m_ir.CreateBinaryIntrinsic(llvm::Intrinsic::copysign, limit, x);
  Value* whole = m_ir.CreateFSub(m_ir.CreateFAdd(x, unit), unit);
  Value* magnitude = m_ir.CreateUnaryIntrinsic(llvm::Intrinsic::fabs, x);
  return choose(m_ir.CreateFCmpOLT(magnitude, limit), whole, x);
}

/// f32 or f64 to an integer scalar: nearest even, saturated, NaN -> 0.
Value* Values::rounded(Value* x, Scalar to) {
  const unsigned want = bits_of(to);
  const bool to_signed = info(to).is_signed;
  if (want == 32 && !to_signed && !x->getType()->getScalarType()->isDoubleTy())
    x = m_ir.CreateFPExt(x, like(m_ir.getDoubleTy(), x)); // exact, and then the limits are too
  const bool wide = x->getType()->getScalarType()->isDoubleTy();
  const double lo = to_signed ? -std::ldexp(1.0, static_cast<int>(want) - 1) : 0.0;
  const double above = std::ldexp(1.0, static_cast<int>(want) - (to_signed ? 1 : 0));
  auto* result = like(m_ir.getIntNTy(want), x);
  Value* zero = real(x, wide, 0);
  x = choose(m_ir.CreateFCmpORD(x, zero), x, zero);
  Value* low = real(x, wide, lo);
  x = choose(m_ir.CreateFCmpOLT(x, low), low, x);
  if (want <= (wide ? 32U : 16U)) { // the upper limit is a number of this type
    Value* high = real(x, wide, above - 1);
    x = round_even(choose(m_ir.CreateFCmpOGT(x, high), high, x));
    if (want == 32 && !to_signed)
      return m_ir.CreateTrunc(m_ir.CreateFPToSI(x, like(m_ir.getInt64Ty(), x)), result);
    return m_ir.CreateTrunc(m_ir.CreateFPToSI(x, like(m_ir.getInt32Ty(), x)), result);
  }
  Value* over = m_ir.CreateFCmpOGE(x, real(x, wide, above));
  x = round_even(x);
  Value* whole = to_signed ? m_ir.CreateFPToSI(x, result) : m_ir.CreateFPToUI(x, result);
  const std::uint64_t ones = ~std::uint64_t{0} >> (64 - want);
  return choose(over, number(x, want, to_signed ? ones >> 1U : ones), whole);
}

} // namespace rnaslicer::jit::emission
