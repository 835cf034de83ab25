// runtime/transfer/assign_python.hpp: setattr on many objects, straight from a packed buffer.
#pragma once

#include "runtime/pyref.hpp"

namespace rnaslicer::runtime {

/// What is assigned, as `_core.assign` takes it.
struct Assignment {
  PyObject* objects = nullptr; ///< list
  PyObject* name = nullptr;
  PyObject* given = nullptr;  ///< a list of values, or a buffer of a row of numbers for each object
  PyObject* dims = nullptr;   ///< tuple: of the value that is made of a row; none: a number
  PyObject* places = nullptr; ///< tuple: of each of its numbers in the row, -1: as it is now
  PyObject* made = nullptr;   ///< makes an object of it; None: nothing does
  Py_ssize_t start = 0;
  Py_ssize_t stop = 0;
};

/// How many objects took it, and the exception that ended it; null if none did.
struct Taken {
  Py_ssize_t done = 0;
  Ref error;
};

/// Throws PythonError for arguments that do not fit together.
Taken assign_objects(const Assignment& what);

} // namespace rnaslicer::runtime
