// runtime/trail/several/nested.hpp: one property of the datablocks in the collection behind each of
// many structs.
//
// `Slicer(bpy.data.collections)[:, 'objects', :, 'location']`: as apart.hpp, their rows one behind
// the other. A refresh reads what each collection has now, if it is as many; an update is for those
// that it had at enter, in their order.
#pragma once

#include "runtime/trail/several/many.hpp"

namespace rnaslicer::runtime {

/// Enters. Null where the trail declines; where lengths do not fit the form, too. `way`: from a
/// struct to its collection. `made`: as for `enter` of many.hpp.
std::unique_ptr<Run> enter_nested(std::shared_ptr<const Trail> trail, Outer outer, Level way,
                                  Form form, IdPlaces places, PyObject* wrapper, ManyCache& made);

} // namespace rnaslicer::runtime
