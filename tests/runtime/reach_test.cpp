// tests/runtime/reach_test.cpp: the bytes a plan touches, against walking over all of them.
#include "runtime/transfer/reach.hpp"

#include <algorithm>
#include <cstdlib>
#include <gtest/gtest.h>
#include <limits>
#include <random>

namespace {

using namespace rnaslicer;
using namespace rnaslicer::runtime;

constexpr auto highest = std::numeric_limits<std::int64_t>::max();

jit::Plan plan_of(std::vector<jit::Loop> loops, std::vector<jit::Lane> lanes) {
  jit::Plan plan;
  plan.storage.type = jit::Scalar::i16;
  plan.format = jit::Scalar::f64;
  plan.loops = std::move(loops);
  plan.lane_shape = {static_cast<std::int64_t>(lanes.size())};
  plan.lanes = std::move(lanes);
  return plan;
}

/// Widens `reach` by every element's bytes below loop `at`.
void walk(const jit::Plan& plan, std::span<const std::int64_t> extents,
          std::span<const jit::Table> tables, bool source, std::size_t at, std::int64_t offset,
          std::optional<Reach>& reach) {
  if (at == plan.loops.size()) {
    const std::int64_t size = jit::size_of(source ? plan.storage.type : plan.format);
    for (const jit::Lane& lane : plan.lanes) {
      const std::int64_t first = offset + (source ? lane.source : lane.cache);
      if (!reach)
        reach = Reach{first, first + size};
      reach->low = std::min(reach->low, first);
      reach->high = std::max(reach->high, first + size);
    }
    return;
  }
  const jit::Loop& loop = plan.loops[at];
  for (std::int64_t i = 0; i < extents[at]; ++i) {
    const bool indexed = source && loop.kind == jit::LoopKind::indexed;
    const std::int64_t factor = indexed ? tables[at].data[i * tables[at].step] : i;
    walk(plan, extents, tables, source, at + 1,
         offset + factor * (source ? loop.source_stride : loop.cache_stride), reach);
  }
}

TEST(Reach, RandomPlansAgreeWithWalkingOverEveryElement) {
  const char* const seed = std::getenv("RNASLICER_SEED"); // ./run fuzz
  std::mt19937 random(seed != nullptr ? static_cast<unsigned>(std::strtoul(seed, nullptr, 10)) : 1);
  const auto within = [&](std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random);
  };
  for (int round = 0; round < 5000; ++round) {
    std::vector<jit::Loop> loops(static_cast<std::size_t>(within(0, 3)));
    std::vector<std::int64_t> extents;
    std::vector<std::int64_t> indices(12);
    std::vector<jit::Table> tables;
    for (auto& index : indices)
      index = within(-9, 9);
    for (jit::Loop& loop : loops) {
      const bool indexed = within(0, 2) == 0;
      loop = {indexed ? jit::LoopKind::indexed : jit::LoopKind::strided, within(-40, 40),
              within(-40, 40)};
      extents.push_back(within(0, 4));
      tables.push_back({indices.data() + (indexed ? 2 : 0), indexed ? within(1, 2) : 1});
    }
    std::vector<jit::Lane> lanes(static_cast<std::size_t>(within(1, 4)));
    for (jit::Lane& lane : lanes)
      lane = {within(-30, 30), within(-30, 30)};
    const jit::Plan plan = plan_of(loops, lanes);
    for (const bool source : {false, true}) {
      std::optional<Reach> expected;
      walk(plan, extents, tables, source, 0, 0, expected);
      const auto found = source ? source_reach(plan, extents, tables) : cache_reach(plan, extents);
      ASSERT_EQ(found, expected.value_or(Reach{})) << jit::print(plan);
    }
  }
}

TEST(Reach, NoticesOverflow) {
  const auto loop = [](std::int64_t stride) {
    return jit::Loop{jit::LoopKind::strided, stride, stride};
  };
  const std::int64_t two[] = {2, 2};
  const std::int64_t many[] = {highest, highest};
  EXPECT_EQ(cache_reach(plan_of({loop(highest), loop(highest)}, {{0, 0}}), two), std::nullopt);
  EXPECT_EQ(cache_reach(plan_of({loop(2), loop(0)}, {{0, 0}}), many), std::nullopt);
  EXPECT_EQ(source_reach(plan_of({loop(-highest), loop(-2)}, {{0, 0}}), two, {}), std::nullopt);
  EXPECT_EQ(cache_reach(plan_of({}, {{0, highest - 7}}), {}), std::nullopt);
  EXPECT_EQ(cache_reach(plan_of({}, {{0, highest - 8}}), {}), (Reach{highest - 8, highest}));
}

TEST(Reach, ADifferenceTakesTheNumberBehindToo) {
  jit::Plan plan = plan_of({{jit::LoopKind::strided, 4, 4}}, {{0, 0}});
  plan.storage = {jit::Scalar::i32, jit::Decode::difference};
  const std::array<std::int64_t, 1> extents{10};
  EXPECT_EQ(source_reach(plan, extents, {}), (Reach{0, 44}));
}

TEST(Reach, OfATarget) {
  jit::Plan plan = plan_of({}, {{0, 0, 0, 0, 8}, {0, 8, 0, 0, -4}});
  plan.storage.type = jit::Scalar::f32;
  plan.target_stride = 12;
  EXPECT_EQ(target_reach(plan, 10), (Reach{-4, 120}));
  EXPECT_EQ(target_reach(plan, 0), (Reach{}));
  EXPECT_EQ(target_reach(plan, highest), std::nullopt);
  plan.target_stride = -12;
  EXPECT_EQ(target_reach(plan, 2), (Reach{-16, 12}));
  plan.transform = jit::Transform::point;
  plan.component_step = 6;
  EXPECT_EQ(target_reach(plan, 2), (Reach{-16, 24}));
}

TEST(Reach, PointersHaveNone) {
  const std::int64_t one[] = {1};
  const std::int64_t none[] = {0};
  const jit::Plan plan = plan_of({{jit::LoopKind::pointers, 0, 8}}, {{0, 0}});
  EXPECT_EQ(source_reach(plan, one, {}), std::nullopt);
  EXPECT_EQ(source_reach(plan, none, {}), Reach{});
  EXPECT_EQ(cache_reach(plan, one), (Reach{0, 8}));
}

TEST(Reach, CountsItems) {
  const jit::Plan plan = plan_of({{}, {}}, {{0, 0}, {2, 8}, {4, 16}});
  const auto count = [&](std::int64_t a, std::int64_t b) {
    const std::int64_t extents[] = {a, b};
    return item_count(plan, extents);
  };
  EXPECT_EQ(count(4, 5), 60);
  EXPECT_EQ(count(highest, 0), 0);
  EXPECT_EQ(count(highest, 1), std::nullopt);
  EXPECT_EQ(count(-1, 5), std::nullopt);
}

} // namespace
