// runtime/trail/context_python.cpp: the type Context: a wrapper's `with`, along a known trail.
#include "runtime/bindings.hpp"
#include "runtime/blender/bpy.hpp"
#include "runtime/blender/names.hpp"
#include "runtime/memcache/functions.hpp"
#include "runtime/supplier/watched.hpp"
#include "runtime/trail/listed.hpp"
#include "runtime/trail/python.hpp"

#include <array>

namespace rnaslicer::runtime {

namespace {

PyTypeObject* type = nullptr; // made once per process, never freed

/// What Python keeps of trails: key -> what is known, the type of what is known of one collection
/// (a tuple that begins with trail, steps beyond the supplier, signatures), and the last entered.
struct Session {
  Ref trails, one, recent;
};
Session& session() {
  static auto* const kept = new Session; // never freed
  return *kept;
}

void set(PyObject* wrapper, PyObject* name, PyObject* value) {
  if (PyObject_SetAttr(wrapper, name, value) < 0)
    throw PythonError();
}

/// What is known for a wrapper's key, if that is a trail of one collection. Empty, without an
/// error, else.
Ref known_of(PyObject* wrapper) {
  if (!session().trails)
    return {};
  const Ref key = checked(PyObject_GetAttr(wrapper, names().key));
  PyObject* const known =
      key.get() == Py_None ? nullptr : PyDict_GetItemWithError(session().trails.get(), key.get());
  if (known == nullptr && PyErr_Occurred() != nullptr)
    throw PythonError();
  if (known == nullptr || reinterpret_cast<PyObject*>(Py_TYPE(known)) != session().one.get())
    return {};
  return Ref::borrow(known);
}

/// Enters along what is known; false where the trail declines.
bool enter_along(PyObject* wrapper, PyObject* known) {
  PyObject* const trail = PyTuple_GetItem(known, 0);
  PyObject* const beyond = PyTuple_GetItem(known, 1);
  const Ref path = checked(PyObject_GetAttr(wrapper, names().path));
  const Ref root = checked(PyObject_GetAttr(path.get(), names().root));
  Ref steps = checked(PyObject_GetAttr(path.get(), names().steps));
  if (PyTuple_Size(beyond) > 0)
    steps = checked(PySequence_Concat(steps.get(), beyond));
  Ref cache;
  auto run =
      enter_any(trail_of(trail), Start{root.get(), steps_of(trail, steps.get())}, wrapper, cache);
  if (!note_enter(run != nullptr))
    return false;
  const Ref object = new_run(std::move(run));
  set(wrapper, names().run, object.get());
  set(wrapper, names().memcache, cache.get());
  set(wrapper, names().known, known);
  set(wrapper, names().told, Py_False);
  const Ref expression = checked(PyObject_GetAttr(wrapper, names().expression));
  const Ref entered =
      checked(PyTuple_Pack(3, PyTuple_GetItem(known, 2), path.get(), expression.get()));
  checked(
      PyObject_CallMethodObjArgs(session().recent.get(), names().append, entered.get(), nullptr));
  watch_one(wrapper, root.get());
  return true;
}

/// Ends what enter began: no field is left, nobody is told, the caches are released. Throws
/// PythonError after all that.
void leave(PyObject* wrapper) {
  const std::array caches{checked(PyObject_GetAttr(wrapper, names().memcache)),
                          checked(PyObject_GetAttr(wrapper, names().offsets))};
  const Ref path = checked(PyObject_GetAttr(wrapper, names().path));
  for (PyObject* const name : {names().memcache, names().view, names().routes, names().offsets,
                               names().run, names().known})
    set(wrapper, name, Py_None);
  const auto unwatch = [&] {
    if (PyList_Check(path.get()) != 0) {
      checked(PyObject_CallMethodObjArgs(wrapper, names().unsubscribe, nullptr));
      return;
    }
    const Ref root = checked(PyObject_GetAttr(path.get(), names().root));
    unwatch_one(wrapper, root.get());
  };
  const auto disable = [&] {
    for (const Ref& cache : caches)
      if (cache.get() != Py_None)
        checked(module_disable(nullptr, cache.get()));
  };
  try {
    unwatch();
  } catch (const PythonError&) {
    const StashedError stashed;
    disable();
    throw;
  }
  disable();
}

/// The same where enter failed half-way; that error stays.
void leave_after_error(PyObject* wrapper) {
  const StashedError stashed;
  try {
    leave(wrapper);
  } catch (const PythonError&) {
    PyErr_Clear();
  }
}

/// Python says what an error of native code means: it raises. Interrupts pass as they are.
PyObject* explained(PyObject* wrapper) {
  if (PyErr_ExceptionMatches(PyExc_Exception) == 0)
    return nullptr;
  PyObject* kind = nullptr;
  PyObject* value = nullptr;
  PyObject* traceback = nullptr;
  PyErr_Fetch(&kind, &value, &traceback);
  PyErr_NormalizeException(&kind, &value, &traceback);
  const Ref held[] = {Ref::steal(kind), Ref::steal(value), Ref::steal(traceback)};
  return PyObject_CallMethodObjArgs(wrapper, names().raise_entering, value, nullptr);
}

PyObject* context_enter(PyObject* self, PyObject*) {
  bool tried = false;
  try {
    const Ref cache = checked(PyObject_GetAttr(self, names().memcache));
    const Ref known = cache.get() == Py_None ? known_of(self) : Ref();
    tried = static_cast<bool>(known);
    if (tried && enter_along(self, known.get()))
      return Ref::borrow(self).release();
  } catch (...) {
    set_error_from_exception();
    if (tried)
      leave_after_error(self);
    return explained(self);
  }
  return PyObject_CallMethodObjArgs(self, names().enter_anyhow, tried ? Py_True : Py_False,
                                    nullptr);
}

PyObject* context_exit(PyObject* self, PyObject*) {
  return guarded([&]() -> PyObject* {
    leave(self);
    Py_RETURN_NONE;
  });
}

PyObject* set_session(PyObject*, PyObject* args) {
  PyObject* trails = nullptr;
  PyObject* one = nullptr;
  PyObject* recent = nullptr;
  if (PyArg_ParseTuple(args, "O!O!O:set_session", &PyDict_Type, &trails, &PyType_Type, &one,
                       &recent) == 0)
    return nullptr;
  session() = {Ref::borrow(trails), Ref::borrow(one), Ref::borrow(recent)};
  Py_RETURN_NONE;
}

PyMethodDef methods[] = {
    // CPython keeps pointers into it
    {"__enter__", context_enter, METH_NOARGS,
     PyDoc_STR("__enter__($self)\n--\n\nResolves the expression, compiles or finds the kernels, "
               "fills the MemCache.")},
    {"__exit__", context_exit, METH_VARARGS,
     PyDoc_STR("__exit__($self, *_)\n--\n\nReleases the MemCache and all its sub-views; buffers "
               "exported from them live on.")},
    {nullptr, nullptr, 0, nullptr},
};

PyMethodDef functions[] = {
    // CPython keeps pointers into it
    {"set_session", set_session, METH_VARARGS,
     PyDoc_STR("set_session(trails, one, recent, /)\n--\n\nThe trails that are known, by key; the "
               "type of what is known of one collection; a deque of what was entered last.")},
    {nullptr, nullptr, 0, nullptr},
};

PyType_Slot slots[] = {
    {Py_tp_doc, const_cast<char*>("The half of a wrapper's `with` that needs no Python "
                                  "(entered/trailed.py).")},
    {Py_tp_methods, methods},
    {0, nullptr},
};
PyType_Spec spec = {RNASLICER_TYPE_NAME("Context"), sizeof(PyObject), 0,
                    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, slots};

} // namespace

int register_context(PyObject* module) {
  if (type == nullptr)
    type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
  if (type == nullptr ||
      PyModule_AddObjectRef(module, "Context", reinterpret_cast<PyObject*>(type)) < 0)
    return -1;
  return PyModule_AddFunctions(module, functions);
}

} // namespace rnaslicer::runtime
