// jit/emit/stream.hpp: non-temporal stores for large outputs, which would only wash out the caches.
#pragma once

#include "jit/emit/function.hpp"
#include "jit/emit/layout.hpp"

namespace rnaslicer::jit::emission {

/// Whether the output is packed and a block's can come to lie on whole cache lines.
bool fills_lines(const Plan& plan, const Block& block);

/// The step, less than a block's, from which blocks' output lies on whole cache lines, and whether
/// there is one.
struct FirstLine {
  llvm::Value* step;
  llvm::Value* reachable;
};
FirstLine find_first_line(Frame& frame, const Block& block, Direction direction, const Loop& loop);

/// Where the second block begins so that it and those behind it write whole cache lines (a store
/// across two costs two); the first block's steps where that cannot be or is so anyway.
llvm::Value* lead_to_first_line(Frame& frame, const Block& block, Direction direction,
                                const Loop& loop);

/// Runs `body` on the blocks whose output begins at a cache line, if any do, then fences. Returns
/// the steps from one to the next of the ordinary blocks: they do the two ends, or else all.
llvm::Value* emit_stream(Frame& frame, const Block& block, Direction direction, const Loop& loop,
                         const std::function<void(llvm::Value*)>& body);

} // namespace rnaslicer::jit::emission
