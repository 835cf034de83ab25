// jit/emit/indices.cpp: reads and compares the indices of a block.
#include "jit/emit/indices.hpp"

#include <bit>
#include <llvm/IR/MDBuilder.h>

namespace rnaslicer::jit::emission {

using llvm::Value;

namespace {

/// Rows of three floats are read as four, where something lies behind them.
std::int64_t comfortable(std::int64_t bytes) {
  return bytes >= 16 ? bytes
                     : static_cast<std::int64_t>(std::bit_ceil(static_cast<std::uint64_t>(bytes)));
}

} // namespace

bool Indices::pay(const Plan& plan, Direction direction, const Block& block) {
  return plan.target_stride && *plan.target_stride > 0 && !plan.loops.empty() &&
         (direction == Direction::refresh ? block.in_rows : block.out_rows);
}

Indices::Indices(Frame& frame, const Plan& plan, Direction direction, Block& block)
    : m_frame(frame), m_plan(plan), m_offsets(block.row_indices), m_steps(block.steps) {
  auto& ir = frame.ir;
  const std::int64_t row = block.in.hi - block.in.lo;
  const std::int64_t beyond = direction == Direction::refresh ? comfortable(row) - row : 0;
  const std::int64_t stride = *plan.target_stride;
  // An element has so many behind it: then bytes beyond it are still in the target.
  const std::int64_t behind = (beyond + stride - 1) / stride;
  block.in.hi += beyond;
  m_limit = ir.CreateBinaryIntrinsic(llvm::Intrinsic::usub_sat, frame.target_count,
                                     ir.getInt32(static_cast<std::uint32_t>(behind)), {}, "limit");
}

void Indices::choose(const Reader::Bases& steps, const std::function<void()>& block,
                     const std::function<void(Value*)>& step) {
  auto& ir = m_frame.ir;
  auto& context = ir.getContext();
  m_bases = steps;
  m_doubted = llvm::BasicBlock::Create(context, "block.doubted", m_frame.function);
  auto* after = llvm::BasicBlock::Create(context, "block.done", m_frame.function);
  block();
  ir.CreateBr(after);
  ir.SetInsertPoint(m_doubted);
  m_frame.loop(ir.getInt64(static_cast<std::uint64_t>(m_steps)), 1, "doubted.step", step);
  ir.CreateBr(after);
  ir.SetInsertPoint(after);
}

Value* Indices::place(std::int64_t row) const {
  const auto each = static_cast<std::int64_t>(m_offsets.size());
  return m_frame.address(m_bases(row / each), nullptr, 0,
                         m_offsets[static_cast<std::size_t>(row % each)]);
}

/// A comparison and a jump that is not taken take less time than a vector's comparison does, for
/// numbers that were stored as a vector come back late one by one.
Value* Indices::element(std::int64_t row) {
  const auto here = m_frame.at(Part::through);
  auto& ir = m_frame.ir;
  auto& context = ir.getContext();
  Value* index = ir.CreateAlignedLoad(ir.getInt32Ty(), place(row), llvm::Align(1), "index");
  auto* good = llvm::BasicBlock::Create(context, "good", m_frame.function);
  ir.CreateCondBr(ir.CreateICmpULT(index, m_limit), good, m_doubted,
                  llvm::MDBuilder(context).createLikelyBranchWeights());
  ir.SetInsertPoint(good);
  return m_frame.address(m_frame.target, ir.CreateZExt(index, ir.getInt64Ty()),
                         *m_plan.target_stride);
}

} // namespace rnaslicer::jit::emission
