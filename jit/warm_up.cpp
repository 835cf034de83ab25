// jit/warm_up.cpp: compiles one kernel in the background so that the first real one is quick.
#include "jit/engine.hpp"
#include "jit/kernel.hpp"

#include <csignal>
#include <cstdlib>
#include <exception>
#include <pthread.h>
#include <thread>

namespace rnaslicer::jit {
namespace {

/// Never destroyed while the thread runs: `settle` joins it first.
std::thread* thread = nullptr;

/// Waits for the warm-up. Runs before fork(), so that no child inherits a lock of a thread it does
/// not have, and at exit() before LLVM's statics are destroyed, because it is registered after
/// them.
void settle() {
  if (thread != nullptr && thread->joinable())
    thread->join();
}

void compile_one(Tier tier) noexcept {
  try {
    // Three strided floats, packed: the commonest property there is.
    Plan plan;
    plan.loops = {{LoopKind::strided, 16, 12}};
    plan.lane_shape = {3};
    plan.lanes = {{0, 0}, {4, 4}, {8, 8}};
    const auto compiled = compile(plan, Direction::refresh, tier, false, "rnaslicer_warm_up");
    link(compiled.object, "rnaslicer_warm_up");
  } catch (const std::exception&) { // the first real kernel will say what is wrong
  }
}

} // namespace

void warm_up() {
  if (thread != nullptr || !configuration().jit)
    return;
  const auto tier = tier_from_name(configuration().tier).value_or(host_tier());
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before); // signals are the main thread's
  try {
    thread = new std::thread(compile_one, tier); // NOLINT(cppcoreguidelines-owning-memory)
    std::atexit(settle);
    pthread_atfork(settle, nullptr, nullptr);
  } catch (const std::exception&) { // no thread to be had: the first kernel is a little slower
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

} // namespace rnaslicer::jit
