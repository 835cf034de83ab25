// jit/parallel.cpp: threads that nobody waits for, and the blocks they take.
#include "jit/parallel.hpp"

#include <atomic>
#include <csignal>
#include <exception>
#include <memory>
#include <thread>

namespace rnaslicer::jit {
namespace {

using Work = std::function<void(std::int64_t)>;

/// Blocks of a run, taken by whoever gets to them. Shared, for a thread that starts when all is
/// done finds nothing else alive.
struct Blocks {
  explicit Blocks(std::int64_t number) : count(number) {}
  std::int64_t count;
  std::atomic<std::int64_t> next = 0, done = 0;

  void take(const Work& work) {
    for (auto block = next++; block < count; block = next++) {
      work(block);
      if (++done == count)
        done.notify_all();
    }
  }

  void wait() const {
    for (auto now = done.load(); now < count; now = done.load())
      done.wait(now);
  }
};

/// Has a thread of its own take blocks, with all signals blocked: they are the main thread's.
/// Nobody waits for it, only for the blocks it took: on a busy machine it may start when all is
/// done.
void start(const std::shared_ptr<Blocks>& blocks, const Work& work) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    std::thread([blocks, &work] { blocks->take(work); }).detach();
  } catch (const std::exception&) { // no thread to be had: the others do its blocks
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

} // namespace

void share_out(std::int64_t blocks, unsigned threads, const Work& work) {
  const auto shared = std::make_shared<Blocks>(blocks);
  for (unsigned i = 1; i < threads; ++i)
    start(shared, work);
  shared->take(work);
  shared->wait();
}

} // namespace rnaslicer::jit
