// tests/jit/disk_format_test.cpp: the disk cache as a file format.
#include "tests/jit/disk_sample.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <random>

namespace rnaslicer::jit {
namespace {

TEST(DiskFormat, GivesBackWhatWasStored) {
  EXPECT_EQ(decode(encode(key, sample), key), sample);
  const Stored without_ir{1, "o", ""};
  EXPECT_EQ(decode(encode("", without_ir), ""), without_ir);
}

TEST(DiskFormat, DetectsEveryFlippedBit) {
  const auto good = encode(key, sample);
  for (std::size_t i = 0; i < good.size(); ++i)
    for (unsigned bit = 0; bit < 8; ++bit) {
      auto bad = good;
      bad[i] = static_cast<char>(static_cast<unsigned char>(bad[i]) ^ (1U << bit));
      ASSERT_EQ(decode(bad, key), std::nullopt) << "byte " << i << " bit " << bit;
    }
}

TEST(DiskFormat, DetectsTruncationAndAddition) {
  const auto good = encode(key, sample);
  for (std::size_t size = 0; size < good.size(); ++size)
    ASSERT_EQ(decode(good.substr(0, size), key), std::nullopt) << size;
  EXPECT_EQ(decode(good + '\0', key), std::nullopt);
  EXPECT_EQ(decode(good + good, key), std::nullopt);
}

TEST(DiskFormat, RefusesAnotherKeyAndSenselessContents) {
  EXPECT_EQ(decode(encode(key, sample), key + "x"), std::nullopt);
  EXPECT_EQ(decode(encode(key, sample), key.substr(1)), std::nullopt);
  EXPECT_EQ(decode(encode(key, {0, "o", ""}), key), std::nullopt);
  EXPECT_EQ(decode(encode(key, {1, "", ""}), key), std::nullopt);
}

TEST(DiskFormat, SurvivesRandomBytes) {
  std::mt19937_64 random(1); // NOLINT(cert-msc51-cpp): the same each time
  for (int i = 0; i < 20000; ++i) {
    auto bytes = encode(key, sample);
    if (i % 2 == 0)
      bytes.resize(random() % bytes.size());
    for (std::uint64_t flips = 1 + random() % 40; flips > 0 && !bytes.empty(); --flips)
      bytes[random() % std::min<std::size_t>(bytes.size(), 100)] = static_cast<char>(random());
    const auto decoded = decode(bytes, key);
    ASSERT_TRUE(!decoded || *decoded == sample);
  }
}

} // namespace
} // namespace rnaslicer::jit
