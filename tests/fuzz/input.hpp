// tests/fuzz/input.hpp: what fuzz targets share: numbers out of bytes, and how a target fails.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

namespace rnaslicer::fuzz {

/// Ends the process, which is how a fuzzer sees that the input is one to keep.
[[noreturn]] inline void fail(const std::string& what) {
  std::fprintf(stderr, "fuzz: %s\n", what.c_str());
  std::abort();
}
inline void expect(bool holds, std::string_view what) {
  if (!holds)
    fail(std::string(what));
}

/// Numbers from the front of some bytes; zeros when they have run out.
class Numbers {
 public:
  explicit Numbers(std::string_view bytes) : rest_(bytes) {}
  [[nodiscard]] bool empty() const { return rest_.empty(); }

  template <typename Number> Number take() {
    Number number{};
    const auto size = std::min(rest_.size(), sizeof number);
    std::memcpy(&number, rest_.data(), size);
    rest_.remove_prefix(size);
    return number;
  }
  /// In [lo, hi], from one byte.
  std::int64_t between(std::int64_t lo, std::int64_t hi) {
    return lo + take<std::uint8_t>() % (hi - lo + 1);
  }
  /// Mostly small, sometimes any.
  std::int64_t integer() {
    const auto kind = take<std::uint8_t>();
    if (kind < 200)
      return kind % 23 - 11;
    return kind < 228 ? take<std::int16_t>() : take<std::int64_t>();
  }
  std::string text() {
    const std::size_t wanted = take<std::uint8_t>() % 12U;
    const auto size = std::min(rest_.size(), wanted);
    std::string result(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return result;
  }

 private:
  std::string_view rest_;
};

} // namespace rnaslicer::fuzz
