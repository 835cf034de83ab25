// runtime/blender/walks.cpp: walks over linked lists and nested arrays.
#include "runtime/blender/walks.hpp"

#include "runtime/blender/probe.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <fstream>
#include <unistd.h>
#include <vector>

namespace rnaslicer::runtime {

namespace {

/// Elements fetched ahead. Far enough for memory's latency, and a miss costs nothing.
constexpr std::size_t ahead = 24;

/// Keys of a message bus: more have no end.
constexpr int most_keys = 1 << 20;

/// Elements of a list: more have no end.
constexpr std::size_t most_elements = std::size_t{1} << 26;

/// Bytes that one safe read of an array takes: large against a system call, small against a cache.
constexpr std::int64_t chunk_bytes = std::int64_t{1} << 18;

/// Whether it could be a struct's address. Null, small numbers, tagged and kernel's are none.
bool plausible(std::uint64_t address) {
  constexpr std::uint64_t least = 4096;
  constexpr std::uint64_t end = std::uint64_t{1} << 47;
  // Turned so that bits which a multiple of 4 lacks come first: one comparison for all.
  return std::rotr(address - least, 2) < (end - least) / 4;
}

const std::byte* at_address(std::uint64_t address) {
  return reinterpret_cast<const std::byte*>(address); // NOLINT(performance-no-int-to-ptr)
}

bool load(Reads reads, std::uint64_t address, std::uint64_t& out) {
  if (reads == Reads::safe)
    return read_memory(address, std::as_writable_bytes(std::span(&out, 1)));
  std::memcpy(&out, at_address(address), sizeof out);
  return true;
}

std::uint64_t moved(std::uint64_t address, std::int64_t by) {
  return address + static_cast<std::uint64_t>(by);
}

void fetch(std::int64_t address, std::int64_t at) {
  __builtin_prefetch(at_address(moved(static_cast<std::uint64_t>(address), at)));
}

/// What an element says of its array.
struct Row {
  std::uint64_t array = 0;
  std::int32_t count = 0;

  /// An element without items may have any pointer, an old one too.
  [[nodiscard]] bool valid() const {
    // Without a branch for each: how many items an element has no processor guesses.
    return ((count == 0) | ((count > 0) & plausible(array))) != 0;
  }
};

Row row_at(const ArrayRows& rows, const std::byte* element) {
  Row row;
  std::memcpy(&row.array, element + rows.pointer_at, sizeof row.array);
  std::memcpy(&row.count, element + rows.count_at, sizeof row.count);
  return row;
}

std::uint64_t element_of(const ArrayRows& rows, std::int64_t i) {
  const std::int64_t index = rows.table != nullptr ? rows.table[i] : i;
  return rows.base + static_cast<std::uint64_t>(index) * static_cast<std::uint64_t>(rows.stride);
}

/// Calls visit(i, row) for each row until it gives false; the row where it ended, `count` if none.
template <class Visit> std::int64_t each_plain(const ArrayRows& rows, Visit visit) {
  for (std::int64_t i = 0; i < rows.count; ++i)
    if (!visit(i, row_at(rows, at_address(element_of(rows, i)))))
      return i;
  return rows.count;
}

/// The same through safe reads, many elements at a time. What cannot be read ends it.
template <class Visit> std::int64_t each_safe(const ArrayRows& rows, Visit visit) {
  const std::int64_t width = std::max(rows.pointer_at + 8, rows.count_at + 4);
  const std::int64_t step = rows.stride < 0 ? -rows.stride : rows.stride;
  const std::int64_t many = rows.table != nullptr || step > chunk_bytes
                                ? 1
                                : chunk_bytes / std::max<std::int64_t>(step, 1);
  std::vector<std::byte> bytes;
  for (std::int64_t i = 0; i < rows.count;) {
    const std::int64_t count =
        std::clamp<std::int64_t>(rows.count - i, 1, std::max<std::int64_t>(many, 1));
    bytes.resize(static_cast<std::size_t>((count - 1) * step + width));
    const std::uint64_t low = element_of(rows, rows.stride < 0 ? i + count - 1 : i);
    if (!read_memory(low, bytes))
      return i;
    for (std::int64_t k = 0; k < count; ++k, ++i)
      if (!visit(i, row_at(rows, bytes.data() + (rows.stride < 0 ? count - 1 - k : k) * step)))
        return i;
  }
  return rows.count;
}

template <class Visit> std::int64_t each(const ArrayRows& rows, Reads reads, Visit visit) {
  return reads == Reads::safe ? each_safe(rows, visit) : each_plain(rows, visit);
}

/// Of rows by plain loads: the one where it ended, `count` if none. `rows` by value and no pointer
/// to what is written: the compiler then keeps all in registers.
std::int64_t row_items_plain(const ArrayRows rows, std::int64_t size, const std::int64_t* offsets,
                             std::span<std::int64_t> addresses) {
  constexpr std::int64_t few = 4; // are written always: those behind come when it is their turn
  std::int64_t* __restrict out = addresses.data();
  const std::int64_t* const end = out + addresses.size();
  std::int64_t begun = *offsets;
  for (std::int64_t i = 0; i < rows.count; ++i) {
    const Row row = row_at(rows, at_address(element_of(rows, i)));
    const std::int64_t ends = offsets[i + 1];
    if (row.count != ends - begun || !row.valid())
      return i;
    begun = ends;
    const auto item = static_cast<std::int64_t>(row.array);
    fetch(item, 0);
    if (row.count <= few && end - out >= few)
      for (std::int64_t k = 0; k < few; ++k)
        out[k] = static_cast<std::int64_t>(moved(row.array, k * size));
    else
      for (std::int64_t k = 0; k < row.count; ++k)
        out[k] = static_cast<std::int64_t>(moved(row.array, k * size));
    out += row.count;
  }
  return rows.count;
}

std::optional<std::int64_t> unless_all(const ArrayRows& rows, std::int64_t ended) {
  return ended == rows.count ? std::nullopt : std::optional(ended);
}

/// Whether `here` is what was known; then it is what was known also for the processor, which loads
/// from there before it has seen `here`.
bool guessed(std::uint64_t& here, std::int64_t known) {
  const auto guess = static_cast<std::uint64_t>(known);
  std::uint64_t same = guess;
  asm("" : "+r"(same)); // for the compiler another value, so that it does not take `here` for it
  if (here != guess)
    return false;
  here = same;
  return true;
}

/// Bytes of memory that this process has now, or 0 where the system does not tell.
std::int64_t resident_bytes() {
  std::int64_t pages_of_address_space = 0;
  std::int64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages_of_address_space >> pages;
  return pages * sysconf(_SC_PAGESIZE);
}

} // namespace

bool walk_list(std::uint64_t first, std::uint64_t last, Links links, Reads reads,
               std::span<const std::int64_t> known, std::span<std::int64_t> out) {
  if (out.empty())
    return first == 0 && last == 0;
  std::uint64_t before = 0;
  std::uint64_t here = first;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (!plausible(here))
      return false;
    if (!known.empty()) {
      fetch(known[std::min(i + ahead, out.size() - 1)], links.next_at);
      if (!guessed(here, known[i]))
        known = {};
    }
    if (links.prev_at >= 0) {
      std::uint64_t back = 0;
      if (!load(reads, moved(here, links.prev_at), back) || back != before)
        return false;
    }
    out[i] = static_cast<std::int64_t>(here);
    before = here;
    if (!load(reads, moved(before, links.next_at), here))
      return false;
  }
  return here == 0 && before == last;
}

std::optional<std::vector<std::int64_t>> walk_whole(std::uint64_t first, std::uint64_t last,
                                                    Links links) {
  std::vector<std::int64_t> found;
  std::uint64_t before = 0;
  for (std::uint64_t here = first; here != 0;) {
    std::uint64_t back = before;
    if (!plausible(here) || found.size() == most_elements)
      return std::nullopt;
    if (links.prev_at >= 0)
      load(Reads::plain, moved(here, links.prev_at), back);
    if (back != before)
      return std::nullopt;
    found.push_back(static_cast<std::int64_t>(here));
    before = here;
    load(Reads::plain, moved(before, links.next_at), here);
  }
  return before == last ? std::optional(std::move(found)) : std::nullopt;
}

bool same_list(std::uint64_t first, std::uint64_t last, Links links,
               std::span<const std::int64_t> known, std::int64_t number_at,
               std::span<const std::int32_t> numbers) {
  if (known.size() != numbers.size())
    return false;
  std::uint64_t before = 0;
  std::uint64_t here = first;
  for (std::size_t i = 0; i < known.size(); ++i) {
    const std::int64_t soon = known[std::min(i + ahead, known.size() - 1)];
    fetch(soon, links.next_at);
    fetch(soon, number_at);
    if (!guessed(here, known[i]) || !plausible(here))
      return false;
    std::uint64_t back = before;
    std::int32_t number = 0;
    if (links.prev_at >= 0)
      std::memcpy(&back, at_address(moved(here, links.prev_at)), sizeof back);
    std::memcpy(&number, at_address(moved(here, number_at)), sizeof number);
    if (back != before || number != numbers[i])
      return false;
    before = here;
    std::memcpy(&here, at_address(moved(before, links.next_at)), sizeof here);
  }
  return here == 0 && before == last;
}

bool is_subscribed(std::uint64_t first, std::uint64_t last, const Keys& keys,
                   std::span<const std::int64_t> addresses, std::span<const std::int64_t> types,
                   std::uint64_t told) {
  const auto [low, high] = std::ranges::minmax_element(addresses);
  std::uint64_t before = 0;
  std::uint64_t here = first;
  for (int i = 0; i < most_keys && here != 0; ++i) {
    std::uint64_t back = 0;
    std::uint64_t type = 0;
    std::uint64_t data = 0;
    if (!plausible(here) || !load(Reads::plain, moved(here, keys.links.prev_at), back) ||
        back != before)
      return true;
    load(Reads::plain, moved(here, keys.type_at), type);
    load(Reads::plain, moved(here, keys.data_at), data);
    const auto wanted = static_cast<std::int64_t>(data);
    if (data == 0 ? type != told && std::ranges::count(types, static_cast<std::int64_t>(type)) != 0
                  : wanted >= *low && wanted <= *high && std::ranges::count(addresses, wanted) != 0)
      return true;
    before = here;
    load(Reads::plain, moved(before, keys.links.next_at), here);
  }
  return here != 0 || before != last;
}

bool follow_pointers(std::span<const std::int64_t> addresses, std::int64_t at, Reads reads,
                     std::span<std::int64_t> out) {
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    if (i + ahead < addresses.size())
      fetch(addresses[i + ahead], at);
    const auto address = static_cast<std::uint64_t>(addresses[i]);
    std::uint64_t found = 0;
    if (!plausible(address) || !load(reads, moved(address, at), found) || !plausible(found))
      return false;
    out[i] = static_cast<std::int64_t>(found);
  }
  return true;
}

bool are_null(std::span<const std::int64_t> addresses, std::int64_t at, Reads reads) {
  return std::ranges::all_of(addresses, [&](std::int64_t one) {
    const auto address = static_cast<std::uint64_t>(one);
    std::uint64_t found = 0;
    return plausible(address) && load(reads, moved(address, at), found) && found == 0;
  });
}

bool too_many(const ArrayRows& rows, std::int64_t items, std::int64_t size) {
  constexpr std::int64_t few = 1 << 16;      // not worth asking
  if (items <= few || rows.table != nullptr) // a table may name one row many times
    return items > most_items;
  const std::int64_t bytes = resident_bytes();
  return items > most_items || (bytes != 0 && items > bytes / std::max<std::int64_t>(size, 1));
}

bool row_offsets(const ArrayRows& rows, Reads reads, std::span<std::int64_t> offsets) {
  std::int64_t total = 0;
  const std::int64_t ended = each(rows, reads, [&](std::int64_t i, const Row& row) {
    offsets[static_cast<std::size_t>(i)] = total;
    total += row.count;
    return row.valid();
  });
  offsets[static_cast<std::size_t>(rows.count)] = total;
  return ended == rows.count;
}

std::optional<std::int64_t> row_difference(const ArrayRows& rows, Reads reads,
                                           std::span<const std::int64_t> offsets) {
  return unless_all(rows, each(rows, reads, [&](std::int64_t i, const Row& row) {
                      const auto at = static_cast<std::size_t>(i);
                      return row.count == offsets[at + 1] - offsets[at] && row.valid();
                    }));
}

std::optional<std::int64_t> row_items(const ArrayRows& rows, std::int64_t size, Reads reads,
                                      std::span<const std::int64_t> offsets,
                                      std::span<std::int64_t> addresses) {
  if (reads == Reads::plain)
    return unless_all(rows, row_items_plain(rows, size, offsets.data(), addresses));
  std::int64_t* out = addresses.data();
  return unless_all(rows, each_safe(rows, [&](std::int64_t i, const Row& row) {
                      const auto at = static_cast<std::size_t>(i);
                      if (row.count != offsets[at + 1] - offsets[at] || !row.valid())
                        return false;
                      auto item = static_cast<std::int64_t>(row.array);
                      for (std::int32_t k = 0; k < row.count; ++k, item += size)
                        *out++ = item;
                      return true;
                    }));
}

std::optional<std::int64_t> row_arrays(const ArrayRows& rows, Reads reads,
                                       std::span<const std::int64_t> offsets,
                                       std::span<std::int64_t> addresses) {
  return unless_all(rows, each(rows, reads, [&](std::int64_t i, const Row& row) {
                      const auto at = static_cast<std::size_t>(i);
                      addresses[at] = static_cast<std::int64_t>(row.array);
                      return row.count == offsets[at + 1] - offsets[at] && row.valid();
                    }));
}

} // namespace rnaslicer::runtime
