// runtime/trail/capture/owners.cpp: what leads to datablocks that are in no list of bpy.data.
#include "runtime/trail/capture/owners.hpp"

#include "runtime/bindings.hpp"
#include "runtime/blender/bpy.hpp"
#include "runtime/blender/names.hpp"
#include "runtime/supplier/evaluated.hpp"
#include "runtime/supplier/way.hpp"
#include "runtime/trail/capture/paths.hpp"
#include "runtime/trail/steps.hpp"

namespace rnaslicer::runtime {

namespace {

/// By address, or (type, name) of evaluated data, the Path that led to such last (capture.py).
/// Never freed.
Ref& owners() {
  static auto* const all = new Ref;
  return *all;
}

Ref noted(PyObject* key) {
  Ref found = Ref::borrow(PyDict_GetItemWithError(owners().get(), key));
  if (PyErr_Occurred() != nullptr)
    throw PythonError();
  return found;
}

/// Whether a root still says what its datablock is called; false, perhaps with an error, if not.
bool is_named(PyObject* root, PyObject* id) {
  const Ref key = attr(root, names().key);
  const Ref name = key && PyTuple_Check(key.get()) != 0 ? attr(id, names().name) : Ref();
  return name && PyObject_RichCompareBool(PyTuple_GetItem(key.get(), 0), name.get(), Py_EQ) > 0;
}

/// Whether what steps lead to is of nobody else: the data of an object could be another's, too,
/// unless it has one user.
bool leads_alone(PyObject* steps, PyObject* original) {
  if (PyTuple_Size(steps) == 0)
    return true;
  const Step first = read_step(PyTuple_GetItem(steps, 0));
  if (first.kind != StepKind::attribute ||
      PyObject_RichCompareBool(first.what.get(), names().data, Py_EQ) <= 0)
    return true;
  const Ref data = attr(original, names().data);
  const Ref users = data ? attr(data.get(), names().users) : Ref();
  return users && PyLong_AsLong(users.get()) == 1;
}

/// The datablock that the root of a way stands for now; empty, perhaps with an error, where Python
/// has to look: also once it is called otherwise.
Ref start_of(PyObject* root, PyObject* steps) {
  Watched* const watched = as_watched(root);
  if (watched == nullptr)
    return {};
  if (is_datablock_root(root)) {
    Ref id = alive(watched);
    return id && is_named(root, id.get()) ? std::move(id) : Ref();
  }
  Ref found = evaluated_by(watched);
  const Ref from = found ? attr(root, names().own_original) : Ref();
  Watched* const own = from ? as_watched(from.get()) : nullptr;
  const Ref original = own != nullptr ? alive(own) : Ref();
  return original && is_named(from.get(), original.get()) && leads_alone(steps, original.get())
             ? std::move(found)
             : Ref();
}

/// The way of a Path, anew, if it leads to that datablock.
Ref leading_to(PyObject* id, PyObject* path) {
  const Way* const way = as_way(path);
  if (way == nullptr)
    raise(PyExc_TypeError, "set_owners: an owner is a Path");
  const Ref root = Ref::borrow(way->root());
  const Ref steps = Ref::borrow(way->steps());
  Ref reached = start_of(root.get(), steps.get());
  for (Py_ssize_t i = 0; reached && i < PyTuple_Size(steps.get()); ++i)
    reached = take_step(read_step(PyTuple_GetItem(steps.get(), i)), reached.get());
  const bool is_it = reached && Py_TYPE(reached.get()) == Py_TYPE(id) &&
                     PyObject_RichCompareBool(reached.get(), id, Py_EQ) > 0;
  drop_error(); // Python looks for it; an interrupt goes on
  return is_it ? new_path(root.get(), steps.get(), now()) : Ref();
}

PyObject* owner_path_object(PyObject*, PyObject* id) {
  return guarded([&]() -> PyObject* {
    Ref path = is_id(id) ? owner_path(id) : Ref();
    return path ? path.release() : Ref::borrow(Py_None).release();
  });
}

PyObject* set_owners(PyObject*, PyObject* all) {
  if (PyDict_Check(all) == 0)
    return PyErr_SetString(PyExc_TypeError, "set_owners: a dict is needed"), nullptr;
  owners() = Ref::borrow(all);
  Py_RETURN_NONE;
}

PyMethodDef functions[] = {
    // CPython keeps pointers into it
    {"owner_path", owner_path_object, METH_O,
     PyDoc_STR("owner_path(id, /)\n--\n\nThe Path of a datablock that has no root of its own, as "
               "it was noted, if that leads to it now; else None.")},
    {"set_owners", set_owners, METH_O,
     PyDoc_STR("set_owners(owners, /)\n--\n\nThe dict in which Paths to such are noted: by "
               "address, or for evaluated data (type, name).")},
    {nullptr, nullptr, 0, nullptr},
};

} // namespace

Ref owner_path(PyObject* id) {
  if (!owners() || PyDict_Size(owners().get()) == 0)
    return {};
  const auto address = living_address_of(id);
  if (!address)
    return PyErr_Clear(), Ref();
  const Ref at = checked(PyLong_FromUnsignedLongLong(*address));
  if (const Ref path = noted(at.get()))
    if (Ref found = leading_to(id, path.get()))
      return found;
  const Ref name = attr(id, names().name);
  if (!name)
    return PyErr_Clear(), Ref();
  const Ref key = checked(PyTuple_Pack(2, reinterpret_cast<PyObject*>(Py_TYPE(id)), name.get()));
  const Ref path = noted(key.get());
  return path ? leading_to(id, path.get()) : Ref();
}

int register_owners(PyObject* module) { return PyModule_AddFunctions(module, functions); }

} // namespace rnaslicer::runtime
