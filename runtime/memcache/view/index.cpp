// runtime/memcache/view/index.cpp: subscripts: what they select, items and sub-views.
#include "runtime/memcache/object.hpp"

namespace rnaslicer::runtime {
namespace {

/// Builds the selected grid axis by axis.
class Selector {
 public:
  Selector(Selection& out, MemCache* cache) : out_(out), from_(cache->grid()) {
    out.grid = {from_.data,
                from_.itemsize,
                0,
                out.shape.data(),
                out.strides.data(),
                from_.suboffsets != nullptr ? out.suboffsets.data() : nullptr};
  }

  /// Takes `count` axes as they are.
  void keep(int count) {
    for (int i = 0; i < count; ++i, ++axis_)
      add_axis(from_.shape[axis_], from_.strides[axis_]);
  }

  bool slice(PyObject* key) {
    Py_ssize_t start = 0;
    Py_ssize_t stop = 0;
    Py_ssize_t step = 0;
    if (PySlice_Unpack(key, &start, &stop, &step) < 0)
      return false;
    const Py_ssize_t count = PySlice_AdjustIndices(from_.shape[axis_], &start, &stop, step);
    // An empty slice may start one behind the last item; its address is not moved there.
    if (count > 0)
      move(start * from_.strides[axis_]);
    // A huge step of a short axis is never taken, and must not overflow.
    add_axis(count, count > 1 ? from_.strides[axis_] * step : wrapping_product(axis_, step));
    ++axis_;
    return true;
  }

  bool index(PyObject* key) {
    Py_ssize_t index = PyNumber_AsSsize_t(key, PyExc_IndexError);
    if (index == -1 && PyErr_Occurred() != nullptr)
      return false;
    return index_at(index);
  }

  bool index_at(Py_ssize_t index) {
    const Py_ssize_t extent = from_.shape[axis_];
    if (index < 0)
      index += extent;
    if (index < 0 || index >= extent) {
      PyErr_Format(PyExc_IndexError, "index out of bounds on dimension %d", axis_ + 1);
      return false;
    }
    move(index * from_.strides[axis_]);
    const bool followed = from_.suboffsets == nullptr || follow(from_.suboffsets[axis_]);
    ++axis_;
    return followed;
  }

  [[nodiscard]] int axes_left() const { return from_.ndim - axis_; }

 private:
  Py_ssize_t wrapping_product(int axis, Py_ssize_t step) const {
    return static_cast<Py_ssize_t>(static_cast<std::size_t>(from_.strides[axis]) *
                                   static_cast<std::size_t>(step));
  }

  void add_axis(Py_ssize_t extent, Py_ssize_t stride) {
    const auto to = static_cast<std::size_t>(out_.grid.ndim++);
    out_.shape[to] = extent;
    out_.strides[to] = stride;
    out_.suboffsets[to] = from_.suboffsets != nullptr ? from_.suboffsets[axis_] : -1;
  }

  Py_ssize_t& suboffset(int axis) { return out_.suboffsets[static_cast<std::size_t>(axis)]; }

  /// Moves all items: behind the last pointer that is followed, if any is.
  void move(Py_ssize_t bytes) {
    if (from_.suboffsets != nullptr)
      for (int axis = out_.grid.ndim - 1; axis >= 0; --axis)
        if (suboffset(axis) >= 0) {
          suboffset(axis) += bytes;
          return;
        }
    out_.grid.data += bytes;
  }

  /// Follows the pointers of an axis that an index has removed.
  bool follow(Py_ssize_t offset) {
    if (offset < 0)
      return true;
    const int last = out_.grid.ndim - 1;
    if (last < 0) {
      out_.grid.data = follow_pointer(out_.grid.data) + offset;
      return true;
    }
    if (suboffset(last) < 0) {
      suboffset(last) = offset;
      return true;
    }
    PyErr_SetString(PyExc_NotImplementedError, "MemCache: sub-view needs two pointers in a row");
    return false;
  }

  Selection& out_;
  Grid from_;
  int axis_ = 0;
};

bool bad_key() {
  PyErr_SetString(
      PyExc_TypeError,
      "MemCache: invalid slice key: ints, slices and ... select here; numpy.asarray(memcache)[key] "
      "takes lists and masks, too");
  return false;
}

bool select_one(Selector& selector, PyObject* key) {
  if (PyIndex_Check(key) != 0)
    return selector.index(key);
  if (PySlice_Check(key))
    return selector.slice(key);
  return bad_key();
}

/// How many items of the tuple name an axis; -1 with TypeError if there are too many.
Py_ssize_t count_named(PyObject* tuple, int ndim) {
  const Py_ssize_t size = PyTuple_Size(tuple);
  Py_ssize_t ellipses = 0;
  for (Py_ssize_t i = 0; i < size; ++i)
    if (PyTuple_GetItem(tuple, i) == Py_Ellipsis)
      ++ellipses;
  if (ellipses > 1) {
    PyErr_SetString(PyExc_TypeError, "MemCache: more than one Ellipsis in slice key");
    return -1;
  }
  if (size - ellipses > ndim) {
    PyErr_Format(PyExc_TypeError, "cannot index %d-dimension view with %zd-element tuple", ndim,
                 size - ellipses);
    return -1;
  }
  return size - ellipses;
}

bool select_tuple(Selection& out, MemCache* cache, Selector& selector, PyObject* key) {
  const Py_ssize_t named = count_named(key, cache->ndim);
  if (named < 0)
    return false;
  const Py_ssize_t size = PyTuple_Size(key);
  for (Py_ssize_t i = 0; i < size; ++i) {
    PyObject* item = PyTuple_GetItem(key, i);
    if (item == Py_Ellipsis)
      selector.keep(cache->ndim - static_cast<int>(named));
    else if (!select_one(selector, item))
      return false;
  }
  selector.keep(selector.axes_left());
  out.is_item = out.grid.ndim == 0 && named == size;
  return true;
}

/// The selected item or sub-view; `lease` is pinned.
PyObject* give(const Selection& selected, MemCache* cache, Lease* lease, const char* format) {
  if (selected.is_item) {
    // The subscript's code may have released the cache meanwhile.
    if (!check_usable(cache))
      return nullptr;
    const char item_format = check_format(cache);
    return item_format != 0 ? unpack_item(selected.grid.data, item_format) : nullptr;
  }
  if (lease->disabled) {
    check_usable(cache);
    return nullptr;
  }
  return new_memcache(lease, selected.grid, format, cache->readonly).release();
}

} // namespace

bool select(Selection& out, MemCache* cache, PyObject* key) {
  Selector selector(out, cache);
  if (PyTuple_Check(key))
    return select_tuple(out, cache, selector, key);
  if (key == Py_Ellipsis) {
    selector.keep(cache->ndim);
    return true;
  }
  if (cache->ndim == 0) {
    PyErr_SetString(PyExc_TypeError, "invalid indexing of 0-dim memory");
    return false;
  }
  if (!select_one(selector, key))
    return false;
  selector.keep(selector.axes_left());
  out.is_item = out.grid.ndim == 0;
  return true;
}

PyObject* memcache_subscript(PyObject* self, PyObject* key) {
  MemCache* cache = as_memcache(self);
  if (!check_usable(cache))
    return nullptr;
  Lease* lease = cache->lease;
  const char* format = cache->format;
  const Pin pinned(lease);
  Selection selected;
  if (!select(selected, cache, key))
    return nullptr;
  return give(selected, cache, lease, format);
}

PyObject* memcache_item(PyObject* self, Py_ssize_t index) {
  MemCache* cache = as_memcache(self);
  if (!check_usable(cache))
    return nullptr;
  if (cache->ndim == 0) {
    PyErr_SetString(PyExc_TypeError, "invalid indexing of 0-dim memory");
    return nullptr;
  }
  const Pin pinned(cache->lease);
  Selection selected;
  Selector selector(selected, cache);
  if (!selector.index_at(index))
    return nullptr;
  selector.keep(selector.axes_left());
  selected.is_item = selected.grid.ndim == 0;
  return give(selected, cache, cache->lease, cache->format);
}

Py_ssize_t memcache_length(PyObject* self) {
  MemCache* cache = as_memcache(self);
  if (!check_usable(cache))
    return -1;
  if (cache->ndim > 0)
    return cache->shape()[0];
  if (Py_Version < 0x030C0000)
    return 1; // as memoryview up to Python 3.11
  PyErr_SetString(PyExc_TypeError, "0-dim memory has no length");
  return -1;
}

PyObject* memcache_iter(PyObject* self) {
  MemCache* cache = as_memcache(self);
  if (!check_usable(cache))
    return nullptr;
  if (cache->ndim == 0) {
    PyErr_SetString(PyExc_TypeError, "invalid indexing of 0-dim memory");
    return nullptr;
  }
  return PySeqIter_New(self);
}

} // namespace rnaslicer::runtime
