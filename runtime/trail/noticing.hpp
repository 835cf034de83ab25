// runtime/trail/noticing.hpp: what makes Blender notice a write (writing/noticing.py): an element's
// own value assigned by bpy around it, and tags.
#pragma once

#include "runtime/trail/follow.hpp"

#include <optional>
#include <span>

namespace rnaslicer::runtime {

/// Whether a datablock has tags for evaluation; nothing where that is not known.
std::optional<bool> has_tags(const Trail& trail, PyObject* id);

/// Assigns an element's property its own value, and notes whether bpy tags the datablock for that,
/// which shows only on one that had no tags before. False with bpy's error. `made`: bpy's object
/// for the element, if nothing was changed since bpy gave it; null: element `at` of the collection.
bool assign_again(const Trail& trail, const Leg& leg, const Reached& reached, Py_ssize_t at,
                  PyObject* made = nullptr);

/// Brings up to date what bpy's assignments alone leave stale (writing/noticing.py, `settle`).
/// Throws PythonError.
void settle(const Trail& trail, const Leg& leg, const Reached& reached);

/// bpy's objects for rows of a collection, as a list: every one is there. Null, without an error,
/// where they are not, or the collection is not as long.
Ref objects_at(const Reached& reached, Py_ssize_t length, const Rows& rows, const jit::Span& part);

/// The same of elements that are picked by their numbers: a part of these.
Ref objects_at(const Reached& reached, Py_ssize_t length, std::span<const std::int64_t> picked,
               const jit::Span& part);

} // namespace rnaslicer::runtime
