// jit/emit/indices.hpp: the indices of a block, compared with the target's length.
#pragma once

#include "jit/emit/reader.hpp"

namespace rnaslicer::jit::emission {

/// Each index is read once, right before the row that it leads to is first needed, and compared. If
/// it leads to an element behind which a little more can be read, rows are loaded as if they were
/// longer; at the first that does not, the block's steps are moved one after the other with all
/// care: once more those that have moved, in their order, which gives the same.
class Indices {
 public:
  /// Emits what is needed once, at the entry. Widens what a refresh may read of the block's rows.
  Indices(Frame& frame, const Plan& plan, Direction direction, Block& block);

  /// Whether the block is a gather or a scatter for which this pays.
  static bool pay(const Plan& plan, Direction direction, const Block& block);

  /// Emits `block`, and `step` for each step of a block with an index that is not good; `steps`
  /// gives where the source of a step begins.
  void choose(const Reader::Bases& steps, const std::function<void()>& block,
              const std::function<void(llvm::Value*)>& step);

  /// Where row `row` of the block begins in the target: asked for within choose().
  llvm::Value* element(std::int64_t row);

 private:
  [[nodiscard]] llvm::Value* place(std::int64_t row) const;

  Frame& m_frame;
  const Plan& m_plan;
  std::vector<std::int64_t> m_offsets; ///< of a step's indices
  std::int64_t m_steps;
  llvm::Value* m_limit;
  Reader::Bases m_bases;
  llvm::BasicBlock* m_doubted = nullptr;
};

} // namespace rnaslicer::jit::emission
