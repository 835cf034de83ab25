// runtime/trail/run.hpp: entering, refreshing and updating one collection along a trail.
#pragma once

#include "runtime/trail/segment.hpp"

#include <memory>

namespace rnaslicer::runtime {

/// One entered wrapper's use of a trail.
struct Run {
  std::shared_ptr<const Trail> trail;
  Ref root; ///< a Watched
  Segment segment;
  mutable Moment seen; ///< when the trail last led to its collection
};

/// Enters: a filled MemCache for `wrapper` in `cache`. Null where the trail declines.
std::unique_ptr<Run> enter(std::shared_ptr<const Trail> trail, PyObject* root, PyObject* wrapper,
                           Ref& cache);

/// Takes an enter that Python did as one's own: notes length and what the legs need. Null where the
/// trail does not lead to what Python entered. `missing`: a tuple of bools, for each leg whether
/// its layer was missing.
std::unique_ptr<Run> adopt(std::shared_ptr<const Trail> trail, PyObject* root, Py_ssize_t length,
                           PyObject* missing);

/// True if it was done, false where the trail declines, with nothing changed. `view`: None, or what
/// `_core.region` takes. Throws PythonError for a view that is no region.
bool refresh(const Run& run, PyObject* cache, PyObject* view);

/// The same from the cache to Blender. An error of bpy's after the values are written is thrown as
/// PythonError; before, the trail declines.
bool update(const Run& run, PyObject* cache, PyObject* view);

/// Fills a buffer once, without entering. False where the trail declines, with nothing changed.
bool read_once(const Trail& trail, PyObject* root, const Once& once);

/// The same from the buffer to Blender; fails as `update` does.
bool write_once(const Trail& trail, PyObject* root, const Once& once);

/// The same for a collection that is at hand, whose datablock nobody watches. Who writes knows that
/// it is in bpy.data.
bool read_once_of(const Trail& trail, PyObject* collection, const Once& once);
bool write_once_of(const Trail& trail, PyObject* collection, const Once& once);

} // namespace rnaslicer::runtime
