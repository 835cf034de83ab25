// runtime/trail/run.cpp: one collection along a trail.
#include "runtime/trail/run.hpp"

#include "runtime/memcache/memcache.hpp"

#include <cmath>
#include <cstring>

namespace rnaslicer::runtime {

namespace {

std::optional<Reached> again(const Run& run) {
  auto reached =
      as_at_enter(*run.trail, run.segment, follow(*run.trail, as_watched(run.root.get())));
  if (reached)
    run.seen = as_watched(run.root.get())->seen;
  return reached;
}

/// Where the view's part lies, if the trail can move just that; a part without items declines.
std::optional<Target> target_of(const Run& run, PyObject* cache, PyObject* view) {
  Target target{cache, 0, region_of(cache, view)};
  if (!target.region.empty() && (run.trail->legs.size() != 1 || target.region.front().count == 0))
    return std::nullopt;
  return target;
}

} // namespace

std::unique_ptr<Run> enter(std::shared_ptr<const Trail> trail, PyObject* root, PyObject* wrapper,
                           Ref& cache) {
  if (stale(*trail) || as_watched(root) == nullptr || !is_free())
    return nullptr;
  const auto reached = follow(*trail, as_watched(root));
  const Rows rows = reached ? rows_of(*trail, reached->length) : Rows();
  if (rows.count == 0)
    return nullptr;
  auto entered = enter_segment(*trail, *reached);
  if (!entered)
    return nullptr;
  cache = allocate_cache(*trail, {rows.count}, wrapper);
  fill_segment(*trail, entered->places, reached->length, {cache.get(), 0, {}});
  return std::make_unique<Run>(
      Run{std::move(trail), Ref::borrow(root), std::move(entered->segment), now()});
}

std::unique_ptr<Run> adopt(std::shared_ptr<const Trail> trail, PyObject* root, Py_ssize_t length,
                           PyObject* missing) {
  if (stale(*trail) || as_watched(root) == nullptr ||
      PyTuple_Size(missing) != static_cast<Py_ssize_t>(trail->legs.size()))
    return nullptr;
  const auto reached = follow(*trail, as_watched(root));
  if (!reached || reached->length != length)
    return nullptr;
  Segment segment{length, domain_of(*trail, *reached), {}};
  for (Py_ssize_t i = 0; i < PyTuple_Size(missing); ++i)
    segment.missing.push_back(PyTuple_GetItem(missing, i) == Py_True);
  return std::make_unique<Run>(Run{std::move(trail), Ref::borrow(root), std::move(segment), now()});
}

bool refresh(const Run& run, PyObject* cache, PyObject* view) {
  if (stale(*run.trail) || !is_free())
    return false;
  const auto target = target_of(run, cache, view);
  const auto reached = target ? again(run) : std::nullopt;
  const auto places = reached ? locate_segment(*run.trail, run.segment, *reached) : std::nullopt;
  if (places)
    fill_segment(*run.trail, *places, run.segment.length, *target);
  return places.has_value();
}

bool update(const Run& run, PyObject* cache, PyObject* view) {
  // Of several, the routes say which were written before one fails.
  if (run.trail->legs.size() != 1 || stale(*run.trail) || !is_free())
    return false;
  const auto target = target_of(run, cache, view);
  const auto reached = target ? again(run) : std::nullopt;
  Watched* const root = as_watched(run.root.get());
  return reached && reached->id.get() == root->ref && is_own(root) &&
         no_mode_overwrites(*run.trail) && may_write(*run.trail, *reached, *target) &&
         write_segment(
             *run.trail, run.segment, [&] { return follow(*run.trail, root); }, *target);
}

namespace {

bool fill_once(const Trail& trail, const std::optional<Reached>& reached, const Once& once) {
  if (!reached || once.count == 0 || rows_of(trail, reached->length).count != once.count)
    return false;
  const auto entered = enter_segment(trail, *reached);
  if (entered)
    fill_segment(trail, entered->places, reached->length, {once.cache, 0, {}, once.first});
  return entered.has_value();
}

bool store_once(const Trail& trail, const std::optional<Reached>& reached, const Follow& again,
                const Once& once) {
  if (!reached || once.count == 0 || rows_of(trail, reached->length).count != once.count)
    return false;
  const auto entered = enter_segment(trail, *reached);
  const Target target{once.cache, 0, {}, once.first};
  return entered && no_mode_overwrites(trail) && may_write(trail, *reached, target) &&
         write_segment(trail, entered->segment, again, target);
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

} // namespace

bool read_once(const Trail& trail, PyObject* root, const Once& once) {
  return !stale(trail) && as_watched(root) != nullptr && is_free() &&
         fill_once(trail, follow(trail, as_watched(root)), once);
}

bool write_once(const Trail& trail, PyObject* root, const Once& once) {
  Watched* const watched = as_watched(root);
  if (watched == nullptr || !can_write(trail))
    return false;
  const auto reached = follow(trail, watched);
  return reached && reached->id.get() == watched->ref && is_own(watched) &&
         store_once(
             trail, reached, [&] { return follow(trail, watched); }, once);
}

bool read_once_of(const Trail& trail, PyObject* collection, const Once& once) {
  return !stale(trail) && is_free() && fill_once(trail, reached_by(trail, collection), once);
}

bool write_once_of(const Trail& trail, PyObject* collection, const Once& once) {
  if (!can_write(trail))
    return false;
  if (once.count == 0 || !first_is_finite(trail, once))
    return false;
  const auto reached = reached_by(trail, collection);
  // An assignment may free the collection: it is found anew, from its datablock.
  return reached && is_own(reached->id.get()) &&
         store_once(
             trail, reached, [&] { return follow(trail, reached->id.get()); }, once);
}

} // namespace rnaslicer::runtime
