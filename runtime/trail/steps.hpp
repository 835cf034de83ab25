// runtime/trail/steps.hpp: the steps of a way, one by one or joined.
#pragma once

#include "runtime/trail/trail.hpp"

#include <vector>

namespace rnaslicer::runtime {

/// What one step leads to; empty, perhaps with an error, where it leads nowhere.
Ref take_step(const Step& step, PyObject* from);

Step copied(const Step& step);

/// Whether steps lead from an action to what one of its F-curves has: all of that is of the action.
bool stay_in_action(PyObject* start, const std::vector<Step>& steps);

/// A tuple of steps from a datablock, joined. What was read of the last ones is kept. Throws
/// PythonError.
std::vector<Step> read_steps(PyObject* tuple);

/// The same, as they were just read of another tuple that says the same.
void keep_steps(PyObject* tuple, std::vector<Step> steps);

/// Reads which rows a trail is for: a slice, or a range. Throws PythonError.
void read_rows(Trail& trail, PyObject* object);

/// The rows that a trail selects of a collection; none where a range has a number that is not
/// there, or does not lie in a row.
Rows rows_of(const Trail& trail, Py_ssize_t length);

/// Which of `length` elements a parsed item names, from 0: ("indices", int64 buffer), ("mask", one
/// of bools), a slice or a range. Nothing, without an error, where it names another, or none.
std::optional<std::vector<std::int64_t>> picked_of(PyObject* item, Py_ssize_t length);

} // namespace rnaslicer::runtime
