// runtime/supplier/evaluated.hpp: what a view layer's evaluation makes of a datablock
// (supplier/evaluated.py, EvaluatedRoot), and that evaluation itself.
#pragma once

#include "runtime/supplier/watched.hpp"

namespace rnaslicer::runtime {

/// What the root finds, as Blender last evaluated it: asked anew each time. Empty, without an
/// error, for another root, and where Python has to say what became of it.
Ref evaluated_by(Watched* root);

/// The depsgraph that a root stands for (supplier/depsgraph.py), once Blender has evaluated what
/// waits for it. Empty, without an error, for another root, and where Python has to look or to say
/// why not.
Ref depsgraph_by(Watched* root);

} // namespace rnaslicer::runtime
