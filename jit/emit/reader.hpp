// jit/emit/reader.hpp: brings items that lie apart in memory into the lanes of vectors.
#pragma once

#include "jit/emit/function.hpp"
#include "jit/emit/layout.hpp"
#include "jit/emit/shuffle.hpp"

#include <map>

namespace rnaslicer::jit::emission {

/// Reads one side of a block. No load goes beyond the extent of the block or row, so the last step
/// never touches what may lie behind it. What is loaded is shared by all vectors of the block.
class Reader {
 public:
  using Bases = std::function<llvm::Value*(std::int64_t row)>;

  /// `bases` gives the address of a row; `size` is the item's; loads are for line `side`.
  Reader(Frame& frame, const Machine& machine, Extent extent, std::int64_t size, bool rows,
         Part side, Bases bases);

  /// Chooses the loads for all the vectors that will be asked for. Returns roughly the instructions
  /// they take, beyond one load for each vector.
  double prepare(const std::vector<const Slots*>& vectors);

  /// One integer per slot, a plain integer for a single slot: the item's bits, for items below four
  /// bytes perhaps as i32 with anything above them. Empty slots hold anything.
  llvm::Value* read(const Slots& slots);

 private:
  /// One load: `bytes` of it are in memory, the rest up to the register's pitch is left open.
  struct Chunk {
    Place start;
    std::int64_t bytes;
  };
  /// A vector register put together from loads at a constant pitch.
  struct Register {
    std::vector<Chunk> chunks;
    std::int64_t pitch;
    llvm::Value* value = nullptr;
  };
  /// Where in the registers an item is.
  struct Position {
    std::size_t which;
    std::int64_t byte;
  };
  struct Grid {
    std::vector<Register> registers;
    std::map<Place, Position> positions;
    double cost = 0;
  };

  [[nodiscard]] bool in_row(const Slots& slots) const;
  [[nodiscard]] bool is_single(const Slots& slots) const { return slots.size() == 1; }
  [[nodiscard]] Grid wide_grid(const std::vector<Place>& places) const;
  [[nodiscard]] Grid row_grid(const std::vector<Place>& places, std::int64_t pitch) const;
  [[nodiscard]] Chunk chunk_for(Place start, std::int64_t bytes, std::int64_t pitch) const;
  [[nodiscard]] bool usable(const Grid& grid, const std::vector<const Slots*>& vectors) const;
  [[nodiscard]] double permutes(const Grid& grid, const std::vector<const Slots*>& vectors) const;

  llvm::Value* address(Place place);
  llvm::Value* load(llvm::Type* type, Place place);
  llvm::Value* load_bits(Place place, std::int64_t bytes, std::int64_t width);
  llvm::Value* load_chunk(const Chunk& chunk, std::int64_t pitch);
  llvm::Value* assemble(Register& reg);
  llvm::Value* one_by_one(const Slots& slots);
  llvm::Value* permuted(const Slots& slots);
  llvm::Value* by_halves(const Slots& slots);
  llvm::Value* half(const Slots& slots);
  [[nodiscard]] std::vector<Slots> pieces(const Slots& slots) const;
  [[nodiscard]] bool fits_register(const Slots& slots) const {
    return static_cast<std::int64_t>(slots.size()) * m_unit <= m_machine.width;
  }
  [[nodiscard]] Picks picks_of(const Slots& slots) const;

  Frame& m_frame;
  llvm::IRBuilder<>& m_ir;
  Machine m_machine;
  Extent m_extent;
  std::int64_t m_size, m_unit;
  bool m_rows;
  Part m_side;
  Bases m_bases;
  Grid m_grid;
  Shuffler m_shuffler;
};

} // namespace rnaslicer::jit::emission
