// runtime/memcache/view/convert.cpp: tobytes, hex, tolist, toreadonly.
#include "runtime/memcache/object.hpp"

#include <cstring>

namespace rnaslicer::runtime {
namespace {

PyObject* list_of(const Grid& grid, char format) {
  if (grid.ndim == 0)
    return unpack_item(grid.data, format);
  Ref list = Ref::steal(PyList_New(grid.shape[0]));
  if (!list)
    return nullptr;
  for (Py_ssize_t i = 0; i < grid.shape[0]; ++i) {
    PyObject* item = list_of(grid.row(i), format);
    if (item == nullptr || PyList_SetItem(list.get(), i, item) < 0)
      return nullptr;
  }
  return list.release();
}

Ref bytes_of(MemCache* cache, bool fortran) {
  Ref bytes = Ref::steal(PyBytes_FromStringAndSize(nullptr, cache->nbytes));
  if (bytes)
    pack_grid(PyBytes_AsString(bytes.get()), cache->grid(), fortran);
  return bytes;
}

} // namespace

PyObject* memcache_tobytes(PyObject* self, PyObject* args, PyObject* kwargs) {
  static const char* const names[] = {"order", nullptr};
  const char* order = nullptr;
  if (PyArg_ParseTupleAndKeywords(args, kwargs, "|z:tobytes", const_cast<char**>(names), &order) ==
      0)
    return nullptr;
  MemCache* cache = as_memcache(self);
  if (!check_usable(cache))
    return nullptr;
  bool fortran = false;
  if (order != nullptr && std::strcmp(order, "C") != 0) {
    fortran = std::strcmp(order, "F") == 0;
    if (!fortran && std::strcmp(order, "A") != 0) {
      PyErr_SetString(PyExc_ValueError, "order must be 'C', 'F' or 'A'");
      return nullptr;
    }
    if (!fortran)
      fortran = cache->f_contiguous && !cache->c_contiguous;
  }
  const Pin pinned(cache->lease);
  return bytes_of(cache, fortran).release();
}

PyObject* memcache_hex(PyObject* self, PyObject* args, PyObject* kwargs) {
  MemCache* cache = as_memcache(self);
  if (!check_usable(cache))
    return nullptr;
  const Hold held(cache); // a separator's own class may run code
  const Ref bytes = bytes_of(cache, false);
  if (!bytes)
    return nullptr;
  const Ref hex = Ref::steal(PyObject_GetAttrString(bytes.get(), "hex"));
  Ref text = Ref::steal(hex ? PyObject_Call(hex.get(), args, kwargs) : nullptr);
  return text && check_usable(cache) ? text.release() : nullptr;
}

PyObject* memcache_tolist(PyObject* self, PyObject* /*unused*/) {
  MemCache* cache = as_memcache(self);
  if (!check_usable(cache))
    return nullptr;
  const char format = check_format(cache);
  if (format == 0)
    return nullptr;
  const Pin pinned(cache->lease); // new objects may start a collection, and that any code
  return list_of(cache->grid(), format);
}

PyObject* memcache_toreadonly(PyObject* self, PyObject* /*unused*/) {
  MemCache* cache = as_memcache(self);
  if (!check_usable(cache))
    return nullptr;
  return new_memcache(cache->lease, cache->grid(), cache->format, true).release();
}

} // namespace rnaslicer::runtime
