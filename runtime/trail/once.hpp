// runtime/trail/once.hpp: a caller's buffer filled or written along a trail, without entering.
#pragma once

#include "runtime/trail/run.hpp"

namespace rnaslicer::runtime {

/// Fills a buffer once. False where the trail declines, with nothing changed.
bool read_once(const Trail& trail, const Start& start, const Once& once);

/// The same from the buffer to Blender; fails as `Run::update` does.
bool write_once(const Trail& trail, const Start& start, const Once& once);

/// The same for a collection that is at hand, whose datablock nobody watches. Before a write the
/// caller has made sure that the datablock is in bpy.data.
bool read_once_of(const Trail& trail, PyObject* collection, const Once& once);
bool write_once_of(const Trail& trail, PyObject* collection, const Once& once);

} // namespace rnaslicer::runtime
