// jit/emit/transformer.hpp: the vectors of a block through a matrix, components side by side.
#pragma once

#include "jit/emit/reader.hpp"
#include "jit/emit/values.hpp"

namespace rnaslicer::jit::emission {

/// Brings x, y and z of several vectors into a register each, has `Values` transform them, and
/// shuffles what comes out into the order of the stores. What nobody stores is not computed.
class Transformer {
 public:
  Transformer(Frame& frame, const Plan& plan, Direction direction, Tier tier, const Block& block);

  /// What must be read.
  [[nodiscard]] std::vector<const Slots*> reads() const;

  /// The batch's numbers as they are stored.
  llvm::Value* result(const Batch& batch, Reader& in);

 private:
  /// As many vectors as lie in a register's lanes.
  struct Group {
    std::array<Slots, 3> in; ///< by register
    std::array<bool, 3> needed{};
    std::array<llvm::Value*, 3> out{}; ///< as `in`
  };

  /// A lane of one of a group's three registers.
  struct Spot {
    std::size_t which, lane;
  };

  /// Of a component of a group's vector.
  [[nodiscard]] Spot spot(std::size_t vector, std::size_t component) const;
  [[nodiscard]] bool fits_pairs(const Block& block) const;
  void sort_in(const Batch& batch);
  [[nodiscard]] Picks picks_of(const Batch& batch) const;
  llvm::Value* component(std::size_t which, Reader& in);

  Frame& m_frame;
  const Plan& m_plan;
  Direction m_direction;
  Tier m_tier;
  std::size_t m_lanes;
  bool m_in_pairs; ///< registers hold what pairs of vectors have side by side, not components
  std::map<Place, std::size_t> m_numbers; ///< of a vector, by the place of its first component
  std::vector<Group> m_groups;
  Reader* m_in = nullptr;
  Shuffler m_shuffler;
};

} // namespace rnaslicer::jit::emission
