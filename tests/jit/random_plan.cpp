// tests/jit/random_plan.cpp: makes random access plans: lanes, loops, tables; types and data beside
// it.
#include "tests/jit/random_plan.hpp"

#include "tests/jit/random_data.hpp"
#include "tests/jit/random_types.hpp"

#include <algorithm>
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
