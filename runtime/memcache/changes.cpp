// runtime/memcache/changes.cpp: the module function changed_rows.
#include "jit/changes.hpp"

#include "runtime/memcache/functions.hpp"
#include "runtime/memcache/noticed.hpp"

#include <cstring>

namespace rnaslicer::runtime {

bool notice_write(const MemCache* cache) {
  auto* const watcher = jit::Changes::watching(reinterpret_cast<const std::byte*>(cache->data));
  return watcher == nullptr || guarded(false, [&] { return watcher->expect_other_writes(), true; });
}

void note_write(PyObject* memcache) {
  if (!notice_write(as_memcache(memcache)))
    throw PythonError();
}

PyObject* module_changed_rows(PyObject* /*module*/, PyObject* args) {
  return guarded([&]() -> PyObject* {
    PyObject* object = nullptr;
    PyObject* refresh = nullptr;
    if (PyArg_ParseTuple(args, "OO:changed_rows", &object, &refresh) == 0)
      return nullptr;
    const StorageView cache = memcache_storage(object);
    if (!cache)
      return nullptr;
    if (!cache.c_contiguous || cache.readonly)
      raise(PyExc_ValueError, "changed_rows: the MemCache is a part, or read-only");
    const Pin pinned(as_memcache(object)->lease);
    std::vector<std::int64_t> ranges;
    if (cache.nbytes == 0) {
      checked(PyObject_CallNoArgs(refresh));
    } else {
      const auto rows = static_cast<std::size_t>(cache.ndim > 0 ? cache.shape[0] : 1);
      jit::Changes changes(cache.data, rows, static_cast<std::size_t>(cache.nbytes) / rows);
      checked(PyObject_CallNoArgs(refresh));
      ranges = changes.ranges();
    }
    const Ref shape = checked(Py_BuildValue("((nn)sO)", static_cast<Py_ssize_t>(ranges.size() / 2),
                                            Py_ssize_t{2}, "q", Py_None));
    Ref result = checked(module_allocate(nullptr, shape.get()));
    if (!ranges.empty())
      std::memcpy(as_memcache(result.get())->data, ranges.data(),
                  ranges.size() * sizeof(std::int64_t));
    return result.release();
  });
}

} // namespace rnaslicer::runtime
