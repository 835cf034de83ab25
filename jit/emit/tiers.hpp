// jit/emit/tiers.hpp: what the generator may rely on in each instruction-set tier.
#pragma once

#include <cstdint>

namespace rnaslicer::jit {

/// Instruction-set tiers we emit for; chosen by the CPU, overridable for tests.
enum class Tier : std::uint8_t { baseline, avx2, avx512 };

} // namespace rnaslicer::jit

namespace rnaslicer::jit::emission {

/// One tier's vector machine.
struct Machine {
  unsigned width;       ///< bytes of the widest vector register
  const char* features; ///< LLVM target features, also what the CPU must have
  const char* tune;     ///< LLVM tuning, for the order of instructions only
  bool masks_words;     ///< masked loads and stores of 4- and 8-byte units
  bool masks_bytes;     ///< of 1- and 2-byte units as well
  bool half;            ///< f16 <-> f32 in hardware; else a library call: avoid
  bool rounds;          ///< round to nearest even in hardware; else a library call: avoid
  bool shifts_per_lane; ///< a different shift count in each lane
  bool fuses;           ///< a product and a sum with one rounding
  bool gathers;         ///< loads of 4 and 8 bytes from an address for each lane
  bool gathers_quickly; ///< quicker than as many loads from the cache one by one
  bool blends;          ///< blends cost less than permutes, which take one register each
};

constexpr Machine machine(Tier tier) {
  switch (tier) {
  case Tier::avx512:
    return {64,
            "+avx512f,+avx512bw,+avx512dq,+avx512vl,+avx2,+fma,+f16c",
            "skylake-avx512",
            true,
            true,
            true,
            true,
            true,
            true,
            true,
            true,
            false};
  case Tier::avx2:
    return {32,  "+avx2,+fma,+f16c", "skylake", true, false, true, true, true, true, true, false,
            true};
  case Tier::baseline:
    break;
  }
  return {16, "", "x86-64", false, false, false, false, false, false, false, false, false};
}

} // namespace rnaslicer::jit::emission
