// runtime/blender/scripts.hpp: classes that scripts have made of Blender's own, and registered.
#pragma once

#include "runtime/pyref.hpp"

namespace rnaslicer::runtime {

/// Whether a class is registered that a script has made of one of `roots` (a tuple of classes), or
/// of what Blender itself has made of them, as far as that bears one of `names` (a set).
/// `built_in`: modules that are no script's (a set). A class that Blender has made anew counts
/// beside the one that was there before: scripts may have made theirs of either. Throws
/// PythonError.
bool has_scripts(PyObject* roots, PyObject* names, PyObject* built_in);

} // namespace rnaslicer::runtime
