// jit/parallel.hpp: work in blocks, shared between this thread and some of its own.
#pragma once

#include <cstdint>
#include <functional>

namespace rnaslicer::jit {

/// Calls work(0) … work(blocks - 1), each once, on this thread and up to `threads - 1` others, and
/// returns when all have returned. `work` must not throw. Where no thread can be had, this one does
/// it all.
void share_out(std::int64_t blocks, unsigned threads,
               const std::function<void(std::int64_t)>& work);

} // namespace rnaslicer::jit
