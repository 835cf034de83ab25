// runtime/trail/many.hpp: one collection behind each of many structs, along one trail.
//
// `Slicer(objects)[:, 'data', 'vertices', :, 'co']` and `Slicer(fcurves)[:, 'keyframe_points', :]`:
// a segment for each struct, their rows one behind the other in one cache. Update checks all before
// the first write, and ends each as an update of it alone does. With steps between (the frames of
// each layer, and what is behind each frame) there is a segment for each element of each element.
#pragma once

#include "runtime/supplier/roster.hpp"
#include "runtime/trail/run.hpp"

namespace rnaslicer::runtime {

/// Where the structs come from: datablocks, each by its own root, or the elements of a collection.
struct Outer {
  Ref roster;              ///< a Roster of all of them; or
  std::vector<Ref> roots;  ///< Watched: of all, or of the collection's datablock
  bool is_list = true;     ///< each root is a struct
  std::vector<Step> steps; ///< else: from the one root to the collection
  Ref rows;                ///< slice object over the collection
  std::vector<Step> mid;   ///< from each element to a collection of the structs; none: they are it
  int ones = 0;            ///< axes of one key each, between the structs' and the rows
};

/// What entering gave beside the run.
struct ManyCache {
  Ref cache;
  std::vector<Py_ssize_t> offsets; ///< of each segment's first row, and the end
};

/// Enters. Null where the trail declines; where lengths differ and `flat` is false, too.
/// `places`: how session uids are read of a collection's datablocks.
std::unique_ptr<Run> enter(std::shared_ptr<const Trail> trail, Outer outer, bool flat,
                           IdPlaces places, PyObject* wrapper, ManyCache& made);

} // namespace rnaslicer::runtime
