// jit/scalar.hpp: the machine types a plan speaks of.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace rnaslicer::jit {

/// A number's type in memory, native byte order. `b1` is one byte that is read as `byte != 0` and
/// written as 0 or 1; `f16` occurs only as a cache format.
enum class Scalar : std::uint8_t { b1, i8, u8, i16, u16, i32, u32, i64, u64, f16, f32, f64 };

struct ScalarInfo {
  std::string_view name; ///< as in plan text
  char format;           ///< struct/memoryview format character
  std::uint8_t size;     ///< bytes
  bool is_float;
  bool is_signed;
};

inline constexpr std::array<ScalarInfo, 12> scalar_infos{{
    {"b1", '?', 1, false, false},
    {"i8", 'b', 1, false, true},
    {"u8", 'B', 1, false, false},
    {"i16", 'h', 2, false, true},
    {"u16", 'H', 2, false, false},
    {"i32", 'i', 4, false, true},
    {"u32", 'I', 4, false, false},
    {"i64", 'q', 8, false, true},
    {"u64", 'Q', 8, false, false},
    {"f16", 'e', 2, true, true},
    {"f32", 'f', 4, true, true},
    {"f64", 'd', 8, true, true},
}};

constexpr const ScalarInfo& info(Scalar s) { return scalar_infos[static_cast<std::size_t>(s)]; }
constexpr std::int64_t size_of(Scalar s) { return info(s).size; }

constexpr std::optional<Scalar> scalar_from_name(std::string_view name) {
  for (std::size_t i = 0; i < scalar_infos.size(); ++i)
    if (scalar_infos[i].name == name)
      return static_cast<Scalar>(i);
  return std::nullopt;
}

constexpr std::optional<Scalar> scalar_from_format(char format) {
  for (std::size_t i = 0; i < scalar_infos.size(); ++i)
    if (scalar_infos[i].format == format)
      return static_cast<Scalar>(i);
  return std::nullopt;
}

} // namespace rnaslicer::jit
