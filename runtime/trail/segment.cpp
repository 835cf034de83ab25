// runtime/trail/segment.cpp: what enter and refresh do to one collection, in the order of the
// Python routes (direct.py).
#include "runtime/trail/segment.hpp"

#include "runtime/blender/bpy.hpp"
#include "runtime/memcache/functions.hpp"
#include "runtime/trail/held.hpp"
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
  const StorageView storage = checked_storage(target.cache);
  const std::int64_t at =
      how.cache_offset + target.first_row * row_bytes_of(trail) + target.first_byte;
  made.extents[0] = rows.count;
  std::copy(how.extents.begin(), how.extents.end(), made.extents.begin() + 1);
  if (target.picked != nullptr)
    made.tables[0].data = target.picked->data();
  for (std::size_t i = 0; i < how.tables.size(); ++i)
    made.tables[i + 1].data = how.tables[i].empty() ? nullptr : how.tables[i].data();
  const std::size_t loops = how.extents.size() + 1;
  if ((target.picked != nullptr) != (plan->loops.front().kind == jit::LoopKind::indexed))
    raise(PyExc_SystemError, "a trail's plan follows other rows");
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
  transfer.fresh = target.fresh;
  if (target.matrices != nullptr)
    transfer.matrices = target.matrices[&leg - trail.legs.data()];
}

void fill(const Trail& trail, const Leg& leg, const Located& at, const Rows& rows,
          const Target& target) {
  if (at.missing)
    move_rows(trail, leg, *leg.constant, jit::Direction::refresh,
              {const_cast<std::byte*>(leg.constant_value.data())}, 0, rows, target);
  else
    move_rows(trail, leg, leg.move, jit::Direction::refresh, at, leg.stride, rows, target);
}

/// One progression's part within [low, low + extent), counted from there; nothing if none is.
std::optional<jit::Span> inside(const jit::Span& all, std::int64_t low, std::int64_t extent) {
  std::int64_t first = -1;
  std::int64_t count = 0;
  for (std::int64_t i = 0; i < all.count; ++i) { // within a row there are few
    const std::int64_t at = all.start + i * all.step;
    if (at < low || at >= low + extent)
      continue;
    if (first < 0)
      first = at - low;
    ++count;
  }
  return count == 0 ? std::nullopt : std::optional(jit::Span{first, all.step, count});
}

} // namespace

bool divides(const Trail& trail, std::span<const jit::Span> region) {
  return region.empty() ||
         (std::ranges::all_of(trail.legs,
                              [&](const Leg& leg) {
                                return leg.axes.empty() ? trail.legs.size() == 1
                                                        : leg.axes.size() == region.size();
                              }) &&
          std::ranges::none_of(region, [](const jit::Span& span) { return span.count == 0; }));
}

std::optional<Target> on_leg(const Leg& leg, const Target& target) {
  if (leg.axes.size() != target.region.size()) // all, or that already
    return target;
  Target part = target;
  part.region.clear();
  for (std::size_t i = 0; i < leg.axes.size(); ++i) {
    const LegAxis& axis = leg.axes[i];
    const auto span = axis.extent == 0 ? std::optional(target.region[i])
                                       : inside(target.region[i], axis.at,
                                                std::max<std::int64_t>(axis.extent, 1));
    if (!span)
      return std::nullopt;
    if (axis.extent >= 0)
      part.region.push_back(*span);
  }
  return part;
}

void move_rows(const Trail& trail, const Leg& leg, const Move& how, jit::Direction direction,
               const Located& at, std::int64_t stride, const Rows& rows, const Target& target) {
  Arguments made;
  lay(trail, leg, how, at, stride, rows, target, made);
  run_kernel(how.kernel.get(), direction, made.transfer, target.region);
}

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

Ref kinds_of(const Trail& trail, const Reached& reached) {
  const Ref elements =
      trail.kinds.empty() ? Ref() : Ref::steal(PySequence_List(reached.collection.get()));
  if (!elements || PyList_Size(elements.get()) != reached.length)
    return drop_error(), Ref();
  Ref kinds = checked(PyTuple_New(reached.length));
  for (Py_ssize_t i = 0; i < reached.length; ++i) {
    PyTypeObject* const kind = Py_TYPE(PyList_GetItem(elements.get(), i));
    if (std::ranges::find(trail.kinds, kind) == trail.kinds.end())
      return {};
    PyTuple_SetItem(kinds.get(), i, Ref::borrow(reinterpret_cast<PyObject*>(kind)).release());
  }
  return kinds;
}

std::optional<Reached> as_at_enter(const Trail& trail, const Segment& segment,
                                   std::optional<Reached> reached) {
  if (!reached || reached->length != segment.length || reached->counted != segment.counted)
    return std::nullopt;
  if (!trail.kinds.empty()) {
    const Ref kinds = kinds_of(trail, *reached);
    if (!kinds || !segment.kinds ||
        PyObject_RichCompareBool(kinds.get(), segment.kinds.get(), Py_EQ) <= 0)
      return drop_error(), std::nullopt;
  }
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
  entered.segment.kinds = kinds_of(trail, reached);
  if (!trail.kinds.empty() && !entered.segment.kinds)
    return std::nullopt;
  const Held held(trail, reached);
  auto* const kept = kept_of(trail, reached.id.get());
  for (const Leg& leg : trail.legs) {
    Ends ends;
    auto* const layer = kept == nullptr ? nullptr : &kept->at(entered.places.size());
    const auto known = how == Compared::three ? std::nullopt : held.compared(leg);
    if (known && is_doubtless(leg, reached.length, *known)) {
      entered.segment.missing.push_back(false);
      entered.places.push_back(*known);
      continue;
    }
    held.fetch_ahead(leg);
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
  return {{reached.length, domain_of(trail, reached), kinds_of(trail, reached), reached.counted,
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

void fill_segment(const Trail& trail, std::span<const Located> places, Py_ssize_t length,
                  const Target& target) {
  const Rows rows = rows_of(trail, length, target);
  for (std::size_t i = 0; i < places.size(); ++i)
    if (const auto part = on_leg(trail.legs[i], target))
      fill(trail, trail.legs[i], places[i], rows, *part);
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
        if (const auto part = on_leg(leg, target))
          fill(trail, leg, at, rows, *part);
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

} // namespace rnaslicer::runtime
