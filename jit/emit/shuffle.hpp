// jit/emit/shuffle.hpp: vectors whose lanes come from several registers.
#pragma once

#include "jit/emit/tiers.hpp"

#include <functional>
#include <llvm/IR/IRBuilder.h>
#include <map>
#include <optional>
#include <vector>

namespace rnaslicer::jit::emission {

/// A lane of one of the registers.
struct Pick {
  std::size_t which;
  int lane;
};

/// What a vector's lanes hold; an empty one may hold anything.
using Picks = std::vector<std::optional<Pick>>;

/// Where two registers are permuted at once by one instruction, one register after the other is
/// permuted into the vector. Elsewhere blends are what is cheap: either each register is turned
/// once, so that every vector is a blend of turned ones, or what a vector needs is blended first
/// and turned at the end. Each is possible if no two lanes want the same place.
class Shuffler {
 public:
  using Registers = std::function<llvm::Value*(std::size_t which)>;

  /// `lanes` are those of a register; no vector has more.
  Shuffler(llvm::IRBuilder<>& ir, const Machine& machine, std::size_t lanes, Registers registers)
      : m_ir(ir), m_blends(machine.blends), m_lanes(lanes), m_registers(std::move(registers)) {}

  /// Chooses the way for all the vectors that will be asked for.
  void prepare(const std::vector<Picks>& vectors);

  llvm::Value* vector(const Picks& picks);

 private:
  /// For each lane of the result the lane of the operand, or -1.
  using Mask = std::vector<int>;

  static std::vector<std::size_t> sources_of(const Picks& picks);
  llvm::Value* one_after_the_other(const Picks& picks);
  llvm::Value* blend_of_turned(const Picks& picks);
  llvm::Value* turned_blend(const Picks& picks, const Mask& places);
  llvm::Value* turned(std::size_t which);
  llvm::Value* blend(llvm::Value* a, llvm::Value* b, const std::vector<bool>& of_b);
  llvm::Value* permute(llvm::Value* a, const Mask& mask);
  [[nodiscard]] std::optional<Mask> places_without_conflict(const Picks& picks) const;

  llvm::IRBuilder<>& m_ir;
  bool m_blends;
  std::size_t m_lanes;
  Registers m_registers;
  bool m_turn = false;
  std::map<std::size_t, Mask> m_turns;
  std::map<std::size_t, llvm::Value*> m_turned;
};

} // namespace rnaslicer::jit::emission
