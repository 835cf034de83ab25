// runtime/trail/composed/indices.hpp: what is asked of indices before anything is written through
// them.
#pragma once

#include "jit/transfer.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

namespace rnaslicer::runtime {

/// The first index of a region (empty: of all there are), if all of it name one of `count`
/// elements. `indices` are packed, in C order, `extents` long on each axis.
std::optional<std::int32_t> first_of(const std::int32_t* indices,
                                     std::span<const std::int64_t> extents,
                                     std::span<const jit::Span> region, std::int64_t count);

/// Packed indices of some rows alone, in that order. `each`: how many a row has.
std::unique_ptr<std::byte[]> rows_alone(const std::byte* indices,
                                        std::span<const std::int64_t> rows, std::int64_t each);

} // namespace rnaslicer::runtime
