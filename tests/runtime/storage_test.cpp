// tests/runtime/storage_test.cpp: blocks, the pool, half precision.
#include "runtime/memory/item.hpp"
#include "runtime/memory/storage.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <gtest/gtest.h>
#include <vector>

namespace {

using namespace rnaslicer::runtime;

class Storage : public testing::Test {
 protected:
  void SetUp() override { trim_pool(); }
  void TearDown() override {
    EXPECT_EQ(storage_counters().used, 0U);
    trim_pool();
    EXPECT_EQ(storage_counters().pooled, 0U);
  }
};

TEST_F(Storage, FreshBlocksAreZeroAndAligned) {
  for (const std::size_t nbytes :
       {0UL, 1UL, 64UL, 65UL, 12345UL, 4194303UL, 4194304UL, 12000000UL}) {
    const Block block = take_block(nbytes);
    ASSERT_NE(block.data, nullptr);
    EXPECT_GE(block.capacity, nbytes);
    EXPECT_LE(block.capacity, nbytes + nbytes / 4 + (nbytes < 4194304 ? 64 : 2097152));
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block.data) % 64, 0U);
    EXPECT_TRUE(std::all_of(block.data, block.data + block.capacity,
                            [](std::byte byte) { return byte == std::byte{0}; }));
    std::memset(block.data, 0xA5, block.capacity);
    give_block(block);
    trim_pool();
  }
}

TEST_F(Storage, TheSameSizeComesBack) {
  const Block first = take_block(5000);
  give_block(first);
  EXPECT_EQ(storage_counters().pooled, first.capacity);
  const Block again = take_block(4990);
  EXPECT_EQ(again.data, first.data);
  const Block other = take_block(5000);
  EXPECT_NE(other.data, first.data);
  give_block(again);
  give_block(other);
}

TEST_F(Storage, MuchLargerBlocksAreNotWasted) {
  const Block large = take_block(20 << 20);
  give_block(large);
  const Block small = take_block(5 << 20);
  EXPECT_NE(small.data, large.data);
  give_block(small);
}

TEST_F(Storage, ThePoolIsBounded) {
  std::vector<Block> blocks;
  blocks.reserve(8);
  for (int i = 0; i < 8; ++i)
    blocks.push_back(take_block(60 << 20));
  for (const Block& block : blocks)
    give_block(block);
  EXPECT_LE(storage_counters().pooled, 256U << 20);
  EXPECT_GE(storage_counters().pooled, 60U << 20);
  blocks.clear();
  blocks.reserve(200);
  for (std::size_t i = 0; i < 200; ++i)
    blocks.push_back(take_block(100 * i));
  for (const Block& block : blocks)
    give_block(block);
  give_block(take_block(300 << 20)); // larger than all the pool: freed at once
  EXPECT_LE(storage_counters().pooled, 256U << 20);
}

TEST_F(Storage, NoMemoryIsAnEmptyBlock) {
  EXPECT_EQ(take_block(SIZE_MAX).data, nullptr);
  EXPECT_EQ(take_block(std::size_t{1} << 60).data, nullptr);
}

TEST(Half, EveryPatternComesBack) {
  for (unsigned bits = 0; bits < 0x10000; ++bits) {
    const double value = half_to_double(static_cast<unsigned short>(bits));
    if (std::isnan(value))
      EXPECT_TRUE(std::isnan(half_to_double(double_to_half(value))));
    else
      ASSERT_EQ(double_to_half(value), bits);
  }
}

TEST(Half, RoundsToNearestEven) {
  for (unsigned bits = 0; bits < 0x7BFF; ++bits) {
    const auto low = static_cast<unsigned short>(bits);
    const double a = half_to_double(low);
    const double b = half_to_double(static_cast<unsigned short>(bits + 1));
    const double middle = (a + b) / 2;
    ASSERT_EQ(double_to_half(middle), bits % 2 == 0 ? bits : bits + 1);
    ASSERT_EQ(double_to_half(std::nextafter(middle, a)), bits);
    ASSERT_EQ(double_to_half(std::nextafter(middle, b)), bits + 1);
  }
  EXPECT_EQ(double_to_half(65519.999), 0x7BFF);
  EXPECT_EQ(double_to_half(65520.0), 0x7C00);
  EXPECT_EQ(double_to_half(-1e-300), 0x8000);
}

TEST(Formats, RepresentationsNotNames) {
  EXPECT_TRUE(same_representation("l", 8, "@q", 8));
  EXPECT_TRUE(same_representation("<i", 4, "i", 4));
  EXPECT_TRUE(same_representation("l x d x", 17, "l x d x", 17));
  EXPECT_FALSE(same_representation(">i", 4, "i", 4));
  EXPECT_FALSE(same_representation("f", 4, "i", 4));
  EXPECT_FALSE(same_representation("L", 8, "q", 8));
  EXPECT_FALSE(same_representation("<l", 4, "l", 8));
  EXPECT_FALSE(same_representation("B", 1, "?", 1));
  EXPECT_FALSE(same_representation("ii", 8, "q", 8));
}

} // namespace
