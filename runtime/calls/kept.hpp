// runtime/calls/kept.hpp: whether each element keeps what bpy's own foreach_set writes: it passes
// over what may not be written, without a word, and gives the next element its values.
#pragma once

#include "runtime/calls/kind.hpp"

namespace rnaslicer::runtime {

/// Whether no datablock among the elements is linked, overridden where that keeps no such property,
/// evaluated, or overwritten when a mode is left. `may_refuse`: of the property. Throws
/// PythonError.
bool are_kept(const Call& call, bool may_refuse);

/// Whether elements may tell one by one that a property is read-only. Throws PythonError.
bool may_refuse(const Call& call, const Kind& kind);
/// Whether none of them does. Throws PythonError.
bool are_editable(const Call& call);

} // namespace rnaslicer::runtime
