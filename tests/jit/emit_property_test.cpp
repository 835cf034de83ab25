// tests/jit/emit_property_test.cpp: emitted code and interpreter give the same bytes, all of them.
//
// Random plans in every tier, both directions, memory that ends at inaccessible pages.
// RNASLICER_PLANS sets how many plans (./run fuzz), RNASLICER_SEED where they begin.
#include "jit/emit.hpp"
#include "jit/engine.hpp"
#include "jit/walk.hpp"
#include "tests/jit/random_plan.hpp"

#include <cstdlib>
#include <gtest/gtest.h>
#include <iostream>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>
#include <memory>
#include <stdexcept>
#include <string>

namespace rnaslicer::jit::test {
namespace {

std::int64_t from_environment(const char* name, std::int64_t otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::atoll(text) : otherwise;
}

struct Counts {
  int plans = 0, kernels = 0, run = 0, too_short = 0;
};

/// For a tier that this CPU has not: its IR as code of the one that it has. Registers that are too
/// wide become several, masks become branches. So our IR runs, if not LLVM's code for that tier.
Compiled compile_for_here(const Plan& plan, Direction direction, Tier tier, bool streaming,
                          const std::string& symbol) {
  if (tier <= host_tier())
    return compile(plan, direction, tier, streaming, symbol);
  auto context = std::make_unique<llvm::LLVMContext>();
  auto emitted = emit(plan, direction, tier, streaming, symbol, *context);
  if (!emitted.module)
    throw std::runtime_error("the generator declines this plan");
  const auto here = emission::machine(host_tier());
  for (auto& function : *emitted.module) {
    function.addFnAttr("target-features", here.features);
    function.addFnAttr("prefer-vector-width", std::to_string(8 * here.width));
    function.addFnAttr("min-legal-vector-width", "0");
  }
  auto result = compile(std::move(context), std::move(emitted.module), host_tier());
  result.min_count = emitted.min_count;
  return result;
}

/// So that bad indices are met in the pass of a refresh, as those that are changed in between.
void check_but_indices(const Plan& plan, Direction way, const Transfer& transfer) {
  check_arguments(plan, way, transfer);
  if (way == Direction::update || transfer.target.count <= 0)
    if (plan.target_stride)
      check_indices(plan, transfer);
}

/// Compiles the case's kernel; compares it with the interpreter.
void check(const Case& c, Direction direction, Tier tier, bool streaming, Counts& counts) {
  if (!refuse(c.plan, direction).empty())
    return;
  const std::string symbol = "k";
  std::unique_ptr<Code> code;
  std::int64_t min_count = 0;
  std::string ir;
  try {
    const auto compiled = compile_for_here(c.plan, direction, tier, streaming, symbol);
    code = link(compiled.object, symbol);
    min_count = compiled.min_count;
    ir = compiled.ir;
  } catch (const std::runtime_error& error) {
    FAIL() << tier_name(tier) << ": " << error.what() << "\n" << c.text();
  }
  ++counts.kernels;
  const auto once = [&](const Plan& plan, Direction way, const Transfer& transfer) {
    const Nest nest(plan, transfer);
    if (nest.inner().extent < min_count || !fits_kernels(plan, way, transfer)) {
      ++counts.too_short;
      return interpret_all(plan, way, transfer);
    }
    ++counts.run;
    auto side = side_data(plan, way, transfer);
    nest.run(code->function(), transfer.source, transfer.cache, &side);
    return side.bad_index == 0;
  };
  const auto kernel = [&](const Plan& plan, Direction way, const Transfer& transfer) {
    for (const auto extent : transfer.extents)
      if (extent == 0)
        return;
    check_but_indices(plan, way, transfer);
    std::array<std::int64_t, max_loops> extents{};
    std::array<Table, max_loops> tables;
    const bool by_step = plan.transform && transfer.matrices.step != 0;
    bool good = true;
    for (std::int64_t i = 0; i < (by_step ? transfer.extents[0] : 1); ++i)
      good &= once(plan, way, by_step ? one_step(plan, transfer, i, extents, tables) : transfer);
    if (!good)
      refuse_bad_index(plan, transfer);
  };
  const auto in_pass = [](const Plan& plan, Direction way, const Transfer& transfer) {
    check_but_indices(plan, way, transfer);
    if (!interpret_all(plan, way, transfer))
      refuse_bad_index(plan, transfer);
  };
  const std::string difference = compare(c, direction, in_pass, kernel);
  ASSERT_EQ(difference, "") << tier_name(tier)
                            << (direction == Direction::refresh ? " refresh" : " update")
                            << (streaming ? " streaming" : "") << "\n"
                            << (ir.size() < 20000 ? ir : "");
}

void campaign(std::int64_t plans, std::int64_t seed, const Options& options, Tier tier,
              bool streaming) {
  if (tier > host_tier())
    plans = plans / 10 + 1; // what is lowered takes long to compile
  plans = from_environment("RNASLICER_PLANS", plans);
  seed = from_environment("RNASLICER_SEED", seed);
  Counts counts;
  for (std::int64_t i = 0; i < plans && !::testing::Test::HasFailure(); ++i) {
    const Case c = random_case(static_cast<std::uint64_t>(seed + i), options);
    ++counts.plans;
    for (const auto direction : {Direction::refresh, Direction::update}) {
      SCOPED_TRACE("seed " + std::to_string(seed + i));
      check(c, direction, tier, streaming, counts);
    }
  }
  std::cout << tier_name(tier) << ": " << counts.plans << " plans, " << counts.kernels
            << " kernels, " << counts.run << " runs, " << counts.too_short << " too short\n";
  if (plans < 100)
    return; // too few to tell
  EXPECT_GT(counts.run, counts.plans / 2);
}

class EmittedPlans : public ::testing::TestWithParam<Tier> {};

TEST_P(EmittedPlans, GiveTheInterpretersBytes) {
  campaign(500, 1, {}, GetParam(), false); // among them a vector alone in a register (377)
}

TEST_P(EmittedPlans, GiveTheInterpretersBytesInLongLoops) {
  Options options;
  options.innermost = LoopKind::strided;
  options.aliasing = false;
  options.lanes = 6;
  campaign(400, 100000, options, GetParam(), false);
}

TEST_P(EmittedPlans, GiveTheInterpretersBytesStreaming) {
  Options options;
  options.innermost = LoopKind::strided;
  options.aliasing = false;
  options.lanes = 8;
  campaign(200, 200000, options, GetParam(), true);
}

TEST_P(EmittedPlans, GiveTheInterpretersBytesThroughTables) {
  Options options;
  options.innermost = LoopKind::indexed;
  campaign(100, 300000, options, GetParam(), false);
  options.innermost = LoopKind::pointers;
  campaign(100, 400000, options, GetParam(), false);
}

TEST_P(EmittedPlans, GiveTheInterpretersBytesWithTablesTargetsAndMasks) {
  Options options;
  options.special = true;
  campaign(300, 600000, options, GetParam(), false);
  options.innermost = LoopKind::strided;
  options.aliasing = false;
  options.lanes = 6;
  campaign(200, 700000, options, GetParam(), false);
  campaign(100, 800000, options, GetParam(), true);
  options.innermost = LoopKind::indexed;
  campaign(100, 900000, options, GetParam(), false); // the last one's halves fit no register
}

TEST_P(EmittedPlans, GiveTheInterpretersVectorsThroughMatrices) {
  Options options;
  options.storage = Storage{};
  options.value = Scalar::f32;
  options.transforms = 100;
  options.lanes = 9;
  campaign(100, 1000000, options, GetParam(), false);
  options.innermost = LoopKind::strided;
  options.aliasing = false;
  campaign(80, 1100000, options, GetParam(), false);
  campaign(40, 1200000, options, GetParam(), true);
}

TEST_P(EmittedPlans, GiveTheInterpretersBytesThroughIndices) {
  Options options;
  options.throughs = 100;
  options.lanes = 12;
  campaign(100, 1300000, options, GetParam(), false);
  options.innermost = LoopKind::strided;
  options.aliasing = false;
  campaign(100, 1400000, options, GetParam(), false);
  campaign(50, 1500000, options, GetParam(), true);
  options.innermost = LoopKind::indexed;
  campaign(40, 1600000, options, GetParam(), false);
}

TEST_P(EmittedPlans, GiveTheInterpretersFractions) {
  Options options;
  options.storage = Storage{};
  options.value = Scalar::f32;
  options.normalized = 100;
  options.transforms = 0;
  for (const auto format :
       {Scalar::u8, Scalar::i8, Scalar::u16, Scalar::i16, Scalar::u32, Scalar::i32}) {
    options.format = format;
    campaign(40, 1700000 + 1000 * static_cast<int>(format), options, GetParam(), false);
  }
}

TEST_P(EmittedPlans, GiveTheInterpretersHalves) {
  Options options;
  options.format = Scalar::f16;
  campaign(100, 500000, options, GetParam(), false);
}

INSTANTIATE_TEST_SUITE_P(Tiers, EmittedPlans,
                         ::testing::Values(Tier::baseline, Tier::avx2, Tier::avx512),
                         [](const auto& tier) { return std::string(tier_name(tier.param)); });

} // namespace
} // namespace rnaslicer::jit::test
