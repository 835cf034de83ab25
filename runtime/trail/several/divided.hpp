// runtime/trail/several/divided.hpp: what the elements of one collection behind each of many
// structs divide among them, as many for each: the corners of each mesh's polygons.
//
// `Slicer(objects)[:, 'data', 'polygons', :, 'vertices']`: the corners of all meshes are one
// transfer of many collections, and so is what says how the polygons divide them, which each call
// compares first.
#pragma once

#include "runtime/trail/several/many.hpp"

#include <functional>

namespace rnaslicer::runtime {

struct DividedRows {
  std::shared_ptr<const Trail> values; ///< of all corners of each struct
  std::vector<std::shared_ptr<const Trail>>
      borders; ///< of the elements: where the values of each begin, and perhaps how many there are
};

/// Enters; `outer`: the structs, once for each of the trails. Null where one declines, or the
/// elements do not divide all values in order, as many for each.
std::unique_ptr<Run> enter_divided(const DividedRows& how, const std::function<Outer()>& outer,
                                   IdPlaces places, PyObject* wrapper, ManyCache& made);

} // namespace rnaslicer::runtime
