// runtime/memcache/view/sequence.cpp: count and index, which memoryview has from Python 3.14 on.
#include "runtime/memcache/object.hpp"

namespace rnaslicer::runtime {
namespace {

/// 1 or 0 for whether step `i` of the first axis equals the value; -1 with an error.
int step_equals(PyObject* self, Py_ssize_t i, PyObject* value) {
  const Ref step = Ref::steal(memcache_item(self, i));
  return step ? PyObject_RichCompareBool(step.get(), value, Py_EQ) : -1;
}

/// The length of the first axis, or -1 with an error.
Py_ssize_t lookup_length(PyObject* self) {
  MemCache* cache = as_memcache(self);
  if (!check_usable(cache))
    return -1;
  if (cache->ndim > 0)
    return cache->shape()[0];
  PyErr_SetString(PyExc_TypeError, "invalid lookup on 0-dim memory");
  return -1;
}

} // namespace

PyObject* memcache_count(PyObject* self, PyObject* value) {
  const Py_ssize_t length = lookup_length(self);
  Py_ssize_t count = 0;
  for (Py_ssize_t i = 0; i < length; ++i) {
    const int equal = step_equals(self, i, value);
    if (equal < 0)
      return nullptr;
    count += equal;
  }
  return length < 0 ? nullptr : PyLong_FromSsize_t(count);
}

PyObject* memcache_index(PyObject* self, PyObject* args) {
  PyObject* value = nullptr;
  Py_ssize_t start = 0;
  Py_ssize_t stop = PY_SSIZE_T_MAX;
  if (PyArg_ParseTuple(args, "O|nn:index", &value, &start, &stop) == 0)
    return nullptr;
  const Py_ssize_t length = lookup_length(self);
  if (length < 0)
    return nullptr;
  PySlice_AdjustIndices(length, &start, &stop, 1);
  for (Py_ssize_t i = start; i < stop; ++i) {
    const int equal = step_equals(self, i, value);
    if (equal < 0)
      return nullptr;
    if (equal != 0)
      return PyLong_FromSsize_t(i);
  }
  PyErr_SetString(PyExc_ValueError, "MemCache.index(x): x not found");
  return nullptr;
}

} // namespace rnaslicer::runtime
