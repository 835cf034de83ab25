// runtime/trail/python/holder.hpp: what the types of all trails have in common (internal).
#pragma once

#include "runtime/trail/python/trail.hpp"

namespace rnaslicer::runtime {

/// A Python object that holds what is known of a trail.
template <class T> struct Holder { PyObject_HEAD std::shared_ptr<const T> how; };

template <class T> std::shared_ptr<const T>& held_by(PyObject* self) {
  return reinterpret_cast<Holder<T>*>(self)->how;
}

template <class T> PyObject* new_holder(PyTypeObject* type, std::shared_ptr<const T> how) {
  Ref self = checked(PyType_GenericAlloc(type, 0));
  new (&held_by<T>(self.get())) std::shared_ptr<const T>(std::move(how));
  return self.release();
}

template <class T> void dealloc_holder(PyObject* self) {
  const Ref type = Ref::steal(reinterpret_cast<PyObject*>(Py_TYPE(self)));
  {
    const StashedError stashed;
    std::destroy_at(&held_by<T>(self));
  }
  PyObject_Free(self);
}

/// Makes the type once per process, never to be freed, and adds it to the module.
inline int register_type(PyObject* module, const char* name, PyTypeObject*& type,
                         PyType_Spec& spec) {
  if (type == nullptr)
    type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
  if (type == nullptr)
    return -1;
  return PyModule_AddObjectRef(module, name, reinterpret_cast<PyObject*>(type));
}

/// What enter gives: (Run, filled MemCache, None), or None where the trail declined.
inline PyObject* entered(std::unique_ptr<Run> run, const Ref& cache) {
  if (!note_enter(run != nullptr))
    Py_RETURN_NONE;
  const Ref object = new_run(std::move(run));
  return PyTuple_Pack(3, object.get(), cache.get(), Py_None);
}

/// The same of rows that differ in length; those that lie flat come with their offsets.
inline PyObject* entered(std::unique_ptr<Run> run, const ManyCache& made, bool is_flat) {
  if (!is_flat)
    return entered(std::move(run), made.cache);
  if (!note_enter(run != nullptr))
    Py_RETURN_NONE;
  const Ref object = new_run(std::move(run));
  const Ref offsets = checked(
      PyBytes_FromStringAndSize(reinterpret_cast<const char*>(made.offsets.data()),
                                static_cast<Py_ssize_t>(made.offsets.size() * sizeof(Py_ssize_t))));
  return PyTuple_Pack(3, object.get(), made.cache.get(), offsets.get());
}

/// What adopt gives: the Run of an enter that was done already, or None.
inline PyObject* adopted(std::unique_ptr<Run> run) {
  if (!run)
    Py_RETURN_NONE;
  return new_run(std::move(run)).release();
}

/// A tuple of lengths from Python.
inline std::vector<Py_ssize_t> extents_of(PyObject* shape) {
  std::vector<Py_ssize_t> extents;
  for (Py_ssize_t i = 0; i < PyTuple_Size(shape); ++i)
    extents.push_back(PyLong_AsSsize_t(PyTuple_GetItem(shape, i)));
  if (PyErr_Occurred() != nullptr)
    throw PythonError();
  return extents;
}

} // namespace rnaslicer::runtime
