// runtime/trail/several/datablocks.hpp: what an update asks of many datablocks that bpy assigns,
// and what it tells them after.
#pragma once

#include "runtime/trail/assigned.hpp"

namespace rnaslicer::runtime {

/// Whether nothing speaks against writing a list's datablocks (writing/permission.py): no mode
/// overwrites one, bpy lets them be assigned, what follows may read their geometry.
bool may_write(const Trail& trail, const Leg& leg, PyObject* objects);

/// Has bpy assign them, and tells each what that leaves stale. False where one was refused: the
/// routes write all again, and say how far that went. Throws PythonError for an interrupt.
bool assign_datablocks(const Trail& trail, PyObject* objects, const Wanted& wanted);

} // namespace rnaslicer::runtime
