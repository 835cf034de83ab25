// runtime/memcache/view/cast.cpp: cast to another format or shape, with memoryview's rules.
#include "runtime/memcache/object.hpp"

#include <algorithm>

namespace rnaslicer::runtime {
namespace {

bool is_byte(char format) { return format == 'b' || format == 'B' || format == 'c'; }

/// Elements of a tuple as positive extents; the bytes they make, or -1 with an error.
Py_ssize_t read_shape(Py_ssize_t* extents, PyObject* shape, Py_ssize_t itemsize) {
  Py_ssize_t nbytes = itemsize;
  for (Py_ssize_t i = 0; i < PyTuple_Size(shape); ++i) {
    PyObject* item = PyTuple_GetItem(shape, i);
    if (!PyLong_Check(item)) {
      PyErr_SetString(PyExc_TypeError, "MemCache.cast(): elements of shape must be integers");
      return -1;
    }
    const Py_ssize_t extent = PyLong_AsSsize_t(item);
    if (extent == -1 && PyErr_Occurred() != nullptr)
      return -1;
    if (extent <= 0) {
      PyErr_SetString(PyExc_ValueError, "MemCache.cast(): elements of shape must be integers > 0");
      return -1;
    }
    if (extent > PY_SSIZE_T_MAX / nbytes) {
      PyErr_SetString(PyExc_ValueError, "MemCache.cast(): product(shape) > SSIZE_MAX");
      return -1;
    }
    nbytes *= extent;
    extents[i] = extent;
  }
  return nbytes;
}

/// The shape as a tuple of at most 64 elements that fits a cast from this many axes.
Ref target_shape(const MemCache* cache, PyObject* shape) {
  if (!PyList_Check(shape) && !PyTuple_Check(shape)) {
    PyErr_SetString(PyExc_TypeError, "shape must be a list or a tuple");
    return {};
  }
  Ref tuple = Ref::steal(PySequence_Tuple(shape));
  if (!tuple)
    return {};
  const Py_ssize_t axes = PyTuple_Size(tuple.get());
  if (axes > max_ndim) {
    PyErr_SetString(PyExc_ValueError, "MemCache: number of dimensions must not exceed 64");
    return {};
  }
  if (cache->ndim != 1 && axes != 1) {
    PyErr_SetString(PyExc_TypeError, "MemCache: cast must be 1D -> ND or ND -> 1D");
    return {};
  }
  return tuple;
}

bool check_source(MemCache* cache, PyObject* shape) {
  if (!cache->c_contiguous) {
    PyErr_SetString(PyExc_TypeError, "MemCache: casts are restricted to C-contiguous views");
    return false;
  }
  const Py_ssize_t* extents = cache->shape();
  if ((shape != nullptr || cache->ndim != 1) &&
      std::find(extents, extents + cache->ndim, 0) != extents + cache->ndim) {
    PyErr_SetString(PyExc_TypeError, "MemCache: cannot cast view with zeros in shape or strides");
    return false;
  }
  return true;
}

/// The new format's character, or 0 with an error.
char check_formats(const MemCache* cache, const char* format) {
  const char to = native_format(format);
  if (to == 0) {
    PyErr_SetString(PyExc_ValueError,
                    "MemCache: destination format must be a native single character format "
                    "prefixed with an optional '@'");
    return 0;
  }
  // Any format may be seen as bytes, also one that cannot be read as items.
  if (!is_byte(to) && !is_byte(native_format(cache->format))) {
    PyErr_SetString(PyExc_TypeError, "MemCache: cannot cast between two non-byte formats");
    return 0;
  }
  if (cache->nbytes % native_size(to) != 0) {
    PyErr_SetString(PyExc_TypeError, "MemCache: length is not a multiple of itemsize");
    return 0;
  }
  return to;
}

} // namespace

PyObject* memcache_cast(PyObject* self, PyObject* args, PyObject* kwargs) {
  static const char* const names[] = {"format", "shape", nullptr};
  PyObject* format_object = nullptr;
  PyObject* shape = nullptr;
  if (PyArg_ParseTupleAndKeywords(args, kwargs, "U|O:cast", const_cast<char**>(names),
                                  &format_object, &shape) == 0)
    return nullptr;
  MemCache* cache = as_memcache(self);
  if (!check_usable(cache) || !check_source(cache, shape))
    return nullptr;
  Ref tuple;
  if (shape != nullptr) {
    tuple = target_shape(cache, shape);
    // A list's own class may have run code that released the cache.
    if (!tuple || !check_usable(cache))
      return nullptr;
  }
  const char* format = PyUnicode_AsUTF8AndSize(format_object, nullptr);
  if (format == nullptr)
    return nullptr;
  const char to = check_formats(cache, format);
  if (to == 0)
    return nullptr;

  const Py_ssize_t itemsize = native_size(to);
  int ndim = 1;
  std::array<Py_ssize_t, max_ndim> extents{cache->nbytes / itemsize};
  std::array<Py_ssize_t, max_ndim> strides{};
  if (tuple) {
    const Py_ssize_t nbytes = read_shape(extents.data(), tuple.get(), itemsize);
    if (nbytes < 0)
      return nullptr;
    if (nbytes != cache->nbytes) {
      PyErr_SetString(PyExc_TypeError, "MemCache: product(shape) * itemsize != buffer size");
      return nullptr;
    }
    ndim = static_cast<int>(PyTuple_Size(tuple.get()));
  }
  packed_strides(strides.data(), extents.data(), ndim, itemsize);
  const Grid grid{cache->data, itemsize, ndim, extents.data(), strides.data(), nullptr};
  return new_memcache(cache->lease, grid, static_format(format), cache->readonly).release();
}

} // namespace rnaslicer::runtime
