// tests/jit/changes_test.cpp: refreshes that tell which rows differ: the same bytes as without, and
// the rows that a comparison of whole copies finds.
#include "jit/changes.hpp"
#include "tests/jit/random_plan.hpp"

#include <array>
#include <cstring>
#include <gtest/gtest.h>

namespace rnaslicer::jit::test {
namespace {

std::vector<std::int64_t> differing(const std::vector<std::byte>& before, const std::byte* now,
                                    std::size_t row_bytes) {
  std::vector<std::int64_t> ranges;
  for (std::size_t row = 0; row < before.size() / row_bytes; ++row) {
    if (std::memcmp(&before[row * row_bytes], now + row * row_bytes, row_bytes) == 0)
      continue;
    const auto at = static_cast<std::int64_t>(row);
    if (ranges.empty() || ranges.back() != at)
      ranges.insert(ranges.end(), {at, at});
    ranges.back() = at + 1;
  }
  return ranges;
}

TEST(Changes, EqualsAPlainRefreshAndAComparisonOnRandomPlans) {
  std::size_t with_ranges = 0;
  for (std::uint64_t seed = 1; seed <= 1500; ++seed) {
    Options options;
    options.special = seed % 4 == 0;
    const Case c = random_case(seed, options);
    if (c.cache.bytes.empty() || !refuse(c.plan, Direction::refresh).empty())
      continue;
    Random random(seed);
    const auto size = static_cast<std::int64_t>(c.cache.bytes.size());
    std::int64_t rows = random.chance(50) ? random.between(1, size) : size / 12;
    while (rows < 1 || size % rows != 0)
      rows = rows < 1 ? 1 : rows - 1;
    const auto row_bytes = static_cast<std::size_t>(size / rows);
    const std::int64_t part = random.between(1, 5000);
    std::vector<std::int64_t> expected;
    std::vector<std::int64_t> found;
    const auto watched = [&](const Plan& plan, Direction direction, const Transfer& transfer) {
      std::byte* const base = transfer.cache + c.cache.low;
      const std::vector<std::byte> before(base, base + size);
      for (int again = 0; again < 2; ++again) { // the second one finds nothing
        Changes changes(base, static_cast<std::size_t>(rows), row_bytes, part);
        interpret(plan, direction, transfer);
        const auto ranges = changes.ranges();
        if (again == 0)
          found = ranges;
        else
          EXPECT_TRUE(ranges.empty()) << c.text();
      }
      expected = differing(before, base, row_bytes);
    };
    EXPECT_EQ(compare(c, Direction::refresh, interpret, watched), "") << "seed " << seed;
    EXPECT_EQ(found, expected) << "seed " << seed << ", rows of " << row_bytes << "\n" << c.text();
    with_ranges += found.empty() ? 0 : 1;
    if (HasFailure())
      return;
  }
  EXPECT_GT(with_ranges, 500);
}

/// Calls of a kernel for a refresh of ten rows of three numbers, of which one differs.
std::size_t kernel_calls(const char* loop) {
  const Plan plan = parse("plan 1\nstorage i32\nvalue i32\nformat i32\nloop strided " +
                          std::string(loop) + "\nlanes 3\nlane 0 -> 0\nlane 4 -> 4\nlane 8 -> 8\n");
  std::vector<std::int32_t> source(50);
  std::vector<std::int32_t> cache(30);
  const auto stride = static_cast<std::size_t>(plan.loops[0].source_stride / 4);
  source[7 * stride + 2] = 5;
  const std::array extents{std::int64_t{10}};
  const Transfer transfer{reinterpret_cast<std::byte*>(source.data()),
                          reinterpret_cast<std::byte*>(cache.data()),
                          extents,
                          {},
                          {},
                          {},
                          {}};
  std::size_t calls = 0;
  Changes changes(transfer.cache, 10, 12);
  EXPECT_TRUE(changes.refresh(plan, transfer, 1, [&](const Transfer& part) {
    ++calls;
    interpret(plan, Direction::refresh, part);
    return true;
  }));
  EXPECT_EQ(changes.ranges(), (std::vector<std::int64_t>{7, 8}));
  EXPECT_EQ(cache[23], 5);
  return calls;
}

TEST(Changes, ComparesBytesThatLieAlikeWhereTheyLie) {
  EXPECT_EQ(kernel_calls("source 12 cache 12"), 0);
  EXPECT_EQ(kernel_calls("source 16 cache 12"), 1);
}

TEST(Changes, SeesWritesOfOthersOnceTheyAreExpected) {
  std::vector<std::byte> cache(40);
  Changes changes(cache.data(), 10, 4);
  EXPECT_EQ(Changes::watching(cache.data() + 39), &changes);
  EXPECT_EQ(Changes::watching(cache.data() + 40), nullptr);
  changes.expect_other_writes();
  cache[0] = cache[9] = cache[12] = std::byte{1};
  EXPECT_EQ(changes.ranges(), (std::vector<std::int64_t>{0, 1, 2, 4}));
}

TEST(Changes, AnotherOnesPlaceIsFoundBehindTheInnermost) {
  std::vector<std::byte> one(8);
  std::vector<std::byte> two(8);
  Changes outer(one.data(), 2, 4);
  {
    Changes inner(two.data(), 2, 4);
    EXPECT_EQ(Changes::watching(one.data()), &outer);
    EXPECT_EQ(Changes::watching(two.data()), &inner);
  }
  EXPECT_EQ(Changes::watching(two.data()), nullptr);
}

} // namespace
} // namespace rnaslicer::jit::test
