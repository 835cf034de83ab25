// runtime/trail/several/single.cpp: enter, refresh and update of one struct's numbers.
#include "runtime/trail/several/single.hpp"

#include "runtime/blender/bpy.hpp"
#include "runtime/blender/names.hpp"
#include "runtime/blender/told_value.hpp"
#include "runtime/memcache/memcache.hpp"
#include "runtime/trail/assigned.hpp"
#include "runtime/trail/several/bulk.hpp"
#include "runtime/trail/whole.hpp"
#include "runtime/transfer/kernel_python.hpp"
#include "runtime/transfer/reach.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace rnaslicer::runtime {

namespace {

/// A packed buffer for the numbers of a leg.
Ref buffer_for(const ToldValue& how) {
  const auto count = static_cast<Py_ssize_t>(how.components.size());
  return new_packed(&count, 1, how.format.c_str(), Py_None);
}

/// What bpy tells of a leg now; null where that is no such value.
Ref told(const Leg& leg, const ToldValue& how, PyObject* one) {
  Ref packed = buffer_for(how);
  return pack_told(how, leg.property.get(), one, memcache_storage(packed.get()).data)
             ? std::move(packed)
             : Ref();
}

/// Runs a leg's kernel from the packed numbers to the cache, or a part of it.
void move(const Leg& leg, PyObject* packed, PyObject* cache, std::span<const jit::Span> region) {
  const jit::Plan* const plan = kernel_plan_of(leg.move.kernel.get());
  const StorageView storage = memcache_storage(cache);
  const StorageView source = memcache_storage(packed);
  if (!storage || !source)
    throw PythonError();
  const std::span<const std::int64_t> extents(leg.move.extents);
  const auto reach = cache_reach(*plan, extents);
  const auto other = source_reach(*plan, extents, {});
  const std::int64_t at = leg.move.cache_offset;
  if (!reach || !other || reach->low + at < 0 || reach->high + at > storage.nbytes ||
      other->low < 0 || other->high > source.nbytes)
    raise(PyExc_SystemError, "a trail's plan leaves the cache");
  jit::Transfer transfer;
  transfer.source = source.data;
  transfer.cache = storage.data + at;
  transfer.extents = extents;
  run_kernel(leg.move.kernel.get(), jit::Direction::refresh, transfer, region);
}

/// Where the steps lead now, if that is a struct of the kinds that the trail was made for.
std::optional<Reached> look(const Single& how, const Start& start) {
  const Trail& trail = *how.trail;
  auto reached = follow(trail, start.steps, as_watched(start.root));
  if (!reached || std::ranges::find(trail.list->kinds, Py_TYPE(reached->collection.get())) ==
                      trail.list->kinds.end())
    return std::nullopt;
  if (how.alone && (reached->counted.empty() || reached->counted.back() != 1))
    return std::nullopt;
  if (how.nothing && PyObject_Size(reached->collection.get()) != 0)
    return PyErr_Clear(), std::nullopt;
  auto* const owner = reinterpret_cast<PyObject*>(Py_TYPE(reached->id.get()));
  for (Py_ssize_t i = 0; i < PyTuple_Size(how.owners.get()); ++i)
    if (PyTuple_GetItem(how.owners.get(), i) == owner)
      return reached;
  return std::nullopt;
}

/// Blender to cache, or a part of it; false with nothing changed.
bool fill(const Single& how, const Reached& reached, const Target& target) {
  const Trail& trail = *how.trail;
  std::vector<Ref> all;
  for (std::size_t i = 0; i < trail.legs.size(); ++i) {
    all.push_back(told(trail.legs[i], *how.values[i], reached.collection.get()));
    if (!all.back())
      return false;
  }
  for (std::size_t i = 0; i < all.size(); ++i)
    if (const auto part = on_leg(trail.legs[i], target))
      move(trail.legs[i], all[i].get(), target.cache, part->region);
  return true;
}

/// Whether nothing speaks against an assignment (writing/permission.py): the datablock is the
/// file's own, no mode overwrites it, bpy lets us, no script hears of it.
bool may_write(const Single& how, const Start& start, const Reached& reached) {
  const Trail& trail = *how.trail;
  Watched* const root = as_watched(start.root);
  const bool own = is_own(reached, root);
  PyObject* const id = reached.id.get();
  return is_kept(reached, own, root->ref, start.steps,
                 !own && root->ref != nullptr && is_own(root)) &&
         !is_edited(id) && lets_write(id) &&
         (trail.by_user ? takes_writes(trail, id) : is_whole(trail, id)) &&
         no_mode_overwrites(trail) && !has_scripts(*trail.list) &&
         std::ranges::all_of(trail.legs, [&](const Leg& leg) {
           return lets_assign(leg, reached.collection.get()) && has_its_name(trail, leg, reached);
         });
}

/// The same of the layer that the struct is an element of, as `make_ready` does of its collection.
bool make_layer_ready(const Leg& leg, const Reached& reached) {
  if (!leg.writing.touches_layer)
    return true;
  Reached layer;
  layer.id = Ref::borrow(reached.id.get());
  layer.owner = attr(reached.owner.get(), names().data);
  if (!layer.owner)
    return PyErr_Clear(), false;
  return make_ready(leg, layer);
}

class SingleRun : public Run {
 public:
  SingleRun(std::shared_ptr<const Single> how, Start start, const Reached& reached, Roster picked)
      : Run(how->trail), how_(std::move(how)), root_(Ref::borrow(start.root)),
        start_(std::move(start)), kind_(Ref::borrow(kind_of(reached))), counted_(reached.counted),
        picked_(std::move(picked)), seen_(now()) {}

  bool refresh(PyObject* cache, PyObject* view) override;
  bool update(PyObject* cache, PyObject* view) override;
  [[nodiscard]] Moment seen() const override { return seen_; }
  [[nodiscard]] std::vector<Py_ssize_t> counted() const override { return counted_; }
  [[nodiscard]] Ref kinds() const override { return checked(PyTuple_Pack(1, kind_.get())); }
  [[nodiscard]] const std::vector<std::uint32_t>* uids() const override {
    return how_->picks ? &picked_.uids : nullptr;
  }

 private:
  static PyObject* kind_of(const Reached& reached) {
    return reinterpret_cast<PyObject*>(Py_TYPE(reached.collection.get()));
  }
  std::optional<Reached> again();
  /// bpy has one object for each datablock while it is held.
  [[nodiscard]] bool is_picked(const Reached& reached) const {
    return !how_->picks || picked_.structs.front().get() == reached.id.get();
  }
  std::optional<Target> target_of(PyObject* cache, PyObject* view) const;

  std::shared_ptr<const Single> how_;
  Ref root_; // a Watched
  Start start_;
  Ref kind_; // of the struct, as at enter
  std::vector<Py_ssize_t> counted_;
  Roster picked_; // the datablock as at enter, where an index counts it
  Moment seen_;   // when the trail last led to its struct
};

std::optional<Reached> SingleRun::again() {
  auto found = look(*how_, start_);
  if (!found || found->counted != counted_ || kind_of(*found) != kind_.get())
    return std::nullopt;
  const Watched* const root = as_watched(root_.get());
  seen_ = root->ref != nullptr ? root->seen : now();
  return found;
}

/// Nothing for a part that the routes know better.
std::optional<Target> SingleRun::target_of(PyObject* cache, PyObject* view) const {
  Target target{cache, 0, region_of(cache, view)};
  const bool is_empty =
      std::ranges::any_of(target.region, [](const jit::Span& span) { return span.count == 0; });
  return is_empty || !divides(trail(), target.region) ? std::nullopt : std::optional(target);
}

bool SingleRun::refresh(PyObject* cache, PyObject* view) {
  if (stale(trail()) || !is_free())
    return false;
  const auto target = target_of(cache, view);
  const auto reached = target ? again() : std::nullopt;
  return reached && fill(*how_, *reached, *target);
}

bool SingleRun::update(PyObject* cache, PyObject* view) {
  if (stale(trail()) || !is_free() || !how_->writes ||
      std::ranges::any_of(trail().legs, [](const Leg& leg) { return !leg.writing.given; }))
    return false;
  const std::shared_ptr<const Single> how = how_; // whatever an assignment's code drops
  const auto target = target_of(cache, view);
  auto reached = target ? again() : std::nullopt;
  if (!reached || !is_picked(*reached) || !may_write(*how, start_, *reached))
    return false;
  std::vector<Wanted> all;
  for (const Leg& leg : how->trail->legs)
    if (const auto part = on_leg(leg, *target)) {
      all.emplace_back(*how->trail, leg, *part, 1);
      if (!all.back().is_possible() || !Leads()(all.back(), *reached, 0))
        return false;
    }
  for (const Wanted& wanted : all)
    if (!make_layer_ready(wanted.leg(), *reached))
      return false;
  for (const Wanted& wanted : all) {
    reached = again(); // what went before may have moved it: an array of its own, a script's code
    if (!reached || !is_picked(*reached))
      return false;
    const Ref objects = checked(PyList_New(1));
    PyList_SetItem(objects.get(), 0, Ref::borrow(reached->collection.get()).release());
    // Declined: the routes write all of it again, and say how far that went.
    if (!assign_all(*how->trail, *reached, objects.get(), wanted))
      return false;
  }
  return true;
}

/// The datablock that an index counts; nothing where its uid is not told.
std::optional<Roster> picked_by(const Single& how, const Reached& reached) {
  std::vector<Ref> ids;
  ids.push_back(Ref::borrow(reached.id.get()));
  return how.picks ? members_of(std::move(ids), how.places, nullptr) : std::optional(Roster());
}

bool may_follow(const Single& how, const Start& start) {
  return !stale(*how.trail) && as_watched(start.root) != nullptr && is_free();
}

} // namespace

std::shared_ptr<const Single> read_single(PyObject* description) {
  auto how = std::make_shared<Single>();
  how->trail = read_trail(description);
  PyObject* const values = PyDict_GetItemString(description, "values");
  PyObject* const owners = PyDict_GetItemString(description, "owners");
  if (values == nullptr || owners == nullptr || PyTuple_Check(values) == 0 ||
      PyTuple_Check(owners) == 0 || !how->trail->list)
    raise(PyExc_TypeError, "a struct's trail has values, owners and a list");
  for (Py_ssize_t i = 0; i < PyTuple_Size(values); ++i)
    how->values.push_back(read_told(PyTuple_GetItem(values, i)));
  if (how->values.size() != how->trail->legs.size())
    raise(PyExc_ValueError, "a struct's trail has values for each leg");
  how->owners = Ref::borrow(owners);
  how->picks = PyDict_GetItemString(description, "picks") == Py_True;
  how->alone = PyDict_GetItemString(description, "alone") == Py_True;
  how->nothing = PyDict_GetItemString(description, "nothing") == Py_True;
  how->writes = PyDict_GetItemString(description, "writes") != Py_False;
  if (PyObject* const places = PyDict_GetItemString(description, "places"))
    how->places = places_of(places);
  return how;
}

std::unique_ptr<Run> enter_single(std::shared_ptr<const Single> how, Start start, PyObject* wrapper,
                                  Ref& cache) {
  const auto reached = may_follow(*how, start) ? look(*how, start) : std::nullopt;
  auto picked = reached ? picked_by(*how, *reached) : std::nullopt;
  if (!picked)
    return nullptr;
  Ref filled = cache ? Ref::borrow(cache.get()) : allocate_cache(*how->trail, {}, wrapper);
  if (!fill(*how, *reached, {filled.get(), 0, {}}))
    return nullptr;
  cache = std::move(filled);
  return std::make_unique<SingleRun>(std::move(how), std::move(start), *reached,
                                     std::move(*picked));
}

std::unique_ptr<Run> adopt_single(std::shared_ptr<const Single> how, Start start) {
  const auto reached = may_follow(*how, start) ? look(*how, start) : std::nullopt;
  auto picked = reached ? picked_by(*how, *reached) : std::nullopt;
  if (!picked)
    return nullptr;
  return std::make_unique<SingleRun>(std::move(how), std::move(start), *reached,
                                     std::move(*picked));
}

} // namespace rnaslicer::runtime
