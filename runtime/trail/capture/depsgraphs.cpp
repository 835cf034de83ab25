// runtime/trail/capture/depsgraphs.cpp: what supplier/depsgraph.py does for a depsgraph that was
// captured before.
#include "runtime/trail/capture/depsgraphs.hpp"

#include "runtime/bindings.hpp"
#include "runtime/blender/bpy.hpp"
#include "runtime/blender/names.hpp"
#include "runtime/supplier/evaluated.hpp"
#include "runtime/supplier/moment.hpp"
#include "runtime/trail/capture/paths.hpp"

#include <utility>
#include <vector>

namespace rnaslicer::runtime {

namespace {

/// The roots of depsgraphs that were captured last, and the steps to each collection by its name.
/// Never freed.
struct Noted {
  Ref kind, steps; ///< bpy's class Depsgraph; a dict
  std::vector<Ref> roots;
};
Noted& noted() {
  static auto* const all = new Noted;
  return *all;
}

bool is_equal(PyObject* one, PyObject* other) {
  return PyObject_RichCompareBool(one, other, Py_EQ) > 0;
}

/// The steps to the collection that `member` is; empty where it is none of the depsgraph's.
Ref steps_to(PyObject* graph, PyObject* member) {
  const Ref all = Ref::borrow(noted().steps.get());
  PyObject* name = nullptr;
  PyObject* steps = nullptr;
  for (Py_ssize_t at = 0; PyDict_Next(all.get(), &at, &name, &steps) != 0;) {
    const Ref found = attr(graph, name);
    if (found && is_equal(found.get(), member))
      return Ref::borrow(steps);
  }
  return {};
}

/// Whether a depsgraph is that of the scene's view layer of this name.
bool is_of_layer(PyObject* graph, PyObject* scene, PyObject* name) {
  const Ref layers = attr(scene, names().view_layers);
  const Ref layer =
      layers ? Ref::steal(PyObject_CallMethodObjArgs(layers.get(), names().get, name, nullptr))
             : Ref();
  const Ref own = layer && layer.get() != Py_None ? attr(layer.get(), names().depsgraph) : Ref();
  const auto address = own && own.get() != Py_None ? address_of(own.get()) : std::nullopt;
  return address && address == address_of(graph);
}

/// The root that was noted of a scene's view layer.
Ref root_for(PyObject* scene_root, PyObject* name) {
  for (const Ref& root : noted().roots) {
    const Ref scene = attr(root.get(), names().own_scene);
    const Ref layer = scene.get() == scene_root ? attr(root.get(), names().own_layer) : Ref();
    if (layer && is_equal(layer.get(), name))
      return Ref::borrow(root.get());
  }
  return {};
}

PyObject* note_depsgraph(PyObject*, PyObject* args) {
  PyObject* root = nullptr;
  PyObject* kind = nullptr;
  PyObject* steps = nullptr;
  if (PyArg_ParseTuple(args, "OO!O!:note_depsgraph", &root, &PyType_Type, &kind, &PyDict_Type,
                       &steps) == 0)
    return nullptr;
  return guarded([&]() -> PyObject* {
    constexpr std::size_t most = 16;
    if (as_watched(root) == nullptr)
      raise(PyExc_TypeError, "note_depsgraph: a root is needed");
    Noted& all = noted();
    all.kind = Ref::borrow(kind);
    all.steps = Ref::borrow(steps);
    std::vector<Ref> roots;
    roots.push_back(Ref::borrow(root));
    for (Ref& one : all.roots)
      if (roots.size() < most)
        roots.push_back(std::move(one));
    all.roots.swap(roots); // what goes may run code
    Py_RETURN_NONE;
  });
}

PyMethodDef functions[] = {
    // CPython keeps pointers into it
    {"note_depsgraph", note_depsgraph, METH_VARARGS,
     PyDoc_STR("note_depsgraph(root, kind, steps, /)\n--\n\nThe root of a depsgraph that was "
               "captured; bpy's class of these; a dict of the steps to each collection by its "
               "name.")},
    {nullptr, nullptr, 0, nullptr},
};

} // namespace

Ref path_in_depsgraph(PyObject* graph, PyObject* member) {
  if (!noted().kind || reinterpret_cast<PyObject*>(Py_TYPE(graph)) != noted().kind.get())
    return {};
  const Ref steps = steps_to(graph, member);
  const Ref scene = steps ? attr(graph, names().scene) : Ref();
  const Ref layer = scene && scene.get() != Py_None ? attr(graph, names().view_layer) : Ref();
  const Ref name = layer && layer.get() != Py_None ? attr(layer.get(), names().name) : Ref();
  Watched* const found = name ? root_of(scene.get()) : nullptr;
  const Ref scene_root = Ref::borrow(reinterpret_cast<PyObject*>(found));
  if (!scene_root || !alive(found) || !is_of_layer(graph, scene.get(), name.get()))
    return {};
  const Ref root = root_for(scene_root.get(), name.get());
  Watched* const own = root ? as_watched(root.get()) : nullptr;
  return own != nullptr && depsgraph_by(own) ? new_path(root.get(), steps.get(), now()) : Ref();
}

int register_depsgraphs(PyObject* module) { return PyModule_AddFunctions(module, functions); }

} // namespace rnaslicer::runtime
