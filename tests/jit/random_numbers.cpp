// tests/jit/random_numbers.cpp: numbers at which conversions go wrong.
#include "tests/jit/random_numbers.hpp"

#include <array>
#include <cstring>
#include <limits>

namespace rnaslicer::jit::test {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Ties, ends of the integer types with their neighbours, ends of f16, and what is none of these.
constexpr std::array edges{0.0,
                           -0.0,
                           0.25,
                           0.5,
                           0.75,
                           1.0,
                           1.5,
                           2.5,
                           3.5,
                           126.5,
                           127.5,
                           128.5,
                           254.5,
                           255.0,
                           255.5,
                           256.0,
                           32767.5,
                           32768.0,
                           65503.0,
                           65504.0,
                           65519.0,
                           65520.0,
                           65535.5,
                           65536.0,
                           0x1p24,
                           0x1p24 + 1,
                           0x1p31 - 1,
                           0x1p31 - 128,
                           0x1p31,
                           0x1p32 - 1,
                           0x1p32,
                           0x1p52 - 1,
                           0x1p52 + 1,
                           0x1p53 - 1,
                           0x1p63 - 1024,
                           0x1p63,
                           0x1p64,
                           1e30,
                           0x1.fffffep127,
                           0x1.ffffffp127,
                           1e300,
                           infinity,
                           0x1p-14,
                           0x1p-24,
                           0x1p-25,
                           0x1.8p-24,
                           0x1p-126,
                           0x1p-149,
                           0x1p-150,
                           1.0 / 255,
                           0.3,
                           0x1.fffffep-2,
                           0x1.fffffffffffffp-2};

/// Any bit pattern, often one that stands for a NaN.
template <typename Bits, typename Float> void put_bits(Random& random, std::byte* to) {
  auto bits = static_cast<Bits>(random.next());
  if (random.chance(40)) { // quiet or signalling, with or without payload
    Float nan = std::numeric_limits<Float>::infinity();
    Bits infinite = 0;
    std::memcpy(&infinite, &nan, sizeof nan);
    bits |= infinite;
  }
  std::memcpy(to, &bits, sizeof bits);
}

template <typename Float> void put_float(Random& random, std::byte* to) {
  double x = random.pick(edges);
  if (random.chance(30))
    x = static_cast<double>(random.between(-600, 600)) / 4;
  if (random.chance(20))
    x = static_cast<double>(random.between(0, 1000)) / 1000;
  if (random.chance(40))
    x = -x;
  const auto number = static_cast<Float>(x);
  std::memcpy(to, &number, sizeof number);
}

template <typename Int> void put_integer(Random& random, std::byte* to) {
  constexpr std::array<std::int64_t, 16> numbers{
      0,         1,         -1,         127,       128,        255,       256,       -128,
      INT32_MAX, INT32_MIN, UINT32_MAX, 0x1000001, 0x7fffffbf, INT64_MAX, INT64_MIN, 65520};
  std::int64_t x = random.pick(numbers);
  if (random.chance(30))
    x = random.between(-300, 300);
  if (random.chance(20))
    x = static_cast<std::int64_t>(random.next());
  const auto number = static_cast<Int>(x);
  std::memcpy(to, &number, sizeof number);
}

} // namespace

void put_interesting(Random& random, Scalar type, std::byte* to) {
  const bool any_bits = random.chance(15);
  switch (type) {
  case Scalar::f32:
    return any_bits ? put_bits<std::uint32_t, float>(random, to) : put_float<float>(random, to);
  case Scalar::f64:
    return any_bits ? put_bits<std::uint64_t, double>(random, to) : put_float<double>(random, to);
  case Scalar::b1: {
    const auto byte =
        static_cast<std::byte>(random.chance(80) ? random.between(0, 1) : random.between(0, 255));
    *to = byte;
    return;
  }
  default: // f16 too: any 16 bits are worth a test
    break;
  }
  switch (size_of(type)) {
  case 1:
    return put_integer<std::int8_t>(random, to);
  case 2:
    return put_integer<std::int16_t>(random, to);
  case 4:
    return put_integer<std::int32_t>(random, to);
  default:
    return put_integer<std::int64_t>(random, to);
  }
}

} // namespace rnaslicer::jit::test
