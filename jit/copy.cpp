// jit/copy.cpp: backwards where forwards each load would wait for the store before it.
#include "jit/copy.hpp"

#include <array>
#include <cstdint>
#include <cstring>

namespace rnaslicer::jit {

void* copy_bytes(void* to, const void* from, std::size_t size) {
  constexpr std::uintptr_t page = 4096; // addresses that agree in their place in one look alike
  constexpr std::uintptr_t near = 16;
  constexpr std::size_t small = 2048; // below that the C library has loops of its own
  const auto apart =
      (reinterpret_cast<std::uintptr_t>(to) - reinterpret_cast<std::uintptr_t>(from)) % page;
  if (size < small || apart == 0 || apart >= near)
    return std::memcpy(to, from, size);
  auto* const target = static_cast<std::byte*>(to);
  const auto* const source = static_cast<const std::byte*>(from);
  std::array<std::byte, 64> block{};
  std::size_t left = size;
  for (; left >= block.size(); left -= block.size()) {
    const std::size_t at = left - block.size();
    std::memcpy(block.data(), source + at, block.size());
    std::memcpy(target + at, block.data(), block.size());
  }
  std::memcpy(target, source, left);
  return to;
}

} // namespace rnaslicer::jit
