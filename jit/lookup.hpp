// jit/lookup.hpp: the run-time tables of `lookup` storage: a byte's value, and the byte of a value.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace rnaslicer::jit {

/// decode[b] is the value of byte b. A value is stored as the number of thresholds <= it, a NaN as
/// `nan`. Never changes.
///
/// For kernels the thresholds are sorted into buckets by the float's leading bits, 128 to an octave
/// from 2^-23 to 2, at most one threshold in each. A bucket's entry is the bytes below it, shifted
/// left by `bucket_bits`, plus what makes the sum with the float's lower bits carry into the byte
/// from the threshold on: one addition does the comparison. Entry `nan_bucket` is for NaNs.
class Lookup {
 public:
  static constexpr int bucket_bits = 16;
  static constexpr std::int32_t low_bits = 0x34000000;  ///< 2^-23 as bits; below lies no threshold
  static constexpr std::int32_t high_bits = 0x3fffffff; ///< the last float below 2
  static constexpr std::int32_t nan_bucket = (high_bits + 1 - low_bits) >> bucket_bits;
  static constexpr std::int32_t bucket_count = nan_bucket + 16; ///< padded to a cache line

  /// Throws std::invalid_argument unless the thresholds are numbers that never decrease.
  Lookup(std::span<const float, 256> decode, std::span<const float, 255> thresholds,
         std::uint8_t nan);

  [[nodiscard]] std::uint8_t encode(float x) const;
  [[nodiscard]] const std::array<float, 256>& decode() const { return decode_; }
  [[nodiscard]] const std::array<float, 255>& thresholds() const { return thresholds_; }
  [[nodiscard]] std::uint8_t nan() const { return nan_; }
  /// False where thresholds lie too close or too far out for buckets: then encode() must do.
  [[nodiscard]] bool has_buckets() const { return has_buckets_; }
  [[nodiscard]] const std::array<std::uint32_t, bucket_count>& buckets() const { return buckets_; }
  /// Another for each object of the process.
  [[nodiscard]] std::uint64_t id() const { return id_; }

 private:
  void fill_buckets();

  std::array<float, 256> decode_;
  std::array<float, 255> thresholds_;
  std::uint8_t nan_;
  bool has_buckets_ = false;
  std::array<std::uint32_t, bucket_count> buckets_{};
  std::uint64_t id_;
};

} // namespace rnaslicer::jit
