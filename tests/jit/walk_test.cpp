// tests/jit/walk_test.cpp: which loops are merged, and which may be split over threads.
#include "jit/walk.hpp"

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace rnaslicer::jit {
namespace {

/// A nest over plain memory for questions about splitting.
unsigned parts_of(const std::string& loops, const std::vector<std::int64_t>& extents,
                  Direction direction, std::ptrdiff_t cache_at = 1LL << 40,
                  const std::vector<Table>& tables = {}) {
  const auto plan = parse("plan 1\nstorage f32\nvalue f32\nformat f32\n" + loops +
                          "lanes 2\nlane 0 -> 0\nlane 4 -> 4\n");
  // Never touched.
  // NOLINTNEXTLINE(performance-no-int-to-ptr)
  auto* base = reinterpret_cast<std::byte*>(std::uintptr_t{1} << 41U);
  const Transfer transfer{base, base + cache_at, extents, tables};
  return parallelism(Nest(plan, transfer), plan, direction, transfer, 64, 4);
}

TEST(Parallelism, OnlyWherePartsWriteApart) {
  const std::vector<std::int64_t> many{4 << 20};
  const auto both = {Direction::refresh, Direction::update};
  for (auto direction : both)
    EXPECT_EQ(parts_of("loop strided source 16 cache 8\n", many, direction), 4U);
  EXPECT_EQ(parts_of("loop strided source 4 cache 8\n", many, Direction::refresh), 4U);
  EXPECT_EQ(parts_of("loop strided source 4 cache 8\n", many, Direction::update), 1U)
      << "steps overlap in what is written";
  EXPECT_EQ(parts_of("loop strided source 0 cache 8\n", many, Direction::update), 1U);
  EXPECT_EQ(parts_of("loop strided source 16 cache 4\n", many, Direction::refresh), 1U);
  const std::vector<std::int64_t> table(1);
  const std::vector<Table> tables{{table.data(), 0}};
  EXPECT_EQ(
      parts_of("loop indexed source 16 cache 8\n", many, Direction::refresh, 1LL << 40, tables),
      4U);
  EXPECT_EQ(
      parts_of("loop indexed source 16 cache 8\n", many, Direction::update, 1LL << 40, tables), 1U)
      << "a table may name a target twice";
  for (auto direction : both) {
    EXPECT_EQ(parts_of("loop strided source 16 cache 8\n", many, direction, 1 << 20), 1U)
        << "source and cache overlap";
    EXPECT_EQ(parts_of("loop strided source 16 cache 8\n", {1000}, direction), 1U) << "too little";
  }
}

TEST(Parallelism, GapsCostTheirCacheLinesOnEitherSide) {
  const std::vector<std::int64_t> some{400000};
  for (auto direction : {Direction::refresh, Direction::update}) {
    EXPECT_EQ(parts_of("loop strided source 8 cache 8\n", some, direction), 1U);
    EXPECT_GT(parts_of("loop strided source 24 cache 8\n", some, direction), 1U);
    EXPECT_GT(parts_of("loop strided source 8 cache 24\n", some, direction), 1U);
    EXPECT_GT(parts_of("loop strided source 8 cache -24\n", some, direction), 1U);
  }
}

TEST(Parallelism, SplitsTheOutermostLoop) {
  const auto loops = "loop strided source 200000000 cache 90000000\n"
                     "loop strided source 16 cache 8\n";
  EXPECT_EQ(parts_of(loops, {3, 4 << 20}, Direction::refresh), 3U);
  const auto interleaved = "loop strided source 8 cache 8\nloop strided source 16 cache 16\n";
  EXPECT_EQ(parts_of(interleaved, {2, 4 << 20}, Direction::refresh), 1U);
}

TEST(Nest, MergesLoopsThatContinueEachOther) {
  const auto depth = [](const std::string& loops, const std::vector<std::int64_t>& extents) {
    const auto plan =
        parse("plan 1\nstorage f32\nvalue f32\nformat f32\n" + loops + "lanes\nlane 0 -> 0\n");
    return Nest(plan, {nullptr, nullptr, extents, {}}).depth();
  };
  const std::string inner = "loop strided source 8 cache 4\n";
  EXPECT_EQ(depth("loop strided source 80 cache 40\n" + inner, {7, 10}), 1U);
  EXPECT_EQ(depth("loop strided source 80 cache 40\n" + inner, {7, 9}), 2U);
  EXPECT_EQ(depth("loop strided source 80 cache 44\n" + inner, {7, 10}), 2U);
  EXPECT_EQ(depth("loop strided source 99 cache 44\n" + inner, {1, 10}), 1U);
  EXPECT_EQ(depth("loop strided source 800 cache 400\nloop strided source 80 cache 40\n" + inner,
                  {3, 10, 10}),
            1U);
  EXPECT_EQ(depth("loop indexed source 80 cache 40\n" + inner, {7, 10}), 2U);
}

} // namespace
} // namespace rnaslicer::jit
