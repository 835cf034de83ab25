// jit/rows.cpp: rows of few bytes, copied for many short transfers in one pass.
#include "jit/rows.hpp"

#include "jit/run.hpp"

#include <algorithm>
#include <cstring>
#include <type_traits>

namespace rnaslicer::jit {

namespace {

/// The bytes of a plan's lanes where these lie in a row on both sides and are only copied, else 0.
std::int64_t row_bytes(const Plan& plan, Direction direction) {
  if (plan.loops.size() != 1 || plan.loops.front().kind != LoopKind::strided ||
      plan.lanes.empty() || !copies_bytes(plan, direction))
    return 0;
  const std::int64_t size = size_of(plan.format);
  const Lane& first = plan.lanes.front();
  for (std::size_t i = 0; i < plan.lanes.size(); ++i) {
    const auto at = static_cast<std::int64_t>(i) * size;
    if (plan.lanes[i].source != first.source + at || plan.lanes[i].cache != first.cache + at)
      return 0;
  }
  return static_cast<std::int64_t>(plan.lanes.size()) * size;
}

template <std::size_t bytes>
void copy_each(const Plan& plan, std::span<const Transfer> transfers,
               std::integral_constant<std::size_t, bytes> /*known when this is compiled*/) {
  const Loop& loop = plan.loops.front();
  for (const Transfer& transfer : transfers) {
    const std::byte* const source = transfer.source + plan.lanes.front().source;
    std::byte* const cache = transfer.cache + plan.lanes.front().cache;
    for (std::int64_t i = 0; i < transfer.extents.front(); ++i)
      std::memcpy(cache + i * loop.cache_stride, source + i * loop.source_stride, bytes);
  }
}

} // namespace

bool copy_rows(const Plan& plan, std::span<const Transfer> transfers) {
  switch (row_bytes(plan, Direction::refresh)) {
  case 4:
    return copy_each(plan, transfers, std::integral_constant<std::size_t, 4>{}), true;
  case 8:
    return copy_each(plan, transfers, std::integral_constant<std::size_t, 8>{}), true;
  case 12:
    return copy_each(plan, transfers, std::integral_constant<std::size_t, 12>{}), true;
  case 16:
    return copy_each(plan, transfers, std::integral_constant<std::size_t, 16>{}), true;
  default:
    return false;
  }
}

} // namespace rnaslicer::jit
