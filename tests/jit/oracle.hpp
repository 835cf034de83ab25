// tests/jit/oracle.hpp: the semantics of plans once more, element by element, sharing no code.
#pragma once

#include "jit/transfer.hpp"

namespace rnaslicer::jit::test {

/// One number in a 64-bit register: integers sign- or zero-extended, floats as their bits.
using Bits = std::uint64_t;

/// Value to format and format to value.
Bits oracle_convert(Bits bits, Scalar from, Scalar to);

/// Executes a plan as slowly as plan.hpp describes it.
void oracle(const Plan& plan, Direction direction, const Transfer& transfer);

} // namespace rnaslicer::jit::test
