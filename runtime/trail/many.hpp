// runtime/trail/many.hpp: one collection behind each of many structs, along one trail.
//
// `Slicer(objects)[:, 'data', 'vertices', :, 'co']` and `Slicer(fcurves)[:, 'keyframe_points', :]`:
// a segment for each struct, their rows one behind the other in one cache. Update checks all before
// the first write, and ends each as an update of it alone does.
#pragma once

#include "runtime/trail/segment.hpp"

#include <memory>

namespace rnaslicer::runtime {

/// Where the structs come from: datablocks, each by its own root, or the elements of a collection.
struct Outer {
  std::vector<Ref> roots;  ///< Watched: of all, or of the collection's datablock
  bool is_list = true;     ///< each root is a struct
  std::vector<Step> steps; ///< else: from the one root to the collection
  Ref rows;                ///< slice object over the collection
};

/// One entered wrapper's use of a trail by many structs.
struct ManyRun {
  std::shared_ptr<const Trail> trail;
  Outer outer;
  Py_ssize_t outer_length = 0; ///< of the collection
  std::vector<Ref> structs;    ///< datablocks as at enter: bpy has one object for each while held
  std::vector<Segment> segments;
};

/// What entering gave beside the run.
struct ManyCache {
  Ref cache;
  std::vector<Py_ssize_t> offsets; ///< of each segment's first row, and the end
};

/// Enters. Null where the trail declines; where lengths differ and `flat` is false, too.
std::unique_ptr<ManyRun> enter(std::shared_ptr<const Trail> trail, Outer outer, bool flat,
                               PyObject* wrapper, ManyCache& made);

/// The whole cache; true if it was done, false where the trail declines, with nothing changed.
bool refresh(const ManyRun& run, PyObject* cache);
bool update(const ManyRun& run, PyObject* cache);

} // namespace rnaslicer::runtime
