// jit/faults.hpp: failures on demand, for tests only: what if memory, compiler or system fail here?
//
// A point that can fail asks `fails(its name)`; one load unless a test has armed it.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace rnaslicer::jit {

enum class Fault : std::uint8_t { allocate, compile, transfer, process_vm_readv, pipe };
inline constexpr std::array<std::string_view, 5> fault_names{"allocate", "compile", "transfer",
                                                             "process_vm_readv", "pipe"};

constexpr std::optional<Fault> fault_from_name(std::string_view name) {
  for (std::size_t i = 0; i < fault_names.size(); ++i)
    if (fault_names[i] == name)
      return static_cast<Fault>(i);
  return std::nullopt;
}

/// Passes that are still good, and failures that follow them. Kernels may compile on any thread.
struct Armed {
  std::atomic<std::int64_t> good = 0, bad = 0;
};
inline std::array<Armed, fault_names.size()> armed; // the process's

/// After `good` more passes this point fails `bad` times.
inline void inject(Fault fault, std::int64_t good, std::int64_t bad) {
  auto& point = armed[static_cast<std::size_t>(fault)];
  point.good = good;
  point.bad = bad;
}

/// True if this pass has to fail.
inline bool fails(Fault fault) {
  auto& point = armed[static_cast<std::size_t>(fault)];
  return point.bad > 0 && point.good-- <= 0 && point.bad-- > 0;
}

} // namespace rnaslicer::jit
