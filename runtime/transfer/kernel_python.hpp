// runtime/transfer/kernel_python.hpp: what the Kernel type and the kernel cache's functions share.
#pragma once

#include "jit/kernel.hpp"
#include "jit/transfer.hpp"

#include <Python.h>
#include <memory>
#include <span>
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

/// The plan of a Kernel object, which keeps it; null (without an error) for anything else.
const jit::Plan* kernel_plan_of(PyObject* object);

/// Runs a Kernel object on a transfer of its whole plan, or on a region of that (one span per
/// axis). The caller has seen that it stays inside the cache. Throws PythonError and bad_alloc.
void run_kernel(PyObject* kernel, jit::Direction direction, const jit::Transfer& whole,
                std::span<const jit::Span> region);

/// The same of several transfers of the whole plan, as one run.
void run_kernel(PyObject* kernel, jit::Direction direction,
                std::span<const jit::Transfer> transfers);

/// Adds kernels, cache_info, clear_cache, warm_up and configure to the module.
int register_kernel_cache(PyObject* module);

} // namespace rnaslicer::runtime
