// tests/jit/kernel_test.cpp: kernels from registry to disk, and their driver against the
// interpreter.
#include "jit/disk_cache.hpp"
#include "jit/engine.hpp"
#include "jit/kernel.hpp"
#include "jit/walk.hpp"
#include "tests/jit/random_plan.hpp"

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <numeric>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace rnaslicer::jit {
namespace {

namespace fs = std::filesystem;
using Bytes = std::vector<std::byte>;

const std::string positions = "plan 1\nstorage f32\nvalue f32\nformat f32\n"
                              "loop strided source 16 cache 12\n"
                              "lanes 3\nlane 0 -> 0\nlane 4 -> 4\nlane 8 -> 8\n";

Bytes pattern(std::size_t size, unsigned seed) {
  Bytes result(size);
  for (std::size_t i = 0; i < size; ++i)
    result[i] = static_cast<std::byte>((i * 37 + std::size_t{seed} * 101 + (i >> 8U)) & 0x3fU);
  return result;
}

/// Runs kernel and interpreter on equal memory; both sides must end equal, guard bytes included.
void expect_same(Kernel& kernel, const Plan& plan, Direction direction,
                 const std::vector<std::int64_t>& extents, std::size_t source_size,
                 std::size_t cache_size, const std::vector<Table>& tables = {}) {
  Bytes source = pattern(source_size, 1);
  Bytes cache = pattern(cache_size, 2);
  Bytes expected_source = source;
  Bytes expected_cache = cache;
  interpret(plan, direction, {expected_source.data(), expected_cache.data(), extents, tables});
  kernel.run(plan, direction, {source.data(), cache.data(), extents, tables});
  EXPECT_TRUE(source == expected_source) << print(plan);
  EXPECT_TRUE(cache == expected_cache) << print(plan);
}

/// The first kernel in a cache's folder, where texts for debuggers lie, too.
fs::path kernel_file(const fs::path& folder) {
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".kernel")
      return entry.path();
  return {};
}

/// Settings and caches as new, with a disk folder of its own.
class KernelTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "rnaslicer_test_XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    root = pattern;
    settings.cache_directory = (root / "kernels").string();
    configure(settings);
    clear_cache(true, false);
  }
  void TearDown() override {
    configure({});
    clear_cache(true, false);
    fs::remove_all(root);
  }
  /// As a new process would: nothing in memory.
  static std::shared_ptr<Kernel> fresh(const Plan& plan) {
    clear_cache(true, false);
    return find_kernel(plan);
  }

  fs::path root;
  Configuration settings;
};

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

TEST_F(KernelTest, RunsPlansWithoutLoops) {
  const auto plan = parse("plan 1\nstorage f32\nvalue f32\nformat f64\nlanes 3\n"
                          "lane 0 -> 0\nlane 4 -> 8\nlane 8 -> 16\n");
  const auto kernel = find_kernel(plan);
  for (bool prepared : {false, true}) {
    for (auto direction : {Direction::refresh, Direction::update}) {
      if (prepared)
        kernel->prepare(direction);
      expect_same(*kernel, plan, direction, {}, 16, 32);
    }
  }
}

TEST_F(KernelTest, WalksOuterLoopsOfEveryKind) {
  // 5 x 4 x 50 steps of 3 floats; the tables permute, so that update names no target twice.
  constexpr std::int64_t a = 5;
  constexpr std::int64_t b = 4;
  constexpr std::int64_t c = 50;
  std::vector<std::int64_t> order(c);
  for (std::int64_t i = 0; i < c; ++i)
    order[static_cast<std::size_t>(i)] = (i * 7) % c;
  const std::vector<std::string> strides{
      "loop strided source 4000 cache 2400\nloop strided source 1000 cache 600\n", // merge
      "loop strided source 3200 cache 2400\nloop strided source 800 cache 600\n",  // merge wholly
      "loop strided source -4000 cache 2400\nloop strided source 1000 cache 600\n",
      "loop strided source 4000 cache 600\nloop strided source 1000 cache 3000\n", // permuted cache
      "loop indexed source 4000 cache 2400\nloop strided source 1000 cache 600\n",
      "loop strided source 4000 cache 2400\nloop indexed source 1000 cache 600\n",
      "loop indexed source 4000 cache 2400\nloop indexed source 1000 cache 600\n",
  };
  const std::vector<std::string> inner{"loop strided source 16 cache 12\n",
                                       "loop indexed source 16 cache 12\n"};
  for (const auto& outer : strides) {
    for (const auto& last : inner) {
      auto text = "plan 1\nstorage f32\nvalue f32\nformat f32\n" + outer;
      text.append(last).append("lanes 3\nlane 0 -> 0\nlane 4 -> 4\nlane 8 -> 8\n");
      const auto plan = parse(text);
      ASSERT_EQ(verify(plan), "");
      const std::vector<std::int64_t> first{2, 4, 0, 1, 3};
      const std::vector<std::int64_t> second{3, 9, 1, 9, 0, 9, 2};
      const std::vector<Table> tables{{first.data(), 1}, {second.data(), 2}, {order.data(), 1}};
      const auto kernel = find_kernel(plan);
      for (auto direction : {Direction::refresh, Direction::update}) {
        kernel->prepare(direction);
        Bytes source = pattern(60000, 1);
        Bytes cache = pattern(15000, 2);
        Bytes expected_source = source;
        Bytes expected_cache = cache;
        const std::vector<std::int64_t> extents{a, b, c};
        // The base lies in the middle: one of the strides is negative.
        interpret(plan, direction,
                  {expected_source.data() + 25000, expected_cache.data(), extents, tables});
        kernel->run(plan, direction, {source.data() + 25000, cache.data(), extents, tables});
        EXPECT_TRUE(source == expected_source) << print(plan);
        EXPECT_TRUE(cache == expected_cache) << print(plan);
      }
    }
  }
}

TEST_F(KernelTest, WalksPointerTables) {
  for (const std::string loops :
       {"loop pointers source 8 cache 1200\nloop strided source 16 cache 12\n",
        "loop strided source 0 cache 60000\nloop pointers source 8 cache 12\n"}) {
    const auto plan = parse("plan 1\nstorage f32\nvalue f32\nformat f32\n" + loops +
                            "lanes 3\nlane 0 -> 0\nlane 4 -> 4\nlane 8 -> 8\n");
    ASSERT_EQ(verify(plan), "");
    const bool outer = plan.loops[0].kind == LoopKind::pointers;
    Bytes source = pattern(400'000, 1);
    std::vector<std::int64_t> table(200);
    for (std::size_t i = 0; i < table.size(); ++i)
      table[i] = reinterpret_cast<std::int64_t>(source.data() + (i * 3 % 200) * 2000);
    const std::vector<Table> tables{{table.data(), 1}, {table.data(), 1}};
    const std::vector<std::int64_t> extents =
        outer ? std::vector<std::int64_t>{200, 100} : std::vector<std::int64_t>{1, 200};
    const auto kernel = find_kernel(plan);
    kernel->prepare(Direction::refresh);
    Bytes cache = pattern(250000, 2);
    auto expected = cache;
    interpret(plan, Direction::refresh, {nullptr, expected.data(), extents, tables});
    kernel->run(plan, Direction::refresh, {nullptr, cache.data(), extents, tables});
    EXPECT_TRUE(cache == expected);
  }
}

TEST_F(KernelTest, RandomPlansEqualTheInterpreter) {
  settings.disk_cache = false;
  settings.threads = 3;
  configure(settings);
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    const auto c = test::random_case(seed);
    const auto kernel = find_kernel(c.plan);
    for (auto direction : {Direction::refresh, Direction::update}) {
      kernel->prepare(direction);
      const auto run = [&](const Plan& plan, Direction d, const Transfer& transfer) {
        kernel->run(plan, d, transfer);
      };
      ASSERT_EQ(test::compare(c, direction, interpret, run), "") << "seed " << seed;
    }
    clear_cache(true, false);
  }
}

TEST_F(KernelTest, SplitEqualsUnsplit) {
  settings.threads = 5;
  configure(settings);
  const std::vector<std::string> plans{
      positions,
      "plan 1\nstorage u8 unorm\nvalue f32\nformat f32\nloop strided source 1 cache 4\n"
      "lanes\nlane 0 -> 0\n",
      "plan 1\nstorage f32\nvalue f32\nformat f32\nloop strided source 12 cache -12\n"
      "lanes 3\nlane 0 -> 8\nlane 4 -> 4\nlane 8 -> 0\n",
      "plan 1\nstorage i32 flag 0x10\nvalue b1\nformat b1\nloop strided source 20 cache 1\n"
      "lanes\nlane 16 -> 0\n"};
  constexpr std::int64_t count = 2'000'003;
  for (const auto& text : plans) {
    const auto plan = parse(text);
    ASSERT_EQ(verify(plan), "");
    const auto kernel = find_kernel(plan);
    const auto& loop = plan.loops[0];
    for (auto direction : {Direction::refresh, Direction::update}) {
      Bytes source = pattern(static_cast<std::size_t>(count * 24), 1);
      Bytes cache = pattern(static_cast<std::size_t>(count * 24), 2);
      auto expected_source = source;
      auto expected_cache = cache;
      const std::vector<std::int64_t> extents{count};
      const auto base = loop.cache_stride < 0 ? (count - 1) * 12 : 0;
      const Transfer transfer{source.data(), cache.data() + base, extents, {}};
      const auto parts = parallelism(Nest(plan, transfer), plan, direction, transfer, 64, 5);
      EXPECT_GT(parts, 1U) << text;
      interpret(plan, direction,
                {expected_source.data(), expected_cache.data() + base, extents, {}});
      kernel->run(plan, direction, transfer);
      EXPECT_TRUE(source == expected_source) << text;
      EXPECT_TRUE(cache == expected_cache) << text;
    }
  }
}

TEST_F(KernelTest, LargeOutputsStream) {
  const auto plan = parse("plan 1\nstorage u8 unorm\nvalue f32\nformat f32\n"
                          "loop strided source 1 cache 4\nlanes\nlane 0 -> 0\n");
  const auto kernel = find_kernel(plan);
  constexpr std::size_t count = 5'000'007;
  expect_same(*kernel, plan, Direction::refresh, {count}, count, 4 * count + 64);
  EXPECT_NE(kernel->ir(Direction::refresh).find("_refresh_stream"), std::string::npos);
  EXPECT_NE(kernel->assembly(Direction::refresh).find("_refresh_stream"), std::string::npos);
  expect_same(*kernel, plan, Direction::refresh, {1000}, 1000, 4000);
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
