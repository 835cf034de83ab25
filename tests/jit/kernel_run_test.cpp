// tests/jit/kernel_run_test.cpp: how kernels walk, split and stream, against the interpreter.
#include "jit/walk.hpp"
#include "tests/jit/kernel_testing.hpp"
#include "tests/jit/random_plan.hpp"

namespace rnaslicer::jit {
namespace {

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

/// Many short ones in one run: rows of every size that is copied so, others, a conversion,
/// backwards, none at all.
TEST_F(KernelTest, ShortTransfersInOneRunEqualTheInterpreter) {
  settings.disk_cache = false;
  configure(settings);
  const std::vector<std::vector<std::int64_t>> lengths = {{3, 0, 5, 1}, {2, 2, 2}, {90, 3, 1}};
  for (const char* const strides : {"source 36 cache 24", "source -36 cache 24"})
    for (const char* const format : {"f32", "f64"})
      for (int lanes = 1; lanes <= 6; ++lanes) {
        std::string text = std::string("plan 1\nstorage f32\nvalue f32\nformat ") + format +
                           "\nloop strided " + strides + "\nlanes " + std::to_string(lanes) + "\n";
        const int size = std::string_view(format) == "f32" ? 4 : 8;
        if (lanes * size > 24)
          continue;
        for (int i = 0; i < lanes; ++i)
          text += "lane " + std::to_string(4 * i) + " -> " + std::to_string(size * i) + "\n";
        const auto plan = parse(text);
        const auto kernel = find_kernel(plan);
        for (const bool prepared : {false, true}) {
          if (prepared)
            kernel->prepare(Direction::refresh);
          for (const auto& counts : lengths) {
            constexpr std::ptrdiff_t middle = 4096;
            Bytes source = pattern(2 * middle, 1);
            Bytes cache = pattern(2 * middle, 2);
            Bytes expected = cache;
            std::vector<Transfer> all;
            std::ptrdiff_t at = 0;
            for (const std::int64_t& count : counts) {
              all.push_back(
                  {source.data() + middle + at, cache.data() + at, std::span(&count, 1), {}});
              interpret(
                  plan, Direction::refresh,
                  {source.data() + middle + at, expected.data() + at, std::span(&count, 1), {}});
              at += count * 24;
            }
            kernel->run(plan, Direction::refresh, all);
            EXPECT_TRUE(cache == expected) << text;
          }
        }
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

} // namespace
} // namespace rnaslicer::jit
