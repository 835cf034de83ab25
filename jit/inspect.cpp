// jit/inspect.cpp: LLVM's disassembler over the object's bytes: needs no second code generation.
#include "jit/inspect.hpp"

#include <llvm/BinaryFormat/ELF.h>
#include <llvm/MC/MCAsmInfo.h>
#include <llvm/MC/MCContext.h>
#include <llvm/MC/MCDisassembler/MCDisassembler.h>
#include <llvm/MC/MCInst.h>
#include <llvm/MC/MCInstPrinter.h>
#include <llvm/MC/MCInstrInfo.h>
#include <llvm/MC/MCRegisterInfo.h>
#include <llvm/MC/MCSubtargetInfo.h>
#include <llvm/MC/MCTargetOptions.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Object/ELFObjectFile.h>
#include <llvm/Support/Error.h>
#include <llvm/Support/Format.h>
#include <llvm/Support/MemoryBufferRef.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/Support/raw_ostream.h>
#include <map>
#include <mutex>
#include <stdexcept>

namespace rnaslicer::jit {
namespace {

template <class T> T check(llvm::Expected<T> value) {
  if (!value)
    throw std::runtime_error(llvm::toString(value.takeError()));
  return std::move(*value);
}

/// Everything the disassembler needs of one tier.
class Disassembler {
 public:
  explicit Disassembler(Tier tier) {
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
    registers_.reset(found->createMCRegInfo(triple.str()));
    assembly_.reset(found->createMCAsmInfo(*registers_, triple.str(), llvm::MCTargetOptions()));
    instructions_.reset(found->createMCInstrInfo());
    subtarget_.reset(
        found->createMCSubtargetInfo(triple.str(), target(tier).cpu, target(tier).features));
    context_ = std::make_unique<llvm::MCContext>(triple, assembly_.get(), registers_.get(),
                                                 subtarget_.get());
    decoder_.reset(found->createMCDisassembler(*subtarget_, *context_));
    constexpr unsigned intel = 1;
    printer_.reset(
        found->createMCInstPrinter(triple, intel, *assembly_, *instructions_, *registers_));
    if (!decoder_ || !printer_)
      throw std::runtime_error("LLVM has no disassembler for x86");
    printer_->setPrintBranchImmAsAddress(true);
    printer_->setPrintImmHex(true);
  }

  /// `notes` says by offset what the linker fills in.
  std::string print(llvm::ArrayRef<std::uint8_t> code,
                    const std::multimap<std::uint64_t, std::string>& notes) {
    std::string text;
    llvm::raw_string_ostream stream(text);
    for (std::uint64_t at = 0; at < code.size();) {
      llvm::MCInst instruction;
      std::uint64_t size = 0;
      const auto status =
          decoder_->getInstruction(instruction, size, code.slice(at), at, llvm::nulls());
      if (size == 0)
        size = 1;
      stream << llvm::format("%5llx:", static_cast<unsigned long long>(at));
      if (status == llvm::MCDisassembler::Fail)
        stream << llvm::format("\t.byte\t0x%02x", unsigned{code[at]});
      else
        // Branches count from the next instruction.
        printer_->printInst(&instruction, at + size, "", *subtarget_, stream);
      const auto end = notes.lower_bound(at + size);
      for (auto note = notes.lower_bound(at); note != end; ++note)
        stream << "  # " << note->second;
      stream << '\n';
      at += size;
    }
    stream.flush();
    return text;
  }

 private:
  std::unique_ptr<llvm::MCRegisterInfo> registers_;
  std::unique_ptr<llvm::MCAsmInfo> assembly_;
  std::unique_ptr<llvm::MCInstrInfo> instructions_;
  std::unique_ptr<llvm::MCSubtargetInfo> subtarget_;
  std::unique_ptr<llvm::MCContext> context_;
  std::unique_ptr<llvm::MCDisassembler> decoder_;
  std::unique_ptr<llvm::MCInstPrinter> printer_;
};

/// What a relocation points at: a symbol, or a section of constants.
std::string pointee(const llvm::object::RelocationRef& relocation,
                    const llvm::object::ObjectFile& file) {
  const auto symbol = relocation.getSymbol();
  if (symbol == file.symbol_end())
    return "?";
  auto name = check(symbol->getName());
  if (name.empty()) {
    const auto section = check(symbol->getSection());
    if (section != file.section_end())
      name = check(section->getName());
  }
  auto text = name.str();
  const auto addend = check(llvm::object::ELFRelocationRef(relocation).getAddend());
  // The field counts from its own end, four bytes on.
  if (addend + 4 != 0)
    text += "+" + std::to_string(addend + 4);
  return text;
}

} // namespace

std::string disassemble(const std::string& object, const std::string& symbol, Tier tier) {
  const auto file =
      check(llvm::object::ObjectFile::createObjectFile(llvm::MemoryBufferRef(object, symbol)));
  for (const llvm::object::ELFSymbolRef candidate : file->symbols()) {
    // The module may bear the same name, as a symbol of type FILE.
    if (candidate.getELFType() != llvm::ELF::STT_FUNC || check(candidate.getName()) != symbol)
      continue;
    const auto section = check(candidate.getSection());
    if (section == file->section_end())
      break;
    const auto contents = check(section->getContents());
    const auto start = check(candidate.getAddress());
    const auto size = candidate.getSize();
    if (start > contents.size() || size > contents.size() - start)
      break;

    std::multimap<std::uint64_t, std::string> notes;
    for (const auto& other : file->sections()) {
      const auto relocated = check(other.getRelocatedSection());
      if (relocated == file->section_end() || *relocated != *section)
        continue;
      for (const auto& relocation : other.relocations())
        if (relocation.getOffset() >= start)
          notes.emplace(relocation.getOffset() - start, pointee(relocation, *file));
    }
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(contents.data());
    return Disassembler(tier).print({bytes + start, size}, notes);
  }
  throw std::runtime_error("the object does not define " + symbol);
}

} // namespace rnaslicer::jit
