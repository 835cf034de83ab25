// jit/emit/transform.cpp: jit/transform.hpp's rules as IR. The operations stand in its order, and
// nothing may contract them.
#include "jit/transform.hpp"

#include "jit/emit/values.hpp"

#include <cmath>
#include <limits>
#include <llvm/IR/Intrinsics.h>
#include <utility>

namespace rnaslicer::jit::emission {

using llvm::Value;

/// Of the matrix, for all numbers alike.
Value* Values::coefficient(Value* shape, unsigned column, int row) {
  const auto* vector = llvm::dyn_cast<llvm::FixedVectorType>(shape->getType());
  return m_frame.coefficient(row, column, vector ? vector->getNumElements() : 1);
}

Value* Values::component(const Components& vectors, int row) {
  Value* sum = nullptr;
  for (unsigned i = 0; i < 3; ++i) {
    Value* product = m_ir.CreateFMul(coefficient(vectors[0], i, row), vectors.at(i));
    sum = sum ? m_ir.CreateFAdd(sum, product) : product;
  }
  if (m_plan.transform == Transform::point)
    sum = m_ir.CreateFAdd(sum, coefficient(vectors[0], 3, row), "transformed");
  return sum;
}

/// Row after row, of each group in turn: while one waits for its sums, the others' are worked on.
Values::Groups Values::transformed(const Groups& groups, const std::vector<Needed>& needed) {
  const auto here = m_frame.at(Part::transform);
  const bool is_normal = m_plan.transform == Transform::normal;
  Groups result(groups.size());
  for (const int row : {0, 1, 2})
    for (std::size_t i = 0; i < groups.size(); ++i)
      if (is_normal || needed[i].at(static_cast<std::size_t>(row)))
        result[i].at(static_cast<std::size_t>(row)) = component(groups[i], row);
  for (std::size_t i = 0; is_normal && i < groups.size(); ++i)
    result[i] = with_length_one(result[i], needed[i]);
  return result;
}

Values::Components Values::with_length_one(const Components& vectors, const Needed& needed) {
  Value* square = nullptr;
  for (Value* one : vectors) {
    Value* product = m_ir.CreateFMul(one, one);
    square = square ? m_ir.CreateFAdd(square, product) : product;
  }
  Value* length = m_ir.CreateUnaryIntrinsic(llvm::Intrinsic::sqrt, square, {}, "length");
  // What has no length, or one that is no number, stays as it is: as divided by 1.
  length = choose(m_ir.CreateFCmpOGT(length, real(length, true, 0)), length, real(length, true, 1));
  Value* inverse = m_ir.CreateFDiv(real(length, true, 1), length, "inverse");
  Components result{};
  for (std::size_t i = 0; i < 3; ++i)
    result.at(i) = needed.at(i) ? m_ir.CreateFMul(vectors.at(i), inverse) : nullptr;
  return result;
}

/// A NaN is always the same one; of a block's numbers that is seen to at its end.
Value* Values::one_nan(Value* x) {
  if (m_frame.watched) {
    m_frame.watched->push_back(x);
    return x;
  }
  const bool wide = x->getType()->getScalarType()->isDoubleTy();
  return choose(m_ir.CreateFCmpORD(x, x), x,
                real(x, wide, std::numeric_limits<double>::quiet_NaN()));
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
    Value* odd = rounded_to_odd(one_nan(x));
    if (!m_machine.half)
      return narrowed_half(odd);
    return m_ir.CreateBitCast(m_ir.CreateFPTrunc(odd, like(m_ir.getHalfTy(), x)), bits);
  }
  return m_ir.CreateBitCast(one_nan(to == Scalar::f32 ? narrowed(x) : x), bits);
}

Value* Values::format_to_wide(Value* raw) {
  const Scalar from = m_plan.format;
  auto* wide = like(m_ir.getDoubleTy(), raw);
  if (m_plan.normalized)
    return fraction_of(raw, true);
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

/// Of each two neighbouring lanes one of `a` and one of `b`: those numbered so.
Value* Values::pairs_of(Value* a, int of_a, Value* b, int of_b) {
  const auto* vector = llvm::cast<llvm::FixedVectorType>(a->getType());
  const auto lanes = static_cast<int>(vector->getNumElements());
  llvm::SmallVector<int, 8> mask;
  for (int i = 0; i < lanes; i += 2)
    mask.append({i + of_a, lanes + i + of_b});
  return m_ir.CreateShuffleVector(a, b, mask);
}

/// From x0 y0, z0 x1 and y1 z1 of each two vectors.
Values::Components Values::by_component(const Components& pairs) {
  return {pairs_of(pairs[0], 0, pairs[1], 1), pairs_of(pairs[0], 1, pairs[2], 0),
          pairs_of(pairs[1], 0, pairs[2], 1)};
}

/// And back.
Values::Components Values::by_pair(const Components& vectors) {
  return {pairs_of(vectors[0], 0, vectors[1], 0), pairs_of(vectors[2], 0, vectors[0], 1),
          pairs_of(vectors[1], 1, vectors[2], 1)};
}

Values::Groups Values::transformed_in_order(Groups groups, const std::vector<Needed>& needed,
                                            bool in_pairs) {
  if (!in_pairs)
    return transformed(groups, needed);
  for (Components& group : groups)
    group = by_component(group);
  groups = transformed(groups, needed);
  for (Components& group : groups)
    group = by_pair(group);
  return groups;
}

Values::Groups Values::transformed_to_cache(Groups groups, const std::vector<Needed>& needed,
                                            bool in_pairs) {
  for (Components& group : groups)
    for (Value*& one : group)
      one = m_ir.CreateFPExt(decode(one), like(m_ir.getDoubleTy(), one));
  groups = transformed_in_order(std::move(groups), needed, in_pairs);
  for (Components& group : groups)
    for (Value*& one : group)
      one = one ? wide_to_format(one) : nullptr;
  return groups;
}

Values::Groups Values::transformed_to_source(Groups groups, const std::vector<Needed>& needed,
                                             bool in_pairs) {
  for (Components& group : groups)
    for (Value*& one : group)
      one = format_to_wide(one);
  groups = transformed_in_order(std::move(groups), needed, in_pairs);
  for (Components& group : groups)
    for (Value*& one : group)
      one = one ? encode(clamped(one_nan(narrowed(one))), nullptr) : nullptr;
  return groups;
}

} // namespace rnaslicer::jit::emission
