// tests/jit/emit_test.cpp: the form of the code that is emitted, and what it must leave alone.
#include "jit/engine.hpp"

#include <array>
#include <atomic>
#include <gtest/gtest.h>
#include <thread>
#include <vector>

namespace rnaslicer::jit {
namespace {

constexpr std::array tiers{Tier::baseline, Tier::avx2, Tier::avx512};

Plan plan_of(const std::string& types, const std::string& loop, const std::vector<Lane>& lanes) {
  std::string text = "plan 1\n" + types + "\n" + loop + "\nlanes " + std::to_string(lanes.size());
  for (const Lane& lane : lanes)
    text += "\nlane " + std::to_string(lane.source) + " -> " + std::to_string(lane.cache);
  return parse(text + "\n");
}

const std::string floats = "storage f32\nvalue f32\nformat f32";
const std::vector<Lane> xyz{{0, 0}, {4, 4}, {8, 8}};

std::string ir_of(const Plan& plan, Direction direction, Tier tier, bool streaming = false) {
  return compile(plan, direction, tier, streaming, "k").ir;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(Emit, PackedToPackedIsMemcpy) {
  const Plan plan = plan_of(floats, "loop strided source 12 cache 12", xyz);
  for (const Tier tier : tiers)
    for (const auto direction : {Direction::refresh, Direction::update}) {
      const auto compiled = compile(plan, direction, tier, false, "k");
      EXPECT_TRUE(has(compiled.ir, "call void @llvm.memcpy"));
      EXPECT_FALSE(has(compiled.ir, "phi")) << "a loop beside it";
      EXPECT_EQ(compiled.min_count, 1);
    }
}

TEST(Emit, MemcpyNeedsTheSameOrderAndNoClamp) {
  const Plan turned = plan_of(floats, "loop strided source 12 cache 12", {{8, 0}, {4, 4}, {0, 8}});
  EXPECT_FALSE(has(ir_of(turned, Direction::refresh, Tier::baseline), "memcpy"));
  const Plan clamped = plan_of("storage f32\nvalue f32\nclamp 0 1\nformat f32",
                               "loop strided source 12 cache 12", xyz);
  EXPECT_TRUE(has(ir_of(clamped, Direction::refresh, Tier::baseline), "memcpy"));
  EXPECT_FALSE(has(ir_of(clamped, Direction::update, Tier::baseline), "memcpy"));
}

TEST(Emit, GapsAreMaskedWhereThatIsQuick) {
  const Plan plan = plan_of(floats, "loop strided source 16 cache 12", xyz);
  EXPECT_TRUE(has(ir_of(plan, Direction::update, Tier::avx512), "llvm.masked.store.v16i32"));
  for (const Tier tier : {Tier::avx2, Tier::baseline})
    EXPECT_FALSE(has(ir_of(plan, Direction::update, tier), "masked.store"));
}

TEST(Emit, FloatsBecomeBytesInWholePacks) {
  const std::string bytes = "storage f32\nvalue f32\nformat u8 normalized";
  const Plan plan = plan_of(bytes, "loop strided source 4 cache 1", {{0, 0}});
  EXPECT_EQ(compile(plan, Direction::refresh, Tier::avx2, false, "k").min_count, 32);
  // Not where indices lead to them: of 64 at once none could be noted as bad.
  for (const char* format : {"u8 normalized", "b1"})
    for (const Tier tier : tiers) {
      const Plan gather =
          parse(std::string("plan 1\nstorage f32\nthrough stride 24\nvalue f32\nformat ") + format +
                "\nloop strided source 4 cache 1\nlanes 1\nlane 0 -> 0\n");
      EXPECT_LE(compile(gather, Direction::refresh, tier, false, "k").min_count, 32);
    }
}

TEST(Emit, StreamsOnlyWhenAsked) {
  const Plan plan = plan_of(floats, "loop strided source 16 cache 12", xyz);
  for (const Tier tier : tiers) {
    const std::string plain = ir_of(plan, Direction::refresh, tier);
    const std::string streaming = ir_of(plan, Direction::refresh, tier, true);
    EXPECT_FALSE(has(plain, "nontemporal"));
    EXPECT_TRUE(has(streaming, "!nontemporal"));
    EXPECT_TRUE(has(streaming, "sfence"));
    EXPECT_FALSE(has(ir_of(plan, Direction::update, tier, true), "nontemporal")) << "has gaps";
  }
}

TEST(Emit, AsksAheadForLinesWhoseStoresLeaveGaps) {
  const auto prefetches = [](const Plan& plan, Direction direction, Tier tier) {
    const std::string ir = ir_of(plan, direction, tier);
    std::size_t count = 0;
    for (auto at = ir.find("call void @llvm.prefetch"); at != std::string::npos; ++count)
      at = ir.find("call void @llvm.prefetch", at + 1);
    EXPECT_EQ(has(ir, "i32 0, i32 3, i32 1)"), false) << "none to read";
    return count;
  };
  const Plan packed = plan_of(floats, "loop strided source 12 cache 12", xyz);
  const Plan turned = plan_of(floats, "loop strided source 12 cache 12", {{8, 0}, {4, 4}, {0, 8}});
  const Plan field = plan_of(floats, "loop strided source 12 cache 24", xyz);
  // Several of one byte, one after the other: the plain loop.
  const Plan bits = parse("plan 1\nstorage i16 flag 0x1\nvalue b1\nformat b1\n"
                          "loop strided source 72 cache 2\nlanes 2\nlane 52 -> 0 mask 0x1\n"
                          "lane 52 -> 1 mask 0x2\n");
  const Plan narrow = plan_of(floats, "loop strided source 12 cache 8", {{0, 0}, {0, 4}});
  for (const Tier tier : tiers) {
    for (const auto direction : {Direction::refresh, Direction::update})
      for (const Plan& plan : {packed, turned})
        EXPECT_EQ(prefetches(plan, direction, tier), 0U) << "each line is filled";
    EXPECT_GT(prefetches(field, Direction::refresh, tier), 0U);
    EXPECT_EQ(prefetches(field, Direction::update, tier), 0U);
    EXPECT_EQ(prefetches(bits, Direction::refresh, tier), 0U);
    EXPECT_EQ(prefetches(bits, Direction::update, tier), 1U) << "once a step";
    EXPECT_EQ(prefetches(narrow, Direction::update, tier), 0U) << "many steps on a line";
  }
}

/// Bytes from where an item of a block of flags is stored to each place that is asked for.
std::vector<std::int64_t> asked_for(std::int64_t stride) {
  const Plan plan = plan_of("storage b1\nvalue b1\nformat b1",
                            "loop strided source 1 cache " + std::to_string(stride), {{0, 0}});
  const auto compiled = compile(plan, Direction::refresh, Tier::baseline, false, "k");
  std::vector<std::int64_t> found;
  for (std::size_t at = 0;
       (at = compiled.ir.find("call void @llvm.prefetch.p0(ptr %", at)) != std::string::npos;) {
    at += std::string_view("call void @llvm.prefetch.p0(ptr ").size();
    const std::string name = compiled.ir.substr(at, compiled.ir.find(',', at) - at);
    const auto made = compiled.ir.find(name + " = getelementptr i8, ptr ");
    const auto offset = compiled.ir.find(", i64 ", made);
    found.push_back(std::stoll(compiled.ir.substr(offset + 6)));
  }
  return found;
}

TEST(Emit, AsksForNoLineThatIsLeftOut) {
  for (const std::int64_t stride : {96, 200, -96, 1000}) {
    const auto found = asked_for(stride);
    EXPECT_FALSE(found.empty());
    for (const std::int64_t place : found)
      EXPECT_EQ(place % stride, 0) << "4096 bytes further on there is no item";
  }
  for (const std::int64_t stride : {24, -24, 64})
    EXPECT_EQ(asked_for(stride).front(), stride < 0 ? 3 * stride - 4096 : 4096);
}

TEST(Emit, OverlappingTargetsAreStoredInOrder) {
  const Plan swizzle = plan_of(floats, "loop strided source 12 cache 8", {{0, 0}, {0, 4}});
  const auto compiled = compile(swizzle, Direction::update, Tier::baseline, false, "k");
  EXPECT_EQ(compiled.min_count, 1);
  EXPECT_FALSE(has(compiled.ir, "<4 x"));
}

TEST(Emit, CallsNothingButMemcpy) { // linking fails on any other symbol
  const std::array<std::string, 9> types{
      "storage f32\nvalue f32\nformat u64",      "storage f32\nvalue f32\nformat i64",
      "storage f64\nvalue f32\nformat u8",       "storage f32\nvalue f32\nformat u32",
      "storage i64\nvalue i32\nformat u64",      "storage u16 unorm\nvalue f32\nformat i16",
      "storage u8 unorm\nvalue f32\nformat f64", "storage i32\nvalue i32\nformat f64",
      "storage f32\nvalue f32\nformat f16"};
  for (const auto& type : types)
    for (const Tier tier : tiers)
      for (const auto direction : {Direction::refresh, Direction::update}) {
        const Plan plan = plan_of(type, "loop strided source 24 cache 16", {{0, 0}, {8, 8}});
        EXPECT_NO_THROW(link(compile(plan, direction, tier, false, "k").object, "k")) << type;
      }
}

/// Another thread owns the bytes around the property and writes them all the while: an update that
/// wrote back what it had read there would bring an older number back.
void expect_neighbours_left_alone(const Plan& plan, std::size_t stride, std::size_t neighbour) {
  constexpr std::size_t count = 64;
  for (const Tier tier : tiers) {
    if (tier > host_tier())
      continue;
    const auto code = link(compile(plan, Direction::update, tier, false, "k").object, "k");
    std::vector<std::byte> source(stride * count + 64);
    std::vector<std::byte> cache(16 * count);
    std::atomic<bool> done{false};
    std::size_t undone = 0;
    std::thread owner([&] {
      for (int sweep = 0; sweep < 20'000; ++sweep)
        for (std::size_t i = 0; i < count; ++i) {
          const std::atomic_ref<std::byte> mine(source[i * stride + neighbour]);
          if (mine.load(std::memory_order_relaxed) != static_cast<std::byte>(sweep))
            ++undone;
          mine.store(static_cast<std::byte>(sweep + 1), std::memory_order_relaxed);
        }
      done = true;
    });
    while (!done)
      code->function()(source.data(), cache.data(), count, nullptr, 1, nullptr);
    owner.join();
    EXPECT_EQ(undone, 0U) << tier_name(tier) << "\n" << print(plan);
  }
}

TEST(Emit, UpdateNeverRewritesItsNeighbours) {
  expect_neighbours_left_alone(plan_of(floats, "loop strided source 16 cache 12", xyz), 16, 13);
  expect_neighbours_left_alone(plan_of("storage u8 flag 0x1\nvalue b1\nformat b1",
                                       "loop strided source 20 cache 1", {{18, 0}}),
                               20, 19);
  expect_neighbours_left_alone(plan_of("storage i16 field 0x310\nvalue i32\nformat i32",
                                       "loop strided source 12 cache 4", {{10, 0}}),
                               12, 9);
  expect_neighbours_left_alone(plan_of("storage f32\nvalue f32\nclamp 0 1\nformat f64",
                                       "loop strided source 72 cache 16", {{4, 0}, {8, 8}}),
                               72, 3);
}

} // namespace
} // namespace rnaslicer::jit
