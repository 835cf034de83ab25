// jit/walk.cpp: merging, walking and splitting of loops.
#include "jit/walk.hpp"

#include "jit/parallel.hpp"

#include <algorithm>
#include <cstdlib>
#include <limits>

namespace rnaslicer::jit {
namespace {

/// Memory traffic from which a second thread pays for being started, and the least for each: of
/// what is bound by memory, and of what is computed or looked up for each number.
struct Worth {
  std::int64_t traffic, part;
};
constexpr Worth moving_is_worth{8LL << 20U, 4LL << 20U};
constexpr Worth computing_is_worth{4LL << 20U, 2LL << 20U};
constexpr std::int64_t blocks_per_part = 4;

bool is_strided(const Axis& axis) { return axis.loop.kind == LoopKind::strided; }

/// Bytes [begin, end) that one side of a nest touches, relative to its base.
struct Footprint {
  std::int64_t begin = 0, end = 0;
  void widen(std::int64_t stride, std::int64_t extent) {
    const auto reach = stride * (extent - 1);
    (reach < 0 ? begin : end) += reach;
  }
  [[nodiscard]] std::int64_t size() const { return end - begin; }
};

Footprint lanes_footprint(const Plan& plan, bool source) {
  Footprint result{std::numeric_limits<std::int64_t>::max(),
                   std::numeric_limits<std::int64_t>::min()};
  const auto size = source ? source_bytes(plan) : size_of(plan.format);
  for (const auto& lane : plan.lanes) {
    const auto offset = source ? lane.source : lane.cache;
    result.begin = std::min(result.begin, offset);
    result.end = std::max(result.end, offset + size);
  }
  return result;
}

/// What one step of the outermost loop touches.
Footprint step_footprint(const Nest& nest, const Plan& plan, bool source) {
  auto result = lanes_footprint(plan, source);
  for (std::size_t i = 1; i < nest.depth(); ++i)
    result.widen(source ? nest[i].loop.source_stride : nest[i].loop.cache_stride, nest[i].extent);
  return result;
}

/// Bytes read and written, roughly: a strided field costs its cache lines, on either side.
std::int64_t traffic(const Nest& nest, const Plan& plan) {
  const auto lanes = static_cast<std::int64_t>(plan.lanes.size());
  const auto& inner = nest.inner();
  const auto spanned = [](std::int64_t stride, std::int64_t packed) {
    return std::clamp(std::abs(stride), packed, packed + 64);
  };
  return nest.steps() * (spanned(is_strided(inner) ? inner.loop.source_stride : 64,
                                 lanes * size_of(plan.storage.type)) +
                         spanned(inner.loop.cache_stride, lanes * size_of(plan.format)));
}

/// Fewest steps of the outermost loop that make a block: what the kernel accepts, and some more
/// that rounding to 64 may take away.
std::int64_t shortest_block(const Nest& nest, std::int64_t min_count) {
  return nest.depth() == 1 ? min_count + 1024 : 1;
}

} // namespace

Nest::Nest(const Plan& plan, const Transfer& transfer) : depth_(plan.loops.size()) {
  for (std::size_t i = 0; i < depth_; ++i)
    axes_[i] = {plan.loops[i], transfer.extents[i],
                i < transfer.tables.size() ? transfer.tables[i] : Table{}};
  if (depth_ == 0)
    depth_ = 1;
  merge();
}

void Nest::merge() {
  for (std::size_t i = depth_ - 1; i > 0; --i) {
    const auto& outer = axes_[i - 1];
    auto& inner = axes_[i];
    if (!is_strided(outer))
      continue;
    const bool continues = is_strided(inner) &&
                           outer.loop.source_stride == inner.loop.source_stride * inner.extent &&
                           outer.loop.cache_stride == inner.loop.cache_stride * inner.extent;
    if (outer.extent != 1 && !continues)
      continue;
    inner.extent *= outer.extent;
    std::move(axes_.begin() + static_cast<std::ptrdiff_t>(i),
              axes_.begin() + static_cast<std::ptrdiff_t>(depth_),
              axes_.begin() + static_cast<std::ptrdiff_t>(i) - 1);
    --depth_;
  }
}

std::int64_t Nest::steps() const {
  std::int64_t result = 1;
  for (std::size_t i = 0; i < depth_; ++i)
    result *= axes_[i].extent;
  return result;
}

Nest Nest::part(std::int64_t start, std::int64_t count, std::byte*& source,
                std::byte*& cache) const {
  auto result = *this;
  auto& axis = result.axes_[0];
  if (is_strided(axis))
    source += start * axis.loop.source_stride;
  else
    axis.table.data += start * axis.table.step;
  cache += start * axis.loop.cache_stride;
  axis.extent = count;
  return result;
}

void Nest::run(KernelFunction function, std::byte* source, std::byte* cache, SideData* side) const {
  const auto call = [&](std::byte* from, std::byte* to) {
    const auto& axis = inner();
    function(from, to, axis.extent, axis.table.data, axis.table.step, side);
  };
  if (depth_ == 1) {
    call(source, cache);
    return;
  }
  // An odometer over the outer loops: `sources[i]` and `caches[i]` are the bases outside loop i.
  std::array<std::int64_t, max_loops> index{};
  std::array<std::byte*, max_loops> sources{};
  std::array<std::byte*, max_loops> caches{};
  sources[0] = source;
  caches[0] = cache;
  const auto last = depth_ - 1;
  std::size_t level = 0;
  while (true) {
    for (; level < last; ++level) {
      const auto& axis = axes_[level];
      const auto i = index[level];
      const auto entry = is_strided(axis) ? i : axis.table.data[i * axis.table.step];
      sources[level + 1] = axis.loop.kind == LoopKind::pointers
                               // NOLINTNEXTLINE(performance-no-int-to-ptr): a table of addresses
                               ? reinterpret_cast<std::byte*>(entry) + axis.loop.source_stride
                               : sources[level] + entry * axis.loop.source_stride;
      caches[level + 1] = caches[level] + i * axis.loop.cache_stride;
    }
    call(sources[last], caches[last]);
    while (level > 0 && ++index[level - 1] == axes_[level - 1].extent)
      index[--level] = 0;
    if (level == 0)
      return;
    --level;
  }
}

unsigned parallelism(const Nest& nest, const Plan& plan, Direction direction,
                     const Transfer& transfer, std::int64_t min_count, unsigned threads) {
  const auto bytes = traffic(nest, plan);
  const bool computes = plan.transform || plan.target_stride || plan.normalized ||
                        plan.storage.decode == Decode::lookup;
  const Worth worth = computes ? computing_is_worth : moving_is_worth;
  if (threads < 2 || bytes < worth.traffic)
    return 1;
  const bool writes_source = direction == Direction::update;
  if (writes_source && plan.target_stride)
    return 1; // indices may name a target twice
  for (std::size_t i = 0; i < nest.depth(); ++i)
    if (writes_source && !is_strided(nest[i]))
      return 1; // a table may name a target twice

  // Steps of the outermost loop must write apart.
  const auto& outer = nest[0];
  const auto stride = writes_source ? outer.loop.source_stride : outer.loop.cache_stride;
  if (std::abs(stride) < step_footprint(nest, plan, writes_source).size())
    return 1;

  // What is written must lie apart from what is read, as far as strides can tell.
  const bool all_strided = [&] {
    for (std::size_t i = 0; i < nest.depth(); ++i)
      if (!is_strided(nest[i]))
        return false;
    return true;
  }();
  if (all_strided) {
    auto source = step_footprint(nest, plan, true);
    auto cache = step_footprint(nest, plan, false);
    source.widen(outer.loop.source_stride, outer.extent);
    cache.widen(outer.loop.cache_stride, outer.extent);
    if (transfer.source + source.begin < transfer.cache + cache.end &&
        transfer.cache + cache.begin < transfer.source + source.end)
      return 1;
  }

  return static_cast<unsigned>(
      std::max<std::int64_t>(1, std::min({std::int64_t{threads}, bytes / worth.part,
                                          outer.extent / shortest_block(nest, min_count)})));
}

void run_parallel(const Nest& nest, KernelFunction function, const Transfer& transfer,
                  SideData* side, std::int64_t min_count, unsigned parts) {
  const auto extent = nest[0].extent;
  // Several blocks for each thread, taken as they get to it: one that starts late delays nobody.
  const auto count =
      std::min(extent / shortest_block(nest, min_count), std::int64_t{parts} * blocks_per_part);
  const auto begin_of = [&](std::int64_t block) {
    const auto begin = extent / count * block;
    // Whole blocks of 64 steps keep the threads' writes off each other's cache lines.
    return block == count ? extent : nest.depth() == 1 ? begin / 64 * 64 : begin;
  };
  const auto work = [&](std::int64_t block) {
    auto* source = transfer.source;
    auto* cache = transfer.cache;
    const auto begin = begin_of(block);
    nest.part(begin, begin_of(block + 1) - begin, source, cache).run(function, source, cache, side);
  };
  share_out(count, parts, work);
}

} // namespace rnaslicer::jit
