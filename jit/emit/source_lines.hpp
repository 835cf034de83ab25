// jit/emit/source_lines.hpp: the plan's text as the source of the code, so that listings, gdb and
// perf say which line of the plan an instruction is for.
//
// Line tables alone: no variables, no types, and the same machine code as without them.
#pragma once

#include "jit/plan.hpp"

#include <array>
#include <llvm/IR/DebugLoc.h>
#include <llvm/IR/IRBuilder.h>
#include <string>

namespace llvm {
class DISubprogram;
class Function;
} // namespace llvm

namespace rnaslicer::jit::emission {

/// What a line of the plan's text says; `plan` is its first line, which stands for the frame.
enum class Part : std::uint8_t {
  plan,
  storage,
  through,
  value,
  transform,
  clamp,
  format,
  loop,
  lanes
};

class SourceLines {
 public:
  /// `plan` is the compiled part; the file is SIGNATURE.plan in `folder`.
  SourceLines(llvm::Function& function, const Plan& plan, const std::string& folder);

  /// Where the plan has no such line, the one that stands for it.
  [[nodiscard]] llvm::DebugLoc of(Part part) const;
  [[nodiscard]] llvm::DebugLoc of_lane(std::size_t lane) const;

 private:
  [[nodiscard]] llvm::DebugLoc line(unsigned number) const;

  llvm::DISubprogram* m_subprogram;
  std::array<unsigned, 9> m_numbers{}; ///< of each part's line
};

/// While it lives, what is emitted is for that line; then the one before counts again.
class AtLine {
 public:
  AtLine(llvm::IRBuilderBase& ir, llvm::DebugLoc place)
      : m_ir(ir), m_before(ir.getCurrentDebugLocation()) {
    ir.SetCurrentDebugLocation(std::move(place));
  }
  AtLine(const AtLine&) = delete;
  AtLine& operator=(const AtLine&) = delete;
  ~AtLine() { m_ir.SetCurrentDebugLocation(m_before); }

 private:
  llvm::IRBuilderBase& m_ir;
  llvm::DebugLoc m_before;
};

} // namespace rnaslicer::jit::emission
