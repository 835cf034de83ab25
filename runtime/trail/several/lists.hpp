// runtime/trail/several/lists.hpp: one property of the elements of a linked list or table behind
// each of many structs: the constraints of each bone, the modifiers of each object. And of one
// struct behind each (Listing::How): that is a list of one, of which bpy says where it lies.
//
// One kernel run along a table of all their addresses, which walks give anew at each call. An
// update asks of each list what that of one list asks (listed.cpp), before the first is written,
// and has bpy assign the last element of each.
#pragma once

#include "runtime/trail/several/many.hpp"

namespace rnaslicer::runtime {

/// Enters, as `enter` does along trails of arrays. Null where the trail declines; padded rows, too.
std::unique_ptr<Run> enter_lists(std::shared_ptr<const Trail> trail, Outer outer, Form form,
                                 IdPlaces places, PyObject* wrapper, ManyCache& made);

} // namespace rnaslicer::runtime
