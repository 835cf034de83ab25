// tests/jit/random_types.hpp: random types and steps of a plan: what happens to each number.
#pragma once

#include "tests/jit/random_plan.hpp"

namespace rnaslicer::jit::test {

std::uint64_t random_mask(Random& random, Scalar type);
void random_types(Random& random, Plan& plan, bool special);
/// An index before the number.
void random_through(Random& random, Plan& plan, const Options& options);
/// Vectors of three through a matrix.
void random_transform(Random& random, Plan& plan, const Options& options);
double random_number(Random& random);
void random_clamp(Random& random, Plan& plan);

} // namespace rnaslicer::jit::test
