// runtime/trail/several/structs.cpp: the structs that many collections are behind.
#include "runtime/trail/several/structs.hpp"

#include "runtime/blender/bpy.hpp"
#include "runtime/blender/names.hpp"
#include "runtime/supplier/roster.hpp"

namespace rnaslicer::runtime {

namespace {

/// Appends what bpy lists of a collection; how many, or -1.
Py_ssize_t append(PyObject* collection, PyObject* rows, std::vector<Ref>& structs) {
  const Ref picked = Ref::steal(PyObject_GetItem(collection, rows));
  if (!picked || PyList_Check(picked.get()) == 0)
    return PyErr_Clear(), -1;
  for (Py_ssize_t i = 0; i < PyList_Size(picked.get()); ++i)
    structs.push_back(Ref::borrow(PyList_GetItem(picked.get(), i)));
  return PyList_Size(picked.get());
}

/// All elements of the collections behind the structs, if these are equally long.
bool go_deeper(const Outer& outer, Structs& found) {
  const Ref all = checked(PySlice_New(nullptr, nullptr, nullptr));
  std::vector<Ref> inner;
  for (const Ref& one : found.structs) {
    const Ref collection = behind(one.get(), outer.mid);
    const Py_ssize_t count = collection ? append(collection.get(), all.get(), inner) : -1;
    if (count <= 0 || (found.width != 0 && count != found.width))
      return false;
    found.width = count;
  }
  found.structs = std::move(inner);
  return true;
}

/// The collection that the structs, or those above them, are elements of; empty where it is gone.
Ref collection_of(const Outer& outer, std::vector<Py_ssize_t>& counted) {
  Ref reached = struct_of(as_watched(outer.roots.front().get()));
  for (const Step& step : outer.steps) {
    if (reached && step.is_counted)
      counted.push_back(PyObject_Size(reached.get()));
    if (reached)
      reached = take_step(step, reached.get());
  }
  if (!reached)
    PyErr_Clear();
  return reached;
}

} // namespace

Ref behind(PyObject* from, const std::vector<Step>& steps) {
  Ref reached = Ref::borrow(from);
  for (const Step& step : steps)
    if (reached)
      reached = take_step(step, reached.get());
  if (!reached)
    PyErr_Clear();
  return reached;
}

std::optional<Structs> structs_of(const Outer& outer) {
  Structs found;
  if (Roster* const roster = outer.roster ? as_roster(outer.roster.get()) : nullptr) {
    if (!addresses_of(*roster))
      return std::nullopt;
    for (const Ref& one : roster->structs)
      found.structs.push_back(Ref::borrow(one.get()));
    return found;
  }
  if (outer.is_list) {
    found.structs.reserve(outer.roots.size());
    for (const Ref& root : outer.roots) {
      found.structs.push_back(alive(as_watched(root.get())));
      if (!found.structs.back())
        return std::nullopt;
    }
    return found;
  }
  const Ref collection = collection_of(outer, found.counted);
  found.length = collection ? PyObject_Size(collection.get()) : -1;
  if (found.length < 0 || append(collection.get(), outer.rows.get(), found.structs) < 0)
    return PyErr_Clear(), std::nullopt;
  if (!outer.mid.empty() && !go_deeper(outer, found))
    return std::nullopt;
  found.id = attr(collection.get(), names().id_data);
  PyErr_Clear();
  return found;
}

bool is_datablock(PyObject* object) {
  const Ref library = attr(object, names().library);
  PyErr_Clear();
  return static_cast<bool>(library);
}

} // namespace rnaslicer::runtime
