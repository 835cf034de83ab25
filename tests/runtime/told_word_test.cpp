// tests/runtime/told_word_test.cpp: which word of an object is what somebody tells of it.
#include "runtime/blender/told_word.hpp"

#include <array>
#include <gtest/gtest.h>

namespace rnaslicer::runtime {
namespace {

using Words = std::array<std::uint64_t, 4>;

/// Objects like bpy's: of a datablock the word before the struct's address is the same one.
Words object(std::uint64_t address, bool is_datablock) {
  return {7, is_datablock ? address : 1, 99, address};
}

TEST(ToldWord, IsFoundWhereItIsRightOfAll) {
  ToldWord word;
  for (std::uint64_t i = 1; i < 12; ++i) {
    word.add(object(1000 * i, i % 2 == 0), 1000 * i);
    EXPECT_FALSE(word.index()) << i;
  }
  word.add(object(12000, true), 12000);
  ASSERT_TRUE(word.index());
  EXPECT_EQ(*word.index(), 3U);
}

TEST(ToldWord, TakesManyThatDiffer) {
  ToldWord word;
  for (int i = 0; i < 100; ++i)
    word.add(object(1000, false), 1000);
  EXPECT_FALSE(word.index());
}

TEST(ToldWord, OfTwoThatAreRightTellsNeither) {
  ToldWord word;
  for (std::uint64_t i = 1; i < 50; ++i)
    word.add(object(1000 * i, true), 1000 * i);
  EXPECT_FALSE(word.index());
  word.add(object(77, false), 77);
  EXPECT_TRUE(word.index());
}

TEST(ToldWord, IsLostWhereOneTellsOtherwise) {
  ToldWord word;
  for (std::uint64_t i = 1; i < 50; ++i)
    word.add(object(1000 * i, false), 1000 * i);
  ASSERT_TRUE(word.index());
  word.add(object(1000, false), 2000);
  EXPECT_FALSE(word.index());
  word.add(object(1000, false), 1000);
  EXPECT_FALSE(word.index());
}

TEST(ToldWord, LearnsNothingFromNull) {
  ToldWord word;
  const Words nothing{};
  for (int i = 0; i < 50; ++i)
    word.add(nothing, 0);
  for (std::uint64_t i = 1; i < 50; ++i)
    word.add(object(1000 * i, false), 1000 * i);
  EXPECT_TRUE(word.index());
}

} // namespace
} // namespace rnaslicer::runtime
