// jit/emit.hpp: from access plan to LLVM IR: explicit vectors, one function per direction.
#pragma once

#include "jit/emit/tiers.hpp"
#include "jit/side.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace llvm {
class LLVMContext;
class Module;
class TargetMachine;
} // namespace llvm

namespace rnaslicer::jit {

/// A kernel runs the innermost loop over all lanes. `count` steps; `table` is the loop's index or
/// pointer table (null if strided), entry i at table[i * table_step]. `side` may be null for plans
/// that look nothing up and go through no index.
using KernelFunction = void (*)(std::byte* source, std::byte* cache, std::int64_t count,
                                const std::int64_t* table, std::int64_t table_step, SideData* side);

/// Fewest steps a kernel accepts (its last block overlaps backwards); shorter loops are
/// interpreted.
struct Emitted {
  std::unique_ptr<llvm::Module> module;
  std::int64_t min_count = 1;
};

/// Emits `compiled_part(plan)` under the given symbol name. `streaming` asks for non-temporal
/// stores. Returns a null module for plans the generator declines: those stay with the interpreter.
/// Debuggers find the plan's text as SIGNATURE.plan in `folder`.
Emitted emit(const Plan& plan, Direction direction, Tier tier, bool streaming,
             const std::string& symbol, llvm::LLVMContext& context, const std::string& folder = {});

} // namespace rnaslicer::jit
