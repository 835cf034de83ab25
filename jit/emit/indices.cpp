// jit/emit/indices.cpp: reads, compares and keeps the indices of a block.
#include "jit/emit/indices.hpp"

#include <algorithm>
#include <bit>
#include <llvm/IR/MDBuilder.h>

namespace rnaslicer::jit::emission {

using llvm::Value;

namespace {

constexpr std::int64_t index_bytes = 4;

/// Rows of three floats are read as four, where something lies behind them.
std::int64_t comfortable(std::int64_t bytes) {
  return bytes >= 16 ? bytes
                     : static_cast<std::int64_t>(std::bit_ceil(static_cast<std::uint64_t>(bytes)));
}

} // namespace

bool Indices::pay(const Plan& plan, Direction direction, const Block& block) {
  return direction == Direction::refresh && plan.target_stride && *plan.target_stride > 0 &&
         block.in_rows && !plan.loops.empty();
}

Indices::Indices(Frame& frame, const Plan& plan, Tier tier, Block& block)
    : m_frame(frame), m_plan(plan), m_machine(machine(tier)), m_offsets(block.row_indices),
      m_steps(block.steps),
      m_rows(block.steps * static_cast<std::int64_t>(block.row_indices.size())),
      m_loop(plan.loops.back()) {
  auto& ir = frame.ir;
  const std::int64_t beyond = comfortable(block.in.hi - block.in.lo) - (block.in.hi - block.in.lo);
  const std::int64_t stride = *plan.target_stride;
  // An element has so many behind it: then bytes beyond it are still in the target.
  const std::int64_t behind = (beyond + stride - 1) / stride;
  block.in.hi += beyond;
  m_limit = ir.CreateBinaryIntrinsic(llvm::Intrinsic::usub_sat, frame.target_count,
                                     ir.getInt32(static_cast<std::uint32_t>(behind)), {}, "limit");
  auto* kept =
      ir.CreateAlloca(ir.getInt32Ty(), ir.getInt32(static_cast<std::uint32_t>(m_rows)), "indices");
  kept->setAlignment(llvm::Align(16));
  m_kept = kept;
}

Place Indices::place(std::int64_t row) const {
  const auto each = static_cast<std::int64_t>(m_offsets.size());
  const std::int64_t step = row / each;
  const std::int64_t offset = m_offsets[static_cast<std::size_t>(row % each)];
  if (m_loop.kind != LoopKind::strided)
    return {step, offset};
  return {0, step * m_loop.source_stride + offset};
}

void Indices::choose(const Reader::Bases& steps, const std::function<void()>& block,
                     const std::function<void(Value*)>& step) {
  auto& ir = m_frame.ir;
  auto& context = ir.getContext();
  auto* known = llvm::BasicBlock::Create(context, "block.good", m_frame.function);
  auto* doubted = llvm::BasicBlock::Create(context, "block.doubted", m_frame.function);
  auto* after = llvm::BasicBlock::Create(context, "block.done", m_frame.function);
  Value* good = all_good(steps);
  ir.CreateCondBr(good, known, doubted, llvm::MDBuilder(context).createLikelyBranchWeights());
  ir.SetInsertPoint(known);
  block();
  ir.CreateBr(after);
  ir.SetInsertPoint(doubted);
  m_frame.loop(ir.getInt64(static_cast<std::uint64_t>(m_steps)), 1, "doubted.step", step);
  ir.CreateBr(after);
  ir.SetInsertPoint(after);
}

/// Reads, keeps and compares all.
Value* Indices::all_good(const Reader::Bases& steps) {
  const auto here = m_frame.at(Part::through);
  auto& ir = m_frame.ir;
  const std::int64_t most = m_machine.width / index_bytes;
  Extent extent{place(0).offset, place(0).offset + index_bytes};
  std::vector<Slots> vectors;
  for (std::int64_t row = 0; row < m_rows;) {
    const auto left = static_cast<std::uint64_t>(m_rows - row);
    const auto lanes =
        std::min<std::int64_t>(most, static_cast<std::int64_t>(std::bit_floor(left)));
    Slots& slots = vectors.emplace_back();
    for (std::int64_t i = 0; i < lanes; ++i, ++row) {
      const Place at = place(row);
      slots.emplace_back(at);
      extent = {std::min(extent.lo, at.offset), std::max(extent.hi, at.offset + index_bytes)};
    }
  }
  Reader reader(m_frame, m_machine, extent, index_bytes, m_loop.kind != LoopKind::strided,
                Part::through, steps);
  std::vector<const Slots*> reads;
  reads.reserve(vectors.size());
  for (const Slots& slots : vectors)
    reads.push_back(&slots);
  reader.prepare(reads);
  Value* good = nullptr;
  std::int64_t row = 0;
  for (const Slots& slots : vectors) {
    Value* index = reader.read(slots);
    ir.CreateAlignedStore(index, m_frame.address(m_kept, nullptr, 0, row * index_bytes),
                          llvm::Align(4));
    row += static_cast<std::int64_t>(slots.size());
    Value* limit = m_limit;
    if (slots.size() > 1)
      limit = ir.CreateVectorSplat(static_cast<unsigned>(slots.size()), limit);
    Value* fits = ir.CreateICmpULT(index, limit);
    if (slots.size() > 1)
      fits = ir.CreateAndReduce(fits);
    good = good ? ir.CreateAnd(good, fits) : fits;
  }
  return good;
}

Value* Indices::element(std::int64_t row) {
  const auto here = m_frame.at(Part::through);
  auto& ir = m_frame.ir;
  Value* kept = m_frame.address(m_kept, nullptr, 0, row * index_bytes);
  Value* index = ir.CreateAlignedLoad(ir.getInt32Ty(), kept, llvm::Align(4), "index");
  return m_frame.address(m_frame.target, ir.CreateZExt(index, ir.getInt64Ty()),
                         *m_plan.target_stride);
}

} // namespace rnaslicer::jit::emission
