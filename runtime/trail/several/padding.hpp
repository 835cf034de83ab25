// runtime/trail/several/padding.hpp: what stands in padded rows for elements that are not there.
#pragma once

#include "jit/transfer.hpp"
#include "runtime/pyref.hpp"

#include <cstddef>
#include <vector>

namespace rnaslicer::runtime {

/// Puts `row`, the bytes of one, wherever a cache of (structs, width, ...) has none of the
/// `lengths` real ones; within a region, if it is not empty. Throws PythonError where the cache is
/// released.
void pad(PyObject* cache, const std::vector<Py_ssize_t>& lengths, const std::vector<std::byte>& row,
         const std::vector<jit::Span>& region);

} // namespace rnaslicer::runtime
