// jit/inspect/decoder.cpp: LLVM's disassembler: needs no second code generation.
#include "jit/inspect/decoder.hpp"

#include <llvm/MC/MCTargetOptions.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/Support/raw_ostream.h>
#include <mutex>
#include <stdexcept>

namespace rnaslicer::jit {

Decoder::Decoder(const std::string& cpu, const std::string& features) {
  static std::once_flag once;
  std::call_once(once, [] {
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86Disassembler();
  });
  const llvm::Triple triple("x86_64-unknown-linux-gnu");
  std::string trouble;
  const auto* found = llvm::TargetRegistry::lookupTarget(triple.str(), trouble);
  if (found == nullptr)
    throw std::runtime_error(trouble);
  registers.reset(found->createMCRegInfo(triple.str()));
  assembly.reset(found->createMCAsmInfo(*registers, triple.str(), llvm::MCTargetOptions()));
  instructions.reset(found->createMCInstrInfo());
  analysis.reset(found->createMCInstrAnalysis(instructions.get()));
  subtarget.reset(found->createMCSubtargetInfo(triple.str(), cpu, features));
  context =
      std::make_unique<llvm::MCContext>(triple, assembly.get(), registers.get(), subtarget.get());
  disassembler.reset(found->createMCDisassembler(*subtarget, *context));
  constexpr unsigned intel = 1;
  printer.reset(found->createMCInstPrinter(triple, intel, *assembly, *instructions, *registers));
  if (!disassembler || !printer)
    throw std::runtime_error("LLVM has no disassembler for x86");
  printer->setPrintBranchImmAsAddress(true);
  printer->setPrintImmHex(true);
}

Decoder::Decoded Decoder::decode(llvm::ArrayRef<std::uint8_t> code, std::uint64_t at) const {
  Decoded decoded;
  decoded.valid = disassembler->getInstruction(decoded.instruction, decoded.size, code.slice(at),
                                               at, llvm::nulls()) != llvm::MCDisassembler::Fail;
  if (decoded.size == 0)
    decoded.size = 1;
  return decoded;
}

std::string Decoder::print(const Decoded& decoded, std::uint64_t at) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  // Branches count from the next instruction.
  printer->printInst(&decoded.instruction, at + decoded.size, "", *subtarget, stream);
  stream.flush();
  return text;
}

std::optional<std::uint64_t> Decoder::target(const Decoded& decoded, std::uint64_t at) const {
  if (!decoded.valid || !instructions->get(decoded.instruction.getOpcode()).isBranch())
    return std::nullopt;
  std::uint64_t result = 0;
  if (!analysis->evaluateBranch(decoded.instruction, at, decoded.size, result))
    return std::nullopt;
  return result;
}

} // namespace rnaslicer::jit
