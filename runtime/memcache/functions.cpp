// runtime/memcache/functions.cpp: the module functions allocate, disable, from_buffer and live.
#include "runtime/memcache/functions.hpp"

#include "runtime/memory/counted.hpp"

#include <algorithm>
#include <optional>

namespace rnaslicer::runtime {
namespace {

struct Extents {
  int ndim = 0;
  std::array<Py_ssize_t, max_ndim> values{};
};

/// Reads a sequence of ints, `least` or more each. Nothing with TypeError or ValueError.
std::optional<Extents> read_extents(PyObject* sequence, const char* what, Py_ssize_t least) {
  const Ref items = Ref::steal(PySequence_Tuple(sequence));
  if (!items)
    return std::nullopt;
  const Py_ssize_t size = PyTuple_Size(items.get());
  if (size > max_ndim) {
    PyErr_Format(PyExc_ValueError, "%s: number of dimensions must not exceed 64", what);
    return std::nullopt;
  }
  Extents extents;
  extents.ndim = static_cast<int>(size);
  for (Py_ssize_t i = 0; i < size; ++i) {
    const Py_ssize_t value =
        PyNumber_AsSsize_t(PyTuple_GetItem(items.get(), i), PyExc_OverflowError);
    if (value == -1 && PyErr_Occurred() != nullptr)
      return std::nullopt;
    if (value < least) {
      PyErr_Format(PyExc_ValueError, "%s: %zd is negative", what, value);
      return std::nullopt;
    }
    extents.values[static_cast<std::size_t>(i)] = value;
  }
  return extents;
}

/// The bytes of a packed array; -1 with ValueError if they are beyond all memory, also where
/// another axis is empty, so that no product of extents overflows later.
Py_ssize_t packed_size(const Extents& shape, Py_ssize_t itemsize) {
  Py_ssize_t nonzero = itemsize;
  bool empty = false;
  for (int axis = 0; axis < shape.ndim; ++axis) {
    const Py_ssize_t extent = shape.values[static_cast<std::size_t>(axis)];
    empty = empty || extent == 0;
    if (extent == 0)
      continue;
    if (nonzero > PY_SSIZE_T_MAX / extent) {
      PyErr_SetString(PyExc_ValueError, "shape: more bytes than memory can have");
      return -1;
    }
    nonzero *= extent;
  }
  return empty ? 0 : nonzero;
}

/// The character of a native format; 0 with ValueError.
char read_format(const char* format) {
  const char c = native_format(format);
  if (c == 0)
    PyErr_Format(PyExc_ValueError, "format '%s' is not one native item", format);
  return c;
}

/// Whether every item of the grid lies in `nbytes` from its data - offset; ValueError if not.
bool check_bounds(const Grid& grid, Py_ssize_t offset, Py_ssize_t nbytes) {
  __extension__ using Wide = __int128;
  Wide first = offset;
  Wide last = Wide{offset} + grid.itemsize;
  for (int axis = 0; axis < grid.ndim; ++axis) {
    if (grid.shape[axis] == 0) {
      first = last = std::clamp<Py_ssize_t>(offset, 0, nbytes);
      break;
    }
    const Wide reach = Wide{grid.shape[axis] - 1} * grid.strides[axis];
    (reach < 0 ? first : last) += reach;
    // Stop before a sum of 64 such terms could overflow even this.
    if (first < 0 || last > nbytes)
      break;
  }
  if (first >= 0 && last <= nbytes && offset >= 0 && offset <= nbytes)
    return true;
  PyErr_SetString(PyExc_ValueError, "from_buffer: the items leave the buffer");
  return false;
}

/// from_buffer with a structure of its own over the exporter's plain bytes.
PyObject* structured(Lease* lease, PyObject* shape_object, const char* format,
                     PyObject* strides_object, Py_ssize_t offset, bool readonly) {
  const Py_buffer& view = lease->foreign;
  if (PyBuffer_IsContiguous(&view, 'C') == 0) {
    PyErr_SetString(PyExc_ValueError, "from_buffer: the exporter is not C-contiguous");
    return nullptr;
  }
  const char c = read_format(format);
  if (c == 0)
    return nullptr;
  const std::optional<Extents> shape = read_extents(shape_object, "shape", 0);
  if (!shape || packed_size(*shape, native_size(c)) < 0)
    return nullptr;
  Extents strides;
  packed_strides(strides.values.data(), shape->values.data(), shape->ndim, native_size(c));
  if (strides_object != Py_None) {
    const std::optional<Extents> given = read_extents(strides_object, "strides", PY_SSIZE_T_MIN);
    if (!given)
      return nullptr;
    if (given->ndim != shape->ndim) {
      PyErr_SetString(PyExc_ValueError, "from_buffer: as many strides as extents are needed");
      return nullptr;
    }
    strides = *given;
  }
  const Grid grid{static_cast<char*>(view.buf), native_size(c),        shape->ndim,
                  shape->values.data(),         strides.values.data(), nullptr};
  if (!check_bounds(grid, offset, view.len))
    return nullptr;
  Grid moved = grid;
  moved.data += offset;
  return new_memcache(lease, moved, static_format(format), readonly).release();
}

/// A packed MemCache on memory of its own, or null with an error.
Ref packed(const Extents& shape, char c, const char* format, PyObject* wrapper) {
  const Py_ssize_t nbytes = packed_size(shape, native_size(c));
  const Ref owner = nbytes < 0 ? Ref() : lease_storage(static_cast<std::size_t>(nbytes), wrapper);
  if (!owner)
    return {};
  Lease* lease = as_lease(owner.get());
  Extents strides;
  packed_strides(strides.values.data(), shape.values.data(), shape.ndim, native_size(c));
  const Grid grid{reinterpret_cast<char*>(lease->block.data),
                  native_size(c),
                  shape.ndim,
                  shape.values.data(),
                  strides.values.data(),
                  nullptr};
  return new_memcache(lease, grid, static_format(format), false);
}

} // namespace

PyObject* module_allocate(PyObject* /*module*/, PyObject* args) {
  PyObject* shape_object = nullptr;
  const char* format = nullptr;
  PyObject* wrapper = nullptr;
  if (PyArg_ParseTuple(args, "OsO:allocate", &shape_object, &format, &wrapper) == 0)
    return nullptr;
  const char c = read_format(format);
  if (c == 0)
    return nullptr;
  const std::optional<Extents> shape = read_extents(shape_object, "shape", 0);
  return shape ? packed(*shape, c, format, wrapper).release() : nullptr;
}

Ref new_packed(const Py_ssize_t* shape, std::size_t count, const char* format, PyObject* wrapper) {
  Extents extents;
  if (count > extents.values.size())
    raise(PyExc_ValueError, "shape: number of dimensions must not exceed 64");
  extents.ndim = static_cast<int>(count);
  std::copy_n(shape, count, extents.values.begin());
  const char c = read_format(format);
  if (c == 0)
    throw PythonError();
  return checked(packed(extents, c, format, wrapper).release());
}

PyObject* module_disable(PyObject* /*module*/, PyObject* object) {
  if (!memcache_check(object)) {
    PyErr_Format(PyExc_TypeError, "disable: a MemCache is needed, not %R", Py_TYPE(object));
    return nullptr;
  }
  Lease* lease = as_memcache(object)->lease;
  if (lease != nullptr)
    disable_lease(lease);
  Py_RETURN_NONE;
}

PyObject* module_from_buffer(PyObject* /*module*/, PyObject* args, PyObject* kwargs) {
  static const char* const names[] = {"obj",    "shape",    "format",   "strides",
                                      "offset", "readonly", "writable", nullptr};
  PyObject* exporter = nullptr;
  PyObject* shape = Py_None;
  const char* format = "B";
  PyObject* strides = Py_None;
  Py_ssize_t offset = 0;
  int readonly = 0;
  int writable = 0;
  if (PyArg_ParseTupleAndKeywords(args, kwargs, "O|OsOnpp:from_buffer", const_cast<char**>(names),
                                  &exporter, &shape, &format, &strides, &offset, &readonly,
                                  &writable) == 0)
    return nullptr;
  if (memcache_check(exporter) && shape == Py_None) { // as memoryview(memoryview)
    MemCache* cache = as_memcache(exporter);
    if (!check_usable(cache))
      return nullptr;
    return new_memcache(cache->lease, cache->grid(), cache->format,
                        cache->readonly || readonly != 0)
        .release();
  }
  const Ref owner = lease_foreign(exporter, writable != 0);
  if (!owner)
    return nullptr;
  Lease* lease = as_lease(owner.get());
  const bool locked = readonly != 0 || lease->foreign.readonly != 0;
  if (shape != Py_None)
    return structured(lease, shape, format, strides, offset, locked);
  BufferGrid grid;
  if (!grid.set(lease->foreign))
    return nullptr;
  return new_memcache(lease, grid.grid(), grid.format(), locked).release();
}

PyObject* module_live(PyObject* /*module*/, PyObject* /*unused*/) {
  const StorageCounters storage = storage_counters();
  return Py_BuildValue("{s:n,s:n,s:n,s:n,s:L,s:L,s:L}", "objects", count_memcaches(), "leases",
                       count_leases(), "bytes", static_cast<Py_ssize_t>(storage.used), "pooled",
                       static_cast<Py_ssize_t>(storage.pooled), "trails",
                       static_cast<long long>(trail_counters.trails), "runs",
                       static_cast<long long>(trail_counters.runs), "segments",
                       static_cast<long long>(trail_counters.segments));
}

} // namespace rnaslicer::runtime
