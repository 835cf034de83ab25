// runtime/trail/several/apart.hpp: one property of each of many datablocks, wherever these lie.
//
// `Slicer([ob for ob in …])[:, 'location']`, `Slicer(scene.objects)[:, 'location']`: the kernel
// reads along a table of addresses, asked anew at each call. Each is written by bpy's own
// assignment, as a loop does: setters and updates of datablocks matter.
#pragma once

#include "runtime/supplier/roster.hpp"
#include "runtime/trail/run.hpp"
#include "runtime/trail/several/elements.hpp"

#include <span>
#include <vector>

namespace rnaslicer::runtime {

/// Runs a leg's kernel between what lies at addresses, one for each row, and the cache, or a part
/// of both. `first`: byte of the cache at which the first item begins.
void move_apart(const Leg& leg, jit::Direction direction, std::span<const std::int64_t> addresses,
                PyObject* cache, std::span<const jit::Span> region, Py_ssize_t first = 0);

/// Blender to the rows of a target, one for each datablock; false with nothing changed.
bool fill(const Trail& trail, const Addresses& ids, const Target& target);

/// Whether those that are compared are in memory what bpy gives for them; in doubt, all alike.
/// `addresses`: of those that are picked.
bool agree(const Trail& trail, std::span<const Ref> structs, const Picks& picked,
           const Addresses& addresses);

/// Whether all are the file's own. In a file without libraries all are.
bool are_own(std::span<const Ref> structs);

/// Of a list whether it has nothing but those of the trail's class.
bool are_of_kind(const Trail& trail, PyObject* list);

std::vector<Ref> structs_in(PyObject* list);

/// The datablocks of a collection, as a list that bpy makes anew. Empty, without an error, if there
/// are not as many as `count` (if that is not negative), or others than those of the trail's class
/// (or none).
Ref datablocks_in(PyObject* collection, const Trail& trail, Py_ssize_t count = -1);

/// Enters the datablocks of a Roster. Null where the trail declines.
std::unique_ptr<Run> enter_apart(std::shared_ptr<const Trail> trail, PyObject* roster,
                                 PyObject* wrapper, Ref& cache);

/// Enters the datablocks of a collection, or those that an item names (`picked_of`, or ("keys",
/// names), which are asked for each time; None: all). As
/// the routes do, a refresh reads what the collection has now, if it is as many; an update is for
/// those that it had at enter, in their order.
std::unique_ptr<Run> enter_members(std::shared_ptr<const Trail> trail, Start start, PyObject* item,
                                   IdPlaces places, PyObject* wrapper, Ref& cache);

} // namespace rnaslicer::runtime
