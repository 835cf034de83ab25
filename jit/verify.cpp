// jit/verify.cpp: what makes an access plan well formed; every refusal is one sentence.
//
// What cannot be known here is left to the caller: extents, tables, and whether source and cache
// are as large as the plan reaches (runtime/transfer/reach.hpp).
#include "jit/transfer.hpp"
#include "jit/transform.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

namespace rnaslicer::jit {

namespace {

/// Offsets and strides stay below this, the size of an address space, so that sums cannot overflow.
constexpr std::int64_t address_limit = std::int64_t{1} << 47;

bool in_reach(std::int64_t bytes) { return bytes > -address_limit && bytes < address_limit; }

bool known(Scalar s) { return static_cast<std::size_t>(s) < scalar_infos.size(); }

std::string name(Scalar s) { return std::string(info(s).name); }

std::string number(std::size_t i) { return std::to_string(i); }

/// Empty if all bits of the mask are the storage's.
std::string verify_mask(const Storage& storage, std::uint64_t mask, const std::string& whose) {
  const auto bits = static_cast<unsigned>(8 * size_of(storage.type));
  if (bits < 64 && (mask >> bits) != 0)
    return "The mask of " + whose + " has bits beyond its " + name(storage.type) + " storage.";
  return {};
}

std::string verify_types(const Plan& plan) {
  const Storage& storage = plan.storage;
  if (!known(storage.type) || !known(plan.value) || !known(plan.format))
    return "A scalar type of the plan does not exist.";
  if (plan.value != Scalar::b1 && plan.value != Scalar::i32 && plan.value != Scalar::f32)
    return "The value type is " + name(plan.value) + ", but RNA's values are b1, i32 or f32.";
  if (storage.type == Scalar::f16)
    return "The storage is f16, which occurs only as a cache format.";
  return {};
}

std::string verify_normalized(const Plan& plan) {
  if (!plan.normalized)
    return {};
  const ScalarInfo& format = info(plan.format);
  if (format.is_float || format.size > 4 || plan.format == Scalar::b1)
    return "Only integers of 8, 16 or 32 bits are normalized, not " + name(plan.format) + ".";
  if (plan.value != Scalar::f32)
    return "Only f32 values are normalized, not " + name(plan.value) + ".";
  return {};
}

std::string verify_plain(const Plan& plan, Scalar type) {
  const bool from_float = info(type).is_float;
  const bool to_float = plan.value == Scalar::f32;
  if (from_float != to_float)
    return "Plain storage " + name(type) + " holds no " + name(plan.value) +
           " values: i32 and b1 come from integers and b1, f32 from f32 and f64.";
  return {};
}

std::string verify_masked(const Plan& plan) {
  const Storage& storage = plan.storage;
  const std::string word = storage.decode == Decode::flag ? "flag" : "field";
  if (info(storage.type).is_float || storage.type == Scalar::b1)
    return "A " + word + " lies in an integer, not in " + name(storage.type) + ".";
  if (storage.mask == 0)
    return "The mask of the " + word + " is empty.";
  if (std::string refusal = verify_mask(storage, storage.mask, "the " + word); !refusal.empty())
    return refusal;
  const Scalar value = storage.decode == Decode::flag ? Scalar::b1 : Scalar::i32;
  if (plan.value != value)
    return "A " + word + " has " + name(value) + " values, not " + name(plan.value) + ".";
  return {};
}

std::string verify_unorm(const Plan& plan) {
  if (plan.storage.type != Scalar::u8 && plan.storage.type != Scalar::u16)
    return "Storage unorm is u8 or u16, not " + name(plan.storage.type) + ".";
  if (plan.value != Scalar::f32)
    return "Storage unorm has f32 values, not " + name(plan.value) + ".";
  return {};
}

std::string verify_lookup(const Plan& plan) {
  if (plan.storage.type != Scalar::u8)
    return "Storage lookup is u8, not " + name(plan.storage.type) + ".";
  if (plan.value != Scalar::f32)
    return "Storage lookup has f32 values, not " + name(plan.value) + ".";
  return {};
}

std::string verify_difference(const Plan& plan) {
  if (plan.storage.type != Scalar::i32)
    return "Storage difference is i32, not " + name(plan.storage.type) + ".";
  if (plan.value != Scalar::i32)
    return "Storage difference has i32 values, not " + name(plan.value) + ".";
  return {};
}

std::string verify_through(const Plan& plan) {
  if (!plan.target_stride)
    return {};
  if (!in_reach(*plan.target_stride))
    return "The stride of the target is larger than an address space.";
  if (plan.storage.decode == Decode::difference)
    return "No difference lies behind an index.";
  return {};
}

std::string verify_transform(const Plan& plan) {
  if (!plan.transform)
    return plan.component_step == 0 ? "" : "Only a transform has a step between components.";
  if (*plan.transform > Transform::normal)
    return "The kind of the transform does not exist.";
  if (plan.storage.decode != Decode::plain || plan.value != Scalar::f32)
    return "Only plain f32 values are transformed.";
  if (plan.component_step < size_of(plan.storage.type) || !in_reach(2 * plan.component_step))
    return "The components of a vector overlap or lie further apart than an address space.";
  return {};
}

std::string verify_decode(const Plan& plan) {
  const Storage& storage = plan.storage;
  const bool masked = storage.decode == Decode::flag || storage.decode == Decode::field;
  if (!masked && storage.mask != 0)
    return "Only a flag or a field has a mask.";
  const bool plain_b1 = storage.decode == Decode::plain && storage.type == Scalar::b1;
  if (storage.inverted && storage.decode != Decode::flag && !plain_b1)
    return "Only a flag or a plain b1 can be inverted.";
  switch (storage.decode) {
  case Decode::plain:
    return verify_plain(plan, storage.type);
  case Decode::flag:
  case Decode::field:
    return verify_masked(plan);
  case Decode::unorm:
    return verify_unorm(plan);
  case Decode::lookup:
    return verify_lookup(plan);
  case Decode::difference:
    return verify_difference(plan);
  }
  return "The decode step of the plan does not exist.";
}

/// True if the value type holds the bound exactly, or it is infinite.
bool is_bound_of(Scalar value, double bound) {
  if (std::isinf(bound))
    return true;
  if (value == Scalar::i32)
    return static_cast<double>(round_to<std::int32_t>(bound)) == bound;
  return std::abs(bound) <= double{std::numeric_limits<float>::max()} &&
         static_cast<double>(static_cast<float>(bound)) == bound;
}

std::string verify_clamp(const Plan& plan) {
  if (!plan.clamp)
    return {};
  const auto [lo, hi] = *plan.clamp;
  if (std::isnan(lo) || std::isnan(hi))
    return "A bound of the clamp is NaN.";
  if (lo > hi)
    return "The lower bound of the clamp is above the upper one.";
  if (plan.value == Scalar::b1)
    return lo <= 0 && hi >= 1 ? "" : "A clamp of b1 values must let 0 and 1 pass.";
  if (!is_bound_of(plan.value, lo) || !is_bound_of(plan.value, hi))
    return "A bound of the clamp is not a value of " + name(plan.value) + ".";
  return {};
}

std::string verify_loops(const Plan& plan) {
  if (plan.loops.size() > max_loops)
    return "There are " + number(plan.loops.size()) + " loops, more than " + number(max_loops) +
           ".";
  bool adds_to_source = false;
  for (std::size_t i = 0; i < plan.loops.size(); ++i) {
    const Loop& loop = plan.loops[i];
    if (loop.kind > LoopKind::pointers)
      return "The kind of loop " + number(i) + " does not exist.";
    if (!in_reach(loop.source_stride) || !in_reach(loop.cache_stride))
      return "A stride of loop " + number(i) + " is larger than an address space.";
    // Its addresses replace what the loops outside of it have added up.
    if (loop.kind == LoopKind::pointers && adds_to_source)
      return "Loop " + number(i) +
             " follows pointers, which would discard the source address of "
             "the loops outside of it.";
    adds_to_source |= loop.kind != LoopKind::strided || loop.source_stride != 0;
  }
  return {};
}

/// What a lane has of its own, by what the storage makes of it.
std::string verify_lane(const Plan& plan, std::size_t i) {
  const Lane& lane = plan.lanes[i];
  const std::string which = "lane " + number(i);
  if (lane.mask != 0 && plan.storage.decode != Decode::flag)
    return "Only a flag's lanes have masks, but " + which + " has one.";
  if (lane.lookup != 0 && plan.storage.decode != Decode::lookup)
    return "Only a lookup's lanes name tables, but " + which + " does.";
  if (lane.lookup < 0 || lane.lookup >= max_lookups)
    return "The table of " + which + " is none of " + std::to_string(max_lookups) + ".";
  if (lane.at != 0 && !plan.target_stride)
    return "Only lanes that go through an index have a place in the target, but " + which +
           " does.";
  if (lane.row != 0 && !plan.transform)
    return "Only lanes of a transform are components, but " + which + " is one.";
  if (lane.row < 0 || lane.row > 2)
    return "The component of " + which + " is none of 3.";
  if (!in_reach(lane.source) || !in_reach(lane.cache) || !in_reach(lane.at))
    return "An offset of " + which + " is larger than an address space.";
  return verify_mask(plan.storage, lane.mask, which);
}

std::string verify_lanes(const Plan& plan) {
  std::int64_t count = 1;
  for (const std::int64_t axis : plan.lane_shape) {
    if (axis < 1)
      return "An axis of the lane shape is empty.";
    if (axis > static_cast<std::int64_t>(max_lanes) || count * axis > std::int64_t{max_lanes})
      return "The lane shape has more than " + number(max_lanes) + " lanes.";
    count *= axis;
  }
  if (plan.lanes.size() != static_cast<std::size_t>(count))
    return "There are " + number(plan.lanes.size()) + " lanes where the lane shape makes " +
           std::to_string(count) + ".";
  for (std::size_t i = 0; i < plan.lanes.size(); ++i)
    if (std::string refusal = verify_lane(plan, i); !refusal.empty())
      return refusal;
  return {};
}

/// True if some step of a loop with this stride, other than 0, brings `distance` within `size`.
bool some_step_meets(std::int64_t distance, std::int64_t stride, std::int64_t size) {
  const std::int64_t nearest = distance / stride;
  for (std::int64_t step = nearest - 1; step <= nearest + 1; ++step)
    if (step != 0 && std::abs(distance - step * stride) < size)
      return true;
  return false;
}

/// Each cache item belongs to one lane of one step; so nothing depends on the order of a refresh.
/// Loops are looked at one by one, for how they combine depends on their extents.
std::string verify_cache(const Plan& plan) {
  std::vector<std::int64_t> offsets;
  offsets.reserve(plan.lanes.size());
  for (const Lane& lane : plan.lanes)
    offsets.push_back(lane.cache);
  std::sort(offsets.begin(), offsets.end());
  const std::int64_t size = size_of(plan.format);
  for (std::size_t i = 1; i < offsets.size(); ++i)
    if (offsets[i] - offsets[i - 1] < size)
      return "Two lanes overlap in the cache.";
  const std::int64_t span = offsets.back() - offsets.front() + size;
  for (std::size_t i = 0; i < plan.loops.size(); ++i) {
    const std::int64_t stride = std::abs(plan.loops[i].cache_stride);
    if (stride >= span)
      continue;
    std::string overlap = "Two steps of loop " + number(i) + " overlap in the cache.";
    if (stride == 0) {
      // The C-order stride of an outer axis is 0 where an axis inside has no entries.
      if (i + 1 < plan.loops.size())
        continue;
      return overlap;
    }
    for (const std::int64_t a : offsets)
      for (const std::int64_t b : offsets)
        if (some_step_meets(b - a, stride, size))
          return overlap;
  }
  return {};
}

} // namespace

std::string verify(const Plan& plan) {
  for (const auto rule : {verify_types, verify_normalized, verify_decode, verify_through,
                          verify_transform, verify_clamp, verify_loops, verify_lanes, verify_cache})
    if (std::string refusal = rule(plan); !refusal.empty())
      return refusal;
  return {};
}

std::int32_t lookup_count(const Plan& plan) {
  if (plan.storage.decode != Decode::lookup)
    return 0;
  const auto last =
      std::max_element(plan.lanes.begin(), plan.lanes.end(),
                       [](const Lane& a, const Lane& b) { return a.lookup < b.lookup; });
  return last->lookup + 1;
}

std::string refuse(const Plan& plan, Direction direction) {
  if (direction == Direction::refresh)
    return {};
  for (std::size_t i = 0; plan.transform && i < plan.lanes.size(); ++i) {
    const auto lanes = vector_of(plan, i);
    const bool whole = std::find(lanes.begin(), lanes.end(), -1) == lanes.end();
    if (!whole ||
        lanes.at(static_cast<std::size_t>(plan.lanes[i].row)) != static_cast<std::int64_t>(i))
      return "An update through a transform needs each component of a vector, once.";
  }
  if (plan.storage.decode == Decode::difference)
    return "Differences of neighbours are only read: an update would have to move all that follow.";
  return {};
}

void check_arguments(const Plan& plan, Direction direction, const Transfer& transfer) {
  if (const std::string refusal = refuse(plan, direction); !refusal.empty())
    throw std::invalid_argument(refusal);
  if (static_cast<std::int64_t>(transfer.lookups.size()) < lookup_count(plan))
    throw std::invalid_argument("The lanes name " + std::to_string(lookup_count(plan)) +
                                " tables, " + std::to_string(transfer.lookups.size()) +
                                " are given.");
  if (plan.transform &&
      (transfer.matrices.data == nullptr || (transfer.matrices.step != 0 && plan.loops.empty())))
    throw std::invalid_argument("A transform needs a matrix, or one for each step of its loop.");
}

void check_transfer(const Plan& plan, Direction direction, const Transfer& transfer) {
  check_arguments(plan, direction, transfer);
  const bool may_be_met = direction == Direction::refresh && transfer.fresh;
  if (plan.target_stride && !may_be_met) // what was written cannot be taken back
    check_indices(plan, transfer);
}

} // namespace rnaslicer::jit
