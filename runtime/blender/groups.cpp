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

/// Groups between the one that is looked at and the one whose child is fetched.
constexpr std::int64_t ahead = 16;

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

/// A name with its null, compared by words: most have but one, and a call for each child would take
/// as long as all else.
class Name {
 public:
  explicit Name(std::string_view text) : count_((text.size() + word - 1) / word) {
    std::array<std::byte, longest> bytes{};
    std::array<std::byte, longest> mask{};
    std::memcpy(bytes.data(), text.data(), text.size());
    std::fill_n(mask.begin(), text.size(), std::byte{0xFF});
    std::memcpy(words_.data(), bytes.data(), longest);
    std::memcpy(masks_.data(), mask.data(), longest);
    word_ = words_.front();
    mask_ = masks_.front();
  }

  /// Bytes that are compared, perhaps some behind the name.
  static std::size_t reach(std::size_t size) { return (size + word - 1) / word * word; }

  bool is_at(const std::byte* text) const {
    if ((load<std::uint64_t>(text) & mask_) != word_)
      return false;
    for (std::size_t i = 1; i < count_; ++i)
      if ((load<std::uint64_t>(text + i * word) & masks_[i]) != words_[i])
        return false;
    return true;
  }

  static constexpr std::size_t word = sizeof(std::uint64_t);
  static constexpr std::size_t longest = 512; // as `most_bytes`

 private:
  std::size_t count_;
  std::uint64_t word_ = 0; // the first of these
  std::uint64_t mask_ = 0;
  std::array<std::uint64_t, longest / word> words_{};
  std::array<std::uint64_t, longest / word> masks_{};
};

/// One walk. What cannot be read, or is no address, is null.
template <Reads reads> class Walk {
 public:
  Walk(const GroupPlaces& places, const GroupChild& child)
      : places_(places), child_(child), name_(child.name) {}

  /// The bytes of an ID property; by safe reads a copy, until the next is looked at.
  const std::byte* look(std::uint64_t address) {
    if (!plausible(address))
      return nullptr;
    if constexpr (reads == Reads::plain)
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

  /// In line: GCC takes a function that does no more for one without effect, and leaves it out.
  [[gnu::always_inline]] void fetch(std::uint64_t child) const {
    if (reads != Reads::plain || child == 0)
      return;
    __builtin_prefetch(at_address(child) + places_.name_at); // `next` mostly shares its line
    __builtin_prefetch(at_address(child) + places_.value_at);
  }

  /// The same of the first child of an element, which is not looked at.
  [[gnu::always_inline]] void fetch_first(std::uint64_t element) const {
    if constexpr (reads == Reads::plain)
      fetch(load<std::uint64_t>(at_address(element) + places_.first_at));
  }

  /// The child behind one, null for none; also where it is none.
  std::uint64_t next(std::uint64_t here) {
    const std::byte* const child = look(here);
    const auto found = child != nullptr ? load<std::uint64_t>(child + places_.next_at) : 0;
    return plausible(found) ? found : 0;
  }

  bool is_named(const std::byte* child) const { return name_.is_at(child + places_.name_at); }

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

  /// The address of a child's value, of which `look` has given the bytes; null where the child is
  /// something else.
  std::uint64_t value(std::uint64_t address, const std::byte* child) const {
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
  const GroupPlaces places_; // of its own: else each value that is written could be one of these
  const GroupChild child_;
  const Name name_;
  std::array<std::byte, most_bytes> copy_{};
};

std::uint64_t element_of(const GroupPlaces& places, const GroupRows& rows, std::int64_t row) {
  const std::int64_t index =
      rows.table.empty() ? rows.start + row * rows.step : rows.table[static_cast<std::size_t>(row)];
  return rows.base + static_cast<std::uint64_t>(index * places.size);
}

/// A value of a row, or its address. False where it cannot be read.
template <Reads reads> bool put(const GroupOut& out, std::size_t row, std::uint64_t value) {
  constexpr std::size_t one = 4; // bytes; else the size is not known here
  constexpr std::size_t three = 12;
  if (out.width == 0)
    std::memcpy(out.data + row * sizeof value, &value, sizeof value);
  else if (reads == Reads::safe)
    return read_memory(value, std::span(out.data + row * out.width, out.width));
  else if (out.width == one)
    std::memcpy(out.data + row * one, at_address(value), one);
  else if (out.width == three)
    std::memcpy(out.data + row * three, at_address(value), three);
  else
    std::memcpy(out.data + row * out.width, at_address(value), out.width);
  return true;
}

template <Reads reads>
std::optional<std::int64_t>
values_by(const GroupPlaces& places, const GroupChild& child, const GroupRows& rows,
          const GroupPart& part, std::uint64_t absent, std::int64_t alike, const GroupOut& out) {
  Walk<reads> walk(places, child);
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
  const auto row_of = [&](std::int64_t i) { return part.first + i * part.step; };
  // What a row holds, its child perhaps the one that is `here`; false where it is something else.
  const auto take = [&](std::int64_t row, std::uint64_t first, std::uint64_t here) {
    const std::byte* bytes = walk.look(here);
    if (bytes == nullptr || !walk.is_named(bytes)) {
      std::int64_t before = 0;
      if (!walk.search(first, here, before))
        return false;
      if (here == 0) {
        first_absent = first_absent < 0 ? row : first_absent;
        return absent != 0 && put<reads>(out, static_cast<std::size_t>(row), absent);
      }
      usual = before;
      bytes = walk.look(here);
    }
    if (flag && walk.flag(here) != flag)
      return false;
    const auto value = walk.value(here, bytes);
    return value != 0 && put<reads>(out, static_cast<std::size_t>(row), value);
  };
  std::array<std::uint64_t, together> firsts{};
  std::array<std::uint64_t, together> here{};
  for (std::int64_t done = 0; done < part.count; done += together) {
    const std::int64_t end = std::min(done + together, part.count);
    if (usual == 0 && rows.table.empty()) { // nothing to follow but the first
      const auto stride = static_cast<std::uint64_t>(rows.step * part.step * places.size);
      std::uint64_t element = element_of(places, rows, row_of(done));
      std::int64_t row = row_of(done);
      for (std::int64_t i = done; i < end; ++i, element += stride, row += part.step) {
        if (i + ahead < part.count)
          walk.fetch_first(element + ahead * stride);
        std::uint64_t first = 0;
        if (!walk.first(element, first) || !take(row, first, first))
          return std::nullopt;
      }
      continue;
    }
    const auto count = static_cast<std::size_t>(end - done);
    for (std::size_t at = 0; at < count; ++at) {
      const std::int64_t row = row_of(done + static_cast<std::int64_t>(at));
      if (!walk.first(element_of(places, rows, row), firsts[at]))
        return std::nullopt;
      here[at] = firsts[at];
      walk.fetch(here[at]);
    }
    for (std::int64_t step = usual; step > 0; --step)
      for (std::size_t at = 0; at < count; ++at) {
        here[at] = here[at] != 0 ? walk.next(here[at]) : 0;
        walk.fetch(here[at]);
      }
    for (std::size_t at = 0; at < count; ++at)
      if (!take(row_of(done + static_cast<std::int64_t>(at)), firsts[at], here[at]))
        return std::nullopt;
  }
  return first_absent;
}

} // namespace

bool are_within(const GroupPlaces& places, std::size_t name) {
  constexpr std::int64_t widest = 8; // bytes of a number
  const std::int64_t last = places.name_at + static_cast<std::int64_t>(Name::reach(name)) - widest;
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
  if (places.size > most_bytes || child.name.size() > Name::longest)
    return std::nullopt;
  return reads == Reads::plain
             ? values_by<Reads::plain>(places, child, rows, part, absent, alike, out)
             : values_by<Reads::safe>(places, child, rows, part, absent, alike, out);
}

} // namespace rnaslicer::runtime
