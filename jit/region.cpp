// jit/region.cpp: a region of a plan is a plan: strides scaled, lanes selected, bases moved.
#include "jit/transfer.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace rnaslicer::jit {

namespace {

/// Throws unless every entry of the span is an index of the axis.
void check(const Span& span, std::int64_t extent, std::size_t axis) {
  const auto fail = [&](const std::string& why) {
    throw std::out_of_range("Axis " + std::to_string(axis) + " of the region " + why + ".");
  };
  if (span.count < 0)
    fail("has a negative count");
  if (span.count == 0)
    return;
  if (span.count > 1 && span.step == 0)
    fail("has step 0");
  std::int64_t last = 0;
  if (__builtin_mul_overflow(span.count - 1, span.step, &last) ||
      __builtin_add_overflow(span.start, last, &last) || span.start < 0 || span.start >= extent ||
      last < 0 || last >= extent)
    fail("leaves its " + std::to_string(extent) + " entries");
}

/// The plan itself, doing nothing.
Restricted nothing(const Plan& plan, std::span<const Table> tables) {
  Restricted result{plan, 0, 0, {}, {tables.begin(), tables.end()}};
  if (result.plan.loops.empty()) { // its steps lie apart, however far the lanes reach
    result.plan.loops.emplace_back().cache_stride = std::int64_t{1} << 46;
    if (!tables.empty())
      result.tables.emplace_back();
  }
  result.extents.assign(result.plan.loops.size(), 0);
  return result;
}

/// Moves the source: what stands outside of a pointers loop is lost there, so the loop carries it.
void move_source(Restricted& result, std::size_t inside_loop, std::int64_t bytes) {
  for (std::size_t i = std::min(inside_loop, result.plan.loops.size()); i-- > 0;)
    if (result.plan.loops[i].kind == LoopKind::pointers) {
      result.plan.loops[i].source_stride += bytes;
      return;
    }
  result.source_offset += bytes;
}

void restrict_loop(Restricted& result, std::size_t i, const Span& span) {
  Loop& loop = result.plan.loops[i];
  // One step needs no other stride: the plan keeps its signature.
  const std::int64_t step = span.count == 1 ? 1 : span.step;
  result.extents[i] = span.count;
  result.cache_offset += span.start * loop.cache_stride;
  loop.cache_stride *= step;
  if (loop.kind == LoopKind::strided) {
    move_source(result, i, span.start * loop.source_stride);
    loop.source_stride *= step;
    return;
  }
  Table& table = result.tables.at(i);
  table.data += span.start * table.step;
  table.step *= step;
}

/// Selects lanes; `spans` are those of the lane axes.
void restrict_lanes(Restricted& result, std::span<const Span> spans) {
  Plan& plan = result.plan;
  bool whole = true; // from 0 on for all entries: the step can only be 1
  for (std::size_t i = 0; i < spans.size(); ++i)
    whole = whole && spans[i].start == 0 && spans[i].count == plan.lane_shape[i];
  if (whole)
    return;

  std::vector<std::size_t> selected{0};
  for (std::size_t i = 0; i < spans.size(); ++i) {
    std::vector<std::size_t> finer;
    for (const std::size_t outer : selected)
      for (std::int64_t j = 0; j < spans[i].count; ++j)
        finer.push_back(outer * static_cast<std::size_t>(plan.lane_shape[i]) +
                        static_cast<std::size_t>(spans[i].start + j * spans[i].step));
    selected = std::move(finer);
    plan.lane_shape[i] = spans[i].count;
  }
  std::vector<Lane> lanes;
  lanes.reserve(selected.size());
  for (const std::size_t i : selected)
    lanes.push_back(plan.lanes[i]);

  // Offsets from the first lane: regions of the same form share a kernel.
  const Lane first = lanes[0];
  for (Lane& lane : lanes) {
    lane.source -= first.source;
    lane.cache -= first.cache;
  }
  move_source(result, plan.loops.size(), first.source);
  result.cache_offset += first.cache;
  plan.lanes = std::move(lanes);
}

} // namespace

Restricted restrict(const Plan& plan, std::span<const std::int64_t> extents,
                    std::span<const Table> tables, std::span<const Span> region) {
  const std::size_t loops = plan.loops.size();
  if (extents.size() != loops || region.size() != loops + plan.lane_shape.size())
    throw std::invalid_argument("The region has " + std::to_string(region.size()) +
                                " axes where the plan has " +
                                std::to_string(loops + plan.lane_shape.size()) + ".");
  bool empty = false;
  for (std::size_t i = 0; i < region.size(); ++i) {
    check(region[i], i < loops ? extents[i] : plan.lane_shape[i - loops], i);
    empty = empty || region[i].count == 0;
  }
  if (empty)
    return nothing(plan, tables);

  Restricted result{plan, 0, 0, std::vector<std::int64_t>(loops), {tables.begin(), tables.end()}};
  for (std::size_t i = 0; i < loops; ++i) {
    if (plan.loops[i].kind != LoopKind::strided && i >= tables.size())
      throw std::invalid_argument("Loop " + std::to_string(i) + " has no table.");
    restrict_loop(result, i, region[i]);
  }
  restrict_lanes(result, region.subspan(loops));
  return result;
}

Matrices restrict(const Matrices& matrices, std::span<const Span> region) {
  if (matrices.step == 0 || region.empty())
    return matrices;
  return {matrices.data + 12 * region[0].start * matrices.step, matrices.step * region[0].step};
}

} // namespace rnaslicer::jit
