// jit/lookup.cpp: checks the thresholds and sorts them into buckets.
#include "jit/lookup.hpp"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cmath>
#include <stdexcept>

namespace rnaslicer::jit {

namespace {
std::atomic<std::uint64_t> next_id = 1; // no two objects share one, also after they are gone
} // namespace

Lookup::Lookup(std::span<const float, 256> decode, std::span<const float, 255> thresholds,
               std::uint8_t nan)
    : nan_(nan), id_(next_id++) {
  std::copy(decode.begin(), decode.end(), decode_.begin());
  std::copy(thresholds.begin(), thresholds.end(), thresholds_.begin());
  if (std::any_of(thresholds_.begin(), thresholds_.end(), [](float t) { return std::isnan(t); }))
    throw std::invalid_argument("A threshold of the lookup is NaN.");
  if (!std::is_sorted(thresholds_.begin(), thresholds_.end()))
    throw std::invalid_argument("The thresholds of the lookup decrease.");
  fill_buckets();
}

std::uint8_t Lookup::encode(float x) const {
  if (std::isnan(x))
    return nan_;
  const auto above = std::upper_bound(thresholds_.begin(), thresholds_.end(), x);
  return static_cast<std::uint8_t>(above - thresholds_.begin());
}

void Lookup::fill_buckets() {
  std::size_t below = 0; // thresholds in earlier buckets
  for (std::int32_t bucket = 0; bucket < nan_bucket; ++bucket) {
    const std::int32_t start = low_bits + (bucket << bucket_bits);
    std::size_t end = below;
    std::uint32_t carry = 0;
    for (; end < thresholds_.size(); ++end) {
      // Positive floats are ordered as their bits are.
      const auto bits = std::bit_cast<std::int32_t>(thresholds_[end]);
      if (bits <= low_bits || bits > high_bits) // at the lowest, everything below would carry too
        return;
      const std::int32_t offset = bits - start;
      if (offset >= 1 << bucket_bits)
        break;
      if (carry != 0)
        return; // a second one
      carry = (1U << bucket_bits) - static_cast<std::uint32_t>(offset);
    }
    buckets_.at(static_cast<std::size_t>(bucket)) =
        (static_cast<std::uint32_t>(below) << bucket_bits) + carry;
    below = end;
  }
  buckets_.at(static_cast<std::size_t>(nan_bucket)) = std::uint32_t{nan_} << bucket_bits;
  has_buckets_ = true;
}

} // namespace rnaslicer::jit
