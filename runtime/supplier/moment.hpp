// runtime/supplier/moment.hpp: which of Blender's events was the last, and whether its data may be
// touched now.
//
// events.py counts events here, so that native code can tell when it last saw a datablock without
// asking Python.
#pragma once

#include "runtime/pyref.hpp"

#include <cstdint>

namespace rnaslicer::runtime {

/// A point in the session: the number of the last event before it, and the time of day in seconds.
struct Moment {
  std::int64_t number = 0;
  double when = 0; ///< 0: never
};

Moment now();

/// (number, seconds) as Python has it, None for never. Null with an error.
PyObject* moment_tuple(const Moment& moment);
/// The other way; false with an error.
bool read_moment(PyObject* value, Moment& moment);

/// How many undos and redos there were: the only events that bring a datablock back.
std::int64_t returns();

/// Whether Blender tells us of events: our handlers are the first of its lists.
bool is_hearing();
/// Whether nothing may be done any more: switched off, or Blender exits.
bool is_stopped();

/// Whether enter, refresh and update may touch Blender's data: as contexts.py describes it. False
/// also where that could not be asked; no error is left set.
bool is_free();

} // namespace rnaslicer::runtime
