// runtime/trail/python/settings.hpp: Slicer's settings, where native code understands them
// (internal).
#pragma once

#include "runtime/pyref.hpp"

#include <optional>

namespace rnaslicer::runtime {

/// As Slicer keeps them (slicer.py).
struct Settings {
  Ref scalar, ragged, more;
};

/// What was given by name, none of which is a supplier. Nothing, without an error, where Python has
/// to look at it. given_class: layout/matrices.py's Given. Throws PythonError.
std::optional<Settings> settings_in(PyObject* named, PyObject* given_class);

/// A tuple of a class that is derived from tuple, and only names its items. Throws PythonError.
Ref named_tuple(PyObject* kind, const Ref& items);

} // namespace rnaslicer::runtime
