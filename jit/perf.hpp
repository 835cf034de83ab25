// jit/perf.hpp: tells Linux's perf which code is whose: its map of names, or a jitdump with code
// and plan lines.
//
// Formats: Linux, tools/perf/Documentation/jit-interface.txt and jitdump-specification.txt. LLVM's
// own writer pairs lines with the wrong functions.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace rnaslicer::jit {

enum class Perf : std::uint8_t { off, map, jitdump };

/// "" is off; nothing else but "map" and "jitdump" is known: throws std::invalid_argument.
Perf perf_from_name(std::string_view name);

/// Linked code of one kernel entry.
struct PerfCode {
  std::string symbol;
  const void* address = nullptr;
  std::string_view bytes;
  std::string source;                      ///< path of the plan's text
  std::map<std::uint64_t, unsigned> lines; ///< line from that offset on; 0 where none is known
};

/// The records of a jitdump file, at `time` in ns of CLOCK_MONOTONIC.
std::string jitdump_header(std::uint32_t process, std::uint64_t time);
/// Lines, then the code: perf pairs them by their order.
std::string jitdump_code(const PerfCode& code, std::uint32_t process, std::uint32_t thread,
                         std::uint64_t index, std::uint64_t time);
std::string jitdump_close(std::uint64_t time);

/// Writes code to the place that `mode` names, opened when first needed; `folder` is for jitdump
/// files unless JITDUMPDIR says otherwise. Nothing throws for the disk's sake: perf_trouble() has
/// the reason, and perf_file() the path that is written. Main thread only.
void perf_write(Perf mode, const std::string& folder, const PerfCode& code);
/// Ends what is being written.
void perf_close();
std::string perf_file();
std::string perf_trouble();

/// Who writes the process's map of names; null: we. CPython has a writer of its own from 3.12 on.
using PerfMapWriter = int (*)(const void* address, unsigned int size, const char* name);
void use_perf_map_writer(PerfMapWriter writer);

} // namespace rnaslicer::jit
