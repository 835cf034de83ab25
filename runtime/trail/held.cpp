// runtime/trail/held.cpp: comparing a struct's pointer with what bpy gave.
#include "runtime/trail/held.hpp"

#include "runtime/blender/bpy.hpp"

#include <algorithm>
#include <cstring>

namespace rnaslicer::runtime {

namespace {

HeldCount counts; // since the start

/// Whether the collection's own elements hold a leg's values, and nothing else is asked for them.
bool is_own(const Leg& leg) { return leg.place == PlaceKind::own && !leg.through; }

} // namespace

Held::Held(const Trail& trail, const Reached& reached) : trail_(trail), length_(reached.length) {
  const bool asks = trail.holder && length_ > 0 &&
                    std::ranges::any_of(trail.legs, [](const Leg& leg) { return is_own(leg); });
  const auto owner = asks ? address_of(reached.owner.get()) : std::nullopt;
  PyErr_Clear();
  if (!owner)
    return;
  owner_ = *owner;
  std::memcpy(&base_, pointer(owner_) + trail.holder->at, sizeof base_);
}

std::optional<Located> Held::found(const Leg& leg, bool compared) const {
  if (owner_ == 0 || !is_own(leg))
    return std::nullopt;
  const auto known = trail_.holder->seen.find(owner_);
  if (known == trail_.holder->seen.end() || known->second.base != base_ ||
      known->second.length != length_ || (compared && !known->second.compared))
    return ++counts.asked, std::nullopt;
  ++counts.told;
  return Located{pointer(base_), false, true};
}

void Held::fetch_ahead(const Leg& leg) const {
  if (owner_ != 0 && is_own(leg))
    for (const Py_ssize_t at : {Py_ssize_t{0}, length_ / 2, length_ - 1})
      __builtin_prefetch(pointer(base_) + at * leg.stride);
}

HeldCount held_count() { return counts; }

void Held::note(std::span<const Located> places, bool compared) const {
  constexpr std::size_t most = 1U << 16U;
  if (owner_ == 0)
    return;
  for (std::size_t i = 0; i < places.size(); ++i)
    if (is_own(trail_.legs[i]) && places[i].base != pointer(base_))
      return; // the pointer does not lead there: such structs are asked each time
  auto& seen = trail_.holder->seen;
  const auto known = seen.find(owner_);
  if (known != seen.end() && known->second.base == base_ && known->second.length == length_) {
    known->second.compared = known->second.compared || compared;
    return;
  }
  if (seen.size() >= most)
    seen.clear();
  seen[owner_] = {base_, length_, compared};
}

} // namespace rnaslicer::runtime
