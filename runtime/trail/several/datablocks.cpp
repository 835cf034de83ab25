// runtime/trail/several/datablocks.cpp: bpy's assignments to many datablocks.
#include "runtime/trail/several/datablocks.hpp"

#include "runtime/trail/run.hpp"

#include <algorithm>

namespace rnaslicer::runtime {

namespace {

/// Whether an update asks more of each datablock than its mode, and tells each what is stale:
/// geometry, shape keys.
bool is_geometry(const Trail& trail) {
  return trail.by_user ||
         std::ranges::any_of(trail.legs, [](const Leg& leg) { return leg.writing.tags; });
}

} // namespace

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

} // namespace rnaslicer::runtime
