// jit/through.cpp: indices that lead outside of their target: whether there are any, and which.
#include "jit/clones.hpp"
#include "jit/transfer.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace rnaslicer::jit {

namespace {

/// Its sign tells whether an index is not up to `last`: no comparison, so that any processor does
/// several at once.
inline std::uint32_t fault(std::int32_t index, std::int32_t last) {
  return static_cast<std::uint32_t>(index) |
         (static_cast<std::uint32_t>(last) - static_cast<std::uint32_t>(index));
}
bool is_bad(std::uint32_t faults) { return static_cast<std::int32_t>(faults) < 0; }

inline std::int32_t load(const std::byte* from) {
  std::int32_t index = 0;
  std::memcpy(&index, from, sizeof(index));
  return index;
}

/// Whether each `step`th of an array is up to `last`, from the first on. Each gather asks this
/// before anything moves: at the speed of the nearest cache, on the CPU's best instructions. What
/// lies between is looked at with them, and left out at the end.
RNASLICER_CLONES bool all_are_good(const std::byte* from, std::int64_t count, std::int32_t last,
                                   std::size_t step) {
  constexpr std::size_t lanes = 64; // one chain would wait for itself; a whole number of steps
  constexpr std::int64_t size = sizeof(std::int32_t);
  std::array<std::uint32_t, lanes> faults{};
  for (; count >= std::int64_t{lanes}; count -= lanes, from += lanes * size)
    for (std::size_t i = 0; i < lanes; ++i)
      faults[i] |= fault(load(from + static_cast<std::int64_t>(i) * size), last);
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i)
    faults[i] |= fault(load(from + static_cast<std::int64_t>(i) * size), last);
  std::uint32_t all = 0;
  for (std::size_t i = 0; i < lanes; i += step)
    all |= faults[i];
  return !is_bad(all);
}

std::string text_of(const std::vector<std::int64_t>& place) {
  std::string text = "[";
  for (const std::int64_t at : place)
    text += (text.size() > 1 ? ", " : "") + std::to_string(at);
  return text + "]";
}

/// Looks at the indices of all steps and lanes in C order.
class Search {
 public:
  Search(const Plan& plan, const Transfer& transfer)
      : plan_(plan), transfer_(transfer), steps_(plan.loops.size()),
        // More no i32 can name.
        last_(static_cast<std::int32_t>(
            std::clamp<std::int64_t>(transfer.target.count, 0, std::int64_t{1} << 31U) - 1)) {}

  void run(std::size_t depth, const std::byte* source) {
    if (depth == plan_.loops.size()) {
      lanes(source);
      return;
    }
    const Loop& loop = plan_.loops[depth];
    const std::int64_t extent = transfer_.extents[depth];
    if (depth + 1 == plan_.loops.size() && loop.kind == LoopKind::strided &&
        all_good(source, loop.source_stride, extent))
      return;
    if (depth + 2 == plan_.loops.size() && loop.kind == LoopKind::strided) { // both as one
      const Loop& inner = plan_.loops[depth + 1];
      const std::int64_t many = transfer_.extents[depth + 1];
      if (inner.kind == LoopKind::strided && loop.source_stride == inner.source_stride * many &&
          all_good(source, inner.source_stride, extent * many))
        return;
    }
    for (std::int64_t i = 0; i < extent; ++i) {
      steps_[depth] = i;
      run(depth + 1, step_source(loop, depth, source, i));
    }
  }

 private:
  [[nodiscard]] const std::byte* step_source(const Loop& loop, std::size_t depth,
                                             const std::byte* source, std::int64_t i) const {
    if (loop.kind == LoopKind::strided)
      return source + i * loop.source_stride;
    const Table& table = transfer_.tables[depth];
    const std::int64_t entry = table.data[i * table.step];
    if (loop.kind == LoopKind::indexed)
      return source + entry * loop.source_stride;
    // NOLINTNEXTLINE(performance-no-int-to-ptr): a table of addresses
    return reinterpret_cast<const std::byte*>(entry) + loop.source_stride;
  }

  /// How many indices a step's lanes have, if one lies behind the other; else 0.
  [[nodiscard]] std::int64_t side_by_side() const {
    std::int64_t many = 1;
    for (std::size_t i = 1; i < plan_.lanes.size(); ++i) {
      const std::int64_t between = plan_.lanes[i].source - plan_.lanes[i - 1].source;
      if (between == std::int64_t{sizeof(int)})
        ++many;
      else if (between != 0)
        return 0;
    }
    return many;
  }

  /// Without branches, lane by lane; lanes that share their index are looked at once.
  [[nodiscard]] bool all_good(const std::byte* source, std::int64_t stride,
                              std::int64_t extent) const {
    constexpr std::int64_t size = sizeof(std::int32_t);
    const std::byte* const first = source + plan_.lanes.front().source;
    const std::int64_t many = side_by_side();
    if (many > 0 && many * size == stride)
      return all_are_good(first, many * extent, last_, 1);
    if (many == 1 && (stride == 2 * size || stride == 4 * size)) // corners of older Blenders
      return all_are_good(first, (extent - 1) * (stride / size) + 1, last_,
                          static_cast<std::size_t>(stride / size));
    for (std::size_t i = 0; i < plan_.lanes.size(); ++i) {
      if (i > 0 && plan_.lanes[i].source == plan_.lanes[i - 1].source)
        continue;
      const std::byte* from = source + plan_.lanes[i].source;
      std::uint32_t faults = 0;
      for (std::int64_t k = 0; k < extent; ++k)
        faults |= fault(load(from + k * stride), last_);
      if (is_bad(faults))
        return false;
    }
    return true;
  }

  void lanes(const std::byte* source) const {
    for (std::size_t i = 0; i < plan_.lanes.size(); ++i) {
      const std::int32_t index = load(source + plan_.lanes[i].source);
      if (!is_bad(fault(index, last_)))
        continue;
      std::vector<std::int64_t> place = steps_;
      auto rest = static_cast<std::int64_t>(i);
      for (std::size_t axis = plan_.lane_shape.size(); axis-- > 0;) {
        place.insert(place.begin() + static_cast<std::ptrdiff_t>(steps_.size()),
                     rest % plan_.lane_shape[axis]);
        rest /= plan_.lane_shape[axis];
      }
      throw BadIndex(index, transfer_.target.count, std::move(place));
    }
  }

  const Plan& plan_;
  const Transfer& transfer_;
  std::vector<std::int64_t> steps_;
  std::int32_t last_; // of the target
};

} // namespace

BadIndex::BadIndex(std::int64_t bad, std::int64_t elements, std::vector<std::int64_t> at)
    : std::out_of_range("the index " + std::to_string(bad) + " at " + text_of(at) +
                        " leads outside of the target's " + std::to_string(elements) + " elements"),
      index(bad), count(elements), place(std::move(at)) {}

void check_indices(const Plan& plan, const Transfer& transfer) {
  const bool empty = std::any_of(transfer.extents.begin(), transfer.extents.end(),
                                 [](std::int64_t extent) { return extent <= 0; });
  if (!empty)
    Search(plan, transfer).run(0, transfer.source);
}

void refuse_bad_index(const Plan& plan, const Transfer& transfer) {
  check_indices(plan, transfer);
  throw BadIndex(-1, transfer.target.count, {}); // somebody has changed it since
}

} // namespace rnaslicer::jit
