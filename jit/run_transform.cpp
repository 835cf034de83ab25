// jit/run_transform.cpp: the loops of the interpreter for transforms.
#include "jit/run_transform.hpp"

#include "jit/run_each.hpp"
#include "jit/transform.hpp"

namespace rnaslicer::jit {

namespace {

/// Calls `f` with the scalar as a compile-time constant.
template <typename F> void with_scalar(Scalar s, F f) {
  [&]<std::size_t... i>(std::index_sequence<i...>) {
    const auto call = [&]<Scalar which>(std::integral_constant<Scalar, which> tag) {
      if (s == which)
        f(tag);
    };
    (call(std::integral_constant<Scalar, static_cast<Scalar>(i)>{}), ...);
  }
  (std::make_index_sequence<scalar_infos.size()>{});
}

/// One of the integers that can be normalized.
template <Scalar s>
constexpr bool normalizes = !info(s).is_float && info(s).size <= 4 && s != Scalar::b1;

} // namespace

void widen_values(const std::byte* in, double* out, std::size_t count, Scalar storage) {
  for (std::size_t i = 0; i < count; ++i)
    out[i] = storage == Scalar::f64
                 ? static_cast<double>(static_cast<float>(load<double>(in + i * sizeof(double))))
                 : static_cast<double>(load<float>(in + i * sizeof(float)));
}

void narrow_values(const double* in, std::byte* out, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i)
    put(out + i * sizeof(float), static_cast<float>(in[i]));
}

void widen_items(const std::byte* in, double* out, std::size_t count, const Plan& plan) {
  with_scalar(plan.format, [&](auto tag) {
    constexpr Scalar format = decltype(tag)::value;
    using Item = Native<format>;
    for (std::size_t i = 0; i < count; ++i) {
      const auto item = load<Item>(in + i * sizeof(Item));
      out[i] = to_wide<format>(item);
      if constexpr (normalizes<format>)
        if (plan.normalized)
          out[i] = wide_fraction_of(item);
    }
  });
}

void narrow_items(const double* in, std::byte* out, std::size_t count, const Plan& plan) {
  with_scalar(plan.format, [&](auto tag) {
    constexpr Scalar format = decltype(tag)::value;
    using Item = Native<format>;
    for (std::size_t i = 0; i < count; ++i) {
      Item item = from_wide<format>(in[i]);
      if constexpr (normalizes<format>)
        if (plan.normalized)
          item = normalize<Item>(in[i]);
      put(out + i * sizeof(Item), item);
    }
  });
}

void transform_run(const Plan& plan, const double* matrix, std::int64_t row, Vectors& vectors,
                   std::size_t count) {
  for (std::size_t i = 0; i < count; ++i)
    vectors[0][i] =
        transformed(*plan.transform, matrix, row, vectors[0][i], vectors[1][i], vectors[2][i]);
}

} // namespace rnaslicer::jit
