// runtime/trail/capture/ways.hpp: the path to a collection, where the way was proven before.
#pragma once

#include "runtime/pyref.hpp"
#include "runtime/supplier/moment.hpp"

namespace rnaslicer::runtime {

/// The Path of a datablock that has a root, or of a collection of one along a way that is known.
/// Empty, without an error, where that does not lead to it. May throw PythonError.
Ref known_path(PyObject* member);

/// A Path. Throws PythonError.
Ref new_path(PyObject* root, PyObject* steps, const Moment& seen);

/// Whether it is the root of a datablock of the file's own, an IDRoot.
bool is_datablock_root(PyObject* root);

/// Whether it is one of bpy's collections. May throw PythonError.
bool is_collection(PyObject* object);

} // namespace rnaslicer::runtime
