// runtime/transfer/reach.hpp: which bytes a plan touches, so that no transfer leaves its buffers.
#pragma once

#include "jit/transfer.hpp"

#include <cstdint>
#include <optional>
#include <span>

namespace rnaslicer::runtime {

/// The bytes [low, high) relative to a base address; low == high if nothing is touched.
struct Reach {
  std::int64_t low = 0;
  std::int64_t high = 0;
  bool operator==(const Reach&) const = default;
};

/// Items moved: product of extents and lanes. Nothing if it does not fit 64 bits or an extent is
/// negative.
std::optional<std::int64_t> item_count(const jit::Plan& plan,
                                       std::span<const std::int64_t> extents);

/// What a transfer touches on the cache side. Nothing if the arithmetic overflows.
std::optional<Reach> cache_reach(const jit::Plan& plan, std::span<const std::int64_t> extents);

/// What it touches on the source side; reads the tables of indexed loops. A `pointers` loop leaves
/// the base behind: nothing, as for an overflow. `tables` may be empty if no loop needs any.
std::optional<Reach> source_reach(const jit::Plan& plan, std::span<const std::int64_t> extents,
                                  std::span<const jit::Table> tables);

/// What indices into a target of `count` elements may touch of it; nothing if the arithmetic
/// overflows.
std::optional<Reach> target_reach(const jit::Plan& plan, std::int64_t count);

} // namespace rnaslicer::runtime
