// tests/jit/random_numbers.hpp: numbers at which conversions go wrong.
#pragma once

#include "tests/jit/random_plan.hpp"

namespace rnaslicer::jit::test {

/// Writes a number of the type: an edge of some type, a tie, a NaN, a subnormal, small, or any
/// bits.
void put_interesting(Random& random, Scalar type, std::byte* to);

} // namespace rnaslicer::jit::test
