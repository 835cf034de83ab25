// runtime/memcache/view/assign.cpp: assignment of items, scalars, nested sequences and buffers.
//
// As NumPy assigns: what broadcasts is broadcast, other formats are converted. But nothing is cut
// or wraps around: that is refused, with what to write instead.
//
// A value is converted completely before the first byte is written, so that a bad item leaves the
// cache as it was. Conversion may run Python code that releases the cache: then nothing is written.
#include "runtime/memcache/noticed.hpp"

#include <algorithm>
#include <cstring>
#include <string>

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

bool cannot_broadcast(const Grid& to, const Grid& from) {
  const auto text = [](const Grid& grid) {
    std::string shape = "(";
    for (int axis = 0; axis < grid.ndim; ++axis)
      shape +=
          std::to_string(grid.shape[axis]) + (grid.ndim == 1 || axis + 1 < grid.ndim ? "," : "");
    return shape + ")";
  };
  PyErr_Format(
      PyExc_ValueError,
      "MemCache assignment: lvalue and rvalue have different structures: shape %s does not "
      "broadcast to %s%s",
      text(from).c_str(), text(to).c_str(),
      from.ndim == 1 && from.shape[0] == 1 ? "; write values[0], which stands for all" : "");
  return false;
}

/// A grid seen in the shape of another, as NumPy broadcasts: axes are aligned at the end, one step
/// stands for all.
class Broadcast {
 public:
  /// False with ValueError where it does not fit.
  bool set(const Grid& to, const Grid& from) {
    int first = 0;
    while (from.ndim - first > to.ndim && from.shape[first] == 1)
      ++first;
    // On one axis a memoryview refuses what a buffer of one item would broadcast to; so do we.
    if (to.ndim == 1 && from.ndim == 1 && to.shape[0] != from.shape[0])
      return cannot_broadcast(to, from);
    const int missing = to.ndim - (from.ndim - first);
    if (missing < 0)
      return cannot_broadcast(to, from);
    for (int axis = missing; axis < to.ndim; ++axis) {
      const int own = axis - missing + first;
      if (from.shape[own] != to.shape[axis] && from.shape[own] != 1)
        return cannot_broadcast(to, from);
      strides_.at(static_cast<std::size_t>(axis)) =
          from.shape[own] == to.shape[axis] ? from.strides[own] : 0;
    }
    grid_ = {from.data, from.itemsize, to.ndim, to.shape, strides_.data(), nullptr};
    return true;
  }
  [[nodiscard]] const Grid& grid() const { return grid_; }

 private:
  std::array<Py_ssize_t, max_ndim> strides_{};
  Grid grid_;
};

/// Writes items that are ready, in the target's format, to all of the target.
bool assign_ready(const Grid& to, const Grid& from) {
  Broadcast wide;
  return wide.set(to, from) && copy_grid(to, wide.grid());
}

/// Packed items of a shape found on the way.
struct Packed {
  int ndim = 0;
  std::array<Py_ssize_t, max_ndim> shape{};
  std::array<Py_ssize_t, max_ndim> strides{};

  Grid grid(char* data, Py_ssize_t itemsize) {
    packed_strides(strides.data(), shape.data(), ndim, itemsize);
    return {data, itemsize, ndim, shape.data(), strides.data(), nullptr};
  }
};

bool is_sequence(PyObject* value) {
  return PySequence_Check(value) != 0 && PyUnicode_Check(value) == 0 && PyBytes_Check(value) == 0;
}

/// The shape of nested sequences by their first elements, not deeper than `most`. False with an
/// error.
bool find_shape(Packed& found, int most, PyObject* value) {
  Ref at = Ref::borrow(value);
  while (found.ndim < most && is_sequence(at.get())) {
    const Py_ssize_t size = PySequence_Size(at.get());
    if (size < 0) { // a NumPy array without axes looks like a sequence
      if (PyErr_ExceptionMatches(PyExc_TypeError) == 0 || found.ndim == 0)
        return false;
      PyErr_Clear();
      break;
    }
    found.shape.at(static_cast<std::size_t>(found.ndim++)) = size;
    if (size == 0)
      break;
    at = Ref::steal(PySequence_GetItem(at.get(), 0));
    if (!at)
      return false;
  }
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
  if (!is_sequence(value)) {
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
  Packed packed;
  if (!find_shape(packed, to.ndim, value))
    return false;
  if (packed.ndim == 0) { // text
    PyErr_Format(PyExc_TypeError, "MemCache assignment: numbers are needed, not %R",
                 Py_TYPE(value));
    return false;
  }
  if (packed.shape.at(static_cast<std::size_t>(packed.ndim) - 1) == 0)
    for (; packed.ndim < to.ndim; ++packed.ndim) // nothing tells what an empty list would hold
      packed.shape.at(static_cast<std::size_t>(packed.ndim)) = to.shape[packed.ndim];
  const Grid shape = packed.grid(nullptr, to.itemsize);
  Broadcast fits;
  // A list of a million for an axis of three is refused before it is converted.
  if (!fits.set(to, shape))
    return false;
  const Scratch scratch(shape.items() * to.itemsize);
  if (!scratch)
    return false;
  char* end = scratch.get();
  if (!pack_nested(end, shape, 0, format, value) || !check_usable(cache))
    return false;
  return assign_ready(to, packed.grid(scratch.get(), to.itemsize));
}

/// Items of another format, converted as NumPy does where nothing is lost but precision.
bool assign_converted(MemCache* cache, const Grid& to, char format, const Grid& from,
                      const char* from_format) {
  Packed packed;
  packed.ndim = from.ndim;
  std::copy_n(from.shape, from.ndim, packed.shape.begin());
  const Grid shape = packed.grid(nullptr, to.itemsize);
  Broadcast fits;
  if (!fits.set(to, shape))
    return false;
  const Py_ssize_t items = shape.items();
  const Scratch raw(items * from.itemsize);
  const Scratch scratch(items * to.itemsize);
  if (!raw || !scratch)
    return false;
  pack_grid(raw.get(), from);
  if (!convert_items(scratch.get(), format, raw.get(), from_format, from.itemsize, items) ||
      !check_usable(cache))
    return false;
  return assign_ready(to, packed.grid(scratch.get(), to.itemsize));
}

/// Whether a value is items of its own right, where other buffers may be numbers.
bool is_view(PyObject* value) { return memcache_check(value) || PyMemoryView_Check(value) != 0; }

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
  if (from.ndim == 0 && !same_format && !is_view(value)) // a NumPy scalar, for one
    return assign_scalar(cache, to, format, value);
  if (from.ndim == 0 && same_format) {
    Item item{};
    std::memcpy(item.data(), from.data, static_cast<std::size_t>(from.itemsize));
    fill_grid(to, item.data());
    return true;
  }
  if (!same_format)
    return assign_converted(cache, to, format, from, source.format());
  if (same_shape(to, from))
    return copy_grid(to, from);
  if (from.suboffsets == nullptr)
    return assign_ready(to, from);
  Packed packed;
  packed.ndim = from.ndim;
  std::copy_n(from.shape, from.ndim, packed.shape.begin());
  const Scratch raw(from.items() * from.itemsize);
  if (!raw)
    return false;
  pack_grid(raw.get(), from);
  return assign_ready(to, packed.grid(raw.get(), from.itemsize));
}

bool assign(MemCache* cache, const Selection& target, char format, PyObject* value) {
  const Grid& to = target.grid;
  // Anything has a truth value, a view that of being there: its item is meant.
  if (target.is_item && !(format == '?' && is_view(value)))
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
