// runtime/transfer/assign_objects.hpp: the objects that setattr is called on, held or found anew.
#pragma once

#include "runtime/pyref.hpp"

#include <memory>

namespace rnaslicer::runtime {

/// What is assigned to.
class Objects {
 public:
  Objects() = default;
  Objects(const Objects&) = delete;
  Objects& operator=(const Objects&) = delete;
  Objects(Objects&&) = delete;
  Objects& operator=(Objects&&) = delete;
  virtual ~Objects() = default;
  [[nodiscard]] virtual Py_ssize_t count() const = 0;
  /// Object `i`, right before it is assigned to.
  virtual Ref at(Py_ssize_t i) = 0;
};

/// The objects of a list.
std::unique_ptr<Objects> held_objects(PyObject* list);

/// Those that are found right before they are assigned to: by a list of calls, or (base, steps,
/// rows, whether the elements are one array, classes that must stay registered).
std::unique_ptr<Objects> found_objects(PyObject* finds);

} // namespace rnaslicer::runtime
