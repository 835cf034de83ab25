// runtime/memcache/lent.cpp: a script's buffer as a packed MemCache.
#include "runtime/memcache/functions.hpp"

#include <memory>

namespace rnaslicer::runtime {

namespace {

/// A buffer of another's, for as long as the lease lives.
struct Foreign {
  Ref owner; // a lease
  BufferGrid grid;
  [[nodiscard]] Lease* lease() const { return as_lease(owner.get()); }
  [[nodiscard]] bool readonly() const { return lease()->foreign.readonly != 0; }
  [[nodiscard]] Ref cache(const char* format) const {
    return new_memcache(lease(), grid.grid(), static_format(format), readonly());
  }
};

/// Nothing, without an error, where it has not the format or cannot be written, if so asked. Throws
/// PythonError for an interrupt in code of the buffer's own.
/// (On the heap, for its grid points into it.)
std::unique_ptr<Foreign> foreign(PyObject* exporter, const char* format, bool writable) {
  auto found = std::make_unique<Foreign>();
  found->owner = lease_foreign(exporter, writable);
  if (!found->owner || !found->grid.set(found->lease()->foreign)) {
    drop_error(); // who asks next is told; an interrupt goes on
    return nullptr;
  }
  const bool fits = same_representation(found->grid.format(), found->grid.grid().itemsize, format,
                                        native_size(format[0]));
  return fits && !(writable && found->readonly()) ? std::move(found) : nullptr;
}

/// Bytes of items that are copied on the way, and bytes of the cache lines that they lie on;
/// whoever moves more has a kernel for the layout, which needs no copy and has several threads.
constexpr Py_ssize_t most_copied = Py_ssize_t{1} << 20;
constexpr Py_ssize_t most_touched = Py_ssize_t{16} << 20;
constexpr Py_ssize_t cache_line = 64;

bool is_large(const Grid& grid) {
  const Py_ssize_t items = grid.items();
  if (items * grid.itemsize > most_copied)
    return true;
  if (grid.suboffsets != nullptr || items <= most_touched / cache_line)
    return false;
  const Span span = span_of(grid);
  return span.last - span.first > most_touched;
}

/// Whether one item stands for several; not judged where there is none.
bool is_broadcast(const Grid& grid) {
  if (grid.items() == 0)
    return false;
  for (int i = 0; i < grid.ndim; ++i)
    if (grid.shape[i] > 1 && grid.strides[i] == 0)
      return true;
  return false;
}

} // namespace

Ref memcache_on(PyObject* exporter, const char* format, bool writable) {
  const auto found = foreign(exporter, format, writable);
  return found && is_packed(found->grid.grid(), false) ? found->cache(format) : Ref();
}

PyObject* module_as_packed(PyObject* /*module*/, PyObject* args) {
  return guarded([&]() -> PyObject* {
    PyObject* exporter = nullptr;
    const char* format = nullptr;
    int writable = 0;
    if (PyArg_ParseTuple(args, "Osp:as_packed", &exporter, &format, &writable) == 0)
      return nullptr;
    if (native_size(format[0]) == 0 || format[1] != '\0')
      raise(PyExc_ValueError, "as_packed: no format of a MemCache");
    const auto found = foreign(exporter, format, writable != 0);
    if (!found)
      Py_RETURN_NONE;
    const Grid& grid = found->grid.grid();
    const bool packed = is_packed(grid, false);
    if (!packed && (is_large(grid) || (writable != 0 && is_broadcast(grid))))
      Py_RETURN_NONE;
    const Ref own = checked(found->cache(format).release());
    const Ref moved =
        packed ? Ref::borrow(own.get())
               : new_packed(grid.shape, static_cast<std::size_t>(grid.ndim), format, Py_None);
    return PyTuple_Pack(2, moved.get(), packed ? Py_None : own.get());
  });
}

} // namespace rnaslicer::runtime
