// jit/emit/stream.cpp: finds the first step on a cache line and streams from there.
#include "jit/emit/stream.hpp"

#include <bit>
#include <llvm/IR/IntrinsicsX86.h>
#include <numeric>

namespace rnaslicer::jit::emission {

using llvm::Value;

namespace {

std::int64_t out_stride(const Loop& loop, bool refresh) {
  return refresh ? loop.cache_stride : loop.source_stride;
}

/// The number that gives 1 when multiplied with an odd one, modulo a power of two.
std::uint64_t inverse(std::uint64_t odd) {
  std::uint64_t x = odd; // right in the lowest three bits; each round doubles them
  for (int i = 0; i < 5; ++i)
    x *= 2 - odd * x;
  return x;
}

} // namespace

bool fills_lines(const Plan& plan, const Block& block) {
  if (plan.loops.empty() || !block.packed_out)
    return false;
  const auto stride = (block.out.hi - block.out.lo) / block.steps;
  return stride * block.steps % block.line == 0;
}

FirstLine find_first_line(Frame& frame, const Block& block, Direction direction, const Loop& loop) {
  auto& ir = frame.ir;
  auto number = [&](std::int64_t n) { return ir.getInt64(static_cast<std::uint64_t>(n)); };
  const bool refresh = direction == Direction::refresh;
  const std::int64_t stride = out_stride(loop, refresh);
  const std::int64_t line = block.line;
  const std::int64_t step = std::gcd(stride, line); // addresses move in these modulo a line
  const std::int64_t period = line / step;

  Value* out = frame.address(refresh ? frame.cache : frame.source, nullptr, 0, block.out.lo);
  Value* missing = ir.CreateAnd(ir.CreateNeg(ir.CreatePtrToInt(out, ir.getInt64Ty())),
                                number(line - 1), "missing");
  Value* reachable = ir.CreateICmpEQ(ir.CreateAnd(missing, number(step - 1)), number(0));
  Value* units = ir.CreateLShr(missing, number(std::countr_zero(static_cast<unsigned>(step))));
  const std::uint64_t factor = inverse(static_cast<std::uint64_t>(stride / step));
  Value* first =
      ir.CreateAnd(ir.CreateMul(units, ir.getInt64(factor)), number(period - 1), "aligned");
  return {first, reachable};
}

Value* lead_to_first_line(Frame& frame, const Block& block, Direction direction, const Loop& loop) {
  auto& ir = frame.ir;
  const auto [first, reachable] = find_first_line(frame, block, direction, loop);
  Value* steps = ir.getInt64(static_cast<std::uint64_t>(block.steps));
  Value* leads = ir.CreateAnd(reachable, ir.CreateICmpNE(first, ir.getInt64(0)));
  return ir.CreateSelect(leads, first, steps, "lead");
}

Value* emit_stream(Frame& frame, const Block& block, Direction direction, const Loop& loop,
                   const std::function<void(Value*)>& body) {
  auto& ir = frame.ir;
  auto& context = ir.getContext();
  auto number = [&](std::int64_t n) { return ir.getInt64(static_cast<std::uint64_t>(n)); };
  const auto [first, reachable] = find_first_line(frame, block, direction, loop);
  Value* room = ir.CreateICmpSGE(ir.CreateSub(frame.count, first), number(block.steps));

  auto* before = ir.GetInsertBlock();
  auto* head = llvm::BasicBlock::Create(context, "stream", frame.function);
  auto* fence = llvm::BasicBlock::Create(context, "stream.fence", frame.function);
  auto* after = llvm::BasicBlock::Create(context, "stream.done", frame.function);
  ir.CreateCondBr(ir.CreateAnd(reachable, room), head, after);
  ir.SetInsertPoint(head);
  auto* index = ir.CreatePHI(ir.getInt64Ty(), 2, "i");
  index->addIncoming(first, before);
  body(index);
  Value* next = ir.CreateAdd(index, number(block.steps), "next");
  index->addIncoming(next, ir.GetInsertBlock());
  ir.CreateCondBr(ir.CreateICmpSLE(ir.CreateAdd(next, number(block.steps)), frame.count), head,
                  fence);

  ir.SetInsertPoint(fence);
  ir.CreateIntrinsic(ir.getVoidTy(), llvm::Intrinsic::x86_sse_sfence, {});
  // What is left are less than a block's steps at both ends: one block at each.
  Value* last = ir.CreateSub(frame.count, number(block.steps));
  Value* far = ir.CreateBinaryIntrinsic(llvm::Intrinsic::smax, last, number(block.steps));
  ir.CreateBr(after);

  ir.SetInsertPoint(after);
  auto* pace = ir.CreatePHI(ir.getInt64Ty(), 2, "pace");
  pace->addIncoming(number(block.steps), before);
  pace->addIncoming(far, fence);
  return pace;
}

} // namespace rnaslicer::jit::emission
