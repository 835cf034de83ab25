// jit/emit/stream.hpp: non-temporal stores for large outputs, which would only wash out the caches.
#pragma once

#include "jit/emit/function.hpp"
#include "jit/emit/layout.hpp"

namespace rnaslicer::jit::emission {

/// Streamed output is packed and can come to lie on cache lines.
bool can_stream(const Plan& plan, const Block& block);

/// Runs `body` on the blocks whose output begins at a cache line, if any do, then fences. Returns
/// the steps from one to the next of the ordinary blocks: they do the two ends, or else all.
llvm::Value* emit_stream(Frame& frame, const Block& block, Direction direction, const Loop& loop,
                         const std::function<void(llvm::Value*)>& body);

} // namespace rnaslicer::jit::emission
