// runtime/trail/composed/transform.hpp: vectors of one collection through a matrix, along a trail
// (transfer/composed/transform.py).
//
// One pass of kernels that go through the matrix where the vectors lie; an update's goes through
// the inverse, and all that holds for a write of the vectors alone holds for it.
#pragma once

#include "runtime/trail/python/matrices.hpp"
#include "runtime/trail/run.hpp"

namespace rnaslicer::runtime {

constexpr std::int64_t vector_length = 3;
constexpr std::int64_t vector_bytes = vector_length * sizeof(float);

struct Transformed {
  std::shared_ptr<const Trail> direct; ///< its kernels go through the matrix
  std::shared_ptr<const Trail> plain;  ///< of the vectors alone; null: only the routes write
  Move copy; ///< between packed vectors and the cache, for a write along the plain trail
  /// Steps from the root to the object whose world matrix it is; negative: matrices are given.
  std::ptrdiff_t world_after = -1;
  Ref object_class;  ///< of that object
  bool each = false; ///< a matrix is given for each row, or struct, not one for all
};

/// Whether a leg's vectors are points, directions or normals.
jit::Transform kind_of(const Leg& leg);

/// The world matrix of the object, of class `object`, that the first `after` steps lead to; nothing
/// where Python has to say what is wrong with it.
std::optional<Matrix> world_matrix(std::ptrdiff_t after, const PyObject* object, Ref from,
                                   const std::vector<Step>& steps);
/// The same as a transform has it.
inline std::optional<Matrix> world_matrix(const Transformed& how, Ref from,
                                          const std::vector<Step>& steps) {
  return world_matrix(how.world_after, how.object_class.get(), std::move(from), steps);
}

/// Enters. `numbers`: of the given matrices, else None. `cache`: to be filled if it is not null,
/// else made. Null where the trail declines.
std::unique_ptr<Run> enter(std::shared_ptr<const Transformed> how, Start start, PyObject* wrapper,
                           PyObject* numbers, Ref& cache);

/// Takes over an enter that Python did. Null where the trail does not lead there.
std::unique_ptr<Run> adopt(std::shared_ptr<const Transformed> how, Start start, PyObject* numbers,
                           Py_ssize_t rows);

} // namespace rnaslicer::runtime
