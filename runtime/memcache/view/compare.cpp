// runtime/memcache/view/compare.cpp: equality by value against any exporter, and the hash.
#include "runtime/memcache/object.hpp"

#include <optional>

namespace rnaslicer::runtime {
namespace {

enum class Verdict { unequal, equal, failed };

/// Reads items of one format as Python objects: native ones here, others by the struct module.
class Reader {
 public:
  /// False with an exception if the format cannot be read.
  bool prepare(const char* format, Py_ssize_t itemsize) {
    itemsize_ = itemsize;
    native_ = native_format(format);
    if (native_ != 0)
      return true;
    const Ref module = Ref::steal(PyImport_ImportModule("struct"));
    if (!module)
      return false;
    struct_ = Ref::steal(PyObject_CallMethod(module.get(), "Struct", "s", format));
    return static_cast<bool>(struct_);
  }

  /// One value, or a tuple for a format of several.
  [[nodiscard]] Ref read(const char* data) const {
    if (native_ != 0)
      return Ref::steal(unpack_item(data, native_));
    Ref values =
        Ref::steal(PyObject_CallMethod(struct_.get(), "unpack_from", "y#", data, itemsize_));
    if (values && PyTuple_Size(values.get()) == 1)
      return Ref::borrow(PyTuple_GetItem(values.get(), 0));
    return values;
  }

 private:
  char native_ = 0;
  Py_ssize_t itemsize_ = 0;
  Ref struct_;
};

Verdict compare_values(const Grid& a, const Reader& read_a, const Grid& b, const Reader& read_b) {
  if (a.ndim == 0) {
    const Ref x = read_a.read(a.data);
    if (!x)
      return Verdict::failed;
    const Ref y = read_b.read(b.data);
    if (!y)
      return Verdict::failed;
    // RichCompareBool takes one object for equal to itself; here each side has made its own,
    // except for small numbers, which are.
    const int equal = PyObject_RichCompareBool(x.get(), y.get(), Py_EQ);
    return equal < 0 ? Verdict::failed : equal != 0 ? Verdict::equal : Verdict::unequal;
  }
  for (Py_ssize_t i = 0; i < a.shape[0]; ++i) {
    const Verdict verdict = compare_values(a.row(i), read_a, b.row(i), read_b);
    if (verdict != Verdict::equal)
      return verdict;
  }
  return Verdict::equal;
}

bool compare_native(const Grid& a, const Grid& b, char format) {
  if (a.ndim == 0)
    return equal_items(a.data, b.data, format);
  if (a.ndim == 1 && a.suboffsets == nullptr && b.suboffsets == nullptr) {
    const char* x = a.data;
    const char* y = b.data;
    for (Py_ssize_t i = 0; i < a.shape[0]; ++i, x += a.strides[0], y += b.strides[0])
      if (!equal_items(x, y, format))
        return false;
    return true;
  }
  for (Py_ssize_t i = 0; i < a.shape[0]; ++i)
    if (!compare_native(a.row(i), b.row(i), format))
      return false;
  return true;
}

/// A format that nobody understands makes unequal, as in memoryview.
Verdict unknown_format() {
  if (PyErr_ExceptionMatches(PyExc_ImportError) != 0 ||
      PyErr_ExceptionMatches(PyExc_MemoryError) != 0)
    return Verdict::failed;
  PyErr_Clear();
  return Verdict::unequal;
}

Verdict compare_grids(const Grid& a, const char* a_format, const Grid& b, const char* b_format) {
  if (!same_shape(a, b))
    return Verdict::unequal;
  const char native = native_format(a_format);
  if (native != 0 && native == native_format(b_format))
    return compare_native(a, b, native) ? Verdict::equal : Verdict::unequal;
  Reader read_a;
  Reader read_b;
  if (!read_a.prepare(a_format, a.itemsize) || !read_b.prepare(b_format, b.itemsize))
    return unknown_format();
  return compare_values(a, read_a, b, read_b);
}

/// Nothing if the other object has no buffer to compare with.
std::optional<Verdict> compare_with(MemCache* cache, PyObject* other) {
  if (is_released(cache))
    return as_object(cache) == other ? Verdict::equal : Verdict::unequal;
  const Pin pinned(cache->lease);
  const char* format = cache->format;
  Buffer buffer;
  if (!buffer.acquire(other, PyBUF_FULL_RO)) {
    PyErr_Clear();
    return std::nullopt;
  }
  BufferGrid grid;
  if (!grid.set(buffer.view()))
    return Verdict::failed;
  return compare_grids(cache->grid(), format, grid.grid(), grid.format());
}

} // namespace

PyObject* memcache_compare(PyObject* self, PyObject* other, int operation) {
  if (operation != Py_EQ && operation != Py_NE)
    Py_RETURN_NOTIMPLEMENTED;
  const std::optional<Verdict> verdict = compare_with(as_memcache(self), other);
  if (!verdict)
    Py_RETURN_NOTIMPLEMENTED;
  if (*verdict == Verdict::failed)
    return nullptr;
  return PyBool_FromLong((*verdict == Verdict::equal) == (operation == Py_EQ));
}

Py_hash_t memcache_hash(PyObject* self) {
  MemCache* cache = as_memcache(self);
  if (cache->hash != -1)
    return cache->hash;
  if (!check_usable(cache))
    return -1;
  if (!cache->readonly) {
    PyErr_SetString(PyExc_ValueError, "cannot hash writable MemCache object");
    return -1;
  }
  const char format = native_format(cache->format);
  if (format != 'B' && format != 'b' && format != 'c') {
    PyErr_SetString(PyExc_ValueError, "MemCache: hashing is restricted to formats 'B', 'b' or 'c'");
    return -1;
  }
  const Hold held_cache(cache);
  PyObject* owner = cache->lease->foreign.obj;
  if (owner == nullptr) { // our own storage changes with every refresh
    PyErr_SetString(PyExc_TypeError, "unhashable: the MemCache's storage is writable");
    return -1;
  }
  // The owner says whether its bytes can change; its hash itself is not used.
  const Ref held = Ref::borrow(owner);
  if (PyObject_Hash(owner) == -1 || !check_usable(cache))
    return -1;
  const Ref bytes = Ref::steal(PyBytes_FromStringAndSize(nullptr, cache->nbytes));
  if (!bytes)
    return -1;
  pack_grid(PyBytes_AsString(bytes.get()), cache->grid());
  cache->hash = PyObject_Hash(bytes.get());
  return cache->hash;
}

} // namespace rnaslicer::runtime
