// jit/run_each.hpp: packed numbers in byte buffers, one after the other.
#pragma once

#include <cstddef>
#include <cstring>

namespace rnaslicer::jit {

template <typename T> T load(const std::byte* from) {
  T x;
  std::memcpy(&x, from, sizeof(T));
  return x;
}

template <typename T> void put(std::byte* to, T x) { std::memcpy(to, &x, sizeof(T)); }

/// Calls `f` for each of `count` packed numbers.
template <typename In, typename Out, typename F>
void each(const std::byte* in, std::byte* out, std::size_t count, F f) {
  for (std::size_t i = 0; i < count; ++i)
    put<Out>(out + i * sizeof(Out), f(load<In>(in + i * sizeof(In))));
}

} // namespace rnaslicer::jit
