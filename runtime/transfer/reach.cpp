// runtime/transfer/reach.cpp: interval arithmetic over loops and lanes, with every overflow
// noticed.
#include "runtime/transfer/reach.hpp"

#include <algorithm>

namespace rnaslicer::runtime {

namespace {

/// Lowest and highest address offset reached so far, both of an element's first byte.
struct Interval {
  std::int64_t low = 0;
  std::int64_t high = 0;
  bool overflow = false;

  /// Adds factor * stride for every factor in [first, last].
  void extend(std::int64_t first, std::int64_t last, std::int64_t stride) {
    std::int64_t a = 0;
    std::int64_t b = 0;
    overflow |= __builtin_mul_overflow(first, stride, &a);
    overflow |= __builtin_mul_overflow(last, stride, &b);
    overflow |= __builtin_add_overflow(low, std::min(a, b), &low);
    overflow |= __builtin_add_overflow(high, std::max(a, b), &high);
  }
};

/// From the loops' interval to bytes: the lanes' offsets and the size of an element.
std::optional<Reach> with_lanes(Interval interval, const jit::Plan& plan,
                                std::int64_t jit::Lane::*side, std::int64_t size) {
  if (interval.overflow || plan.lanes.empty())
    return std::nullopt;
  const auto [lowest, highest] =
      std::minmax_element(plan.lanes.begin(), plan.lanes.end(),
                          [side](const auto& a, const auto& b) { return a.*side < b.*side; });
  Reach reach;
  std::int64_t last = 0;
  if (__builtin_add_overflow(interval.low, (*lowest).*side, &reach.low) ||
      __builtin_add_overflow(interval.high, (*highest).*side, &last) ||
      __builtin_add_overflow(last, size, &reach.high))
    return std::nullopt;
  return reach;
}

bool nothing_to_do(std::span<const std::int64_t> extents) {
  return std::any_of(extents.begin(), extents.end(),
                     [](std::int64_t extent) { return extent <= 0; });
}

} // namespace

std::optional<std::int64_t> item_count(const jit::Plan& plan,
                                       std::span<const std::int64_t> extents) {
  if (std::find(extents.begin(), extents.end(), 0) != extents.end())
    return 0;
  auto count = static_cast<std::int64_t>(plan.lanes.size());
  for (const std::int64_t extent : extents)
    if (extent < 0 || __builtin_mul_overflow(count, extent, &count))
      return std::nullopt;
  return count;
}

std::optional<Reach> cache_reach(const jit::Plan& plan, std::span<const std::int64_t> extents) {
  if (nothing_to_do(extents))
    return Reach{};
  Interval interval;
  for (std::size_t i = 0; i < plan.loops.size(); ++i)
    interval.extend(0, extents[i] - 1, plan.loops[i].cache_stride);
  return with_lanes(interval, plan, &jit::Lane::cache, jit::size_of(plan.format));
}

std::optional<Reach> source_reach(const jit::Plan& plan, std::span<const std::int64_t> extents,
                                  std::span<const jit::Table> tables) {
  if (nothing_to_do(extents))
    return Reach{};
  Interval interval;
  for (std::size_t i = 0; i < plan.loops.size(); ++i) {
    const jit::Loop& loop = plan.loops[i];
    switch (loop.kind) {
    case jit::LoopKind::strided:
      interval.extend(0, extents[i] - 1, loop.source_stride);
      break;
    case jit::LoopKind::indexed: {
      const jit::Table& table = tables[i];
      std::int64_t first = table.data[0];
      std::int64_t last = first;
      for (std::int64_t k = 1; k < extents[i]; ++k) {
        const std::int64_t index = table.data[k * table.step];
        first = std::min(first, index);
        last = std::max(last, index);
      }
      interval.extend(first, last, loop.source_stride);
      break;
    }
    case jit::LoopKind::pointers:
      return std::nullopt;
    }
  }
  return with_lanes(interval, plan, &jit::Lane::source, jit::source_bytes(plan));
}

std::optional<Reach> target_reach(const jit::Plan& plan, std::int64_t count) {
  if (!plan.target_stride || count <= 0)
    return Reach{};
  Interval interval;
  interval.extend(0, count - 1, *plan.target_stride);
  return with_lanes(interval, plan, &jit::Lane::at, jit::number_bytes(plan));
}

} // namespace rnaslicer::runtime
