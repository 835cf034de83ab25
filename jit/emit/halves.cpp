// jit/emit/halves.cpp: f16 in integer arithmetic, as jit/convert.hpp has it, for CPUs without F16C.
#include "jit/emit/values.hpp"

namespace rnaslicer::jit::emission {

using llvm::Value;

Value* Values::widened_half(Value* raw) {
  auto word = [&](std::uint64_t n) { return number(raw, 32, n); };
  auto* single = like(m_ir.getFloatTy(), raw);
  Value* half = m_ir.CreateZExtOrTrunc(exact(raw, Scalar::f16), like(m_ir.getInt32Ty(), raw));
  Value* sign = m_ir.CreateShl(m_ir.CreateAnd(half, word(0x8000)), 16);
  Value* exponent = m_ir.CreateAnd(half, word(0x7c00));
  Value* fraction = m_ir.CreateAnd(half, word(0x3ff));
  Value* shifted = m_ir.CreateShl(m_ir.CreateAnd(half, word(0x7fff)), 13);
  Value* normal = m_ir.CreateAdd(shifted, word(112ULL << 23U), "normal");
  Value* tiny = m_ir.CreateFMul(m_ir.CreateSIToFP(fraction, single), real(raw, false, 0x1p-24));
  Value* subnormal = m_ir.CreateBitCast(tiny, like(m_ir.getInt32Ty(), raw), "subnormal");
  Value* quiet = choose(m_ir.CreateICmpNE(fraction, word(0)), word(0x7fc00000), word(0x7f800000));
  Value* special = m_ir.CreateOr(shifted, quiet, "special");
  Value* magnitude = choose(m_ir.CreateICmpEQ(exponent, word(0)), subnormal, normal);
  magnitude = choose(m_ir.CreateICmpEQ(exponent, word(0x7c00)), special, magnitude);
  return m_ir.CreateBitCast(m_ir.CreateOr(sign, magnitude), single);
}

Value* Values::narrowed_half(Value* x) {
  auto word = [&](std::uint64_t n) { return number(x, 32, n); };
  auto* words = like(m_ir.getInt32Ty(), x);
  Value* bits = m_ir.CreateBitCast(x, words);
  Value* sign = m_ir.CreateAnd(m_ir.CreateLShr(bits, 16), word(0x8000));
  Value* magnitude = m_ir.CreateAnd(bits, word(0x7fffffff));
  auto above = [&](std::uint64_t n) { return m_ir.CreateICmpSGT(magnitude, word(n)); };
  Value* top = m_ir.CreateLShr(magnitude, 13);
  Value* odd = m_ir.CreateAnd(top, word(1));
  const std::uint64_t rebias = 0xfffU - (112U << 23U);
  Value* normal = m_ir.CreateAdd(m_ir.CreateAdd(magnitude, odd), word(rebias & 0xffffffffU));
  normal = m_ir.CreateLShr(normal, 13, "normal");
  // One unit of 0.5f is one unit of a subnormal f16.
  Value* aligned =
      m_ir.CreateFAdd(m_ir.CreateBitCast(magnitude, x->getType()), real(x, false, 0.5));
  Value* subnormal = m_ir.CreateSub(m_ir.CreateBitCast(aligned, words), word(0x3f000000));
  Value* nan = m_ir.CreateOr(m_ir.CreateAnd(top, word(0x3ff)), word(0x7e00), "nan");
  Value* result = choose(above(0x387fffff), normal, subnormal);
  result = choose(above(0x477fefff), word(0x7c00), result);
  result = choose(above(0x7f800000), nan, result);
  return m_ir.CreateTrunc(m_ir.CreateOr(sign, result), like(m_ir.getInt16Ty(), x));
}

} // namespace rnaslicer::jit::emission
