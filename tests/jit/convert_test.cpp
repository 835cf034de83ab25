// tests/jit/convert_test.cpp: conversions at their edges, against numbers written by hand, and all
// pairs of types against the oracle.
#include "jit/convert.hpp"
#include "tests/jit/oracle.hpp"
#include "tests/jit/random_numbers.hpp"

#include <cmath>
#include <cstring>
#include <gtest/gtest.h>

namespace rnaslicer::jit::test {
namespace {

using enum Scalar;

constexpr float nan_f32 = std::numeric_limits<float>::quiet_NaN();
constexpr float inf_f32 = std::numeric_limits<float>::infinity();

template <typename To, typename From> To bits_of(From x) {
  static_assert(sizeof(To) == sizeof(From));
  return std::bit_cast<To>(x);
}

TEST(Convert, FloatToIntRoundsToNearestEven) {
  EXPECT_EQ((convert<i32, f32>(0.5F)), 0);
  EXPECT_EQ((convert<i32, f32>(1.5F)), 2);
  EXPECT_EQ((convert<i32, f32>(2.5F)), 2);
  EXPECT_EQ((convert<i32, f32>(-0.5F)), 0);
  EXPECT_EQ((convert<i32, f32>(-1.5F)), -2);
  EXPECT_EQ((convert<i32, f32>(-2.5F)), -2);
  EXPECT_EQ((convert<i32, f32>(0x1.fffffep-2F)), 0); // the float below 0.5
  EXPECT_EQ((convert<i32, f64>(0x1.fffffffffffffp-2)), 0);
  EXPECT_EQ((convert<i8, f32>(126.5F)), 126);
  EXPECT_EQ((convert<i8, f32>(127.5F)), 127); // 128 does not fit
  EXPECT_EQ((convert<u8, f32>(254.5F)), 254);
  EXPECT_EQ((convert<u16, f32>(65534.5F)), 65534);
  EXPECT_EQ((convert<i64, f32>(-2.5F)), -2);
  EXPECT_EQ((convert<u64, f32>(3.5F)), 4U);
}

TEST(Convert, NormalizesToNearestEvenOfTheExactProduct) {
  EXPECT_EQ(normalize<std::uint8_t>(0.5), 128); // 127.5
  EXPECT_EQ(normalize<std::uint8_t>(0.5 / 255), 0);
  EXPECT_EQ(normalize<std::uint8_t>(1.5 / 255), 2);
  EXPECT_EQ(normalize<std::uint8_t>(static_cast<double>(0x1.010102p-9F)), 1); // 0.5 as float32

  EXPECT_EQ(normalize<std::int8_t>(-0.5), -64); // -63.5
  EXPECT_EQ(normalize<std::int8_t>(-9), -127);
  EXPECT_EQ(normalize<std::uint16_t>(1.0), 65535);
  EXPECT_EQ(normalize<std::uint32_t>(1.0), UINT32_MAX);
  EXPECT_EQ(normalize<std::uint32_t>(-0.1), 0U);
  EXPECT_EQ(normalize<std::int32_t>(std::numeric_limits<double>::infinity()), INT32_MAX);
  EXPECT_EQ(normalize<std::int16_t>(std::numeric_limits<double>::quiet_NaN()), 0);
}

TEST(Convert, FractionsAreNearestAndComeBack) {
  EXPECT_EQ(fraction_of<std::int8_t>(-128), -1.0F);
  EXPECT_EQ(fraction_of<std::int8_t>(-127), -1.0F);
  EXPECT_EQ(fraction_of<std::uint32_t>(UINT32_MAX), 1.0F);
  for (int n = 0; n < 65536; ++n) {
    const auto word = static_cast<std::uint16_t>(n);
    ASSERT_EQ(fraction_of(word), static_cast<float>(static_cast<long double>(n) / 65535));
    ASSERT_EQ(normalize<std::uint16_t>(static_cast<double>(fraction_of(word))), word);
    ASSERT_EQ(
        normalize<std::int16_t>(static_cast<double>(fraction_of(static_cast<std::int16_t>(n)))),
        n == 32768 ? -32767 : static_cast<std::int16_t>(n));
  }
}

/// What same_fractions() rests on.
TEST(Convert, StoredFractionsAreTheCachesOwn) {
  for (int n = 0; n < 65536; ++n) {
    const auto word = static_cast<std::uint16_t>(n);
    ASSERT_EQ(normalize<std::uint16_t>(static_cast<double>(decode_unorm(word))), word);
    ASSERT_EQ(encode_unorm<std::uint16_t>(fraction_of(word)), word);
    const auto byte = static_cast<std::uint8_t>(n);
    ASSERT_EQ(normalize<std::uint8_t>(static_cast<double>(decode_unorm(byte))), byte);
    ASSERT_EQ(encode_unorm<std::uint8_t>(fraction_of(byte)), byte);
  }
}

TEST(Convert, FloatToIntSaturates) {
  EXPECT_EQ((convert<i32, f32>(0x1p31F)), INT32_MAX);
  EXPECT_EQ((convert<i32, f32>(-0x1p31F)), INT32_MIN);
  EXPECT_EQ((convert<i32, f32>(0x1p31F - 128)), INT32_MAX - 127);
  EXPECT_EQ((convert<i32, f64>(2147483646.5)), 2147483646);
  EXPECT_EQ((convert<i32, f64>(2147483647.5)), INT32_MAX);
  EXPECT_EQ((convert<i32, f64>(-2147483649.0)), INT32_MIN);
  EXPECT_EQ((convert<u32, f32>(0x1p32F)), UINT32_MAX);
  EXPECT_EQ((convert<u32, f32>(3e9F)), 3000000000U);
  EXPECT_EQ((convert<u32, f32>(-1.0F)), 0U);
  EXPECT_EQ((convert<i64, f32>(0x1p63F)), INT64_MAX);
  EXPECT_EQ((convert<i64, f32>(-0x1p63F)), INT64_MIN);
  EXPECT_EQ((convert<i64, f32>(inf_f32)), INT64_MAX);
  EXPECT_EQ((convert<u64, f32>(0x1p64F)), UINT64_MAX);
  EXPECT_EQ((convert<u64, f32>(0x1p63F)), std::uint64_t{1} << 63U);
  EXPECT_EQ((convert<u64, f32>(-0.6F)), 0U);
  EXPECT_EQ((convert<u64, f32>(-inf_f32)), 0U);
  EXPECT_EQ((convert<i8, f32>(-inf_f32)), -128);
  EXPECT_EQ((convert<u8, f32>(inf_f32)), 255);
}

TEST(Convert, LargeDoublesAreRoundedOnce) {
  EXPECT_EQ(round_to<std::int64_t>(0x1p53 - 1), (std::int64_t{1} << 53) - 1);
  EXPECT_EQ(round_to<std::int64_t>(1 - 0x1p53), 1 - (std::int64_t{1} << 53));
  EXPECT_EQ(round_to<std::int64_t>(0x1p52 - 0.5), std::int64_t{1} << 52);
  EXPECT_EQ(round_to<std::int64_t>(0x1p52 - 1.5), (std::int64_t{1} << 52) - 2);
  EXPECT_EQ(round_to<std::uint64_t>(0x1p64 - 2048), UINT64_MAX - 2047);
  EXPECT_EQ(round_to<std::int64_t>(0x1p63 - 1024), INT64_MAX - 1023);
}

TEST(Convert, NanBecomesZeroAndFalse) {
  EXPECT_EQ((convert<i8, f32>(nan_f32)), 0);
  EXPECT_EQ((convert<u32, f32>(-nan_f32)), 0U);
  EXPECT_EQ((convert<i64, f32>(nan_f32)), 0);
  EXPECT_EQ((convert<u64, f32>(nan_f32)), 0U);
  EXPECT_EQ((convert<i32, f64>(std::nan(""))), 0);
  EXPECT_EQ((convert<i32, f16>(0x7e00)), 0);
  EXPECT_EQ((convert<b1, f32>(nan_f32)), 0);
  EXPECT_EQ((convert<b1, f64>(std::nan(""))), 0);
  EXPECT_EQ((convert<b1, f16>(0xfe01)), 0);
}

TEST(Convert, IntToIntSaturates) {
  EXPECT_EQ((convert<i8, i32>(128)), 127);
  EXPECT_EQ((convert<i8, i32>(-129)), -128);
  EXPECT_EQ((convert<u8, i32>(-1)), 0);
  EXPECT_EQ((convert<u64, i32>(-1)), 0U);
  EXPECT_EQ((convert<u32, i32>(INT32_MIN)), 0U);
  EXPECT_EQ((convert<i64, i32>(INT32_MIN)), INT32_MIN);
  EXPECT_EQ((convert<i32, u32>(0x80000000U)), INT32_MAX);
  EXPECT_EQ((convert<i32, u64>(UINT64_MAX)), INT32_MAX);
  EXPECT_EQ((convert<i32, i64>(INT64_MIN)), INT32_MIN);
}

TEST(Convert, IntToFloatRoundsOnce) {
  EXPECT_EQ((convert<f32, i32>(16777217)), 16777216.0F);
  EXPECT_EQ((convert<f32, i32>(16777219)), 16777220.0F);
  EXPECT_EQ((convert<f64, i32>(INT32_MAX)), 2147483647.0);
  // Through a double this would be a tie and go to even.
  EXPECT_EQ((convert<f32, i64>(0x4000004000000001)), 0x1.000002p62F);
  EXPECT_EQ((convert<f32, u64>(0x8000008000000001U)), 0x1.000002p63F);
  EXPECT_EQ((convert<f32, u64>(UINT64_MAX)), 0x1p64F);
  EXPECT_EQ((convert<f16, i32>(65519)), 0x7bff);
  EXPECT_EQ((convert<f16, i32>(65520)), 0x7c00);
  EXPECT_EQ((convert<f16, i32>(-70000)), 0xfc00);
  EXPECT_EQ((convert<f16, i32>(2049)), 0x6800); // 2048: ties to even
}

TEST(Convert, FloatToFloat) {
  EXPECT_EQ((convert<f32, f64>(0x1.000001p0)), 1.0F); // tie to even
  EXPECT_EQ((convert<f32, f64>(1e300)), inf_f32);
  EXPECT_EQ((convert<f32, f64>(0x1.ffffffp127)), inf_f32);
  EXPECT_EQ((convert<f32, f64>(0x1p-150)), 0.0F);
  EXPECT_TRUE(std::signbit(convert<f32, f64>(-0.0)));
  // A NaN keeps sign and leading payload and turns quiet.
  EXPECT_EQ(bits_of<std::uint32_t>(convert<f32, f64>(bits_of<double>(0xfff4000020000000U))),
            0xffe00001U);
  EXPECT_EQ(bits_of<std::uint64_t>(convert<f64, f32>(bits_of<float>(0x7f800001U))),
            0x7ff8000020000000U);
  // The same type is left alone.
  EXPECT_EQ(bits_of<std::uint32_t>(convert<f32, f32>(bits_of<float>(0x7f800001U))), 0x7f800001U);
}

TEST(Convert, HalvesAreExactAsFloatsAndBack) {
  for (std::uint32_t half = 0; half <= 0xffff; ++half) {
    const auto bits = static_cast<std::uint16_t>(half);
    const float x = f16_to_f32(bits);
    ASSERT_EQ(bits_of<std::uint32_t>(x), oracle_convert(half, f16, f32)) << half;
    const bool nan = (half & 0x7fffU) > 0x7c00U;
    ASSERT_EQ(f32_to_f16(x), nan ? half | 0x200U : half) << half;
  }
}

/// Between two neighbouring halves: the tie goes to the even one, its neighbours to their sides.
TEST(Convert, FloatsBetweenHalvesRoundToNearestEven) {
  for (std::uint32_t half = 0; half < 0x7c00; ++half) {
    const float lo = f16_to_f32(static_cast<std::uint16_t>(half));
    // Above the largest half the next step would be 65536.
    const float hi = half == 0x7bff ? 65536.0F : f16_to_f32(static_cast<std::uint16_t>(half + 1));
    const float tie = lo + (hi - lo) / 2;
    ASSERT_EQ(f32_to_f16(tie), half + (half & 1U)) << half;
    ASSERT_EQ(f32_to_f16(std::nextafter(tie, 0.0F)), half) << half;
    ASSERT_EQ(f32_to_f16(std::nextafter(tie, inf_f32)), half + 1) << half;
    ASSERT_EQ(f32_to_f16(-tie), 0x8000U | (half + (half & 1U))) << half;
  }
  EXPECT_EQ(f32_to_f16(0x1p-149F), 0);
  EXPECT_EQ(f32_to_f16(-1e30F), 0xfc00);
  EXPECT_EQ(f32_to_f16(bits_of<float>(0xff800001U)), 0xfe00); // a NaN that loses its payload
}

TEST(Convert, BooleansAreNormalised) {
  EXPECT_EQ((convert<b1, b1>(255)), 1);
  EXPECT_EQ((convert<i32, b1>(2)), 1);
  EXPECT_EQ((convert<f32, b1>(128)), 1.0F);
  EXPECT_EQ((convert<f16, b1>(7)), 0x3c00);
  EXPECT_EQ((convert<u64, b1>(0)), 0U);
  EXPECT_EQ((convert<b1, i32>(256)), 1);
  EXPECT_EQ((convert<b1, i64>(std::int64_t{1} << 40)), 1);
  EXPECT_EQ((convert<b1, f32>(-0.0F)), 0);
  EXPECT_EQ((convert<b1, f32>(0x1p-149F)), 1);
  EXPECT_EQ((convert<b1, f32>(-inf_f32)), 1);
  EXPECT_EQ((convert<b1, f16>(0x8000)), 0);
  EXPECT_EQ((convert<b1, f16>(0x0001)), 1);
  EXPECT_EQ((convert<b1, f16>(0x7c00)), 1);
}

TEST(Convert, PlainStorageIsACast) {
  EXPECT_EQ((decode_plain<i32, u32>(0xffffffffU, false)), -1);
  EXPECT_EQ((decode_plain<i32, i64>(0x100000002, false)), 2);
  EXPECT_EQ((decode_plain<i32, i8>(-3, false)), -3);
  EXPECT_EQ((decode_plain<b1, i64>(std::int64_t{1} << 40, false)), 1);
  EXPECT_EQ((decode_plain<i32, b1>(9, false)), 1);
  EXPECT_EQ((decode_plain<b1, b1>(9, true)), 0);
  EXPECT_EQ((decode_plain<b1, b1>(0, true)), 1);
  EXPECT_EQ((encode_plain<i8, i32>(300, false)), 44);
  EXPECT_EQ((encode_plain<u16, i32>(-1, false)), 65535);
  EXPECT_EQ((encode_plain<u64, i32>(-1, false)), UINT64_MAX);
  EXPECT_EQ((encode_plain<i32, b1>(7, false)), 1);
  EXPECT_EQ((encode_plain<b1, i32>(256, false)), 1);
  EXPECT_EQ((encode_plain<b1, b1>(1, true)), 0);
  EXPECT_EQ((encode_plain<f64, f32>(0.1F, false)), static_cast<double>(0.1F));
}

TEST(Convert, FlagsAndFieldsKeepToTheirMask) {
  EXPECT_EQ((decode_flag<std::uint8_t>(0x14, 0x04, false)), 1);
  EXPECT_EQ((decode_flag<std::uint8_t>(0x10, 0x04, false)), 0);
  EXPECT_EQ((decode_flag<std::uint8_t>(0x10, 0x04, true)), 1);
  EXPECT_EQ((decode_field<std::uint16_t>(0xffff, 0x8010)), 0x8010); // no sign
  EXPECT_EQ((decode_field<std::uint32_t>(0xffffffffU, 0x80000000U)), INT32_MIN);
  EXPECT_EQ((encode_flag<std::uint8_t>(5, 0x06, false)), 6);
  EXPECT_EQ((encode_flag<std::uint8_t>(5, 0x06, true)), 0);
  EXPECT_EQ((encode_field<std::uint16_t>(-1, 0x0310)), 0x0310);
  EXPECT_EQ((merge_bits<std::uint8_t>(0xff, 0x10, 0x34)), 0xdb);
}

TEST(Convert, UnormIsAFractionOfTheMaximum) {
  EXPECT_EQ(decode_unorm<std::uint8_t>(255), 1.0F);
  EXPECT_EQ(decode_unorm<std::uint16_t>(65535), 1.0F);
  EXPECT_EQ(decode_unorm<std::uint8_t>(128), 128.0F * (1.0F / 255.0F));
  for (int raw = 0; raw <= 255; ++raw)
    EXPECT_EQ(
        encode_unorm<std::uint8_t>(decode_unorm<std::uint8_t>(static_cast<std::uint8_t>(raw))),
        raw);
  for (int raw = 0; raw <= 65535; ++raw)
    ASSERT_EQ(
        encode_unorm<std::uint16_t>(decode_unorm<std::uint16_t>(static_cast<std::uint16_t>(raw))),
        raw);
  EXPECT_EQ(encode_unorm<std::uint8_t>(nan_f32), 0);
  EXPECT_EQ(encode_unorm<std::uint8_t>(-inf_f32), 0);
  EXPECT_EQ(encode_unorm<std::uint8_t>(inf_f32), 255);
  EXPECT_EQ(encode_unorm<std::uint8_t>(0.5F), 128); // 127.5: ties to even
  EXPECT_EQ(encode_unorm<std::uint16_t>(0.5F), 32768);
}

TEST(Convert, ClampLetsNanPass) {
  EXPECT_EQ(clamp_value(-3, -1, 5), -1);
  EXPECT_EQ(clamp_value(9, -1, 5), 5);
  EXPECT_EQ(clamp_value(2.0F, 0.0F, 1.0F), 1.0F);
  EXPECT_TRUE(std::isnan(clamp_value(nan_f32, 0.0F, 1.0F)));
  EXPECT_TRUE(std::signbit(clamp_value(-0.0F, 0.0F, 1.0F))); // not below 0: kept
  EXPECT_EQ(clamp_bound<i32>(-std::numeric_limits<double>::infinity()), INT32_MIN);
  EXPECT_EQ(clamp_bound<f32>(std::numeric_limits<double>::infinity()), inf_f32);
}

template <Scalar from, Scalar to> void expect_oracle(std::uint64_t seed) {
  if constexpr (from == b1 || from == i32 || from == f32 || to == b1 || to == i32 || to == f32) {
    Random random(seed);
    for (int i = 0; i < 4000; ++i) {
      Native<from> x{};
      put_interesting(random, from, reinterpret_cast<std::byte*>(&x));
      const Native<to> y = convert<to, from>(x);
      Bits in = 0;
      Bits out = 0;
      std::memcpy(&in, &x, sizeof x);
      std::memcpy(&out, &y, sizeof y);
      if constexpr (std::is_signed_v<Native<from>> && std::is_integral_v<Native<from>>)
        in = static_cast<Bits>(std::int64_t{x});
      const unsigned shift = 64U - 8U * sizeof y;
      ASSERT_EQ(out, oracle_convert(in, from, to) << shift >> shift)
          << info(from).name << " -> " << info(to).name << " of " << std::hex << in;
    }
  }
}

template <std::size_t... pair> void expect_oracle_for_all(std::index_sequence<pair...> /*pairs*/) {
  (expect_oracle<static_cast<Scalar>(pair / 12), static_cast<Scalar>(pair % 12)>(pair), ...);
}

TEST(Convert, EqualsTheOracleForAllPairs) {
  expect_oracle_for_all(std::make_index_sequence<144>{});
}

} // namespace
} // namespace rnaslicer::jit::test
