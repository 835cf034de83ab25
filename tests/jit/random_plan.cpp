// tests/jit/random_plan.cpp: makes random access plans, their tables and their data.
#include "tests/jit/random_plan.hpp"

#include "tests/jit/random_numbers.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <sstream>

namespace rnaslicer::jit::test {

std::uint64_t Random::next() {
  state_ += 0x9e3779b97f4a7c15U;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31U);
}

std::int64_t Random::between(std::int64_t lo, std::int64_t hi) {
  return lo + static_cast<std::int64_t>(next() % (static_cast<std::uint64_t>(hi - lo) + 1));
}

namespace {

constexpr std::array integer_storage{Scalar::i8,  Scalar::u8,  Scalar::i16, Scalar::u16,
                                     Scalar::i32, Scalar::u32, Scalar::i64, Scalar::u64};

std::uint64_t random_mask(Random& random, Scalar type) {
  const auto bits = 8 * size_of(type);
  const std::uint64_t all = ~std::uint64_t{0} >> static_cast<unsigned>(64 - bits);
  if (random.chance(60))
    return std::uint64_t{1} << random.between(0, bits - 1);
  const std::uint64_t mask = random.next() & random.next() & all;
  return mask == 0 || random.chance(20) ? all : mask;
}

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

/// An index before the number.
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

/// Vectors of three through a matrix.
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

/// Up to `most` lanes, one to three axes.
std::vector<std::int64_t> random_shape(Random& random, std::int64_t most) {
  std::vector<std::int64_t> shape;
  const std::int64_t axes = random.pick(std::array{0, 0, 1, 1, 1, 1, 2, 2, 3});
  for (std::int64_t i = 0; i < axes; ++i) {
    const std::int64_t most_here = random.chance(70) ? std::min<std::int64_t>(most, 4) : most;
    shape.push_back(random.between(1, most_here));
    most /= shape.back();
  }
  return shape;
}

std::vector<std::int64_t> random_permutation(Random& random, std::int64_t count) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(count));
  std::iota(order.begin(), order.end(), 0);
  for (std::size_t i = order.size(); i > 1; --i)
    std::swap(order[i - 1],
              order[static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(i) - 1))]);
  return order;
}

/// Offsets of `count` items that do not overlap: packed, spaced, reversed, shuffled or uneven.
std::vector<std::int64_t> apart(Random& random, std::int64_t count, std::int64_t size) {
  std::vector<std::int64_t> offsets;
  const std::int64_t pad = random.chance(50) ? 0 : random.between(0, 9);
  const bool uneven = random.chance(20);
  std::int64_t next = random.chance(60) ? 0 : random.between(-40, 40);
  for (std::int64_t i = 0; i < count; ++i) {
    offsets.push_back(next);
    next += size + pad + (uneven ? random.between(0, 7) : 0);
  }
  const auto kind = random.between(1, 100);
  if (kind <= 15)
    std::reverse(offsets.begin(), offsets.end());
  if (kind > 75) {
    const auto order = random_permutation(random, count);
    std::vector<std::int64_t> shuffled;
    shuffled.reserve(offsets.size());
    for (const std::int64_t i : order)
      shuffled.push_back(offsets[static_cast<std::size_t>(i)]);
    offsets = std::move(shuffled);
  }
  return offsets;
}

/// What lanes have of their own: the same for all, in turns, or each at random.
void random_own(Random& random, Plan& plan, const Options& options) {
  const Decode decode = plan.storage.decode;
  const std::int64_t turns = random.pick(std::array{1, 1, 2, 3, 4, 100});
  const bool shared = options.aliasing && decode == Decode::flag && random.chance(30);
  std::vector<Lane> own;
  for (std::size_t i = 0; i < plan.lanes.size(); ++i) {
    Lane lane;
    if (decode == Decode::flag && random.chance(options.special ? 70 : 20))
      lane.mask = random_mask(random, plan.storage.type);
    if (decode == Decode::lookup)
      lane.lookup = static_cast<std::int32_t>(random.between(0, 2));
    own.push_back(i < static_cast<std::size_t>(turns) ? lane
                                                      : own[i % static_cast<std::size_t>(turns)]);
    plan.lanes[i].mask = own[i].mask;
    plan.lanes[i].lookup = own[i].lookup;
    if (shared) // several bits of one number
      plan.lanes[i].source = plan.lanes[0].source;
  }
}

void random_lanes(Random& random, Plan& plan, const Options& options) {
  plan.lane_shape = random_shape(random, options.lanes);
  if (plan.transform && random.chance(80) && options.lanes >= 3)
    plan.lane_shape =
        random.chance(70) ? std::vector<std::int64_t>{3} : std::vector<std::int64_t>{2, 3};
  std::int64_t count = 1;
  for (const std::int64_t axis : plan.lane_shape)
    count *= axis;
  const std::int64_t size = plan.target_stride ? size_of(Scalar::i32) : number_bytes(plan);
  std::vector<std::int64_t> source = apart(random, count, size);
  if (options.aliasing && random.chance(20)) // a swizzle names components more than once
    for (std::int64_t& offset : source)
      offset = random.pick(source);
  if (options.aliasing && random.chance(4)) // overlapping by parts of an item
    for (std::int64_t& offset : source)
      offset = random.between(-20, 20);
  std::vector<std::int64_t> at(source.size(), 0);
  if (plan.target_stride) {
    at = apart(random, count, number_bytes(plan));
    if (random.chance(25))
      for (std::int64_t& offset : at)
        offset = random.between(-12, 24);
    const std::int64_t shared = random.pick(std::array{1, 1, 2, 3, 100}); // lanes with one index
    if (random.chance(80))
      for (std::size_t i = 0; i < source.size(); ++i)
        source[i] = source[i - i % static_cast<std::size_t>(shared)];
    if (random.chance(40))
      std::fill(source.begin(), source.end(), source[0]);
  }
  std::vector<std::int64_t> cache;
  const std::int64_t item = size_of(plan.format);
  if (random.chance(60))
    for (std::int64_t i = 0; i < count; ++i)
      cache.push_back(i * item);
  else
    cache = apart(random, count, item);
  for (std::size_t i = 0; i < source.size(); ++i)
    plan.lanes.push_back({source[i], cache[i], 0, 0, at[i]});
  if (plan.transform) {
    const bool whole = random.chance(60); // vectors
    for (std::size_t i = 0; i < plan.lanes.size(); ++i) {
      const std::size_t vector = i - i % 3;
      plan.lanes[i].row = static_cast<std::int32_t>(whole ? i % 3 : random.next() % 3);
      if (whole) {
        plan.lanes[i].source = plan.lanes[vector].source;
        plan.lanes[i].at = plan.lanes[vector].at;
      }
    }
  }
  random_own(random, plan, options);
}

/// A number of bytes that steps of `span` bytes may lie apart.
std::int64_t random_stride(Random& random, std::int64_t span, bool aliasing) {
  const auto kind = random.between(1, 100);
  std::int64_t stride = span;
  if (kind > 35 && kind <= 60)
    stride += random.between(0, 13);
  if (kind > 60 && kind <= 80)
    stride = (span / 4 + 1) * 4 + 4 * random.between(0, 5);
  if (kind > 80 && kind <= 90)
    stride += random.between(0, 100);
  if (kind > 90 && aliasing)
    stride = random.chance(50) ? 0 : random.between(0, span);
  return random.chance(20) ? -stride : stride;
}

TableEntries lay_out(Random& random, const std::vector<std::int64_t>& entries) {
  constexpr std::int64_t poison = 0x0badbadbadbadbad;
  TableEntries table;
  table.step = random.pick(std::array{1, 1, 1, 1, 2, 3, -1, -2});
  const auto count = static_cast<std::int64_t>(entries.size());
  const std::int64_t pitch = std::abs(table.step);
  table.raw.assign(count == 0 ? 0 : static_cast<std::size_t>((count - 1) * pitch + 1), poison);
  table.first = table.step < 0 && count > 0 ? (count - 1) * pitch : 0;
  for (std::int64_t i = 0; i < count; ++i)
    table.raw[static_cast<std::size_t>(table.first + i * table.step)] =
        entries[static_cast<std::size_t>(i)];
  return table;
}

/// Entries of a table: in order, shuffled, or (if they may alias) at random.
std::vector<std::int64_t> random_entries(Random& random, std::int64_t count, bool aliasing) {
  std::vector<std::int64_t> entries = random_permutation(random, count);
  const auto kind = random.between(1, 100);
  if (kind <= 30)
    std::sort(entries.begin(), entries.end());
  if (kind > 60 && kind <= 75) // with gaps
    for (std::int64_t& entry : entries)
      entry = 2 * entry + 1;
  if (kind > 75 && aliasing)
    for (std::int64_t& entry : entries)
      entry = random.between(0, count / 2);
  if (random.chance(15))
    for (std::int64_t& entry : entries)
      entry -= 5;
  return entries;
}

std::int64_t span_of(const std::vector<Lane>& items, std::int64_t Lane::*side, std::int64_t size) {
  const auto [lowest, highest] =
      std::minmax_element(items.begin(), items.end(),
                          [side](const Lane& a, const Lane& b) { return a.*side < b.*side; });
  return (*highest).*side - (*lowest).*side + size;
}

/// Makes loops from the innermost outwards, each stepping over what the inner ones touch.
void random_loops(Random& random, Case& c, const Options& options) {
  Plan& plan = c.plan;
  std::int64_t count = random.pick(std::array{0, 1, 1, 1, 1, 2, 2, 2, 3, 3});
  if (random.chance(2))
    count = random.between(4, static_cast<std::int64_t>(max_loops));
  if (options.innermost)
    count = std::max<std::int64_t>(count, 1);
  const auto loops = static_cast<std::size_t>(count);
  auto items = static_cast<std::int64_t>(plan.lanes.size());
  std::int64_t source_span = span_of(plan.lanes, &Lane::source, source_bytes(plan));
  std::int64_t cache_span = span_of(plan.lanes, &Lane::cache, size_of(plan.format));
  bool discarded = false; // by a pointers loop further in
  for (std::size_t i = loops; i-- > 0;) {
    const bool innermost = i + 1 == loops;
    Loop loop;
    std::int64_t most = std::min(innermost ? options.max_extent : 6, options.max_items / items);
    most = std::min(most, std::max<std::int64_t>(1, (1 << 20) / source_span));
    if (innermost && random.chance(60))
      most = std::min<std::int64_t>(most, 40);
    const std::int64_t extent = random.chance(3) ? 0
                                : random.chance(10)
                                    ? 1
                                    : random.between(1, std::max<std::int64_t>(most, 1));
    const auto kind = random.between(1, 100);
    if (kind > 70 && !discarded)
      loop.kind = LoopKind::indexed;
    if (kind > 88 && !discarded)
      loop.kind = LoopKind::pointers;
    if (innermost && options.innermost)
      loop.kind = *options.innermost;
    std::vector<std::int64_t> entries(
        loop.kind == LoopKind::strided ? 0 : static_cast<std::size_t>(extent));
    loop.source_stride = discarded ? 0 : random_stride(random, source_span, options.aliasing);
    if (loop.kind != LoopKind::strided)
      entries = random_entries(random, extent, options.aliasing);
    if (loop.kind == LoopKind::pointers) {
      for (std::int64_t& entry : entries)
        entry *= std::abs(loop.source_stride);
      loop.source_stride = random.between(-20, 60);
      discarded = true;
    }
    loop.cache_stride = cache_span + (random.chance(70) ? 0 : random.between(0, 30));
    if (random.chance(15))
      loop.cache_stride = -loop.cache_stride;
    plan.loops.insert(plan.loops.begin(), loop);
    c.extents.insert(c.extents.begin(), extent);
    c.tables.insert(c.tables.begin(), lay_out(random, entries));
    items *= std::max<std::int64_t>(extent, 1);
    const std::int64_t reach = entries.empty() ? extent : 2 * extent + 6;
    source_span += std::max<std::int64_t>(reach - 1, 0) * std::abs(loop.source_stride);
    cache_span += std::max<std::int64_t>(extent - 1, 0) * std::abs(loop.cache_stride);
  }
}

/// The bytes from the first to the last item, random but with numbers that matter in the items.
/// The last item has `bytes`.
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

/// Tables, and values in the cache that lie on thresholds or right beside them.
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

/// Fractions of the format's maximum and their neighbours, also where they lie half-way.
void random_fractions(Random& random, Case& c, const std::vector<Lane>& items) {
  if (!c.plan.normalized || c.plan.storage.type != Scalar::f32 || c.plan.target_stride)
    return;
  const auto bits = 8 * size_of(c.plan.format) - (info(c.plan.format).is_signed ? 1 : 0);
  const double largest = std::ldexp(1.0, static_cast<int>(bits)) - 1;
  for (const Lane& item : items) {
    if (random.chance(30))
      continue;
    const auto half_steps = static_cast<double>(random.between(-4, 2 * (1LL << bits) + 4));
    auto value = static_cast<float>(half_steps / 2 / largest);
    if (random.chance(40))
      value = std::nextafter(value, random.chance(50) ? -2.0F : 2.0F);
    if (random.chance(30))
      value = -value;
    std::memcpy(c.source.bytes.data() + (item.source - c.source.low), &value, sizeof(value));
  }
}

/// What indices lead into, and the indices; a few lead out of it.
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

/// `base + entry * stride` for tables of any numbers, whose products need not fit.
std::int64_t wrapped(std::int64_t base, std::int64_t entry, std::int64_t stride) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(base) +
                                   static_cast<std::uint64_t>(entry) *
                                       static_cast<std::uint64_t>(stride));
}

} // namespace

std::vector<Lane> elements(const Plan& plan, const std::vector<std::int64_t>& extents,
                           const std::vector<TableEntries>& tables) {
  std::vector<Lane> at{{0, 0}};
  for (std::size_t l = 0; l < plan.loops.size(); ++l) {
    const Loop& loop = plan.loops[l];
    std::vector<Lane> inner;
    for (const Lane& base : at)
      for (std::int64_t i = 0; i < extents[l]; ++i) {
        const auto entry = [&] {
          return tables[l].raw[static_cast<std::size_t>(tables[l].first + i * tables[l].step)];
        };
        const std::int64_t source =
            loop.kind == LoopKind::strided   ? base.source + i * loop.source_stride
            : loop.kind == LoopKind::indexed ? wrapped(base.source, entry(), loop.source_stride)
                                             : entry() + loop.source_stride;
        inner.push_back({source, base.cache + i * loop.cache_stride});
      }
    at = std::move(inner);
  }
  std::vector<Lane> items;
  items.reserve(at.size() * plan.lanes.size());
  for (const Lane& base : at)
    for (const Lane& lane : plan.lanes)
      items.push_back({base.source + lane.source, base.cache + lane.cache});
  return items;
}

Case random_case(std::uint64_t seed, const Options& options) {
  Random random(seed);
  Case c;
  c.seed = seed;
  random_types(random, c.plan, options.special);
  if (options.storage)
    c.plan.storage = *options.storage;
  if (options.value)
    c.plan.value = *options.value;
  random_through(random, c.plan, options);
  random_transform(random, c.plan, options);
  c.plan.format = random.chance(40) ? c.plan.value : static_cast<Scalar>(random.between(0, 11));
  if (options.format)
    c.plan.format = *options.format;
  const ScalarInfo& format = info(c.plan.format);
  c.plan.normalized = c.plan.value == Scalar::f32 && !format.is_float && format.size <= 4 &&
                      c.plan.format != Scalar::b1 && random.chance(options.normalized);
  random_clamp(random, c.plan);
  random_lanes(random, c.plan, options);
  random_loops(random, c, options);
  const std::vector<Lane> items = elements(c.plan, c.extents, c.tables);
  c.source =
      random_bytes(random, items, &Lane::source,
                   c.plan.target_stride ? Scalar::i32 : c.plan.storage.type, source_bytes(c.plan));
  c.cache = random_bytes(random, items, &Lane::cache, c.plan.format, size_of(c.plan.format));
  random_lookups(random, c, items);
  random_target(random, c, items);
  random_fractions(random, c, items);
  if (c.plan.transform) {
    c.matrix_step = c.plan.loops.empty() || random.chance(70) ? 0 : 1;
    const std::int64_t count = c.matrix_step == 0 ? 1 : std::max<std::int64_t>(1, c.extents[0]);
    for (std::int64_t i = 0; i < 12 * count; ++i)
      c.matrices.push_back(random_number(random));
  }
  return c;
}

std::string Case::text() const {
  std::ostringstream text;
  text << "seed " << seed << "\n" << print(plan) << "extents";
  for (const std::int64_t extent : extents)
    text << " " << extent;
  for (std::size_t i = 0; i < tables.size(); ++i) {
    if (plan.loops[i].kind == LoopKind::strided)
      continue;
    text << "\ntable of loop " << i << ":";
    for (std::int64_t j = 0; j < std::min<std::int64_t>(extents[i], 20); ++j)
      text << " " << tables[i].raw[static_cast<std::size_t>(tables[i].first + j * tables[i].step)];
    if (extents[i] > 20)
      text << " ...";
  }
  text << "\nsource from " << source.low << ", " << source.bytes.size() << " bytes; cache from "
       << cache.low << ", " << cache.bytes.size() << " bytes\n";
  return text.str();
}

} // namespace rnaslicer::jit::test
