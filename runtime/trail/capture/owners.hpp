// runtime/trail/capture/owners.hpp: datablocks without a root of their own, by what they were found
// with before.
#pragma once

#include "runtime/pyref.hpp"

namespace rnaslicer::runtime {

/// The Path of a datablock that lives in another one (node trees of materials) or is what a view
/// layer makes of one, if the way that led to such before leads to it now. Empty, without an error,
/// for others. May throw PythonError.
Ref owner_path(PyObject* id);

} // namespace rnaslicer::runtime
