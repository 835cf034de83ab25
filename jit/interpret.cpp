// jit/interpret.cpp: executes any plan without LLVM.
//
// The loop nest is simplified first (single steps folded into the base, even nests flattened), then
// the innermost loop runs in blocks: read a lane's items, convert them, write them. An update reads
// and converts all lanes of a block before it writes them in C order.
#include "jit/changes.hpp"
#include "jit/copy.hpp"
#include "jit/run.hpp"
#include "jit/run_transform.hpp"
#include "jit/transfer.hpp"
#include "jit/transform.hpp"

#include <algorithm>

namespace rnaslicer::jit {

namespace {

/// A loop with its run-time arguments.
struct Axis {
  Loop loop;
  std::int64_t extent = 1;
  Table table;
};

std::byte* at_address(std::int64_t address) {
  return reinterpret_cast<std::byte*>(address); // NOLINT(performance-no-int-to-ptr)
}

/// The source address of one step of a loop.
std::byte* step_source(const Axis& axis, std::byte* source, std::int64_t i) {
  const std::int64_t stride = axis.loop.source_stride;
  switch (axis.loop.kind) {
  case LoopKind::strided:
    return source + i * stride;
  case LoopKind::indexed:
    return source + axis.table.data[i * axis.table.step] * stride;
  case LoopKind::pointers:
    return at_address(axis.table.data[i * axis.table.step]) + stride;
  }
  return source;
}

/// A plan with its run-time arguments, simplified: same elements in the same order.
class Nest {
 public:
  Nest(const Plan& plan, Direction direction, const Transfer& transfer)
      : plan_(plan), direction_(direction), transfer_(transfer),
        functions_(run_functions(plan, direction)), copies_(copies_bytes(plan, direction)),
        lanes_(plan.lanes), source_(transfer.source), cache_(transfer.cache) {
    for (std::size_t i = 0; i < plan.loops.size(); ++i)
      add({plan.loops[i], transfer.extents[i],
           i < transfer.tables.size() ? transfer.tables[i] : Table{}});
    if (depth_ == 0)
      push({});
    merge_lanes();
    row_bytes_ = contiguous_bytes();
  }

  /// False if an index was bad.
  [[nodiscard]] bool run() const {
    run(0, source_, cache_);
    return good_;
  }

 private:
  void push(const Axis& axis) { axes_[depth_++] = axis; }

  /// Adds the next inner loop, or makes it part of what is there.
  void add(const Axis& axis) {
    if (axis.extent == 1) {
      fold(axis);
      return;
    }
    if (depth_ > 0 && axis.loop.kind == LoopKind::strided) {
      Axis& outer = axes_[depth_ - 1];
      if (outer.loop.kind == LoopKind::strided &&
          outer.loop.source_stride == axis.loop.source_stride * axis.extent &&
          outer.loop.cache_stride == axis.loop.cache_stride * axis.extent) {
        outer.loop = axis.loop;
        outer.extent *= axis.extent;
        return;
      }
    }
    push(axis);
  }

  /// A loop of one step only moves the source. Pointers replace what stands outside of them, which
  /// the verifier keeps free of source strides.
  void fold(const Axis& axis) {
    // Loops outside that follow pointers would replace the base: then the step stays a loop.
    const bool replaced = std::any_of(axes_.begin(), axes_.begin() + depth_, [](const Axis& outer) {
      return outer.loop.kind == LoopKind::pointers;
    });
    if (replaced)
      push(axis);
    else
      source_ = step_source(axis, source_, 0);
  }

  /// Lanes at even distances that the innermost loop continues are steps of that loop.
  void merge_lanes() {
    Axis& inner = axes_[depth_ - 1];
    const auto count = static_cast<std::int64_t>(lanes_.size());
    if (count == 1 || inner.loop.kind != LoopKind::strided)
      return;
    const std::int64_t source = lanes_[1].source - lanes_[0].source;
    const std::int64_t cache = lanes_[1].cache - lanes_[0].cache;
    if (!even_lanes(source, cache))
      return;
    const bool continued =
        inner.loop.source_stride == source * count && inner.loop.cache_stride == cache * count;
    if (!continued && inner.extent != 1)
      return;
    inner.loop.source_stride = source;
    inner.loop.cache_stride = cache;
    inner.extent *= count;
    lanes_ = lanes_.first(1);
  }

  static Lane next_lane(Lane lane, std::int64_t source, std::int64_t cache) {
    lane.source += source;
    lane.cache += cache;
    return lane;
  }

  [[nodiscard]] bool even_lanes(std::int64_t source, std::int64_t cache) const {
    for (std::size_t i = 1; i < lanes_.size(); ++i)
      if (lanes_[i] != next_lane(lanes_[i - 1], source, cache))
        return false;
    return true;
  }

  /// The bytes of all lanes if they are copied and packed on both sides, else 0.
  [[nodiscard]] std::size_t contiguous_bytes() const {
    const std::int64_t size = size_of(plan_.format);
    if (!copies_ || !even_lanes(size, size))
      return 0;
    return lanes_.size() * static_cast<std::size_t>(size);
  }

  void run(std::size_t depth, std::byte* source, std::byte* cache) const {
    const Axis& axis = axes_[depth];
    if (depth + 1 == depth_) {
      if (row_bytes_ != 0)
        run_rows(axis, source, cache + lanes_[0].cache);
      else
        run_blocks(axis, source, cache);
      return;
    }
    for (std::int64_t i = 0; i < axis.extent; ++i)
      run(depth + 1, step_source(axis, source, i), cache + i * axis.loop.cache_stride);
  }

  void run_rows(const Axis& axis, std::byte* source, std::byte* cache) const {
    const auto bytes = static_cast<std::int64_t>(row_bytes_);
    if (axis.loop.kind == LoopKind::strided && axis.loop.source_stride == bytes &&
        axis.loop.cache_stride == bytes) {
      copy(source + lanes_[0].source, cache, row_bytes_ * static_cast<std::size_t>(axis.extent));
      return;
    }
    // A constant length lets the compiler copy without a call.
    switch (bytes) {
    case 4:
      return copy_rows(axis, source, cache, std::integral_constant<std::size_t, 4>{});
    case 8:
      return copy_rows(axis, source, cache, std::integral_constant<std::size_t, 8>{});
    case 12:
      return copy_rows(axis, source, cache, std::integral_constant<std::size_t, 12>{});
    case 16:
      return copy_rows(axis, source, cache, std::integral_constant<std::size_t, 16>{});
    default:
      return copy_rows(axis, source, cache, row_bytes_);
    }
  }

  template <typename Bytes>
  void copy_rows(const Axis& axis, std::byte* source, std::byte* cache, Bytes bytes) const {
    const Axis one = axis; // of which nothing is looked up again for each row
    const std::int64_t from = lanes_[0].source;
    if (one.loop.kind == LoopKind::strided)
      for (std::int64_t i = 0; i < one.extent; ++i)
        copy(source + from + i * one.loop.source_stride, cache + i * one.loop.cache_stride, bytes);
    else
      for (std::int64_t i = 0; i < one.extent; ++i)
        copy(step_source(one, source, i) + from, cache + i * one.loop.cache_stride, bytes);
  }

  template <typename Bytes> void copy(std::byte* source, std::byte* cache, Bytes bytes) const {
    if (direction_ == Direction::refresh)
      copy_bytes(cache, source, bytes);
    else
      copy_bytes(source, cache, bytes);
  }

  void run_blocks(const Axis& axis, std::byte* source, std::byte* cache) const {
    const auto steps = static_cast<std::int64_t>(
        std::clamp<std::size_t>(block_items / lanes_.size(), 1, run_steps));
    std::array<std::byte*, run_steps> addresses; // NOLINT(cppcoreguidelines-pro-type-member-init)
    for (std::int64_t i = 0; i < axis.extent; i += steps) {
      const std::int64_t count = std::min(steps, axis.extent - i);
      RunAddress from;
      if (axis.loop.kind == LoopKind::strided) {
        from.base = source + i * axis.loop.source_stride;
        from.stride = axis.loop.source_stride;
      } else {
        for (std::int64_t j = 0; j < count; ++j)
          addresses[static_cast<std::size_t>(j)] = step_source(axis, source, i + j);
        from.addresses = addresses.data();
      }
      const RunAddress to{cache + i * axis.loop.cache_stride, axis.loop.cache_stride, nullptr, 0};
      if (direction_ == Direction::refresh)
        refresh_block(from, to, static_cast<std::size_t>(count));
      else
        update_block(from, to, static_cast<std::size_t>(count));
    }
  }

  static constexpr std::size_t item_bytes = 8;
  static constexpr std::size_t block_items = 2048;

  /// Two buffers between which the conversions alternate.
  struct Buffers {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): written before it is read
    alignas(64) std::array<std::array<std::byte, run_steps * item_bytes>, 2> data;
    std::byte* first() { return data[0].data(); }
  };

  void refresh_block(RunAddress source, RunAddress cache, std::size_t count) const {
    Buffers buffers;
    for (const Lane& lane : lanes_) {
      source.offset = lane.source;
      cache.offset = lane.cache;
      if (plan_.transform) {
        transform_lane(buffers, source, lane, count);
        scatter(buffers.first(), cache, size_of(plan_.format), count);
        continue;
      }
      read(buffers, source, lane, count);
      scatter(convert(buffers, lane, count), cache, size_of(plan_.format), count);
    }
  }

  /// A lane's stored numbers, into the first buffer.
  void read(Buffers& buffers, const RunAddress& source, const Lane& lane, std::size_t count) const {
    gather(source, plan_.target_stride ? size_of(Scalar::i32) : size_of(plan_.storage.type),
           buffers.first(), count);
    resolve(buffers, source, lane, count);
  }

  /// Items of the cache, into the first buffer: one component of vectors at `source`.
  void transform_lane(Buffers& buffers, const RunAddress& source, const Lane& lane,
                      std::size_t count) const {
    Vectors vectors;
    for (std::int64_t i = 0; i < 3; ++i) {
      RunAddress component = source;
      Lane there = lane;
      (plan_.target_stride ? there.at : component.offset) += i * plan_.component_step;
      read(buffers, component, there, count);
      widen_values(buffers.first(), vectors[static_cast<std::size_t>(i)].data(), count,
                   plan_.storage.type);
    }
    transform_run(plan_, transfer_.matrices.data, lane.row, vectors, count);
    narrow_items(vectors[0].data(), buffers.first(), count, plan_);
  }

  /// Values, into the first buffer: one component of vectors whose components are lanes in `cache`.
  void transform_back(Buffers& buffers, RunAddress cache, std::size_t which,
                      std::size_t count) const {
    Vectors vectors;
    const auto components = vector_of(plan_, which);
    for (std::size_t i = 0; i < 3; ++i) {
      cache.offset = plan_.lanes[static_cast<std::size_t>(components[i])].cache;
      gather(cache, size_of(plan_.format), buffers.first(), count);
      widen_items(buffers.first(), vectors[i].data(), count, plan_);
    }
    transform_run(plan_, transfer_.matrices.data, plan_.lanes[which].row, vectors, count);
    narrow_values(vectors[0].data(), buffers.first(), count);
  }

  /// The lanes where their own components lie.
  [[nodiscard]] std::vector<Lane> lanes_of_components() const {
    std::vector<Lane> lanes(lanes_.begin(), lanes_.end());
    for (Lane& lane : lanes)
      lane.source += lane.row * plan_.component_step;
    return lanes;
  }

  /// What the storage's numbers only lead to takes their place in the first buffer.
  void resolve(Buffers& buffers, RunAddress source, const Lane& lane, std::size_t count) const {
    auto& [first, second] = buffers.data;
    if (plan_.storage.decode == Decode::difference) {
      source.offset += size_of(plan_.storage.type);
      gather(source, size_of(plan_.storage.type), second.data(), count);
      subtract(first.data(), second.data(), count);
    } else if (plan_.target_stride) {
      std::memcpy(second.data(), first.data(), count * sizeof(std::int32_t));
      good_ &= fetch(second.data(), first.data(), count, {plan_, lane, transfer_});
    }
  }

  void update_block(RunAddress source, RunAddress cache, std::size_t count) const {
    Buffers buffers;
    alignas(64) std::array<std::byte, block_items * item_bytes> stored;
    const auto size = static_cast<std::size_t>(size_of(plan_.storage.type));
    const std::size_t pitch = count * size;
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
      cache.offset = lanes_[i].cache;
      if (plan_.transform)
        transform_back(buffers, cache, i, count);
      else
        gather(cache, size_of(plan_.format), buffers.first(), count);
      std::memcpy(stored.data() + i * pitch, convert(buffers, lanes_[i], count), pitch);
    }
    source.offset = 0;
    if (plan_.target_stride) {
      scatter_through(stored.data(), pitch, lanes_, source, plan_, transfer_.target, count);
    } else if (plan_.transform) {
      scatter_lanes(stored.data(), pitch, lanes_of_components(), source, plan_.storage, count);
    } else if (lanes_.size() == 1 && plan_.storage.mask == 0) {
      source.offset = lanes_[0].source;
      scatter(stored.data(), source, size_of(plan_.storage.type), count);
    } else {
      scatter_lanes(stored.data(), pitch, lanes_, source, plan_.storage, count);
    }
  }

  /// Converts what is in the first buffer; returns where the result is.
  const std::byte* convert(Buffers& buffers, const Lane& lane, std::size_t count) const {
    const RunContext context{plan_, lane, transfer_};
    std::size_t current = 0;
    for (const RunFunction function : functions_.steps) {
      if (function == nullptr)
        continue;
      function(buffers.data[current].data(), buffers.data[1 - current].data(), count, context);
      current = 1 - current;
    }
    return buffers.data[current].data();
  }

  const Plan& plan_;
  Direction direction_;
  const Transfer& transfer_;
  RunFunctions functions_;
  bool copies_;
  std::span<const Lane> lanes_;
  std::byte* source_;
  std::byte* cache_;
  std::array<Axis, max_loops + 1> axes_{};
  std::size_t depth_ = 0;
  std::size_t row_bytes_ = 0;
  mutable bool good_ = true;
};

} // namespace

Transfer one_step(const Plan& plan, const Transfer& transfer, std::int64_t i,
                  std::span<std::int64_t> extents, std::span<Table> tables) {
  Transfer step = transfer;
  std::copy(transfer.extents.begin(), transfer.extents.end(), extents.begin());
  std::copy(transfer.tables.begin(), transfer.tables.end(), tables.begin());
  extents[0] = 1;
  step.extents = extents.first(transfer.extents.size());
  step.tables = tables.first(transfer.tables.size());
  const Loop& loop = plan.loops[0];
  if (loop.kind == LoopKind::strided)
    step.source += i * loop.source_stride;
  else
    tables[0].data += i * tables[0].step;
  step.cache += i * loop.cache_stride;
  step.matrices = {transfer.matrices.data + 12 * i * transfer.matrices.step, 0};
  return step;
}

bool interpret_all(const Plan& plan, Direction direction, const Transfer& transfer) {
  const bool empty = std::any_of(transfer.extents.begin(), transfer.extents.end(),
                                 [](std::int64_t extent) { return extent <= 0; });
  if (empty)
    return true;
  if (!plan.transform || transfer.matrices.step == 0)
    return Nest(plan, direction, transfer).run();
  std::array<std::int64_t, max_loops> extents; // NOLINT(cppcoreguidelines-pro-type-member-init)
  std::array<Table, max_loops> tables;
  bool good = true;
  for (std::int64_t i = 0; i < transfer.extents[0]; ++i)
    good &= Nest(plan, direction, one_step(plan, transfer, i, extents, tables)).run();
  return good;
}

void interpret(const Plan& plan, Direction direction, const Transfer& transfer) {
  check_transfer(plan, direction, transfer);
  const auto move = [&](const Transfer& part) { return interpret_all(plan, direction, part); };
  auto* const changes =
      direction == Direction::refresh ? Changes::watching(plan, transfer) : nullptr;
  if (!(changes != nullptr ? changes->refresh(plan, transfer, 1, move) : move(transfer)))
    refuse_bad_index(plan, transfer);
}

} // namespace rnaslicer::jit
