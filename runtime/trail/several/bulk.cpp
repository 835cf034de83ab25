// runtime/trail/several/bulk.cpp: what is asked before the elements of a list are written at once,
// and before bpy assigns many datablocks.
#include "runtime/trail/several/bulk.hpp"

#include "runtime/blender/bpy.hpp"
#include "runtime/blender/names.hpp"
#include "runtime/blender/scripts.hpp"
#include "runtime/blender/subscribers.hpp"
#include "runtime/trail/run.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace rnaslicer::runtime {

namespace {

/// Whether the kernel was seen to store what bpy's assignment stores in elements of a class;
/// nothing where nobody has looked.
std::optional<bool> stores_as_assigned(const Listing& list, PyObject* property, PyObject* kind) {
  std::optional<bool> seen;
  for (const Ref& name : list.names) {
    const Ref key = checked(PyTuple_Pack(3, name.get(), property, kind));
    if (const PyObject* const found = PyDict_GetItem(list.as_assigned.get(), key.get()))
      seen = seen.value_or(false) || found == Py_True;
  }
  return seen;
}

/// Whether an update asks more of each datablock than its mode, and tells each what is stale:
/// geometry, shape keys.
bool is_geometry(const Trail& trail) {
  return trail.by_user ||
         std::ranges::any_of(trail.legs, [](const Leg& leg) { return leg.writing.tags; });
}

} // namespace

Writes who_writes(const Trail& trail, const Leg& leg, std::size_t count, PyObject* told) {
  if (!lets_assign(leg, told))
    return Writes::as_routes;
  const auto seen = stores_as_assigned(*trail.list, leg.property.get(),
                                       reinterpret_cast<PyObject*>(Py_TYPE(told)));
  if (!seen && count == 1)
    return Writes::bpy;
  return seen.value_or(false) ? Writes::kernel : Writes::as_routes;
}

bool has_scripts(const Listing& list) {
  return list.script_bases &&
         has_scripts(list.script_bases.get(), list.script_names.get(), list.built_in.get());
}

bool hears_nobody(const Listing& list, std::span<const std::int64_t> elements,
                  std::vector<PyTypeObject*> kinds, PyTypeObject* told) {
  kinds.push_back(told);
  std::ranges::sort(kinds);
  kinds.erase(std::unique(kinds.begin(), kinds.end()), kinds.end());
  return !has_scripts(list) && !may_hear(list.bus.get(), elements, kinds, told);
}

Writes who_writes(const Trail& trail, const Leg& leg, std::span<const std::int64_t> elements,
                  std::vector<PyTypeObject*> kinds, PyObject* told) {
  const Writes who = who_writes(trail, leg, elements.size(), told);
  return who == Writes::kernel &&
                 !hears_nobody(*trail.list, elements, std::move(kinds), Py_TYPE(told))
             ? Writes::as_routes
             : who;
}

void tell(const Leg& leg, PyObject* told) {
  const Ref value = checked(PyObject_GetAttr(told, leg.property.get()));
  if (PyObject_SetAttr(told, leg.property.get(), value.get()) < 0)
    throw PythonError();
}

bool may_write(const Trail& trail, const Leg& leg, PyObject* objects) {
  const bool asks = is_geometry(trail);
  if (asks && !no_mode_overwrites(trail))
    return false;
  for (Py_ssize_t i = 0; i < PyList_Size(objects); ++i) {
    PyObject* const id = PyList_GetItem(objects, i);
    if (asks ? !takes_writes(trail, id) : is_edited(id))
      return false;
  }
  // An array of a custom property takes items even where bpy lets nobody write.
  return let_assign(leg, objects) &&
         (!leg.writing.given->item || lets_write(PyList_GetItem(objects, 0)));
}

bool assign_datablocks(const Trail& trail, PyObject* objects, const Wanted& wanted) {
  if (!is_geometry(trail))
    return assign_all(trail, {}, objects, wanted);
  try {
    for (Py_ssize_t i = 0; i < PyList_Size(objects); ++i) {
      Reached reached;
      reached.id = Ref::borrow(PyList_GetItem(objects, i));
      if (!assign_part(trail, reached, objects, wanted, i, i + 1))
        return false;
    }
  } catch (const PythonError&) {
    return drop_error(), false; // an interrupt goes on
  }
  return true;
}

bool Leads::operator()(const Wanted& wanted, const Reached& reached, std::int64_t row) {
  const Ref& name = wanted.leg().writing.indexed;
  if (!name)
    return true;
  const auto numbers = wanted.integers(row);
  if (!numbers)
    return false;
  auto [known, is_new] = counts_.try_emplace(reached.id.get(), -1);
  if (is_new) {
    const Ref indexed = attr(reached.id.get(), name.get());
    known->second = indexed ? PyObject_Size(indexed.get()) : -1;
    PyErr_Clear();
  }
  const Py_ssize_t count = known->second;
  return std::ranges::all_of(
      *numbers, [count](std::int32_t number) { return number >= 0 && number < count; });
}

void Untold::add(const Reached& reached) {
  if (known_.try_emplace(reached.id.get(), ids_.size()).second)
    ids_.push_back(Ref::borrow(reached.id.get()));
}

void Untold::settle(const Trail& trail, const Leg& leg) const {
  for (const Ref& id : ids_) {
    Reached reached;
    reached.id = Ref::borrow(id.get());
    runtime::settle(trail, leg, reached);
  }
}

} // namespace rnaslicer::runtime
