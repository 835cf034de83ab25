// runtime/trail/own/instances.cpp: enter and refresh of a depsgraph's instances.
#include "runtime/trail/own/instances.hpp"

#include "runtime/blender/bpy.hpp"
#include "runtime/blender/names.hpp"
#include "runtime/memcache/memcache.hpp"
#include "runtime/transfer/flat_python.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace rnaslicer::runtime {

namespace {

/// What a number's bytes hold that foreach_get has not come to; no truth value.
constexpr int unwritten = 0xA5;

bool is_unwritten(const std::byte* at, std::int64_t size) {
  return std::all_of(at, at + size, [](std::byte one) { return one == std::byte{unwritten}; });
}

/// A leg's values of so many instances, as bpy tells them now; nothing where there are more or
/// fewer, or bpy refuses. foreach_get says nothing of either: the array has room for one more, of
/// which the last number must stay what it is, and the last of those that are meant must not.
std::optional<Located> told(const Leg& leg, PyObject* all, Py_ssize_t count) {
  const Py_ssize_t numbers = (count + 1) * leg.array->width;
  Ref array = new_packed(&numbers, 1, leg.array->format.c_str(), Py_None);
  std::byte* const base = memcache_storage(array.get()).data;
  const std::int64_t size = leg.array->stride / leg.array->width;
  std::byte* const last = base + leg.array->stride * count - size;
  std::byte* const beyond = last + leg.array->stride;
  std::memset(last, unwritten, static_cast<std::size_t>(size));
  std::memset(beyond, unwritten, static_cast<std::size_t>(size));
  const Ref flat = flat_of(array.get(), leg.array->flat.c_str());
  const Ref done = Ref::steal(PyObject_CallMethodObjArgs(all, names().foreach_get,
                                                         leg.property.get(), flat.get(), nullptr));
  const bool is_told = done && ((!is_unwritten(last, size) && is_unwritten(beyond, size)) ||
                                PyObject_Size(all) == count); // a value may look so
  drop_error();                                               // an interrupt goes on
  if (!is_told)
    return std::nullopt;
  return Located{base, false, true, {}, std::make_shared<const Ref>(std::move(array))};
}

/// The same of all legs; none where one is not told.
std::vector<Located> all_told(const Trail& trail, PyObject* all, Py_ssize_t count) {
  std::vector<Located> found;
  for (const Leg& leg : trail.legs) {
    auto values = told(leg, all, count);
    if (!values)
      return {};
    found.push_back(std::move(*values));
  }
  return found;
}

/// The instances of the depsgraph that a root stands for, evaluated; empty where the trail
/// declines.
Ref instances_of(const Instances& how, const Start& start) {
  Watched* const root = as_watched(start.root);
  if (stale(*how.trail) || root == nullptr || !is_free() || start.steps.size() != 1)
    return {};
  const Ref graph = struct_of(root);
  Ref all = graph && Py_TYPE(graph.get()) == how.trail->owner
                ? take_step(start.steps.front(), graph.get())
                : Ref();
  drop_error();
  return all;
}

Py_ssize_t count_of(PyObject* all) {
  const Py_ssize_t count = PyObject_Size(all);
  drop_error();
  return count;
}

void fill(const Trail& trail, std::span<const Located> places, Py_ssize_t count,
          const Target& target) {
  const Rows rows = rows_of(trail, count);
  for (std::size_t i = 0; i < places.size(); ++i) {
    const Leg& leg = trail.legs[i];
    if (const auto part = on_leg(leg, target))
      move_rows(trail, leg, leg.array->move, jit::Direction::refresh, places[i], leg.array->stride,
                rows, *part);
  }
}

class InstancesRun : public Run {
 public:
  InstancesRun(std::shared_ptr<const Instances> how, Start start, Py_ssize_t count)
      : Run(how->trail), how_(std::move(how)), root_(Ref::borrow(start.root)),
        start_(std::move(start)), count_(count), seen_(now()) {}

  bool refresh(PyObject* cache, PyObject* view) override;
  bool update(PyObject*, PyObject*) override { return false; } // the routes refuse it
  [[nodiscard]] Moment seen() const override { return seen_; }
  [[nodiscard]] std::vector<Py_ssize_t> counted() const override { return {count_}; }

 private:
  std::shared_ptr<const Instances> how_;
  Ref root_; // a Watched
  Start start_;
  Py_ssize_t count_; // instances, as at enter
  Moment seen_;      // when they were last read
};

bool InstancesRun::refresh(PyObject* cache, PyObject* view) {
  const Target target{cache, 0, region_of(cache, view)};
  const Ref all = divides(trail(), target.region) ? instances_of(*how_, start_) : Ref();
  const auto places = all ? all_told(trail(), all.get(), count_) : std::vector<Located>();
  if (places.empty())
    return false;
  seen_ = now();
  how_->likely = count_;
  fill(trail(), places, count_, target);
  return true;
}

} // namespace

std::shared_ptr<const Instances> read_instances(PyObject* description) {
  auto how = std::make_shared<Instances>();
  how->trail = read_trail(description);
  if (how->trail->owner == nullptr || how->trail->legs.empty() ||
      std::ranges::any_of(how->trail->legs, [](const Leg& leg) {
        return !leg.array || leg.array->width <= 0 || leg.array->stride <= 0;
      }))
    raise(PyExc_TypeError, "a trail of instances has an owner, and an array for each leg");
  return how;
}

std::unique_ptr<Run> enter_instances(std::shared_ptr<const Instances> how, Start start,
                                     PyObject* wrapper, Ref& cache) {
  const Ref all = instances_of(*how, start);
  if (!all)
    return nullptr;
  // To count them takes as long as to read them: as many as before are tried first.
  Py_ssize_t count = how->likely;
  auto places = count > 0 ? all_told(*how->trail, all.get(), count) : std::vector<Located>();
  if (places.empty()) {
    count = count_of(all.get());
    if (count > 0)
      places = all_told(*how->trail, all.get(), count);
  }
  const Py_ssize_t rows = places.empty() ? 0 : rows_of(*how->trail, count).count;
  if (rows == 0)
    return nullptr;
  Ref filled = cache ? Ref::borrow(cache.get()) : allocate_cache(*how->trail, {rows}, wrapper);
  if (memcache_storage(filled.get()).shape[0] != rows)
    return nullptr;
  fill(*how->trail, places, count, {filled.get(), 0, {}});
  how->likely = count;
  cache = std::move(filled);
  return std::make_unique<InstancesRun>(std::move(how), std::move(start), count);
}

std::unique_ptr<Run> adopt_instances(std::shared_ptr<const Instances> how, Start start,
                                     Py_ssize_t rows) {
  const Ref all = instances_of(*how, start);
  const Py_ssize_t count = all ? count_of(all.get()) : 0;
  if (count <= 0 || rows_of(*how->trail, count).count != rows)
    return nullptr;
  how->likely = count;
  return std::make_unique<InstancesRun>(std::move(how), std::move(start), count);
}

} // namespace rnaslicer::runtime
