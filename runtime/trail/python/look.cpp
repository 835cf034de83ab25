// runtime/trail/python/look.cpp: the type Look: whether geometry is whole, for Python.
#include "runtime/bindings.hpp"
#include "runtime/trail/python/holder.hpp"
#include "runtime/trail/whole.hpp"

namespace rnaslicer::runtime {

namespace {

PyTypeObject* look_type = nullptr; // made once per process, never freed

PyObject* look_new(PyTypeObject* type, PyObject* args, PyObject* kwargs) {
  return guarded([&]() -> PyObject* {
    static const char* const keywords[] = {"stamp", nullptr};
    PyObject* stamp = nullptr;
    if (PyArg_ParseTupleAndKeywords(args, kwargs, "O!:Look", const_cast<char**>(keywords),
                                    &PyDict_Type, &stamp) == 0)
      return nullptr;
    auto whole = std::make_shared<const Whole>(read_whole(stamp));
    if (!whole->look)
      raise(PyExc_ValueError, "a look needs places");
    return new_holder<Whole>(type, std::move(whole));
  });
}

PyObject* asked(PyObject* self, PyObject* owner, bool (*how)(const Surface&, PyObject*)) {
  return guarded([&]() -> PyObject* {
    const std::shared_ptr<const Whole> places = held_by<Whole>(self);
    return PyBool_FromLong(static_cast<long>(how(*places->look, owner)));
  });
}

PyObject* look_surface(PyObject* self, PyObject* owner) { return asked(self, owner, has_surface); }
PyObject* look_whole(PyObject* self, PyObject* owner) { return asked(self, owner, has_edges); }

PyObject* look_still_whole(PyObject* self, PyObject* owner) {
  return guarded([&]() -> PyObject* {
    const std::shared_ptr<const Whole> places = held_by<Whole>(self);
    return PyBool_FromLong(static_cast<long>(is_whole(*places, owner)));
  });
}

PyObject* look_stale(PyObject* self, void*) {
  return PyBool_FromLong(
      static_cast<long>(held_by<Whole>(self)->look->generation != trail_generation()));
}

PyMethodDef methods[] = {
    // CPython keeps pointers into it
    {"surface", look_surface, METH_O,
     PyDoc_STR("surface($self, mesh, /)\n--\n\nTrue if the polygons divide the corners among them, "
               "and those lead to vertices; False where that has to be looked at in another way.")},
    {"whole", look_whole, METH_O,
     PyDoc_STR("whole($self, owner, /)\n--\n\nThe same of the edges, too, or of the points that "
               "hair curves divide among them.")},
    {"still_whole", look_still_whole, METH_O,
     PyDoc_STR(
         "still_whole($self, owner, /)\n--\n\nThe same, without looking again at a mesh that was "
         "whole and has not been made anew since: for writes.")},
    {nullptr, nullptr, 0, nullptr},
};

PyGetSetDef getset[] = {
    // CPython keeps pointers into it
    {"stale", look_stale, nullptr, PyDoc_STR("Whether it only says False since forget_trails()."),
     nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

PyType_Slot look_slots[] = {
    {Py_tp_doc, const_cast<char*>("Where geometry is looked at (layout/layers.py).")},
    {Py_tp_new, reinterpret_cast<void*>(look_new)},
    {Py_tp_dealloc, reinterpret_cast<void*>(dealloc_holder<Whole>)},
    {Py_tp_methods, methods},
    {Py_tp_getset, getset},
    {0, nullptr},
};
PyType_Spec look_spec = {"rnaslicer._core.Look", sizeof(Holder<Whole>), 0,
                         Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE, look_slots};

} // namespace

int register_look(PyObject* module) { return register_type(module, "Look", look_type, look_spec); }

} // namespace rnaslicer::runtime
