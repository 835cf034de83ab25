// jit/run_transform.hpp: a short run of vectors on its way through a matrix.
#pragma once

#include "jit/run.hpp"

namespace rnaslicer::jit {

/// The three components of a run's vectors.
using Vectors = std::array<std::array<double, run_steps>, 3>;

/// Stored numbers, as RNA's values, as float64.
void widen_values(const std::byte* in, double* out, std::size_t count, Scalar storage);
/// And back, to f32.
void narrow_values(const double* in, std::byte* out, std::size_t count);

/// Items of the cache as float64, and back.
void widen_items(const std::byte* in, double* out, std::size_t count, const Plan& plan);
void narrow_items(const double* in, std::byte* out, std::size_t count, const Plan& plan);

/// Puts component `row` of the transformed vectors in the place of the first.
void transform_run(const Plan& plan, const double* matrix, std::int64_t row, Vectors& vectors,
                   std::size_t count);

} // namespace rnaslicer::jit
