// jit/inspect.hpp: machine code of a kernel for people: instructions with the plan's lines, its
// main loop, and the cycles that it should take.
#pragma once

#include "jit/engine.hpp"

#include <optional>
#include <string>
#include <vector>

namespace rnaslicer::jit {

struct Instruction {
  std::uint64_t address = 0; ///< from the function's start
  std::string bytes;
  std::string text;                    ///< Intel syntax: mnemonic, tab, operands
  std::string note;                    ///< what the linker fills in
  unsigned line = 0;                   ///< of the text of the plan's compiled part; 0 if unknown
  std::optional<std::uint64_t> target; ///< of a branch
};

/// Addresses [begin, end).
struct CodeRange {
  std::uint64_t begin = 0, end = 0;
};

/// The instructions of the function `symbol`. Throws std::runtime_error if the object cannot be
/// read.
std::vector<Instruction> instructions(const std::string& object, const std::string& symbol,
                                      Tier tier);

/// The innermost loop that does most of the work: the one with non-temporal stores, else the
/// longest. Nothing where there is no loop.
std::optional<CodeRange> main_loop(const std::vector<Instruction>& instructions);

/// The instructions as text, a line each, addresses as branch targets have them.
std::string disassemble(const std::string& object, const std::string& symbol, Tier tier);

/// What LLVM's model of a CPU says of a loop whose data are in L1; no caches, no front end.
struct Prediction {
  std::string cpu;   ///< whose model it is
  double cycles = 0; ///< of one iteration
};

/// Of the main loop, on this machine's CPU. Nothing where there is no loop, LLVM has no model of
/// the CPU, or the CPU lacks the tier. Throws std::runtime_error if the object cannot be read.
std::optional<Prediction> predict(const std::string& object, const std::string& symbol, Tier tier);

} // namespace rnaslicer::jit
