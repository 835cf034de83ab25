// jit/inspect/decoder.hpp: LLVM's description of one CPU's machine code: decodes, prints, models.
#pragma once

#include <cstdint>
#include <llvm/ADT/ArrayRef.h>
#include <llvm/MC/MCAsmInfo.h>
#include <llvm/MC/MCContext.h>
#include <llvm/MC/MCDisassembler/MCDisassembler.h>
#include <llvm/MC/MCInst.h>
#include <llvm/MC/MCInstPrinter.h>
#include <llvm/MC/MCInstrAnalysis.h>
#include <llvm/MC/MCInstrInfo.h>
#include <llvm/MC/MCRegisterInfo.h>
#include <llvm/MC/MCSubtargetInfo.h>
#include <memory>
#include <optional>
#include <string>

namespace rnaslicer::jit {

struct Decoder {
  /// Throws std::runtime_error where LLVM knows nothing of it.
  Decoder(const std::string& cpu, const std::string& features);

  struct Decoded {
    llvm::MCInst instruction;
    std::uint64_t size = 1;
    bool valid = false; ///< else one byte of no instruction
  };
  [[nodiscard]] Decoded decode(llvm::ArrayRef<std::uint8_t> code, std::uint64_t at) const;

  /// Intel syntax.
  std::string print(const Decoded& decoded, std::uint64_t at);

  /// Where a branch goes; nothing for other instructions.
  [[nodiscard]] std::optional<std::uint64_t> target(const Decoded& decoded, std::uint64_t at) const;

  std::unique_ptr<llvm::MCRegisterInfo> registers;
  std::unique_ptr<llvm::MCAsmInfo> assembly;
  std::unique_ptr<llvm::MCInstrInfo> instructions;
  std::unique_ptr<llvm::MCInstrAnalysis> analysis;
  std::unique_ptr<llvm::MCSubtargetInfo> subtarget;
  std::unique_ptr<llvm::MCContext> context;
  std::unique_ptr<llvm::MCDisassembler> disassembler;
  std::unique_ptr<llvm::MCInstPrinter> printer;
};

} // namespace rnaslicer::jit
