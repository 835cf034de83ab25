// jit/emit/values.hpp: jit/convert.hpp's rules as IR, on scalars and on vectors alike.
#pragma once

#include "jit/emit/tiers.hpp"

#include <llvm/IR/IRBuilder.h>

namespace rnaslicer::jit::emission {

/// True if moving the bytes is all there is to do, so that no value need be formed.
bool copies(const Plan& plan, Direction direction);

/// True if update must know the storage's old bits.
inline bool merges(const Plan& plan, Direction direction) {
  return direction == Direction::update &&
         (plan.storage.decode == Decode::flag || plan.storage.decode == Decode::field);
}

/// Converts one number, or one per vector lane. "Raw" is an integer that holds the bits: exactly as
/// wide as its scalar, or i32 for the smaller ones, then with anything in the upper bits.
class Values {
 public:
  Values(llvm::IRBuilderBase& ir, const Plan& plan, Tier tier)
      : m_ir(ir), m_plan(plan), m_machine(machine(tier)) {}

  /// Storage bits to format bits, exactly as wide as the format.
  llvm::Value* to_cache(llvm::Value* raw);

  /// Format bits to storage bits. `old` is the storage's raw bits, used if merges(plan, update):
  /// then the result is as wide as `old`, else as wide as the storage.
  llvm::Value* to_source(llvm::Value* raw, llvm::Value* old);

 private:
  llvm::Type* like(llvm::Type* element, llvm::Value* shape);
  llvm::Value* number(llvm::Value* shape, unsigned bits, std::uint64_t n);
  llvm::Value* real(llvm::Value* shape, bool wide, double x);
  llvm::Value* choose(llvm::Value* condition, llvm::Value* yes, llvm::Value* no);

  llvm::Value* exact(llvm::Value* raw, Scalar type);
  llvm::Value* widened(llvm::Value* raw, Scalar type);
  llvm::Value* nonzero(llvm::Value* raw, Scalar type);
  llvm::Value* floating(llvm::Value* raw, Scalar type);

  llvm::Value* widened_half(llvm::Value* raw);
  llvm::Value* narrowed_half(llvm::Value* x);

  llvm::Value* decode(llvm::Value* raw);
  llvm::Value* encode(llvm::Value* value, llvm::Value* old);
  llvm::Value* value_to_format(llvm::Value* value);
  llvm::Value* format_to_value(llvm::Value* raw);
  llvm::Value* clamped(llvm::Value* value);
  llvm::Value* saturated(llvm::Value* x, bool is_signed, Scalar to);
  llvm::Value* rounded(llvm::Value* x, Scalar to);
  llvm::Value* round_even(llvm::Value* x);
  llvm::Value* merged(llvm::Value* old, llvm::Value* bits);

  llvm::IRBuilderBase& m_ir;
  const Plan& m_plan;
  Machine m_machine;
};

} // namespace rnaslicer::jit::emission
