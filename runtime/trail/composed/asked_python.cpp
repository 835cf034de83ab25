// runtime/trail/composed/asked_python.cpp: the type AskedTrail for Python.
#include "runtime/bindings.hpp"
#include "runtime/memcache/memcache.hpp"
#include "runtime/trail/composed/asked.hpp"
#include "runtime/trail/composed/following.hpp"
#include "runtime/trail/python/holder.hpp"

namespace rnaslicer::runtime {

namespace {

PyTypeObject* asked_type = nullptr;

std::shared_ptr<const Asked>& how_of(PyObject* self) { return held_by<Asked>(self); }

AskedLeg read_asked(PyObject* tuple) {
  Py_ssize_t width = 0;
  const char* format = nullptr;
  const char* flat = nullptr;
  int straight = 0;
  if (PyTuple_Check(tuple) == 0)
    raise(PyExc_TypeError, "what is asked of a leg is a tuple");
  if (PyArg_ParseTuple(tuple, "nssp", &width, &format, &flat, &straight) == 0)
    throw PythonError();
  if (width < 1)
    raise(PyExc_ValueError, "an element has numbers");
  return {width, format, flat, straight != 0};
}

PyObject* asked_new(PyTypeObject* type, PyObject* args, PyObject*) {
  return guarded([&]() -> PyObject* {
    PyObject* description = nullptr;
    PyObject* legs = nullptr;
    int for_now = 0;
    if (PyArg_ParseTuple(args, "O!O!p:AskedTrail", &PyDict_Type, &description, &PyTuple_Type, &legs,
                         &for_now) == 0)
      return nullptr;
    auto how = std::make_shared<Asked>();
    how->trail = read_trail(description);
    for (Py_ssize_t i = 0; i < PyTuple_Size(legs); ++i)
      how->legs.push_back(read_asked(PyTuple_GetItem(legs, i)));
    how->for_now = for_now != 0;
    if (how->legs.empty() || how->legs.size() != how->trail->legs.size())
      raise(PyExc_ValueError, "a trail asks for an array for each of its legs");
    return new_holder<Asked>(type, std::move(how));
  });
}

PyObject* asked_enter(PyObject* self, PyObject* args) {
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
    const std::shared_ptr<const Asked> how = how_of(self); // whatever a script's code drops
    auto run = enter(how, start_of(root, steps), wrapper, cache);
    return entered(std::move(run), cache);
  });
}

Opened enter_asked(PyObject* wrapper, PyObject* known, const Way& way) {
  const std::shared_ptr<const Asked> how = how_of(PyTuple_GetItem(known, 0));
  const Ref steps = steps_beyond(way, known);
  Opened made;
  made.run = enter(how, start_of(way.root(), steps.get()), wrapper, made.cache);
  return made;
}

bool asked_is_stale(PyObject* trail) { return stale(*how_of(trail)->trail); }

PyObject* asked_adopt(PyObject* self, PyObject* args) {
  return guarded([&]() -> PyObject* {
    PyObject* root = nullptr;
    PyObject* steps = nullptr;
    Py_ssize_t rows = 0;
    if (PyArg_ParseTuple(args, "OOn:adopt", &root, &steps, &rows) == 0)
      return nullptr;
    const std::shared_ptr<const Asked> how = how_of(self);
    return adopted(adopt(how, start_of(root, steps), rows));
  });
}

PyObject* asked_read(PyObject* self, PyObject* args) {
  return guarded([&]() -> PyObject* {
    PyObject* root = nullptr;
    PyObject* steps = nullptr;
    PyObject* buffer = nullptr;
    Py_ssize_t rows = -1;
    if (PyArg_ParseTuple(args, "OOOn:read", &root, &steps, &buffer, &rows) == 0)
      return nullptr;
    const std::shared_ptr<const Asked> how = how_of(self); // whatever a script's code drops
    const Trail& trail = *how->trail;
    Ref cache = rows_on(buffer, trail.format, trail.inner, true);
    const Py_ssize_t count = cache ? memcache_storage(cache.get()).shape[0] : 0;
    if (count == 0 || (rows >= 0 && rows != count))
      Py_RETURN_FALSE;
    const auto run = enter(how, start_of(root, steps), Py_None, cache);
    return PyBool_FromLong(static_cast<long>(note_enter(run != nullptr)));
  });
}

PyObject* asked_stale(PyObject* self, void*) {
  return PyBool_FromLong(static_cast<long>(asked_is_stale(self)));
}

PyMethodDef asked_methods[] = {
    // CPython keeps pointers into it
    {"enter", asked_enter, METH_VARARGS,
     PyDoc_STR(
         "enter($self, root, steps, wrapper, into, /)\n--\n\n(Run, filled MemCache, None), or "
         "None where the trail declines. into: the MemCache to fill, or None.")},
    {"adopt", asked_adopt, METH_VARARGS,
     PyDoc_STR("adopt($self, root, steps, rows, /)\n--\n\nThe Run of an enter of so many rows that "
               "was done already, or None.")},
    {"read", asked_read, METH_VARARGS,
     PyDoc_STR("read($self, root, steps, buffer, rows, /)\n--\n\nFills a caller's packed buffer of "
               "the view's format and shape. True if done; any other declines. rows: how many "
               "there must be, or -1.")},
    {nullptr, nullptr, 0, nullptr},
};

PyGetSetDef asked_properties[] = {
    {"stale", asked_stale, nullptr, PyDoc_STR("Whether it declines since forget_trails()."),
     nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

PyType_Slot asked_slots[] = {
    {Py_tp_doc,
     const_cast<char*>("AskedTrail(description, legs, for_now)\n--\n\nValues that foreach_get "
                       "tells (transfer/composed/asked.py). legs: for each (numbers of an element, "
                       "format of its array, the same for bpy, whether that is the cache).")},
    {Py_tp_new, reinterpret_cast<void*>(asked_new)},
    {Py_tp_dealloc, reinterpret_cast<void*>(dealloc_holder<Asked>)},
    {Py_tp_methods, asked_methods},
    {Py_tp_getset, asked_properties},
    {0, nullptr},
};
PyType_Spec asked_spec = {RNASLICER_TYPE_NAME("AskedTrail"), sizeof(Holder<Asked>), 0,
                          Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE, asked_slots};

} // namespace

Following asked_following() { return {asked_is_stale, enter_asked}; }

int register_asked_trail(PyObject* module) {
  return register_type(module, "AskedTrail", asked_type, asked_spec);
}

} // namespace rnaslicer::runtime
