// runtime/memory/lease.cpp: life and death of leases.
#include "runtime/memory/lease.hpp"

namespace rnaslicer::runtime {
namespace {

PyTypeObject* lease_type = nullptr; // lives as long as the module's types
Lease* newest = nullptr;            // head of the chain of all leases
Py_ssize_t lease_count = 0;

Lease* new_lease() {
  auto* lease = as_lease(PyType_GenericAlloc(lease_type, 0)); // all zero, tracked
  if (lease == nullptr)
    return nullptr;
  lease->next = newest;
  if (newest != nullptr)
    newest->previous = lease;
  newest = lease;
  ++lease_count;
  return lease;
}

/// False with the exporter's error. Vectors of mathutils (5.2) can be written only by who asks for
/// that.
bool lend_buffer(PyObject* exporter, Py_buffer& foreign, bool writable) {
  if (writable) {
    if (PyObject_GetBuffer(exporter, &foreign, PyBUF_FULL) == 0)
      return true;
    if (PyErr_ExceptionMatches(PyExc_BufferError) == 0 &&
        PyErr_ExceptionMatches(PyExc_ValueError) == 0 &&
        PyErr_ExceptionMatches(PyExc_TypeError) == 0)
      return false;
    PyErr_Clear(); // what is read-only says so by itself
    foreign = {};
  }
  return PyObject_GetBuffer(exporter, &foreign, PyBUF_FULL_RO) == 0;
}

void return_memory(Lease* lease) {
  lease->first = nullptr;
  lease->last = nullptr;
  give_block(std::exchange(lease->block, {}));
  if (lease->foreign.obj == nullptr)
    return;
  // Last, for it may run Python code; Py_buffer's obj is null by then for whoever looks.
  const StashedError stashed;
  Py_buffer foreign = std::exchange(lease->foreign, {});
  PyBuffer_Release(&foreign);
}

int lease_traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(as_lease(self)->wrapper);
  Py_VISIT(as_lease(self)->foreign.obj);
  return 0;
}

int lease_clear(PyObject* self) {
  disable_lease(as_lease(self));
  return 0;
}

void lease_dealloc(PyObject* self) {
  PyObject_GC_UnTrack(self);
  Lease* lease = as_lease(self);
  {
    const StashedError stashed;
    lease->disabled = true;
    Py_CLEAR(lease->wrapper);
    return_memory(lease); // whoever holds an export holds a reference too
  }
  if (lease->next != nullptr)
    lease->next->previous = lease->previous;
  (lease->previous != nullptr ? lease->previous->next : newest) = lease->next;
  --lease_count;
  PyTypeObject* type = Py_TYPE(self);
  PyObject_GC_Del(self);
  Py_DECREF(reinterpret_cast<PyObject*>(type));
}

} // namespace

PyTypeObject* make_lease_type() {
  PyType_Slot slots[] = {
      {Py_tp_doc, const_cast<char*>("One enter's hold on the memory of a MemCache (internal).")},
      {Py_tp_traverse, reinterpret_cast<void*>(lease_traverse)},
      {Py_tp_clear, reinterpret_cast<void*>(lease_clear)},
      {Py_tp_dealloc, reinterpret_cast<void*>(lease_dealloc)},
      {0, nullptr},
  };
  PyType_Spec spec = {"rnaslicer._core._Lease", sizeof(Lease), 0,
                      Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION |
                          Py_TPFLAGS_IMMUTABLETYPE,
                      slots};
  lease_type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
  return lease_type;
}

Ref lease_storage(std::size_t nbytes, PyObject* wrapper) {
  Lease* lease = new_lease();
  if (lease == nullptr)
    return {};
  Ref owner = Ref::steal(reinterpret_cast<PyObject*>(lease));
  lease->block = take_block(nbytes);
  if (lease->block.data == nullptr) {
    PyErr_NoMemory();
    return {};
  }
  lease->first = reinterpret_cast<const char*>(lease->block.data);
  lease->last = lease->first + nbytes;
  Py_INCREF(wrapper);
  lease->wrapper = wrapper;
  return owner;
}

Ref lease_foreign(PyObject* exporter, bool writable) {
  Lease* lease = new_lease();
  if (lease == nullptr)
    return {};
  Ref owner = Ref::steal(reinterpret_cast<PyObject*>(lease));
  // In place, for shape and strides may point into the Py_buffer itself; out of the collector's
  // sight until it is complete.
  PyObject_GC_UnTrack(owner.get());
  const bool failed = !lend_buffer(exporter, lease->foreign, writable);
  if (failed)
    lease->foreign = {};
  PyObject_GC_Track(owner.get());
  if (failed)
    return {};
  lease->first = static_cast<const char*>(lease->foreign.buf);
  lease->last = lease->first + lease->foreign.len;
  Py_INCREF(Py_None);
  lease->wrapper = Py_None;
  return owner;
}

void disable_lease(Lease* lease) {
  const Ref alive = Ref::borrow(reinterpret_cast<PyObject*>(lease));
  const StashedError stashed;
  lease->disabled = true;
  Py_CLEAR(lease->wrapper);
  if (lease->exports == 0)
    return_memory(lease);
}

void unpin(Lease* lease) {
  --lease->exports;
  if (lease->disabled && lease->exports == 0)
    return_memory(lease);
}

const Lease* find_lease(const char* address) {
  for (const Lease* lease = newest; lease != nullptr; lease = lease->next)
    if (address >= lease->first && address < lease->last)
      return lease;
  return nullptr;
}

Py_ssize_t count_leases() { return lease_count; }

} // namespace rnaslicer::runtime
