// runtime/supplier/evaluated.cpp: evaluated datablocks, found without Python.
#include "runtime/supplier/evaluated.hpp"

#include "runtime/bindings.hpp"
#include "runtime/blender/bpy.hpp"
#include "runtime/blender/names.hpp"

namespace rnaslicer::runtime {

namespace {

PyTypeObject* evaluated_type = nullptr; // Python's class of such roots, never freed

/// The datablock of a root that is another's attribute; empty where Python has to look for it.
Ref of_root(PyObject* root, PyObject* name) {
  const Ref found = attr(root, name);
  Watched* const own = found ? as_watched(found.get()) : nullptr;
  return own != nullptr && own->ref != nullptr ? alive(own) : Ref();
}

/// None counts as nothing.
Ref unless_none(Ref found) { return found.get() == Py_None ? Ref() : std::move(found); }

/// The depsgraph of the root's view layer.
Ref graph_of(PyObject* root) {
  const Ref scene = of_root(root, names().own_scene);
  const Ref layers = scene ? attr(scene.get(), names().view_layers) : Ref();
  const Ref name = layers ? attr(root, names().own_layer) : Ref();
  const Ref layer = name ? unless_none(Ref::steal(PyObject_CallMethodObjArgs(
                               layers.get(), names().get, name.get(), nullptr)))
                         : Ref();
  return layer ? unless_none(attr(layer.get(), names().depsgraph)) : Ref();
}

PyObject* set_evaluated(PyObject*, PyObject* kind) {
  if (PyType_Check(kind) == 0)
    return PyErr_SetString(PyExc_TypeError, "set_evaluated: a class is needed"), nullptr;
  evaluated_type = reinterpret_cast<PyTypeObject*>(Ref::borrow(kind).release());
  Py_RETURN_NONE;
}

PyMethodDef functions[] = {
    // CPython keeps pointers into it
    {"set_evaluated", set_evaluated, METH_O,
     PyDoc_STR("set_evaluated(kind, /)\n--\n\nThe class EvaluatedRoot.")},
    {nullptr, nullptr, 0, nullptr},
};

} // namespace

Ref evaluated_by(Watched* root) {
  auto* const object = reinterpret_cast<PyObject*>(root);
  if (Py_TYPE(object) != evaluated_type)
    return {};
  const Ref holder = Ref::borrow(object); // whatever bpy runs drops
  const Ref original = of_root(object, names().own_original);
  const Ref graph = original ? graph_of(object) : Ref();
  Ref found = graph ? Ref::steal(PyObject_CallMethodObjArgs(original.get(), names().evaluated_get,
                                                            graph.get(), nullptr))
                    : Ref();
  const Ref is_evaluated = found ? attr(found.get(), names().is_evaluated) : Ref();
  drop_error(); // an interrupt goes on
  return is_evaluated.get() == Py_True ? std::move(found) : Ref();
}

int register_evaluated(PyObject* module) { return PyModule_AddFunctions(module, functions); }

} // namespace rnaslicer::runtime
