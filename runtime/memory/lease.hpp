// runtime/memory/lease.hpp: one enter's hold on memory, shared by a MemCache and all that is cut
// from it.
//
// A lease is a garbage-collected Python object of its own, so that the cycle wrapper -> MemCache ->
// lease -> wrapper is seen once, however many sub-views there are. It holds either a block of
// storage or (for tests) another exporter's buffer. It counts the buffers that were exported from
// it; the memory goes back when it is disabled or dies, and nobody has an export.
#pragma once

#include "runtime/memory/storage.hpp"
#include "runtime/pyref.hpp"

namespace rnaslicer::runtime {

struct Lease {
  PyObject_HEAD PyObject* wrapper; ///< the ViewWrapper, None, or null after disabling
  Py_buffer foreign;               ///< from_buffer's exporter; obj is null for our own storage
  Block block;                     ///< our own storage
  const char* first;               ///< lent memory: [first, last)
  const char* last;
  Py_ssize_t exports; ///< exported buffers and pins
  bool disabled;      ///< every use raises from now on
  Lease* previous;    ///< all leases are chained, so that an address can be told whose it is
  Lease* next;
};

/// Makes the lease type. Null with an exception.
PyTypeObject* make_lease_type();

/// A lease on at least `nbytes` of own storage. MemoryError.
Ref lease_storage(std::size_t nbytes, PyObject* wrapper);

/// A lease on another object's buffer; `writable`: one that can be written, if the exporter has it
/// so. The exporter's error (TypeError, BufferError).
Ref lease_foreign(PyObject* exporter, bool writable);

inline Lease* as_lease(PyObject* object) { return reinterpret_cast<Lease*>(object); }

/// Ends the lease. Never fails: memory that is exported is given back with the last export.
void disable_lease(Lease* lease);

/// One more holder of the memory.
inline void pin(Lease* lease) { ++lease->exports; }

/// One holder less; a disabled lease without holders gives its memory back.
void unpin(Lease* lease);

/// Keeps memory in place while code runs that may disable the lease.
class Pin {
 public:
  explicit Pin(Lease* lease) : lease_(lease) {
    Py_INCREF(reinterpret_cast<PyObject*>(lease));
    pin(lease);
  }
  Pin(const Pin&) = delete;
  Pin& operator=(const Pin&) = delete;
  Pin(Pin&&) = delete;
  Pin& operator=(Pin&&) = delete;
  ~Pin() {
    unpin(lease_);
    Py_DECREF(reinterpret_cast<PyObject*>(lease_));
  }

 private:
  Lease* lease_;
};

/// The lease that lends `address`, disabled or not; null if none does.
const Lease* find_lease(const char* address);

/// How many leases there are.
Py_ssize_t count_leases();

} // namespace rnaslicer::runtime
