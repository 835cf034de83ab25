// jit/emit/source_lines.cpp: lines as jit/plan_text.cpp prints them, handed to LLVM.
#include "jit/emit/source_lines.hpp"

#include <llvm/BinaryFormat/Dwarf.h>
#include <llvm/IR/DIBuilder.h>
#include <llvm/IR/DebugInfoMetadata.h>
#include <llvm/IR/Function.h>
#include <llvm/IR/Module.h>

namespace rnaslicer::jit::emission {

SourceLines::SourceLines(llvm::Function& function, const Plan& plan, const std::string& folder)
    : m_through(plan.target_stride.has_value()), m_transform(plan.transform.has_value()),
      m_clamp(plan.clamp.has_value()), m_loop(!plan.loops.empty()) {
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
  // plan, storage, [through,] value, [transform,] [clamp,] format, [loop,] lanes, lane, lane, ...
  constexpr unsigned storage = 2;
  const unsigned value = storage + (m_through ? 2 : 1);
  const unsigned transform = value + (m_transform ? 1 : 0);
  const unsigned clamp = transform + (m_clamp ? 1 : 0);
  const unsigned format = clamp + 1;
  const unsigned lanes = format + (m_loop ? 2 : 1);
  switch (part) {
  case Part::plan:
    break;
  case Part::storage:
    return line(storage);
  case Part::through:
    return line(m_through ? storage + 1 : storage);
  case Part::value:
    return line(value);
  case Part::clamp:
    return line(m_clamp ? clamp : value);
  case Part::transform:
    return line(transform);
  case Part::format:
    return line(format);
  case Part::loop:
    return line(m_loop ? format + 1 : lanes);
  case Part::lanes:
    return line(lanes);
  }
  return line(1);
}

llvm::DebugLoc SourceLines::of_lane(std::size_t lane) const {
  return line(of(Part::lanes).getLine() + 1 + static_cast<unsigned>(lane));
}

} // namespace rnaslicer::jit::emission
