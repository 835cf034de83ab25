// tests/jit/threads_test.cpp: what several threads may do at once; run under TSan (preset tsan).
#include "jit/changes.hpp"
#include "jit/disk_cache.hpp"
#include "jit/engine.hpp"
#include "jit/kernel.hpp"
#include "jit/walk.hpp"

#include <array>
#include <atomic>
#include <filesystem>
#include <gtest/gtest.h>
#include <numeric>
#include <thread>
#include <vector>

namespace rnaslicer::jit {
namespace {

namespace fs = std::filesystem;

constexpr unsigned workers = 4;

template <class Work> void on_all(Work work) {
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < workers; ++i)
    threads.emplace_back([&work, i] { work(i); });
  for (auto& thread : threads)
    thread.join();
}

/// Kernels in C++, whose loads and stores TSan sees (not those of memcpy): three floats of every
/// four, and back.
void move_step(std::byte* to, const std::byte* from) {
  for (std::size_t i = 0; i < 3; ++i)
    reinterpret_cast<float*>(to)[i] = reinterpret_cast<const float*>(from)[i];
}
std::int64_t entry(std::int64_t i, const std::int64_t* table, std::int64_t step) {
  return table == nullptr ? i : table[i * step];
}
void refresh_positions(std::byte* source, std::byte* cache, std::int64_t count,
                       const std::int64_t* table, std::int64_t step, SideData* /*side*/) {
  for (std::int64_t i = 0; i < count; ++i)
    move_step(cache + i * 12, source + entry(i, table, step) * 16);
}
void update_positions(std::byte* source, std::byte* cache, std::int64_t count,
                      const std::int64_t* table, std::int64_t step, SideData* /*side*/) {
  for (std::int64_t i = 0; i < count; ++i)
    move_step(source + entry(i, table, step) * 16, cache + i * 12);
}

void expect_split(const std::string& loops, const std::vector<std::int64_t>& extents,
                  Direction direction, const std::vector<Table>& tables = {}) {
  const auto plan = parse("plan 1\nstorage f32\nvalue f32\nformat f32\n" + loops +
                          "lanes 3\nlane 0 -> 0\nlane 4 -> 4\nlane 8 -> 8\n");
  const auto steps = static_cast<std::size_t>(
      std::accumulate(extents.begin(), extents.end(), std::int64_t{1}, std::multiplies<>()));
  std::vector<float> source(4 * steps);
  std::vector<float> cache(3 * steps);
  std::iota(source.begin(), source.end(), 0.0F);
  std::iota(cache.begin(), cache.end(), 1e6F);
  auto expected_source = source;
  auto expected_cache = cache;
  const auto transfer = [&](std::vector<float>& from, std::vector<float>& to) {
    return Transfer{reinterpret_cast<std::byte*>(from.data()),
                    reinterpret_cast<std::byte*>(to.data()), extents, tables};
  };
  interpret(plan, direction, transfer(expected_source, expected_cache));
  const auto ours = transfer(source, cache);
  const Nest nest(plan, ours);
  const auto parts = parallelism(nest, plan, direction, ours, 16, workers);
  EXPECT_GT(parts, 1U) << loops;
  run_parallel(nest, direction == Direction::refresh ? refresh_positions : update_positions, ours,
               nullptr, 16, parts);
  EXPECT_TRUE(source == expected_source) << loops;
  EXPECT_TRUE(cache == expected_cache) << loops;
}

TEST(Threads, CopyWorkersTouchBytesOfTheirOwn) {
  constexpr std::int64_t count = 300'001;
  std::vector<std::int64_t> reversed(2 * count);
  for (std::int64_t i = 0; i < count; ++i)
    reversed[static_cast<std::size_t>(2 * i)] = count - 1 - i;
  const std::vector<Table> tables{{reversed.data(), 2}};
  for (auto direction : {Direction::refresh, Direction::update})
    expect_split("loop strided source 16 cache 12\n", {count}, direction);
  expect_split("loop indexed source 16 cache 12\n", {count}, Direction::refresh, tables);
  // Loops that do not merge.
  std::iota(reversed.begin(), reversed.end(), 0);
  expect_split("loop strided source 1600000 cache 1200000\nloop indexed source 16 cache 12\n",
               {3, 100'000}, Direction::refresh, {{}, {reversed.data(), 1}});
}

Plan positions() {
  return parse("plan 1\nstorage f32\nvalue f32\nformat f32\nloop strided source 16 cache 12\n"
               "lanes 3\nlane 0 -> 0\nlane 4 -> 4\nlane 8 -> 8\n");
}

TEST(Threads, AnyMayCompileLinkAndUnlink) {
  warm_up();
  std::atomic<int> good = 0;
  on_all([&good](unsigned worker) {
    const auto plan = positions();
    for (int round = 0; round < 3; ++round) {
      const auto symbol = "thread_" + std::to_string(worker % 2); // two share each name
      const auto direction = round % 2 == 0 ? Direction::refresh : Direction::update;
      const auto compiled = compile(plan, direction, Tier::baseline, false, symbol);
      const auto code = link(compiled.object, symbol);
      std::array<float, 400> source{};
      std::array<float, 300> cache{};
      source.fill(static_cast<float>(worker));
      cache.fill(static_cast<float>(worker));
      code->function()(reinterpret_cast<std::byte*>(source.data()),
                       reinterpret_cast<std::byte*>(cache.data()), 100, nullptr, 1, nullptr);
      good += source[0] == cache[0] && source[398] == cache[298] ? 1 : 0;
    }
  });
  EXPECT_EQ(good, 3 * workers);
}

TEST(Threads, ShareAFolderOfTheDiskCache) {
  std::string pattern = (fs::temp_directory_path() / "rnaslicer_test_XXXXXX").string();
  ASSERT_NE(mkdtemp(pattern.data()), nullptr);
  std::atomic<unsigned> torn = 0;
  on_all([&](unsigned worker) {
    DiskCache cache(pattern + "/kernels", 40 << 10U);
    for (int i = 0; i < 60; ++i) {
      const auto entry = "rnaslicer_" + std::to_string(i % 7);
      cache.store(entry, "key",
                  {1 + worker, std::string(3000, static_cast<char>('a' + worker)), entry});
      const auto got = cache.load(entry, "key");
      if (got && (got->ir != entry || got->object.size() != 3000))
        ++torn;
    }
    if (cache.counts.rejected != 0 || !cache.trouble().empty())
      ++torn;
  });
  EXPECT_EQ(torn, 0U);
  fs::remove_all(pattern);
}

TEST(Threads, FindTheRowsThatChangeEachInPartsOfItsOwn) {
  const auto plan = parse("plan 1\nstorage f32\nvalue f32\nformat f32\n"
                          "loop strided source 16 cache 12\nlanes 3\n"
                          "lane 0 -> 0\nlane 4 -> 4\nlane 8 -> 8\n");
  constexpr std::int64_t rows = 300000;
  std::vector<float> source(4 * rows);
  std::vector<float> cache(3 * rows);
  const std::array extents{rows};
  const auto move = [](const Transfer& part) {
    refresh_positions(part.source, part.cache, part.extents[0], nullptr, 1, nullptr);
    return true;
  };
  const auto bytes = [](std::vector<float>& all) {
    return reinterpret_cast<std::byte*>(all.data());
  };
  const std::vector<std::int64_t> places{0, 5461, 5462, rows / 2, rows - 1};
  for (const auto row : places)
    source[static_cast<std::size_t>(4 * row + 1)] = 7;
  Changes changes(bytes(cache), rows, 12);
  ASSERT_TRUE(changes.refresh(plan, {bytes(source), bytes(cache), extents, {}}, workers, move));
  EXPECT_EQ(changes.ranges(),
            (std::vector<std::int64_t>{0, 1, 5461, 5463, rows / 2, rows / 2 + 1, rows - 1, rows}));
  for (const auto row : places)
    EXPECT_EQ(cache[static_cast<std::size_t>(3 * row + 1)], 7);
}

} // namespace
} // namespace rnaslicer::jit
