// jit/parts.cpp: cuts the outermost loop whose steps are small enough.
#include "jit/parts.hpp"

#include "jit/run.hpp"

#include <algorithm>
#include <cstdlib>

namespace rnaslicer::jit {
namespace {

/// Bytes [begin, end) of the cache, relative to a base.
struct Footprint {
  std::int64_t begin = 0, end = 0;
  [[nodiscard]] std::int64_t size() const { return end - begin; }
};

/// Of the loops from `level` on.
Footprint footprint_of(const Plan& plan, std::span<const std::int64_t> extents, std::size_t level) {
  Footprint result{plan.lanes.front().cache, plan.lanes.front().cache};
  for (const Lane& lane : plan.lanes) {
    result.begin = std::min(result.begin, lane.cache);
    result.end = std::max(result.end, lane.cache + size_of(plan.format));
  }
  for (std::size_t i = level; i < plan.loops.size(); ++i) {
    const std::int64_t reach = plan.loops[i].cache_stride * (extents[i] - 1);
    (reach < 0 ? result.begin : result.end) += reach;
  }
  return result;
}

class Cutter {
 public:
  Cutter(const Plan& plan, std::int64_t bytes) : m_plan(plan), m_bytes(bytes) {}

  void visit(std::size_t level, const Part& part) {
    const std::int64_t step = size_from(level, part);
    if (level == m_plan.loops.size() || step <= m_bytes) {
      add(part);
      return;
    }
    const Loop& loop = m_plan.loops[level];
    const std::int64_t inner = size_from(level + 1, part);
    const std::int64_t stride = std::max<std::int64_t>(std::abs(loop.cache_stride), 1);
    const std::int64_t count =
        inner >= m_bytes ? 1 : std::max<std::int64_t>(1, (m_bytes - inner) / stride + 1);
    for (std::int64_t start = 0; start < part.extents.at(level); start += count) {
      Part one = part;
      one.extents.at(level) = std::min(count, part.extents.at(level) - start);
      one.cache += start * loop.cache_stride;
      if (loop.kind == LoopKind::strided)
        one.source += start * loop.source_stride;
      else
        one.tables.at(level).data += start * one.tables.at(level).step;
      if (level == 0)
        one.matrices.data += 12 * start * one.matrices.step;
      // Below a table of addresses the source's base is not what counts.
      if (inner > m_bytes && loop.kind != LoopKind::pointers)
        visit(level + 1, one);
      else
        add(one);
    }
  }

  std::vector<Part> parts;

 private:
  [[nodiscard]] std::int64_t size_from(std::size_t level, const Part& part) const {
    return footprint_of(m_plan, part.extents, level).size();
  }

  void add(const Part& part) {
    const Footprint footprint = footprint_of(m_plan, part.extents, 0);
    parts.push_back(part);
    parts.back().begin = footprint.begin;
    parts.back().size = footprint.size();
  }

  const Plan& m_plan;
  std::int64_t m_bytes;
};

} // namespace

Transfer Part::to(std::byte* target, const Transfer& whole) const {
  Transfer result = whole;
  result.source = source;
  result.cache = target;
  result.extents = {extents.data(), whole.extents.size()};
  result.tables = {tables.data(), whole.extents.size()};
  result.matrices = matrices;
  return result;
}

std::vector<Part> cut(const Plan& plan, const Transfer& transfer, std::int64_t bytes) {
  Part whole;
  whole.source = transfer.source;
  whole.cache = transfer.cache;
  whole.matrices = transfer.matrices;
  std::copy(transfer.extents.begin(), transfer.extents.end(), whole.extents.begin());
  std::copy(transfer.tables.begin(), transfer.tables.end(), whole.tables.begin());
  Cutter cutter(plan, bytes);
  cutter.visit(0, whole);
  return std::move(cutter.parts);
}

bool is_packed(const Plan& plan, const Part& part) {
  std::vector<std::int64_t> lanes;
  for (const Lane& lane : plan.lanes)
    lanes.push_back(lane.cache);
  std::sort(lanes.begin(), lanes.end());
  std::int64_t size = size_of(plan.format);
  for (std::size_t i = 1; i < lanes.size(); ++i)
    if (lanes[i] - lanes[i - 1] != size)
      return false;
  size *= static_cast<std::int64_t>(lanes.size());
  for (std::size_t i = plan.loops.size(); i-- > 0;) {
    if (part.extents.at(i) != 1 && std::abs(plan.loops[i].cache_stride) != size)
      return false;
    size *= part.extents.at(i);
  }
  return true;
}

const std::byte* same_bytes(const Plan& plan, const Part& part) {
  if (plan.target_stride || !copies_bytes(plan, Direction::refresh) || !is_packed(plan, part))
    return nullptr;
  const std::int64_t distance = plan.lanes.front().source - plan.lanes.front().cache;
  for (const Lane& lane : plan.lanes)
    if (lane.source - lane.cache != distance)
      return nullptr;
  for (std::size_t i = 0; i < plan.loops.size(); ++i) {
    const Loop& loop = plan.loops[i];
    if (loop.kind != LoopKind::strided ||
        (part.extents.at(i) != 1 && loop.source_stride != loop.cache_stride))
      return nullptr;
  }
  return part.source + part.begin + distance;
}

std::int64_t first_byte(const Plan& plan, const Transfer& transfer) {
  return footprint_of(plan, transfer.extents, 0).begin;
}

} // namespace rnaslicer::jit
