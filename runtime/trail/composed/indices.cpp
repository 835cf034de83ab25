// runtime/trail/composed/indices.cpp: each update asks this: rows that lie side by side are looked
// at as one.
#include "runtime/trail/composed/indices.hpp"

#include "jit/clones.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <numeric>

namespace rnaslicer::runtime {

namespace {

std::int64_t product(std::span<const std::int64_t> extents) {
  return std::accumulate(extents.begin(), extents.end(), std::int64_t{1}, std::multiplies<>());
}

/// The largest of an array; as unsigned, what is negative is more than any count.
RNASLICER_CLONES std::uint32_t largest(const std::int32_t* indices, std::int64_t many) {
  constexpr std::int64_t lanes = 64; // one chain would wait for itself
  std::array<std::uint32_t, lanes> most{};
  for (; many >= lanes; many -= lanes, indices += lanes)
    for (std::size_t i = 0; i < lanes; ++i)
      most[i] = std::max(most[i], static_cast<std::uint32_t>(indices[i]));
  for (std::size_t i = 0; i < static_cast<std::size_t>(many); ++i)
    most[i] = std::max(most[i], static_cast<std::uint32_t>(indices[i]));
  return *std::ranges::max_element(most);
}

/// Whether all indices of a region (empty: all there are) name one of `count` elements.
bool are_below(const std::int32_t* indices, std::span<const std::int64_t> extents,
               std::span<const jit::Span> region, std::int64_t count) {
  const auto in_a_row = [&](std::int64_t first, std::int64_t step, std::int64_t many) {
    if (step == 1)
      return many <= 0 || largest(indices + first, many) < count;
    std::uint32_t most = 0;
    for (std::int64_t i = 0; i < many; ++i)
      most = std::max(most, static_cast<std::uint32_t>(indices[first + i * step]));
    return many <= 0 || most < count;
  };
  if (region.empty())
    return in_a_row(0, 1, product(extents));
  const jit::Span& span = region.front();
  if (extents.size() == 1)
    return in_a_row(span.start, span.step, span.count);
  const std::int64_t below = product(extents.subspan(1));
  for (std::int64_t i = 0; i < span.count; ++i)
    if (!are_below(indices + (span.start + i * span.step) * below, extents.subspan(1),
                   region.subspan(1), count))
      return false;
  return true;
}

} // namespace

std::optional<std::int32_t> first_of(const std::int32_t* indices,
                                     std::span<const std::int64_t> extents,
                                     std::span<const jit::Span> region, std::int64_t count) {
  if (product(extents) == 0 || !are_below(indices, extents, region, count))
    return std::nullopt;
  std::int64_t at = 0;
  for (std::size_t axis = 0; axis < region.size(); ++axis)
    at = at * extents[axis] + region[axis].start;
  return indices[at];
}

std::unique_ptr<std::byte[]> rows_alone(const std::byte* indices,
                                        std::span<const std::int64_t> rows, std::int64_t each) {
  const std::size_t bytes = static_cast<std::size_t>(each) * sizeof(std::int32_t);
  std::unique_ptr<std::byte[]> found(new std::byte[rows.size() * bytes]);
  for (std::size_t i = 0; i < rows.size(); ++i)
    std::memcpy(found.get() + i * bytes, indices + static_cast<std::size_t>(rows[i]) * bytes,
                bytes);
  return found;
}

} // namespace rnaslicer::runtime
