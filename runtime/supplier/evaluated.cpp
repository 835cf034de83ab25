// runtime/supplier/evaluated.cpp: evaluated datablocks, found without Python.
#include "runtime/supplier/evaluated.hpp"

#include "runtime/bindings.hpp"
#include "runtime/blender/bpy.hpp"
#include "runtime/blender/names.hpp"
#include "runtime/supplier/moment.hpp"

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

/// A root's view layer as it is now.
struct Layer {
  Ref scene, layer;
};
Layer layer_of(PyObject* root) {
  Layer found{of_root(root, names().own_scene), {}};
  const Ref layers = found.scene ? attr(found.scene.get(), names().view_layers) : Ref();
  const Ref name = layers ? attr(root, names().own_layer) : Ref();
  if (name)
    found.layer = unless_none(
        Ref::steal(PyObject_CallMethodObjArgs(layers.get(), names().get, name.get(), nullptr)));
  return found;
}

/// The depsgraph of the root's view layer.
Ref graph_of(PyObject* root) {
  const Layer found = layer_of(root);
  return found.layer ? unless_none(attr(found.layer.get(), names().depsgraph)) : Ref();
}

/// What Python keeps of evaluations: the class of such roots, bpy, a list of those that Blender
/// does for us now, the last event by kind. Never freed.
struct Evaluations {
  PyTypeObject* kind = nullptr;
  Ref bpy, going_on, last;
};
Evaluations& evaluations() {
  static auto* const kept = new Evaluations;
  return *kept;
}

/// Whether the view layer is the context's, which another one has to be made first.
bool is_current(const Layer& now, PyObject* context) {
  const Ref scene = attr(context, names().scene);
  const Ref layer = scene ? attr(context, names().view_layer) : Ref();
  return layer && PyObject_RichCompareBool(scene.get(), now.scene.get(), Py_EQ) > 0 &&
         PyObject_RichCompareBool(layer.get(), now.layer.get(), Py_EQ) > 0;
}

/// As `evaluate` in supplier/depsgraph.py, of the current view layer. False, perhaps with an error,
/// where it was not done.
bool evaluate(PyObject* root, const Layer& now) {
  const Evaluations& all = evaluations();
  if (!is_free() || PyList_Size(all.going_on.get()) != 0) // a handler that runs within one
    return false;
  const Ref context = attr(all.bpy.get(), names().context);
  const Ref name = context && is_current(now, context.get()) ? attr(root, names().name) : Ref();
  if (!name)
    return false;
  PyObject* const before = PyDict_GetItemString(all.last.get(), "evaluation");
  const Ref entry = checked(PyTuple_Pack(2, name.get(), before != nullptr ? before : Py_None));
  if (PyList_Append(all.going_on.get(), entry.get()) < 0)
    return false;
  const Ref graph = Ref::steal(
      PyObject_CallMethodObjArgs(context.get(), names().evaluated_depsgraph_get, nullptr));
  const StashedError stashed;
  const Py_ssize_t count = PyList_Size(all.going_on.get());
  return PyList_SetSlice(all.going_on.get(), count - 1, count, nullptr) == 0 && graph;
}

PyObject* set_depsgraph(PyObject*, PyObject* args) {
  PyObject* kind = nullptr;
  PyObject* bpy = nullptr;
  PyObject* going_on = nullptr;
  PyObject* last = nullptr;
  if (PyArg_ParseTuple(args, "O!OO!O!:set_depsgraph", &PyType_Type, &kind, &bpy, &PyList_Type,
                       &going_on, &PyDict_Type, &last) == 0)
    return nullptr;
  evaluations() = {reinterpret_cast<PyTypeObject*>(Ref::borrow(kind).release()), Ref::borrow(bpy),
                   Ref::borrow(going_on), Ref::borrow(last)};
  Py_RETURN_NONE;
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
    {"set_depsgraph", set_depsgraph, METH_VARARGS,
     PyDoc_STR("set_depsgraph(kind, bpy, going_on, last, /)\n--\n\nThe class DepsgraphRoot; bpy; a "
               "list of (name, last evaluation before) of the depsgraphs that Blender evaluates "
               "for us now; the last event by kind.")},
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

Ref depsgraph_by(Watched* root) {
  auto* const object = reinterpret_cast<PyObject*>(root);
  if (evaluations().kind == nullptr || Py_TYPE(object) != evaluations().kind)
    return {};
  const Ref holder = Ref::borrow(object); // whatever bpy runs drops
  const Layer now = layer_of(object);
  const bool is_done = now.layer && evaluate(object, now);
  Ref graph = is_done ? graph_of(object) : Ref(); // handlers may have removed it
  drop_error();                                   // an interrupt goes on
  return graph;
}

int register_evaluated(PyObject* module) { return PyModule_AddFunctions(module, functions); }

} // namespace rnaslicer::runtime
