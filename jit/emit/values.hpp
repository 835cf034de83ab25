// jit/emit/values.hpp: jit/convert.hpp's rules as IR, on scalars and on vectors alike.
#pragma once

#include "jit/emit/function.hpp"

namespace rnaslicer::jit::emission {

constexpr unsigned bits_of(Scalar s) { return info(s).size * 8U; }

/// True if moving the bytes is all there is to do, so that no value need be formed.
bool copies(const Plan& plan, Direction direction);

/// True if update must know the storage's old bits.
inline bool merges(const Plan& plan, Direction direction) {
  return direction == Direction::update &&
         (plan.storage.decode == Decode::flag || plan.storage.decode == Decode::field);
}

/// What the lanes of the numbers have of their own, one entry for each number. Constants, or values
/// that a loop over lanes loaded.
struct Own {
  llvm::Value* mask = nullptr;   ///< i64, of a flag
  llvm::Value* lookup = nullptr; ///< i32
  llvm::Value* filled = nullptr; ///< i1; null if all are
};

/// For numbers that belong to these lanes; `filled` has one entry for each, or is empty.
Own own_of(Frame& frame, const Plan& plan, const std::vector<std::size_t>& lanes,
           const std::vector<bool>& filled);

/// Converts one number, or one per vector lane. "Raw" is an integer that holds the bits: exactly as
/// wide as its scalar, or i32 for the smaller ones, then with anything in the upper bits.
class Values {
 public:
  Values(Frame& frame, const Plan& plan, Tier tier, const Own& own)
      : m_frame(frame), m_ir(frame.ir), m_plan(plan), m_machine(machine(tier)), m_own(own) {}

  /// Storage bits to format bits, exactly as wide as the format.
  /// `next` is what lies right behind `raw`, for differences.
  llvm::Value* to_cache(llvm::Value* raw, llvm::Value* next = nullptr);

  /// Format bits to storage bits. `old` is the storage's raw bits, used if merges(plan, update):
  /// then the result is as wide as `old`, else as wide as the storage.
  llvm::Value* to_source(llvm::Value* raw, llvm::Value* old);

  /// x, y and z of one vector, or of several side by side.
  using Components = std::array<llvm::Value*, 3>;
  using Needed = std::array<bool, 3>;

  /// One or several registers each.
  using Groups = std::vector<Components>;

  /// The same for a transform, of several groups of vectors: stored bits to format bits, format
  /// bits to storage bits. Null for components that are not needed.
  /// In pairs: what comes in and goes out has of each two vectors x0 y0, z0 x1 and y1 z1 side by
  /// side, and all is needed.
  Groups transformed_to_cache(Groups groups, const std::vector<Needed>& needed,
                              bool in_pairs = false);
  Groups transformed_to_source(Groups groups, const std::vector<Needed>& needed,
                               bool in_pairs = false);

 private:
  Groups transformed_in_order(Groups groups, const std::vector<Needed>& needed, bool in_pairs);
  Groups transformed(const Groups& groups, const std::vector<Needed>& needed);
  Components with_length_one(const Components& vectors, const Needed& needed);
  llvm::Value* pairs_of(llvm::Value* a, int of_a, llvm::Value* b, int of_b);
  Components by_component(const Components& pairs);
  Components by_pair(const Components& vectors);
  llvm::Value* component(const Components& vectors, int row);
  llvm::Value* coefficient(llvm::Value* shape, unsigned column, int row);
  llvm::Value* one_nan(llvm::Value* x);
  llvm::Value* wide_to_format(llvm::Value* x);
  llvm::Value* format_to_wide(llvm::Value* raw);
  llvm::Value* rounded_to_odd(llvm::Value* x);
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
  llvm::Value* decode_plain(llvm::Value* raw, Scalar type);
  llvm::Value* looked_up(llvm::Value* raw);
  llvm::Value* encode_lookup(llvm::Value* value);
  llvm::Value* entries(llvm::Value* words, int drop, std::int64_t first, std::int64_t count,
                       llvm::Type* type);
  llvm::Value* lane_mask(llvm::Value* shape, unsigned bits);
  llvm::Value* fetch(llvm::Value* base, llvm::Value* index, std::int64_t stride, llvm::Type* type);
  llvm::Value* encode(llvm::Value* value, llvm::Value* old);
  llvm::Value* value_to_format(llvm::Value* value);
  llvm::Value* format_to_value(llvm::Value* raw);
  llvm::Value* clamped(llvm::Value* value);
  llvm::Value* saturated(llvm::Value* x, bool is_signed, Scalar to);
  llvm::Value* rounded(llvm::Value* x, Scalar to);
  llvm::Value* round_even(llvm::Value* x);
  llvm::Value* normalized(llvm::Value* x);
  llvm::Value* fraction_of(llvm::Value* raw, bool is_wide);
  llvm::Value* narrowed(llvm::Value* x);
  llvm::Value* merged(llvm::Value* old, llvm::Value* bits);

  Frame& m_frame;
  llvm::IRBuilder<>& m_ir;
  const Plan& m_plan;
  Machine m_machine;
  Own m_own;
};

} // namespace rnaslicer::jit::emission
