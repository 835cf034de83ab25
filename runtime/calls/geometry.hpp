// runtime/calls/geometry.hpp: whether Blender may compute what is asked of geometry: of what is
// half-built it crashes (rnaslicer/layout/whole.py).
#pragma once

#include "runtime/calls/kind.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace rnaslicer::runtime {

/// Of what something is computed.
enum class Need : std::uint8_t {
  surface, ///< polygons, and their corners' vertices
  edges,   ///< those and edges, or what hair curves divide
  borders, ///< where polygons begin and end
};

/// int32s that bpy gives of all elements of a collection. Throws PythonError.
std::vector<std::int32_t> all_of(PyObject* collection, PyObject* name, Py_ssize_t count);

/// Of what a property of an RNA type is computed, if of anything.
std::optional<Need> need_of(const Call& call, const Kind& kind, PyObject* element,
                            bool is_readonly);

/// Whether all of that is whole now. Throws PythonError.
bool is_computable(const Call& call, PyObject* owner, Need need);
/// Whether a mesh that was written to is whole, as it is or was seen since it was made. Throws
/// PythonError.
bool is_still_whole(const Call& call, PyObject* mesh);

} // namespace rnaslicer::runtime
