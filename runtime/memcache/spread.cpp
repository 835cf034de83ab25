// runtime/memcache/spread.cpp: the bytes that a MemCache's items lie among, and the type Exporter.
#include "runtime/memcache/functions.hpp"

namespace rnaslicer::runtime {
namespace {

PyTypeObject* exporter_type = nullptr; // made once per process, never freed

/// The buffer of an exporter is that of its attribute `memcache`, which raises where there is none.
int exporter_getbuffer(PyObject* self, Py_buffer* view, int flags) {
  view->obj = nullptr;
  const Ref cache = Ref::steal(PyObject_GetAttrString(self, "memcache"));
  return cache ? PyObject_GetBuffer(cache.get(), view, flags) : -1;
}

} // namespace

PyObject* module_spread(PyObject* /*module*/, PyObject* object) {
  if (!memcache_check(object)) {
    PyErr_Format(PyExc_TypeError, "spread: a MemCache is needed, not %R", Py_TYPE(object));
    return nullptr;
  }
  MemCache* const cache = as_memcache(object);
  if (!check_usable(cache))
    return nullptr;
  if (cache->has_suboffsets) {
    PyErr_SetString(PyExc_ValueError, "spread: what pointers lead to is not one piece of memory");
    return nullptr;
  }
  const Span span = span_of(cache->grid());
  const Py_ssize_t nbytes = span.last - span.first;
  const Py_ssize_t stride = 1;
  const Grid bytes{cache->data + (span.first - cache->data), 1, 1, &nbytes, &stride, nullptr};
  const Ref made = new_memcache(cache->lease, bytes, "B", cache->readonly);
  if (!made)
    return nullptr;
  return Py_BuildValue("On", made.get(), static_cast<Py_ssize_t>(cache->data - span.first));
}

int register_exporter(PyObject* module) {
  PyType_Slot slots[] = {
      {Py_tp_doc, const_cast<char*>("Base of what is, as a buffer, its attribute `memcache`.")},
      {Py_bf_getbuffer, reinterpret_cast<void*>(exporter_getbuffer)},
      {0, nullptr},
  };
  PyType_Spec spec = {"rnaslicer._core.Exporter", sizeof(PyObject), 0,
                      Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, slots};
  if (exporter_type == nullptr)
    exporter_type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
  if (exporter_type == nullptr)
    return -1;
  return PyModule_AddObjectRef(module, "Exporter", reinterpret_cast<PyObject*>(exporter_type));
}

} // namespace rnaslicer::runtime
