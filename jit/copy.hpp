// jit/copy.hpp: memcpy for kernels and the interpreter.
#pragma once

#include <cstddef>
#include <cstring>
#include <type_traits>

namespace rnaslicer::jit {

/// As std::memcpy. That takes ten to thirty times as long on AMD's processors (rep movsb) where the
/// target begins some bytes after the source in the 4096 of a page: Blender's arrays of their own
/// pages begin 8 bytes into one, a cache of its own at its start.
void* copy_bytes(void* to, const void* from, std::size_t size);
/// Of a few, known when this is compiled.
template <typename T, T size>
void copy_bytes(void* to, const void* from, std::integral_constant<T, size> /*few*/) {
  std::memcpy(to, from, size);
}

} // namespace rnaslicer::jit
