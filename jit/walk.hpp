// jit/walk.hpp: drives a kernel over a plan's loops: merged, walked, split over copy workers.
#pragma once

#include "jit/emit.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace rnaslicer::jit {

/// A loop with its run-time arguments.
struct Axis {
  Loop loop;
  std::int64_t extent = 1;
  Table table;
};

/// The loops of one run, outermost first; the last is the kernel's own. Never empty: a plan without
/// loops gets one of extent 1.
class Nest {
 public:
  Nest(const Plan& plan, const Transfer& transfer);

  [[nodiscard]] std::size_t depth() const { return depth_; }
  [[nodiscard]] const Axis& operator[](std::size_t i) const { return axes_[i]; }
  [[nodiscard]] const Axis& inner() const { return axes_[depth_ - 1]; }
  /// Product of all extents.
  [[nodiscard]] std::int64_t steps() const;

  /// The part [start, start + count) of the outermost loop. Moves the bases where it is strided.
  [[nodiscard]] Nest part(std::int64_t start, std::int64_t count, std::byte*& source,
                          std::byte*& cache) const;
  void run(KernelFunction function, std::byte* source, std::byte* cache, SideData* side) const;

 private:
  /// Merges loops that continue each other, drops those that do nothing; the kernel's strides stay.
  void merge();

  std::array<Axis, max_loops> axes_;
  std::size_t depth_ = 0;
};

/// How many parts the outermost loop may be run in at the same time, at most `threads`: 1 unless
/// the parts write apart from each other and from what is read. `min_count` is the kernel's.
unsigned parallelism(const Nest& nest, const Plan& plan, Direction direction,
                     const Transfer& transfer, std::int64_t min_count, unsigned threads);

/// Runs the nest on so many threads, this one among them; returns when all is done.
void run_parallel(const Nest& nest, KernelFunction function, const Transfer& transfer,
                  SideData* side, std::int64_t min_count, unsigned parts);

} // namespace rnaslicer::jit
