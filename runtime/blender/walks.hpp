// runtime/blender/walks.hpp: where the elements of linked lists and of nested arrays lie.
//
// These follow pointers that Blender wrote, so each step is checked: null, not aligned, no user
// address, a neighbour that does not point back. That an element is readable cannot be checked by a
// plain load; so whoever has not yet seen a structure agree with bpy asks for safe reads, which
// fail instead of crashing (probe.hpp). Offsets, strides and sizes are in bytes. Call with the GIL
// held: nothing of Blender's may change meanwhile.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace rnaslicer::runtime {

/// How memory is read: by loads, or through the kernel.
enum class Reads : std::uint8_t { plain, safe };

/// Where an element of a doubly linked list keeps its neighbours' addresses.
struct Links {
  std::int64_t next_at = 0;
  std::int64_t prev_at = -1; ///< negative: unknown, not checked
};

/// Fills `out` with the addresses of a list's elements in order. False if the list does not have
/// exactly that many, does not end at `last`, or a neighbour does not point back. `known` (empty or
/// as long as `out`) are the addresses of an earlier walk: never trusted, but where they still
/// agree the walk need not wait for one element to know the next. May be the same memory as `out`.
bool walk_list(std::uint64_t first, std::uint64_t last, Links links, Reads reads,
               std::span<const std::int64_t> known, std::span<std::int64_t> out);

/// Whether a list has just the elements `known`, in order, and element i the int32 numbers[i] at
/// `number_at`. No address is read before the element in front of it has led there.
bool same_list(std::uint64_t first, std::uint64_t last, Links links,
               std::span<const std::int64_t> known, std::int64_t number_at,
               std::span<const std::int32_t> numbers);

/// Where the keys of Blender's message bus keep what they are for.
struct Keys {
  Links links;
  std::int64_t type_at = 0; ///< the RNA type's address
  std::int64_t data_at = 0; ///< the struct's; null: all of the type
};

/// Whether a list of keys has one for a struct of `addresses`, or for all of another type than
/// `told`. True as well where it is no list, or longer than any.
bool is_subscribed(std::uint64_t first, std::uint64_t last, const Keys& keys,
                   std::span<const std::int64_t> addresses, std::span<const std::int64_t> types,
                   std::uint64_t told);

/// out[i] = the pointer stored `at` bytes into addresses[i]. False if one is null or no address.
bool follow_pointers(std::span<const std::int64_t> addresses, std::int64_t at, Reads reads,
                     std::span<std::int64_t> out);

/// Whether the pointers `at` bytes into `addresses` are all null. False if one is no address.
bool are_null(std::span<const std::int64_t> addresses, std::int64_t at, Reads reads);

/// Elements that each own an array: row i is element table[i], or i where there is no table.
struct Rows {
  std::uint64_t base = 0;  ///< address of element 0
  std::int64_t stride = 0; ///< from element to element, of any sign
  std::int64_t count = 0;  ///< rows
  const std::int64_t* table = nullptr;
  std::int64_t pointer_at = 0; ///< the array's address, in each element
  std::int64_t count_at = 0;   ///< its length, an int32
};

/// Fills `offsets` (count + 1): row i has the items from offsets[i] to offsets[i + 1]. False if an
/// element is no such owner: a negative length, or items but no address.
bool row_offsets(const Rows& rows, Reads reads, std::span<std::int64_t> offsets);

/// The first row whose length is not what `offsets` says, or that has items but no address.
std::optional<std::int64_t> row_difference(const Rows& rows, Reads reads,
                                           std::span<const std::int64_t> offsets);

/// The address of each item of `size` bytes, row after row, as many as `offsets` says. Gives the
/// first row that differs; nothing if all are as they were. `offsets` may begin anywhere. Fetches
/// the items, for who asks for a few thousand at a time and then goes there.
std::optional<std::int64_t> row_items(const Rows& rows, std::int64_t size, Reads reads,
                                      std::span<const std::int64_t> offsets,
                                      std::span<std::int64_t> addresses);

/// The address of each row's array alone, one for each row; else the same.
std::optional<std::int64_t> row_arrays(const Rows& rows, Reads reads,
                                       std::span<const std::int64_t> offsets,
                                       std::span<std::int64_t> addresses);

} // namespace rnaslicer::runtime
