// runtime/calls/counted.hpp: whether as many items are given as a collection has values: bpy reads
// and writes beside a buffer's end (hazards.FOREACH_BEYOND).
#pragma once

#include "runtime/calls/kind.hpp"

namespace rnaslicer::runtime {

/// How many values an element has of a property, if that is one number for all.
enum Width : long {
  each = 0,    ///< each element has its own
  script = -1, ///< what the first element's says, each time: a script may register another
};

/// Of a property of a declared RNA type, or of one that only the elements' own types have. Throws
/// PythonError.
long width_of(const Call& call, const Kind& kind);

/// Whether items are given that are read of a collection without elements. Throws PythonError.
bool is_for_none(const Call& call);
/// Whether as many are given (to write also more), or none, of which bpy moves nothing. Throws
/// PythonError.
bool fits(const Call& call, long width);

} // namespace rnaslicer::runtime
