// jit/emit/transform.cpp: jit/transform.hpp's rules as IR. The operations stand in its order, and
// nothing may contract them.
#include "jit/transform.hpp"

#include "jit/emit/layout.hpp"
#include "jit/emit/values.hpp"

#include <cmath>
#include <limits>
#include <llvm/IR/Intrinsics.h>

namespace rnaslicer::jit::emission {

using llvm::Value;

namespace {

constexpr int own_row = -1;

unsigned count_of(Value* shape) {
  const auto* vector = llvm::dyn_cast<llvm::FixedVectorType>(shape->getType());
  return vector ? vector->getNumElements() : 1;
}

} // namespace

/// In each number's own row, or in one for all.
Value* Values::coefficient(Value* shape, unsigned column, int row) {
  if (row != own_row)
    return m_frame.matrix_column(column, std::vector<int>(count_of(shape), row));
  if (!m_own.row)
    return m_frame.matrix_column(column, m_own.rows);
  Value* place = m_frame.address(m_frame.matrix, m_own.row, 32, 8 * std::int64_t{column});
  return m_ir.CreateAlignedLoad(m_ir.getDoubleTy(), place, llvm::Align(8));
}

Value* Values::component(const std::array<Value*, 3>& vectors, int row) {
  Value* sum = nullptr;
  for (unsigned i = 0; i < 3; ++i) {
    Value* product = m_ir.CreateFMul(coefficient(vectors[0], i, row), vectors.at(i));
    sum = sum ? m_ir.CreateFAdd(sum, product) : product;
  }
  if (m_plan.transform == Transform::point)
    sum = m_ir.CreateFAdd(sum, coefficient(vectors[0], 3, row), "transformed");
  return sum;
}

/// Of three components of each vector the one that the number is.
Value* Values::own_component(Value* shape, const std::array<Value*, 3>& components) {
  const auto is_row = [&](int row) -> Value* {
    if (m_own.row)
      return m_ir.CreateICmpEQ(m_own.row, m_ir.getInt64(static_cast<std::uint64_t>(row)));
    if (count_of(shape) == 1)
      return m_ir.getInt1(m_own.rows[0] == row);
    llvm::SmallVector<llvm::Constant*, 16> flags;
    for (const int own : m_own.rows)
      flags.push_back(m_ir.getInt1(own == row));
    return llvm::ConstantVector::get(flags);
  };
  return choose(is_row(0), components[0], choose(is_row(1), components[1], components[2]));
}

Value* Values::transformed(const std::array<Value*, 3>& vectors) {
  const auto here = m_frame.at(Part::transform);
  Value* result = nullptr;
  if (m_plan.transform == Transform::normal) {
    std::array<Value*, 3> all{};
    Value* square = nullptr;
    for (const int row : {0, 1, 2}) {
      Value* one = all.at(static_cast<std::size_t>(row)) = component(vectors, row);
      Value* product = m_ir.CreateFMul(one, one);
      square = square ? m_ir.CreateFAdd(square, product) : product;
    }
    Value* length = m_ir.CreateUnaryIntrinsic(llvm::Intrinsic::sqrt, square, {}, "length");
    result = own_component(vectors[0], all);
    Value* zero = real(result, true, 0);
    result = choose(m_ir.CreateFCmpOGT(length, zero), m_ir.CreateFDiv(result, length), result);
  } else {
    result = component(vectors, own_row);
  }
  Value* nan = real(result, true, std::numeric_limits<double>::quiet_NaN());
  return choose(m_ir.CreateFCmpORD(result, result), result, nan);
}

Value* Values::rounded_to_odd(Value* x) {
  Value* y = narrowed(x);
  Value* back = m_ir.CreateFPExt(y, x->getType());
  auto* words = like(m_ir.getInt32Ty(), x);
  Value* bits = m_ir.CreateBitCast(y, words);
  Value* even = m_ir.CreateICmpEQ(m_ir.CreateAnd(bits, number(x, 32, 1)), number(x, 32, 0));
  Value* inexact = m_ir.CreateFCmpONE(back, x);
  const auto magnitude = [&](Value* number) {
    return m_ir.CreateUnaryIntrinsic(llvm::Intrinsic::fabs, number);
  };
  Value* below = m_ir.CreateFCmpOLT(magnitude(back), magnitude(x));
  Value* next = m_ir.CreateAdd(bits, choose(below, number(x, 32, 1), number(x, 32, 0xffffffff)));
  bits = choose(m_ir.CreateAnd(even, inexact), next, bits);
  return m_ir.CreateBitCast(bits, y->getType());
}

Value* Values::wide_to_format(Value* x) {
  const auto here = m_frame.at(Part::format);
  const Scalar to = m_plan.format;
  auto* bits = like(m_ir.getIntNTy(bits_of(to)), x);
  if (m_plan.normalized)
    return normalized(x);
  if (to == Scalar::b1)
    return m_ir.CreateZExt(m_ir.CreateFCmpONE(x, real(x, true, 0)), bits);
  if (!info(to).is_float)
    return rounded(x, to);
  if (to == Scalar::f16) {
    Value* odd = rounded_to_odd(x);
    if (!m_machine.half)
      return narrowed_half(odd);
    return m_ir.CreateBitCast(m_ir.CreateFPTrunc(odd, like(m_ir.getHalfTy(), x)), bits);
  }
  return m_ir.CreateBitCast(to == Scalar::f32 ? narrowed(x) : x, bits);
}

Value* Values::format_to_wide(Value* raw) {
  const Scalar from = m_plan.format;
  auto* wide = like(m_ir.getDoubleTy(), raw);
  if (m_plan.normalized)
    return fraction_of(raw);
  if (info(from).is_float) {
    Value* x = floating(raw, from);
    return from == Scalar::f64 ? x : m_ir.CreateFPExt(x, wide);
  }
  if (from == Scalar::b1)
    return choose(nonzero(raw, from), real(raw, true, 1), real(raw, true, 0));
  Value* x = widened(raw, from);
  const bool is_signed = info(from).is_signed || bits_of(from) < 32;
  return is_signed ? m_ir.CreateSIToFP(x, wide) : m_ir.CreateUIToFP(x, wide);
}

Value* Values::transformed_to_cache(const std::array<Value*, 3>& raw) {
  std::array<Value*, 3> vectors{};
  for (std::size_t i = 0; i < 3; ++i)
    vectors.at(i) = m_ir.CreateFPExt(decode(raw.at(i)), like(m_ir.getDoubleTy(), raw.at(i)));
  return wide_to_format(transformed(vectors));
}

Value* Values::transformed_to_source(const std::array<Value*, 3>& raw) {
  std::array<Value*, 3> vectors{};
  for (std::size_t i = 0; i < 3; ++i)
    vectors.at(i) = format_to_wide(raw.at(i));
  return encode(clamped(narrowed(transformed(vectors))), nullptr);
}

Slots components(const Plan& plan, Direction direction, const Batch& batch, std::size_t i) {
  Slots slots = batch.in;
  for (std::size_t k = 0; k < slots.size(); ++k) {
    if (!slots[k])
      continue;
    const std::size_t lane = batch.lanes[k];
    if (direction == Direction::refresh) {
      slots[k]->offset += static_cast<std::int64_t>(i) * plan.component_step;
    } else {
      const auto other = static_cast<std::size_t>(vector_of(plan, lane).at(i));
      slots[k]->offset += plan.lanes[other].cache - plan.lanes[lane].cache;
    }
  }
  return slots;
}

} // namespace rnaslicer::jit::emission
