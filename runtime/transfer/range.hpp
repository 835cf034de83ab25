// runtime/transfer/range.hpp: smallest and largest of many indices, for native code.
#pragma once

#include <cstdint>
#include <span>
#include <utility>

namespace rnaslicer::runtime {

/// (Smallest, largest); at the speed of memory. At least one index.
std::pair<std::int64_t, std::int64_t> range_of_indices(std::span<const std::int32_t> indices);

} // namespace rnaslicer::runtime
