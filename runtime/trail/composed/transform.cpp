// runtime/trail/composed/transform.cpp: one collection's vectors through a matrix.
#include "runtime/trail/composed/transform.hpp"

#include "runtime/blender/bpy.hpp"
#include "runtime/blender/names.hpp"
#include "runtime/memcache/memcache.hpp"
#include "runtime/transfer/kernel_python.hpp"

#include <span>

namespace rnaslicer::runtime {

namespace {

class TransformRun : public Run {
 public:
  TransformRun(std::shared_ptr<const Transformed> how, Start start, Matrices given)
      : Run(how->direct), how_(std::move(how)), root_(Ref::borrow(start.root)),
        steps_(std::move(start.steps)), given_(std::move(given)), seen_(now()) {}

  bool refresh(PyObject* cache, PyObject* view) override;
  bool update(PyObject* cache, PyObject* view) override;
  [[nodiscard]] const Segment* segment() const override { return &segment_; }
  [[nodiscard]] Moment seen() const override { return seen_; }

  /// The first fill, or none where the cache holds the values. False where the trail declines.
  bool begin(PyObject* wrapper, Ref& cache, Py_ssize_t filled_rows);

 private:
  [[nodiscard]] Watched* root() const { return as_watched(root_.get()); }
  std::optional<Reached> again();
  [[nodiscard]] std::optional<Matrices> matrices(const Rows& rows) const;
  bool fill(const Reached& reached, const std::vector<Located>& places, Target target) const;

  std::shared_ptr<const Transformed> how_;
  Ref root_; // a Watched
  std::vector<Step> steps_;
  Matrices given_; // empty: the object's, asked at each call
  Segment segment_;
  Moment seen_;
};

std::optional<Reached> TransformRun::again() {
  auto reached = as_at_enter(trail(), segment_, follow(trail(), steps_, root()));
  if (reached)
    seen_ = root()->ref != nullptr ? root()->seen : now();
  return reached;
}

/// The matrices now; nothing where Python has to say what is wrong with them.
std::optional<Matrices> TransformRun::matrices(const Rows& rows) const {
  if (!given_.empty())
    return static_cast<Py_ssize_t>(given_.size()) == (how_->each ? rows.count : 1)
               ? std::optional(given_)
               : std::nullopt;
  const auto matrix = world_matrix(*how_, struct_of(root()), steps_);
  return matrix ? std::optional(Matrices{*matrix}) : std::nullopt;
}

bool TransformRun::fill(const Reached& reached, const std::vector<Located>& places,
                        Target target) const {
  const auto now = matrices(rows_of(trail(), reached.length));
  if (!now)
    return false;
  std::vector<Matrices> by_leg;
  std::vector<jit::Matrices> for_legs;
  by_leg.reserve(trail().legs.size());
  for (const Leg& leg : trail().legs)
    by_leg.push_back(there(kind_of(leg), *now));
  for_legs.reserve(by_leg.size());
  for (const Matrices& one : by_leg)
    for_legs.push_back(for_kernel(one));
  target.matrices = for_legs.data();
  fill_segment(trail(), places, reached.length, target);
  return true;
}

bool TransformRun::begin(PyObject* wrapper, Ref& cache, Py_ssize_t filled_rows) {
  const auto reached = follow(trail(), steps_, root());
  const Rows rows = reached ? rows_of(trail(), reached->length) : Rows();
  if (rows.count == 0 || (filled_rows >= 0 && rows.count != filled_rows))
    return false;
  auto entered = enter_segment(trail(), *reached);
  if (!entered || !matrices(rows))
    return false;
  segment_ = std::move(entered->segment);
  if (filled_rows >= 0 && !cache)
    return true;
  if (!cache)
    cache = allocate_cache(trail(), {rows.count}, wrapper);
  return fill(*reached, entered->places, {cache.get(), 0, {}});
}

bool TransformRun::refresh(PyObject* cache, PyObject* view) {
  if (stale(trail()) || !is_free())
    return false;
  const Target target{cache, 0, region_of(cache, view)};
  if (!target.region.empty() && (trail().legs.size() != 1 || target.region.front().count == 0))
    return false;
  const auto reached = again();
  const auto places = reached ? locate_segment(trail(), segment_, *reached) : std::nullopt;
  return places && fill(*reached, *places, target);
}

bool TransformRun::update(PyObject* cache, PyObject* view) {
  if (!how_->plain || stale(trail()) || !is_free())
    return false;
  Target target{cache, 0, region_of(cache, view)};
  const auto& region = target.region; // where components are missing, those that are there count
  if (!region.empty() && (region.size() != 2 || region[0].count == 0 || region[1].count != 3))
    return false;
  auto reached = again();
  if (!reached || !is_own(*reached, root()) || !no_mode_overwrites(trail()))
    return false;
  const auto now = matrices(rows_of(trail(), reached->length));
  if (!now)
    return false;
  const Matrices inverse = back(kind_of(trail().legs.front()), *now);
  const jit::Matrices for_leg = for_kernel(inverse);
  target.matrices = &for_leg;
  if (!may_write(trail(), *reached, target))
    return false;
  const Follow follow_it = [&] { return follow(trail(), steps_, root()); };
  return write_segment(trail(), segment_, std::move(reached), follow_it, target);
}

std::unique_ptr<TransformRun> begun(std::shared_ptr<const Transformed> how, Start start,
                                    PyObject* wrapper, PyObject* numbers, Ref& cache,
                                    Py_ssize_t filled_rows) {
  if (stale(*how->direct) || as_watched(start.root) == nullptr || !is_free())
    return nullptr;
  auto given = how->world_after < 0 ? matrices_in(numbers) : std::optional(Matrices());
  if (!given)
    return nullptr;
  auto run = std::make_unique<TransformRun>(std::move(how), std::move(start), std::move(*given));
  return run->begin(wrapper, cache, filled_rows) ? std::move(run) : nullptr;
}

} // namespace

jit::Transform kind_of(const Leg& leg) {
  return kernel_plan_of(leg.move.kernel.get())->transform.value();
}

std::optional<Matrix> world_matrix(std::ptrdiff_t after, const PyObject* object, Ref from,
                                   const std::vector<Step>& steps) {
  for (std::ptrdiff_t i = 0; from && i < after; ++i)
    from = take_step(steps[static_cast<std::size_t>(i)], from.get());
  const bool is_object = from && reinterpret_cast<PyObject*>(Py_TYPE(from.get())) == object;
  const Ref world = is_object ? attr(from.get(), names().matrix_world) : Ref();
  const auto matrix = world ? matrix_of(world.get()) : std::nullopt;
  if (!matrix)
    PyErr_Clear();
  return matrix;
}

std::unique_ptr<Run> enter(std::shared_ptr<const Transformed> how, Start start, PyObject* wrapper,
                           PyObject* numbers, Ref& cache) {
  const Py_ssize_t rows = cache ? memcache_storage(cache.get()).shape[0] : -1;
  return begun(std::move(how), std::move(start), wrapper, numbers, cache, rows);
}

std::unique_ptr<Run> adopt(std::shared_ptr<const Transformed> how, Start start, PyObject* numbers,
                           Py_ssize_t rows) {
  Ref none;
  return begun(std::move(how), std::move(start), Py_None, numbers, none, rows);
}

} // namespace rnaslicer::runtime
