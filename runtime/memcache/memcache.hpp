// runtime/memcache/memcache.hpp: MemCache for the rest of the runtime: registration and access from
// C++.
//
// A MemCache is a memoryview in all but the C type, and slices in N dimensions. All MemCaches cut
// from one `allocate` share a lease on a block of memory; `disable` ends the lease: afterwards each
// of them raises ValueError, while buffers exported before keep the memory until they are released.
#pragma once

#include "runtime/pyref.hpp"

#include <cstddef>

namespace rnaslicer::runtime {

/// Adds the class MemCache and the functions allocate, disable, region, from_buffer and live to the
/// module. -1 with an exception.
int register_memcache(PyObject* module);

/// True for a MemCache, released or not.
bool memcache_check(PyObject* object);

/// A MemCache's memory, valid while the GIL is held and no Python code runs.
struct StorageView {
  std::byte* data = nullptr;           ///< the first item
  Py_ssize_t nbytes = 0;               ///< product(shape) * itemsize
  Py_ssize_t itemsize = 0;             ///< bytes
  const char* format = nullptr;        ///< struct format, as in memoryview
  int ndim = 0;                        ///< axes
  const Py_ssize_t* shape = nullptr;   ///< items per axis
  const Py_ssize_t* strides = nullptr; ///< bytes per axis
  bool readonly = false;
  bool c_contiguous = false;

  /// False if the MemCache was refused; the exception is set.
  explicit operator bool() const { return format != nullptr; }
};

/// Where a MemCache's items lie. TypeError for another object, ValueError for a released MemCache
/// (both as a view that is false).
StorageView memcache_storage(PyObject* object);
/// The same; throws PythonError in place of a view that is false.
StorageView checked_storage(PyObject* object);

/// To be called before anything but a kernel writes to a MemCache's items: who looks for changes
/// (rnaslicer/entered/compared.py) sees only what kernels do. Throws PythonError.
void note_write(PyObject* memcache);

/// A packed MemCache on memory of its own, `count` extents of 0 or more. Throws PythonError.
Ref new_packed(const Py_ssize_t* shape, std::size_t count, const char* format, PyObject* wrapper);

/// A MemCache on a buffer that is C-contiguous, of the format and, if so asked, writable. Null
/// without an error for any other.
Ref memcache_on(PyObject* exporter, const char* format, bool writable);

} // namespace rnaslicer::runtime
