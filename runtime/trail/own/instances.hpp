// runtime/trail/own/instances.hpp: properties of all instances of a depsgraph, by its own
// foreach_get.
//
// Blender makes an instance for one step of an iteration, also to count them: none is held, and
// what reads them counts them (transfer/own/instances.py, whose route does the same).
#pragma once

#include "runtime/trail/run.hpp"

#include <memory>

namespace rnaslicer::runtime {

struct Instances {
  std::shared_ptr<const Trail> trail; ///< its legs have an array, its owner is the depsgraph
  mutable Py_ssize_t likely = 0;      ///< how many there were when they were last read
};

/// Reads a trail's description. Throws PythonError.
std::shared_ptr<const Instances> read_instances(PyObject* description);

/// A filled cache; `cache` is filled if there is one. Null where the trail declines, or there are
/// none.
std::unique_ptr<Run> enter_instances(std::shared_ptr<const Instances> how, Start start,
                                     PyObject* wrapper, Ref& cache);

/// The same of a cache with so many rows that was filled already.
std::unique_ptr<Run> adopt_instances(std::shared_ptr<const Instances> how, Start start,
                                     Py_ssize_t rows);

} // namespace rnaslicer::runtime
