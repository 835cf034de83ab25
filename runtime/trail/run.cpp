// runtime/trail/run.cpp: one collection along a trail.
#include "runtime/trail/run.hpp"

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

} // namespace rnaslicer::runtime
