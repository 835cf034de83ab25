// tests/jit/interpret_test.cpp: the interpreter against an oracle that works element by element.
#include "tests/jit/oracle.hpp"
#include "tests/jit/random_plan.hpp"

#include <gtest/gtest.h>
#include <numeric>

namespace rnaslicer::jit::test {
namespace {

constexpr std::array directions{Direction::refresh, Direction::update};

/// Seeds are sequential: a failure names the one to run again.
void expect_equal_cases(std::uint64_t first, std::uint64_t count, const Options& options) {
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    const Case c = random_case(seed, options);
    ASSERT_EQ(verify(c.plan), "") << c.text();
    for (const Direction direction : directions)
      ASSERT_EQ(compare(c, direction, oracle, interpret), "");
  }
}

TEST(Interpret, EqualsTheOracleOnRandomPlans) { expect_equal_cases(1, 4000, {}); }

TEST(Interpret, EqualsTheOracleWithPointers) {
  Options options;
  options.innermost = LoopKind::pointers;
  expect_equal_cases(100'000, 1000, options);
}

TEST(Interpret, EqualsTheOracleWithManyLanes) {
  Options options;
  options.lanes = static_cast<std::int64_t>(max_lanes);
  options.max_extent = 600;
  expect_equal_cases(200'000, 500, options);
}

TEST(Interpret, EqualsTheOracleWithTablesTargetsAndMasks) {
  Options options;
  options.special = true;
  expect_equal_cases(250'000, 3000, options);
}

TEST(Interpret, EqualsTheOracleForEachPairOfTypes) {
  Options options;
  options.max_extent = 300;
  std::uint64_t seed = 300'000;
  for (std::size_t storage = 0; storage < scalar_infos.size(); ++storage)
    for (const Scalar value : {Scalar::b1, Scalar::i32, Scalar::f32})
      for (std::size_t format = 0; format < scalar_infos.size(); ++format) {
        Plan probe;
        probe.storage.type = static_cast<Scalar>(storage);
        probe.value = value;
        probe.lanes = {{0, 0}};
        if (!verify(probe).empty())
          continue;
        options.storage = probe.storage;
        options.value = value;
        options.format = static_cast<Scalar>(format);
        expect_equal_cases(seed, 8, options);
        seed += 8;
      }
}

} // namespace
} // namespace rnaslicer::jit::test
