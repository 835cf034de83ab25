// runtime/memcache/object.hpp: the MemCache object's layout and its parts by topic (internal).
#pragma once

#include "runtime/memcache/memcache.hpp"
#include "runtime/memory/grid.hpp"
#include "runtime/memory/item.hpp"
#include "runtime/memory/lease.hpp"
#include "runtime/pyref.hpp"

namespace rnaslicer::runtime {

/// One view into a lease. The arrays behind the object hold shape, strides and suboffsets, `ndim`
/// entries each; exported buffers point into them.
struct MemCache {
  PyObject_VAR_HEAD PyObject* weak_references;
  Lease* lease;       ///< null once released
  char* data;         ///< the item at index 0 of every axis
  const char* format; ///< static, or the foreign exporter's
  Py_ssize_t itemsize;
  Py_ssize_t nbytes;  ///< product(shape) * itemsize
  Py_ssize_t exports; ///< buffers exported from this object
  Py_hash_t hash;     ///< -1 until asked
  int ndim;
  bool readonly;
  bool c_contiguous;
  bool f_contiguous;
  bool has_suboffsets;
  Py_ssize_t arrays[1];

  Py_ssize_t* shape() { return arrays; }
  Py_ssize_t* strides() { return arrays + ndim; }
  Py_ssize_t* suboffsets() { return has_suboffsets ? strides() + ndim : nullptr; }
  Grid grid() { return {data, itemsize, ndim, shape(), strides(), suboffsets()}; }
};

/// The types of this module, made once.
struct MemCacheTypes {
  PyTypeObject* memcache;
  PyTypeObject* lease;
};
extern MemCacheTypes types;

inline MemCache* as_memcache(PyObject* object) { return reinterpret_cast<MemCache*>(object); }
inline PyObject* as_object(MemCache* cache) { return reinterpret_cast<PyObject*>(cache); }
inline PyObject* as_object(Lease* lease) { return reinterpret_cast<PyObject*>(lease); }

/// Whether it or its whole lease was released.
inline bool is_released(const MemCache* cache) {
  return cache->lease == nullptr || cache->lease->disabled;
}

/// Counts as an export of the cache's while foreign code runs that has no business releasing it:
/// release() then raises BufferError, as memoryview's from Python 3.14 on.
class Hold {
 public:
  explicit Hold(MemCache* cache) : cache_(cache), pinned_(cache->lease) { ++cache->exports; }
  Hold(const Hold&) = delete;
  Hold& operator=(const Hold&) = delete;
  Hold(Hold&&) = delete;
  Hold& operator=(Hold&&) = delete;
  ~Hold() { --cache_->exports; }

 private:
  MemCache* cache_;
  Pin pinned_;
};

/// False with ValueError if released.
bool check_usable(const MemCache* cache);

/// The format's character, or 0 with NotImplementedError if items of it cannot be read.
char check_format(const MemCache* cache);

// object.cpp
/// A new view on a lease; the grid's arrays are copied. Null with MemoryError.
Ref new_memcache(Lease* lease, const Grid& grid, const char* format, bool readonly);
/// Works out nbytes and contiguity again after shape or strides were set.
void settle(MemCache* cache);
int memcache_traverse(PyObject* self, visitproc visit, void* arg);
int memcache_clear(PyObject* self);
void memcache_dealloc(PyObject* self);
PyObject* memcache_release(PyObject* self, PyObject* unused);
/// MemCache objects alive.
Py_ssize_t count_memcaches();

// attributes.cpp
extern PyGetSetDef memcache_attributes[];
PyObject* memcache_repr(PyObject* self);

// view/index.cpp
/// What a subscript selects: an item (`ndim` 0 and `is_item`) or a sub-grid with its own arrays.
struct Selection {
  Grid grid;
  bool is_item = false;
  std::array<Py_ssize_t, max_ndim> shape;
  std::array<Py_ssize_t, max_ndim> strides;
  std::array<Py_ssize_t, max_ndim> suboffsets;
};
/// Applies a subscript. False with IndexError, TypeError or ValueError. May run Python code; the
/// caller pins the lease before and checks it afterwards.
bool select(Selection& out, MemCache* cache, PyObject* key);
PyObject* memcache_subscript(PyObject* self, PyObject* key);
PyObject* memcache_item(PyObject* self, Py_ssize_t index);
Py_ssize_t memcache_length(PyObject* self);
PyObject* memcache_iter(PyObject* self);

// view/assign.cpp
int memcache_assign(PyObject* self, PyObject* key, PyObject* value);

// buffer.cpp
int memcache_getbuffer(PyObject* self, Py_buffer* view, int flags);
void memcache_releasebuffer(PyObject* self, Py_buffer* view);

// view/compare.cpp
PyObject* memcache_compare(PyObject* self, PyObject* other, int operation);
Py_hash_t memcache_hash(PyObject* self);

// view/convert.cpp
PyObject* memcache_tobytes(PyObject* self, PyObject* args, PyObject* kwargs);
PyObject* memcache_tolist(PyObject* self, PyObject* unused);
PyObject* memcache_hex(PyObject* self, PyObject* args, PyObject* kwargs);
PyObject* memcache_toreadonly(PyObject* self, PyObject* unused);

// dlpack.cpp
PyObject* memcache_dlpack(PyObject* self, PyObject* args, PyObject* kwargs);
PyObject* memcache_dlpack_device(PyObject* self, PyObject* unused);

// view/cast.cpp
PyObject* memcache_cast(PyObject* self, PyObject* args, PyObject* kwargs);

// view/sequence.cpp
PyObject* memcache_count(PyObject* self, PyObject* value);
PyObject* memcache_index(PyObject* self, PyObject* args);

} // namespace rnaslicer::runtime
