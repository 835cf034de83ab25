// runtime/trail/whole.hpp: whether geometry is whole, so that Blender may read it
// (layout/whole.py).
#pragma once

#include "runtime/trail/trail.hpp"

#include <span>
#include <string_view>

namespace rnaslicer::runtime {

/// Plain bytes of a datablock that was just asked for its address.
inline std::string_view bytes_at(std::uint64_t id, std::int64_t at, std::int64_t size) {
  const auto* const base = reinterpret_cast<const char*>(id); // NOLINT(performance-no-int-to-ptr)
  return {base + at, static_cast<std::size_t>(size)};
}

/// Whether the datablock's geometry is whole, as Python says or said of it as it is now. Throws
/// PythonError.
bool is_whole(const Trail& trail, PyObject* id);

/// The same, for writes without a trail; false where nobody can be asked.
bool is_whole(const Whole& whole, PyObject* id);

/// Whether a mesh's polygons and their corners are seen to lead somewhere (`surface_fault`); false
/// where Python has to look, too. No error is left set.
bool has_surface(const Surface& how, PyObject* mesh);

/// The same of its edges as well, or of what hair curves divide (`fault`).
bool has_edges(const Surface& how, PyObject* owner);

/// Where the points of each of a datablock's hair curves begin, and where the last ones end, if
/// these divide so many points; empty where they do not, or nobody tells. No error is left set.
std::span<const std::int32_t> borders_of_curves(const Surface& how, PyObject* curves,
                                                std::int64_t points);

/// Collections of a mesh that a look at it has asked for, for who needs them in the same call.
struct Looked {
  Ref mesh; ///< null: at none
  Ref corners, vertices;
  Py_ssize_t corner_count = 0, vertex_count = 0;
};

/// Whether Blender may compute what the trail leads to: of geometry that is not whole it crashes.
/// No error is left set. `looked`: filled where a mesh was looked at.
bool may_derive(const Trail& trail, PyObject* id, Looked& looked);

/// Since the start, for tests.
struct WholeCount {
  std::int64_t remembered = 0; ///< how often a stamp told that geometry is whole
  std::int64_t looked = 0;     ///< how often all of it was looked at
};
WholeCount whole_count();

} // namespace rnaslicer::runtime
