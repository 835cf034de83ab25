// runtime/memcache/buffer.cpp: MemCache as an exporter of the buffer protocol.
#include "runtime/memcache/noticed.hpp"

namespace rnaslicer::runtime {
namespace {

constexpr bool asks(int flags, int request) { return (flags & request) == request; }

/// Why a request cannot be met, or null; the rules and their order are memoryview's.
const char* refusal(const MemCache* cache, int flags) {
  if (asks(flags, PyBUF_WRITABLE) && cache->readonly)
    return "MemCache: underlying buffer is not writable";
  if (asks(flags, PyBUF_C_CONTIGUOUS) && !cache->c_contiguous)
    return "MemCache: underlying buffer is not C-contiguous";
  if (asks(flags, PyBUF_F_CONTIGUOUS) && !cache->f_contiguous)
    return "MemCache: underlying buffer is not Fortran contiguous";
  if (asks(flags, PyBUF_ANY_CONTIGUOUS) && !cache->c_contiguous && !cache->f_contiguous)
    return "MemCache: underlying buffer is not contiguous";
  if (!asks(flags, PyBUF_INDIRECT) && cache->has_suboffsets)
    return "MemCache: underlying buffer requires suboffsets";
  if (!asks(flags, PyBUF_STRIDES) && !cache->c_contiguous)
    return "MemCache: underlying buffer is not C-contiguous";
  if (!asks(flags, PyBUF_ND) && asks(flags, PyBUF_FORMAT))
    return "MemCache: cannot cast to unsigned bytes if the format flag is present";
  return nullptr;
}

} // namespace

int memcache_getbuffer(PyObject* self, Py_buffer* view, int flags) {
  MemCache* cache = as_memcache(self);
  if (view == nullptr) {
    PyErr_SetString(PyExc_BufferError, "MemCache: view==NULL argument is obsolete");
    return -1;
  }
  view->obj = nullptr;
  if (!check_usable(cache))
    return -1;
  if (const char* reason = refusal(cache, flags)) {
    PyErr_SetString(PyExc_BufferError, reason);
    return -1;
  }
  if (!cache->readonly && !notice_write(cache)) // exporters ask for writing or do not say
    return -1;
  const bool with_shape = asks(flags, PyBUF_ND);
  const bool with_axes = cache->ndim > 0; // a single item has neither shape nor strides (PEP 3118)
  view->buf = cache->data;
  view->len = cache->nbytes;
  view->itemsize = cache->itemsize;
  view->readonly = cache->readonly ? 1 : 0;
  view->ndim = with_shape ? cache->ndim : 1;
  view->format = asks(flags, PyBUF_FORMAT) ? const_cast<char*>(cache->format) : nullptr;
  view->shape = with_shape && with_axes ? cache->shape() : nullptr;
  view->strides = asks(flags, PyBUF_STRIDES) && with_axes ? cache->strides() : nullptr;
  view->suboffsets = with_axes ? cache->suboffsets() : nullptr;
  view->internal = nullptr;
  // While there are exports this object keeps its lease, also when the wrapper's exit disables it.
  pin(cache->lease);
  ++cache->exports;
  Py_INCREF(self);
  view->obj = self;
  return 0;
}

void memcache_releasebuffer(PyObject* self, Py_buffer* /*view*/) {
  --as_memcache(self)->exports;
  unpin(as_memcache(self)->lease);
}

} // namespace rnaslicer::runtime
