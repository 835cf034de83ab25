// runtime/trail/noticing.hpp: what makes Blender notice a write (writing/noticing.py): an element's
// own value assigned by bpy around it, and tags.
#pragma once

#include "runtime/trail/follow.hpp"

namespace rnaslicer::runtime {

/// Assigns an element's property its own value, and notes whether that tags the datablock, if one
/// without tags can tell it. False with bpy's error. `made`: bpy's object for the element, if
/// nothing of Blender's was asked to change since it was given; null: element `at` of the
/// collection.
bool assign_again(const Trail& trail, const Leg& leg, const Reached& reached, Py_ssize_t at,
                  PyObject* made = nullptr);

/// What bpy's assignments leave stale, too (writing/noticing.py, `settle`). Throws PythonError.
void settle(const Leg& leg, const Reached& reached);

} // namespace rnaslicer::runtime
