// runtime/trail/python/single.cpp: the type SingleTrail: the numbers of one struct.
#include "runtime/trail/several/single.hpp"

#include "runtime/bindings.hpp"
#include "runtime/memcache/memcache.hpp"
#include "runtime/trail/python/context.hpp"
#include "runtime/trail/python/holder.hpp"

#include <algorithm>

namespace rnaslicer::runtime {

namespace {

PyTypeObject* single_type = nullptr; // made once per process, never freed

std::shared_ptr<const Single>& how_of(PyObject* self) { return held_by<Single>(self); }

PyObject* single_new(PyTypeObject* type, PyObject* args, PyObject*) {
  return guarded([&]() -> PyObject* {
    PyObject* description = nullptr;
    if (PyArg_ParseTuple(args, "O!:SingleTrail", &PyDict_Type, &description) == 0)
      return nullptr;
    return new_holder<Single>(type, read_single(description));
  });
}

PyObject* single_enter(PyObject* self, PyObject* args) {
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
    auto run = enter_single(how_of(self), Start{root, read_steps(steps)}, wrapper, cache);
    return entered(std::move(run), cache);
  });
}

PyObject* single_adopt(PyObject* self, PyObject* args) {
  return guarded([&]() -> PyObject* {
    PyObject* root = nullptr;
    PyObject* steps = nullptr;
    if (PyArg_ParseTuple(args, "OO:adopt", &root, &steps) == 0)
      return nullptr;
    return adopted(adopt_single(how_of(self), Start{root, read_steps(steps)}));
  });
}

/// A caller's packed buffer as a MemCache of the view's format and shape; null without an error for
/// another.
Ref cache_on(const Trail& trail, PyObject* buffer, bool writable) {
  Ref cache = memcache_on(buffer, trail.format.c_str(), writable);
  if (!cache)
    return cache;
  const StorageView storage = memcache_storage(cache.get());
  const std::span shape(storage.shape, static_cast<std::size_t>(storage.ndim));
  return std::ranges::equal(shape, trail.inner) ? std::move(cache) : Ref();
}

/// (root, steps, buffer): a caller's buffer filled, or written.
PyObject* go(PyObject* self, PyObject* args, bool writes) {
  return guarded([&]() -> PyObject* {
    PyObject* root = nullptr;
    PyObject* steps = nullptr;
    PyObject* buffer = nullptr;
    if (PyArg_ParseTuple(args, "OOO", &root, &steps, &buffer) == 0)
      return nullptr;
    const std::shared_ptr<const Single> how = how_of(self); // whatever a script's code drops
    Ref cache = cache_on(*how->trail, buffer, !writes);
    if (!cache)
      Py_RETURN_FALSE;
    Start start{root, read_steps(steps)};
    const auto run = writes ? adopt_single(how, std::move(start))
                            : enter_single(how, std::move(start), Py_None, cache);
    if (!writes)
      note_enter(run != nullptr);
    return PyBool_FromLong(
        static_cast<long>(run && (!writes || run->update(cache.get(), Py_None))));
  });
}

PyObject* single_read(PyObject* self, PyObject* args) { return go(self, args, false); }
PyObject* single_write(PyObject* self, PyObject* args) { return go(self, args, true); }

bool is_stale(PyObject* trail) { return stale(*how_of(trail)->trail); }

PyObject* single_stale(PyObject* self, void*) {
  return PyBool_FromLong(static_cast<long>(is_stale(self)));
}

Opened enter_along(PyObject* wrapper, PyObject* known, const Way& way) {
  const std::shared_ptr<const Single> how = how_of(PyTuple_GetItem(known, 0));
  const Ref steps = steps_beyond(way, known);
  Opened made;
  made.run = enter_single(how, Start{way.root(), read_steps(steps.get())}, wrapper, made.cache);
  return made;
}

PyObject* follow_single(PyObject*, PyObject* kind) {
  let_follow(kind, {is_stale, enter_along});
  Py_RETURN_NONE;
}

PyMethodDef functions[] = {
    // CPython keeps pointers into it
    {"follow_single", follow_single, METH_O,
     PyDoc_STR("follow_single(kind, /)\n--\n\nThe type of what is known of one struct. After "
               "set_session.")},
    {nullptr, nullptr, 0, nullptr},
};

PyMethodDef methods[] = {
    // CPython keeps pointers into it
    {"enter", single_enter, METH_VARARGS,
     PyDoc_STR("enter($self, root, steps, wrapper, into, /)\n--\n\n(Run, filled MemCache, None), "
               "or None where the trail declines. into: the MemCache to fill, or None.")},
    {"adopt", single_adopt, METH_VARARGS,
     PyDoc_STR("adopt($self, root, steps, /)\n--\n\nThe Run of an enter that was done already, or "
               "None.")},
    {"read", single_read, METH_VARARGS,
     PyDoc_STR("read($self, root, steps, buffer, /)\n--\n\nFills a caller's packed buffer of the "
               "view's format and shape. True if done; any other declines.")},
    {"write", single_write, METH_VARARGS,
     PyDoc_STR("write($self, root, steps, buffer, /)\n--\n\nThe same to Blender, as Run.update.")},
    {nullptr, nullptr, 0, nullptr},
};

PyGetSetDef properties[] = {
    {"stale", single_stale, nullptr, PyDoc_STR("Whether it declines since forget_trails()."),
     nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

PyType_Slot slots[] = {
    {Py_tp_doc, const_cast<char*>("SingleTrail(description)\n--\n\nThe numbers of one struct, by "
                                  "bpy's getattr and setattr (transfer/own/single.py).")},
    {Py_tp_new, reinterpret_cast<void*>(single_new)},
    {Py_tp_dealloc, reinterpret_cast<void*>(dealloc_holder<Single>)},
    {Py_tp_methods, methods},
    {Py_tp_getset, properties},
    {0, nullptr},
};
PyType_Spec spec = {RNASLICER_TYPE_NAME("SingleTrail"), sizeof(Holder<Single>), 0,
                    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE, slots};

} // namespace

int register_single_trail(PyObject* module) {
  if (register_type(module, "SingleTrail", single_type, spec) < 0)
    return -1;
  return PyModule_AddFunctions(module, functions);
}

} // namespace rnaslicer::runtime
