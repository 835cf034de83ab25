// jit/engine.hpp: all of LLVM's compiler and ORC that we use: plan to object file, object file to
// code.
//
// Facts: the pipeline (no passes, Default code generation, PIC and Small, ExecutionSession without
// LLJIT) is the fastest of those measured; a cached object is linked in 25-45 us.
#pragma once

#include "jit/emit.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace rnaslicer::jit {

/// What code of a tier is generated for. The same on every machine, so that each tier that tests
/// cover is exactly what users run.
struct Target {
  std::string cpu;      ///< LLVM's name: x86-64, x86-64-v3, x86-64-v4
  std::string features; ///< LLVM's feature string on top of the cpu
};

/// The best tier that this CPU and its operating system can run.
Tier host_tier();
/// LLVM's name of the CPU we run on; for information only.
std::string host_cpu();
const Target& target(Tier tier);
std::string_view tier_name(Tier tier);
std::optional<Tier> tier_from_name(std::string_view name);
std::string_view llvm_version();

/// What one compilation gives.
struct Compiled {
  std::string object; ///< relocatable ELF file
  std::string ir;     ///< LLVM IR text as it went into code generation
  std::int64_t min_count = 1;
};

/// Emits and compiles. Throws std::runtime_error with the reason: declined, invalid IR, or any
/// trouble inside LLVM, which never ends the process. `folder` is where debuggers find the plan's
/// text. Any thread.
Compiled compile(const Plan& plan, Direction direction, Tier tier, bool streaming,
                 const std::string& symbol, const std::string& folder = {});

/// The code generation half: an IR module that must define `symbol`. Takes the module's context
/// too.
Compiled compile(std::unique_ptr<llvm::LLVMContext> context, std::unique_ptr<llvm::Module> module,
                 Tier tier);

/// Linked machine code; unmapped on destruction. Pages are read-execute, never writable as well.
class Code {
 public:
  Code() = default;
  Code(const Code&) = delete;
  Code& operator=(const Code&) = delete;
  virtual ~Code() = default;
  [[nodiscard]] virtual KernelFunction function() const = 0;
};

/// Links an object file that defines `symbol`. The same symbol may be linked again while older code
/// lives. Throws std::runtime_error. Any thread.
std::unique_ptr<Code> link(const std::string& object, const std::string& symbol);

} // namespace rnaslicer::jit
