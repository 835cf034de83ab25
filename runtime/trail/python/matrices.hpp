// runtime/trail/python/matrices.hpp: the matrices of a transform, in the arithmetic of
// layout/matrices.py: the same bits, operation by operation.
#pragma once

#include "jit/transfer.hpp"
#include "runtime/pyref.hpp"

#include <array>
#include <optional>
#include <vector>

namespace rnaslicer::runtime {

/// Three rows of four.
using Matrix = std::array<double, 12>;

/// Twelve numbers for each matrix.
using Matrices = std::vector<Matrix>;

/// The matrices in a bytes object, as `module_matrices` makes it; nothing for another object.
std::optional<Matrices> matrices_in(PyObject* numbers);

/// The numbers of the matrices given with a wrapper's other settings (ViewWrapper._more), or None.
/// Borrowed.
PyObject* numbers_in(PyObject* more);

/// The first three rows of bpy's matrix; nothing, without an error, where it has none, or numbers
/// that are not finite, or no inverse.
std::optional<Matrix> matrix_of(PyObject* rows);

/// What a refresh applies to vectors of a kind, and what an update does.
Matrices there(jit::Transform kind, Matrices matrices);
Matrices back(jit::Transform kind, Matrices matrices);

/// For a kernel: one for all, or one for each row. They belong to the caller.
inline jit::Matrices for_kernel(const Matrices& matrices) {
  return {matrices.front().data(), matrices.size() > 1 ? 1 : 0};
}

/// matrices(transform): (their numbers as bytes, whether it is one alone), or None where what was
/// given has to be looked at.
PyObject* module_matrices(PyObject* module, PyObject* transform);

} // namespace rnaslicer::runtime
