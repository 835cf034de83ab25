// runtime/transfer/lookup_python.hpp: the Python type Lookup, a table of byte storage.
#pragma once

#include "jit/lookup.hpp"

#include <Python.h>

namespace rnaslicer::runtime {

/// The table of a Lookup object, which keeps it; null (without an error) for anything else.
const jit::Lookup* lookup_of(PyObject* object);

} // namespace rnaslicer::runtime
