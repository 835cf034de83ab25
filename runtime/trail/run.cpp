// runtime/trail/run.cpp: one collection along a trail.
#include "runtime/trail/run.hpp"

#include "runtime/blender/bpy.hpp"
#include "runtime/blender/names.hpp"
#include "runtime/memcache/functions.hpp"
#include "runtime/memcache/memcache.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <new>

namespace rnaslicer::runtime {

namespace {

/// Of many a part is told with all others if it is at least one in so many.
constexpr Py_ssize_t asked_whole = 16;
constexpr Py_ssize_t asked_many = 1024;

class OneRun : public Run {
 public:
  OneRun(std::shared_ptr<const Trail> trail, Start start, Segment segment,
         std::vector<std::int64_t> picked = {})
      : Run(std::move(trail)), root_(Ref::borrow(start.root)), steps_(std::move(start.steps)),
        segment_(std::move(segment)), picked_(std::move(picked)), seen_(now()) {}

  bool refresh(PyObject* cache, PyObject* view) override;
  bool update(PyObject* cache, PyObject* view) override;
  [[nodiscard]] const Segment* segment() const override { return &segment_; }
  [[nodiscard]] Moment seen() const override { return seen_; }

 private:
  std::optional<Reached> again();
  std::optional<Target> target_of(PyObject* cache, PyObject* view) const;
  [[nodiscard]] bool is_for_routes(const Target& target) const;

  Ref root_; // a Watched
  std::vector<Step> steps_;
  Segment segment_;
  std::vector<std::int64_t> picked_; // elements; none: the trail's slice tells them
  Moment seen_;                      // when the trail last led to its collection
};

std::optional<Reached> OneRun::again() {
  Watched* const root = as_watched(root_.get());
  auto reached = as_at_enter(trail(), segment_, follow(trail(), steps_, root));
  if (reached)
    seen_ = root->ref != nullptr ? root->seen : now();
  return reached;
}

/// Where the view's part lies, if the trail can move just that; a part without items declines.
std::optional<Target> OneRun::target_of(PyObject* cache, PyObject* view) const {
  Target target{cache, 0, region_of(cache, view)};
  target.picked = picked_.empty() ? nullptr : &picked_;
  if (!target.region.empty() &&
      (!divides(trail(), target.region) || target.region.front().count == 0))
    return std::nullopt;
  return target;
}

/// Whether the routes ask one by one, since it is of few (foreach.py).
bool OneRun::is_for_routes(const Target& target) const {
  return !target.region.empty() && trail().legs.front().place == PlaceKind::asked &&
         segment_.length > asked_many &&
         target.region.front().count * asked_whole < segment_.length;
}

bool OneRun::refresh(PyObject* cache, PyObject* view) {
  if (stale(trail()) || !is_free())
    return false;
  const auto target = target_of(cache, view);
  const auto reached = target && !is_for_routes(*target) ? again() : std::nullopt;
  if (segment_.length == 0)
    return reached.has_value(); // there is nothing to find
  const auto places = reached ? locate_segment(trail(), segment_, *reached) : std::nullopt;
  if (places)
    fill_segment(trail(), *places, segment_.length, *target);
  return places.has_value();
}

bool OneRun::update(PyObject* cache, PyObject* view) {
  if (stale(trail()) || !is_free())
    return false;
  const auto target = segment_.length == 0 ? std::nullopt : target_of(cache, view);
  auto reached = target ? again() : std::nullopt;
  Watched* const root = as_watched(root_.get());
  if (!reached || !no_mode_overwrites(trail()))
    return false;
  const bool own = is_own(*reached, root);
  if (!is_kept(*reached, own, root->ref, steps_, !own && root->ref != nullptr && is_own(root)) ||
      !may_write(trail(), *reached, *target))
    return false;
  const Follow follow_it = [&] { return follow(trail(), steps_, root); };
  try {
    return write_segment(trail(), segment_, std::move(reached), follow_it, *target);
  } catch (const PythonError&) {
    if (trail().legs.size() == 1)
      throw;
    return drop_error(), false; // the routes say which were written
  } catch (const std::bad_alloc&) {
    if (trail().legs.size() == 1)
      throw;
    return false; // the same
  }
}

/// A run of picked elements, whose values go into the cache if there is one. rows: of what holds
/// them already, or -1.
std::unique_ptr<Run> begin_picked(std::shared_ptr<const Trail> trail, Start start, PyObject* item,
                                  Py_ssize_t rows, PyObject* wrapper, Ref* cache) {
  if (stale(*trail) || as_watched(start.root) == nullptr || !is_free() ||
      (cache != nullptr && is_due(*trail)))
    return nullptr;
  const auto reached = follow(*trail, start.steps, as_watched(start.root));
  auto picked = reached ? picked_of(item, reached->length) : std::nullopt;
  if (!picked || (rows >= 0 && rows != static_cast<Py_ssize_t>(picked->size())))
    return nullptr;
  auto entered = enter_segment(*trail, *reached);
  if (!entered)
    return nullptr;
  if (cache != nullptr) {
    if (!*cache)
      *cache = allocate_cache(*trail, {static_cast<Py_ssize_t>(picked->size())}, wrapper);
    if (!*cache)
      return nullptr;
    Target target{cache->get(), 0, {}};
    target.picked = &*picked;
    if (fills(wrapper))
      fill_segment(*trail, entered->places, reached->length, target);
  }
  return std::make_unique<OneRun>(std::move(trail), std::move(start), std::move(entered->segment),
                                  std::move(*picked));
}

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

/// Several legs of a collection at hand are not written: nobody would say which were, if one fails.
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

std::vector<Py_ssize_t> Run::counted() const {
  return segment() != nullptr ? segment()->counted : std::vector<Py_ssize_t>();
}

Ref Run::kinds() const {
  PyObject* const found = segment() != nullptr ? segment()->kinds.get() : nullptr;
  return Ref::borrow(found != nullptr ? found : Py_None);
}

Ref Run::domain() const {
  PyObject* const found = segment() != nullptr ? segment()->domain.get() : nullptr;
  return Ref::borrow(found != nullptr ? found : Py_None);
}

std::unique_ptr<Run> enter(std::shared_ptr<const Trail> trail, Start start, PyObject* wrapper,
                           Ref& cache) {
  if (stale(*trail) || as_watched(start.root) == nullptr || !is_free() || is_due(*trail))
    return nullptr;
  const auto reached = follow(*trail, start.steps, as_watched(start.root));
  const Rows rows = reached ? rows_of(*trail, reached->length) : Rows();
  if (rows.count == 0)
    return enter_without(std::move(trail), std::move(start), reached, wrapper, cache);
  auto entered = enter_segment(*trail, *reached);
  if (!entered)
    return nullptr;
  cache = allocate_cache(*trail, {rows.count}, wrapper);
  if (!cache)
    return nullptr;
  if (fills(wrapper)) {
    Target whole{cache.get(), 0, {}};
    whole.fresh = PyTuple_Check(wrapper) == 0; // else somebody sees its own buffer
    fill_segment(*trail, entered->places, reached->length, whole);
  }
  return std::make_unique<OneRun>(std::move(trail), std::move(start), std::move(entered->segment));
}

std::unique_ptr<Run> enter_without(std::shared_ptr<const Trail> trail, Start start,
                                   const std::optional<Reached>& reached, PyObject* wrapper,
                                   Ref& cache) {
  if (!reached || reached->length != 0 || !trail->takes_all || !trail->packed ||
      !trail->kinds.empty() || trail->list) // whose elements nobody has counted yet
    return nullptr;
  cache = allocate_cache(*trail, {0}, wrapper);
  if (!cache)
    return nullptr;
  Entered entered = enter_empty(*trail, *reached);
  return std::make_unique<OneRun>(std::move(trail), std::move(start), std::move(entered.segment));
}

std::unique_ptr<Run> enter_picked(std::shared_ptr<const Trail> trail, Start start, PyObject* item,
                                  PyObject* wrapper, Ref& cache) {
  const Py_ssize_t rows = cache ? memcache_storage(cache.get()).shape[0] : -1;
  return begin_picked(std::move(trail), std::move(start), item, rows, wrapper, &cache);
}

std::unique_ptr<Run> adopt_picked(std::shared_ptr<const Trail> trail, Start start, PyObject* item,
                                  Py_ssize_t rows) {
  return begin_picked(std::move(trail), std::move(start), item, rows, Py_None, nullptr);
}

std::unique_ptr<Run> adopt(std::shared_ptr<const Trail> trail, Start start, Py_ssize_t length,
                           PyObject* missing) {
  if (stale(*trail) || as_watched(start.root) == nullptr ||
      PyTuple_Size(missing) != static_cast<Py_ssize_t>(trail->legs.size()))
    return nullptr;
  const auto reached = follow(*trail, start.steps, as_watched(start.root));
  if (!reached || reached->length != length)
    return nullptr;
  Segment segment{
      length, domain_of(*trail, *reached), kinds_of(*trail, *reached), reached->counted, {}};
  for (Py_ssize_t i = 0; i < PyTuple_Size(missing); ++i)
    segment.missing.push_back(PyTuple_GetItem(missing, i) == Py_True);
  return std::make_unique<OneRun>(std::move(trail), std::move(start), std::move(segment));
}

bool is_kept(const Reached& reached, bool is_own, PyObject* from, const std::vector<Step>& steps,
             bool from_is_own) {
  if (is_own)
    return true;
  PyObject* const id = reached.id.get();
  if (!from_is_own || from == nullptr || steps.empty() || !is_true(id, names().is_embedded))
    return PyErr_Clear(), false;
  const Ref library = attr(id, names().library);
  const Ref first = take_step(steps.front(), from);
  const bool is_within =
      library.get() == Py_None && first && PyObject_RichCompareBool(id, first.get(), Py_EQ) > 0;
  PyErr_Clear();
  return is_within;
}

std::vector<jit::Span> region_of(PyObject* cache, PyObject* view) {
  std::vector<jit::Span> region;
  if (view == Py_None || view == cache)
    return region;
  const Ref arguments = checked(PyTuple_Pack(2, cache, view));
  const Ref spans = checked(module_region(nullptr, arguments.get()));
  for (Py_ssize_t i = 0; i < PyTuple_Size(spans.get()); ++i) {
    long long start = 0;
    long long step = 0;
    long long count = 0;
    if (PyArg_ParseTuple(PyTuple_GetItem(spans.get(), i), "LLL", &start, &step, &count) == 0)
      throw PythonError();
    region.push_back({start, step, count});
  }
  return region;
}

bool fills(PyObject* wrapper) {
  return PyTuple_Check(wrapper) == 0 || PyTuple_GetItem(wrapper, 1) == Py_True;
}

Ref allocate_cache(const std::string& format, const std::vector<Py_ssize_t>& shape,
                   PyObject* wrapper) {
  if (PyTuple_Check(wrapper) != 0) {
    Ref lent = memcache_on(PyTuple_GetItem(wrapper, 0), format.c_str(), fills(wrapper));
    const StorageView storage = lent ? memcache_storage(lent.get()) : StorageView();
    const bool fits =
        storage &&
        std::ranges::equal(std::span(storage.shape, static_cast<std::size_t>(storage.ndim)), shape);
    return fits ? std::move(lent) : Ref();
  }
  return new_packed(shape.data(), shape.size(), format.c_str(), wrapper);
}

Ref allocate_cache(const Trail& trail, std::vector<Py_ssize_t> shape, PyObject* wrapper) {
  shape.insert(shape.end(), trail.inner.begin(), trail.inner.end());
  return allocate_cache(trail.format, shape, wrapper);
}

bool read_once(const Trail& trail, const Start& start, const Once& once) {
  return !stale(trail) && as_watched(start.root) != nullptr && is_free() &&
         fill_once(trail, follow(trail, start.steps, as_watched(start.root)), once);
}

bool write_once(const Trail& trail, const Start& start, const Once& once) {
  Watched* const watched = as_watched(start.root);
  if (watched == nullptr || stale(trail) || !is_free() ||
      (trail.legs.size() > 1 && !trail.packed)) // the routes know strides of several
    return false;
  auto reached = follow(trail, start.steps, watched);
  const bool own = reached && is_own(*reached, watched);
  if (!reached || !is_kept(*reached, own, watched->ref, start.steps,
                           !own && watched->ref != nullptr && is_own(watched)))
    return false;
  const Follow again = [&] { return follow(trail, start.steps, watched); };
  if (trail.legs.size() == 1)
    return store_once(trail, std::move(reached), again, once);
  try {
    return store_once(trail, std::move(reached), again, once);
  } catch (const PythonError&) {
    return drop_error(), false; // the routes say which were written
  } catch (const std::bad_alloc&) {
    return false; // the same
  }
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
