// tests/runtime/indices_test.cpp: what an update asks of indices, against looking at each.
#include "runtime/trail/composed/indices.hpp"

#include <algorithm>
#include <cstdint>
#include <gtest/gtest.h>
#include <numeric>
#include <random>
#include <vector>

namespace {

using namespace rnaslicer;
using runtime::first_of;

/// Places of a region in C order.
std::vector<std::int64_t> places(const std::vector<std::int64_t>& extents,
                                 const std::vector<jit::Span>& region) {
  std::vector<std::int64_t> found{0};
  for (std::size_t axis = 0; axis < extents.size(); ++axis) {
    std::vector<std::int64_t> more;
    for (const std::int64_t at : found)
      for (std::int64_t i = 0; i < region[axis].count; ++i)
        more.push_back(at * extents[axis] + region[axis].start + i * region[axis].step);
    found = std::move(more);
  }
  return found;
}

TEST(Indices, FirstOfRandomRegions) {
  std::mt19937 rng(5);
  const auto below = [&](std::int64_t n) {
    return static_cast<std::int64_t>(rng() % static_cast<std::uint64_t>(n));
  };
  int good = 0;
  int bad = 0;
  for (int round = 0; round < 4000; ++round) {
    std::vector<std::int64_t> extents;
    std::vector<jit::Span> whole;
    std::vector<jit::Span> region;
    for (auto axes = 1 + below(3); axes > 0; --axes) {
      const std::int64_t extent = 1 + below(7);
      const std::int64_t step = 1 + below(3);
      const std::int64_t start = below(extent);
      extents.push_back(extent);
      whole.push_back({0, 1, extent});
      region.push_back({start, step, 1 + below((extent - 1 - start) / step + 1)});
    }
    std::vector<std::int32_t> indices(places(extents, whole).size());
    for (std::int32_t& index : indices)
      index = static_cast<std::int32_t>(below(9));
    if (below(2) == 0) // one that leads outside, often beside the region
      indices[static_cast<std::size_t>(below(static_cast<std::int64_t>(indices.size())))] =
          below(2) == 0 ? -1 : 9;
    for (const auto& part : {whole, region}) {
      const auto reached = places(extents, part);
      const bool all = std::all_of(reached.begin(), reached.end(), [&](std::int64_t at) {
        const std::int32_t index = indices[static_cast<std::size_t>(at)];
        return index >= 0 && index < 9;
      });
      const auto found = first_of(indices.data(), extents, part, 9);
      ASSERT_EQ(found.value_or(-7), all ? indices[static_cast<std::size_t>(reached.front())] : -7);
      ++(all ? good : bad);
    }
    ASSERT_EQ(first_of(indices.data(), extents, {}, 9),
              first_of(indices.data(), extents, whole, 9));
  }
  EXPECT_GT(good, 1000);
  EXPECT_GT(bad, 1000);
}

TEST(Indices, ABadOneIsFoundAtEachPlace) {
  for (std::int64_t count = 1; count <= 150; ++count) {
    std::vector<std::int32_t> indices(static_cast<std::size_t>(count), 8);
    const std::vector<std::int64_t> extents{count};
    EXPECT_EQ(first_of(indices.data(), extents, {}, 9), 8);
    for (std::int32_t& one : indices)
      for (const std::int32_t bad : {9, -1, INT32_MIN, INT32_MAX}) {
        one = bad;
        EXPECT_FALSE(first_of(indices.data(), extents, {}, 9));
        one = 8;
      }
  }
}

TEST(Indices, NothingHasNoFirst) {
  const std::vector<std::int64_t> extents{0, 3};
  EXPECT_FALSE(first_of(nullptr, extents, {}, 9));
}

} // namespace
