// tests/jit/kernel_test.cpp: kernels from registry to disk.
#include "jit/disk_cache.hpp"
#include "tests/jit/kernel_testing.hpp"

#include <cstring>
#include <fstream>
#include <sys/wait.h>
#include <unistd.h>

namespace rnaslicer::jit {
namespace {

/// The first kernel in a cache's folder, where texts for debuggers lie, too.
fs::path kernel_file(const fs::path& folder) {
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".kernel")
      return entry.path();
  return {};
}

TEST_F(KernelTest, IsSharedBySignature) {
  const auto plan = parse(positions);
  const auto before = cache_info();
  EXPECT_FALSE(has_kernel(signature(plan)));
  const auto kernel = find_kernel(plan);
  EXPECT_TRUE(has_kernel(signature(plan)));
  auto nested = plan;
  nested.loops.insert(nested.loops.begin(), {LoopKind::strided, 1000, 900});
  EXPECT_EQ(find_kernel(nested), kernel) << "outer loops are run-time arguments";
  auto other = plan;
  other.loops.back().source_stride = 20;
  EXPECT_NE(find_kernel(other), kernel);
  EXPECT_EQ(kernels().size(), 2U);
  EXPECT_EQ(kernels().front(), kernel);
  const auto info = cache_info();
  EXPECT_EQ(info.memory_kernels, 2U);
  EXPECT_EQ(info.memory_hits - before.memory_hits, 1U);
  EXPECT_EQ(info.memory_misses - before.memory_misses, 2U);
  EXPECT_EQ(kernel->signature(), signature(plan));
  EXPECT_EQ(kernel->plan(), compiled_part(plan));
}

TEST_F(KernelTest, OriginsFollowTheEntry) {
  const auto plan = parse(positions);
  auto kernel = find_kernel(plan);
  EXPECT_EQ(kernel->statistics(Direction::refresh).origin, Origin::interpreter);
  EXPECT_EQ(kernel->prepare(Direction::refresh), Origin::compiled);
  EXPECT_EQ(kernel->prepare(Direction::refresh), Origin::memory);
  EXPECT_EQ(kernel->statistics(Direction::refresh).origin, Origin::compiled);
  EXPECT_GT(kernel->statistics(Direction::refresh).compile_seconds, 0);
  EXPECT_EQ(kernel->statistics(Direction::update).origin, Origin::interpreter);
  EXPECT_EQ(kernel->trouble(), "");
  EXPECT_EQ(cache_info().disk_files, 1U);

  kernel = fresh(plan);
  EXPECT_EQ(kernel->prepare(Direction::refresh), Origin::disk);
  EXPECT_EQ(kernel->statistics(Direction::refresh).origin, Origin::disk);

  settings.disk_cache = false;
  configure(settings);
  EXPECT_EQ(fresh(plan)->prepare(Direction::refresh), Origin::compiled);
}

TEST_F(KernelTest, TextsFromDiskEqualTheCompiledOnes) {
  const auto plan = parse(positions);
  for (auto direction : {Direction::refresh, Direction::update}) {
    auto kernel = fresh(plan);
    EXPECT_EQ(kernel->ir(direction), "");
    EXPECT_EQ(kernel->assembly(direction), "");
    ASSERT_EQ(kernel->prepare(direction), Origin::compiled);
    const auto ir = kernel->ir(direction);
    const auto assembly = kernel->assembly(direction);
    const auto symbol = "rnaslicer_" + signature(plan).hex() +
                        (direction == Direction::refresh ? "_refresh" : "_update");
    EXPECT_NE(ir.find("@" + symbol + "("), std::string::npos) << ir;
    EXPECT_NE(assembly.find("ret"), std::string::npos) << assembly;
    kernel = fresh(plan);
    ASSERT_EQ(kernel->prepare(direction), Origin::disk);
    EXPECT_EQ(kernel->ir(direction), ir);
    EXPECT_EQ(kernel->assembly(direction), assembly);
    expect_same(*kernel, plan, direction, {1000}, 16000, 12000);
  }
}

TEST_F(KernelTest, DamagedAndStaleFilesAreCompiledAnew) {
  const auto plan = parse(positions);
  find_kernel(plan)->prepare(Direction::refresh);
  const auto file = kernel_file(settings.cache_directory);
  std::ifstream stream(file, std::ios::binary);
  const std::string good((std::istreambuf_iterator<char>(stream)), {});
  const auto try_with = [&](const std::string& bytes) {
    std::ofstream(file, std::ios::binary) << bytes;
    const auto before = cache_info();
    const auto kernel = fresh(plan);
    EXPECT_EQ(kernel->prepare(Direction::refresh), Origin::compiled);
    EXPECT_EQ(cache_info().disk_rejected - before.disk_rejected, 1U);
    EXPECT_EQ(kernel->trouble(), "");
    expect_same(*kernel, plan, Direction::refresh, {1000}, 16000, 12000);
    EXPECT_EQ(fresh(plan)->prepare(Direction::refresh), Origin::disk) << "and stored again";
  };
  auto flipped = good;
  flipped[flipped.size() / 2] ^= 1;
  try_with(flipped);
  try_with(good.substr(0, 1000));
  try_with("");
  // Intact, but of another version: the key inside tells.
  try_with(encode("rnaslicer 0.0.1", {1, "object", "ir"}));
}

TEST_F(KernelTest, AnObjectThatCannotBeLinkedIsCompiledAnew) {
  const auto plan = parse(positions);
  find_kernel(plan)->prepare(Direction::refresh);
  const auto file = kernel_file(settings.cache_directory);
  std::ifstream stream(file, std::ios::binary);
  const std::string good((std::istreambuf_iterator<char>(stream)), {});
  FileHeader header{};
  std::memcpy(&header, good.data(), sizeof header);
  const auto key = good.substr(sizeof header, header.key_size);
  std::ofstream(file, std::ios::binary) << encode(key, {1, "no object", "no ir"});
  const auto kernel = fresh(plan);
  EXPECT_EQ(kernel->prepare(Direction::refresh), Origin::compiled);
  expect_same(*kernel, plan, Direction::refresh, {1000}, 16000, 12000);
}

TEST_F(KernelTest, TheKeyNamesWhatShapesTheCode) {
  find_kernel(parse(positions))->prepare(Direction::refresh);
  const auto file = kernel_file(settings.cache_directory);
  std::ifstream stream(file, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(stream)), {});
  for (const auto& part :
       {std::string("llvm ") + std::string(llvm_version()), "cpu " + target(host_tier()).cpu,
        "tier " + std::string(tier_name(host_tier())), std::string("_refresh\n"),
        std::string("loop strided source 16 cache 12")})
    EXPECT_NE(bytes.find(part), std::string::npos) << part;
}

TEST_F(KernelTest, AnUnwritableDiskIsHarmless) {
  std::ofstream(root / "file") << "in the way";
  settings.cache_directory = (root / "file/kernels").string();
  configure(settings);
  const auto plan = parse(positions);
  const auto kernel = find_kernel(plan);
  EXPECT_EQ(kernel->prepare(Direction::refresh), Origin::compiled);
  EXPECT_EQ(kernel->trouble(), "");
  EXPECT_NE(cache_info().disk_trouble, "");
  expect_same(*kernel, plan, Direction::refresh, {1000}, 16000, 12000);
}

TEST_F(KernelTest, JitOffMeansInterpreterAlsoForHandedOutKernels) {
  const auto plan = parse(positions);
  const auto kernel = find_kernel(plan);
  kernel->prepare(Direction::refresh);
  settings.jit = false;
  configure(settings);
  EXPECT_EQ(kernel->prepare(Direction::update), Origin::interpreter);
  EXPECT_EQ(kernel->statistics(Direction::refresh).origin, Origin::interpreter);
  EXPECT_NE(kernel->trouble(), "");
  expect_same(*kernel, plan, Direction::update, {1000}, 16000, 12000);
  EXPECT_EQ(kernel->ir(Direction::update), "");
  settings.jit = true;
  configure(settings);
  EXPECT_EQ(kernel->statistics(Direction::refresh).origin, Origin::compiled);
  EXPECT_EQ(kernel->prepare(Direction::refresh), Origin::memory);
}

TEST_F(KernelTest, EveryTierOfThisCpuGivesTheSameBytes) {
  const auto plan = parse(positions);
  const auto kernel = find_kernel(plan);
  for (auto tier : {Tier::baseline, Tier::avx2, Tier::avx512}) {
    settings.tier = tier_name(tier);
    if (tier > host_tier()) {
      EXPECT_THROW(configure(settings), std::invalid_argument);
      continue;
    }
    configure(settings);
    EXPECT_EQ(cache_info().tier, tier_name(tier));
    EXPECT_EQ(kernel->prepare(Direction::refresh), Origin::compiled) << "one file per tier";
    for (auto direction : {Direction::refresh, Direction::update})
      expect_same(*kernel, plan, direction, {1000}, 16000, 12000);
  }
  settings.tier = "z80";
  EXPECT_THROW(configure(settings), std::invalid_argument);
}

TEST_F(KernelTest, CountsWhatItDoes) {
  const auto plan = parse(positions);
  const auto kernel = find_kernel(plan);
  Bytes source(16000);
  Bytes cache(12000);
  const std::vector<std::int64_t> many{1000};
  const std::vector<std::int64_t> none{0};
  kernel->run(plan, Direction::refresh, {source.data(), cache.data(), many, {}});
  kernel->run(plan, Direction::refresh, {source.data(), cache.data(), none, {}});
  const auto statistics = kernel->statistics(Direction::refresh);
  EXPECT_EQ(statistics.calls, 2U);
  EXPECT_EQ(statistics.bytes, 12000U);
  EXPECT_GT(statistics.seconds, 0);
  EXPECT_EQ(kernel->statistics(Direction::update).calls, 0U);
}

TEST_F(KernelTest, RunsSeveralTransfersAsOne) {
  const auto plan = parse(positions);
  const auto kernel = find_kernel(plan);
  constexpr std::size_t count = 40;
  constexpr std::size_t source_bytes = 1600;
  constexpr std::size_t cache_bytes = 1200;
  std::vector<std::vector<std::int64_t>> extents;
  for (std::size_t i = 0; i < count; ++i)
    extents.push_back({static_cast<std::int64_t>(i % 7 == 3   ? 0
                                                 : i % 7 == 5 ? i % 3 + 1
                                                              : 60 + i)});
  for (const Direction direction : {Direction::refresh, Direction::update}) {
    Bytes source = pattern(count * source_bytes, 1);
    Bytes cache = pattern(count * cache_bytes, 2);
    Bytes expected_source = source;
    Bytes expected_cache = cache;
    std::vector<Transfer> all;
    std::uint64_t bytes = 0;
    for (std::size_t i = 0; i < count; ++i) {
      interpret(plan, direction,
                {expected_source.data() + i * source_bytes,
                 expected_cache.data() + i * cache_bytes,
                 extents[i],
                 {}});
      all.push_back(
          {source.data() + i * source_bytes, cache.data() + i * cache_bytes, extents[i], {}});
      bytes += static_cast<std::uint64_t>(extents[i].front()) * 12;
    }
    kernel->run(plan, direction, all);
    EXPECT_TRUE(source == expected_source);
    EXPECT_TRUE(cache == expected_cache);
    EXPECT_EQ(kernel->statistics(direction).calls, 1U);
    EXPECT_EQ(kernel->statistics(direction).bytes, bytes);
  }
}

TEST_F(KernelTest, ChecksAllTransfersBeforeTheFirst) {
  const auto plan = parse(positions);
  const auto kernel = find_kernel(plan);
  Bytes source = pattern(1600, 1);
  Bytes cache = pattern(1200, 2);
  const Bytes before = cache;
  const std::vector<std::int64_t> good{100};
  const std::vector<Transfer> all{{source.data(), cache.data(), good, {}},
                                  {source.data(), cache.data(), {}, {}}};
  EXPECT_THROW(kernel->run(plan, Direction::refresh, all), std::invalid_argument);
  EXPECT_TRUE(cache == before);
  kernel->run(plan, Direction::refresh, std::span<const Transfer>());
  EXPECT_EQ(kernel->statistics(Direction::refresh).bytes, 0U);
}

TEST_F(KernelTest, FewItemsAreInterpretedUntilThereIsCode) {
  const auto plan = parse(positions);
  const auto kernel = find_kernel(plan);
  for (std::int64_t count = 0; count <= 85; ++count)
    expect_same(*kernel, plan, Direction::refresh, {count}, 1440, 1080);
  EXPECT_EQ(kernel->statistics(Direction::refresh).origin, Origin::interpreter);
  expect_same(*kernel, plan, Direction::refresh, {90}, 1440, 1080);
  EXPECT_EQ(kernel->statistics(Direction::refresh).origin, Origin::compiled);
  for (std::int64_t count = 0; count <= 85; ++count)
    expect_same(*kernel, plan, Direction::refresh, {count}, 1440, 1080);
}

TEST_F(KernelTest, RefusesPlansAndExtentsThatAreNotItsOwn) {
  const auto plan = parse(positions);
  const auto kernel = find_kernel(plan);
  Bytes memory(16000);
  const std::vector<std::int64_t> extents{10};
  auto other = plan;
  other.lanes[1].source = 5;
  EXPECT_THROW(kernel->run(other, Direction::refresh, {memory.data(), memory.data(), extents, {}}),
               std::invalid_argument);
  EXPECT_THROW(kernel->run(plan, Direction::refresh, {memory.data(), memory.data(), {}, {}}),
               std::invalid_argument);
}

TEST_F(KernelTest, TwoProcessesShareTheDisk) {
  const auto plan = parse(positions);
  const auto rejected = cache_info().disk_rejected;
  for (int process = 0; process < 3; ++process) {
    if (fork() != 0)
      continue;
    for (int i = 0; i < 20; ++i) {
      clear_cache(true, i % 5 == 0);
      const auto kernel = find_kernel(plan);
      kernel->prepare(Direction::refresh);
      expect_same(*kernel, plan, Direction::refresh, {100}, 1600, 1200);
      if (!kernel->trouble().empty())
        std::_Exit(1);
    }
    std::_Exit(HasFailure() || cache_info().disk_rejected != rejected ? 1 : 0);
  }
  for (int process = 0; process < 3; ++process) {
    int status = 0;
    wait(&status);
    EXPECT_EQ(status, 0);
  }
}

} // namespace
} // namespace rnaslicer::jit
