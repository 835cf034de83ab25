// runtime/memcache/region.hpp: which part of a packed N-d cache a strided view covers. Free of
// Python.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace rnaslicer::runtime {

/// Steps of one axis: start, start + step, … `count` of them; step >= 1 and, for a count of 0 or 1,
/// exactly 1.
struct RegionAxis {
  std::int64_t start = 0;
  std::int64_t step = 1;
  std::int64_t count = 0;
  bool operator==(const RegionAxis&) const = default;
};

/// A cache packed in C order: items per axis, bytes per item.
struct CacheShape {
  std::span<const std::int64_t> shape;
  std::int64_t itemsize = 1;
};

/// A strided view: byte offset of its first item from the cache's, extents, strides in bytes.
struct ViewShape {
  std::int64_t offset = 0;
  std::span<const std::int64_t> shape;
  std::span<const std::int64_t> strides;
};

/// The region, one RegionAxis per axis of the cache, or why there is none.
struct RegionResult {
  std::vector<RegionAxis> axes;
  std::string refusal; ///< empty on success
};

/// How many bytes from its start a view without items may begin: on each axis a slice may start at
/// the very end, and an extent of 0 has places on the other axes all the same.
std::int64_t empty_reach(const CacheShape& cache);

/// Finds the sub-grid of the cache whose items are exactly the view's, each once, in any order: the
/// view's axes may be transposed, reversed, of extent 1, or be several that together step through
/// one axis of the cache. A view without items gives count 0 on every axis. Refused: a view that
/// leaves the cache, lies between items, overlaps itself, or runs from one row into the next.
RegionResult find_region(const CacheShape& cache, const ViewShape& view);

} // namespace rnaslicer::runtime
