// tests/jit/plan_test.cpp: plan text there and back, its errors by line and column, signatures.
#include "tests/jit/random_plan.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <set>
#include <stdexcept>

namespace rnaslicer::jit::test {
namespace {

constexpr std::string_view flag_text = "plan 1\n"
                                       "storage i32 flag 0x4 inverted\n"
                                       "value b1\n"
                                       "clamp 0 1\n"
                                       "format f64\n"
                                       "loop indexed source 72 cache 24\n"
                                       "loop strided source -8 cache -24\n"
                                       "lanes 3x1\n"
                                       "lane 0 -> 0\n"
                                       "lane -4 -> 8\n"
                                       "lane 4 -> 16\n";

Plan flag_plan() {
  Plan plan;
  plan.storage = {Scalar::i32, Decode::flag, 4, true};
  plan.value = Scalar::b1;
  plan.clamp = Clamp{0, 1};
  plan.format = Scalar::f64;
  plan.loops = {{LoopKind::indexed, 72, 24}, {LoopKind::strided, -8, -24}};
  plan.lane_shape = {3, 1};
  plan.lanes = {{0, 0}, {-4, 8}, {4, 16}};
  return plan;
}

std::string error_of(std::string_view text) {
  try {
    parse(text);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "no error";
}

/// The text with its first `what` replaced.
std::string changed(std::string_view what, std::string_view by) {
  std::string text(flag_text);
  return text.replace(text.find(what), what.size(), by);
}

TEST(PlanText, PrintsAndParses) {
  EXPECT_EQ(print(flag_plan()), flag_text);
  EXPECT_EQ(parse(flag_text), flag_plan());
}

/// What lanes and storages have of their own, as the lowering writes it.
TEST(PlanText, ReadsTablesMasksAndTargets) {
  const auto plan_of = [](const std::string& storage, const std::string& lane) {
    const std::string text =
        "plan 1\nstorage " + storage + "\nvalue i32\nformat i32\nlanes\nlane 0 -> 4" + lane + "\n";
    EXPECT_EQ(print(parse(text)), text);
    return parse(text);
  };
  Plan plan = plan_of("u8 lookup", " lookup 3");
  EXPECT_EQ(plan.storage.decode, Decode::lookup);
  EXPECT_EQ(plan.lanes[0], (Lane{0, 4, 0, 3}));
  EXPECT_EQ(plan_of("u8 flag 0x1", " mask 0x2").lanes[0], (Lane{0, 4, 2}));
  EXPECT_EQ(plan_of("i32 difference", "").storage.decode, Decode::difference);
  plan = plan_of("u8 flag 0x1\nthrough stride -12", " at -8");
  EXPECT_EQ(plan.target_stride, -12);
  EXPECT_EQ(plan.lanes[0], (Lane{0, 4, 0, 0, -8}));
}

TEST(PlanText, ASingleLaneHasNoShape) {
  Plan plan;
  plan.lanes = {{16, 0}};
  EXPECT_EQ(print(plan), "plan 1\nstorage f32\nvalue f32\nformat f32\nlanes\nlane 16 -> 0\n");
  EXPECT_EQ(parse(print(plan)), plan);
}

TEST(PlanText, RoundTripsRandomPlans) {
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    const Plan plan = random_case(seed, {.max_extent = 3}).plan;
    ASSERT_EQ(parse(print(plan)), plan) << "seed " << seed << "\n" << print(plan);
  }
}

TEST(PlanText, RoundTripsExtremeNumbers) {
  Plan plan = flag_plan();
  constexpr double infinity = std::numeric_limits<double>::infinity();
  for (const double bound :
       {infinity, -infinity, 0.1, -0.0, 5e-324, 1e308, 3.4028234663852886e38}) {
    plan.clamp = Clamp{bound, bound};
    EXPECT_EQ(parse(print(plan)), plan);
    EXPECT_EQ(std::signbit(parse(print(plan)).clamp->lo), std::signbit(bound));
  }
  plan.storage.mask = ~std::uint64_t{0};
  plan.lanes[0] = {std::numeric_limits<std::int64_t>::min(),
                   std::numeric_limits<std::int64_t>::max()};
  EXPECT_EQ(parse(print(plan)), plan);
}

TEST(PlanText, CommentsAndBlanksCountForNothing) {
  std::string text = "# a flag\n\n  plan\t1 # version\r\n";
  text += flag_text.substr(7);
  text += "\n   # the end";
  EXPECT_EQ(parse(text), flag_plan());
}

TEST(PlanText, TheLastNewlineMayBeMissing) {
  EXPECT_EQ(parse(flag_text.substr(0, flag_text.size() - 1)), flag_plan());
}

struct Mistake {
  std::string_view what, by, error; ///< of flag_text; "plan text, " left out
};

class PlanTextMistake : public testing::TestWithParam<Mistake> {};

TEST_P(PlanTextMistake, IsNamedWithLineAndColumn) {
  const Mistake& mistake = GetParam();
  EXPECT_EQ(error_of(changed(mistake.what, mistake.by)),
            "plan text, " + std::string(mistake.error));
}

INSTANTIATE_TEST_SUITE_P(
    All, PlanTextMistake,
    testing::Values(
        Mistake{flag_text, "", "line 1, column 1: expected 'plan', found the end of the text"},
        Mistake{"plan 1", "plan",
                "line 1, column 5: expected plan version 1, found the end of the line"},
        Mistake{"plan 1", "plan 2", "line 1, column 6: expected plan version 1, found '2'"},
        Mistake{"plan 1", "plan 1 x",
                "line 1, column 8: unexpected 'x' at the end of the statement"},
        Mistake{"plan 1", "plan 1 storage",
                "line 1, column 8: unexpected 'storage' at the end of the statement"},
        Mistake{"storage i32", "storing i32",
                "line 2, column 1: expected 'storage', found 'storing'"},
        Mistake{"storage i32", "storage i31",
                "line 2, column 9: expected a scalar type such as i32 or f32, found 'i31'"},
        Mistake{"i32 flag", "i32 flags",
                "line 2, column 13: unexpected 'flags' at the end of the statement"},
        Mistake{"flag 0x4", "flag",
                "line 2, column 18: expected a mask such as 0x4, found 'inverted'"},
        Mistake{"flag 0x4", "flag 4", "line 2, column 18: expected a mask such as 0x4, found '4'"},
        Mistake{"value b1", "through 12\nvalue b1",
                "line 3, column 9: expected 'stride', found '12'"},
        Mistake{"value b1", "through stride x\nvalue b1",
                "line 3, column 16: expected a stride in bytes, found 'x'"},
        Mistake{"format f64", "format f64 normal",
                "line 5, column 12: unexpected 'normal' at the end of the statement"},
        Mistake{"lane -4 -> 8", "lane -4 -> 8 mask 2",
                "line 10, column 19: expected a mask such as 0x4, found '2'"},
        Mistake{"lane -4 -> 8", "lane -4 -> 8 lookup 99999999999",
                "line 10, column 21: expected the number of a table, found '99999999999'"},
        Mistake{"lane -4 -> 8", "lane -4 -> 8 at",
                "line 10, column 16: expected an offset in bytes, found the end of the line"},
        Mistake{"lane -4 -> 8", "lane -4 -> 8 at 4 mask 0x2",
                "line 10, column 19: unexpected 'mask' at the end of the statement"},
        Mistake{"flag 0x4", "flag 0x",
                "line 2, column 18: expected a mask of up to 64 bits, found '0x'"},
        Mistake{"flag 0x4", "flag 0x4g",
                "line 2, column 18: expected a mask of up to 64 bits, found '0x4g'"},
        Mistake{"flag 0x4", "flag 0x10000000000000000",
                "line 2, column 18: expected a mask of up to 64 bits, found '0x10000000000000000'"},
        Mistake{"inverted", "reverted",
                "line 2, column 22: unexpected 'reverted' at the end of the statement"},
        Mistake{"value b1\n", "", "line 3, column 1: expected 'value', found 'clamp'"},
        Mistake{"value b1", "value",
                "line 3, column 6: expected a scalar type such as i32 or f32, found the end of the "
                "line"},
        Mistake{"clamp 0 1", "clamp 0",
                "line 4, column 8: expected a clamp bound, found the end of the line"},
        Mistake{"clamp 0 1", "clamp 0 nan",
                "line 4, column 9: expected a clamp bound, found 'nan'"},
        Mistake{"clamp 0 1", "clamp infinity 1",
                "line 4, column 7: expected a clamp bound, found 'infinity'"},
        Mistake{"clamp 0 1", "clamp 0 1e999",
                "line 4, column 9: expected a clamp bound, found '1e999'"},
        Mistake{"clamp 0 1", "clamp 0 1,5",
                "line 4, column 9: expected a clamp bound, found '1,5'"},
        Mistake{"format f64", "formats f64",
                "line 5, column 1: expected 'format', found 'formats'"},
        Mistake{"loop indexed", "loop index",
                "line 6, column 6: expected 'strided', 'indexed' or 'pointers', found 'index'"},
        Mistake{"indexed source 72", "indexed 72",
                "line 6, column 14: expected 'source', found '72'"},
        Mistake{"source 72", "source +72",
                "line 6, column 21: expected a source stride in bytes, found '+72'"},
        Mistake{"source 72", "source 7.5",
                "line 6, column 21: expected a source stride in bytes, found '7.5'"},
        Mistake{
            "source 72", "source 9223372036854775808",
            "line 6, column 21: expected a source stride in bytes, found '9223372036854775808'"},
        Mistake{"cache 24", "24", "line 6, column 24: expected 'cache', found '24'"},
        Mistake{"cache -24", "cache #-24",
                "line 7, column 30: expected a cache stride in bytes, found the end of the line"},
        Mistake{"lanes 3x1", "lane 3x1", "line 8, column 1: expected 'lanes', found 'lane'"},
        Mistake{"lanes 3x1", "lanes 3x",
                "line 8, column 7: expected a lane shape such as 3x3, found '3x'"},
        Mistake{"lanes 3x1", "lanes x3",
                "line 8, column 7: expected a lane shape such as 3x3, found 'x3'"},
        Mistake{"lanes 3x1", "lanes 3*1",
                "line 8, column 7: expected a lane shape such as 3x3, found '3*1'"},
        Mistake{"lanes 3x1", "lanes -3",
                "line 8, column 7: expected a lane shape such as 3x3, found '-3'"},
        Mistake{"lanes 3x1", "lanes 3 1",
                "line 8, column 9: unexpected '1' at the end of the statement"},
        Mistake{"lanes 3x1", "lanes 4x1",
                "line 12, column 1: expected 'lane', found the end of the text"},
        Mistake{"lanes 3x1", "lanes 2",
                "line 11, column 1: expected the end of the text, found 'lane'"},
        Mistake{"lanes 3x1", "lanes 0",
                "line 9, column 1: expected the end of the text, found 'lane'"},
        Mistake{"lanes 3x1", "lanes 9999999999x9999999999",
                "line 12, column 1: expected 'lane', found the end of the text"},
        Mistake{"lane 0 ->", "lane 0 -", "line 9, column 8: expected '->', found '-'"},
        Mistake{"lane 0 ->", "lane ->",
                "line 9, column 6: expected a source offset in bytes, found '->'"},
        Mistake{"lane 0 -> 0", "lane 0 ->",
                "line 9, column 10: expected a cache offset in bytes, found the end of the line"},
        Mistake{"lane 4 -> 16\n", "lane 4 -> 16\nlane 8 -> 24\n",
                "line 12, column 1: expected the end of the text, found 'lane'"}));

TEST(PlanText, AWordInAnErrorIsShortAndPrintable) {
  EXPECT_EQ(error_of("plan 1\n" + std::string(99, 'x')),
            "plan text, line 2, column 1: expected 'storage', found '" + std::string(32, 'x') +
                "...'");
  EXPECT_EQ(error_of(std::string("\xff\x00\x7fz", 4)),
            "plan text, line 1, column 1: expected 'plan', found '???z'");
}

/// Whatever is done to a text, it is refused or stays a plan.
TEST(PlanText, DamagedTextIsRefusedOrAPlan) {
  int refused = 0;
  for (std::uint64_t seed = 0; seed < 20000; ++seed) {
    Random random(seed);
    std::string text(flag_text);
    for (std::int64_t i = random.between(1, 3); i > 0; --i) {
      const auto at =
          static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(text.size()) - 1));
      if (random.chance(40))
        text[at] = static_cast<char>(random.between(0, 255));
      else if (random.chance(50))
        text.erase(at, static_cast<std::size_t>(random.between(1, 9)));
      else
        text.insert(at, text.substr(at, static_cast<std::size_t>(random.between(1, 9))));
    }
    const std::string error = error_of(text);
    if (error == "no error")
      ASSERT_EQ(parse(print(parse(text))), parse(text)) << text;
    else
      ASSERT_EQ(error.substr(0, 16), "plan text, line ") << text;
    refused += error != "no error";
  }
  EXPECT_GT(refused, 10000);
}

TEST(Signature, IsSixteenHexDigitsAndStable) {
  EXPECT_EQ(Signature{0x1234}.hex(), "0000000000001234");
  EXPECT_EQ(Signature{0xfedcba9876543210U}.hex(), "fedcba9876543210");
  // The disk cache is keyed by it: it changes only together with the semantics' version.
  EXPECT_EQ(signature(flag_plan()).hex(), "b91babbf168b3738");
}

TEST(Signature, CoversTablesMasksAndTargets) {
  Plan plan;
  plan.storage = {Scalar::i32};
  plan.value = Scalar::i32;
  plan.target_stride = 4;
  plan.lanes = {{0, 0}};
  std::set<std::string> seen{signature(plan).hex()};
  const auto change = [&](auto apply) {
    Plan other = plan;
    apply(other);
    EXPECT_TRUE(seen.insert(signature(other).hex()).second) << print(other);
  };
  change([](Plan& p) { p.target_stride = 8; });
  change([](Plan& p) { p.target_stride.reset(); });
  change([](Plan& p) { p.normalized = true; });
  change([](Plan& p) { p.storage.decode = Decode::lookup; });
  change([](Plan& p) { p.storage.decode = Decode::difference; });
  change([](Plan& p) { p.lanes[0].at = 4; });
  change([](Plan& p) { p.lanes[0].lookup = 1; });
  change([](Plan& p) { p.lanes[0].mask = 1; });
}

TEST(Signature, IgnoresWhatIsAnArgument) {
  Plan plan = flag_plan();
  const Signature whole = signature(plan);
  plan.loops[0] = {LoopKind::pointers, 1, 2};
  EXPECT_EQ(signature(plan), whole);
  plan.loops.erase(plan.loops.begin());
  EXPECT_EQ(signature(plan), whole);
  plan.lane_shape = {3};
  EXPECT_EQ(signature(plan), whole);
  EXPECT_EQ(compiled_part(flag_plan()), plan);
  plan.loops.clear();
  EXPECT_NE(signature(plan), whole);
  EXPECT_EQ(compiled_part(plan), plan);
  plan.lane_shape = {1, 1};
  plan.lanes.resize(1);
  EXPECT_TRUE(compiled_part(plan).lane_shape.empty());
}

TEST(Signature, DependsOnAllThatIsCompiledIn) {
  std::set<std::uint64_t> hashes{signature(flag_plan()).hash};
  std::size_t count = 1;
  const auto differs = [&](auto change) {
    Plan plan = flag_plan();
    change(plan);
    hashes.insert(signature(plan).hash);
    ++count;
  };
  differs([](Plan& plan) { plan.storage.type = Scalar::u32; });
  differs([](Plan& plan) { plan.storage.decode = Decode::field; });
  differs([](Plan& plan) { plan.storage.mask = 8; });
  differs([](Plan& plan) { plan.storage.inverted = false; });
  differs([](Plan& plan) { plan.value = Scalar::i32; });
  differs([](Plan& plan) { plan.format = Scalar::f32; });
  differs([](Plan& plan) { plan.clamp->lo = -1; });
  differs([](Plan& plan) { plan.clamp->hi = 2; });
  differs([](Plan& plan) { plan.clamp.reset(); });
  differs([](Plan& plan) { plan.loops[1].kind = LoopKind::indexed; });
  differs([](Plan& plan) { plan.loops[1].source_stride = 8; });
  differs([](Plan& plan) { plan.loops[1].cache_stride = 24; });
  differs([](Plan& plan) { plan.lanes.pop_back(); });
  differs([](Plan& plan) { plan.lanes[2].source = 5; });
  differs([](Plan& plan) { plan.lanes[2].cache = 17; });
  EXPECT_EQ(hashes.size(), count);
}

} // namespace
} // namespace rnaslicer::jit::test
