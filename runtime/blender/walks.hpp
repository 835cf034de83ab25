// runtime/blender/walks.hpp: where the elements of nested arrays lie, and those of linked lists.
//
// These follow pointers that Blender wrote, so each step is checked: null, not aligned, no user
// address, a neighbour that does not point back. That an element is readable cannot be checked by a
// plain load; so whoever has not yet seen a structure agree with bpy asks for safe reads, which
// fail instead of crashing (probe.hpp). Offsets, strides and sizes are in bytes. Call with the GIL
// held: nothing of Blender's may change meanwhile.
#pragma once

#include "runtime/blender/lists.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace rnaslicer::runtime {

/// Elements that each own an array: row i is element table[i], or i where there is no table.
struct ArrayRows {
  std::uint64_t base = 0;  ///< address of element 0
  std::int64_t stride = 0; ///< from element to element, of any sign
  std::int64_t count = 0;  ///< rows
  const std::int64_t* table = nullptr;
  std::int64_t pointer_at = 0; ///< the array's address, in each element
  std::int64_t count_at = 0;   ///< its length, an int32
};

/// More items than any memory has: what a wrong guess at a structure may add up to.
constexpr std::int64_t most_items = std::int64_t{1} << 33;

/// Whether so many items of `size` bytes cannot be there: what was taken for rows is something
/// else.
bool too_many(const ArrayRows& rows, std::int64_t items, std::int64_t size);

/// Fills `offsets` (count + 1): row i has the items from offsets[i] to offsets[i + 1]. False if an
/// element is no such owner: a negative length, or items but no address.
bool row_offsets(const ArrayRows& rows, Reads reads, std::span<std::int64_t> offsets);

/// The first row whose length is not what `offsets` says, or that has items but no address.
std::optional<std::int64_t> row_difference(const ArrayRows& rows, Reads reads,
                                           std::span<const std::int64_t> offsets);

/// The address of each item of `size` bytes, row after row, as many as `offsets` says. Gives the
/// first row that differs; nothing if all are as they were. `offsets` may begin anywhere. Fetches
/// the items, for who asks for a few thousand at a time and then goes there.
std::optional<std::int64_t> row_items(const ArrayRows& rows, std::int64_t size, Reads reads,
                                      std::span<const std::int64_t> offsets,
                                      std::span<std::int64_t> addresses);

/// The address of each row's array alone, one for each row; else the same.
std::optional<std::int64_t> row_arrays(const ArrayRows& rows, Reads reads,
                                       std::span<const std::int64_t> offsets,
                                       std::span<std::int64_t> addresses);

} // namespace rnaslicer::runtime
