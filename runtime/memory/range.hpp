// runtime/memory/range.hpp: what many integers have in common, at the speed of memory.
#pragma once

#include "jit/transfer.hpp"

#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace rnaslicer::runtime {

/// Whether numbers of so many bytes can be read at an address as they are: a script's buffer may
/// begin anywhere.
inline bool is_aligned(const void* at, std::size_t bytes) {
  return reinterpret_cast<std::uintptr_t>(at) % bytes == 0;
}

/// Integers of a script's buffer; copied where they are not aligned.
template <class Int> class Ints {
 public:
  Ints(const void* from, std::size_t count)
      : own_(is_aligned(from, sizeof(Int)) ? 0 : count),
        all_(own_.empty() ? static_cast<const Int*>(from) : own_.data(), count) {
    if (!own_.empty())
      std::memcpy(own_.data(), from, count * sizeof(Int));
  }
  Ints(const Ints&) = delete;
  Ints& operator=(const Ints&) = delete;
  Ints(Ints&&) = delete;
  Ints& operator=(Ints&&) = delete;
  ~Ints() = default;
  [[nodiscard]] std::span<const Int> all() const { return all_; }

 private:
  std::vector<Int> own_;
  std::span<const Int> all_;
};

/// (Smallest, largest) of at least one.
std::pair<std::int64_t, std::int64_t> range_of_indices(std::span<const std::int32_t> indices);
std::pair<std::int64_t, std::int64_t> range_of_indices(std::span<const std::int64_t> indices);

/// The largest of each `step`th number from the first on, of at least one; as unsigned, what is
/// negative is more than any count.
std::uint32_t largest_of_each(std::span<const std::int32_t> numbers, std::size_t step);

/// The first of `values` that is none of `allowed` (sorted).
std::optional<std::int32_t> first_outside(std::span<const std::int32_t> values,
                                          std::span<const std::int32_t> allowed);

/// Whether each is greater than the one before, by `least` or more.
bool ascends(std::span<const std::int32_t> values, std::uint32_t least = 1);

/// Those of rows of the shape `inner` that a region names, one span for each axis, in any order.
std::vector<std::int32_t> picked(std::span<const std::int32_t> rows,
                                 std::span<const std::int64_t> inner,
                                 std::span<const jit::Span> region);

} // namespace rnaslicer::runtime
