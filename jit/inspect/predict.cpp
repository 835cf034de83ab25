// jit/inspect/predict.cpp: llvm-mca as a library, over the main loop alone: whole functions mean
// nothing there.
#include "jit/inspect.hpp"
#include "jit/inspect/decoder.hpp"
#include "jit/inspect/object.hpp"

#include <llvm/MCA/Context.h>
#include <llvm/MCA/CustomBehaviour.h>
#include <llvm/MCA/InstrBuilder.h>
#include <llvm/MCA/Pipeline.h>
#include <llvm/MCA/SourceMgr.h>

namespace rnaslicer::jit {
namespace {

constexpr unsigned iterations = 100;
constexpr unsigned call_latency = 100; // LLVM's own choice; our loops call nothing

using Sequence = std::vector<std::unique_ptr<llvm::mca::Instruction>>;

/// The loop's instructions as the model sees them; empty if it does not know one of them.
Sequence lower(const Decoder& decoder, llvm::mca::InstrBuilder& builder,
               const std::vector<std::uint8_t>& code, const CodeRange& loop) {
  Sequence sequence;
  for (auto at = loop.begin; at < loop.end;) {
    const auto decoded = decoder.decode(code, at);
    if (!decoded.valid)
      return {};
    auto lowered = builder.createInstruction(decoded.instruction, {});
    if (!lowered) {
      llvm::consumeError(lowered.takeError());
      return {};
    }
    sequence.push_back(std::move(*lowered));
    at += decoded.size;
  }
  return sequence;
}

} // namespace

std::optional<Prediction> predict(const std::string& object, const std::string& symbol, Tier tier) {
  const auto loop = main_loop(instructions(object, symbol, tier));
  if (!loop || tier > host_tier())
    return std::nullopt;
  const auto code = read_function(object, symbol);
  const auto cpu = host_cpu();
  const Decoder decoder(cpu, "");
  if (!decoder.subtarget->isCPUStringValid(cpu) ||
      !decoder.subtarget->getSchedModel().hasInstrSchedModel())
    return std::nullopt;

  const auto& subtarget = *decoder.subtarget;
  const llvm::mca::InstrumentManager instruments(subtarget, *decoder.instructions);
  llvm::mca::InstrBuilder builder(subtarget, *decoder.instructions, *decoder.registers,
                                  decoder.analysis.get(), instruments, call_latency);
  const auto sequence = lower(decoder, builder, code.bytes, *loop);
  if (sequence.empty())
    return std::nullopt;
  llvm::mca::CircularSourceMgr source(sequence, iterations);
  llvm::mca::CustomBehaviour behaviour(subtarget, source, *decoder.instructions);
  llvm::mca::Context context(*decoder.registers, subtarget);
  constexpr bool no_alias = true; // source and cache never overlap
  const llvm::mca::PipelineOptions options(0, 0, 0, 0, 0, 0, no_alias);
  const auto pipeline = subtarget.getSchedModel().isOutOfOrder()
                            ? context.createDefaultPipeline(options, source, behaviour)
                            : context.createInOrderPipeline(options, source, behaviour);
  auto cycles = pipeline->run();
  if (!cycles) {
    llvm::consumeError(cycles.takeError());
    return std::nullopt;
  }
  return Prediction{cpu, static_cast<double>(*cycles) / iterations};
}

} // namespace rnaslicer::jit
