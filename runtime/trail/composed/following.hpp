// runtime/trail/composed/following.hpp: how wrappers enter along trails of this room, by what is
// known of them (internal).
#pragma once

#include "runtime/trail/composed/gather.hpp"
#include "runtime/trail/python/context.hpp"

namespace rnaslicer::runtime {

/// What a GatherTrail holds; null for another object.
std::shared_ptr<const Gathered> gathered_in(PyObject* object);
/// Appends where a gather's levels start, as a wrapper's items name them. False where one is not
/// known by a way.
bool add_named(PyObject* items, std::vector<Start>& starts);
/// The (root, steps) of a tuple.
std::vector<Start> starts_of(PyObject* tuple);

Following gather_following();
Following portions_following();

} // namespace rnaslicer::runtime
