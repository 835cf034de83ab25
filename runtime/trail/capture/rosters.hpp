// runtime/trail/capture/rosters.hpp: a list of datablocks as one root, without Python.
#pragma once

#include "runtime/pyref.hpp"

namespace rnaslicer::runtime {

/// The root (supplier/roster.py) of a list or tuple of the file's own datablocks of a class of
/// which some were captured before. Empty, without an error, for others. May throw PythonError.
Ref known_roster(PyObject* given);

/// Whether it is such a root, which stands where a wrapper has a path.
bool is_list_root(PyObject* object);

} // namespace rnaslicer::runtime
