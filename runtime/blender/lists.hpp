// runtime/blender/lists.hpp: where the elements of linked lists lie, and what their pointers lead
// to.
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
#include <vector>

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

/// Addresses of a list's elements in order, however many there are, by plain loads. Nothing where
/// it does not end at `last`, a neighbour does not point back, or it has no end.
std::optional<std::vector<std::int64_t>> walk_whole(std::uint64_t first, std::uint64_t last,
                                                    Links links);

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

} // namespace rnaslicer::runtime
