// runtime/trail/write.cpp: what an update asks before the first write, and does to one collection,
// in the order of the Python routes (direct.py, writing/).
#include "runtime/blender/bpy.hpp"
#include "runtime/blender/names.hpp"
#include "runtime/blender/probe.hpp"
#include "runtime/memcache/functions.hpp"
#include "runtime/memcache/memcache.hpp"
#include "runtime/memory/range.hpp"
#include "runtime/trail/assigned.hpp"
#include "runtime/trail/held.hpp"
#include "runtime/trail/noticing.hpp"
#include "runtime/trail/sculpting.hpp"
#include "runtime/trail/whole.hpp"
#include "runtime/transfer/flat_python.hpp"
#include "runtime/transfer/kernel_python.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <utility>

namespace rnaslicer::runtime {

namespace {

/// The segment's bytes of the cache.
std::span<const std::byte> part_of(const Trail& trail, const Rows& rows, const Target& target) {
  const StorageView storage = checked_storage(target.cache);
  const std::int64_t row_bytes = row_bytes_of(trail);
  return {storage.data + target.first_row * row_bytes,
          static_cast<std::size_t>(rows.count * row_bytes)};
}

/// Whether only some numbers may be written.
bool is_choosy(const Leg& leg) {
  return leg.writing.indexed || !leg.writing.allowed.empty() || !leg.writing.bounds.empty();
}

/// Whether all numbers of the segment are items of the enum, lie within bounds, or are indices that
/// lead somewhere.
bool numbers_fit(const Leg& leg, const Reached& reached, std::span<const std::int32_t> numbers) {
  if (numbers.empty())
    return true;
  if (!leg.writing.allowed.empty())
    return !first_outside(numbers, leg.writing.allowed);
  const auto [low, high] = range_of_indices(numbers);
  if (!leg.writing.bounds.empty() &&
      (low < leg.writing.bounds.front() || high > leg.writing.bounds.back()))
    return false;
  if (!leg.writing.indexed)
    return true;
  reached.indexed = attr(reached.id.get(), leg.writing.indexed.get());
  const Py_ssize_t count = reached.indexed ? PyObject_Size(reached.indexed.get()) : -1;
  if (count < 0)
    return PyErr_Clear(), false;
  return low >= 0 && high < count;
}

/// int64s as int32s; false where one is none.
bool narrow(std::span<const std::byte> part, std::vector<std::int32_t>& numbers) {
  numbers.resize(part.size() / sizeof(std::int64_t));
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    std::int64_t wide = 0;
    std::memcpy(&wide, part.data() + i * sizeof wide, sizeof wide);
    numbers[i] = static_cast<std::int32_t>(wide);
    if (numbers[i] != wide)
      return false;
  }
  return true;
}

/// Whether every number of the segment is what a missing layer stands for.
bool is_all_default(const Leg& leg, const Trail& trail, std::span<const std::byte> part) {
  const jit::Plan& plan = *kernel_plan_of(leg.constant->kernel.get());
  if (!trail.packed || trail.legs.size() != 1 || plan.format != plan.storage.type)
    return false;
  const auto size = static_cast<std::size_t>(jit::size_of(plan.format));
  return part.size() < size ||
         (std::memcmp(part.data(), leg.constant_value.data(), size) == 0 &&
          std::memcmp(part.data(), part.data() + size, part.size() - size) == 0);
}

/// The collection after a write, as long as before: anew, unless its owner cannot have moved.
std::optional<Reached> after_write(const Trail& trail, const Segment& segment, const Follow& follow,
                                   std::optional<Reached> reached) {
  if (!trail.stays && !trail.in_place)
    return as_at_enter(trail, segment, follow());
  if (length_of(trail, reached->collection.get()) != segment.length)
    return PyErr_Clear(), std::nullopt;
  return reached;
}

bool write_leg(const Trail& trail, const Leg& leg, const Segment& segment,
               std::optional<Reached> reached, const Follow& follow, const Target& target,
               bool proven, bool ends) {
  const Rows rows = rows_of(trail, segment.length, target);
  const std::int64_t first = target.region.empty() ? 0 : target.region.front().start;
  const Py_ssize_t at = target.writer != nullptr ? target.writer->at
                        : target.picked != nullptr
                            ? (*target.picked)[static_cast<std::size_t>(first)]
                            : rows.start + rows.step * first;
  const auto is_default = [&] {
    return target.writer == nullptr && is_all_default(leg, trail, part_of(trail, rows, target));
  };
  // Declined before anything is assigned: of what is tagged already Python could not tell by what.
  // A layer that bpy has made since the enter, as its first assignment does, takes all values.
  const bool was_missing = segment.missing[static_cast<std::size_t>(&leg - trail.legs.data())];
  if ((was_missing || leg.writing.needs_layer) && !has_layer(leg, *reached) &&
      (leg.writing.needs_layer || !is_default()))
    return false;
  if (!make_ready(leg, *reached))
    return false;
  if (leg.writing.touches_layer && !trail.in_place)
    reached = as_at_enter(trail, segment, follow());
  if (!reached)
    return false;
  // The first write proves that bpy lets us, and un-shares; it may move everything.
  if (!proven || (leg.writing.shares && leg.place == PlaceKind::layer)) {
    if (!assign_again(trail, leg, *reached, at))
      return PyErr_Clear(), false;
    reached = after_write(trail, segment, follow, std::move(reached));
  }
  if (!reached)
    return false;
  // What a copy may have, too, is asked of bpy: only touching un-shares it.
  Ends both;
  const auto known = leg.writing.shares ? std::nullopt : Held(trail, *reached).seen(leg);
  const auto located = known ? known : locate_for_writing(leg, trail, *reached, &both);
  if (!located || (located->missing && !is_default()))
    return false;
  if (target.writer != nullptr)
    target.writer->write(*located);
  else if (!located->missing)
    move_rows(trail, leg, leg.move, jit::Direction::update, *located, leg.stride, rows, target);
  if (!ends)
    return true;
  PyObject* const made = at == 0                    ? both.first.get()
                         : at == segment.length - 1 ? both.last.get()
                                                    : nullptr;
  if (!assign_again(trail, leg, *reached, at, target.writer == nullptr ? made : nullptr))
    throw PythonError();
  settle(trail, leg, *reached);
  return true;
}

/// A property of all elements, by foreach_get; none where that is refused.
std::vector<std::int32_t> all_of(const Reached& reached, const Ref& property) {
  const Ref cache = new_packed(&reached.length, 1, "i", Py_None);
  const Ref flat = flat_of(cache.get(), "i");
  const Ref done = Ref::steal(PyObject_CallMethodObjArgs(
      reached.collection.get(), names().foreach_get, property.get(), flat.get(), nullptr));
  std::vector<std::int32_t> found;
  if (done) {
    found.resize(static_cast<std::size_t>(reached.length));
    std::memcpy(found.data(), memcache_storage(cache.get()).data, found.size() * sizeof(found[0]));
  }
  drop_error(); // an interrupt goes on
  return found;
}

/// Whether starts and lengths divide a row in turn, without gaps.
bool are_in_turn(std::span<const std::int32_t> starts, std::span<const std::int32_t> totals,
                 std::int32_t least, Py_ssize_t end) {
  std::int64_t begin = 0;
  for (std::size_t i = 0; i < starts.size() && i < totals.size(); ++i) {
    if (starts[i] != begin || totals[i] < least)
      return false;
    begin += totals[i];
  }
  return begin == end && starts.size() == totals.size();
}

/// Whether elements that have starts and lengths divide a row in turn now, and will with these
/// numbers. What divides it in another way is for the routes (partitions.py, _both_kept).
bool stay_in_turn(const Leg& leg, const Reached& reached, std::span<const std::int32_t> numbers,
                  Py_ssize_t end) {
  const Divides& how = *leg.writing.given->divides;
  const bool is_start = PyUnicode_CompareWithASCIIString(leg.property.get(), "loop_start") == 0;
  const auto now = all_of(reached, leg.property);
  const auto others = all_of(reached, how.other);
  const auto hold = [&](std::span<const std::int32_t> own) {
    return is_start ? are_in_turn(own, others, how.least, end)
                    : are_in_turn(others, own, how.least, end);
  };
  return !now.empty() && hold(now) && hold(numbers);
}

/// Whether all numbers of the segment divide what the datablock has as its geometry wants it, so
/// that it stays whole. Of a part the routes look at those that stay.
bool stays_divided(const Trail& trail, const Leg& leg, const Reached& reached,
                   const Target& target) {
  const Divides& how = *leg.writing.given->divides;
  if (!trail.packed || trail.legs.size() != 1 || trail.format != "i" || !trail.takes_all ||
      !trail.inner.empty() || !target.region.empty() || target.picked != nullptr)
    return false;
  const auto part = part_of(trail, rows_of(trail, reached.length, target), target);
  const Ints<std::int32_t> ints(part.data(), part.size() / sizeof(std::int32_t));
  const std::span<const std::int32_t> numbers = ints.all();
  const Ref divided = attr(reached.id.get(), how.collection.get());
  const Py_ssize_t end = divided ? PyObject_Size(divided.get()) : -1;
  PyErr_Clear();
  if (end < 0 || numbers.empty())
    return false;
  if (how.other)
    return stay_in_turn(leg, reached, numbers, end);
  if (numbers.front() != 0)
    return false;
  for (std::size_t i = 0; i + 1 < numbers.size(); ++i)
    if (std::int64_t{numbers[i + 1]} - numbers[i] < how.least)
      return false;
  return how.has_end ? numbers.back() == end : end - numbers.back() >= how.least;
}

/// How many points a drawing has; -1, perhaps with an error, where it does not tell.
Py_ssize_t points_of(PyObject* drawing) {
  const Ref attributes = attr(drawing, names().attributes);
  const Ref position =
      attributes ? Ref::steal(PyObject_GetItem(attributes.get(), names().position)) : Ref();
  const Ref data = position ? attr(position.get(), names().data) : Ref();
  return data ? PyObject_Size(data.get()) : -1;
}

/// Whether both ends of an array can be read. Asked through the kernel, so not again where the last
/// answer was about the same array.
bool are_memory(const Divided& how, std::uint64_t drawing, std::uint64_t base, std::int64_t size) {
  constexpr std::size_t most = 1U << 16U;
  const std::pair array{base, size};
  if (const auto known = how.seen.find(drawing); known != how.seen.end() && known->second == array)
    return true;
  std::array<std::byte, 2> ends{};
  const std::uint64_t last = base + static_cast<std::uint64_t>(size) - 1;
  if (base == 0 || last < base ||
      !read_pair({base, std::span(ends).first(1)}, {last, std::span(ends).last(1)}))
    return false;
  if (how.seen.size() >= most)
    how.seen.clear();
  how.seen[drawing] = array;
  return true;
}

/// Whether each curve begins where the one before ends, the first at 0, and the last ends at `end`.
bool divide(const std::byte* borders, std::int64_t curves, std::int64_t end) {
  std::int32_t before = 0;
  for (std::int64_t i = 0; i <= curves; ++i) {
    std::int32_t border = 0;
    std::memcpy(&border, borders + i * static_cast<std::int64_t>(sizeof border), sizeof border);
    if (border < before || (i == 0 && border != 0))
      return false;
    before = border;
  }
  return before == end;
}

/// Whether the points of the drawing on the way to what was reached are divided among its curves:
/// until they are, Blender must not read it. True for trails without one.
bool is_divided(const Trail& trail, const Reached& reached) {
  if (!trail.divided)
    return true;
  const Divided& how = *trail.divided;
  PyObject* const drawing = reached.drawing.get();
  const Ref offsets = drawing != nullptr ? attr(drawing, names().curve_offsets) : Ref();
  const Py_ssize_t curves = offsets ? PyObject_Size(offsets.get()) - 1 : -2;
  const Py_ssize_t points = curves > 0 && !how.points ? points_of(drawing) : reached.length;
  const auto address = curves > 0 && points >= 0 ? address_of(drawing) : std::nullopt;
  PyErr_Clear();
  if (curves == 0 || curves == -1)
    return true;
  if (!address)
    return false;
  std::uint64_t base = 0;
  std::memcpy(&base, bytes_at(*address, how.borders_at, sizeof base).data(), sizeof base);
  const std::int64_t size = (curves + 1) * static_cast<std::int64_t>(sizeof(std::int32_t));
  return are_memory(how, *address, base, size) && divide(pointer(base), curves, points);
}

} // namespace

bool is_own(const Reached& reached, Watched* root) {
  return reached.id.get() == root->ref ? is_own(root) : is_own(reached.id.get());
}

bool no_mode_overwrites(const Trail& trail) {
  return !trail.sculpted ||
         nobody_sculpts(trail.sculpted.get(), trail.modes ? &*trail.modes : nullptr);
}

bool takes_writes(const Trail& trail, PyObject* id) {
  const Ref holder = trail.by_user ? attr(id, names().user) : Ref::borrow(id);
  if (!holder || holder.get() == Py_None)
    return PyErr_Clear(), false;
  return (!trail.by_user || is_own(holder.get())) &&
         (trail.edits || !is_true(holder.get(), names().is_editmode)) &&
         is_whole(trail, holder.get());
}

bool fits_writes(const Trail& trail, const Reached& reached, const Target& target) {
  if (!is_divided(trail, reached))
    return false;
  for (const Leg& leg : trail.legs) {
    if (!has_its_name(trail, leg, reached)) // hazards.LAYER_NAME_TAKEN
      return false;
    if (!leg.writing.possible) {
      const auto part = on_leg(leg, target);
      if (!leg.writing.given || (part && !may_give(trail, leg, reached, *part)) ||
          (part && leg.writing.given->divides && !stays_divided(trail, leg, reached, *part)))
        return false;
      continue;
    }
    if (!is_choosy(leg))
      continue;
    if (target.writer != nullptr || !trail.packed || trail.legs.size() != 1)
      return false;
    const auto part = part_of(trail, rows_of(trail, reached.length, target), target);
    const bool is_wide = trail.format == "q"; // else int32
    std::vector<std::int32_t> narrowed;
    std::vector<std::int32_t> some;
    if (is_wide && !narrow(part, narrowed))
      return false;
    const Ints<std::int32_t> ints(part.data(), is_wide ? 0 : part.size() / sizeof(std::int32_t));
    std::span numbers = is_wide ? std::span<const std::int32_t>(narrowed) : ints.all();
    if (!target.region.empty()) {
      if (target.region.size() != trail.inner.size() + 1)
        return false;
      some = picked(numbers, trail.inner, target.region);
      numbers = some;
    }
    if (!numbers_fit(leg, reached, numbers))
      return false;
  }
  return true;
}

bool write_segment(const Trail& trail, const Segment& segment, std::optional<Reached> reached,
                   const Follow& follow, const Target& target, bool proven, bool ends) {
  for (const Leg& leg : trail.legs) {
    const auto part = on_leg(leg, target);
    if (!part)
      continue;
    if (!reached)
      reached = as_at_enter(trail, segment, follow());
    if (!reached)
      return false;
    auto now = std::exchange(reached, {});
    if (!leg.writing.possible
            ? !give(trail, leg, segment, *now, follow, *part)
            : !write_leg(trail, leg, segment, std::move(now), follow, *part, proven, ends))
      return false;
  }
  return true;
}

} // namespace rnaslicer::runtime
