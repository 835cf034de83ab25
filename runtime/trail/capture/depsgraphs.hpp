// runtime/trail/capture/depsgraphs.hpp: from a depsgraph's collection to the root that stands for
// it.
#pragma once

#include "runtime/pyref.hpp"

namespace rnaslicer::runtime {

/// The Path of a depsgraph's collection, where its root was noted and the depsgraph still is its
/// view layer's; evaluated. Empty, perhaps with an error, where Python has to look.
Ref path_in_depsgraph(PyObject* graph, PyObject* member);

} // namespace rnaslicer::runtime
