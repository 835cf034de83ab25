// tests/jit/oracle.cpp: the semantics of plans once more, element by element, sharing no code.
#include "tests/jit/oracle_numbers.hpp"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <stdexcept>

namespace rnaslicer::jit::test {

namespace {

Bits load(const std::byte* from, Scalar s) {
  Bits bits = 0;
  std::memcpy(&bits, from, static_cast<std::size_t>(size_of(s)));
  const bool negative = info(s).is_signed && !info(s).is_float && (bits >> (bit_count(s) - 1)) != 0;
  return negative ? bits | ~low_bits(bit_count(s)) : bits;
}

void save(std::byte* to, Bits bits, Scalar s) {
  std::memcpy(to, &bits, static_cast<std::size_t>(size_of(s)));
}

long double unorm_max(Scalar s) { return s == Scalar::u8 ? 255 : 65535; }

/// Of a transfer: what lies apart from source and cache, and whether an index was bad.
struct Aside {
  const Transfer& transfer;
  std::vector<std::int64_t> steps; ///< of the loops
  std::optional<BadIndex> bad;     ///< the first one
};

/// Where a lane's number lies: at its source, or where the index leads that is there.
std::byte* place_of(const Plan& plan, std::size_t which, std::byte* step, Aside& aside) {
  const Lane& lane = plan.lanes[which];
  if (!plan.target_stride)
    return step + lane.source;
  auto index = static_cast<std::int64_t>(load(step + lane.source, Scalar::i32));
  if (index < 0 || index >= aside.transfer.target.count) {
    std::vector<std::int64_t> place = aside.steps;
    std::size_t block = plan.lanes.size();
    std::size_t rest = which;
    for (const std::int64_t axis : plan.lane_shape) {
      block /= static_cast<std::size_t>(axis);
      place.push_back(static_cast<std::int64_t>(rest / block));
      rest %= block;
    }
    if (!aside.bad)
      aside.bad = BadIndex(index, aside.transfer.target.count, place);
    index = 0;
  }
  return aside.transfer.target.data + index * *plan.target_stride + lane.at;
}

Bits decode(const Plan& plan, const Lane& lane, const std::byte* at, Aside& aside) {
  const Storage& storage = plan.storage;
  const Bits raw = load(at, storage.type);
  switch (storage.decode) {
  case Decode::flag:
    return ((raw & (lane.mask != 0 ? lane.mask : storage.mask)) != 0) == storage.inverted ? 0 : 1;
  case Decode::lookup: {
    const Lookup& lookup = *aside.transfer.lookups[static_cast<std::size_t>(lane.lookup)];
    return load(reinterpret_cast<const std::byte*>(&lookup.decode().at(raw)), Scalar::f32);
  }
  case Decode::difference: {
    const Bits next = load(at + 4, Scalar::i32);
    return cast(next - raw, Scalar::i64, Scalar::i32);
  }
  case Decode::field:
    return cast(raw & storage.mask, Scalar::u64, Scalar::i32);
  case Decode::unorm: {
    const auto reciprocal = static_cast<float>(1 / unorm_max(storage.type)); // both steps rounded
    const auto number = static_cast<float>(static_cast<long double>(reciprocal) * raw);
    return float_bits(number, Scalar::f32);
  }
  case Decode::plain:
    break;
  }
  if (storage.inverted)
    return raw == 0 ? 1 : 0;
  return cast(raw, storage.type, plan.value);
}

Bits clamped(const Plan& plan, Bits value) {
  if (!plan.clamp || is_nan(value, plan.value))
    return value;
  const long double x = number_of(value, plan.value);
  if (x < plan.clamp->lo)
    return oracle_convert(float_bits(plan.clamp->lo, Scalar::f64), Scalar::f64, plan.value);
  if (x > plan.clamp->hi)
    return oracle_convert(float_bits(plan.clamp->hi, Scalar::f64), Scalar::f64, plan.value);
  return value;
}

/// As many thresholds as there are at or below the value, found by asking for each.
Bits oracle_lookup(const Lookup& lookup, Bits value) {
  const auto x = std::bit_cast<float>(static_cast<std::uint32_t>(value));
  if (std::isnan(x))
    return lookup.nan();
  Bits count = 0;
  for (const float threshold : lookup.thresholds())
    count += threshold <= x ? 1 : 0;
  return count;
}

void encode(const Plan& plan, const Lane& lane, std::byte* at, Bits value, const Aside& aside) {
  const Storage& storage = plan.storage;
  const Bits mask = lane.mask != 0 ? lane.mask : storage.mask;
  Bits raw = 0;
  switch (storage.decode) {
  case Decode::flag:
  case Decode::field: {
    const Bits wanted = storage.decode == Decode::field    ? value
                        : (value != 0) == storage.inverted ? Bits{0}
                                                           : ~Bits{0};
    raw = load(at, storage.type);
    for (int bit = 0; bit < bit_count(storage.type); ++bit)
      if (((mask >> bit) & 1U) != 0)
        raw = (raw & ~(Bits{1} << bit)) | (wanted & (Bits{1} << bit));
    break;
  }
  case Decode::unorm: {
    if (is_nan(value, Scalar::f32))
      break;
    const long double x = std::fmin(std::fmax(number_of(value, Scalar::f32), 0.0L), 1.0L);
    raw = integer_bits(static_cast<float>(x * unorm_max(storage.type)), storage.type);
    break;
  }
  case Decode::lookup:
    raw = oracle_lookup(*aside.transfer.lookups[static_cast<std::size_t>(lane.lookup)], value);
    break;
  case Decode::difference:
    throw std::logic_error("an update that should have been refused");
  case Decode::plain:
    raw = cast(value, plan.value, storage.type);
    if (storage.inverted)
      raw = raw == 0 ? 1 : 0;
    break;
  }
  save(at, raw, storage.type);
}

/// A value as the integer that stands for it: the product as a double, to nearest even.
Bits normalized_bits(Bits value, Scalar format) {
  if (is_nan(value, Scalar::f32))
    return 0;
  const int magnitude = bit_count(format) - (info(format).is_signed ? 1 : 0);
  const long double lo = info(format).is_signed ? -1 : 0;
  const long double x = std::fmin(std::fmax(number_of(value, Scalar::f32), lo), 1.0L);
  const auto product = static_cast<double>(x * (std::ldexp(1.0L, magnitude) - 1));
  return integer_bits(product, format);
}

Bits fraction_bits(Bits item, Scalar format) {
  const int magnitude = bit_count(format) - (info(format).is_signed ? 1 : 0);
  const auto x = static_cast<double>(number_of(item, format)) / (std::ldexp(1.0, magnitude) - 1);
  return float_bits(std::fmax(x, -1.0), Scalar::f32);
}

Bits to_format(const Plan& plan, Bits value) {
  return plan.normalized ? normalized_bits(value, plan.format)
                         : oracle_convert(value, plan.value, plan.format);
}

Bits from_format(const Plan& plan, Bits item) {
  return plan.normalized ? fraction_bits(item, plan.format)
                         : oracle_convert(item, plan.format, plan.value);
}

double double_of(Bits bits, Scalar s) {
  if (is_nan(bits, s))
    return std::numeric_limits<double>::quiet_NaN();
  return static_cast<double>(number_of(bits, s));
}

/// A component of the transformed vector, each operation a double's.
double oracle_transform(const Plan& plan, const Matrices& matrices, std::int64_t step,
                        std::int32_t row, const std::array<double, 3>& vector) {
  const double* matrix = matrices.data + 12 * step * matrices.step;
  std::array<double, 3> result{};
  for (std::size_t i = 0; i < 3; ++i) {
    double sum = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      const volatile double product = matrix[4 * i + j] * vector.at(j);
      const volatile double more = j == 0 ? double{product} : sum + product;
      sum = more;
    }
    if (plan.transform == Transform::point)
      sum += matrix[4 * i + 3];
    result.at(i) = sum;
  }
  double mine = result.at(static_cast<std::size_t>(row));
  if (plan.transform == Transform::normal) {
    const volatile double xx = result[0] * result[0];
    const volatile double yy = result[1] * result[1];
    const volatile double zz = result[2] * result[2];
    const volatile double xy = xx + yy;
    const double length = std::sqrt(xy + zz);
    const volatile double inverse = 1 / length;
    if (length > 0)
      mine *= inverse;
  }
  return mine;
}

Bits wide_to_format(const Plan& plan, double x) {
  if (std::isnan(x)) {
    if (!info(plan.format).is_float)
      return 0;
    const auto [fraction, exponent] = float_format(plan.format);
    return ((low_bits(exponent) << 1U) | 1U) << (fraction - 1);
  }
  if (plan.format == Scalar::b1)
    return x != 0 ? 1 : 0;
  if (plan.normalized) {
    const int magnitude = bit_count(plan.format) - (info(plan.format).is_signed ? 1 : 0);
    const double y = std::fmin(std::fmax(x, info(plan.format).is_signed ? -1.0 : 0.0), 1.0);
    return integer_bits(y * (std::ldexp(1.0, magnitude) - 1), plan.format);
  }
  return info(plan.format).is_float ? float_bits(x, plan.format) : integer_bits(x, plan.format);
}

double format_to_wide(const Plan& plan, Bits item) {
  if (!plan.normalized)
    return double_of(item, plan.format);
  const int magnitude = bit_count(plan.format) - (info(plan.format).is_signed ? 1 : 0);
  const auto x = static_cast<double>(number_of(item, plan.format));
  return std::fmax(x / (std::ldexp(1.0, magnitude) - 1), -1.0);
}

Bits value_of_double(double x) {
  return std::isnan(x) ? Bits{0x7fc00000} : float_bits(x, Scalar::f32);
}

void walk_transformed(const Plan& plan, Direction direction, const Aside& aside, std::size_t which,
                      std::byte* place, std::byte* cache) {
  const Lane& lane = plan.lanes[which];
  const std::int64_t step = aside.steps.empty() ? 0 : aside.steps[0];
  std::array<double, 3> vector{};
  for (std::int64_t i = 0; i < 3; ++i) {
    double& x = vector.at(static_cast<std::size_t>(i));
    if (direction == Direction::refresh)
      x = double_of(cast(load(place + i * plan.component_step, plan.storage.type),
                         plan.storage.type, Scalar::f32),
                    Scalar::f32);
    for (const Lane& other : plan.lanes)
      if (direction == Direction::update && other.source == lane.source && other.at == lane.at &&
          other.row == i)
        x = format_to_wide(plan, load(cache + other.cache, plan.format));
  }
  const double mine = oracle_transform(plan, aside.transfer.matrices, step, lane.row, vector);
  if (direction == Direction::refresh) {
    save(cache + lane.cache, wide_to_format(plan, mine), plan.format);
    return;
  }
  const Bits value = clamped(plan, value_of_double(mine));
  save(place + lane.row * plan.component_step, cast(value, Scalar::f32, plan.storage.type),
       plan.storage.type);
}

void walk(const Plan& plan, Direction direction, Aside& aside, std::size_t depth, std::byte* source,
          std::byte* cache) {
  const Transfer& transfer = aside.transfer;
  if (depth < plan.loops.size()) {
    const Loop& loop = plan.loops[depth];
    for (std::int64_t i = 0; i < transfer.extents[depth]; ++i) {
      std::byte* step = source;
      if (loop.kind == LoopKind::strided)
        step += i * loop.source_stride;
      if (loop.kind != LoopKind::strided) {
        const Table& table = transfer.tables[depth];
        const std::int64_t entry = table.data[i * table.step];
        if (loop.kind == LoopKind::indexed)
          step += entry * loop.source_stride;
        else
          // NOLINTNEXTLINE(performance-no-int-to-ptr)
          step = reinterpret_cast<std::byte*>(entry) + loop.source_stride;
      }
      aside.steps.push_back(i);
      walk(plan, direction, aside, depth + 1, step, cache + i * loop.cache_stride);
      aside.steps.pop_back();
    }
    return;
  }
  for (std::size_t which = 0; which < plan.lanes.size(); ++which) {
    const Lane& lane = plan.lanes[which];
    std::byte* place = place_of(plan, which, source, aside);
    if (plan.transform) {
      walk_transformed(plan, direction, aside, which, place, cache);
      continue;
    }
    if (direction == Direction::refresh) {
      const Bits value = decode(plan, lane, place, aside);
      save(cache + lane.cache, to_format(plan, value), plan.format);
    } else {
      const Bits item = load(cache + lane.cache, plan.format);
      encode(plan, lane, place, clamped(plan, from_format(plan, item)), aside);
    }
  }
}

} // namespace

void oracle(const Plan& plan, Direction direction, const Transfer& transfer) {
  check_transfer(plan, direction, transfer);
  Aside aside{transfer, {}, {}};
  walk(plan, direction, aside, 0, transfer.source, transfer.cache);
  if (aside.bad)
    throw BadIndex(*aside.bad);
}

} // namespace rnaslicer::jit::test
