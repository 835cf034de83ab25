// runtime/trail/python/picked.cpp: the type PickedTrail: elements that indices or a mask name.
#include "runtime/bindings.hpp"
#include "runtime/memcache/memcache.hpp"
#include "runtime/trail/python/holder.hpp"
#include "runtime/trail/several/listed.hpp"

namespace rnaslicer::runtime {

namespace {

PyTypeObject* picked_type = nullptr; // made once per process, never freed

PyObject* picked_new(PyTypeObject* type, PyObject* args, PyObject*) {
  return guarded([&]() -> PyObject* {
    PyObject* description = nullptr;
    if (PyArg_ParseTuple(args, "O!:PickedTrail", &PyDict_Type, &description) == 0)
      return nullptr;
    return new_holder<Trail>(type, read_trail(description));
  });
}

PyObject* picked_enter(PyObject* self, PyObject* args) {
  return guarded([&]() -> PyObject* {
    PyObject* root = nullptr;
    PyObject* steps = nullptr;
    PyObject* item = nullptr;
    PyObject* wrapper = nullptr;
    PyObject* into = nullptr;
    if (PyArg_ParseTuple(args, "OOOOO:enter", &root, &steps, &item, &wrapper, &into) == 0)
      return nullptr;
    if (into != Py_None && !memcache_check(into))
      raise(PyExc_TypeError, "a MemCache is filled, or None");
    Ref cache = into == Py_None ? Ref() : Ref::borrow(into);
    auto run = enter_any_picked(held_by<Trail>(self), start_of(root, steps), item, wrapper, cache);
    return entered(std::move(run), cache);
  });
}

PyObject* picked_adopt(PyObject* self, PyObject* args) {
  return guarded([&]() -> PyObject* {
    PyObject* root = nullptr;
    PyObject* steps = nullptr;
    PyObject* item = nullptr;
    Py_ssize_t rows = 0;
    if (PyArg_ParseTuple(args, "OOOn:adopt", &root, &steps, &item, &rows) == 0)
      return nullptr;
    return adopted(adopt_any_picked(held_by<Trail>(self), start_of(root, steps), item, rows));
  });
}

PyObject* picked_stale(PyObject* self, void*) {
  return PyBool_FromLong(static_cast<long>(stale(*held_by<Trail>(self))));
}

PyMethodDef methods[] = {
    // CPython keeps pointers into it
    {"enter", picked_enter, METH_VARARGS,
     PyDoc_STR("enter($self, root, steps, item, wrapper, into, /)\n--\n\n(Run, filled MemCache, "
               "None), or None where the trail declines. item: parsed indices or a mask. into: the "
               "MemCache to fill, or None.")},
    {"adopt", picked_adopt, METH_VARARGS,
     PyDoc_STR("adopt($self, root, steps, item, rows, /)\n--\n\nThe Run of an enter of so many "
               "rows that was done already, or None.")},
    {nullptr, nullptr, 0, nullptr},
};

PyGetSetDef properties[] = {
    {"stale", picked_stale, nullptr, PyDoc_STR("Whether it declines since forget_trails()."),
     nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

PyType_Slot slots[] = {
    {Py_tp_doc, const_cast<char*>("PickedTrail(description)\n--\n\nElements that indices or a mask "
                                  "name, told at each enter (transfer/composed/picked.py).")},
    {Py_tp_new, reinterpret_cast<void*>(picked_new)},
    {Py_tp_dealloc, reinterpret_cast<void*>(dealloc_holder<Trail>)},
    {Py_tp_methods, methods},
    {Py_tp_getset, properties},
    {0, nullptr},
};
PyType_Spec spec = {RNASLICER_TYPE_NAME("PickedTrail"), sizeof(Holder<Trail>), 0,
                    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE, slots};

} // namespace

int register_picked_trail(PyObject* module) {
  return register_type(module, "PickedTrail", picked_type, spec);
}

} // namespace rnaslicer::runtime
