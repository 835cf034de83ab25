// runtime/memcache/object.cpp: making, releasing and collecting MemCaches.
#include "runtime/memcache/object.hpp"

#include <algorithm>

namespace rnaslicer::runtime {
namespace {

Py_ssize_t memcache_count_alive = 0;

/// Lets go of the lease; the object stays, released.
void drop_lease(MemCache* cache) {
  Lease* lease = std::exchange(cache->lease, nullptr);
  if (lease != nullptr)
    Py_DECREF(as_object(lease));
}

} // namespace

MemCacheTypes types{};

bool check_usable(const MemCache* cache) {
  if (!is_released(cache))
    return true;
  PyErr_SetString(PyExc_ValueError, "operation forbidden on released MemCache object");
  return false;
}

char check_format(const MemCache* cache) {
  const char format = native_format(cache->format);
  if (format == 0)
    PyErr_Format(PyExc_NotImplementedError, "MemCache: unsupported format %s", cache->format);
  return format;
}

Ref new_memcache(Lease* lease, const Grid& grid, const char* format, bool readonly) {
  auto* cache = as_memcache(PyType_GenericAlloc(types.memcache, 3 * Py_ssize_t{grid.ndim}));
  if (cache == nullptr)
    return {};
  ++memcache_count_alive;
  Py_INCREF(as_object(lease));
  cache->lease = lease;
  cache->data = grid.data;
  cache->format = format;
  cache->itemsize = grid.itemsize;
  cache->hash = -1;
  cache->ndim = grid.ndim;
  cache->readonly = readonly;
  cache->has_suboffsets = grid.suboffsets != nullptr;
  std::copy_n(grid.shape, grid.ndim, cache->shape());
  std::copy_n(grid.strides, grid.ndim, cache->strides());
  if (grid.suboffsets != nullptr)
    std::copy_n(grid.suboffsets, grid.ndim, cache->suboffsets());
  settle(cache);
  return Ref::steal(as_object(cache));
}

void settle(MemCache* cache) {
  const Grid grid = cache->grid();
  cache->nbytes = grid.items() * grid.itemsize;
  cache->c_contiguous = is_packed(grid, false);
  cache->f_contiguous = is_packed(grid, true);
}

int memcache_traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  PyObject* lease = as_object(as_memcache(self)->lease);
  Py_VISIT(lease);
  return 0;
}

int memcache_clear(PyObject* self) {
  // An export in the same cycle still needs the memory; its own clearing releases it first.
  if (as_memcache(self)->exports == 0)
    drop_lease(as_memcache(self));
  return 0;
}

void memcache_dealloc(PyObject* self) {
  PyObject_GC_UnTrack(self);
  MemCache* cache = as_memcache(self);
  {
    const StashedError stashed;
    if (cache->weak_references != nullptr)
      PyObject_ClearWeakRefs(self);
    drop_lease(cache);
  }
  --memcache_count_alive;
  PyTypeObject* type = Py_TYPE(self);
  PyObject_GC_Del(self);
  Py_DECREF(reinterpret_cast<PyObject*>(type));
}

PyObject* memcache_release(PyObject* self, PyObject* /*unused*/) {
  MemCache* cache = as_memcache(self);
  if (cache->exports > 0 && !is_released(cache)) {
    PyErr_Format(PyExc_BufferError, "MemCache has %zd exported buffer%s", cache->exports,
                 cache->exports == 1 ? "" : "s");
    return nullptr;
  }
  if (cache->exports == 0)
    drop_lease(cache);
  Py_RETURN_NONE;
}

Py_ssize_t count_memcaches() { return memcache_count_alive; }

} // namespace rnaslicer::runtime
