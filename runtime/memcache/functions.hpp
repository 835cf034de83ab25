// runtime/memcache/functions.hpp: the module's functions on MemCaches (internal).
#pragma once

#include "runtime/memcache/object.hpp"

namespace rnaslicer::runtime {

/// allocate(shape, format, wrapper): a new packed MemCache on storage of its own.
PyObject* module_allocate(PyObject* module, PyObject* args);
/// disable(memcache): ends the lease; never fails for a MemCache.
PyObject* module_disable(PyObject* module, PyObject* object);
/// from_buffer(obj, shape, format, strides, offset, readonly): as memoryview(obj).
PyObject* module_from_buffer(PyObject* module, PyObject* args, PyObject* kwargs);
/// changed_rows(memcache, refresh): calls refresh(), gives the ranges of rows whose bytes differ.
PyObject* module_changed_rows(PyObject* module, PyObject* args);
/// spread(memcache): all bytes that it reaches, and where among them its first item begins.
PyObject* module_spread(PyObject* module, PyObject* object);
/// as_packed(buffer, format, writable): (packed MemCache of its shape, None), or (one apart from
/// it, MemCache on the buffer). None for what is no such buffer.
PyObject* module_as_packed(PyObject* module, PyObject* args);
/// Adds the type Exporter. -1 with an exception.
int register_exporter(PyObject* module);
/// live(): counters.
PyObject* module_live(PyObject* module, PyObject* unused);
/// region(memcache, view): ((start, step, count), ...) per axis.
PyObject* module_region(PyObject* module, PyObject* args);

} // namespace rnaslicer::runtime
