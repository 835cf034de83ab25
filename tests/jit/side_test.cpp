// tests/jit/side_test.cpp: kernels whose tables and targets come as arguments.
#include "jit/walk.hpp"
#include "tests/jit/kernel_testing.hpp"

#include <array>
#include <cmath>
#include <numeric>
#include <vector>

namespace rnaslicer::jit {
namespace {

Bytes all_bytes(std::size_t size) {
  Bytes result(size);
  for (std::size_t i = 0; i < size; ++i)
    result[i] = static_cast<std::byte>(i * 37 + (i >> 8U));
  return result;
}

class SideDataTest : public KernelTest {};

Lookup bent(float power, std::uint8_t nan) {
  std::array<float, 256> values{};
  std::array<float, 255> thresholds{};
  for (std::size_t i = 0; i < 256; ++i)
    values.at(i) = std::pow(static_cast<float>(i) / 255, power);
  for (std::size_t i = 0; i < 255; ++i)
    thresholds.at(i) = std::pow((static_cast<float>(i) + 0.5F) / 255, power);
  return {values, thresholds, nan};
}

/// One kernel, other tables from call to call, also when it came from disk and on several threads.
TEST_F(SideDataTest, LooksUpWhatItIsGiven) {
  settings.threads = 3;
  configure(settings);
  const auto plan = parse("plan 1\nstorage u8 lookup\nvalue f32\nformat f32\n"
                          "loop strided source 2 cache 8\n"
                          "lanes 2\nlane 0 -> 0\nlane 1 -> 4 lookup 1\n");
  constexpr std::int64_t count = 700'001;
  const std::vector<std::int64_t> extents{count};
  const std::array tables{bent(1, 0), bent(2.2F, 9), bent(1.8F, 200)};
  for (const auto origin : {Origin::compiled, Origin::disk}) {
    clear_cache(true, false);
    const auto kernel = find_kernel(plan);
    for (const std::size_t first : {0U, 1U, 0U, 2U}) {
      const std::array lookups{&tables[first], &tables[(first + 1) % 3]};
      Bytes source = all_bytes(2 * count);
      Bytes cache(8 * count);
      Bytes expected = cache;
      kernel->run(plan, Direction::refresh, {source.data(), cache.data(), extents, {}, lookups});
      interpret(plan, Direction::refresh, {source.data(), expected.data(), extents, {}, lookups});
      EXPECT_TRUE(cache == expected);
      Bytes stored(2 * count);
      kernel->run(plan, Direction::update, {stored.data(), cache.data(), extents, {}, lookups});
      EXPECT_TRUE(stored == source);
    }
    EXPECT_EQ(kernel->statistics(Direction::refresh).origin, origin);
    EXPECT_EQ(kernel->statistics(Direction::update).origin, origin);
  }
}

TEST_F(SideDataTest, RefusesWithoutTablesAndInTheWrongDirection) {
  const auto lookup = parse("plan 1\nstorage u8 lookup\nvalue f32\nformat f32\n"
                            "lanes\nlane 0 -> 0 lookup 1\n");
  const auto difference = parse("plan 1\nstorage i32 difference\nvalue i32\nformat i32\n"
                                "lanes\nlane 0 -> 0\n");
  std::array<std::byte, 8> memory{};
  const Transfer transfer{memory.data(), memory.data(), {}, {}};
  EXPECT_THROW(find_kernel(lookup)->run(lookup, Direction::refresh, transfer),
               std::invalid_argument);
  EXPECT_THROW(find_kernel(difference)->run(difference, Direction::update, transfer),
               std::invalid_argument);
  EXPECT_EQ(find_kernel(difference)->prepare(Direction::update), Origin::interpreter);
}

/// A single bad index among many, wherever it lies, on one thread or several.
TEST_F(SideDataTest, ABadIndexIsNamedAndNothingIsWritten) {
  const auto plan = parse("plan 1\nstorage i32\nthrough stride 4\nvalue i32\nformat i32\n"
                          "loop strided source 4 cache 4\nlanes\nlane 0 -> 0\n");
  constexpr std::int64_t count = 1'500'001;
  const std::vector<std::int64_t> extents{count};
  std::vector<std::int32_t> target(1000);
  std::iota(target.begin(), target.end(), 5);
  const auto kernel = find_kernel(plan);
  for (const unsigned threads : {1U, 4U}) {
    settings.threads = threads;
    configure(settings);
    for (const std::int64_t at : {std::int64_t{-1}, std::int64_t{0}, count / 2, count - 1}) {
      std::vector<std::int32_t> source(count);
      for (std::int64_t i = 0; i < count; ++i)
        source[static_cast<std::size_t>(i)] = static_cast<std::int32_t>(i * 7 % 1000);
      if (at >= 0)
        source[static_cast<std::size_t>(at)] = at == 0 ? 1000 : INT32_MIN;
      std::vector<std::int32_t> cache(count);
      const Transfer transfer{reinterpret_cast<std::byte*>(source.data()),
                              reinterpret_cast<std::byte*>(cache.data()),
                              extents,
                              {},
                              {},
                              {reinterpret_cast<std::byte*>(target.data()), 1000}};
      EXPECT_EQ(parallelism(Nest(plan, transfer), plan, Direction::refresh, transfer, 64, threads),
                threads);
      if (at >= 0)
        EXPECT_THROW(kernel->run(plan, Direction::refresh, transfer), BadIndex);
      else
        kernel->run(plan, Direction::refresh, transfer);
      for (std::int64_t i = 0; i < count; ++i)
        ASSERT_EQ(cache[static_cast<std::size_t>(i)], at >= 0 ? 0 : i * 7 % 1000 + 5);
    }
  }
  EXPECT_EQ(kernel->trouble(), "");
}

/// In a cache that nobody has seen yet the pass itself may meet it; what an update writes somebody
/// sees.
TEST_F(SideDataTest, ABadIndexIsNamedWhereThePassMeetsIt) {
  const auto plan = parse("plan 1\nstorage f32\nthrough stride 12\nvalue f32\nformat f32\n"
                          "loop strided source 4 cache 12\nlanes 3\nlane 0 -> 0\nlane 0 -> 4 at 4\n"
                          "lane 0 -> 8 at 8\n");
  constexpr std::int64_t count = 300;
  constexpr std::int32_t elements = 7;
  const std::vector<std::int64_t> extents{count};
  const auto kernel = find_kernel(plan);
  for (const std::int64_t at : {std::int64_t{0}, count / 2, count - 1})
    for (const std::int32_t bad : {elements, -1, INT32_MIN, INT32_MAX}) {
      std::vector<std::int32_t> source(count, elements - 1);
      source[static_cast<std::size_t>(at)] = bad;
      std::vector<float> cache(std::size_t{3} * count);
      std::vector<float> target(std::size_t{3} * elements, 1);
      Transfer transfer{reinterpret_cast<std::byte*>(source.data()),
                        reinterpret_cast<std::byte*>(cache.data()),
                        extents,
                        {},
                        {},
                        {reinterpret_cast<std::byte*>(target.data()), elements}};
      transfer.fresh = true;
      const auto expect_named = [&](auto run) {
        try {
          run();
          ADD_FAILURE() << bad << " at " << at;
        } catch (const BadIndex& error) {
          EXPECT_EQ(error.index, bad);
          EXPECT_EQ(error.place, (std::vector<std::int64_t>{at, 0})); // the first lane
        }
      };
      expect_named([&] { kernel->run(plan, Direction::refresh, transfer); });
      expect_named([&] { interpret(plan, Direction::refresh, transfer); });
      expect_named([&] { kernel->run(plan, Direction::update, transfer); });
      expect_named([&] { interpret(plan, Direction::update, transfer); });
      EXPECT_EQ(target, std::vector<float>(target.size(), 1));
    }
}

/// Of arrays around the lengths that are looked at in one go, wherever the index lies, also where
/// other numbers, which need not be good, lie between.
TEST_F(SideDataTest, ABadIndexIsFoundAtEachPlace) {
  constexpr std::int32_t elements = 9;
  std::array<std::int32_t, elements> target{};
  for (const std::int64_t step : {1, 2, 3, 4, 5}) {
    const auto plan = parse("plan 1\nstorage i32\nthrough stride 4\nvalue i32\nformat i32\n"
                            "loop strided source " +
                            std::to_string(4 * step) + " cache 4\nlanes\nlane 0 -> 0\n");
    for (std::int64_t count = 1; count <= 200; count += step) {
      std::vector<std::int32_t> source(static_cast<std::size_t>((count - 1) * step + 1), INT32_MIN);
      std::vector<std::int32_t> cache(static_cast<std::size_t>(count));
      for (std::int64_t i = 0; i < count; ++i)
        source[static_cast<std::size_t>(i * step)] = elements - 1;
      const std::vector<std::int64_t> extents{count};
      const Transfer transfer{reinterpret_cast<std::byte*>(source.data()),
                              reinterpret_cast<std::byte*>(cache.data()),
                              extents,
                              {},
                              {},
                              {reinterpret_cast<std::byte*>(target.data()), elements}};
      EXPECT_NO_THROW(check_transfer(plan, Direction::refresh, transfer));
      for (std::int64_t at = 0; at < count; ++at)
        for (const std::int32_t bad : {elements, -1, INT32_MIN, INT32_MAX}) {
          source[static_cast<std::size_t>(at * step)] = bad;
          try {
            check_transfer(plan, Direction::refresh, transfer);
            ADD_FAILURE() << bad << " at " << at << " of " << count;
          } catch (const BadIndex& error) {
            EXPECT_EQ(error.index, bad);
            EXPECT_EQ(error.place, std::vector<std::int64_t>{at});
          }
          source[static_cast<std::size_t>(at * step)] = elements - 1;
        }
    }
  }
}

} // namespace
} // namespace rnaslicer::jit
