// jit/engine.cpp: one TargetMachine per tier, one ExecutionSession, one ResourceTracker per code.
#include "jit/engine.hpp"

#include "jit/copy.hpp"
#include "jit/debugger.hpp"

#include <array>
#include <cstring>
#include <llvm/Config/llvm-config.h>
#include <llvm/ExecutionEngine/Orc/Core.h>
#include <llvm/ExecutionEngine/Orc/DebugObjectManagerPlugin.h>
#include <llvm/ExecutionEngine/Orc/EPCDebugObjectRegistrar.h>
#include <llvm/ExecutionEngine/Orc/ExecutorProcessControl.h>
#include <llvm/ExecutionEngine/Orc/ObjectLinkingLayer.h>
#include <llvm/ExecutionEngine/Orc/TargetProcess/JITLoaderGDB.h>
#include <llvm/IR/DiagnosticInfo.h>
#include <llvm/IR/DiagnosticPrinter.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/LegacyPassManager.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/Verifier.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Support/ErrorHandling.h>
#include <llvm/Support/MemoryBuffer.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/Target/TargetMachine.h>
#include <llvm/TargetParser/Host.h>
#include <map>
#include <mutex>
#include <set>
#include <stdexcept>
#include <vector>

namespace rnaslicer::jit {
namespace {

constexpr const char* triple = "x86_64-unknown-linux-gnu";

/// Turns an llvm::Error into our exception.
[[noreturn]] void fail(llvm::Error error) {
  throw std::runtime_error(llvm::toString(std::move(error)));
}
void check(llvm::Error error) {
  if (error)
    fail(std::move(error));
}
template <class T> T check(llvm::Expected<T> value) {
  if (!value)
    fail(value.takeError());
  return std::move(*value);
}

/// LLVM's default prints an error and ends the process; this one keeps the message.
class Recorder : public llvm::DiagnosticHandler {
 public:
  explicit Recorder(std::string& message) : message_(message) {}
  bool handleDiagnostics(const llvm::DiagnosticInfo& info) override {
    if (info.getSeverity() == llvm::DS_Error) {
      llvm::raw_string_ostream stream(message_);
      llvm::DiagnosticPrinterRawOStream printer(stream);
      info.print(printer);
    }
    return true;
  }

 private:
  std::string& message_;
};

/// Everything one compilation owns. After an exception came out of LLVM nobody knows its state, so
/// it is abandoned instead of destroyed: `abandoned` keeps it reachable for leak checkers.
struct Job {
  std::unique_ptr<llvm::LLVMContext> context;
  std::unique_ptr<llvm::Module> module;
  std::string trouble;
  llvm::SmallVector<char, 0> object;
  llvm::raw_svector_ostream stream{object};
  llvm::legacy::PassManager passes;
  std::unique_ptr<llvm::TargetMachine> machine;
};

class Engine {
 public:
  /// Never destroyed: the process is Blender's, and code may run until its very end.
  static Engine& get() {
    static auto* engine = new Engine; // the one engine
    return *engine;
  }

  Compiled compile(std::unique_ptr<Job> job, Tier tier);

  /// Code that is linked, and what tells it from other code.
  struct Linked {
    llvm::orc::ResourceTrackerSP tracker;
    KernelFunction function = nullptr;
    std::size_t library = 0;
    std::vector<void*> debug_entries;
  };
  Linked link(const std::string& object, const std::string& symbol);
  void remove(const Linked& code, const std::string& symbol);

 private:
  struct Library {
    llvm::orc::JITDylib* dylib;
    std::set<std::string> symbols;
  };

  Engine();
  std::unique_ptr<llvm::TargetMachine> make_machine(Tier tier);
  std::size_t library_without(const std::string& symbol);

  std::mutex mutex_; // the module's import may compile ahead on another thread
  const llvm::Target* llvm_target_ = nullptr;
  std::array<std::unique_ptr<llvm::TargetMachine>, 3> machines_;
  std::vector<Job*> abandoned_;
  std::unique_ptr<llvm::orc::ExecutionSession> session_;
  std::unique_ptr<llvm::orc::ObjectLinkingLayer> linker_;
  llvm::orc::JITDylib* libc_ = nullptr;
  std::vector<Library> libraries_; // one, unless a symbol is linked again while older code lives
};

[[noreturn]] void on_fatal(void*, const char* reason, bool) { throw std::runtime_error(reason); }

Engine::Engine() {
  // Debian's LLVM has unwind tables, so this leaves it safely; returning would exit().
  llvm::install_fatal_error_handler(on_fatal);
  LLVMInitializeX86TargetInfo();
  LLVMInitializeX86Target();
  LLVMInitializeX86TargetMC();
  LLVMInitializeX86AsmPrinter();
  std::string trouble;
  llvm_target_ = llvm::TargetRegistry::lookupTarget(triple, trouble);
  if (llvm_target_ == nullptr)
    throw std::runtime_error(trouble);

  session_ = std::make_unique<llvm::orc::ExecutionSession>(
      check(llvm::orc::SelfExecutorProcessControl::Create()));
  // The message also reaches us through the failed lookup.
  session_->setErrorReporter([](llvm::Error error) { llvm::consumeError(std::move(error)); });
  linker_ = std::make_unique<llvm::orc::ObjectLinkingLayer>(*session_);
  // gdb's JIT interface. The function's address, for its name is hidden like all of LLVM's.
  constexpr bool only_with_variables = false;
  constexpr bool at_once = true;
  linker_->addPlugin(std::make_unique<llvm::orc::DebugObjectManagerPlugin>(
      *session_,
      std::make_unique<llvm::orc::EPCDebugObjectRegistrar>(
          *session_, llvm::orc::ExecutorAddr::fromPtr(&llvm_orc_registerJITLoaderGDBWrapper)),
      only_with_variables, at_once));
  libc_ = &session_->createBareJITDylib("libc");
  llvm::orc::SymbolMap symbols;
  auto add = [&](const char* name, void* address) {
    symbols[session_->intern(name)] = {llvm::orc::ExecutorAddr::fromPtr(address),
                                       llvm::JITSymbolFlags::Exported |
                                           llvm::JITSymbolFlags::Callable};
  };
  add("memcpy", reinterpret_cast<void*>(
                    static_cast<void* (*)(void*, const void*, std::size_t)>(&copy_bytes)));
  add("memmove", reinterpret_cast<void*>(&std::memmove));
  check(libc_->define(llvm::orc::absoluteSymbols(std::move(symbols))));
}

std::unique_ptr<llvm::TargetMachine> Engine::make_machine(Tier tier) {
  llvm::TargetOptions options;
  options.AllowFPOpFusion = llvm::FPOpFusion::Strict; // same bits as the interpreter
  // Not JITTargetMachineBuilder: it defaults to the large code model and static relocation.
  std::unique_ptr<llvm::TargetMachine> machine(llvm_target_->createTargetMachine(
      triple, target(tier).cpu, target(tier).features, options, llvm::Reloc::PIC_,
      llvm::CodeModel::Small, llvm::CodeGenOptLevel::Default, /*JIT=*/true));
  if (!machine)
    throw std::runtime_error("LLVM has no machine for " + target(tier).cpu);
  return machine;
}

Compiled Engine::compile(std::unique_ptr<Job> job, Tier tier) {
  const std::lock_guard lock(mutex_);
  auto& idle = machines_.at(static_cast<std::size_t>(tier));
  try {
    job->machine = idle ? std::move(idle) : make_machine(tier);
    auto& module = *job->module;
    module.setTargetTriple(triple);
    module.setDataLayout(job->machine->createDataLayout());
    job->context->setDiagnosticHandler(std::make_unique<Recorder>(job->trouble));

    Compiled result;
    llvm::raw_string_ostream text(result.ir);
    module.print(text, nullptr);
    text.flush();
    llvm::raw_string_ostream complaint(job->trouble);
    if (llvm::verifyModule(module, &complaint))
      throw std::runtime_error("invalid IR: " + complaint.str());

    if (job->machine->addPassesToEmitFile(job->passes, job->stream, nullptr,
                                          llvm::CodeGenFileType::ObjectFile))
      throw std::runtime_error("LLVM cannot write object files");
    job->passes.run(module);
    if (!job->trouble.empty())
      throw std::runtime_error(job->trouble);
    result.object.assign(job->object.begin(), job->object.end());
    idle = std::move(job->machine);
    return result;
  } catch (...) {
    abandoned_.push_back(job.release());
    throw;
  }
}

std::size_t Engine::library_without(const std::string& symbol) {
  for (std::size_t i = 0; i < libraries_.size(); ++i)
    if (!libraries_[i].symbols.contains(symbol))
      return i;
  auto& dylib = session_->createBareJITDylib("kernels" + std::to_string(libraries_.size()));
  dylib.addToLinkOrder(*libc_);
  libraries_.push_back({&dylib, {}});
  return libraries_.size() - 1;
}

Engine::Linked Engine::link(const std::string& object, const std::string& symbol) {
  const std::lock_guard lock(mutex_);
  Linked code;
  code.library = library_without(symbol);
  auto& dylib = *libraries_[code.library].dylib;
  code.tracker = dylib.createResourceTracker();
  const void* const before = newest_debug_entry();
  try {
    check(linker_->add(code.tracker, llvm::MemoryBuffer::getMemBufferCopy(object, symbol)));
    auto found = check(session_->lookup({&dylib}, session_->intern(symbol)));
    code.function = found.getAddress().toPtr<KernelFunction>();
    code.debug_entries = debug_entries_since(before);
    libraries_[code.library].symbols.insert(symbol);
    return code;
  } catch (...) {
    forget_debug_entries(debug_entries_since(before));
    llvm::consumeError(code.tracker->remove());
    throw;
  }
}

void Engine::remove(const Linked& code, const std::string& symbol) {
  const std::lock_guard lock(mutex_);
  forget_debug_entries(code.debug_entries);
  llvm::consumeError(code.tracker->remove());
  libraries_[code.library].symbols.erase(symbol);
}

class LinkedCode final : public Code {
 public:
  LinkedCode(const std::string& object, std::string symbol) : symbol_(std::move(symbol)) {
    code_ = Engine::get().link(object, symbol_);
  }
  LinkedCode(const LinkedCode&) = delete;
  LinkedCode& operator=(const LinkedCode&) = delete;
  ~LinkedCode() override {
    try {
      Engine::get().remove(code_, symbol_);
    } catch (...) { // out of memory: the code stays mapped
    }
  }
  [[nodiscard]] KernelFunction function() const override { return code_.function; }

 private:
  std::string symbol_;
  Engine::Linked code_;
};

struct TierInfo {
  std::string_view name;
  Target target;
  std::vector<llvm::StringRef> needs; // of the host, beyond x86-64
};

const TierInfo& tier_info(Tier tier) {
  // Leaked: asked for until the process ends. 512-bit registers are what the tier is for.
  static const auto* infos = new std::array<TierInfo, 3>{{
      {"baseline", {"x86-64", ""}, {}},
      {"avx2",
       {"x86-64-v3", ""},
       {"avx2", "avx", "fma", "f16c", "bmi", "bmi2", "lzcnt", "movbe", "popcnt", "sse4.2", "ssse3",
        "cx16", "sahf", "xsave"}},
      {"avx512",
       {"x86-64-v4", "-prefer-256-bit"},
       {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}},
  }};
  return infos->at(static_cast<std::size_t>(tier));
}

Tier detect_tier() {
  const auto features = llvm::sys::getHostCPUFeatures(); // knows what the OS saves, too
  auto best = Tier::baseline;
  for (auto tier : {Tier::avx2, Tier::avx512}) {
    for (auto name : tier_info(tier).needs)
      if (!features.lookup(name))
        return best;
    best = tier;
  }
  return best;
}

} // namespace

Tier host_tier() {
  static const Tier tier = detect_tier();
  return tier;
}

std::string host_cpu() { return llvm::sys::getHostCPUName().str(); }
const Target& target(Tier tier) { return tier_info(tier).target; }
std::string_view tier_name(Tier tier) { return tier_info(tier).name; }
std::string_view llvm_version() { return LLVM_VERSION_STRING; }

std::optional<Tier> tier_from_name(std::string_view name) {
  for (auto tier : {Tier::baseline, Tier::avx2, Tier::avx512})
    if (tier_name(tier) == name)
      return tier;
  return std::nullopt;
}

Compiled compile(const Plan& plan, Direction direction, Tier tier, bool streaming,
                 const std::string& symbol, const std::string& folder) {
  auto context = std::make_unique<llvm::LLVMContext>();
  auto emitted = emit(plan, direction, tier, streaming, symbol, *context, folder);
  if (!emitted.module)
    throw std::runtime_error("the generator declines this plan");
  auto result = compile(std::move(context), std::move(emitted.module), tier);
  result.min_count = emitted.min_count;
  return result;
}

Compiled compile(std::unique_ptr<llvm::LLVMContext> context, std::unique_ptr<llvm::Module> module,
                 Tier tier) {
  auto job = std::make_unique<Job>();
  job->context = std::move(context);
  job->module = std::move(module);
  return Engine::get().compile(std::move(job), tier);
}

std::unique_ptr<Code> link(const std::string& object, const std::string& symbol) {
  return std::make_unique<LinkedCode>(object, symbol);
}

} // namespace rnaslicer::jit
