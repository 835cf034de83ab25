// runtime/memcache/assign.cpp: assignment of items, scalars, nested sequences and buffers.
//
// A value is converted completely before the first byte is written, so that a bad item leaves the
// cache as it was. Conversion may run Python code that releases the cache: then nothing is written.
#include "runtime/memcache/noticed.hpp"

#include <cstring>

namespace rnaslicer::runtime {
namespace {

constexpr std::size_t largest_item = 8;
using Item = std::array<char, largest_item>;

bool different_structures() {
  PyErr_SetString(PyExc_ValueError,
                  "MemCache assignment: lvalue and rvalue have different structures");
  return false;
}

bool assign_scalar(MemCache* cache, const Grid& to, char format, PyObject* value) {
  Item item{};
  if (!pack_item(item.data(), format, value) || !check_usable(cache))
    return false;
  fill_grid(to, item.data());
  return true;
}

/// Packs nested sequences of the grid's shape in C order, moving `out` on.
bool pack_nested(char*& out, const Grid& to, int axis, char format, PyObject* value) {
  if (axis == to.ndim) {
    if (!pack_item(out, format, value))
      return false;
    out += to.itemsize;
    return true;
  }
  if (PySequence_Check(value) == 0 || PyUnicode_Check(value)) {
    PyErr_Format(PyExc_TypeError, "MemCache assignment: a sequence of %zd is needed, not %R",
                 to.shape[axis], Py_TYPE(value));
    return false;
  }
  // A tuple of our own cannot change while items are converted.
  const Ref items = Ref::steal(PySequence_Tuple(value));
  if (!items)
    return false;
  if (PyTuple_Size(items.get()) != to.shape[axis])
    return different_structures();
  for (Py_ssize_t i = 0; i < to.shape[axis]; ++i)
    if (!pack_nested(out, to, axis + 1, format, PyTuple_GetItem(items.get(), i)))
      return false;
  return true;
}

bool assign_sequence(MemCache* cache, const Grid& to, char format, PyObject* value) {
  const Scratch scratch(to.items() * to.itemsize);
  if (!scratch)
    return false;
  char* end = scratch.get();
  if (!pack_nested(end, to, 0, format, value) || !check_usable(cache))
    return false;
  std::array<Py_ssize_t, max_ndim> strides{};
  packed_strides(strides.data(), to.shape, to.ndim, to.itemsize);
  if (to.items() > 0)
    copy_apart(to, {scratch.get(), to.itemsize, to.ndim, to.shape, strides.data(), nullptr});
  return true;
}

bool assign_buffer(MemCache* cache, const Grid& to, char format, PyObject* value) {
  Buffer buffer;
  if (!buffer.acquire(value, PyBUF_FULL_RO))
    return false;
  BufferGrid source;
  if (!source.set(buffer.view()) || !check_usable(cache))
    return false;
  const Grid& from = source.grid();
  const bool same_format =
      same_representation(cache->format, to.itemsize, source.format(), from.itemsize);
  if (from.ndim == 0) { // a NumPy scalar, for one
    if (!same_format)
      return assign_scalar(cache, to, format, value);
    Item item{};
    std::memcpy(item.data(), from.data, static_cast<std::size_t>(from.itemsize));
    fill_grid(to, item.data());
    return true;
  }
  if (!same_format || !same_shape(to, from))
    return different_structures();
  return copy_grid(to, from);
}

bool assign(MemCache* cache, const Selection& target, char format, PyObject* value) {
  const Grid& to = target.grid;
  if (target.is_item)
    return assign_scalar(cache, to, format, value);
  if (PyObject_CheckBuffer(value) != 0)
    return assign_buffer(cache, to, format, value);
  if (to.ndim > 0 && PySequence_Check(value) != 0)
    return assign_sequence(cache, to, format, value);
  return assign_scalar(cache, to, format, value);
}

} // namespace

int memcache_assign(PyObject* self, PyObject* key, PyObject* value) {
  MemCache* cache = as_memcache(self);
  if (!check_usable(cache))
    return -1;
  const char format = check_format(cache);
  if (format == 0)
    return -1;
  if (cache->readonly) {
    PyErr_SetString(PyExc_TypeError, "cannot modify read-only memory");
    return -1;
  }
  if (value == nullptr) {
    PyErr_SetString(PyExc_TypeError, "cannot delete memory");
    return -1;
  }
  const Pin pinned(cache->lease);
  Selection target;
  if (!select(target, cache, key) || !check_usable(cache) || !notice_write(cache))
    return -1;
  return assign(cache, target, format, value) ? 0 : -1;
}

} // namespace rnaslicer::runtime
