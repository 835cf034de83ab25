// runtime/trail/python/picked.cpp: the type PickedTrail: elements that indices or a mask name.
#include "runtime/bindings.hpp"
#include "runtime/memcache/memcache.hpp"
#include "runtime/trail/python/holder.hpp"
#include "runtime/trail/several/listed.hpp"
#include "runtime/trail/steps.hpp"

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

PyObject* picked(PyObject*, PyObject* args) {
  PyObject* item = nullptr;
  Py_ssize_t length = 0;
  if (PyArg_ParseTuple(args, "On:picked", &item, &length) == 0)
    return nullptr;
  return guarded([&]() -> PyObject* {
    const auto found = picked_of(item, length);
    if (!found)
      Py_RETURN_NONE;
    return PyBytes_FromStringAndSize(
        reinterpret_cast<const char*>(found->data()),
        static_cast<Py_ssize_t>(found->size() * sizeof found->front()));
  });
}

PyMethodDef functions[] = {
    // CPython keeps pointers into it
    {"picked", picked, METH_VARARGS,
     PyDoc_STR("picked(item, length, /)\n--\n\nThe numbers from 0 that parsed indices, a mask or a "
               "range name of so many elements, as bytes of int64. None where they name others, or "
               "none.")},
    {nullptr, nullptr, 0, nullptr},
};

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
  if (register_type(module, "PickedTrail", picked_type, spec) < 0)
    return -1;
  return PyModule_AddFunctions(module, functions);
}

} // namespace rnaslicer::runtime
