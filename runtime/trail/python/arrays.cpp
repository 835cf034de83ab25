// runtime/trail/python/arrays.cpp: the type ArrayTrail: the array of one struct.
#include "runtime/trail/own/arrays.hpp"

#include "runtime/bindings.hpp"
#include "runtime/memcache/memcache.hpp"
#include "runtime/trail/python/context.hpp"
#include "runtime/trail/python/holder.hpp"

namespace rnaslicer::runtime {

namespace {

PyTypeObject* array_type = nullptr; // made once per process, never freed

std::shared_ptr<const Arrays>& how_of(PyObject* self) { return held_by<Arrays>(self); }

PyObject* array_new(PyTypeObject* type, PyObject* args, PyObject*) {
  return guarded([&]() -> PyObject* {
    PyObject* description = nullptr;
    if (PyArg_ParseTuple(args, "O!:ArrayTrail", &PyDict_Type, &description) == 0)
      return nullptr;
    return new_holder<Arrays>(type, read_arrays(description));
  });
}

PyObject* array_enter(PyObject* self, PyObject* args) {
  return guarded([&]() -> PyObject* {
    PyObject* root = nullptr;
    PyObject* steps = nullptr;
    PyObject* wrapper = nullptr;
    PyObject* into = nullptr;
    if (PyArg_ParseTuple(args, "OOOO:enter", &root, &steps, &wrapper, &into) == 0)
      return nullptr;
    if (into != Py_None && !memcache_check(into))
      raise(PyExc_TypeError, "a MemCache is filled, or None");
    Ref cache = into == Py_None ? Ref() : Ref::borrow(into);
    auto run = enter_array(how_of(self), Start{root, read_steps(steps)}, wrapper, cache);
    return entered(std::move(run), cache);
  });
}

PyObject* array_adopt(PyObject* self, PyObject* args) {
  return guarded([&]() -> PyObject* {
    PyObject* root = nullptr;
    PyObject* steps = nullptr;
    PyObject* shape = nullptr;
    if (PyArg_ParseTuple(args, "OOO!:adopt", &root, &steps, &PyTuple_Type, &shape) == 0)
      return nullptr;
    return adopted(adopt_array(how_of(self), Start{root, read_steps(steps)}, extents_of(shape)));
  });
}

bool is_stale(PyObject* trail) { return stale(*how_of(trail)->trail); }

PyObject* array_stale(PyObject* self, void*) {
  return PyBool_FromLong(static_cast<long>(is_stale(self)));
}

Opened enter_along(PyObject* wrapper, PyObject* known, const Way& way) {
  const std::shared_ptr<const Arrays> how = how_of(PyTuple_GetItem(known, 0));
  const Ref steps = steps_beyond(way, known);
  Opened made;
  made.run = enter_array(how, Start{way.root(), read_steps(steps.get())}, wrapper, made.cache);
  return made;
}

PyObject* follow_array(PyObject*, PyObject* kind) {
  let_follow(kind, {is_stale, enter_along});
  Py_RETURN_NONE;
}

PyMethodDef functions[] = {
    // CPython keeps pointers into it
    {"follow_array", follow_array, METH_O,
     PyDoc_STR("follow_array(kind, /)\n--\n\nThe type of what is known of one array. After "
               "set_session.")},
    {nullptr, nullptr, 0, nullptr},
};

PyMethodDef methods[] = {
    // CPython keeps pointers into it
    {"enter", array_enter, METH_VARARGS,
     PyDoc_STR("enter($self, root, steps, wrapper, into, /)\n--\n\n(Run, filled MemCache, None), "
               "or None where the trail declines. into: the MemCache to fill, or None.")},
    {"adopt", array_adopt, METH_VARARGS,
     PyDoc_STR("adopt($self, root, steps, shape, /)\n--\n\nThe Run of an enter that was done "
               "already, to a cache of that shape, or None.")},
    {nullptr, nullptr, 0, nullptr},
};

PyGetSetDef properties[] = {
    {"stale", array_stale, nullptr, PyDoc_STR("Whether it declines since forget_trails()."),
     nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

PyType_Slot slots[] = {
    {Py_tp_doc, const_cast<char*>("ArrayTrail(description)\n--\n\nThe array of one struct, by its "
                                  "own foreach_get and foreach_set (transfer/own/arrays.py).")},
    {Py_tp_new, reinterpret_cast<void*>(array_new)},
    {Py_tp_dealloc, reinterpret_cast<void*>(dealloc_holder<Arrays>)},
    {Py_tp_methods, methods},
    {Py_tp_getset, properties},
    {0, nullptr},
};
PyType_Spec spec = {RNASLICER_TYPE_NAME("ArrayTrail"), sizeof(Holder<Arrays>), 0,
                    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE, slots};

} // namespace

int register_array_trail(PyObject* module) {
  if (register_type(module, "ArrayTrail", array_type, spec) < 0)
    return -1;
  return PyModule_AddFunctions(module, functions);
}

} // namespace rnaslicer::runtime
