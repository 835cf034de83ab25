// runtime/trail/composed/asked.cpp: one collection's values by bpy's own bulk call.
#include "runtime/trail/composed/asked.hpp"

#include "runtime/blender/bpy.hpp"
#include "runtime/blender/names.hpp"
#include "runtime/memcache/memcache.hpp"
#include "runtime/transfer/flat_python.hpp"

namespace rnaslicer::runtime {

namespace {

/// A part of fewer rows than one in so many is read one by one, by the routes (foreach.py, _FEW).
constexpr std::int64_t few = 16;

/// Whether foreach_get has filled an array for all elements.
bool ask(const AskedLeg& leg, const Leg& known, const Reached& reached, PyObject* array) {
  const Ref flat = flat_of(array, leg.flat.c_str());
  const Ref done = Ref::steal(PyObject_CallMethodObjArgs(
      reached.collection.get(), names().foreach_get, known.property.get(), flat.get(), nullptr));
  drop_error();
  return static_cast<bool>(done);
}

class AskedRun : public Run {
 public:
  AskedRun(std::shared_ptr<const Asked> how, Start start)
      : Run(how->trail), how_(std::move(how)), root_(Ref::borrow(start.root)),
        steps_(std::move(start.steps)), seen_(now()) {}

  bool refresh(PyObject* cache, PyObject* view) override;
  bool update(PyObject*, PyObject*) override { return false; }
  [[nodiscard]] const Segment* segment() const override { return &segment_; }
  [[nodiscard]] Moment seen() const override { return seen_; }

  /// The first fill. False where the trail declines.
  bool begin(PyObject* wrapper, Ref& cache, Py_ssize_t filled_rows, bool fills);

 private:
  [[nodiscard]] Watched* root() const { return as_watched(root_.get()); }
  [[nodiscard]] bool fill(const Reached& reached, const Target& target) const;

  std::shared_ptr<const Asked> how_;
  Ref root_; // a Watched
  std::vector<Step> steps_;
  Segment segment_;
  Moment seen_;
};

/// All arrays are there before the cache changes, unless it is the only one.
bool AskedRun::fill(const Reached& reached, const Target& target) const {
  const Rows rows = rows_of(trail(), reached.length);
  std::vector<Ref> arrays;
  std::vector<Located> places;
  for (std::size_t i = 0; i < how_->legs.size(); ++i) {
    const AskedLeg& leg = how_->legs[i];
    if (leg.straight && target.region.empty() && rows.count == reached.length)
      return ask(leg, trail().legs[i], reached, target.cache);
    Ref array = allocate_cache(leg.format, {reached.length * leg.width}, Py_None);
    if (!ask(leg, trail().legs[i], reached, array.get()))
      return false;
    places.push_back({memcache_storage(array.get()).data});
    arrays.push_back(std::move(array));
  }
  fill_segment(trail(), places, reached.length, target);
  return true;
}

bool AskedRun::begin(PyObject* wrapper, Ref& cache, Py_ssize_t filled_rows, bool fills) {
  const auto reached = follow(trail(), steps_, root());
  const Rows rows = reached ? rows_of(trail(), reached->length) : Rows();
  if (rows.count == 0 || (filled_rows >= 0 && rows.count != filled_rows))
    return false;
  segment_ = std::move(enter_empty(trail(), *reached).segment);
  if (!fills)
    return true;
  if (!cache)
    cache = allocate_cache(trail(), {rows.count}, wrapper);
  return fill(*reached, {cache.get(), 0, {}});
}

bool AskedRun::refresh(PyObject* cache, PyObject* view) {
  if (stale(trail()) || !is_free())
    return false;
  const Target target{cache, 0, region_of(cache, view)};
  if (!target.region.empty() && (trail().legs.size() != 1 || target.region.front().count == 0 ||
                                 target.region.front().count * few < segment_.length))
    return false;
  const auto reached = as_at_enter(trail(), segment_, follow(trail(), steps_, root()));
  if (!reached)
    return false;
  seen_ = root()->ref != nullptr ? root()->seen : now();
  return fill(*reached, target);
}

/// Whether Python is to look whether memory tells the values by now.
bool is_due(const Asked& how) {
  if (!how.for_now || ++how.entered < how.due)
    return false;
  how.entered = 0;
  how.due *= 2;
  return true;
}

std::unique_ptr<AskedRun> begun(std::shared_ptr<const Asked> how, Start start, PyObject* wrapper,
                                Ref& cache, Py_ssize_t filled_rows, bool fills) {
  if (stale(*how->trail) || as_watched(start.root) == nullptr || !is_free())
    return nullptr;
  auto run = std::make_unique<AskedRun>(std::move(how), std::move(start));
  return run->begin(wrapper, cache, filled_rows, fills) ? std::move(run) : nullptr;
}

} // namespace

std::unique_ptr<Run> enter(std::shared_ptr<const Asked> how, Start start, PyObject* wrapper,
                           Ref& cache) {
  if (is_due(*how))
    return nullptr;
  const Py_ssize_t rows = cache ? memcache_storage(cache.get()).shape[0] : -1;
  return begun(std::move(how), std::move(start), wrapper, cache, rows, true);
}

std::unique_ptr<Run> adopt(std::shared_ptr<const Asked> how, Start start, Py_ssize_t rows) {
  Ref none;
  return begun(std::move(how), std::move(start), Py_None, none, rows, false);
}

} // namespace rnaslicer::runtime
