// runtime/trail/sculpting.hpp: whether any object is in sculpt mode, where what is written may be
// lost.
#pragma once

#include "runtime/pyref.hpp"

namespace rnaslicer::runtime {

/// True if no object that is active in a view layer is in sculpt mode, nor any other one, which
/// `ask()` tells: asked again when Blender told of an event or the number of objects is another
/// (transfer/writing/sculpting.py). False also where that could not be found out.
bool nobody_sculpts(PyObject* ask);

} // namespace rnaslicer::runtime
