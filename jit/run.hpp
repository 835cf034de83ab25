// jit/run.hpp: a short run of numbers of one lane, moved and converted step by step in buffers.
#pragma once

#include "jit/transfer.hpp"

namespace rnaslicer::jit {

/// Steps of one lane that are converted at a time: few enough to stay in the L1 cache.
inline constexpr std::size_t run_steps = 256;

/// What a conversion may need besides the numbers.
struct RunContext {
  const Plan& plan;
  const Lane& lane;
  const Transfer& transfer;
};

/// Converts `count` packed numbers; `out` may not overlap `in`.
using RunFunction = void (*)(const std::byte* in, std::byte* out, std::size_t count,
                             const RunContext& context);

/// The conversions of a plan in one direction, those that change nothing left out (null).
/// Refresh: storage -> value -> format. Update: format -> value -> clamped value -> stored bits.
struct RunFunctions {
  std::array<RunFunction, 3> steps{};
};
RunFunctions run_functions(const Plan& plan, Direction direction);

/// Between fractions and the integers that stand for them.
RunFunction normalizer(Scalar format, bool to_format);

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

/// As scatter_lanes(), to where the indices of the steps lead, all of which are good.
void scatter_through(const std::byte* in, std::size_t pitch, std::span<const Lane> lanes,
                     const RunAddress& indices, const Plan& plan, const IndexTarget& target,
                     std::size_t count);

/// From i32 indices to the numbers in the target. Those of a bad index are the first element's;
/// false if there was any.
bool fetch(const std::byte* indices, std::byte* out, std::size_t count, const RunContext& context);

/// From `count` i32 and those right behind them to their differences, in place.
void subtract(std::byte* numbers, const std::byte* behind, std::size_t count);

/// Writes the items of all lanes to their source offsets in C order, so that of two lanes that name
/// one target the last wins. Lane l's items are packed from in + l * pitch. Of a flag or a field
/// only the lane's bits are replaced.
void scatter_lanes(const std::byte* in, std::size_t pitch, std::span<const Lane> lanes,
                   const RunAddress& to, const Storage& storage, std::size_t count);

} // namespace rnaslicer::jit
