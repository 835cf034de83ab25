// runtime/trail/capture/paths.hpp: Python's paths and roots, and what bpy's objects are.
#pragma once

#include "runtime/pyref.hpp"
#include "runtime/supplier/moment.hpp"

namespace rnaslicer::runtime {

/// From now on these are the classes Path and IDRoot.
void give_classes(PyObject* path, PyObject* root);

/// A Path. Throws PythonError.
Ref new_path(PyObject* root, PyObject* steps, const Moment& seen);

/// Whether it is the root of a datablock of the file's own, an IDRoot.
bool is_datablock_root(PyObject* root);

/// Whether it is one of bpy's structs, or datablocks. May throw PythonError.
bool is_struct(PyObject* object);
bool is_id(PyObject* object);

} // namespace rnaslicer::runtime
