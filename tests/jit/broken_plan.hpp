// tests/jit/broken_plan.hpp: what the lists of rules to break share.
#pragma once

#include "tests/jit/random_plan.hpp"

#include <limits>
#include <span>
#include <string>

namespace rnaslicer::jit::test {

/// Breaks one rule; returns what the verifier must say, empty if this plan does not lend itself.
struct Mutation {
  const char* name;
  std::string (*apply)(Random& random, Plan& plan);
};

/// Rules of types, storage and numbers.
std::span<const Mutation> broken_values();
/// Rules of loops, lanes and strides: where values lie.
std::span<const Mutation> broken_places();

constexpr std::int64_t too_far = std::int64_t{1} << 47;

std::int64_t random_lane(Random& random, const Plan& plan);
/// What another decode's lanes may have of their own.
void forget_own(Plan& plan);
/// Plain f32: what type rules are broken from.
void make_plain(Plan& plan);
void make_special(Plan& plan, Decode decode, Scalar type, Scalar value);
void make_masked(Random& random, Plan& plan, Decode decode);

} // namespace rnaslicer::jit::test
