// jit/convert.hpp: what happens to one number: decode, convert, clamp, encode. The reference.
//
// The interpreter runs these templates and emitted kernels must give the same bits. Rules:
//   int -> int saturates; float -> int rounds to nearest even, saturates, NaN -> 0; int -> float to
//   nearest; float -> float as IEEE 754 does, a NaN keeps its sign and leading payload and turns
//   quiet (as cvtsd2ss and vcvtps2ph do); same type -> untouched; x -> b1 is x != 0 with NaN -> 0;
//   b1 -> x is 0 or 1, where any non-zero byte counts as 1. Normalized integers have rules of their
//   own: see normalize() and fraction_of().
#pragma once

#include "jit/plan.hpp"

#include <bit>
#include <limits>
#include <type_traits>
#include <utility>

namespace rnaslicer::jit {

/// The C++ type that holds a scalar's bits: b1 as a byte, f16 as its 16 bits.
template <Scalar s> struct NativeOf;
// clang-format off
template <> struct NativeOf<Scalar::b1> { using type = std::uint8_t; };
template <> struct NativeOf<Scalar::i8> { using type = std::int8_t; };
template <> struct NativeOf<Scalar::u8> { using type = std::uint8_t; };
template <> struct NativeOf<Scalar::i16> { using type = std::int16_t; };
template <> struct NativeOf<Scalar::u16> { using type = std::uint16_t; };
template <> struct NativeOf<Scalar::i32> { using type = std::int32_t; };
template <> struct NativeOf<Scalar::u32> { using type = std::uint32_t; };
template <> struct NativeOf<Scalar::i64> { using type = std::int64_t; };
template <> struct NativeOf<Scalar::u64> { using type = std::uint64_t; };
template <> struct NativeOf<Scalar::f16> { using type = std::uint16_t; };
template <> struct NativeOf<Scalar::f32> { using type = float; };
template <> struct NativeOf<Scalar::f64> { using type = double; };
// clang-format on
template <Scalar s> using Native = typename NativeOf<s>::type;

/// Exact; a signalling NaN turns quiet.
constexpr float f16_to_f32(std::uint16_t half) {
  const std::uint32_t sign = (half & 0x8000U) << 16U;
  const std::uint32_t exponent = (half >> 10U) & 0x1fU;
  const std::uint32_t fraction = half & 0x3ffU;
  if (exponent == 0) { // zero or subnormal: fraction * 2^-24
    const auto magnitude = std::bit_cast<std::uint32_t>(static_cast<float>(fraction) * 0x1p-24F);
    return std::bit_cast<float>(sign | magnitude);
  }
  if (exponent == 0x1f) {
    const std::uint32_t quiet = fraction != 0 ? 0x00400000U : 0U;
    return std::bit_cast<float>(sign | 0x7f800000U | quiet | (fraction << 13U));
  }
  return std::bit_cast<float>(sign | ((exponent + 112U) << 23U) | (fraction << 13U));
}

/// Rounds to nearest even; beyond 65504 by half a step or more is infinity.
constexpr std::uint16_t f32_to_f16(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  const std::uint32_t sign = (bits >> 16U) & 0x8000U;
  std::uint32_t magnitude = bits & 0x7fffffffU;
  if (magnitude > 0x7f800000U) // NaN
    return static_cast<std::uint16_t>(sign | 0x7e00U | ((magnitude >> 13U) & 0x3ffU));
  if (magnitude >= 0x477ff000U) // 65520
    return static_cast<std::uint16_t>(sign | 0x7c00U);
  if (magnitude < 0x38800000U) { // below 2^-14; one unit of 0.5f is one unit of a subnormal f16
    const float aligned = std::bit_cast<float>(magnitude) + 0.5F;
    return static_cast<std::uint16_t>(sign | (std::bit_cast<std::uint32_t>(aligned) - 0x3f000000U));
  }
  magnitude += 0xfffU + ((magnitude >> 13U) & 1U);
  return static_cast<std::uint16_t>(sign | ((magnitude - (112U << 23U)) >> 13U));
}

/// To nearest even, saturated, NaN -> 0. No library call, and loops over it vectorise.
template <typename Int> constexpr Int round_to(double x) {
  constexpr auto lo = std::numeric_limits<Int>::min();
  constexpr auto hi = std::numeric_limits<Int>::max();
  if constexpr (sizeof(Int) <= 4) {
    double y = x == x ? x : 0.0;
    y = y < double{lo} ? double{lo} : y;
    y = y > double{hi} ? double{hi} : y;
    // At 1.5 * 2^52 one unit is 1: the addition rounds, the low bits hold the integer.
    return static_cast<Int>(std::bit_cast<std::uint64_t>(y + 0x1.8p52));
  } else {
    constexpr double above = std::is_signed_v<Int> ? 0x1p63 : 0x1p64;
    if (!(x == x))
      return 0;
    if (x >= above)
      return hi;
    if (x <= static_cast<double>(lo))
      return lo;
    const double unit = x < 0 ? -0x1p52 : 0x1p52; // from 2^52 on every double is an integer
    const double y = x < 0x1p52 && x > -0x1p52 ? (x + unit) - unit : x;
    return static_cast<Int>(y);
  }
}

/// Int to int, saturated.
template <typename To, typename From> constexpr To saturate(From x) {
  if (std::cmp_less(x, std::numeric_limits<To>::min()))
    return std::numeric_limits<To>::min();
  if (std::cmp_greater(x, std::numeric_limits<To>::max()))
    return std::numeric_limits<To>::max();
  return static_cast<To>(x);
}

/// Value to format and format to value. One of both is b1, i32 or f32; others are not offered.
template <Scalar to, Scalar from> constexpr Native<to> convert(Native<from> x) {
  using To = Native<to>;
  if constexpr (to == Scalar::b1 && info(from).is_float && from != Scalar::f16)
    return x < 0 || x > 0 ? 1 : 0;
  else if constexpr (to == Scalar::b1 && from != Scalar::f16)
    return x != 0 ? 1 : 0;
  else if constexpr (to == from)
    return x;
  else if constexpr (from == Scalar::f16) // f16 -> f32 is exact
    return convert<to, Scalar::f32>(f16_to_f32(x));
  else if constexpr (to == Scalar::f16) { // what i32 -> f32 rounds is infinite as f16 anyway
    static_assert(from == Scalar::b1 || from == Scalar::i32 || from == Scalar::f32);
    return f32_to_f16(convert<Scalar::f32, from>(x));
  } else if constexpr (from == Scalar::b1)
    return x != 0 ? To{1} : To{0};
  else if constexpr (info(to).is_float)
    return static_cast<To>(x);
  else if constexpr (info(from).is_float)
    return round_to<To>(static_cast<double>(x));
  else
    return saturate<To>(x);
}

/// 0 to 1 as 0 to max, or -1 to 1 as -max to max: the product in float64, which is exact for 8 and
/// 16 bits, to nearest even. What is outside saturates, NaN -> 0.
template <typename Int> constexpr Int normalize(double x) {
  constexpr double lo = std::is_signed_v<Int> ? -1 : 0;
  double y = x == x ? x : 0.0;
  y = y < lo ? lo : y;
  y = y > 1 ? 1.0 : y;
  return round_to<Int>(y * static_cast<double>(std::numeric_limits<Int>::max()));
}

/// And back: the quotient in float64. The lowest signed number is -1, as the one above it.
template <typename Int> constexpr double wide_fraction_of(Int n) {
  const double x = static_cast<double>(n) / static_cast<double>(std::numeric_limits<Int>::max());
  return x < -1 ? -1.0 : x;
}
template <typename Int> constexpr float fraction_of(Int n) {
  return static_cast<float>(wide_fraction_of(n));
}

/// True if storage and cache have the same fractions: then every number comes back as itself, and
/// bytes are all there is to move.
inline bool same_fractions(const Plan& plan) {
  return plan.normalized && !plan.transform && plan.storage.decode == Decode::unorm &&
         plan.storage.type == plan.format &&
         (!plan.clamp || (plan.clamp->lo <= 0 && plan.clamp->hi >= 1));
}

/// As RNA's setters do: a NaN passes.
template <typename T> constexpr T clamp_value(T x, T lo, T hi) {
  const T y = x > hi ? hi : x;
  return x < lo ? lo : y;
}

/// A clamp bound in the value's type; an infinite one becomes the type's end. Not for b1, whose
/// clamps change nothing.
template <Scalar value> constexpr Native<value> clamp_bound(double bound) {
  if constexpr (value == Scalar::i32)
    return round_to<std::int32_t>(bound);
  else
    return static_cast<float>(bound);
}

/// Storage to value, as a C cast; b1 is `!= 0`, negated if inverted.
template <Scalar value, Scalar storage>
constexpr Native<value> decode_plain(Native<storage> raw, bool inverted) {
  if constexpr (storage == Scalar::b1)
    return static_cast<Native<value>>((raw != 0) != inverted ? 1 : 0);
  else if constexpr (value == Scalar::b1)
    return raw != 0 ? 1 : 0;
  else
    return static_cast<Native<value>>(raw);
}

/// Value to storage, as a C cast (wrapping); b1 storage gets 0 or 1, negated if inverted.
template <Scalar storage, Scalar value>
constexpr Native<storage> encode_plain(Native<value> x, bool inverted) {
  if constexpr (storage == Scalar::b1)
    return (x != 0) != inverted ? 1 : 0;
  else if constexpr (value == Scalar::b1)
    return x != 0 ? 1 : 0;
  else
    return static_cast<Native<storage>>(x);
}

/// `raw` is the storage's bits as an unsigned number, so a field never extends a sign.
template <typename Bits> constexpr std::uint8_t decode_flag(Bits raw, Bits mask, bool inverted) {
  return ((raw & mask) != 0) != inverted ? 1 : 0;
}
template <typename Bits> constexpr std::int32_t decode_field(Bits raw, Bits mask) {
  return static_cast<std::int32_t>(raw & mask);
}

/// The bits to store under the mask.
template <typename Bits> constexpr Bits encode_flag(std::uint8_t x, Bits mask, bool inverted) {
  return (x != 0) != inverted ? mask : Bits{0};
}
template <typename Bits> constexpr Bits encode_field(std::int32_t x, Bits mask) {
  return static_cast<Bits>(static_cast<Bits>(x) & mask);
}

/// Replaces exactly the mask's bits.
template <typename Bits> constexpr Bits merge_bits(Bits old, Bits bits, Bits mask) {
  return static_cast<Bits>((old & static_cast<Bits>(~mask)) | bits);
}

/// u8 or u16 as a fraction of its maximum: one float32 multiplication by the rounded reciprocal.
template <typename Bits> constexpr float decode_unorm(Bits raw) {
  constexpr float scale = 1.0F / static_cast<float>(std::numeric_limits<Bits>::max());
  return static_cast<float>(raw) * scale;
}

/// round(clamp(x, 0, 1) * max) to nearest even; the product is rounded to float32 first. NaN -> 0.
template <typename Bits> constexpr Bits encode_unorm(float x) {
  constexpr auto max = static_cast<float>(std::numeric_limits<Bits>::max());
  const float positive = x > 0 ? x : 0.0F;
  const float fraction = positive > 1 ? 1.0F : positive;
  return round_to<Bits>(static_cast<double>(fraction * max));
}

} // namespace rnaslicer::jit
