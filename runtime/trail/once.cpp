// runtime/trail/once.cpp: as entering and refreshing, or updating, into memory that is not ours.
#include "runtime/trail/once.hpp"

#include "runtime/memcache/memcache.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace rnaslicer::runtime {

namespace {

bool fill_once(const Trail& trail, const std::optional<Reached>& reached, const Once& once) {
  if (!reached || once.count == 0 || rows_of(trail, reached->length).count != once.count)
    return false;
  const auto entered = enter_segment(trail, *reached);
  if (entered)
    fill_segment(trail, entered->places, reached->length, {once.cache, 0, {}, once.first});
  return entered.has_value();
}

bool store_once(const Trail& trail, std::optional<Reached> reached, const Follow& again,
                const Once& once) {
  if (!reached || once.count == 0 || rows_of(trail, reached->length).count != once.count)
    return false;
  const auto entered = enter_segment(trail, *reached);
  const Target target{once.cache, 0, {}, once.first};
  return entered && no_mode_overwrites(trail) && may_write(trail, *reached, target) &&
         write_segment(trail, entered->segment, std::move(reached), again, target);
}

/// Whether the row that bpy assigns at the end stays as it is: its setters make infinities the
/// largest floats, which its foreach_set does not.
bool first_is_finite(const Trail& trail, const Once& once) {
  const StorageView storage = memcache_storage(once.cache);
  if (!storage || trail.format != "f")
    return static_cast<bool>(storage);
  std::int64_t width = 1;
  for (const std::int64_t extent : trail.inner)
    width *= extent;
  for (std::int64_t i = 0; i < width; ++i) {
    float value = 0;
    std::memcpy(&value, storage.data + i * static_cast<std::int64_t>(sizeof value), sizeof value);
    if (!std::isfinite(value))
      return false;
  }
  return true;
}

/// Several legs are the routes' affair: they say which were written before one fails.
bool can_write(const Trail& trail) { return trail.legs.size() == 1 && !stale(trail) && is_free(); }

/// Whether the trail's own steps lead to this one: which F-curve it is, each wrapper says itself.
bool leads_to(const Trail& trail, const Reached& reached) {
  if (std::ranges::any_of(trail.steps,
                          [](const Step& step) { return step.kind == StepKind::fcurve; }))
    return false;
  const auto found = follow(trail, reached.id.get());
  return found &&
         PyObject_RichCompareBool(found->collection.get(), reached.collection.get(), Py_EQ) > 0;
}

} // namespace

bool read_once(const Trail& trail, const Start& start, const Once& once) {
  return !stale(trail) && as_watched(start.root) != nullptr && is_free() &&
         fill_once(trail, follow(trail, start.steps, as_watched(start.root)), once);
}

bool write_once(const Trail& trail, const Start& start, const Once& once) {
  Watched* const watched = as_watched(start.root);
  if (watched == nullptr || !can_write(trail))
    return false;
  auto reached = follow(trail, start.steps, watched);
  return reached && is_own(*reached, watched) &&
         store_once(
             trail, std::move(reached), [&] { return follow(trail, start.steps, watched); }, once);
}

bool read_once_of(const Trail& trail, PyObject* collection, const Once& once) {
  return !stale(trail) && is_free() && fill_once(trail, reached_by(trail, collection), once);
}

bool write_once_of(const Trail& trail, PyObject* collection, const Once& once) {
  if (!can_write(trail))
    return false;
  if (once.count == 0 || !first_is_finite(trail, once))
    return false;
  auto reached = reached_by(trail, collection);
  if (!reached || !is_own(reached->id.get()) || !leads_to(trail, *reached))
    return false;
  // An assignment may free the collection: it is found anew, from its datablock.
  const Ref id = Ref::borrow(reached->id.get());
  return store_once(
      trail, std::move(reached), [&] { return follow(trail, id.get()); }, once);
}

} // namespace rnaslicer::runtime
