// tests/jit/listing_test.cpp: the plan's text as source: the same code, and each instruction's
// line.
#include "jit/inspect.hpp"
#include "jit/inspect/object.hpp"
#include "tests/jit/random_plan.hpp"

#include <gtest/gtest.h>
#include <llvm/IR/DebugInfo.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>
#include <set>
#include <sstream>
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#endif

namespace rnaslicer::jit::test {
namespace {

constexpr std::array tiers{Tier::baseline, Tier::avx2, Tier::avx512};

Plan positions() {
  return parse("plan 1\nstorage f32\nvalue f32\nformat f32\nloop strided source 16 cache 12\n"
               "lanes 3\nlane 0 -> 0\nlane 4 -> 4\nlane 8 -> 8\n");
}

Plan clamped() {
  return parse("plan 1\nstorage f32\nvalue f32\nclamp 0 1\nformat f64\n"
               "loop strided source 72 cache 8\nlanes\nlane 4 -> 0\n");
}

/// Vertex positions of corners, through a matrix.
Plan turned() {
  return parse("plan 1\nstorage f32\nthrough stride 12\nvalue f32\ntransform point step 4\n"
               "clamp -9 9\nformat f32\nloop strided source 4 cache 12\n"
               "lanes 3\nlane 0 -> 0\nlane 0 -> 4 row 1\nlane 0 -> 8 row 2\n");
}

/// The same of what lies in rows.
Plan moved() {
  return parse("plan 1\nstorage f32\nvalue f32\ntransform point step 4\nclamp -9 9\nformat f32\n"
               "loop strided source 12 cache 12\n"
               "lanes 3\nlane 0 -> 0\nlane 0 -> 4 row 1\nlane 0 -> 8 row 2\n");
}

FunctionCode without_lines(const Plan& plan, Direction direction, Tier tier, bool streaming) {
  auto context = std::make_unique<llvm::LLVMContext>();
  auto emitted = emit(plan, direction, tier, streaming, "k", *context);
  EXPECT_TRUE(llvm::StripDebugInfo(*emitted.module)) << "there was nothing to strip";
  return read_function(compile(std::move(context), std::move(emitted.module), tier).object, "k");
}

/// LLVM was seen to choose an lea where it takes an add without lines, in one of some hundred large
/// plans: as long, and the same otherwise.
TEST(Lines, LeaveTheCodeAsItIs) {
  int compared = 0;
  int others = 0;
  for (std::uint64_t seed = 1; seed <= 120; ++seed) {
    Options options;
    options.special = seed % 3 == 0;
    if (seed % 2 == 0)
      options.innermost = LoopKind::strided;
    const Case c = random_case(seed, options);
    const auto tier = tiers.at(seed % tiers.size());
    for (const auto direction : {Direction::refresh, Direction::update}) {
      if (!refuse(c.plan, direction).empty())
        continue;
      const bool streaming = seed % 5 == 0;
      const auto with = read_function(compile(c.plan, direction, tier, streaming, "k").object, "k");
      const auto without = without_lines(c.plan, direction, tier, streaming);
      ASSERT_EQ(with.bytes.size(), without.bytes.size()) << "seed " << seed << "\n"
                                                         << print(c.plan);
      std::size_t differ = 0;
      for (std::size_t i = 0; i < with.bytes.size(); ++i)
        differ += with.bytes[i] != without.bytes[i] ? 1 : 0;
      ASSERT_LE(differ, 8U) << "seed " << seed << "\n" << print(c.plan);
      others += differ != 0 ? 1 : 0;
      ASSERT_TRUE(without.lines.empty());
      ASSERT_FALSE(with.lines.empty());
      ++compared;
    }
  }
  EXPECT_GT(compared, 150);
  EXPECT_LE(others, compared / 50);
}

TEST(Lines, EachInstructionHasOneOfThePlan) {
  for (const auto& plan : {positions(), clamped(), moved(), turned()}) {
    const auto text = print(plan);
    const auto count = static_cast<unsigned>(std::count(text.begin(), text.end(), '\n'));
    for (const auto tier : tiers)
      for (const auto direction : {Direction::refresh, Direction::update}) {
        const auto all = instructions(compile(plan, direction, tier, false, "k").object, "k", tier);
        ASSERT_FALSE(all.empty());
        std::size_t without = 0;
        for (const auto& one : all) {
          EXPECT_LE(one.line, count);
          without += one.line == 0 ? 1 : 0;
        }
        // What LLVM moves behind the comparison of a later index has two places, and so no line.
        EXPECT_LT(without, all.size() / (plan.target_stride ? 2 : 4)) << text;
      }
  }
}

/// Mnemonics of the instructions for the line that begins so.
std::set<std::string> mnemonics(const Plan& plan, Direction direction, Tier tier,
                                const std::string& begin) {
  std::istringstream lines(print(plan));
  std::string line;
  unsigned number = 0;
  while (std::getline(lines, line)) {
    ++number;
    if (line.starts_with(begin))
      break;
  }
  std::set<std::string> found;
  for (const auto& one : instructions(compile(plan, direction, tier, false, "k").object, "k", tier))
    if (one.line == number)
      found.insert(one.text.substr(0, one.text.find('\t')));
  return found;
}

TEST(Lines, SayWhatAnInstructionIsFor) {
  EXPECT_TRUE(mnemonics(clamped(), Direction::update, Tier::avx512, "clamp").contains("vminps") ||
              mnemonics(clamped(), Direction::update, Tier::avx512, "clamp").contains("vmaxps"));
  EXPECT_TRUE(
      mnemonics(clamped(), Direction::refresh, Tier::avx512, "format").contains("vcvtps2pd"));
  EXPECT_TRUE(
      mnemonics(positions(), Direction::refresh, Tier::avx512, "lanes").contains("vpermt2d") ||
      mnemonics(positions(), Direction::refresh, Tier::avx512, "lanes").contains("vpermt2ps"));
  EXPECT_TRUE(
      mnemonics(positions(), Direction::refresh, Tier::avx512, "format").contains("vmovups") ||
      mnemonics(positions(), Direction::refresh, Tier::avx512, "format").contains("vmovdqu64"));
}

TEST(Lines, KnowEachStepOfAPlan) {
  for (const auto direction : {Direction::refresh, Direction::update}) {
    EXPECT_TRUE(mnemonics(moved(), direction, Tier::avx512, "transform").contains("vmulpd"));
    EXPECT_FALSE(mnemonics(turned(), direction, Tier::avx512, "through").empty());
  }
  EXPECT_TRUE(mnemonics(moved(), Direction::update, Tier::avx512, "clamp").contains("vminps") ||
              mnemonics(moved(), Direction::update, Tier::avx512, "clamp").contains("vmaxps"));
}

TEST(MainLoop, IsTheInnermostOne) {
  const auto compiled = compile(positions(), Direction::refresh, Tier::avx2, false, "k");
  const auto all = instructions(compiled.object, "k", Tier::avx2);
  const auto loop = main_loop(all);
  ASSERT_TRUE(loop);
  EXPECT_GT(loop->begin, 0U) << "there is code before it";
  EXPECT_LT(loop->end, all.back().address) << "there is code behind it";
  const auto packed = parse("plan 1\nstorage f32\nvalue f32\nformat f32\n"
                            "loop strided source 4 cache 4\nlanes\nlane 0 -> 0\n");
  const auto copied = compile(packed, Direction::refresh, Tier::avx2, false, "k");
  EXPECT_FALSE(main_loop(instructions(copied.object, "k", Tier::avx2))) << "a memcpy has none";
  EXPECT_FALSE(predict(copied.object, "k", Tier::avx2));
}

TEST(MainLoop, IsTheOneThatStreams) {
  const auto compiled = compile(positions(), Direction::refresh, Tier::avx512, true, "k");
  const auto all = instructions(compiled.object, "k", Tier::avx512);
  const auto loop = main_loop(all);
  ASSERT_TRUE(loop);
  bool streams = false;
  for (const auto& one : all)
    if (one.address >= loop->begin && one.address < loop->end)
      streams |= one.text.starts_with("vmovnt");
  EXPECT_TRUE(streams);
}

TEST(Predict, GivesMoreCyclesForMoreWork) {
  const auto cycles = [](const Plan& plan, Direction direction) {
    const auto compiled = compile(plan, direction, Tier::baseline, false, "k");
    const auto prediction = predict(compiled.object, "k", Tier::baseline);
    return prediction ? prediction->cycles / static_cast<double>(compiled.min_count) : 0;
  };
  const double plain = cycles(positions(), Direction::refresh);
  if (plain == 0)
    GTEST_SKIP() << "LLVM has no model of " << host_cpu();
  const auto halves = parse("plan 1\nstorage f32\nvalue f32\nformat f16\n"
                            "loop strided source 16 cache 6\nlanes 3\nlane 0 -> 0\nlane 4 -> 2\n"
                            "lane 8 -> 4\n");
  EXPECT_GT(plain, 0.05);
  EXPECT_LT(plain, 100);
  EXPECT_GT(cycles(halves, Direction::refresh), 2 * plain) << "no hardware for it in this tier";
}

TEST(Inspect, TakesAnyBytes) {
#ifdef __SANITIZE_ADDRESS__
  // LLVM reports some broken tables as fatal; the handler's exception passes frames without
  // cleanup.
  const __lsan::ScopedDisabler leaks_by_design;
#endif
  const auto object = compile(positions(), Direction::refresh, Tier::avx2, false, "k").object;
  for (std::size_t at = 0; at < object.size(); at += 7) {
    auto broken = object;
    broken[at] = static_cast<char>(broken[at] ^ 0x5a);
    for (const auto& one : {broken, object.substr(0, at)})
      try {
        main_loop(instructions(one, "k", Tier::avx2));
        predict(one, "k", Tier::avx2);
      } catch (const std::runtime_error&) { // said so
      }
  }
}

} // namespace
} // namespace rnaslicer::jit::test
