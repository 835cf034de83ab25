// jit/emit/transformer.cpp: vectors in groups; what each lane of a store takes from which group.
#include "jit/emit/transformer.hpp"

#include "jit/transform.hpp"

#include <algorithm>
#include <utility>

namespace rnaslicer::jit::emission {

using llvm::Value;

namespace {

/// Vectors side by side: what a register of float64 holds, if the block has as many.
std::size_t lanes_of(const Machine& machine, const Block& block) {
  std::size_t lanes = std::min(static_cast<std::size_t>(transform_lanes(machine)),
                               std::bit_ceil(block.items.size()));
  for (const Batch& batch : block.batches)
    lanes = std::max(lanes, batch.out.size());
  return lanes;
}

/// Component `i` of the vector that the number at `place` is a component of.
Place component_of(const Plan& plan, Direction direction, Place place, std::size_t lane,
                   std::size_t i) {
  if (direction == Direction::refresh)
    return {place.row, place.offset + static_cast<std::int64_t>(i) * plan.component_step};
  const auto other = static_cast<std::size_t>(vector_of(plan, lane).at(i));
  return {place.row, place.offset + plan.lanes[other].cache - plan.lanes[lane].cache};
}

/// What was read, with zeros where no vector is: their numbers are asked for NaNs, too.
llvm::Value* without_holes(llvm::IRBuilder<>& ir, llvm::Value* read, const Slots& slots) {
  const auto size = static_cast<int>(slots.size());
  llvm::SmallVector<int, 16> mask;
  for (int i = 0; i < size; ++i)
    mask.push_back(slots[static_cast<std::size_t>(i)] ? i : size + i);
  const bool is_full =
      std::all_of(slots.begin(), slots.end(), [](const auto& one) { return one.has_value(); });
  return is_full
             ? read
             : ir.CreateShuffleVector(read, llvm::Constant::getNullValue(read->getType()), mask);
}

} // namespace

Transformer::Transformer(Frame& frame, const Plan& plan, Direction direction, Tier tier,
                         const Block& block)
    : m_frame(frame), m_plan(plan), m_direction(direction), m_tier(tier),
      m_lanes(lanes_of(machine(tier), block)),
      m_in_pairs(machine(tier).blends && m_lanes % 2 == 0 && fits_pairs(block)),
      m_shuffler(frame.ir, machine(tier), m_lanes,
                 [this](std::size_t which) { return component(which, *m_in); }) {
  for (const Batch& batch : block.batches)
    sort_in(batch);
  std::vector<Picks> all;
  for (const Batch& batch : block.batches)
    all.push_back(picks_of(batch));
  m_shuffler.prepare(all);
}

/// Whether every vector of the block has all of its components stored, and no group has but one
/// vector, which would leave a register empty.
bool Transformer::fits_pairs(const Block& block) const {
  std::map<Place, unsigned> rows; // a bit for each, by vector
  for (const Batch& batch : block.batches)
    for (std::size_t k = 0; k < batch.in.size(); ++k)
      if (batch.in[k])
        rows[component_of(m_plan, m_direction, *batch.in[k], batch.lanes[k], 0)] |=
            1U << static_cast<unsigned>(m_plan.lanes[batch.lanes[k]].row);
  return rows.size() % m_lanes != 1 &&
         std::all_of(rows.begin(), rows.end(), [](const auto& one) { return one.second == 7; });
}

/// In pairs: x0 y0, z0 x1 and y1 z1 as they mostly lie in memory; Values::by_component() sorts
/// them. Where blends are cheap, that takes fewer shuffles than three registers of components.
Transformer::Spot Transformer::spot(std::size_t vector, std::size_t component) const {
  const std::size_t lane = vector % m_lanes;
  if (!m_in_pairs)
    return {component, lane};
  const std::size_t place = lane % 2 * 3 + component;
  return {place / 2, lane / 2 * 2 + place % 2};
}

void Transformer::sort_in(const Batch& batch) {
  for (std::size_t k = 0; k < batch.in.size(); ++k) {
    if (!batch.in[k])
      continue;
    const auto component = [&](std::size_t i) {
      return component_of(m_plan, m_direction, *batch.in[k], batch.lanes[k], i);
    };
    const auto [known, is_new] = m_numbers.try_emplace(component(0), m_numbers.size());
    const std::size_t number = known->second;
    if (number / m_lanes == m_groups.size())
      m_groups.emplace_back().in.fill(Slots(m_lanes));
    Group& group = m_groups[number / m_lanes];
    group.needed.at(static_cast<std::size_t>(m_plan.lanes[batch.lanes[k]].row)) = true;
    for (std::size_t i = 0; is_new && i < 3; ++i) {
      const Spot at = spot(number, i);
      group.in.at(at.which)[at.lane] = component(i);
    }
  }
}

std::vector<const Slots*> Transformer::reads() const {
  std::vector<const Slots*> result;
  for (const Group& group : m_groups)
    for (const Slots& slots : group.in)
      result.push_back(&slots);
  return result;
}

Picks Transformer::picks_of(const Batch& batch) const {
  Picks picks(batch.in.size());
  for (std::size_t k = 0; k < picks.size(); ++k) {
    if (!batch.in[k])
      continue;
    const std::size_t number =
        m_numbers.at(component_of(m_plan, m_direction, *batch.in[k], batch.lanes[k], 0));
    const auto row = static_cast<std::size_t>(m_plan.lanes[batch.lanes[k]].row);
    const Spot at = spot(number, row);
    picks[k] = Pick{3 * (number / m_lanes) + at.which, static_cast<int>(at.lane)};
  }
  return picks;
}

/// One register of a group's results. Two groups are worked on at a time: each alone is one long
/// chain of operations that wait for each other, more than a CPU looks ahead.
Value* Transformer::component(std::size_t which, Reader& in) {
  Group& group = m_groups[which / 3];
  Value*& wanted = group.out.at(which % 3);
  if (wanted)
    return wanted;
  const std::size_t first = which / 3 / 2 * 2;
  const std::size_t end = std::min(first + 2, m_groups.size());
  Values::Groups raw(end - first);
  std::vector<Values::Needed> needed;
  for (std::size_t at = first; at < end; ++at) {
    const Group& one = m_groups[at];
    needed.push_back(one.needed);
    for (std::size_t i = 0; i < 3; ++i)
      raw[at - first].at(i) = without_holes(m_frame.ir, in.read(one.in.at(i)), one.in.at(i));
  }
  Values values(m_frame, m_plan, m_tier, {});
  const auto results = m_direction == Direction::refresh
                           ? values.transformed_to_cache(std::move(raw), needed, m_in_pairs)
                           : values.transformed_to_source(std::move(raw), needed, m_in_pairs);
  for (std::size_t at = first; at < end; ++at)
    m_groups[at].out = results[at - first];
  return wanted;
}

Value* Transformer::result(const Batch& batch, Reader& in) {
  m_in = &in;
  const Picks picks = picks_of(batch);
  if (m_lanes == 1)
    return component(picks[0]->which, in);
  Value* all = m_shuffler.vector(picks);
  return picks.size() > 1 ? all : m_frame.ir.CreateExtractElement(all, std::uint64_t{0});
}

} // namespace rnaslicer::jit::emission
