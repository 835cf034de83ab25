// jit/emit/layout.hpp: where the items of a block of steps lie, and how they are best stored.
#pragma once

#include "jit/emit/tiers.hpp"
#include "jit/transfer.hpp"

#include <optional>
#include <vector>

namespace rnaslicer::jit::emission {

/// A byte position in a block: relative to the block's first step, or on a side that goes through
/// a table relative to step `row`, for then nothing is known about how rows lie to each other.
/// Where an index leads to a side, each index of a step makes a row.
struct Place {
  std::int64_t row = 0;
  std::int64_t offset = 0;
  auto operator<=>(const Place&) const = default; // NOLINT(modernize-use-nullptr)
};

/// Bytes [lo, hi) that belong to a row of a side; what lies outside may not exist.
struct Extent {
  std::int64_t lo = 0;
  std::int64_t hi = 0;
};

struct Item {
  Place in, out;
  std::size_t lane = 0; ///< of the plan
};

/// Places to read into one vector's lanes; a lane may stay empty.
using Slots = std::vector<std::optional<Place>>;

/// Items converted in one vector, and how they get to memory.
struct Batch {
  enum class Store : std::uint8_t {
    whole,  ///< the lanes lie one behind the other at `start`
    masked, ///< lane k at start + k * pitch, empty lanes left alone
    pieces, ///< runs of lanes lie one behind the other
  };
  Store store = Store::whole;
  Slots in, out;
  std::vector<std::size_t> lanes; ///< of the plan, for each filled slot
  Place start;
  std::int64_t pitch = 0;

  void add(const Item& item) {
    in.emplace_back(item.in);
    out.emplace_back(item.out);
    lanes.push_back(item.lane);
  }
};

/// A kernel's block: `steps` steps at once.
struct Block {
  std::int64_t steps = 1;
  std::int64_t in_size = 1, out_size = 1; ///< bytes of an item; several bytes copied as one count
  bool in_rows = false, out_rows = false; ///< the side goes through a table or an index
  std::vector<std::int64_t> row_indices;  ///< byte offsets of a step's indices, one for each row
  Extent in, out;                         ///< of the block, or of each row
  std::vector<Item> items;                ///< by place on the out side
  std::vector<Batch> batches;
  std::int64_t line = 64; ///< bytes of the widest store, to which output is best aligned
  /// All batches are whole and side by side: `steps` times the out stride without a gap.
  bool packed_out = false;
};

/// `streaming` makes blocks of packed output a whole number of cache lines.
/// Nothing if steps or lanes may write to the same byte, for then their order matters.
std::optional<Block> lay_out(const Plan& plan, Direction direction, const Machine& machine,
                             bool streaming);

/// Bytes that are copied with one load and one store.
struct Move {
  Item at;
  unsigned bytes;
};

/// What stays together on both sides, in as few loads and stores as it takes.
std::vector<Move> moves_of(const Block& block, const Machine& machine);

/// Vectors that go through a transform side by side: one in each lane of float64.
constexpr std::int64_t transform_lanes(const Machine& machine) {
  return std::max<std::int64_t>(4, machine.width / 8);
}

/// The machine with registers only as wide as the plan's numbers need them: what is computed in
/// float64 lies in half of a register where it is half as wide.
Machine machine_for(const Plan& plan, Tier tier);

} // namespace rnaslicer::jit::emission
