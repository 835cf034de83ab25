// runtime/trail/segment.cpp: what enter, refresh and update do to one collection, in the
// order of the Python routes (direct.py, writing/).
#include "runtime/trail/segment.hpp"

#include "runtime/blender/bpy.hpp"
#include "runtime/blender/names.hpp"
#include "runtime/memcache/functions.hpp"
#include "runtime/memory/range.hpp"
#include "runtime/trail/drawings.hpp"
#include "runtime/trail/held.hpp"
#include "runtime/trail/noticing.hpp"
#include "runtime/trail/sculpting.hpp"
#include "runtime/trail/whole.hpp"
#include "runtime/transfer/kernel_python.hpp"
#include "runtime/transfer/reach.hpp"

#include <algorithm>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace rnaslicer::runtime {

namespace {

StorageView storage_of(PyObject* cache) {
  const StorageView storage = memcache_storage(cache);
  if (!storage)
    throw PythonError();
  return storage;
}

/// The arguments of one run of a leg's kernel.
struct Arguments {
  std::array<std::int64_t, jit::max_loops> extents{};
  std::array<jit::Table, jit::max_loops> tables{};
  jit::Transfer transfer;
};

/// Those of a run between where a leg lies and the cache. They point into what they are written to.
void lay(const Trail& trail, const Leg& leg, const Move& how, const Located& at_now,
         std::int64_t stride, const Rows& rows, const Target& target, Arguments& made) {
  const jit::Plan* const plan = kernel_plan_of(how.kernel.get());
  const StorageView storage = storage_of(target.cache);
  const std::int64_t at =
      how.cache_offset + target.first_row * row_bytes_of(trail) + target.first_byte;
  made.extents[0] = rows.count;
  std::copy(how.extents.begin(), how.extents.end(), made.extents.begin() + 1);
  if (target.picked != nullptr)
    made.tables[0].data = target.picked->data();
  for (std::size_t i = 0; i < how.tables.size(); ++i)
    made.tables[i + 1].data = how.tables[i].empty() ? nullptr : how.tables[i].data();
  const std::size_t loops = how.extents.size() + 1;
  const auto reach = cache_reach(*plan, {made.extents.data(), loops});
  if (!reach || reach->low + at < 0 || reach->high + at > storage.nbytes)
    raise(PyExc_SystemError, "a trail's plan leaves the cache");
  jit::Transfer& transfer = made.transfer;
  transfer.source = at_now.base + rows.start * stride + how.source_offset;
  transfer.target = at_now.target;
  transfer.cache = storage.data + at;
  transfer.extents = {made.extents.data(), loops};
  transfer.tables = {made.tables.data(), loops};
  transfer.lookups = {leg.lookup_tables.data(), leg.lookup_tables.size()};
  if (target.matrices != nullptr)
    transfer.matrices = target.matrices[&leg - trail.legs.data()];
}

/// Runs one leg's kernel between where it lies and the cache.
void move(const Trail& trail, const Leg& leg, const Move& how, jit::Direction direction,
          const Located& at_now, std::int64_t stride, const Rows& rows, const Target& target) {
  Arguments made;
  lay(trail, leg, how, at_now, stride, rows, target, made);
  run_kernel(how.kernel.get(), direction, made.transfer, target.region);
}

void fill(const Trail& trail, const Leg& leg, const Located& at, const Rows& rows,
          const Target& target) {
  if (at.missing)
    move(trail, leg, *leg.constant, jit::Direction::refresh,
         {const_cast<std::byte*>(leg.constant_value.data())}, 0, rows, target);
  else
    move(trail, leg, leg.move, jit::Direction::refresh, at, leg.stride, rows, target);
}

/// The segment's bytes of the cache.
std::span<const std::byte> part_of(const Trail& trail, const Rows& rows, const Target& target) {
  const StorageView storage = storage_of(target.cache);
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
               bool proven) {
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
  if (segment.missing[static_cast<std::size_t>(&leg - trail.legs.data())] &&
      !has_layer(leg, *reached) && !is_default())
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
  Ends ends;
  const auto known = leg.writing.shares ? std::nullopt : Held(trail, *reached).seen(leg);
  const auto located = known ? known : locate_for_writing(leg, trail, *reached, &ends);
  if (!located || (located->missing && !is_default()))
    return false;
  if (target.writer != nullptr)
    target.writer->write(*located);
  else if (!located->missing)
    move(trail, leg, leg.move, jit::Direction::update, *located, leg.stride, rows, target);
  PyObject* const made = at == 0                    ? ends.first.get()
                         : at == segment.length - 1 ? ends.last.get()
                                                    : nullptr;
  if (!assign_again(trail, leg, *reached, at, target.writer == nullptr ? made : nullptr))
    throw PythonError();
  settle(leg, *reached);
  return true;
}

} // namespace

std::int64_t row_bytes_of(const Trail& trail) {
  std::int64_t bytes = native_size(trail.format.front());
  for (const std::int64_t extent : trail.inner)
    bytes *= extent;
  return bytes;
}

Rows rows_of(const Trail& trail, Py_ssize_t length, const Target& target) {
  if (target.picked == nullptr)
    return rows_of(trail, length);
  return {0, 1, static_cast<Py_ssize_t>(target.picked->size())};
}

std::optional<Reached> as_at_enter(const Trail& trail, const Segment& segment,
                                   std::optional<Reached> reached) {
  if (!reached || reached->length != segment.length || reached->counted != segment.counted)
    return std::nullopt;
  if (!segment.domain)
    return reached;
  const Ref now = domain_of(trail, *reached);
  if (!now || PyObject_RichCompareBool(now.get(), segment.domain.get(), Py_EQ) <= 0)
    return PyErr_Clear(), std::nullopt;
  return reached;
}

std::optional<Entered> enter_segment(const Trail& trail, const Reached& reached, Compared how) {
  Entered entered;
  entered.segment.length = reached.length;
  entered.segment.domain = domain_of(trail, reached);
  entered.segment.counted = reached.counted;
  const Held held(trail, reached);
  auto* const kept = kept_of(trail, reached.id.get());
  for (const Leg& leg : trail.legs) {
    Ends ends;
    auto* const layer = kept == nullptr ? nullptr : &kept->at(entered.places.size());
    const auto known = how == Compared::three || leg.doubtful ? std::nullopt : held.compared(leg);
    if (known) {
      entered.segment.missing.push_back(false);
      entered.places.push_back(*known);
      continue;
    }
    const auto located = locate(leg, trail, reached, &ends, layer);
    if (!located ||
        ((leg.doubtful || !located->untouched) && !agrees(trail, leg, reached, *located, ends)))
      return std::nullopt;
    if (layer != nullptr)
      layer->note_compared();
    entered.segment.missing.push_back(located->missing);
    entered.places.push_back(*located);
  }
  held.note(entered.places, true);
  return entered;
}

Entered enter_empty(const Trail& trail, const Reached& reached) {
  return {{reached.length, domain_of(trail, reached), reached.counted,
           std::vector<bool>(trail.legs.size())},
          {}};
}

std::optional<std::vector<Located>> locate_segment(const Trail& trail, const Segment& segment,
                                                   const Reached& reached) {
  std::optional<std::vector<Located>> places(std::in_place);
  return locate_segment(trail, segment, reached, *places) ? places : std::nullopt;
}

bool locate_segment(const Trail& trail, const Segment& segment, const Reached& reached,
                    std::vector<Located>& places) {
  const std::size_t before = places.size();
  const Held held(trail, reached);
  bool all_known = true;
  auto* const shared = kept_of(trail, reached.id.get());
  auto& kept = shared != nullptr ? *shared : segment.kept;
  kept.resize(trail.legs.size());
  for (std::size_t i = 0; i < trail.legs.size(); ++i) {
    const auto known = held.seen(trail.legs[i]);
    const auto located = known ? known : locate(trail.legs[i], trail, reached, nullptr, &kept[i]);
    if (!located || (located->missing && !segment.missing[i]))
      return false;
    all_known = all_known && known;
    places.push_back(*located);
  }
  if (!all_known) // else all that would be noted is
    held.note(std::span(places).subspan(before), false);
  return true;
}

void move_rows(const Trail& trail, const Move& how, jit::Direction direction, std::byte* base,
               std::int64_t stride, const Rows& rows, const Target& target) {
  move(trail, trail.legs.front(), how, direction, {base}, stride, rows, target);
}

void fill_segment(const Trail& trail, std::span<const Located> places, Py_ssize_t length,
                  const Target& target) {
  const Rows rows = rows_of(trail, length, target);
  for (std::size_t i = 0; i < places.size(); ++i)
    fill(trail, trail.legs[i], places[i], rows, target);
}

void fill_segments(const Trail& trail, std::span<const Located> places,
                   std::span<const Part> parts) {
  const std::size_t legs = trail.legs.size();
  constexpr std::size_t most = 32; // in one run: what is told of them stays in the nearest cache
  std::array<Arguments, most> made;
  std::array<jit::Transfer, most> transfers;
  for (std::size_t i = 0; i < legs; ++i) {
    const Leg& leg = trail.legs[i];
    std::size_t count = 0;
    const auto run = [&] {
      if (count != 0)
        run_kernel(leg.move.kernel.get(), jit::Direction::refresh,
                   std::span(transfers).first(count));
      count = 0;
    };
    for (std::size_t k = 0; k < parts.size(); ++k) {
      const Located& at = places[k * legs + i];
      const Rows rows = rows_of(trail, parts[k].length);
      const Target& target = *parts[k].target;
      if (at.missing || !target.region.empty() || target.matrices != nullptr) {
        fill(trail, leg, at, rows, target);
        continue;
      }
      lay(trail, leg, leg.move, at, leg.stride, rows, target, made[count]);
      transfers[count] = made[count].transfer;
      if (++count == most)
        run();
    }
    run();
  }
}

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
  return (!trail.by_user || is_own(holder.get())) && !is_true(holder.get(), names().is_editmode) &&
         is_whole(trail, holder.get());
}

bool fits_writes(const Trail& trail, const Reached& reached, const Target& target) {
  if (!is_divided(trail, reached))
    return false;
  for (const Leg& leg : trail.legs) {
    if (!leg.writing.possible)
      return false;
    if (!has_its_name(trail, leg, reached)) // hazards.LAYER_NAME_TAKEN
      return false;
    if (!is_choosy(leg))
      continue;
    if (target.writer != nullptr || !trail.packed || trail.legs.size() != 1)
      return false;
    const auto part = part_of(trail, rows_of(trail, reached.length, target), target);
    std::span numbers(reinterpret_cast<const std::int32_t*>(part.data()), part.size() / 4);
    std::vector<std::int32_t> some;
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
                   const Follow& follow, const Target& target, bool proven) {
  for (const Leg& leg : trail.legs) {
    if (!reached)
      reached = as_at_enter(trail, segment, follow());
    if (!reached ||
        !write_leg(trail, leg, segment, std::exchange(reached, {}), follow, target, proven))
      return false;
  }
  return true;
}

} // namespace rnaslicer::runtime
