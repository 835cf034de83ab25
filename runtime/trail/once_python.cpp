// runtime/trail/once_python.cpp: Trail's methods that move a caller's buffer.
#include "runtime/memcache/memcache.hpp"
#include "runtime/trail/python.hpp"
#include "runtime/trail/run.hpp"

#include <algorithm>

namespace rnaslicer::runtime {

namespace {

using AtOnce = bool (*)(const Trail&, PyObject*, const Once&);

/// (root or collection, MemCache, rows, byte of the first item).
PyObject* go_once(PyObject* self, PyObject* args, AtOnce how) {
  return guarded([&]() -> PyObject* {
    PyObject* from = nullptr;
    Once once;
    if (PyArg_ParseTuple(args, "OOnn", &from, &once.cache, &once.count, &once.first) == 0)
      return nullptr;
    if (!memcache_check(once.cache))
      raise(PyExc_TypeError, "a MemCache on the caller's buffer is needed");
    const std::shared_ptr<const Trail> trail = trail_of(self); // whatever a script's code drops
    return PyBool_FromLong(static_cast<long>(how(*trail, from, once)));
  });
}

/// Items of a packed buffer: whole rows, if shaped as the trail's cache or, `flat`, of any shape.
std::optional<Once> rows_in(const Trail& trail, PyObject* cache, bool flat) {
  const StorageView storage = memcache_storage(cache);
  std::int64_t width = storage.itemsize;
  for (const std::int64_t extent : trail.inner)
    width *= extent;
  if (!storage || width <= 0 || storage.nbytes % width != 0)
    return std::nullopt;
  const auto axes = static_cast<std::size_t>(storage.ndim);
  if (!flat && (axes != trail.inner.size() + 1 ||
                !std::equal(trail.inner.begin(), trail.inner.end(), storage.shape + 1)))
    return std::nullopt;
  return Once{cache, static_cast<Py_ssize_t>(storage.nbytes / width), 0};
}

/// (root or collection, buffer, rows or -1).
PyObject* go_packed(PyObject* self, PyObject* args, AtOnce how, bool writable, bool flat) {
  return guarded([&]() -> PyObject* {
    PyObject* from = nullptr;
    PyObject* buffer = nullptr;
    Py_ssize_t rows = -1;
    if (PyArg_ParseTuple(args, "OO|n", &from, &buffer, &rows) == 0)
      return nullptr;
    const std::shared_ptr<const Trail> trail = trail_of(self); // whatever a script's code drops
    const Ref cache = trail->packed ? memcache_on(buffer, trail->format.c_str(), writable) : Ref();
    const auto once = cache ? rows_in(*trail, cache.get(), flat) : std::nullopt;
    const bool fits = once && (rows < 0 || rows == once->count);
    return PyBool_FromLong(static_cast<long>(fits && how(*trail, from, *once)));
  });
}

} // namespace

PyObject* trail_read(PyObject* self, PyObject* args) { return go_once(self, args, read_once); }
PyObject* trail_write(PyObject* self, PyObject* args) { return go_once(self, args, write_once); }
PyObject* trail_read_packed(PyObject* self, PyObject* args) {
  return go_packed(self, args, read_once, true, false);
}
PyObject* trail_write_packed(PyObject* self, PyObject* args) {
  return go_packed(self, args, write_once, false, false);
}
PyObject* trail_read_of(PyObject* self, PyObject* args) {
  return go_packed(self, args, read_once_of, true, true);
}
PyObject* trail_write_of(PyObject* self, PyObject* args) {
  return go_packed(self, args, write_once_of, false, true);
}

} // namespace rnaslicer::runtime
