// runtime/trail/several/lists.hpp: one property of the elements of a linked list or table behind
// each of many structs: the constraints of each bone, the modifiers of each object.
//
// One kernel run along a table of all their addresses, which walks give anew at each call. It reads
// only: what an update asks of one list (listed.cpp) the routes ask of each.
#pragma once

#include "runtime/trail/several/many.hpp"

namespace rnaslicer::runtime {

/// Enters, as `enter` does along trails of arrays. Null where the trail declines; padded rows, too.
std::unique_ptr<Run> enter_lists(std::shared_ptr<const Trail> trail, Outer outer, const Form& form,
                                 IdPlaces places, PyObject* wrapper, ManyCache& made);

} // namespace rnaslicer::runtime
