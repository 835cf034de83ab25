// tests/jit/verify_test.cpp: what the verifier refuses, in which words, and what it must let pass.
#include "tests/jit/random_plan.hpp"

#include <gtest/gtest.h>
#include <set>

namespace rnaslicer::jit::test {
namespace {

/// f32×3 at stride 12, packed in the cache: a mesh's vertex positions.
Plan positions() {
  Plan plan;
  plan.loops = {{LoopKind::strided, 12, 12}};
  plan.lane_shape = {3};
  plan.lanes = {{0, 0}, {4, 4}, {8, 8}};
  return plan;
}

TEST(Verify, RandomPlansAreWellFormed) {
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    const Plan plan = random_case(seed, {.max_extent = 4}).plan;
    ASSERT_EQ(verify(plan), "") << "seed " << seed << "\n" << print(plan);
    ASSERT_EQ(verify(compiled_part(plan)), "") << "seed " << seed << "\n" << print(plan);
  }
}

TEST(Verify, EachBrokenRuleGetsItsSentence) {
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 200 * mutation_count(); ++seed) {
    const Broken broken = random_broken(seed);
    const std::string said = verify(broken.plan);
    ASSERT_NE(said.find(broken.sentence), std::string::npos)
        << "seed " << seed << ", " << broken.mutation << ": \"" << said << "\" should contain \""
        << broken.sentence << "\"";
    ASSERT_EQ(said.back(), '.');
    seen.insert(broken.mutation);
  }
  EXPECT_EQ(seen.size(), mutation_count());
}

TEST(Verify, PropertiesSideBySideInTheCachePass) {
  Plan plan = positions(); // one of three properties of (n, 3, 3)
  plan.loops[0].cache_stride = 36;
  for (Lane& lane : plan.lanes)
    lane.cache += 24;
  EXPECT_EQ(verify(plan), "");
}

/// Lanes further apart than the loop's step, where the steps fall into the gaps.
TEST(Verify, StepsBetweenLanesPass) {
  Plan plan = positions();
  plan.lanes = {{0, 0}, {4, 100}, {8, 200}};
  plan.loops[0].cache_stride = 8;
  EXPECT_EQ(verify(plan), "Two steps of loop 0 overlap in the cache."); // 200 is 25 of them
  plan.loops[0].cache_stride = 300;
  EXPECT_EQ(verify(plan), "");
  plan.loops[0].cache_stride = 104; // 104 is clear of 100, 208 of 200
  EXPECT_EQ(verify(plan), "");
  plan.loops[0].cache_stride = -104;
  EXPECT_EQ(verify(plan), "");
  plan.loops[0].cache_stride = 103;
  EXPECT_EQ(verify(plan), "Two steps of loop 0 overlap in the cache.");
}

TEST(Verify, WhatSizesOfAxesMakeOfOuterStridesPasses) {
  Plan plan = positions();
  plan.loops.insert(plan.loops.begin(), {LoopKind::strided, 12, 12}); // inner axis of one entry
  EXPECT_EQ(verify(plan), "");
  plan.loops[0].cache_stride = 0; // inner axis of none
  EXPECT_EQ(verify(plan), "");
  plan.loops[1].cache_stride = 0;
  EXPECT_EQ(verify(plan), "Two steps of loop 1 overlap in the cache.");
}

TEST(Verify, TheSourceMayRepeatAndOverlap) {
  Plan plan = positions();
  plan.lanes = {{0, 0}, {0, 4}, {1, 8}};
  plan.loops[0].source_stride = 0;
  EXPECT_EQ(verify(plan), "");
}

TEST(Verify, PointersPassWhereNothingIsDiscarded) {
  Plan plan = positions();
  plan.loops = {{LoopKind::pointers, 8, 1200}, {LoopKind::strided, 12, 12}};
  EXPECT_EQ(verify(plan), "");
  plan.loops = {{LoopKind::strided, 0, 1200}, {LoopKind::pointers, 8, 12}};
  EXPECT_EQ(verify(plan), "");
  plan.loops = {{LoopKind::strided, 8, 1200}, {LoopKind::pointers, 8, 12}};
  EXPECT_EQ(verify(plan), "Loop 1 follows pointers, which would discard the source address of the "
                          "loops outside of it.");
}

TEST(Verify, BoundsOfTheValueTypePass) {
  Plan plan = positions();
  constexpr double infinity = std::numeric_limits<double>::infinity();
  plan.clamp = Clamp{static_cast<double>(-std::numeric_limits<float>::max()), infinity};
  EXPECT_EQ(verify(plan), "");
  plan.storage.type = Scalar::i16;
  plan.value = Scalar::i32;
  EXPECT_NE(verify(plan), "");
  plan.clamp = Clamp{-2147483648.0, 2147483647.0};
  EXPECT_EQ(verify(plan), "");
  plan.value = Scalar::b1;
  EXPECT_EQ(verify(plan), "");
}

TEST(Verify, WholeLimitsPass) {
  Plan plan;
  plan.loops.assign(max_loops, {LoopKind::strided, 0, 1 << 20});
  plan.lane_shape = {16, 16};
  for (std::int64_t i = 0; i < 256; ++i)
    plan.lanes.push_back({0, 4 * i});
  EXPECT_EQ(verify(plan), "");
  plan.storage = {Scalar::i64, Decode::flag, std::uint64_t{1} << 63U, false};
  plan.value = Scalar::b1;
  EXPECT_EQ(verify(plan), "");
}

TEST(Verify, APlanWithoutLanesIsRefused) {
  EXPECT_EQ(verify(Plan{}), "There are 0 lanes where the lane shape makes 1.");
}

} // namespace
} // namespace rnaslicer::jit::test
