// jit/emit/shuffle.cpp: permutes and blends.
#include "jit/emit/shuffle.hpp"

#include <algorithm>
#include <stdexcept>

namespace rnaslicer::jit::emission {

using llvm::Value;

std::vector<std::size_t> Shuffler::sources_of(const Picks& picks) {
  std::vector<std::size_t> sources;
  for (const auto& pick : picks)
    if (pick && std::find(sources.begin(), sources.end(), pick->which) == sources.end())
      sources.push_back(pick->which);
  return sources;
}

/// Where each lane must be looked for once all registers are blended without moving a lane.
std::optional<Shuffler::Mask> Shuffler::places_without_conflict(const Picks& picks) const {
  std::vector<std::optional<std::size_t>> owner(m_lanes);
  Mask mask(picks.size(), -1);
  for (std::size_t i = 0; i < picks.size(); ++i) {
    if (!picks[i])
      continue;
    auto& who = owner[static_cast<std::size_t>(picks[i]->lane)];
    if (who && *who != picks[i]->which)
      return std::nullopt;
    who = picks[i]->which;
    mask[i] = picks[i]->lane;
  }
  return mask;
}

void Shuffler::prepare(const std::vector<Picks>& vectors) {
  m_turns.clear();
  m_turned.clear();
  m_turn = m_blends;
  std::size_t late = 0; // turns at the end instead, or more than that
  for (const Picks& picks : vectors) {
    if (picks.size() > m_lanes)
      throw std::logic_error("a vector of more lanes than a register has");
    const auto sources = sources_of(picks);
    late += places_without_conflict(picks) ? 1 : 2 * sources.size() - 1;
    for (std::size_t i = 0; i < picks.size(); ++i) {
      if (!picks[i])
        continue;
      Mask& mask = m_turns.try_emplace(picks[i]->which, m_lanes, -1).first->second;
      m_turn &= mask[i] == -1 || mask[i] == picks[i]->lane;
      mask[i] = picks[i]->lane;
    }
  }
  m_turn &= m_turns.size() <= late;
}

Value* Shuffler::vector(const Picks& picks) {
  if (m_turn)
    return blend_of_turned(picks);
  if (m_blends)
    if (const auto places = places_without_conflict(picks))
      return turned_blend(picks, *places);
  return one_after_the_other(picks);
}

Value* Shuffler::permute(Value* a, const Mask& mask) {
  bool same = mask.size() == m_lanes;
  for (std::size_t i = 0; i < mask.size(); ++i)
    same &= mask[i] == -1 || mask[i] == static_cast<int>(i);
  return same ? a : m_ir.CreateShuffleVector(a, mask, "lanes");
}

Value* Shuffler::blend(Value* a, Value* b, const std::vector<bool>& of_b) {
  Mask mask;
  for (std::size_t i = 0; i < m_lanes; ++i)
    mask.push_back(static_cast<int>(of_b[i] ? m_lanes + i : i));
  return m_ir.CreateShuffleVector(a, b, mask, "blend");
}

Value* Shuffler::turned(std::size_t which) {
  Value*& known = m_turned[which];
  if (!known)
    known = permute(m_registers(which), m_turns.at(which));
  return known;
}

Value* Shuffler::blend_of_turned(const Picks& picks) {
  Value* result = nullptr;
  for (const std::size_t which : sources_of(picks)) {
    std::vector<bool> mine(m_lanes);
    for (std::size_t i = 0; i < picks.size(); ++i)
      mine[i] = picks[i] && picks[i]->which == which;
    result = result ? blend(result, turned(which), mine) : turned(which);
  }
  Mask first(picks.size());
  for (std::size_t i = 0; i < picks.size(); ++i)
    first[i] = static_cast<int>(i);
  return permute(result, first);
}

Value* Shuffler::turned_blend(const Picks& picks, const Mask& places) {
  Value* result = nullptr;
  for (const std::size_t which : sources_of(picks)) {
    std::vector<bool> mine(m_lanes);
    for (const auto& pick : picks)
      if (pick && pick->which == which)
        mine[static_cast<std::size_t>(pick->lane)] = true;
    result = result ? blend(result, m_registers(which), mine) : m_registers(which);
  }
  return permute(result, places);
}

/// Each permute adds the lanes of one more register.
Value* Shuffler::one_after_the_other(const Picks& picks) {
  const auto sources = sources_of(picks);
  const auto lanes = static_cast<int>(m_lanes);
  Value* result = m_registers(sources[0]);
  for (std::size_t s = sources.size() == 1 ? 0 : 1; s < sources.size(); ++s) {
    const bool last = s + 1 == sources.size();
    Mask mask(last ? picks.size() : m_lanes, -1);
    for (std::size_t i = 0; i < picks.size(); ++i) {
      if (!picks[i])
        continue;
      const auto rank = static_cast<std::size_t>(
          std::find(sources.begin(), sources.end(), picks[i]->which) - sources.begin());
      if (rank > s)
        continue;
      if (rank == s && s > 0)
        mask[i] = lanes + picks[i]->lane;
      else // already in place from the second on
        mask[i] = s <= 1 ? picks[i]->lane : static_cast<int>(i);
    }
    Value* other = s == 0 ? llvm::PoisonValue::get(result->getType()) : m_registers(sources[s]);
    result = m_ir.CreateShuffleVector(result, other, mask, "lanes");
  }
  return result;
}

} // namespace rnaslicer::jit::emission
