// runtime/blender/subscribers.hpp: who asked the message bus to hear of assignments to single
// structs (rnaslicer/blender/subscribers.py, which finds the bus).
#pragma once

#include "runtime/pyref.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace rnaslicer::runtime {

/// Whether somebody could have subscribed to one of the structs at `addresses`, or to another of
/// their `types` than `told`. `found`: the list that holds the bus, None or nothing. True also
/// where that cannot be told; no error is left set.
bool may_hear(PyObject* found, std::span<const std::int64_t> addresses,
              const std::vector<PyTypeObject*>& types, PyTypeObject* told);

} // namespace rnaslicer::runtime
