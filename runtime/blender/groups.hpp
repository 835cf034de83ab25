// runtime/blender/groups.hpp: values in the groups of ID properties that stand for scripts'
// structs.
//
// An element is a group: the head of a linked list of children, each with a name and a value, in it
// or in an array behind it. Where all that lies is the caller's to know of this build. Offsets and
// sizes are in bytes. Call with the GIL held: nothing of Blender's may change meanwhile.
#pragma once

#include "runtime/blender/lists.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace rnaslicer::runtime {

/// Where an ID property keeps what is asked of it.
struct GroupPlaces {
  std::int64_t size = 0;
  std::int64_t type_at = 0; ///< one byte, as subtype_at; the word at flag_at has two, len_at four
  std::int64_t subtype_at = 0;
  std::int64_t flag_at = 0;
  std::int64_t name_at = 0;
  std::int64_t next_at = 0;
  std::int64_t first_at = 0; ///< of a group: the address of its first child
  std::int64_t value_at = 0; ///< a single value
  std::int64_t array_at = 0; ///< the address of several
  std::int64_t len_at = 0;
  std::int64_t group = 0; ///< the type of a group
};

/// Whether what is read of an ID property is within it; `name`: bytes of a name, with its null.
bool are_within(const GroupPlaces& places, std::size_t name);

/// What a child must be.
struct GroupChild {
  std::string_view name; ///< ends with its null
  std::int64_t type = 0;
  std::int64_t subtype = 0;
  std::int64_t length = -1; ///< of an array; negative: a single value
};

/// Some of the elements of one array: row i is element table[i], or start + i * step.
struct GroupRows {
  std::uint64_t base = 0; ///< address of element 0
  std::int64_t start = 0;
  std::int64_t step = 1;
  std::span<const std::int64_t> table;
};

/// A part of the rows: first + i * step, i < count.
struct GroupPart {
  std::int64_t first = 0;
  std::int64_t step = 1;
  std::int64_t count = 0;
};

/// Where values go: of row i to data + i * width. Without a width the address of each, an int64.
struct GroupOut {
  std::byte* data = nullptr;
  std::size_t width = 0;
};

/// Writes each value of a part of the rows, or its address, and for an element that has no such
/// child what is at `absent`. Gives the first such row, or -1. Nothing where a child is something
/// else, `absent` is null but needed, or an element is no group. `alike`: with that row's child all
/// flags must agree; negative: whatever these are.
std::optional<std::int64_t> group_values(const GroupPlaces& places, const GroupChild& child,
                                         const GroupRows& rows, const GroupPart& part,
                                         std::uint64_t absent, std::int64_t alike, Reads reads,
                                         const GroupOut& out);

} // namespace rnaslicer::runtime
