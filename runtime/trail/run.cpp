// runtime/trail/run.cpp: one collection along a trail.
#include "runtime/trail/run.hpp"

#include "runtime/memcache/functions.hpp"
#include "runtime/memcache/memcache.hpp"

#include <algorithm>
#include <new>

namespace rnaslicer::runtime {

namespace {

/// A part of at least one element in so many is told with all others.
constexpr Py_ssize_t asked_whole = 16;

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
  if (!target.region.empty() && (trail().legs.size() != 1 || target.region.front().count == 0))
    return std::nullopt;
  // Of few the routes ask one by one (foreach.py).
  if (!target.region.empty() && trail().legs.front().place == PlaceKind::asked &&
      target.region.front().count * asked_whole < segment_.length)
    return std::nullopt;
  return target;
}

bool OneRun::refresh(PyObject* cache, PyObject* view) {
  if (stale(trail()) || !is_free())
    return false;
  const auto target = target_of(cache, view);
  const auto reached = target ? again() : std::nullopt;
  const auto places = reached ? locate_segment(trail(), segment_, *reached) : std::nullopt;
  if (places)
    fill_segment(trail(), *places, segment_.length, *target);
  return places.has_value();
}

bool OneRun::update(PyObject* cache, PyObject* view) {
  if (stale(trail()) || !is_free())
    return false;
  const auto target = target_of(cache, view);
  auto reached = target ? again() : std::nullopt;
  Watched* const root = as_watched(root_.get());
  if (!reached || !is_own(*reached, root) || !no_mode_overwrites(trail()) ||
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
  if (stale(*trail) || as_watched(start.root) == nullptr || !is_free())
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
    Target target{cache->get(), 0, {}};
    target.picked = &*picked;
    fill_segment(*trail, entered->places, reached->length, target);
  }
  return std::make_unique<OneRun>(std::move(trail), std::move(start), std::move(entered->segment),
                                  std::move(*picked));
}

} // namespace

namespace {

/// The same of ("slice" or "range", start, stop, step); perhaps with an error where it names none.
std::optional<std::vector<std::int64_t>> numbers_of(PyObject* item, Py_ssize_t length) {
  const bool is_slice = PyUnicode_CompareWithASCIIString(PyTuple_GetItem(item, 0), "slice") == 0;
  PyObject* const from = PyTuple_GetItem(item, 1);
  PyObject* const to = PyTuple_GetItem(item, 2);
  PyObject* const by = PyTuple_GetItem(item, 3);
  Py_ssize_t start = 0;
  Py_ssize_t stop = 0;
  Py_ssize_t step = 1;
  Py_ssize_t count = 0;
  if (is_slice) {
    const Ref part = checked(PySlice_New(from, to, by));
    if (PySlice_Unpack(part.get(), &start, &stop, &step) < 0)
      return std::nullopt;
    count = PySlice_AdjustIndices(length, &start, &stop, step);
  } else {
    const Ref range = checked(PyObject_CallFunctionObjArgs(
        reinterpret_cast<PyObject*>(&PyRange_Type), from, to, by, nullptr));
    count = PyObject_Size(range.get());
    start = PyLong_AsSsize_t(from);
    step = PyLong_AsSsize_t(by);
  }
  if (PyErr_Occurred() != nullptr || count <= 0 || count > 2 * length)
    return std::nullopt;
  std::vector<std::int64_t> found;
  for (Py_ssize_t at = start; count > 0; --count, at += step) {
    if (at < -length || at >= length)
      return std::nullopt;
    found.push_back(at < 0 ? at + length : at);
  }
  return found;
}

} // namespace

std::optional<std::vector<std::int64_t>> picked_of(PyObject* item, Py_ssize_t length) {
  if (PyTuple_Check(item) != 0 && PyTuple_Size(item) == 4) {
    auto found = numbers_of(item, length);
    PyErr_Clear();
    return found;
  }
  if (PyTuple_Check(item) == 0 || PyTuple_Size(item) != 2)
    return std::nullopt;
  const bool is_mask = PyUnicode_CompareWithASCIIString(PyTuple_GetItem(item, 0), "mask") == 0;
  const Ref values = memcache_on(PyTuple_GetItem(item, 1), is_mask ? "?" : "q", false);
  if (!values)
    return std::nullopt;
  const StorageView storage = memcache_storage(values.get());
  std::vector<std::int64_t> found;
  if (is_mask) {
    if (storage.nbytes != length)
      return std::nullopt;
    found.reserve(static_cast<std::size_t>(std::count_if(
        storage.data, storage.data + length, [](std::byte one) { return one != std::byte{}; })));
    for (Py_ssize_t i = 0; i < length; ++i)
      if (storage.data[i] != std::byte{})
        found.push_back(i);
  } else {
    const auto* const first = reinterpret_cast<const std::int64_t*>(storage.data);
    found.assign(first, first + storage.nbytes / static_cast<std::int64_t>(sizeof *first));
    for (std::int64_t& one : found) {
      if (one < -length || one >= length)
        return std::nullopt;
      one += one < 0 ? length : 0;
    }
  }
  if (found.empty())
    return std::nullopt;
  return found;
}

std::vector<Py_ssize_t> Run::counted() const {
  return segment() != nullptr ? segment()->counted : std::vector<Py_ssize_t>();
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
    return nullptr;
  auto entered = enter_segment(*trail, *reached);
  if (!entered)
    return nullptr;
  cache = allocate_cache(*trail, {rows.count}, wrapper);
  fill_segment(*trail, entered->places, reached->length, {cache.get(), 0, {}});
  return std::make_unique<OneRun>(std::move(trail), std::move(start), std::move(entered->segment));
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
  Segment segment{length, domain_of(*trail, *reached), reached->counted, {}};
  for (Py_ssize_t i = 0; i < PyTuple_Size(missing); ++i)
    segment.missing.push_back(PyTuple_GetItem(missing, i) == Py_True);
  return std::make_unique<OneRun>(std::move(trail), std::move(start), std::move(segment));
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

Ref allocate_cache(const std::string& format, const std::vector<Py_ssize_t>& shape,
                   PyObject* wrapper) {
  return new_packed(shape.data(), shape.size(), format.c_str(), wrapper);
}

Ref allocate_cache(const Trail& trail, std::vector<Py_ssize_t> shape, PyObject* wrapper) {
  shape.insert(shape.end(), trail.inner.begin(), trail.inner.end());
  return allocate_cache(trail.format, shape, wrapper);
}

} // namespace rnaslicer::runtime
