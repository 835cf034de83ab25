// runtime/transfer/kernel_python.hpp: what the Kernel type and the kernel cache's functions share.
#pragma once

#include "jit/kernel.hpp"

#include <Python.h>
#include <memory>
#include <unordered_map>

namespace rnaslicer::runtime {

/// Transfers of regions whose layout is not the kernel's own, per signature of the whole plan: the
/// kernel's own statistics do not see them.
struct RegionCounts {
  struct Direction {
    std::uint64_t calls = 0;
    std::uint64_t bytes = 0; ///< of the cache
    double seconds = 0;
  };
  Direction refresh, update;
  /// Items interpreted so far, by signature of the restricted plan.
  std::unordered_map<std::uint64_t, std::int64_t> interpreted;

  Direction& of(jit::Direction direction) {
    return direction == jit::Direction::refresh ? refresh : update;
  }
};

/// The counts of a signature, shared by all its Kernel objects until clear_cache().
std::shared_ptr<RegionCounts> region_counts(jit::Signature signature);

/// A Kernel object for a kernel of the cache; new reference, throws PythonError.
PyObject* new_kernel(std::shared_ptr<jit::Kernel> kernel);

/// Adds kernels, cache_info, clear_cache, warm_up and configure to the module.
int register_kernel_cache(PyObject* module);

} // namespace rnaslicer::runtime
