// runtime/trail/composed/each.hpp: vectors behind each of many structs through a matrix: an
// object's, asked at each call, or given, one for all or one for each struct.
//
// As transform.hpp: an update makes the vectors by the inverse and writes them along the trail of
// the vectors alone.
#pragma once

#include "runtime/trail/composed/transform.hpp"
#include "runtime/trail/several/many.hpp"

namespace rnaslicer::runtime {

/// `numbers`: of the given matrices, else None. Null where these are none.
std::unique_ptr<Between> each_matrix(std::shared_ptr<const Transformed> how, PyObject* numbers);

} // namespace rnaslicer::runtime
