// tests/runtime/region_test.cpp: finding the region of a view, against counting its items.
#include "runtime/memcache/region.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <numeric>
#include <random>

namespace {

using rnaslicer::runtime::find_region;
using rnaslicer::runtime::RegionAxis;
using rnaslicer::runtime::RegionResult;
using Extents = std::vector<std::int64_t>;

/// The view's items as sorted byte offsets from the cache.
Extents view_items(std::int64_t offset, const Extents& shape, const Extents& strides) {
  Extents items{offset};
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    Extents more;
    for (const std::int64_t item : items)
      for (std::int64_t i = 0; i < shape[axis]; ++i)
        more.push_back(item + i * strides[axis]);
    items = std::move(more);
  }
  std::sort(items.begin(), items.end());
  return items;
}

/// The region's items likewise.
Extents region_items(const std::vector<RegionAxis>& axes, const Extents& cache,
                     std::int64_t itemsize) {
  Extents shape;
  Extents strides(axes.size());
  std::int64_t offset = 0;
  std::int64_t stride = itemsize;
  for (std::size_t axis = axes.size(); axis-- > 0;) {
    strides[axis] = stride * axes[axis].step;
    offset += stride * axes[axis].start;
    stride *= cache[axis];
  }
  for (const RegionAxis& axis : axes)
    shape.push_back(axis.count);
  return view_items(offset, shape, strides);
}

RegionResult find(const Extents& cache, std::int64_t offset, const Extents& shape,
                  const Extents& strides) {
  return find_region({cache, 4}, {offset, shape, strides});
}

void expect_refused(const std::string& reason, const RegionResult& result) {
  EXPECT_NE(result.refusal.find(reason), std::string::npos) << result.refusal;
}

TEST(Region, SlicesTransposesAndReversals) {
  const Extents cache{4, 3};
  EXPECT_EQ(find(cache, 0, {4, 3}, {12, 4}).axes, (std::vector<RegionAxis>{{0, 1, 4}, {0, 1, 3}}));
  EXPECT_EQ(find(cache, 0, {3, 4}, {4, 12}).axes, (std::vector<RegionAxis>{{0, 1, 4}, {0, 1, 3}}));
  EXPECT_EQ(find(cache, 44, {2, 2}, {-24, -8}).axes,
            (std::vector<RegionAxis>{{1, 2, 2}, {0, 2, 2}}));
  EXPECT_EQ(find(cache, 16, {}, {}).axes, (std::vector<RegionAxis>{{1, 1, 1}, {1, 1, 1}}));
}

TEST(Region, ExtentsOfOneAndZero) {
  EXPECT_EQ(find({4, 1, 3}, 12, {1, 2, 1, 3, 1}, {999, 12, -7, 4, 0}).axes,
            (std::vector<RegionAxis>{{1, 1, 2}, {0, 1, 1}, {0, 1, 3}}));
  EXPECT_EQ(find({4, 3}, 48, {0, 3}, {12, 4}).axes,
            (std::vector<RegionAxis>{{0, 1, 0}, {0, 1, 0}}));
  EXPECT_EQ(find({4, 0}, 0, {4, 0}, {0, 4}).axes, (std::vector<RegionAxis>{{0, 1, 0}, {0, 1, 0}}));
  EXPECT_EQ(find({}, 0, {}, {}).axes, std::vector<RegionAxis>{});
  EXPECT_TRUE(find({}, 0, {}, {}).refusal.empty());
}

/// cache[4:4, 1] and, of a cache without rows, cache[0:0, 2] begin behind the last item.
TEST(Region, EmptyViewsMayBeginAtTheVeryEnd) {
  const Extents cache{4, 3};
  const std::vector<RegionAxis> nothing{{0, 1, 0}, {0, 1, 0}};
  EXPECT_EQ(find(cache, 52, {0}, {12}).axes, nothing);
  EXPECT_EQ(find({0, 3}, 8, {0}, {12}).axes, nothing);
  expect_refused("outside", find(cache, 64, {0}, {12}));
  expect_refused("outside", find({0, 3}, 16, {0}, {12}));
}

TEST(Region, AxesThatTogetherStepThroughOne) {
  EXPECT_EQ(find({12}, 0, {3, 4}, {16, 4}).axes, (std::vector<RegionAxis>{{0, 1, 12}}));
  EXPECT_EQ(find({12}, 4, {2, 2}, {16, 8}).axes, (std::vector<RegionAxis>{{1, 2, 4}}));
  expect_refused("not even", find({12}, 0, {2, 2}, {20, 4}));
}

TEST(Region, Refusals) {
  const Extents cache{4, 3};
  expect_refused("outside", find(cache, -4, {2}, {4}));
  expect_refused("outside", find(cache, 44, {2}, {4}));
  expect_refused("outside", find(cache, 0, {2}, {INT64_MIN}));
  expect_refused("outside", find(cache, 0, {INT64_MAX, 2}, {INT64_MAX, 4}));
  expect_refused("outside", find(cache, 64, {0}, {4}));
  expect_refused("outside", find({0, 3}, 0, {}, {}));
  expect_refused("between", find(cache, 2, {2}, {4}));
  expect_refused("stride 0", find(cache, 0, {3, 3}, {0, 4}));
  expect_refused("overlaps itself", find(cache, 0, {2, 2}, {4, 4}));
  expect_refused("overlaps itself", find(cache, 0, {3, 2}, {12, 12}));
  expect_refused("do not follow", find(cache, 0, {3}, {16})); // a diagonal
  expect_refused("do not follow", find(cache, 0, {2}, {2}));
  expect_refused("one row into the next", find(cache, 0, {12}, {4}));
  expect_refused("one row into the next", find(cache, 8, {2}, {4}));
}

TEST(Region, RandomViewsGiveExactlyTheirItems) {
  const auto seed = std::random_device{}();
  RecordProperty("seed", std::to_string(seed));
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const auto pick = [&](std::int64_t least, std::int64_t greatest) {
    return std::uniform_int_distribution<std::int64_t>(least, greatest)(random);
  };
  int found = 0;
  for (int round = 0; round < 40000; ++round) {
    Extents cache(static_cast<std::size_t>(pick(0, 4)));
    for (std::int64_t& extent : cache)
      extent = pick(1, 6);
    const std::int64_t items =
        std::accumulate(cache.begin(), cache.end(), std::int64_t{1}, std::multiplies<>());
    Extents shape(static_cast<std::size_t>(pick(0, 3)));
    Extents strides(shape.size());
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
      shape[axis] = pick(0, 20) == 0 ? 0 : pick(1, 4);
      strides[axis] = pick(-items, items) * 4;
    }
    const std::int64_t offset = pick(-1, items) * 4;
    const RegionResult result = find(cache, offset, shape, strides);
    if (!result.refusal.empty())
      continue;
    ++found;
    ASSERT_EQ(result.axes.size(), cache.size());
    const Extents wanted = view_items(offset, shape, strides);
    if (!wanted.empty()) {
      for (std::size_t axis = 0; axis < cache.size(); ++axis) {
        const RegionAxis& got = result.axes[axis];
        ASSERT_GE(got.start, 0);
        ASSERT_LT(got.start + (got.count - 1) * got.step, cache[axis]);
      }
      ASSERT_EQ(std::adjacent_find(wanted.begin(), wanted.end()), wanted.end());
    }
    if (!cache.empty() || !wanted.empty()) {
      ASSERT_EQ(region_items(result.axes, cache, 4), wanted);
    }
  }
  EXPECT_GT(found, 2000); // else the test has tested nothing
}

} // namespace
