// runtime/trail/drawings.hpp: whether the points of a Grease Pencil drawing are divided among its
// curves (layout/whole.py): until they are, Blender must not read it.
#pragma once

#include "runtime/trail/follow.hpp"

namespace rnaslicer::runtime {

/// Whether that is so of the drawing on the way to what was reached; true for trails without one.
bool is_divided(const Trail& trail, const Reached& reached);

} // namespace rnaslicer::runtime
