// runtime/trail/several/listed.hpp: one property of the elements of a linked list or a table of one
// datablock: bones of a pose, nodes, modifiers, splines.
//
// The kernel reads along a table of addresses that a walk gives anew at each call. An update writes
// all at once and has bpy assign the last one, where the routes do so (direct.py,
// `_written_at_once`), or has bpy assign each (assigned.hpp), after the same questions.
#pragma once

#include "runtime/trail/run.hpp"

namespace rnaslicer::runtime {

/// Enters along any trail of one collection, as `enter` does along those of arrays.
std::unique_ptr<Run> enter_any(std::shared_ptr<const Trail> trail, Start start, PyObject* wrapper,
                               Ref& cache);
/// The same for `adopt`.
std::unique_ptr<Run> adopt_any(std::shared_ptr<const Trail> trail, Start start, Py_ssize_t length,
                               PyObject* missing);

/// The same of elements that an item names, as `enter_picked` and `adopt_picked` have it.
std::unique_ptr<Run> enter_any_picked(std::shared_ptr<const Trail> trail, Start start,
                                      PyObject* item, PyObject* wrapper, Ref& cache);
std::unique_ptr<Run> adopt_any_picked(std::shared_ptr<const Trail> trail, Start start,
                                      PyObject* item, Py_ssize_t rows);

/// Fills a caller's buffer along any trail of one collection, as `read_once` does.
bool read_any_once(const Trail& trail, const Start& start, const Once& once);
/// The same to Blender.
bool write_any_once(const Trail& trail, const Start& start, const Once& once);

} // namespace rnaslicer::runtime
