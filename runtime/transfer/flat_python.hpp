// runtime/transfer/flat_python.hpp: a buffer as bpy's foreach calls want it, for native code.
#pragma once

#include "runtime/pyref.hpp"

namespace rnaslicer::runtime {

/// A Flat of a contiguous, writable buffer, as one dimension of `format`. Throws PythonError.
Ref flat_of(PyObject* buffer, const char* format);

} // namespace rnaslicer::runtime
