// runtime/trail/several/same.cpp: comparing structs with what they were.
#include "runtime/trail/several/same.hpp"

#include "runtime/blender/bpy.hpp"

#include <algorithm>
#include <cstring>

namespace rnaslicer::runtime {

namespace {

constexpr std::size_t most = 1U << 16U; // structs of one transfer that are remembered

SameCount counts; // since the start

/// The bytes of a struct that tell all of its array; 0 where more is asked, or has to be.
std::size_t size_of(const Trail& trail) {
  const bool is_told = trail.holder && trail.owner != nullptr && trail.steps.size() == 1 &&
                       !trail.steps.front().is_counted && !trail.is_layers && !trail.divided &&
                       !trail.derivable && !trail.list && !trail.counts;
  const bool are_own = std::ranges::all_of(
      trail.legs, [](const Leg& leg) { return leg.place == PlaceKind::own && !leg.through; });
  return is_told && are_own ? static_cast<std::size_t>(trail.holder->bytes) : 0;
}

} // namespace

SameStructs::SameStructs(const Trail& trail, std::size_t count)
    : trail_(&trail), size_(count <= most ? size_of(trail) : 0) {
  if (size_ == 0)
    return;
  if (const auto& last = trail.holder->last; last && last->seen_.size() == count) {
    *this = *last;
    return;
  }
  now_.resize(count);
  seen_.resize(count);
  bytes_.resize(count * size_);
}

void SameStructs::look(std::span<const Ref> structs) {
  for (std::size_t at = 0; size_ != 0 && at < now_.size(); ++at) {
    PyObject* const one = structs[at].get();
    const auto address = Py_TYPE(one) == trail_->owner ? address_of(one) : std::nullopt;
    now_[at] = address.value_or(0);
  }
  PyErr_Clear();
}

bool SameStructs::is_still(std::size_t at, std::uint64_t address) const {
  return seen_[at].from == address && std::memcmp(pointer(address), bytes(at), size_) == 0;
}

void SameStructs::expect(std::size_t at) {
  if (size_ == 0 || now_[at] == 0)
    return;
  seen_[at].from = 0;
  std::memcpy(bytes_.data() + at * size_, pointer(now_[at]), size_);
}

std::optional<SameStructs::Told> SameStructs::told(std::size_t at) {
  if (size_ == 0 || now_[at] == 0)
    return std::nullopt;
  if (!is_still(at, now_[at])) {
    // Who entered last may have asked since.
    const auto& last = trail_->holder->last;
    if (!last || last->seen_.size() != seen_.size() || !last->is_still(at, now_[at]))
      return ++counts.changed, expect(at), std::nullopt;
    seen_[at] = last->seen_[at];
    std::memcpy(bytes_.data() + at * size_, last->bytes(at), size_);
  }
  ++counts.structs;
  counts.arrays += static_cast<std::int64_t>(trail_->legs.size());
  return Told{{pointer(seen_[at].base), false, true}, seen_[at].length, seen_[at].compared};
}

void SameStructs::note(std::size_t at, std::span<const Located> places, Py_ssize_t length,
                       bool compared) {
  if (size_ == 0)
    return;
  seen_[at].from = 0;
  // What has changed since `expect` may be so since bpy counted, too.
  if (now_[at] == 0 || std::memcmp(pointer(now_[at]), bytes(at), size_) != 0)
    return;
  std::uint64_t base = 0;
  std::memcpy(&base, bytes(at) + trail_->holder->at, sizeof base);
  // A struct whose pointer leads elsewhere, or that bpy finds empty, does not tell.
  if (places.empty() || std::ranges::any_of(places, [&](const Located& place) {
        return place.missing || place.base != pointer(base);
      }))
    return;
  seen_[at] = {now_[at], base, length, compared};
}

void SameStructs::fetch_ahead(std::size_t at) const {
  constexpr std::size_t far = 6;
  constexpr std::size_t near = 3;
  constexpr std::size_t line = 64;
  if (at + near >= now_.size())
    return;
  if (at + far < now_.size())
    for (std::size_t i = 0; i < size_; i += line)
      __builtin_prefetch(pointer(now_[at + far]) + i);
  if (const std::uint64_t next = now_[at + near]; next != 0) {
    std::uint64_t base = 0;
    std::memcpy(&base, pointer(next) + trail_->holder->at, sizeof base);
    const std::int64_t last = seen_[at + near].length - 1; // perhaps of another: for this it does
    for (const std::int64_t i : {std::int64_t{0}, last / 2, last})
      __builtin_prefetch(pointer(base) + i * trail_->legs.front().stride);
  }
}

void SameStructs::keep() const {
  if (size_ != 0)
    trail_->holder->last = std::make_shared<const SameStructs>(*this);
}

SameCount same_count() { return counts; }

} // namespace rnaslicer::runtime
