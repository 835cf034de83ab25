// jit/emit/source_lines.cpp: finds each part's line in the plan's text, hands lines to LLVM.
#include "jit/emit/source_lines.hpp"

#include <llvm/BinaryFormat/Dwarf.h>
#include <llvm/IR/DIBuilder.h>
#include <llvm/IR/DebugInfoMetadata.h>
#include <llvm/IR/Function.h>
#include <llvm/IR/Module.h>
#include <string_view>

namespace rnaslicer::jit::emission {

namespace {

struct Named {
  Part part;
  std::string_view word; ///< with which its line begins
  Part instead;          ///< where the plan has no such line
};

constexpr std::array<Named, 9> parts{{{Part::plan, "plan ", Part::plan},
                                      {Part::storage, "storage ", Part::plan},
                                      {Part::through, "through ", Part::storage},
                                      {Part::value, "value ", Part::plan},
                                      {Part::transform, "transform ", Part::value},
                                      {Part::clamp, "clamp ", Part::value},
                                      {Part::format, "format ", Part::plan},
                                      {Part::loop, "loop ", Part::lanes},
                                      {Part::lanes, "lanes", Part::plan}}};

/// Line of a text that begins with `word`, from 1; 0 if there is none.
unsigned line_of(std::string_view text, std::string_view word) {
  for (unsigned number = 1;; ++number) {
    if (text.starts_with(word))
      return number;
    const auto end = text.find('\n');
    if (end == std::string_view::npos)
      return 0;
    text.remove_prefix(end + 1);
  }
}

} // namespace

SourceLines::SourceLines(llvm::Function& function, const Plan& plan, const std::string& folder) {
  const auto text = print(plan);
  for (const auto& [part, word, instead] : parts) {
    auto& number = m_numbers.at(static_cast<std::size_t>(part));
    number = line_of(text, word);
    if (number == 0)
      number = line_of(text, parts.at(static_cast<std::size_t>(instead)).word);
  }
  auto& module = *function.getParent();
  module.addModuleFlag(llvm::Module::Warning, "Debug Info Version", llvm::DEBUG_METADATA_VERSION);
  module.addModuleFlag(llvm::Module::Warning, "Dwarf Version", 4);
  llvm::DIBuilder builder(module);
  auto* file = builder.createFile(signature(plan).hex() + ".plan", folder);
  auto* unit = builder.createCompileUnit(llvm::dwarf::DW_LANG_C, file, "rnaslicer", false, "", 0,
                                         "", llvm::DICompileUnit::LineTablesOnly);
  auto* type = builder.createSubroutineType(builder.getOrCreateTypeArray({}));
  m_subprogram =
      builder.createFunction(unit, function.getName(), function.getName(), file, 1, type, 1,
                             llvm::DINode::FlagZero, llvm::DISubprogram::SPFlagDefinition);
  function.setSubprogram(m_subprogram);
  builder.finalize();
}

llvm::DebugLoc SourceLines::line(unsigned number) const {
  return llvm::DILocation::get(m_subprogram->getContext(), number, 0, m_subprogram);
}

llvm::DebugLoc SourceLines::of(Part part) const {
  return line(m_numbers.at(static_cast<std::size_t>(part)));
}

llvm::DebugLoc SourceLines::of_lane(std::size_t lane) const {
  return line(of(Part::lanes).getLine() + 1 + static_cast<unsigned>(lane));
}

} // namespace rnaslicer::jit::emission
