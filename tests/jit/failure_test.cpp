// tests/jit/failure_test.cpp: kernels that cannot be compiled, and the rights of code pages.
#include "jit/engine.hpp"
#include "jit/faults.hpp"
#include "jit/kernel.hpp"
#include "tests/jit/random_plan.hpp"

#include <fstream>
#include <gtest/gtest.h>
#include <set>
#include <sstream>

namespace rnaslicer::jit {
namespace {

class FailureTest : public testing::Test {
 protected:
  void SetUp() override {
    settings.disk_cache = false;
    configure(settings);
    clear_cache(true, false);
  }
  void TearDown() override {
    inject(Fault::compile, 0, 0);
    configure({});
    clear_cache(true, false);
  }
  Configuration settings;
};

TEST_F(FailureTest, WhatCannotBeCompiledIsInterpreted) {
  inject(Fault::compile, 0, 1'000'000);
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const auto c = test::random_case(seed);
    const auto kernel = find_kernel(c.plan);
    for (auto direction : {Direction::refresh, Direction::update}) {
      EXPECT_EQ(kernel->prepare(direction), Origin::interpreter);
      EXPECT_NE(kernel->trouble(), "");
      const auto run = [&](const Plan& plan, Direction d, const Transfer& transfer) {
        kernel->run(plan, d, transfer);
      };
      ASSERT_EQ(test::compare(c, direction, interpret, run), "") << "seed " << seed;
      EXPECT_EQ(kernel->statistics(direction).origin, Origin::interpreter);
      EXPECT_EQ(kernel->ir(direction) + kernel->assembly(direction), "");
    }
  }
  inject(Fault::compile, 0, 0);
  clear_cache(true, false);
  const auto kernel = find_kernel(test::random_case(1).plan);
  EXPECT_EQ(kernel->prepare(Direction::refresh), Origin::compiled) << "tried anew";
  EXPECT_EQ(kernel->trouble(), "");
}

TEST_F(FailureTest, OneEntryMayFailWithoutTheOther) {
  const auto plan = parse("plan 1\nstorage f32\nvalue f32\nformat f32\n"
                          "loop strided source 16 cache 4\nlanes\nlane 0 -> 0\n");
  const auto kernel = find_kernel(plan);
  inject(Fault::compile, 0, 1);
  EXPECT_EQ(kernel->prepare(Direction::update), Origin::interpreter);
  EXPECT_EQ(kernel->prepare(Direction::refresh), Origin::compiled);
  EXPECT_EQ(kernel->prepare(Direction::update), Origin::interpreter) << "not tried for each run";
  EXPECT_NE(kernel->trouble(), "");
}

std::set<std::string> pages(const std::string& rights) {
  std::set<std::string> found;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    std::istringstream words(line);
    std::string range;
    std::string its;
    words >> range >> its;
    if (its.find(rights) != std::string::npos)
      found.insert(range);
  }
  return found;
}

TEST_F(FailureTest, NoPageOfManyKernelsIsWritableAndExecutable) {
  EXPECT_EQ(pages("wx").size(), 0U);
  std::vector<std::shared_ptr<Kernel>> held;
  std::size_t compiled = 0;
  for (auto tier : {Tier::baseline, host_tier()}) {
    settings.tier = tier_name(tier);
    configure(settings);
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
      held.push_back(find_kernel(test::random_case(seed).plan));
      for (auto direction : {Direction::refresh, Direction::update})
        compiled += held.back()->prepare(direction) == Origin::compiled ? 1U : 0U;
      ASSERT_EQ(pages("wx").size(), 0U) << "seed " << seed;
      if (seed % 3 == 0)
        held.erase(held.begin()); // some are unmapped meanwhile
    }
    clear_cache(true, false);
  }
  EXPECT_GT(compiled, 60U);
  EXPECT_EQ(pages("wx").size(), 0U);
}

} // namespace
} // namespace rnaslicer::jit
