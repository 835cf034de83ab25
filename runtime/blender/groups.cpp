// runtime/blender/groups.cpp: walks over the children of groups, several groups at a time.
#include "runtime/blender/groups.hpp"

#include "runtime/blender/probe.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace rnaslicer::runtime {

namespace {

/// Groups whose children are fetched together, so that one need not wait for the memory of another.
constexpr std::int64_t together = 32;

/// Children of one group: more have no end.
constexpr std::int64_t most_children = 1 << 16;

/// Bytes of an ID property; the largest so far has 144.
constexpr std::int64_t most_bytes = 512;

bool plausible(std::uint64_t address) {
  return address >= 4096 && address < (std::uint64_t{1} << 47) && address % 4 == 0;
}

const std::byte* at_address(std::uint64_t address) {
  return reinterpret_cast<const std::byte*>(address); // NOLINT(performance-no-int-to-ptr)
}

template <class T> T load(const std::byte* from) {
  T value = 0;
  std::memcpy(&value, from, sizeof value);
  return value;
}

/// One walk. What cannot be read, or is no address, is null.
class Walk {
 public:
  Walk(const GroupPlaces& places, const GroupChild& child, Reads reads)
      : places_(places), child_(child), reads_(reads) {}

  /// The bytes of an ID property; by safe reads a copy, until the next is looked at.
  const std::byte* look(std::uint64_t address) {
    if (!plausible(address))
      return nullptr;
    if (reads_ == Reads::plain)
      return at_address(address);
    return read_memory(address, std::span(copy_).first(static_cast<std::size_t>(places_.size)))
               ? copy_.data()
               : nullptr;
  }

  /// The first child of an element, null for none; false if it is no group.
  bool first(std::uint64_t element, std::uint64_t& found) {
    const std::byte* const group = look(element);
    if (group == nullptr || load<std::uint8_t>(group + places_.type_at) != places_.group)
      return false;
    found = load<std::uint64_t>(group + places_.first_at);
    return found == 0 || plausible(found);
  }

  void fetch(std::uint64_t child) const {
    if (child == 0)
      return;
    __builtin_prefetch(at_address(child));
    __builtin_prefetch(at_address(child) + places_.name_at);
    __builtin_prefetch(at_address(child) + places_.value_at);
  }

  /// The child behind one, null for none; also where it is none.
  std::uint64_t next(std::uint64_t here) {
    const std::byte* const child = look(here);
    const auto found = child != nullptr ? load<std::uint64_t>(child + places_.next_at) : 0;
    return plausible(found) ? found : 0;
  }

  bool is_named(const std::byte* child) const {
    return std::memcmp(child + places_.name_at, child_.name.data(), child_.name.size()) == 0;
  }

  /// The child of that name from one on, null for none, and how many stand before it. False where
  /// the list is none.
  bool search(std::uint64_t first, std::uint64_t& found, std::int64_t& before) {
    before = 0;
    for (found = first; found != 0; ++before) {
      const std::byte* const child = look(found);
      if (child == nullptr || before == most_children)
        return false;
      if (is_named(child))
        return true;
      found = load<std::uint64_t>(child + places_.next_at);
    }
    return true;
  }

  /// The address of a child's value; null where the child is something else.
  std::uint64_t value(std::uint64_t address) {
    const std::byte* const child = look(address);
    if (child == nullptr || load<std::uint8_t>(child + places_.type_at) != child_.type ||
        load<std::uint8_t>(child + places_.subtype_at) != child_.subtype)
      return 0;
    if (child_.length < 0)
      return address + static_cast<std::uint64_t>(places_.value_at);
    const auto array = load<std::uint64_t>(child + places_.array_at);
    return load<std::int32_t>(child + places_.len_at) == child_.length && plausible(array) ? array
                                                                                           : 0;
  }

  /// Nothing where it cannot be read.
  std::optional<std::uint16_t> flag(std::uint64_t address) {
    const std::byte* const child = look(address);
    return child != nullptr ? std::optional(load<std::uint16_t>(child + places_.flag_at))
                            : std::nullopt;
  }

 private:
  const GroupPlaces& places_;
  const GroupChild& child_;
  Reads reads_;
  std::array<std::byte, most_bytes> copy_{};
};

std::uint64_t element_of(const GroupPlaces& places, const GroupRows& rows, std::int64_t row) {
  const std::int64_t index =
      rows.table.empty() ? rows.start + row * rows.step : rows.table[static_cast<std::size_t>(row)];
  return rows.base + static_cast<std::uint64_t>(index * places.size);
}

/// A value of a row, or its address. False where it cannot be read.
bool put(const GroupOut& out, std::size_t row, std::uint64_t value, Reads reads) {
  constexpr std::size_t usual = 4; // bytes; else the size is not known here
  if (out.width == 0)
    std::memcpy(out.data + row * sizeof value, &value, sizeof value);
  else if (reads == Reads::safe)
    return read_memory(value, std::span(out.data + row * out.width, out.width));
  else if (out.width == usual)
    std::memcpy(out.data + row * usual, at_address(value), usual);
  else
    std::memcpy(out.data + row * out.width, at_address(value), out.width);
  return true;
}

} // namespace

bool are_within(const GroupPlaces& places, std::size_t name) {
  constexpr std::int64_t widest = 8; // bytes of a number
  const std::int64_t last = places.name_at + static_cast<std::int64_t>(name) - widest;
  const std::array all{places.type_at,  places.subtype_at, places.flag_at,
                       places.next_at,  places.first_at,   places.value_at,
                       places.array_at, places.len_at,     last};
  return std::ranges::all_of(
      all, [&](std::int64_t at) { return at >= 0 && at <= places.size - widest; });
}

std::optional<std::int64_t> group_values(const GroupPlaces& places, const GroupChild& child,
                                         const GroupRows& rows, const GroupPart& part,
                                         std::uint64_t absent, std::int64_t alike, Reads reads,
                                         const GroupOut& out) {
  if (places.size > most_bytes)
    return std::nullopt;
  Walk walk(places, child, reads);
  std::optional<std::uint16_t> flag;
  if (alike >= 0) {
    std::uint64_t first = 0;
    std::int64_t before = 0;
    if (!walk.first(element_of(places, rows, alike), first) || !walk.search(first, first, before) ||
        first == 0)
      return std::nullopt;
    flag = walk.flag(first);
  }
  std::int64_t first_absent = -1;
  std::int64_t usual = 0; // children in front of the one that is wanted, in the group before
  std::array<std::uint64_t, together> firsts{};
  std::array<std::uint64_t, together> here{};
  for (std::int64_t done = 0; done < part.count; done += together) {
    const std::int64_t count = std::min(together, part.count - done);
    const auto row_of = [&](std::int64_t k) { return part.first + (done + k) * part.step; };
    for (std::int64_t k = 0; k < count; ++k) {
      const auto at = static_cast<std::size_t>(k);
      if (!walk.first(element_of(places, rows, row_of(k)), firsts[at]))
        return std::nullopt;
      here[at] = firsts[at];
      if (reads == Reads::plain)
        walk.fetch(here[at]);
    }
    for (std::int64_t step = 0; step < usual; ++step)
      for (std::size_t at = 0; at < static_cast<std::size_t>(count); ++at) {
        here[at] = here[at] != 0 ? walk.next(here[at]) : 0;
        if (reads == Reads::plain)
          walk.fetch(here[at]);
      }
    for (std::int64_t k = 0; k < count; ++k) {
      const auto at = static_cast<std::size_t>(k);
      const auto row = static_cast<std::size_t>(row_of(k));
      const std::byte* const guess = walk.look(here[at]);
      if (guess == nullptr || !walk.is_named(guess)) {
        std::int64_t before = 0;
        if (!walk.search(firsts[at], here[at], before))
          return std::nullopt;
        if (here[at] != 0)
          usual = before;
      }
      std::uint64_t value = absent;
      if (here[at] != 0) {
        if (flag && walk.flag(here[at]) != flag)
          return std::nullopt;
        value = walk.value(here[at]);
      } else if (first_absent < 0) {
        first_absent = static_cast<std::int64_t>(row);
      }
      if (value == 0)
        return std::nullopt;
      if (!put(out, row, value, reads))
        return std::nullopt;
    }
  }
  return first_absent;
}

} // namespace rnaslicer::runtime
