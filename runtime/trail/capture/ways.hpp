// runtime/trail/capture/ways.hpp: the path to a collection, where the way was proven before.
#pragma once

#include "runtime/pyref.hpp"

namespace rnaslicer::runtime {

/// The Path of a datablock that has a root, or of a collection of one along a way that is known.
/// Empty, without an error, where that does not lead to it. May throw PythonError.
Ref known_path(PyObject* member);

/// A list of the Paths of structs that were given as a list or tuple, each along a way that is like
/// one known. Empty, without an error, for others. May throw PythonError.
Ref known_paths(PyObject* given);

/// Whether it is one of bpy's collections. May throw PythonError.
bool is_collection(PyObject* object);

} // namespace rnaslicer::runtime
