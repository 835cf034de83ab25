// jit/emit/indices.hpp: the indices of a block of a gather, compared with the target's length at
// once.
#pragma once

#include "jit/emit/reader.hpp"

namespace rnaslicer::jit::emission {

/// Each index is read once and kept on the stack. If all lead to elements behind which a little
/// more can be read, the block's rows are loaded without looking at an index again; else one step
/// after the other is moved with all care.
class Indices {
 public:
  /// Emits what is needed once, at the entry. Widens what may be read of the block's rows.
  Indices(Frame& frame, const Plan& plan, Tier tier, Block& block);

  /// Whether the block is a gather for which this pays.
  static bool pay(const Plan& plan, Direction direction, const Block& block);

  /// Emits `block` for where all are good, else `step` for each step of the block; `steps` gives
  /// where the source of a step begins.
  void choose(const Reader::Bases& steps, const std::function<void()>& block,
              const std::function<void(llvm::Value*)>& step);

  /// Where row `row` of the block begins in the target.
  llvm::Value* element(std::int64_t row);

 private:
  llvm::Value* all_good(const Reader::Bases& steps);
  [[nodiscard]] Place place(std::int64_t row) const;

  Frame& m_frame;
  const Plan& m_plan;
  Machine m_machine;
  std::vector<std::int64_t> m_offsets; ///< of a step's indices
  std::int64_t m_steps, m_rows;
  Loop m_loop;
  llvm::Value* m_limit;
  llvm::Value* m_kept;
};

} // namespace rnaslicer::jit::emission
