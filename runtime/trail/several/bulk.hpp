// runtime/trail/several/bulk.hpp: when the elements of a list may be written at once and one
// assigned by bpy for all (transfer/writing/bulk.py); what is asked of many datablocks before bpy
// assigns each, and told after.
#pragma once

#include "runtime/trail/assigned.hpp"

#include <span>

namespace rnaslicer::runtime {

/// Whether scripts have classes of such elements, which hear of assignments.
bool has_scripts(const Listing& list);

/// Whether bpy lets an element be assigned, and the kernel was seen to store what that stores.
bool may_be_told(const Listing& list, const Leg& leg, PyObject* told);

/// Whether nobody would miss that elements of `kinds` are not assigned, but one of class `told` is:
/// no node of a script's, no subscriber.
bool hears_nobody(const Listing& list, std::span<const std::int64_t> elements,
                  std::vector<PyTypeObject*> kinds, PyTypeObject* told);

/// Assigns an element its own value, after the values were written. Throws PythonError.
void tell(const Leg& leg, PyObject* told);

/// Whether nothing speaks against writing a list's datablocks (writing/permission.py): no mode
/// overwrites one, bpy lets them be assigned, what follows may read their geometry.
bool may_write(const Trail& trail, const Leg& leg, PyObject* objects);

/// Has bpy assign them, and tells each what that leaves stale. False where one was refused: the
/// routes write all again, and say how far that went. Throws PythonError for an interrupt.
bool assign_datablocks(const Trail& trail, PyObject* objects, const Wanted& wanted);

} // namespace rnaslicer::runtime
