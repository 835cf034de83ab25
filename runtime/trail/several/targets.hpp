// runtime/trail/several/targets.hpp: which part of the cache each of many structs has.
#pragma once

#include "runtime/trail/several/many.hpp"

namespace rnaslicer::runtime {

/// For each struct, of `counts` rows, its rows of the cache and their part; null where nothing of
/// it moves. Nothing at all for a part that the routes know better.
std::optional<std::vector<std::optional<Target>>>
targets_of(const Trail& trail, const Form& form, const Outer& outer,
           const std::vector<Py_ssize_t>& widths, const std::vector<Py_ssize_t>& counts,
           PyObject* cache, const std::vector<jit::Span>& region);

} // namespace rnaslicer::runtime
