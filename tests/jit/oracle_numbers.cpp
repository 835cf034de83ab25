// tests/jit/oracle_numbers.cpp: every number of every scalar type is exact in x87's long double, so
// each conversion is one rounding from there.
#include "tests/jit/oracle_numbers.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace rnaslicer::jit::test {

static_assert(std::numeric_limits<long double>::digits >= 64);

FloatFormat float_format(Scalar s) {
  if (s == Scalar::f16)
    return {10, 5};
  return s == Scalar::f32 ? FloatFormat{23, 8} : FloatFormat{52, 11};
}

int bit_count(Scalar s) { return static_cast<int>(8 * size_of(s)); }
Bits low_bits(int count) { return count >= 64 ? ~Bits{0} : (Bits{1} << count) - 1; }

bool is_nan(Bits bits, Scalar s) {
  if (!info(s).is_float)
    return false;
  const auto [fraction, exponent] = float_format(s);
  const Bits infinite = low_bits(exponent) << fraction;
  return (bits & low_bits(bit_count(s) - 1)) > infinite;
}

long double number_of(Bits bits, Scalar s) {
  if (s == Scalar::b1)
    return bits != 0 ? 1 : 0;
  if (!info(s).is_float) {
    if (info(s).is_signed)
      return static_cast<long double>(static_cast<std::int64_t>(bits));
    return static_cast<long double>(bits);
  }
  const auto [fraction, exponent] = float_format(s);
  const bool negative = (bits >> (bit_count(s) - 1)) != 0;
  const auto biased = static_cast<int>((bits >> fraction) & low_bits(exponent));
  const Bits digits = bits & low_bits(fraction);
  const int bias = (1 << (exponent - 1)) - 1;
  long double x = 0;
  if (biased == (1 << exponent) - 1)
    x = std::numeric_limits<long double>::infinity();
  else if (biased == 0)
    x = std::ldexp(static_cast<long double>(digits), 1 - bias - fraction);
  else
    x = std::ldexp(static_cast<long double>(digits + (Bits{1} << fraction)),
                   biased - bias - fraction);
  return negative ? -x : x;
}

Bits integer_bits(long double x, Scalar s) {
  const int bits = bit_count(s);
  const bool is_signed = info(s).is_signed;
  const long double lo = is_signed ? -std::ldexp(1.0L, bits - 1) : 0;
  const long double hi = std::ldexp(1.0L, is_signed ? bits - 1 : bits) - 1;
  const long double rounded = std::nearbyint(x); // the default mode: ties to even
  if (rounded <= lo)
    return is_signed ? ~low_bits(bits - 1) : 0;
  if (rounded >= hi)
    return low_bits(is_signed ? bits - 1 : bits);
  return is_signed ? static_cast<Bits>(static_cast<std::int64_t>(rounded))
                   : static_cast<Bits>(rounded);
}

Bits float_bits(long double x, Scalar s) {
  const auto [fraction, exponent] = float_format(s);
  const int bias = (1 << (exponent - 1)) - 1;
  const Bits sign = std::signbit(x) ? Bits{1} << (bit_count(s) - 1) : 0;
  const long double magnitude = std::fabs(x);
  if (magnitude == 0)
    return sign;
  if (std::isinf(x))
    return sign | (low_bits(exponent) << fraction);
  const int power = std::max(std::ilogb(magnitude), 1 - bias);
  const auto digits = static_cast<Bits>(std::nearbyint(std::ldexp(magnitude, fraction - power)));
  // A carry out of the digits runs on into the exponent, up to infinity, as it should.
  const Bits sum = (static_cast<Bits>(power + bias - 1) << fraction) + digits;
  return sign | std::min(sum, low_bits(exponent) << fraction);
}

namespace {

Bits quiet_nan(Bits bits, Scalar from, Scalar to) {
  const auto source = float_format(from);
  const auto target = float_format(to);
  const Bits digits = bits & low_bits(source.fraction);
  const int shift = target.fraction - source.fraction;
  const Bits sign = bits >> (bit_count(from) - 1) << (bit_count(to) - 1);
  return sign | (low_bits(target.exponent) << target.fraction) |
         (Bits{1} << (target.fraction - 1)) | (shift > 0 ? digits << shift : digits >> -shift);
}

} // namespace

Bits oracle_convert(Bits bits, Scalar from, Scalar to) {
  if (to == Scalar::b1)
    return is_nan(bits, from) || number_of(bits, from) == 0 ? 0 : 1;
  if (from == to)
    return bits;
  if (is_nan(bits, from))
    return info(to).is_float ? quiet_nan(bits, from, to) : 0;
  const long double x = number_of(bits, from);
  return info(to).is_float ? float_bits(x, to) : integer_bits(x, to);
}

Bits cast(Bits bits, Scalar from, Scalar to) {
  if (to == Scalar::b1 || from == Scalar::b1 || info(to).is_float || info(from).is_float)
    return oracle_convert(bits, from, to);
  const Bits low = bits & low_bits(bit_count(to));
  const bool negative = info(to).is_signed && (low >> (bit_count(to) - 1)) != 0;
  return negative ? low | ~low_bits(bit_count(to)) : low;
}

} // namespace rnaslicer::jit::test
