// jit/parts.hpp: a transfer cut along its loops into parts that move few bytes each.
#pragma once

#include "jit/transfer.hpp"

#include <array>
#include <vector>

namespace rnaslicer::jit {

struct Part {
  std::byte* source = nullptr;
  std::byte* cache = nullptr;
  Matrices matrices;
  std::array<std::int64_t, max_loops> extents{};
  std::array<Table, max_loops> tables{};
  std::int64_t begin = 0; ///< what it writes, in bytes from `cache`; gaps included
  std::int64_t size = 0;

  /// As a transfer to `target`; it points into this object.
  [[nodiscard]] Transfer to(std::byte* target, const Transfer& whole) const;
};

/// Parts of at most `bytes` of the cache, unless a single step of a loop that cannot be cut has
/// more; in order of the loops. Every extent must be above 0.
std::vector<Part> cut(const Plan& plan, const Transfer& transfer, std::int64_t bytes);

/// Whether the part's items fill what it writes without a gap.
bool is_packed(const Plan& plan, const Part& part);

/// Where the source has the very bytes that the part writes, one behind the other; else null.
const std::byte* same_bytes(const Plan& plan, const Part& part);

/// The first byte of the cache that a transfer may write, from its base.
std::int64_t first_byte(const Plan& plan, const Transfer& transfer);

} // namespace rnaslicer::jit
