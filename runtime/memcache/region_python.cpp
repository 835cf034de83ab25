// runtime/memcache/region_python.cpp: region(memcache, view) for refresh and update of a part.
#include "runtime/memcache/functions.hpp"
#include "runtime/memcache/region.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace rnaslicer::runtime {
namespace {

/// Raises rnaslicer.errors.RegionError.
void raise_region_error(const std::string& reason) {
  set_error("RegionError", PyExc_ValueError, "not a region: " + reason);
}

std::string layout_text(const char* format, Py_ssize_t itemsize) {
  return "'" + std::string(format) + "' of " + std::to_string(itemsize) + " bytes";
}

/// Says whose memory it is that lies outside this cache's storage.
void raise_foreign_memory(const MemCache* cache, const char* address) {
  const Lease* owner = find_lease(address);
  if (owner == nullptr)
    raise_region_error(
        "the view's memory is not this MemCache's (a copy, perhaps?); put its values "
        "there first, as in memcache[...] = values");
  else if (owner == cache->lease)
    raise_region_error("the view reaches beyond this MemCache");
  else if (owner->disabled)
    raise_region_error("the view is from an earlier enter; slice the current MemCache");
  else
    raise_region_error("the view belongs to another wrapper's MemCache");
}

bool check_layout(const MemCache* cache, const Grid& view, const char* format) {
  if (view.suboffsets != nullptr) {
    raise_region_error("the view follows pointers (suboffsets)");
    return false;
  }
  if (same_representation(cache->format, cache->itemsize, format, view.itemsize))
    return true;
  raise_region_error("the view's items are " + layout_text(format, view.itemsize) +
                     ", the MemCache's " + layout_text(cache->format, cache->itemsize) +
                     " (a cast?)");
  return false;
}

/// Whether any byte of the view, or an empty view's place, is in the cache's memory.
bool is_inside(MemCache* cache, const Grid& view) {
  const auto* first = cache->data;
  const auto* last = cache->data + cache->nbytes;
  if (view.items() == 0) {
    const auto axes = static_cast<std::size_t>(cache->ndim);
    return view.data >= first &&
           view.data <= first + empty_reach({{cache->shape(), axes}, cache->itemsize});
  }
  const Span span = span_of(view);
  return span.first >= first && span.last <= last;
}

PyObject* to_tuple(const std::vector<RegionAxis>& axes) {
  Ref tuple = Ref::steal(PyTuple_New(static_cast<Py_ssize_t>(axes.size())));
  if (!tuple)
    return nullptr;
  Py_ssize_t i = 0;
  for (const RegionAxis& axis : axes) {
    PyObject* item =
        Py_BuildValue("(LLL)", static_cast<long long>(axis.start),
                      static_cast<long long>(axis.step), static_cast<long long>(axis.count));
    if (item == nullptr || PyTuple_SetItem(tuple.get(), i++, item) < 0)
      return nullptr;
  }
  return tuple.release();
}

PyObject* region_of(MemCache* cache, const Grid& view, const char* format) {
  if (!check_layout(cache, view, format))
    return nullptr;
  if (!is_inside(cache, view)) {
    raise_foreign_memory(cache, span_of(view).first);
    return nullptr;
  }
  static_assert(sizeof(Py_ssize_t) == sizeof(std::int64_t));
  std::array<std::int64_t, max_ndim> shape{};
  std::array<std::int64_t, max_ndim> extents{};
  std::array<std::int64_t, max_ndim> strides{};
  const auto cache_axes = static_cast<std::size_t>(cache->ndim);
  const auto view_axes = static_cast<std::size_t>(view.ndim);
  std::copy_n(cache->shape(), cache_axes, shape.begin());
  std::copy_n(view.shape, view_axes, extents.begin());
  std::copy_n(view.strides, view_axes, strides.begin());
  const RegionResult result = find_region(
      {{shape.data(), cache_axes}, cache->itemsize},
      {view.data - cache->data, {extents.data(), view_axes}, {strides.data(), view_axes}});
  if (result.refusal.empty())
    return to_tuple(result.axes);
  raise_region_error(result.refusal);
  return nullptr;
}

PyObject* region_of_memcache(MemCache* cache, MemCache* view) {
  if (is_released(view)) {
    raise_region_error("the view was released (from an earlier enter, perhaps)");
    return nullptr;
  }
  return region_of(cache, view->grid(), view->format);
}

PyObject* region_of_buffer(MemCache* cache, PyObject* view) {
  if (PyObject_CheckBuffer(view) == 0) {
    raise_region_error("a slice of the MemCache or of an array on it is needed");
    return nullptr;
  }
  const Pin pinned(cache->lease);
  Buffer buffer;
  if (!buffer.acquire(view, PyBUF_FULL_RO))
    return nullptr;
  BufferGrid grid;
  if (!grid.set(buffer.view()) || !check_usable(cache))
    return nullptr;
  return region_of(cache, grid.grid(), grid.format());
}

} // namespace

PyObject* module_region(PyObject* /*module*/, PyObject* args) {
  PyObject* object = nullptr;
  PyObject* view = nullptr;
  if (PyArg_ParseTuple(args, "O!O:region", types.memcache, &object, &view) == 0)
    return nullptr;
  MemCache* cache = as_memcache(object);
  if (!check_usable(cache))
    return nullptr;
  if (!cache->c_contiguous) {
    PyErr_SetString(PyExc_ValueError, "region: the MemCache itself must be C-contiguous");
    return nullptr;
  }
  return guarded([&] {
    return memcache_check(view) ? region_of_memcache(cache, as_memcache(view))
                                : region_of_buffer(cache, view);
  });
}

} // namespace rnaslicer::runtime
