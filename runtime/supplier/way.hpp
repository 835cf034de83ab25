// runtime/supplier/way.hpp: the C half of a path: where it begins, its steps, when it was last
// whole.
#pragma once

#include "runtime/pyref.hpp"
#include "runtime/supplier/moment.hpp"

namespace rnaslicer::runtime {

/// Base of identity.Path.
struct Way {
  Fields<2> fields; ///< root, steps: a tuple
  Moment seen;      ///< when it was last found whole

  [[nodiscard]] PyObject* root() const { return fields.at[0]; }
  [[nodiscard]] PyObject* steps() const { return fields.at[1]; }
};

/// The path as a Way, or null for another object, or for one that has no root and steps yet.
Way* as_way(PyObject* object);

/// A new object of a class that is derived from Way. Throws PythonError.
Ref new_way(PyObject* kind, PyObject* root, PyObject* steps, const Moment& seen);

} // namespace rnaslicer::runtime
