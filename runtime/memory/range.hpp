// runtime/memory/range.hpp: what many integers have in common, at the speed of memory.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>

namespace rnaslicer::runtime {

/// (Smallest, largest) of at least one.
std::pair<std::int64_t, std::int64_t> range_of_indices(std::span<const std::int32_t> indices);
std::pair<std::int64_t, std::int64_t> range_of_indices(std::span<const std::int64_t> indices);

/// The first of `values` that is none of `allowed` (sorted).
std::optional<std::int32_t> first_outside(std::span<const std::int32_t> values,
                                          std::span<const std::int32_t> allowed);

/// Whether each is greater than the one before.
bool ascends(std::span<const std::int32_t> values);

} // namespace rnaslicer::runtime
