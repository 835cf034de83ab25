// jit/transfer.hpp: the run-time arguments of a plan, and the interpreter that executes any plan.
#pragma once

#include "jit/lookup.hpp"
#include "jit/plan.hpp"

#include <cstddef>
#include <span>
#include <stdexcept>

namespace rnaslicer::jit {

enum class Direction : std::uint8_t { refresh, update };

/// A loop's index or pointer table: entry i is `data[i * step]`. Unused for strided loops.
struct Table {
  const std::int64_t* data = nullptr;
  std::int64_t step = 1;
};

/// The array that a plan's indices lead into: `count` elements.
struct IndexTarget {
  std::byte* data = nullptr;
  std::int64_t count = 0;
};

/// The matrices of a transform, each three rows of four: step i of the outermost loop has that at
/// data + 12 * i * step; a step of 0 is one for all.
struct Matrices {
  const double* data = nullptr;
  std::int64_t step = 0;
};

/// What a plan needs to run. `extents` and `tables` have one entry per loop (tables may be empty if
/// every loop is strided). Any alignment of `source`, `cache` and `target` is fine.
struct Transfer {
  std::byte* source = nullptr;
  std::byte* cache = nullptr;
  std::span<const std::int64_t> extents;
  std::span<const Table> tables;
  std::span<const Lookup* const> lookups = {}; ///< by table number; as many as the lanes name
  IndexTarget target = {};
  Matrices matrices = {};
  bool fresh = false; ///< nobody has seen the cache yet: a refresh may meet a bad index in its pass
};

/// One step of the outermost loop, for plans whose steps have matrices of their own. `extents` and
/// `tables` are the caller's, as long as the plan's loops; the result points into them.
Transfer one_step(const Plan& plan, const Transfer& transfer, std::int64_t i,
                  std::span<std::int64_t> extents, std::span<Table> tables);

/// How many tables a plan's lanes name; 0 if it is no lookup.
std::int32_t lookup_count(const Plan& plan);

/// Empty if the plan can run in this direction, else one sentence: differences are only read.
std::string refuse(const Plan& plan, Direction direction);

/// An index of the source leads outside of the target. Nothing was read or written, but in a fresh
/// cache. Kernels look at
/// each once more in their pass, for somebody may have changed it in between: then nothing outside
/// was read or written, and such items of a refresh hold what the target's first element gives.
struct BadIndex : std::out_of_range {
  BadIndex(std::int64_t index, std::int64_t count, std::vector<std::int64_t> place);
  std::int64_t index;
  std::int64_t count;              ///< of the target
  std::vector<std::int64_t> place; ///< the step of each loop, then the position on the lane axes
};
/// Throws BadIndex for the first bad index in C order, if there is any.
void check_indices(const Plan& plan, const Transfer& transfer);
/// The same where one has been met.
[[noreturn]] void refuse_bad_index(const Plan& plan, const Transfer& transfer);

/// Throws std::invalid_argument where refuse() does or tables are missing.
void check_arguments(const Plan& plan, Direction direction, const Transfer& transfer);
/// The same, and BadIndex unless it may be met on the way. To be called before anything is moved.
void check_transfer(const Plan& plan, Direction direction, const Transfer& transfer);

/// Executes the plan without LLVM: the way with JIT off, and the oracle for kernels. The plan must
/// have passed verify(). In update, one target named twice keeps the last value in C order. Throws
/// what check_transfer() throws.
void interpret(const Plan& plan, Direction direction, const Transfer& transfer);
/// The same for what check_transfer() has passed; false if an index was bad.
bool interpret_all(const Plan& plan, Direction direction, const Transfer& transfer);

/// One axis of a region: `start + i * step` for i < count, in cache indices. step may be negative.
struct Span {
  std::int64_t start = 0;
  std::int64_t step = 1;
  std::int64_t count = 0;
  bool operator==(const Span&) const = default;
};

/// A region of a plan is a plan: strides scaled, lanes selected, bases moved.
struct Restricted {
  Plan plan;
  std::int64_t source_offset = 0; ///< bytes to add to the source base
  std::int64_t cache_offset = 0;  ///< bytes to add to the cache base
  std::vector<std::int64_t> extents;
  std::vector<Table> tables; ///< moved and re-stepped copies of the given ones; empty if none given
};

/// Restricts to a region with one span per axis: first the loops, then the lane axes.
/// Throws std::out_of_range if a span leaves the extents, std::invalid_argument if there are not as
/// many spans, extents and tables as the plan needs. Where code can stay it does: whole lanes with
/// steps of 1 keep the signature, and a region without entries is the plan itself with extents 0.
Restricted restrict(const Plan& plan, std::span<const std::int64_t> extents,
                    std::span<const Table> tables, std::span<const Span> region);

/// What such a region has of the matrices.
Matrices restrict(const Matrices& matrices, std::span<const Span> region);

} // namespace rnaslicer::jit
