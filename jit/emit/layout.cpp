// jit/emit/layout.cpp: the size of a block, its items in order of their targets, its stores.
#include "jit/emit/layout.hpp"

#include "jit/emit/values.hpp"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <map>
#include <numeric>

namespace rnaslicer::jit::emission {

namespace {

/// Items of a block at most, unless one step has more: code generation takes time for each.
constexpr std::int64_t block_items = 160;

/// The same where each step has an address of its own.
constexpr std::int64_t table_items = 32;

/// And where only a number has to be fetched for it.
constexpr std::int64_t gather_items = 72;

struct Pair {
  std::int64_t in, out;
  std::size_t lane;
  std::int64_t row; ///< within the step
};

struct Sides {
  std::vector<Pair> lanes;
  std::int64_t in_stride, out_stride;
  std::int64_t in_size, out_size;
  std::int64_t in_bytes; ///< read where an item begins
  bool in_rows, out_rows;
  bool out_of_order = false; ///< what lanes write would not be in C order by rows
  std::vector<std::int64_t> row_indices = {};
};

/// The side that an index leads to has a row for each index.
void add_rows(Sides& s, const Plan& plan, bool refresh) {
  std::map<std::int64_t, std::int64_t> rows; // by the index's offset
  std::int64_t last = 0;
  for (Pair& pair : s.lanes) {
    const Lane& lane = plan.lanes[pair.lane];
    const auto [row, is_new] =
        rows.try_emplace(lane.source, static_cast<std::int64_t>(rows.size()));
    if (is_new)
      s.row_indices.push_back(lane.source);
    pair.row = row->second;
    s.out_of_order |= !refresh && pair.row < last;
    last = pair.row;
    (refresh ? pair.in : pair.out) = lane.at + (refresh ? 0 : lane.row * plan.component_step);
  }
  (refresh ? s.in_rows : s.out_rows) = true;
  (refresh ? s.in_stride : s.out_stride) = 0;
}

Sides sides_of(const Plan& plan, Direction direction) {
  const bool refresh = direction == Direction::refresh;
  const Loop loop = plan.loops.empty() ? Loop{} : plan.loops.back();
  const bool rows = loop.kind != LoopKind::strided;
  Sides s{{},
          refresh ? loop.source_stride : loop.cache_stride,
          refresh ? loop.cache_stride : loop.source_stride,
          refresh ? size_of(plan.storage.type) : size_of(plan.format),
          refresh ? size_of(plan.format) : size_of(plan.storage.type),
          refresh ? number_bytes(plan) : size_of(plan.format),
          rows && refresh,
          rows && !refresh};
  for (std::size_t i = 0; i < plan.lanes.size(); ++i) {
    const Lane& lane = plan.lanes[i];
    const std::int64_t component = lane.row * plan.component_step;
    s.lanes.push_back(refresh ? Pair{lane.source, lane.cache, i, 0}
                              : Pair{lane.cache, lane.source + component, i, 0});
  }
  if (plan.target_stride)
    add_rows(s, plan, refresh);
  std::sort(s.lanes.begin(), s.lanes.end(), [&](const Pair& a, const Pair& b) {
    return s.out_rows ? std::pair(a.row, a.out) < std::pair(b.row, b.out) : a.out < b.out;
  });
  return s;
}

/// Where only bytes are moved, neighbours on both sides may move together, up to four bytes.
void coalesce(Sides& s) {
  while (s.in_size < 4) {
    std::vector<Pair> doubled;
    for (std::size_t i = 0; i + 1 < s.lanes.size(); i += 2) {
      const Pair& a = s.lanes[i];
      const Pair& b = s.lanes[i + 1];
      if (b.in != a.in + s.in_size || b.out != a.out + s.out_size || a.row != b.row)
        return;
      doubled.push_back(a);
    }
    if (s.lanes.size() % 2 != 0)
      return;
    s.lanes = std::move(doubled);
    s.in_bytes = s.in_size = s.out_size *= 2;
  }
}

/// Whether two items of the out side can share a byte; `lanes` are sorted by it.
bool collide(const Sides& s) {
  const std::int64_t size = s.out_size;
  for (std::size_t i = 1; i < s.lanes.size(); ++i)
    if ((!s.out_rows || s.lanes[i].row == s.lanes[i - 1].row) &&
        s.lanes[i].out - s.lanes[i - 1].out < size)
      return true;
  const std::int64_t stride = std::abs(s.out_stride);
  if (s.out_rows)
    return false; // rows may, but are stored in order
  if (stride >= s.lanes.back().out - s.lanes.front().out + size)
    return false;
  if (stride == 0 || s.lanes.size() > 64)
    return true;
  for (const Pair& a : s.lanes)
    for (const Pair& b : s.lanes) {
      const std::int64_t rest = std::abs(a.out - b.out) % stride;
      if (&a != &b && (rest < size || stride - rest < size))
        return true;
    }
  return stride < size;
}

/// Lanes one behind the other in memory, filled ones only.
bool follows(const std::optional<Place>& a, const std::optional<Place>& b, std::int64_t size) {
  return a && b && a->row == b->row && a->offset + size == b->offset;
}

/// Every run of neighbours in full vectors, then in halves: no lane stays empty.
std::vector<Batch> whole_batches(const Block& block, std::int64_t most) {
  std::vector<Batch> batches;
  const auto& items = block.items;
  for (std::size_t first = 0; first < items.size();) {
    std::size_t end = first + 1;
    while (end < items.size() && follows(items[end - 1].out, items[end].out, block.out_size))
      ++end;
    while (first < end) {
      const auto left = static_cast<std::uint64_t>(end - first);
      const std::uint64_t lanes = std::min(std::bit_floor(left), static_cast<std::uint64_t>(most));
      Batch batch;
      batch.start = items[first].out;
      for (std::uint64_t i = 0; i < lanes; ++i, ++first)
        batch.add(items[first]);
      batches.push_back(std::move(batch));
    }
  }
  return batches;
}

/// Windows of one register each over the out side. Empty if items do not lie in such a raster, and
/// where the tier masks words only: AVX2's masked stores are 40 operations each on AMD's Zen, and
/// single ones hardly slower elsewhere.
std::vector<Batch> masked_batches(const Block& block, const Machine& machine) {
  const std::int64_t pitch = std::max<std::int64_t>(block.out_size, 4);
  if (!machine.masks_bytes)
    return {};
  std::vector<Batch> batches;
  for (const Item& item : block.items) {
    const bool inside = !batches.empty() && batches.back().start.row == item.out.row &&
                        item.out.offset + pitch <= batches.back().start.offset + machine.width;
    if (!inside) {
      Batch batch;
      batch.store = Batch::Store::masked;
      batch.start = item.out;
      batch.pitch = pitch;
      batches.push_back(std::move(batch));
    }
    Batch& batch = batches.back();
    const std::int64_t distance = item.out.offset - batch.start.offset;
    if (distance % pitch != 0)
      return {};
    const auto lane = static_cast<std::size_t>(distance / pitch);
    batch.in.resize(lane + 1);
    batch.out.resize(lane + 1);
    batch.lanes.resize(lane + 1);
    batch.in[lane] = item.in;
    batch.out[lane] = item.out;
    batch.lanes[lane] = item.lane;
  }
  for (Batch& batch : batches) {
    batch.in.resize(std::bit_ceil(batch.in.size()));
    batch.out.resize(batch.in.size());
    batch.lanes.resize(batch.in.size());
    const bool full = std::all_of(batch.out.begin(), batch.out.end(),
                                  [](const auto& slot) { return slot.has_value(); });
    if (full && (pitch == block.out_size || batch.out.size() == 1))
      batch.store = Batch::Store::whole;
  }
  return batches;
}

/// Whether the last window reaches into the next block: what is loaded there would have to wait for
/// its store.
bool runs_into_next(const std::vector<Batch>& windows, const Block& block, std::int64_t stride) {
  if (windows.empty() || block.out_rows)
    return false;
  const Batch& last = windows.back();
  const std::int64_t end =
      last.start.offset + static_cast<std::int64_t>(last.out.size()) * last.pitch;
  return end > block.out.lo + block.steps * std::abs(stride);
}

/// Full vectors of items in order, wherever they lie.
std::vector<Batch> piece_batches(const Block& block, std::int64_t most) {
  std::vector<Batch> batches;
  for (std::size_t first = 0; first < block.items.size();) {
    const std::uint64_t left = block.items.size() - first;
    const std::uint64_t lanes = std::min(std::bit_floor(left), static_cast<std::uint64_t>(most));
    Batch batch;
    batch.store = Batch::Store::pieces;
    batch.start = block.items[first].out;
    for (std::uint64_t i = 0; i < lanes; ++i, ++first)
      batch.add(block.items[first]);
    batches.push_back(std::move(batch));
  }
  return batches;
}

Extent extent_of(const Block& block, Place Item::*side, std::int64_t size) {
  Extent extent{(block.items[0].*side).offset, (block.items[0].*side).offset + size};
  for (const Item& item : block.items) {
    extent.lo = std::min(extent.lo, (item.*side).offset);
    extent.hi = std::max(extent.hi, (item.*side).offset + size);
  }
  return extent;
}

/// Lanes of a full vector: as many numbers as fit where they are converted.
std::int64_t lanes_of(const Sides& s, const Plan& plan, const Machine& machine) {
  const std::int64_t widest = std::max(s.in_size, s.out_size);
  const auto count = static_cast<std::int64_t>(s.lanes.size());
  const bool packed = s.in_stride == count * s.in_size && s.out_stride == count * s.out_size &&
                      s.lanes.back().in - s.lanes.front().in == (count - 1) * s.in_size;
  const bool bytes = plan.value == Scalar::b1 && widest < 4 && packed; // compared as they are
  // Four registers of words make one of bytes.
  if (packed && !s.in_rows && !s.out_rows && !plan.target_stride && !plan.transform &&
      s.in_size == 4 && s.out_size < 4 && plan.storage.decode == Decode::plain)
    return machine.width / s.out_size;
  return machine.width / (bytes ? widest : std::max<std::int64_t>(widest, 4));
}

std::int64_t steps_of(const Sides& s, std::int64_t most, const Plan& plan, std::int64_t line,
                      bool streaming) {
  const auto lanes = static_cast<std::int64_t>(s.lanes.size());
  if (plan.loops.empty())
    return 1;
  // Of vectors in float64 two groups, for each has to wait for long.
  std::int64_t steps = (plan.transform ? 2 : 1) * most / std::gcd(lanes, most);
  const std::int64_t items = s.in_rows && !s.row_indices.empty() ? gather_items
                             : s.in_rows || s.out_rows           ? table_items
                                                                 : block_items;
  while (steps > 1 && steps * lanes > std::max(items, most))
    steps /= 2;
  const bool packed = !s.out_rows && s.out_stride == lanes * s.out_size;
  while (streaming && packed && steps * s.out_stride % line != 0 && steps * lanes <= block_items)
    steps *= 2; // whole stores
  return steps;
}

/// Single stores in a block at most: code generation takes time for each, and more than linearly.
constexpr std::size_t block_stores = 48;

Block block_of(const Sides& s, std::int64_t steps) {
  Block block;
  block.steps = steps;
  block.in_size = s.in_size;
  block.out_size = s.out_size;
  block.in_rows = s.in_rows;
  block.out_rows = s.out_rows;
  block.row_indices = s.row_indices;
  const auto rows = std::max<std::int64_t>(1, static_cast<std::int64_t>(s.row_indices.size()));
  for (std::int64_t step = 0; step < steps; ++step)
    for (const Pair& lane : s.lanes)
      block.items.push_back({s.in_rows ? Place{step * rows + lane.row, lane.in}
                                       : Place{0, step * s.in_stride + lane.in},
                             s.out_rows ? Place{step * rows + lane.row, lane.out}
                                        : Place{0, step * s.out_stride + lane.out},
                             lane.lane});
  std::sort(block.items.begin(), block.items.end(),
            [](const Item& a, const Item& b) { return a.out < b.out; });
  block.in = extent_of(block, &Item::in, s.in_bytes);
  block.out = extent_of(block, &Item::out, s.out_size);
  block.packed_out =
      !s.out_rows && block.out.hi - block.out.lo == steps * s.out_stride &&
      block.out.hi - block.out.lo == static_cast<std::int64_t>(block.items.size()) * s.out_size;
  return block;
}

} // namespace

Machine machine_for(const Plan& plan, Tier tier) {
  Machine result = machine(tier);
  if (!plan.transform)
    return result;
  const auto size = std::max<std::int64_t>({4, size_of(plan.storage.type), size_of(plan.format)});
  result.width = std::min(result.width, static_cast<unsigned>(transform_lanes(result) * size));
  return result;
}

std::optional<Block> lay_out(const Plan& plan, Direction direction, const Machine& machine,
                             bool streaming) {
  Sides s = sides_of(plan, direction);
  if (copies(plan, direction))
    coalesce(s);
  if (plan.loops.empty())
    s.out_stride = std::int64_t{1} << 60; // no second step to collide with
  if (s.out_of_order || collide(s))
    return std::nullopt;
  const std::int64_t most = lanes_of(s, plan, machine);
  for (std::int64_t steps = steps_of(s, most, plan, machine.width, streaming);; steps /= 2) {
    Block block = block_of(s, steps);
    block.line = machine.width;
    block.batches = whole_batches(block, most);
    const std::size_t stores = block.batches.size();
    // Masked stores pay from three separate ones on.
    auto masked = masked_batches(block, machine);
    const bool reloads = merges(plan, direction) && runs_into_next(masked, block, s.out_stride);
    if (!masked.empty() && !reloads && stores > 2 * masked.size()) {
      block.batches = std::move(masked);
      return block;
    }
    auto pieces = piece_batches(block, most);
    if (stores <= pieces.size() || stores <= block_stores) {
      if (stores > pieces.size())
        block.batches = std::move(pieces);
      return block;
    }
    if (steps == 1)
      return std::nullopt; // many lanes apart: better one by one
  }
}

std::vector<Move> moves_of(const Block& block, const Machine& machine) {
  std::vector<Move> result;
  const auto& items = block.items;
  const std::int64_t size = block.in_size;
  const auto follows = [&](Place a, Place b) {
    return a.row == b.row && a.offset + size == b.offset;
  };
  for (std::size_t first = 0; first < items.size();) {
    std::size_t end = first + 1;
    while (end < items.size() && follows(items[end - 1].in, items[end].in) &&
           follows(items[end - 1].out, items[end].out))
      ++end;
    auto left = static_cast<std::uint64_t>(end - first) * static_cast<std::uint64_t>(size);
    Item at = items[first];
    while (left > 0) {
      const auto bytes = std::min<std::uint64_t>(std::bit_floor(left), machine.width);
      result.push_back({at, static_cast<unsigned>(bytes)});
      at.in.offset += static_cast<std::int64_t>(bytes);
      at.out.offset += static_cast<std::int64_t>(bytes);
      left -= bytes;
    }
    first = end;
  }
  return result;
}

} // namespace rnaslicer::jit::emission
