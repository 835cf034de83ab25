// runtime/trail/composed/asked.hpp: one collection whose values bpy's foreach_get tells, along a
// trail (transfer/foreach.py).
//
// Values that Blender computes, and those whose place in memory nobody has proven. A kernel goes
// from foreach_get's array to the cache. Updates are for the routes.
#pragma once

#include "runtime/trail/run.hpp"

#include <string>
#include <vector>

namespace rnaslicer::runtime {

/// What foreach_get of one leg's property fills.
struct AskedLeg {
  Py_ssize_t width = 0;  ///< numbers for each element
  std::string format;    ///< of the array, as a MemCache has it
  std::string flat;      ///< the same as bpy wants to hear it
  bool straight = false; ///< whole, the array is the cache
};

struct Asked {
  std::shared_ptr<const Trail> trail; ///< its kernels go from the arrays to the cache
  std::vector<AskedLeg> legs;
  /// Whether Python looks again, at every second, fourth, eighth, … enter, if the values' place in
  /// memory has been proven by now.
  bool for_now = false;
  mutable std::int64_t due = 4;
  mutable std::int64_t entered = 0;
};

/// Enters. `cache`: to be filled if it is not null, else made. Null where the trail declines.
std::unique_ptr<Run> enter(std::shared_ptr<const Asked> how, Start start, PyObject* wrapper,
                           Ref& cache);

/// Takes over an enter of so many rows that Python did. Null where the trail does not lead there.
std::unique_ptr<Run> adopt(std::shared_ptr<const Asked> how, Start start, Py_ssize_t rows);

} // namespace rnaslicer::runtime
