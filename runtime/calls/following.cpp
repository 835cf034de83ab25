// runtime/calls/following.cpp: what follows from a write of vertices' places, which bpy's own
// foreach_set leaves undone: as after a trail's, however the values were given.
#include "runtime/bindings.hpp"
#include "runtime/blender/names.hpp"
#include "runtime/calls/geometry.hpp"
#include "runtime/calls/kind.hpp"

#include <cmath>

namespace rnaslicer::runtime {

namespace {

/// Whether a place is one that its setter stores as it is: it makes infinities the largest floats.
bool is_finite(PyObject* numbers) {
  for (Py_ssize_t i = 0; i < PyTuple_Size(numbers); ++i)
    if (!std::isfinite(PyFloat_AsDouble(PyTuple_GetItem(numbers, i))))
      return false;
  return PyErr_Occurred() == nullptr && PyTuple_Size(numbers) > 0;
}

/// Gives the first vertex its own place, if the collection is one of vertices and Blender may
/// derive something from them now. Where that place is none that stays so, the mesh is updated.
void follow(const Call& call) {
  const Ref mesh = asked(call.collection, names().data);
  if (!is_named(mesh.get(), "Mesh"))
    return;
  const Ref vertices = asked(mesh.get(), names().vertices);
  const int same = PyObject_RichCompareBool(vertices.get(), call.collection, Py_EQ);
  if (same < 0)
    throw PythonError();
  if (same == 0 || PyObject_Size(vertices.get()) <= 0 || !is_still_whole(call, mesh.get()))
    return;
  const Ref first = checked(PySequence_GetItem(vertices.get(), 0));
  const Ref place = asked(first.get(), names().co);
  const Ref numbers = checked(PySequence_Tuple(place.get()));
  if (!is_finite(numbers.get()))
    checked(PyObject_CallMethodObjArgs(mesh.get(), names().update, nullptr));
  else if (PyObject_SetAttr(first.get(), names().co, numbers.get()) < 0)
    throw PythonError();
}

PyObject* follow_places(PyObject*, PyObject* args) {
  return guarded([&]() -> PyObject* {
    Call call;
    if (PyArg_ParseTuple(args, "OO!:follow_places", &call.collection, &PyDict_Type, &call.tables) ==
        0)
      return nullptr;
    try {
      follow(call);
    } catch (const PythonError&) {
      drop_error(); // the values are there, as by bpy's own call
    }
    Py_RETURN_NONE;
  });
}

PyMethodDef functions[] = {
    // CPython keeps pointers into it
    {"follow_places", follow_places, METH_VARARGS,
     PyDoc_STR("follow_places(collection, tables, /)\n--\n\nAfter values were written: if these "
               "are the places of a "
               "mesh's vertices, gives the first its own again, so that what Blender derives from "
               "them is made anew.")},
    {nullptr, nullptr, 0, nullptr},
};

} // namespace

int register_following(PyObject* module) { return PyModule_AddFunctions(module, functions); }

} // namespace rnaslicer::runtime
