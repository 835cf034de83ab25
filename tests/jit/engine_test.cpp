// tests/jit/engine_test.cpp: compiling, linking, disassembling, and LLVM's failures kept in bounds.
#include "jit/engine.hpp"
#include "jit/inspect.hpp"
#include "jit/kernel.hpp"

#include <array>
#include <cstring>
#include <fstream>
#include <gtest/gtest.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/InlineAsm.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#endif
#include <numeric>
#include <sstream>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace rnaslicer::jit {
namespace {

/// f32 x 3 at stride 16, packed: the vertex positions of Blender 3.4.
Plan positions() {
  return parse("plan 1\nstorage f32\nvalue f32\nformat f32\nloop strided source 16 cache 12\n"
               "lanes 3\nlane 0 -> 0\nlane 4 -> 4\nlane 8 -> 8\n");
}

/// A module under construction, and a body for `void symbol()`.
struct Draft {
  std::unique_ptr<llvm::LLVMContext> context = std::make_unique<llvm::LLVMContext>();
  std::unique_ptr<llvm::Module> module = std::make_unique<llvm::Module>("draft", *context);
  llvm::IRBuilder<> ir{*context};
  explicit Draft(const std::string& symbol) {
    auto* type = llvm::FunctionType::get(ir.getVoidTy(), false);
    auto* function = llvm::Function::Create(type, llvm::Function::ExternalLinkage, symbol, *module);
    ir.SetInsertPoint(llvm::BasicBlock::Create(*context, "entry", function));
  }
  Compiled compile() { return jit::compile(std::move(context), std::move(module), Tier::baseline); }
};

void expect_engine_works() {
  const auto compiled = compile(positions(), Direction::refresh, Tier::baseline, false, "works");
  const auto code = link(compiled.object, "works");
  std::vector<float> source(400);
  std::iota(source.begin(), source.end(), 0.0F);
  std::vector<float> cache(300);
  code->function()(reinterpret_cast<std::byte*>(source.data()),
                   reinterpret_cast<std::byte*>(cache.data()), 100, nullptr, 1, nullptr);
  for (std::size_t i = 0; i < 300; ++i)
    ASSERT_EQ(cache[i], source[i / 3 * 4 + i % 3]);
}

TEST(Engine, CompilesLinksAndRunsOnEveryTierOfThisCpu) {
  for (auto tier : {Tier::baseline, Tier::avx2, Tier::avx512}) {
    if (tier > host_tier())
      continue;
    for (auto direction : {Direction::refresh, Direction::update}) {
      const auto plan = positions();
      const auto compiled = compile(plan, direction, tier, false, "k");
      EXPECT_NE(compiled.ir.find("@k("), std::string::npos);
      const auto code = link(compiled.object, "k");
      std::vector<float> source(4000);
      std::vector<float> cache(3000);
      std::iota(source.begin(), source.end(), 0.0F);
      std::iota(cache.begin(), cache.end(), 1e6F);
      auto expected_source = source;
      auto expected_cache = cache;
      const std::array<std::int64_t, 1> extents{1000};
      interpret(plan, direction,
                {reinterpret_cast<std::byte*>(expected_source.data()),
                 reinterpret_cast<std::byte*>(expected_cache.data()),
                 extents,
                 {}});
      code->function()(reinterpret_cast<std::byte*>(source.data()),
                       reinterpret_cast<std::byte*>(cache.data()), 1000, nullptr, 1, nullptr);
      EXPECT_EQ(source, expected_source);
      EXPECT_EQ(cache, expected_cache);
    }
  }
}

TEST(Engine, TiersHaveNamesThatParseBack) {
  for (auto tier : {Tier::baseline, Tier::avx2, Tier::avx512})
    EXPECT_EQ(tier_from_name(tier_name(tier)), tier);
  EXPECT_EQ(tier_from_name("sse9"), std::nullopt);
  EXPECT_FALSE(host_cpu().empty());
}

TEST(Engine, LinksASymbolAgainWhileOlderCodeLives) {
  const auto compiled = compile(positions(), Direction::refresh, Tier::baseline, false, "twice");
  const auto first = link(compiled.object, "twice");
  auto second = link(compiled.object, "twice");
  EXPECT_NE(first->function(), second->function());
  second.reset();
  const auto third = link(compiled.object, "twice");
  EXPECT_NE(first->function(), third->function());
}

TEST(Engine, RemovedCodeLeavesNoMappings) {
  const auto compiled = compile(positions(), Direction::refresh, Tier::baseline, false, "gone");
  const auto mappings = [] {
    std::ifstream maps("/proc/self/maps");
    std::string line;
    int count = 0;
    while (std::getline(maps, line))
      ++count;
    return count;
  };
  link(compiled.object, "gone");
  const int before = mappings();
  for (int i = 0; i < 200; ++i)
    link(compiled.object, "gone");
  EXPECT_LT(mappings(), before + 20);
}

TEST(Engine, CodePagesAreNeverWritableAndExecutable) {
  const auto compiled = compile(positions(), Direction::refresh, Tier::baseline, false, "pages");
  const auto code = link(compiled.object, "pages");
  const auto at = reinterpret_cast<std::uintptr_t>(code->function());
  std::ifstream maps("/proc/self/maps");
  std::string line;
  bool found = false;
  while (std::getline(maps, line)) {
    std::uintptr_t begin = 0;
    std::uintptr_t end = 0;
    std::array<char, 5> rights{};
    // NOLINTNEXTLINE(cert-err34-c)
    ASSERT_EQ(std::sscanf(line.c_str(), "%lx-%lx %4s", &begin, &end, rights.data()), 3) << line;
    EXPECT_FALSE(rights[1] == 'w' && rights[2] == 'x') << line;
    if (begin <= at && at < end) {
      found = true;
      EXPECT_STREQ(rights.data(), "r-xp") << line;
    }
  }
  EXPECT_TRUE(found);
}

TEST(Engine, RefusesObjectsThatAreNone) {
  EXPECT_THROW(link("not an object", "x"), std::runtime_error);
  EXPECT_THROW(link("", "x"), std::runtime_error);
  auto object = compile(positions(), Direction::refresh, Tier::baseline, false, "x").object;
  EXPECT_THROW(link(object, "y"), std::runtime_error);
  EXPECT_THROW(link(object.substr(0, object.size() / 2), "x"), std::runtime_error);
  expect_engine_works();
}

TEST(Engine, RefusesAnUnresolvedSymbol) {
  Draft draft("calls");
  draft.ir.CreateCall(draft.module->getOrInsertFunction("system", draft.ir.getVoidTy()));
  draft.ir.CreateRetVoid();
  const auto compiled = draft.compile();
  EXPECT_THROW(link(compiled.object, "calls"), std::runtime_error);
  expect_engine_works();
}

TEST(Engine, SaysWhatIsWrongWithInvalidIr) {
  Draft draft("open"); // its block does not end
  try {
    draft.compile();
    FAIL() << "invalid IR was compiled";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("terminator"), std::string::npos) << error.what();
  }
  expect_engine_works();
}

TEST(Engine, SurvivesAFatalErrorOfLlvm) {
  Draft draft("fatal"); // an intrinsic that the baseline cannot select: LLVM calls it fatal
  auto* vector = llvm::FixedVectorType::get(draft.ir.getInt8Ty(), 64);
  auto callee =
      draft.module->getOrInsertFunction("llvm.x86.avx512.permvar.qi.512", vector, vector, vector);
  auto* slot = draft.ir.CreateAlloca(vector);
  auto* value = draft.ir.CreateLoad(vector, slot, true);
  draft.ir.CreateStore(draft.ir.CreateCall(callee, {value, value}), slot, true);
  draft.ir.CreateRetVoid();
#ifdef __SANITIZE_ADDRESS__
  // What LLVM held on its stack when the exception passed through is lost: known, and rare.
  const __lsan::ScopedDisabler lost;
#endif
  EXPECT_THROW(draft.compile(), std::runtime_error);
  expect_engine_works();
}

TEST(Engine, SurvivesAnErrorDiagnostic) {
  Draft draft("diagnosed"); // LLVM's default handler would end the process
  auto* type = llvm::FunctionType::get(draft.ir.getVoidTy(), {draft.ir.getInt32Ty()}, false);
  draft.ir.CreateCall(llvm::InlineAsm::get(type, "nop", "{no_such_register}", true),
                      {draft.ir.getInt32(1)});
  draft.ir.CreateRetVoid();
  EXPECT_THROW(draft.compile(), std::runtime_error);
  expect_engine_works();
}

TEST(Inspect, DisassemblesInIntelSyntaxWithTargetsInside) {
  const auto compiled = compile(positions(), Direction::refresh, host_tier(), false, "shown");
  const auto text = disassemble(compiled.object, "shown", host_tier());
  std::istringstream lines(text);
  std::string line;
  std::vector<std::uint64_t> starts;
  std::vector<std::uint64_t> targets;
  while (std::getline(lines, line)) {
    starts.push_back(std::stoull(line, nullptr, 16));
    const auto jump = line.find("\tj");
    if (jump != std::string::npos)
      targets.push_back(std::stoull(line.substr(line.find("0x", jump)), nullptr, 16));
  }
  ASSERT_GT(starts.size(), 5U) << text;
  EXPECT_EQ(starts.front(), 0U);
  EXPECT_NE(text.find("\tret"), std::string::npos) << text;
  EXPECT_NE(text.find("ptr ["), std::string::npos) << text;
  EXPECT_EQ(text.find('%'), std::string::npos) << "AT&T syntax: " << text;
  ASSERT_FALSE(targets.empty()) << text;
  for (auto target : targets)
    EXPECT_TRUE(std::binary_search(starts.begin(), starts.end(), target)) << text;
}

TEST(Inspect, NamesWhatTheLinkerFillsIn) {
  const auto plan = parse("plan 1\nstorage f32\nvalue f32\nformat f32\n"
                          "loop strided source 4 cache 4\nlanes\nlane 0 -> 0\n");
  const auto compiled = compile(plan, Direction::refresh, Tier::baseline, false, "copied");
  const auto text = disassemble(compiled.object, "copied", Tier::baseline);
  EXPECT_NE(text.find("# memcpy"), std::string::npos) << text;
}

TEST(Inspect, RefusesWhatItCannotRead) {
  EXPECT_THROW(disassemble("nonsense", "x", Tier::baseline), std::runtime_error);
  const auto compiled = compile(positions(), Direction::refresh, Tier::baseline, false, "x");
  EXPECT_THROW(disassemble(compiled.object, "y", Tier::baseline), std::runtime_error);
}

/// Runs `work` in a child process that ends with exit(); true if it ended well.
template <class Work> bool ends_well(Work work) {
  const auto child = fork();
  if (child == 0) {
    work();
    std::exit(0); // NOLINT(concurrency-mt-unsafe): the handlers are what is tested
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(WarmUp, MayRunWhenTheProcessEndsOrForks) {
  EXPECT_TRUE(ends_well([] { warm_up(); }));
  EXPECT_TRUE(ends_well([] {
    warm_up();
    warm_up();
    if (!ends_well([] { expect_engine_works(); }))
      std::_Exit(1);
  }));
}

TEST(WarmUp, LetsTheMainThreadCompileMeanwhile) {
  EXPECT_TRUE(ends_well([] {
    warm_up();
    expect_engine_works();
    if (::testing::Test::HasFailure())
      std::_Exit(1);
  }));
}

} // namespace
} // namespace rnaslicer::jit
