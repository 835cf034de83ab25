// runtime/trail/python/instances.cpp: the type InstancesTrail: a depsgraph's instances.
#include "runtime/trail/own/instances.hpp"

#include "runtime/bindings.hpp"
#include "runtime/memcache/memcache.hpp"
#include "runtime/trail/python/context.hpp"
#include "runtime/trail/python/holder.hpp"

namespace rnaslicer::runtime {

namespace {

PyTypeObject* instances_type = nullptr; // made once per process, never freed

std::shared_ptr<const Instances>& how_of(PyObject* self) { return held_by<Instances>(self); }

PyObject* instances_new(PyTypeObject* type, PyObject* args, PyObject*) {
  return guarded([&]() -> PyObject* {
    PyObject* description = nullptr;
    if (PyArg_ParseTuple(args, "O!:InstancesTrail", &PyDict_Type, &description) == 0)
      return nullptr;
    return new_holder<Instances>(type, read_instances(description));
  });
}

PyObject* instances_enter(PyObject* self, PyObject* args) {
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
    auto run = enter_instances(how_of(self), Start{root, read_steps(steps)}, wrapper, cache);
    return entered(std::move(run), cache);
  });
}

PyObject* instances_adopt(PyObject* self, PyObject* args) {
  return guarded([&]() -> PyObject* {
    PyObject* root = nullptr;
    PyObject* steps = nullptr;
    Py_ssize_t rows = 0;
    if (PyArg_ParseTuple(args, "OOn:adopt", &root, &steps, &rows) == 0)
      return nullptr;
    return adopted(adopt_instances(how_of(self), Start{root, read_steps(steps)}, rows));
  });
}

bool is_stale(PyObject* trail) { return stale(*how_of(trail)->trail); }

PyObject* instances_stale(PyObject* self, void*) {
  return PyBool_FromLong(static_cast<long>(is_stale(self)));
}

Opened enter_along(PyObject* wrapper, PyObject* known, const Way& way) {
  const std::shared_ptr<const Instances> how = how_of(PyTuple_GetItem(known, 0));
  const Ref steps = steps_beyond(way, known);
  Opened made;
  made.run = enter_instances(how, Start{way.root(), read_steps(steps.get())}, wrapper, made.cache);
  return made;
}

PyObject* follow_instances(PyObject*, PyObject* kind) {
  let_follow(kind, {is_stale, enter_along});
  Py_RETURN_NONE;
}

PyMethodDef functions[] = {
    // CPython keeps pointers into it
    {"follow_instances", follow_instances, METH_O,
     PyDoc_STR("follow_instances(kind, /)\n--\n\nThe type of what is known of instances. After "
               "set_session.")},
    {nullptr, nullptr, 0, nullptr},
};

PyMethodDef methods[] = {
    // CPython keeps pointers into it
    {"enter", instances_enter, METH_VARARGS,
     PyDoc_STR("enter($self, root, steps, wrapper, into, /)\n--\n\n(Run, filled MemCache, None), "
               "or None where the trail declines. into: the MemCache to fill, or None.")},
    {"adopt", instances_adopt, METH_VARARGS,
     PyDoc_STR("adopt($self, root, steps, rows, /)\n--\n\nThe Run of an enter that was done "
               "already, to a cache of so many rows, or None.")},
    {nullptr, nullptr, 0, nullptr},
};

PyGetSetDef properties[] = {
    {"stale", instances_stale, nullptr, PyDoc_STR("Whether it declines since forget_trails()."),
     nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

PyType_Slot slots[] = {
    {Py_tp_doc,
     const_cast<char*>("InstancesTrail(description)\n--\n\nAll instances of a depsgraph, "
                       "by its own foreach_get (transfer/own/instanced.py).")},
    {Py_tp_new, reinterpret_cast<void*>(instances_new)},
    {Py_tp_dealloc, reinterpret_cast<void*>(dealloc_holder<Instances>)},
    {Py_tp_methods, methods},
    {Py_tp_getset, properties},
    {0, nullptr},
};
PyType_Spec spec = {RNASLICER_TYPE_NAME("InstancesTrail"), sizeof(Holder<Instances>), 0,
                    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE, slots};

} // namespace

int register_instances_trail(PyObject* module) {
  if (register_type(module, "InstancesTrail", instances_type, spec) < 0)
    return -1;
  return PyModule_AddFunctions(module, functions);
}

} // namespace rnaslicer::runtime
