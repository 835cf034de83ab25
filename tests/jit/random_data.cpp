// tests/jit/random_data.cpp: the memory that a random plan runs on.
#include "tests/jit/random_data.hpp"

#include "tests/jit/random_numbers.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>

namespace rnaslicer::jit::test {

namespace {

/// Tables as Blender's are, curved or straight, and now and then ones that fit no buckets.
std::shared_ptr<const Lookup> random_lookup(Random& random) {
  std::array<float, 256> decode{};
  std::array<float, 255> thresholds{};
  for (float& value : decode)
    put_interesting(random, Scalar::f32, reinterpret_cast<std::byte*>(&value));
  const float power = random.pick(std::array{1.0F, 1.0F, 2.2F, 2.4F, 3.0F});
  for (std::size_t i = 0; i < thresholds.size(); ++i)
    thresholds.at(i) = std::pow((static_cast<float>(i) + 0.5F) / 255, power);
  if (power > 2.5F)
    thresholds[0] = random.chance(50) ? -1 : -std::numeric_limits<float>::infinity();
  if (random.chance(10))
    thresholds[200] = thresholds[201];
  return std::make_shared<const Lookup>(decode, thresholds,
                                        static_cast<std::uint8_t>(random.between(0, 255)));
}

} // namespace

std::int64_t span_of(const std::vector<Lane>& items, std::int64_t Lane::*side, std::int64_t size) {
  const auto [lowest, highest] =
      std::minmax_element(items.begin(), items.end(),
                          [side](const Lane& a, const Lane& b) { return a.*side < b.*side; });
  return (*highest).*side - (*lowest).*side + size;
}

Case::Bytes random_bytes(Random& random, const std::vector<Lane>& items, std::int64_t Lane::*side,
                         Scalar type, std::int64_t bytes) {
  Case::Bytes result;
  if (items.empty())
    return result;
  const auto lowest = std::min_element(items.begin(), items.end(),
                                       [side](auto& a, auto& b) { return a.*side < b.*side; });
  result.low = (*lowest).*side;
  result.bytes.resize(static_cast<std::size_t>(span_of(items, side, bytes)));
  for (std::byte& byte : result.bytes)
    byte = static_cast<std::byte>(random.next());
  for (const Lane& item : items)
    if (random.chance(80))
      put_interesting(random, type, result.bytes.data() + (item.*side - result.low));
  return result;
}

void random_lookups(Random& random, Case& c, const std::vector<Lane>& items) {
  for (std::int32_t i = lookup_count(c.plan); i > 0; --i)
    c.lookups.push_back(random_lookup(random));
  if (c.lookups.empty() || c.plan.format != Scalar::f32)
    return;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (random.chance(30))
      continue;
    const Lane& lane = c.plan.lanes[i % c.plan.lanes.size()];
    const auto& lookup = *c.lookups[static_cast<std::size_t>(lane.lookup)];
    float value = random.pick(lookup.thresholds());
    if (random.chance(60))
      value = std::nextafter(value, random.chance(50) ? -1.0F : 2.0F);
    std::memcpy(c.cache.bytes.data() + (items[i].cache - c.cache.low), &value, sizeof(value));
  }
}

void random_fractions(Random& random, Case& c, const std::vector<Lane>& items) {
  if (!c.plan.normalized || c.plan.storage.type != Scalar::f32 || c.plan.target_stride)
    return;
  const auto bits = 8 * size_of(c.plan.format) - (info(c.plan.format).is_signed ? 1 : 0);
  const double largest = std::ldexp(1.0, static_cast<int>(bits)) - 1;
  for (const Lane& item : items) {
    if (random.chance(30))
      continue;
    const auto half_steps =
        static_cast<double>(random.between(-4, 2 * (std::int64_t{1} << bits) + 4));
    auto value = static_cast<float>(half_steps / 2 / largest);
    if (random.chance(40))
      value = std::nextafter(value, random.chance(50) ? -2.0F : 2.0F);
    if (random.chance(30))
      value = -value;
    std::memcpy(c.source.bytes.data() + (item.source - c.source.low), &value, sizeof(value));
  }
}

void random_target(Random& random, Case& c, const std::vector<Lane>& items) {
  const Storage& storage = c.plan.storage;
  if (!c.plan.target_stride)
    return;
  const std::int64_t stride = *c.plan.target_stride;
  c.target_count = random.chance(10) ? 1 : random.between(1, 3000);
  std::vector<Lane> places;
  for (const std::int64_t index : {std::int64_t{0}, c.target_count - 1})
    for (const Lane& lane : c.plan.lanes)
      places.push_back({index * stride + lane.at, 0});
  c.target = random_bytes(random, places, &Lane::source, storage.type, number_bytes(c.plan));
  for (std::int64_t i = 0; i < c.target_count; ++i)
    for (const Lane& lane : c.plan.lanes)
      if (random.chance(30))
        put_interesting(random, storage.type,
                        c.target.bytes.data() + (i * stride + lane.at - c.target.low));
  const bool stray = random.chance(15);
  for (const Lane& item : items) {
    auto index = static_cast<std::int32_t>(random.between(0, c.target_count - 1));
    if (stray && random.chance(5))
      index = random.pick(
          std::array{-1, INT32_MIN, INT32_MAX, static_cast<std::int32_t>(c.target_count)});
    std::memcpy(c.source.bytes.data() + (item.source - c.source.low), &index, sizeof(index));
  }
}

} // namespace rnaslicer::jit::test
