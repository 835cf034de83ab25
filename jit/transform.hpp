// jit/transform.hpp: a vector's way through a matrix, in float64 and in a fixed order: the
// reference.
//
// No operation is contracted with another, and a NaN is always the same one: so the bits depend on
// nothing but the numbers.
#pragma once

#include "jit/convert.hpp"

#include <cmath>

namespace rnaslicer::jit {

/// Component `row` of the vector; `matrix` has three rows of four.
inline double transformed(Transform kind, const double* matrix, std::int64_t row, double x,
                          double y, double z) {
  const auto component = [&](std::int64_t i) {
    const double* m = matrix + 4 * i;
    const double sum = m[0] * x + m[1] * y + m[2] * z;
    return kind == Transform::point ? sum + m[3] : sum;
  };
  double result = component(row);
  if (kind == Transform::normal) {
    const double a = component(0);
    const double b = component(1);
    const double c = component(2);
    const double length = std::sqrt(a * a + b * b + c * c);
    if (length > 0)
      result = result * (1 / length);
  }
  return result == result ? result : std::numeric_limits<double>::quiet_NaN();
}

/// Rounds to a float whose last bit tells that something was cut off, so that the next rounding
/// knows what the first one did.
inline float round_to_odd(double x) {
  const auto y = static_cast<float>(x);
  const auto back = static_cast<double>(y);
  auto bits = std::bit_cast<std::uint32_t>(y);
  if ((back < x || back > x) && (bits & 1U) == 0)
    bits += std::abs(back) < std::abs(x) ? 1U : ~0U;
  return std::bit_cast<float>(bits);
}

/// What the transform gives as an item of the cache.
template <Scalar format> Native<format> from_wide(double x) {
  if constexpr (format == Scalar::f16)
    return f32_to_f16(round_to_odd(x));
  else if constexpr (format == Scalar::b1)
    return x < 0 || x > 0 ? 1 : 0;
  else if constexpr (info(format).is_float)
    return static_cast<Native<format>>(x);
  else
    return round_to<Native<format>>(x);
}

/// An item of the cache as what the transform takes.
template <Scalar format> double to_wide(Native<format> x) {
  if constexpr (format == Scalar::f16)
    return static_cast<double>(f16_to_f32(x));
  else if constexpr (format == Scalar::b1)
    return x != 0 ? 1 : 0;
  else
    return static_cast<double>(x);
}

/// The lanes of the same vector as `lane`, by component; -1 where a component is missing. Of one
/// that is there twice the last.
inline std::array<std::int64_t, 3> vector_of(const Plan& plan, std::size_t lane) {
  std::array<std::int64_t, 3> result{-1, -1, -1};
  for (std::size_t i = 0; i < plan.lanes.size(); ++i)
    if (plan.lanes[i].source == plan.lanes[lane].source && plan.lanes[i].at == plan.lanes[lane].at)
      result.at(static_cast<std::size_t>(plan.lanes[i].row)) = static_cast<std::int64_t>(i);
  return result;
}

} // namespace rnaslicer::jit
