// jit/inspect/object.hpp: what an object file says of one function: bytes, relocations, plan lines.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace rnaslicer::jit {

/// Addresses count from the function's start.
struct FunctionCode {
  std::vector<std::uint8_t> bytes;
  std::multimap<std::uint64_t, std::string> notes; ///< what the linker fills in
  std::map<std::uint64_t, unsigned> lines;         ///< line of the plan's text, from there on

  /// The plan's line at an address; 0 if none is known.
  [[nodiscard]] unsigned line_at(std::uint64_t address) const {
    const auto next = lines.upper_bound(address);
    return next == lines.begin() ? 0 : std::prev(next)->second;
  }
};

/// Throws std::runtime_error if the object cannot be read or does not define `symbol`. Line tables
/// that cannot be read are none.
FunctionCode read_function(const std::string& object, const std::string& symbol);

} // namespace rnaslicer::jit
