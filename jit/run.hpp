// jit/run.hpp: a short run of numbers of one lane, moved and converted step by step in buffers.
#pragma once

#include "jit/transfer.hpp"

namespace rnaslicer::jit {

/// Steps of one lane that are converted at a time: few enough to stay in the L1 cache.
inline constexpr std::size_t run_steps = 256;

/// Converts `count` packed numbers; `out` may not overlap `in`.
using RunFunction = void (*)(const std::byte* in, std::byte* out, std::size_t count,
                             const Plan& plan);

/// The conversions of a plan in one direction, those that change nothing left out (null).
/// Refresh: storage -> value -> format. Update: format -> value -> clamped value -> stored bits.
struct RunFunctions {
  std::array<RunFunction, 3> steps{};
};
RunFunctions run_functions(const Plan& plan, Direction direction);

/// True if the direction moves the source's bytes unchanged.
bool copies_bytes(const Plan& plan, Direction direction);

/// Where the steps of a run lie: `addresses[i]` if given, else base + i * stride; plus `offset`.
struct RunAddress {
  std::byte* base = nullptr;
  std::int64_t stride = 0;
  std::byte* const* addresses = nullptr;
  std::int64_t offset = 0;
};

/// Reads `count` items of `size` bytes (1, 2, 4 or 8) into a packed buffer.
void gather(const RunAddress& from, std::int64_t size, std::byte* out, std::size_t count);

/// Writes `count` packed items of `size` bytes.
void scatter(const std::byte* in, const RunAddress& to, std::int64_t size, std::size_t count);

/// Writes the items of all lanes to their source offsets in C order, so that of two lanes that name
/// one target the last wins. Lane l's items are packed from in + l * pitch. If `mask` is not 0,
/// only its bits are replaced.
void scatter_lanes(const std::byte* in, std::size_t pitch, std::span<const Lane> lanes,
                   const RunAddress& to, std::int64_t size, std::size_t count, std::uint64_t mask);

} // namespace rnaslicer::jit
