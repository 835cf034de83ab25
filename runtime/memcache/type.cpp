// runtime/memcache/type.cpp: the type MemCache and its registration in the module.
#include "runtime/memcache/functions.hpp"

#include <cstddef>
#include <structmember.h>

namespace rnaslicer::runtime {
namespace {

PyObject* enter(PyObject* self, PyObject* /*unused*/) {
  return check_usable(as_memcache(self)) ? Ref::borrow(self).release() : nullptr;
}

PyObject* exit(PyObject* self, PyObject* /*args*/) { return memcache_release(self, nullptr); }

PyObject* refuse_pickling(PyObject* /*self*/, PyObject* /*args*/) {
  PyErr_SetString(PyExc_TypeError, "cannot pickle 'MemCache' object");
  return nullptr;
}

template <class Function> PyCFunction method(Function* function) {
  return reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(function));
}

constexpr int keywords = METH_VARARGS | METH_KEYWORDS;

PyMethodDef methods[] = {
    {"release", memcache_release, METH_NOARGS,
     "release($self, /)\n--\n\nLet go of the memory; every later use raises ValueError. "
     "BufferError if a "
     "buffer\nexported from this MemCache is still held."},
    {"tobytes", method(memcache_tobytes), keywords,
     "tobytes($self, /, order='C')\n--\n\nAll items as bytes, in order 'C', 'F' or 'A' (as they "
     "lie "
     "if they are contiguous, else 'C')."},
    {"hex", method(memcache_hex), keywords,
     "hex($self, /, sep=<unrepresentable>, bytes_per_sep=1)\n--\n\nAll items' bytes in C order as "
     "hexadecimal text, as bytes.hex gives it."},
    {"tolist", memcache_tolist, METH_NOARGS,
     "tolist($self, /)\n--\n\nThe items as lists, nested ndim deep; the item itself if ndim is 0."},
    {"cast", method(memcache_cast), keywords,
     "cast($self, /, format, shape=<unrepresentable>)\n--\n\nThe same memory in another format or "
     "shape: 1D to ND or ND to 1D, one of the two formats\na byte format. TypeError or ValueError "
     "as memoryview.cast; a cast is no region."},
    {"toreadonly", memcache_toreadonly, METH_NOARGS,
     "toreadonly($self, /)\n--\n\nA read-only MemCache on the same memory."},
    {"count", memcache_count, METH_O,
     "count($self, value, /)\n--\n\nHow many steps of the first axis equal the value."},
    {"index", memcache_index, METH_VARARGS,
     "index($self, value, start=0, stop=sys.maxsize, /)\n--\n\nThe first step of the first axis "
     "that equals the value; ValueError if none does."},
    {"__dlpack__", method(memcache_dlpack), keywords,
     "__dlpack__($self, /, *, stream=None, max_version=None, dl_device=None, copy=None)\n--\n\n"
     "The memory as a DLPack capsule, for from_dlpack of other packages. It lives on as an "
     "exported\n"
     "buffer does. BufferError where DLPack cannot say what this is."},
    {"__dlpack_device__", memcache_dlpack_device, METH_NOARGS,
     "__dlpack_device__($self, /)\n--\n\n(1, 0): the CPU."},
    {"__enter__", enter, METH_NOARGS, nullptr},
    {"__exit__", exit, METH_VARARGS, nullptr},
    {"__reduce__", refuse_pickling, METH_VARARGS, nullptr},
    {"__reduce_ex__", refuse_pickling, METH_VARARGS, nullptr},
    {nullptr, nullptr, 0, nullptr},
    {nullptr, nullptr, 0, nullptr},
};

PyMemberDef members[] = {
    {"__weaklistoffset__", T_PYSSIZET, offsetof(MemCache, weak_references), READONLY, nullptr},
    {nullptr, 0, 0, 0, nullptr},
};

constexpr char type_doc[] =
    "The packed N-dimensional cache of a ViewWrapper.\n\n"
    "A memoryview in all but the C type, and sliced in N dimensions: any mix of ints, slices and\n"
    "Ellipsis gives a MemCache on the same memory with the same wrapper; all axes indexed by ints\n"
    "give the item. Assignment takes numbers, nested sequences and buffers of other "
    "formats,\n"
    "and broadcasts as NumPy does; what would be cut or wrap around raises ValueError. Once the "
    "wrapper's context is left, every use raises ValueError.";

void* slot(const void* function) { return const_cast<void*>(function); }
template <class Function> void* slot(Function* function) {
  return reinterpret_cast<void*>(function);
}

PyTypeObject* make_memcache_type(PyObject* module) {
  PyType_Slot slots[] = {
      {Py_tp_doc, slot(static_cast<const void*>(type_doc))},
      {Py_tp_dealloc, slot(memcache_dealloc)},
      {Py_tp_traverse, slot(memcache_traverse)},
      {Py_tp_clear, slot(memcache_clear)},
      {Py_tp_repr, slot(memcache_repr)},
      {Py_tp_hash, slot(memcache_hash)},
      {Py_tp_richcompare, slot(memcache_compare)},
      {Py_tp_iter, slot(memcache_iter)},
      {Py_tp_methods, methods},
      {Py_tp_members, members},
      {Py_tp_getset, memcache_attributes},
      {Py_sq_length, slot(memcache_length)},
      {Py_sq_item, slot(memcache_item)},
      {Py_mp_length, slot(memcache_length)},
      {Py_mp_subscript, slot(memcache_subscript)},
      {Py_mp_ass_subscript, slot(memcache_assign)},
      {Py_bf_getbuffer, slot(memcache_getbuffer)},
      {Py_bf_releasebuffer, slot(memcache_releasebuffer)},
      {0, nullptr},
  };
  PyType_Spec spec = {
      "rnaslicer.MemCache", static_cast<int>(offsetof(MemCache, arrays)), sizeof(Py_ssize_t),
      Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION, slots};
  return reinterpret_cast<PyTypeObject*>(PyType_FromModuleAndSpec(module, &spec, nullptr));
}

/// From Python 3.14 on memoryview is generic over its items.
void add_class_getitem() {
  if (Py_Version < 0x030E0000)
    return;
  PyMethodDef* last = methods;
  while (last->ml_name != nullptr)
    ++last;
  *last = {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS,
           "The type with the items' type, for annotations."};
}

/// isinstance(m, collections.abc.Sequence), and match statements with it.
bool register_sequence() {
  const Ref module = Ref::steal(PyImport_ImportModule("collections.abc"));
  if (!module)
    return false;
  const Ref sequence = Ref::steal(PyObject_GetAttrString(module.get(), "Sequence"));
  if (!sequence)
    return false;
  return static_cast<bool>(
      Ref::steal(PyObject_CallMethod(sequence.get(), "register", "O", types.memcache)));
}

PyMethodDef functions[] = {
    {"allocate", module_allocate, METH_VARARGS,
     "allocate(shape, format, wrapper, /)\n--\n\nA new MemCache, C-contiguous, on storage from the "
     "pool: zero if fresh, with old bytes if\nreused. ValueError, TypeError, MemoryError."},
    {"disable", module_disable, METH_O,
     "disable(memcache, /)\n--\n\nRelease the MemCache and all its sub-views at once. Never fails "
     "because of exported\nbuffers: they keep the memory until they are released."},
    {"region", module_region, METH_VARARGS,
     "region(memcache, view, /)\n--\n\nThe sub-grid of the MemCache that the view covers, as "
     "(start, "
     "step, count) per axis.\nRegionError if the view is no part of it, and why."},
    {"from_buffer", method(module_from_buffer), keywords,
     "from_buffer(obj, shape=None, format='B', strides=None, offset=0, readonly=False, "
     "writable=False)\n--\n\n"
     "A MemCache on another object's memory, as memoryview(obj); the exporter cannot release it "
     "meanwhile."},
    {"changed_rows", module_changed_rows, METH_VARARGS,
     "changed_rows(memcache, refresh, /)\n--\n\nCalls `refresh()` and gives the ranges of rows "
     "whose "
     "bytes it changed, joined where they touch:\nan int64 MemCache of shape (n, 2)."},
    {"spread", module_spread, METH_O,
     "spread(memcache, /)\n--\n\n(MemCache of all bytes from its lowest item to its highest, byte "
     "offset of its first item among them)."},
    {"as_packed", module_as_packed, METH_VARARGS,
     PyDoc_STR(
         "as_packed(buffer, format, writable, /)\n--\n\n(A packed MemCache of a buffer's shape, "
         "None) or (one on memory of its own, a MemCache on the buffer).")},
    {"live", module_live, METH_NOARGS,
     "live()\n--\n\nDebug counters: MemCache objects and leases alive, bytes of storage in use and "
     "in the pool;\ntrails, runs along them, and the segments that these noted."},
    {nullptr, nullptr, 0, nullptr},
};

} // namespace

bool memcache_check(PyObject* object) { return Py_IS_TYPE(object, types.memcache); }

StorageView memcache_storage(PyObject* object) {
  if (!memcache_check(object)) {
    PyErr_Format(PyExc_TypeError, "a MemCache is needed, not %R", Py_TYPE(object));
    return {};
  }
  MemCache* cache = as_memcache(object);
  if (!check_usable(cache))
    return {};
  return {reinterpret_cast<std::byte*>(cache->data),
          cache->nbytes,
          cache->itemsize,
          cache->format,
          cache->ndim,
          cache->shape(),
          cache->strides(),
          cache->readonly,
          cache->c_contiguous};
}

StorageView checked_storage(PyObject* object) {
  const StorageView storage = memcache_storage(object);
  if (!storage)
    throw PythonError();
  return storage;
}

int register_memcache(PyObject* module) {
  if (types.memcache == nullptr) {
    types.lease = make_lease_type();
    if (types.lease == nullptr)
      return -1;
    add_class_getitem();
    types.memcache = make_memcache_type(module);
    if (types.memcache == nullptr || !register_sequence())
      return -1;
  }
  if (PyModule_AddType(module, types.memcache) < 0)
    return -1;
  if (register_exporter(module) < 0)
    return -1;
  return PyModule_AddFunctions(module, functions);
}

} // namespace rnaslicer::runtime
