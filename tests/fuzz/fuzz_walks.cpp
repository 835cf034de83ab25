// tests/fuzz/fuzz_walks.cpp: linked lists and nested arrays in memory of any content.
//
// The input's first bytes are arguments, the rest is memory. A word whose lowest byte is 1 stands
// for an address within, so that lists come about; all others are taken as they are. Safe reads
// must survive whatever it is, and what they find must be there.
#include "runtime/blender/probe.hpp"
#include "runtime/blender/walks.hpp"
#include "tests/fuzz/input.hpp"

#include <array>
#include <vector>

namespace {

using namespace rnaslicer::runtime;
using rnaslicer::fuzz::expect;
using rnaslicer::fuzz::Numbers;

struct Memory {
  std::array<std::uint64_t, 64> words{};
  std::array<std::uint64_t, 64> slack{}; ///< an element may begin in the last word
  [[nodiscard]] std::uint64_t address(std::uint64_t at) const {
    return reinterpret_cast<std::uint64_t>(words.data()) + at % sizeof words / 4 * 4;
  }
  [[nodiscard]] std::uint64_t read(std::uint64_t from) const {
    std::uint64_t value = 0;
    expect(read_memory(from, std::as_writable_bytes(std::span(&value, 1))),
           "found what is not there");
    return value;
  }
};

void check_list(const Memory& memory, Numbers& numbers) {
  const auto count = static_cast<std::size_t>(numbers.between(0, 9));
  const auto first = memory.address(numbers.take<std::uint16_t>());
  const auto last = memory.address(numbers.take<std::uint16_t>());
  const Links links{8 * numbers.between(0, 5),
                    numbers.between(0, 1) != 0 ? 8 * numbers.between(0, 5) : -1};
  std::vector<std::int64_t> found(count);
  if (!walk_list(first, last, links, Reads::safe, {}, found) || count == 0)
    return;
  expect(static_cast<std::uint64_t>(found.front()) == first &&
             static_cast<std::uint64_t>(found.back()) == last,
         "a list with other ends");
  for (std::size_t i = 0; i < count; ++i) {
    const auto here = static_cast<std::uint64_t>(found[i]);
    const auto next = i + 1 < count ? static_cast<std::uint64_t>(found[i + 1]) : 0;
    const auto prev = i > 0 ? static_cast<std::uint64_t>(found[i - 1]) : 0;
    expect(memory.read(here + static_cast<std::uint64_t>(links.next_at)) == next, "no such next");
    expect(links.prev_at < 0 ||
               memory.read(here + static_cast<std::uint64_t>(links.prev_at)) == prev,
           "no such prev");
  }
  std::vector<std::int64_t> again(count);
  for (const Reads reads : {Reads::safe, Reads::plain})
    expect(walk_list(first, last, links, reads, found, again) && again == found,
           "another list for who knew it");
  if (follow_pointers(found, links.next_at, Reads::safe, again))
    rnaslicer::fuzz::fail("the last element's null is no pointer");
}

void check_rows(const Memory& memory, Numbers& numbers) {
  ArrayRows rows;
  rows.base = memory.address(numbers.take<std::uint16_t>());
  rows.stride = 4 * numbers.between(-9, 9);
  rows.count = numbers.between(0, 9);
  rows.pointer_at = 4 * numbers.between(0, 4);
  rows.count_at = 4 * numbers.between(0, 4);
  std::vector<std::int64_t> table(9);
  for (auto& index : table)
    index = numbers.between(-20, 20);
  if (numbers.between(0, 1) != 0)
    rows.table = table.data();
  std::vector<std::int64_t> offsets(static_cast<std::size_t>(rows.count) + 1);
  if (!row_offsets(rows, Reads::safe, offsets))
    return;
  expect(!row_difference(rows, Reads::safe, offsets), "rows that differ from themselves");
  std::vector<std::int64_t> arrays(static_cast<std::size_t>(rows.count));
  expect(!row_arrays(rows, Reads::safe, offsets, arrays), "rows without their arrays");
  if (offsets.back() > 100'000)
    return;
  std::vector<std::int64_t> items(static_cast<std::size_t>(offsets.back()));
  expect(!row_items(rows, 12, Reads::safe, offsets, items), "rows without their items");
  for (std::size_t i = 0; i < arrays.size(); ++i)
    for (auto k = offsets[i]; k < offsets[i + 1]; ++k)
      expect(items[static_cast<std::size_t>(k)] == arrays[i] + 12 * (k - offsets[i]),
             "another item");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t arguments = 20;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  Numbers content(bytes.substr(std::min(size, arguments)));
  static Memory memory; // at one place, so that inputs replay
  for (auto& word : memory.words) {
    word = content.take<std::uint64_t>();
    if ((word & 0xffU) == 1)
      word = memory.address(word >> 8U & 0xffffU);
  }
  Numbers first(bytes.substr(0, arguments));
  check_list(memory, first);
  Numbers second(bytes.substr(0, arguments));
  check_rows(memory, second);
  return 0;
}
