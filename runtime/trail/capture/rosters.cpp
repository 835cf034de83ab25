// runtime/trail/capture/rosters.cpp: a list of datablocks as one root, captured as
// supplier/roster.py does it.
#include "runtime/trail/capture/rosters.hpp"

#include "runtime/bindings.hpp"
#include "runtime/blender/bpy.hpp"
#include "runtime/supplier/roster.hpp"

namespace rnaslicer::runtime {

namespace {

/// What Python gave: the class of such roots; by class of datablocks the list of bpy.data that has
/// them; whether one of a class may become one of another; where datablocks keep who they are, once
/// that is known. Never freed.
struct Given {
  Ref root, homes, changing, places;
};
Given& given() {
  static auto* const all = new Given;
  return *all;
}

PyObject* set_rosters(PyObject*, PyObject* args) {
  PyObject* root = nullptr;
  PyObject* homes = nullptr;
  PyObject* changing = nullptr;
  if (PyArg_ParseTuple(args, "O!O!O!:set_rosters", &PyType_Type, &root, &PyDict_Type, &homes,
                       &PyDict_Type, &changing) == 0)
    return nullptr;
  given() = {Ref::borrow(root), Ref::borrow(homes), Ref::borrow(changing),
             std::exchange(given().places, {})};
  Py_RETURN_NONE;
}

PyObject* set_id_places(PyObject*, PyObject* places) {
  return guarded([&]() -> PyObject* {
    places_of(places); // raises for what is none
    const Ref old = std::exchange(given().places, Ref::borrow(places));
    Py_RETURN_NONE;
  });
}

/// All datablocks of a list of bpy.data, as bpy gives them now.
Ref members_now(PyObject* list_name) {
  const Ref bpy = checked(PyImport_ImportModule("bpy"));
  const Ref data = checked(PyObject_GetAttrString(bpy.get(), "data"));
  const Ref list = checked(PyObject_GetAttr(data.get(), list_name));
  return checked(PyObject_CallMethod(list.get(), "values", nullptr));
}

PyMethodDef functions[] = {
    // CPython keeps pointers into it
    {"set_rosters", set_rosters, METH_VARARGS,
     PyDoc_STR("set_rosters(root, homes, changing, /)\n--\n\nThe class of lists' roots; by class "
               "of datablocks the name of their list in bpy.data, and whether one may become one "
               "of another class.")},
    {"set_id_places", set_id_places, METH_O,
     PyDoc_STR("set_id_places(places, /)\n--\n\nWhere datablocks keep who they are, as for "
               "roster_of.")},
    {nullptr, nullptr, 0, nullptr},
};

} // namespace

bool is_list_root(PyObject* object) {
  return given().root && reinterpret_cast<PyObject*>(Py_TYPE(object)) == given().root.get();
}

Ref known_roster(PyObject* list) {
  if (!given().root)
    return {};
  const bool is_list = PyList_CheckExact(list) != 0;
  if ((!is_list && PyTuple_CheckExact(list) == 0) || PySequence_Size(list) <= 0)
    return {};
  const Ref first = checked(PySequence_GetItem(list, 0));
  auto* const kind = reinterpret_cast<PyObject*>(Py_TYPE(first.get()));
  PyObject* const name = PyDict_GetItemWithError(given().homes.get(), kind);
  const Ref list_name = name != nullptr ? Ref::borrow(name) : Ref();
  if (PyErr_Occurred() != nullptr ||
      PyDict_GetItemWithError(given().changing.get(), kind) != Py_False || !list_name)
    return PyErr_Clear(), Ref();
  const Ref members = members_now(list_name.get());
  const Ref places = given().places ? Ref::borrow(given().places.get()) : Ref::borrow(Py_None);
  const Ref native = PyList_Check(members.get()) != 0
                         ? captured_roster(list, members.get(), places_of(places.get()))
                         : Ref();
  if (!native)
    return {};
  const Ref root = Ref::borrow(given().root.get());
  return checked(
      PyObject_CallFunctionObjArgs(root.get(), native.get(), kind, list_name.get(), nullptr));
}

int register_rosters(PyObject* module) { return PyModule_AddFunctions(module, functions); }

} // namespace rnaslicer::runtime
