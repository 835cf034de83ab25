// jit/plan.hpp: the access plan, our IR: where values lie in the source and in the cache.
//
// A plan describes one rectangular transfer. Its loops, outermost first, have extents that are
// known only at run time; below the innermost loop stand the lanes, a constant list of (source,
// cache) byte offsets, C order over `lane_shape`. For every combination of loop indices and every
// lane:
//
//   refresh:  cache[...]  = convert(value -> format, decode(source[...]))
//   update:   source[...] = encode(clamp(convert(format -> value, cache[...])))
//
// "Source" is Blender's memory (or a packed buffer that bpy filled), "cache" is the MemCache. Where
// a plan goes through an index, `source[...]` is an i32 that counts the elements of another array,
// the target, and the numbers lie there.
#pragma once

#include "jit/scalar.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rnaslicer::jit {

/// How a loop finds the source address of its i-th step. The cache side is always strided.
enum class LoopKind : std::uint8_t {
  strided,  ///< address += i * source_stride
  indexed,  ///< address += table[i] * source_stride; table of int64
  pointers, ///< address  = table[i] + source_stride; table of addresses, source_stride is an
            ///< offset. Loops outside of it may not add to the source: it would discard them.
};

/// One dynamic axis. Strides in bytes, any sign; extents and tables are run-time arguments.
struct Loop {
  LoopKind kind = LoopKind::strided;
  std::int64_t source_stride = 0;
  std::int64_t cache_stride = 0;
  bool operator==(const Loop&) const = default;
};

/// One constant element below the innermost loop: byte offsets from the loop's addresses, and what
/// this lane's decode has of its own.
struct Lane {
  std::int64_t source = 0;
  std::int64_t cache = 0;
  std::uint64_t mask = 0;  ///< flag: instead of the storage's mask, if not 0
  std::int32_t lookup = 0; ///< lookup: number of the table
  std::int64_t at = 0;     ///< through an index: byte offset in the target's element
  std::int32_t row = 0;    ///< transform: the component; where the number lies is the first one
  bool operator==(const Lane&) const = default;
};

/// How a stored number becomes RNA's value, and back.
enum class Decode : std::uint8_t {
  plain,  ///< C cast between storage and value (b1 storage: != 0)
  flag,   ///< value = (raw & mask) != 0; update sets or clears exactly the mask's bits
  field,  ///< value = raw & mask, raw taken as unsigned; update replaces exactly the mask's bits
  unorm,  ///< u8, u16: value(f32) = raw * (1.0f / max); update rounds to nearest and saturates
  lookup, ///< u8: value(f32) = the lane's table[raw], a run-time argument (jit/lookup.hpp)
  difference, ///< i32: value = the i32 right behind - raw, wrapping; refresh only
};

/// What the source, or the target, holds. `mask` is used by flag and field; `inverted` negates a
/// flag or a b1.
struct Storage {
  Scalar type = Scalar::f32;
  Decode decode = Decode::plain;
  std::uint64_t mask = 0;
  bool inverted = false;
  bool operator==(const Storage&) const = default;
};

/// Bytes that are read where a lane's number begins.
constexpr std::int64_t stored_bytes(const Storage& storage) {
  return size_of(storage.type) * (storage.decode == Decode::difference ? 2 : 1);
}

/// The bits of a flag or field that this lane has.
constexpr std::uint64_t mask_of(const Storage& storage, const Lane& lane) {
  return lane.mask != 0 ? lane.mask : storage.mask;
}

/// Hard range of the value, applied on update as RNA's setters do (`x < lo ? lo : x > hi ? hi : x`,
/// so a NaN passes). Bounds are values of the value type or infinite; on b1 they let 0 and 1 pass.
struct Clamp {
  double lo = 0;
  double hi = 0;
  bool operator==(const Clamp&) const = default;
};

/// What a matrix does to vectors of three values, in float64 with one rounding at the end
/// (jit/transform.hpp). The matrix, or one for each step of the outermost loop, is a run-time
/// argument: of an update that which leads back.
enum class Transform : std::uint8_t {
  point,     ///< with the translation
  direction, ///< without
  normal,    ///< without, and made as long as 1
};

struct Plan {
  Storage storage;
  /// Through an index: the number is at target + index * target_stride + the lane's `at`. An update
  /// scatters, and where several indices are the same the last in C order wins.
  std::optional<std::int64_t> target_stride;
  Scalar value = Scalar::f32;  ///< RNA's value type: b1, i32 or f32
  Scalar format = Scalar::f32; ///< item of the cache
  /// The cache's integers stand for fractions of their maximum: 0 to 1, or -1 to 1 if signed.
  bool normalized = false;
  std::optional<Transform> transform;
  std::int64_t component_step = 0; ///< of a transform: bytes from one component to the next
  std::optional<Clamp> clamp;
  std::vector<Loop> loops; ///< outermost first; may be empty
  std::vector<std::int64_t> lane_shape;
  std::vector<Lane> lanes; ///< product(lane_shape) entries; at least one
  bool operator==(const Plan&) const = default;
};

/// Bytes that may be touched where a lane's number begins.
constexpr std::int64_t number_bytes(const Plan& plan) {
  return stored_bytes(plan.storage) + (plan.transform ? 2 * plan.component_step : 0);
}

/// The same where its source begins.
constexpr std::int64_t source_bytes(const Plan& plan) {
  return plan.target_stride ? size_of(Scalar::i32) : number_bytes(plan);
}

inline constexpr std::size_t max_loops = 8;
inline constexpr std::size_t max_lanes = 256;
inline constexpr std::int32_t max_lookups = 16;

/// The canonical text; `parse(print(p)) == p`.
std::string print(const Plan& plan);

/// Reads plan text. Throws std::invalid_argument naming line and column. Does not verify.
Plan parse(std::string_view text);

/// Empty if the plan is well formed, else one sentence that says what is wrong. In the cache, lanes
/// and the steps of each loop must lie apart; in the source all may coincide.
std::string verify(const Plan& plan);

/// Hash of everything that is compiled in: storage, value, format, clamp, lanes and the innermost
/// loop. Outer loops, extents, bases and tables are run-time arguments. 16 hex digits.
struct Signature {
  std::uint64_t hash = 0;
  bool operator==(const Signature&) const = default;
  [[nodiscard]] std::string hex() const;
};
Signature signature(const Plan& plan);

/// Just what the signature covers: the plan with only its innermost loop, all lanes on one axis.
Plan compiled_part(const Plan& plan);

} // namespace rnaslicer::jit
