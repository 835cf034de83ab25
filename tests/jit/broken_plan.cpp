// tests/jit/broken_plan.cpp: valid plans with one rule broken, each with the sentence it must get.
#include "tests/jit/broken_plan.hpp"

namespace rnaslicer::jit::test {

std::int64_t random_lane(Random& random, const Plan& plan) {
  return random.between(0, static_cast<std::int64_t>(plan.lanes.size()) - 1);
}

/// What another decode's lanes may have of their own.
void forget_own(Plan& plan) {
  for (Lane& lane : plan.lanes)
    lane = {lane.source, lane.cache};
}

/// Plain f32: what type rules are broken from.
void make_plain(Plan& plan) {
  forget_own(plan);
  plan.storage = {};
  plan.normalized = false;
  plan.target_stride.reset();
  plan.transform.reset();
  plan.component_step = 0;
  plan.value = Scalar::f32;
  plan.clamp.reset();
}

void make_special(Plan& plan, Decode decode, Scalar type, Scalar value) {
  make_plain(plan);
  plan.storage.type = type;
  plan.storage.decode = decode;
  plan.value = value;
}

void make_masked(Random& random, Plan& plan, Decode decode) {
  forget_own(plan);
  plan.normalized = false;
  plan.target_stride.reset();
  plan.transform.reset();
  plan.component_step = 0;
  plan.storage = {random.chance(50) ? Scalar::i16 : Scalar::u8, decode, 0x14, false};
  plan.value = decode == Decode::flag ? Scalar::b1 : Scalar::i32;
  plan.clamp.reset();
}

std::uint64_t mutation_count() { return broken_values().size() + broken_places().size(); }

Broken random_broken(std::uint64_t seed) {
  const std::size_t at = seed % mutation_count();
  const std::size_t values = broken_values().size();
  const Mutation& mutation = at < values ? broken_values()[at] : broken_places()[at - values];
  Random random(seed);
  Options small;
  small.max_extent = 4;
  for (;;) {
    Broken broken{random_case(random.next(), small).plan, {}, mutation.name};
    broken.sentence = mutation.apply(random, broken.plan);
    if (!broken.sentence.empty())
      return broken;
  }
}

} // namespace rnaslicer::jit::test
