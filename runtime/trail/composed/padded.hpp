// runtime/trail/composed/padded.hpp: rows of different lengths, one behind the other or padded to
// one width.
#pragma once

#include "jit/transfer.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace rnaslicer::runtime {

/// Where each row's values begin among all, and the end.
using Offsets = std::vector<std::int64_t>;

/// How a cache holds rows of values of so many bytes each.
struct Rectangle {
  std::int64_t width = 0; ///< values of a row, real or not; as many of each are real as it has
  std::int64_t bytes = 0;
};

/// Which way values go, and what stands where none is real.
struct Padding {
  const std::byte* fill = nullptr; ///< from one behind the other to padded; null: back
};

/// Moves all rows. Each has at most `width` values.
void move_padded(std::byte* rows, std::byte* flat, const Offsets& offsets, const Rectangle& how,
                 const Padding& padding);

/// Copies a region between two packed arrays of this shape, items of `bytes`.
void copy_region(const std::byte* from, std::byte* to, std::span<const std::int64_t> shape,
                 std::int64_t bytes, std::span<const jit::Span> region);

/// The real values of a region: their numbers among all, in C order.
struct Picked {
  std::vector<std::int64_t> numbers;
  std::vector<std::byte> values; ///< one behind the other
};

/// Those of a region over rows and their places that has all of each value; nothing where it has
/// not.
std::optional<Picked> picked_of(const std::byte* rows, const Offsets& offsets, const Rectangle& how,
                                std::span<const std::int64_t> inner,
                                std::span<const jit::Span> region);

} // namespace rnaslicer::runtime
