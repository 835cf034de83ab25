// tests/jit/oracle_numbers.hpp: numbers of all scalar types as exact ones, and back with one
// rounding.
#pragma once

#include "tests/jit/oracle.hpp"

namespace rnaslicer::jit::test {

/// Significand bits without the leading one, and the exponent's width.
struct FloatFormat {
  int fraction;
  int exponent;
};
FloatFormat float_format(Scalar s);

int bit_count(Scalar s);
Bits low_bits(int count);

bool is_nan(Bits bits, Scalar s);
/// What the bits stand for; not of a NaN.
long double number_of(Bits bits, Scalar s);
/// The nearest number of the type, saturating.
Bits integer_bits(long double x, Scalar s);
Bits float_bits(long double x, Scalar s);
/// A C cast; to b1 `!= 0`.
Bits cast(Bits bits, Scalar from, Scalar to);

} // namespace rnaslicer::jit::test
