// jit/inspect/object.cpp: LLVM's readers of ELF and DWARF; whatever they complain of is no line.
#include "jit/inspect/object.hpp"

#include <llvm/BinaryFormat/ELF.h>
#include <llvm/DebugInfo/DWARF/DWARFContext.h>
#include <llvm/Object/ELFObjectFile.h>
#include <llvm/Support/Error.h>
#include <llvm/Support/MemoryBufferRef.h>
#include <stdexcept>

namespace rnaslicer::jit {
namespace {

template <class T> T check(llvm::Expected<T> value) {
  if (!value)
    throw std::runtime_error(llvm::toString(value.takeError()));
  return std::move(*value);
}

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

std::map<std::uint64_t, unsigned> read_lines(const llvm::object::ObjectFile& file,
                                             std::uint64_t section, std::uint64_t start,
                                             std::uint64_t size) {
  const auto ignore = [](llvm::Error error) { llvm::consumeError(std::move(error)); };
  const auto context = llvm::DWARFContext::create(
      file, llvm::DWARFContext::ProcessDebugRelocations::Process, nullptr, "", ignore, ignore);
  std::map<std::uint64_t, unsigned> lines;
  for (const auto& unit : context->compile_units()) {
    auto table = context->getLineTableForUnit(unit.get(), ignore);
    if (!table) {
      llvm::consumeError(table.takeError());
      continue;
    }
    if (*table == nullptr)
      continue;
    for (const auto& row : (*table)->Rows) {
      const auto at = row.Address.Address - start;
      if (row.Address.SectionIndex == section && row.Address.Address >= start && at < size)
        lines[at] = row.EndSequence != 0 ? 0 : row.Line;
    }
  }
  return lines;
}

} // namespace

FunctionCode read_function(const std::string& object, const std::string& symbol) {
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

    FunctionCode code;
    const auto bytes = contents.substr(start, size);
    code.bytes.assign(bytes.bytes_begin(), bytes.bytes_end());
    for (const auto& other : file->sections()) {
      const auto relocated = check(other.getRelocatedSection());
      if (relocated == file->section_end() || *relocated != *section)
        continue;
      for (const auto& relocation : other.relocations())
        if (relocation.getOffset() >= start)
          code.notes.emplace(relocation.getOffset() - start, pointee(relocation, *file));
    }
    code.lines = read_lines(*file, section->getIndex(), start, size);
    return code;
  }
  throw std::runtime_error("the object does not define " + symbol);
}

} // namespace rnaslicer::jit
