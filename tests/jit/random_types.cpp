// tests/jit/random_types.cpp: what happens to each number of a random plan.
#include "tests/jit/random_types.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace rnaslicer::jit::test {

namespace {

constexpr std::array integer_storage{Scalar::i8,  Scalar::u8,  Scalar::i16, Scalar::u16,
                                     Scalar::i32, Scalar::u32, Scalar::i64, Scalar::u64};

/// Those whose lanes have something of their own, or that need more than source and cache.
void random_special_types(Random& random, Plan& plan) {
  Storage& storage = plan.storage;
  const auto kind = random.between(1, 100);
  if (kind <= 30) {
    storage.type = Scalar::u8;
    storage.decode = Decode::lookup;
    plan.value = Scalar::f32;
  } else if (kind <= 50) {
    storage.type = Scalar::i32;
    storage.decode = Decode::difference;
    plan.value = Scalar::i32;
  } else {
    storage.type = random.pick(integer_storage);
    storage.decode = Decode::flag;
    storage.mask = random_mask(random, storage.type);
    storage.inverted = random.chance(40);
    plan.value = Scalar::b1;
  }
}

double random_bound(Random& random, Scalar value) {
  if (random.chance(10))
    return std::numeric_limits<double>::infinity();
  if (value == Scalar::b1)
    return static_cast<double>(random.between(1, 3));
  if (value == Scalar::i32)
    return static_cast<double>(random.chance(80) ? random.between(-300, 300)
                                                 : random.between(INT32_MIN, INT32_MAX));
  return static_cast<double>(static_cast<float>(random.between(-300, 300)) / 7.0F);
}

} // namespace

std::uint64_t random_mask(Random& random, Scalar type) {
  const auto bits = 8 * size_of(type);
  const std::uint64_t all = ~std::uint64_t{0} >> static_cast<unsigned>(64 - bits);
  if (random.chance(60))
    return std::uint64_t{1} << random.between(0, bits - 1);
  const std::uint64_t mask = random.next() & random.next() & all;
  return mask == 0 || random.chance(20) ? all : mask;
}

void random_types(Random& random, Plan& plan, bool special) {
  Storage& storage = plan.storage;
  const auto kind = random.between(1, 100);
  if (special || kind > 85) {
    random_special_types(random, plan);
  } else if (kind <= 15) {
    storage.type = random.pick(integer_storage);
    storage.decode = Decode::flag;
    storage.mask = random_mask(random, storage.type);
    storage.inverted = random.chance(40);
    plan.value = Scalar::b1;
  } else if (kind <= 25) {
    storage.type = random.pick(integer_storage);
    storage.decode = Decode::field;
    storage.mask = random_mask(random, storage.type);
    plan.value = Scalar::i32;
  } else if (kind <= 32) {
    storage.type = random.chance(50) ? Scalar::u8 : Scalar::u16;
    storage.decode = Decode::unorm;
    plan.value = Scalar::f32;
  } else if (kind <= 58) {
    storage.type = random.chance(70) ? Scalar::f32 : Scalar::f64;
    plan.value = Scalar::f32;
  } else {
    storage.type = random.chance(20) ? Scalar::b1 : random.pick(integer_storage);
    storage.inverted = storage.type == Scalar::b1 && random.chance(40);
    plan.value = random.chance(60) ? Scalar::i32 : Scalar::b1;
  }
}

void random_through(Random& random, Plan& plan, const Options& options) {
  if (plan.storage.decode == Decode::difference ||
      !random.chance(options.special ? 50 : options.throughs))
    return;
  const std::int64_t size = size_of(plan.storage.type);
  const auto kind = random.between(1, 100);
  plan.target_stride = kind <= 30   ? size
                       : kind <= 60 ? size * random.between(1, 8)
                                    : random.between(-30, 40);
}

void random_transform(Random& random, Plan& plan, const Options& options) {
  if (plan.storage.decode != Decode::plain || plan.value != Scalar::f32 ||
      !random.chance(options.transforms))
    return;
  plan.transform = random.pick(
      std::array{Transform::point, Transform::point, Transform::direction, Transform::normal});
  plan.component_step = size_of(plan.storage.type) + (random.chance(70) ? 0 : random.between(0, 9));
}

double random_number(Random& random) {
  const auto kind = random.between(1, 100);
  if (kind <= 40)
    return static_cast<double>(random.between(-3, 3));
  if (kind <= 90)
    return static_cast<double>(random.between(-1000000, 1000000)) / 999983.0;
  if (kind <= 97)
    return std::ldexp(static_cast<double>(random.between(-9, 9)),
                      static_cast<int>(random.between(-160, 300)));
  return random.pick(std::array{std::numeric_limits<double>::infinity(),
                                std::numeric_limits<double>::quiet_NaN(), 1e308});
}

void random_clamp(Random& random, Plan& plan) {
  if (!random.chance(30))
    return;
  double lo = random_bound(random, plan.value);
  double hi = random_bound(random, plan.value);
  if (random.chance(50) || plan.value == Scalar::b1)
    lo = -lo;
  if (plan.value == Scalar::b1)
    lo += 1; // at most 0
  plan.clamp = Clamp{std::min(lo, hi), std::max(lo, hi)};
}

} // namespace rnaslicer::jit::test
