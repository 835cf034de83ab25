// jit/side.cpp: joins the tables that one kernel looks up.
#include "jit/side.hpp"

#include <algorithm>

namespace rnaslicer::jit {

namespace {

/// The tables of several lookups, kept for the next transfer with the same ones.
template <typename Number> class Joined {
 public:
  template <typename Numbers>
  const Number* of(std::span<const Lookup* const> lookups, Numbers numbers) {
    if (lookups.size() == 1)
      return numbers(*lookups[0]).data();
    const auto same = [](std::uint64_t id, const Lookup* lookup) { return id == lookup->id(); };
    if (!std::equal(ids_.begin(), ids_.end(), lookups.begin(), lookups.end(), same)) {
      ids_.clear();
      all_.clear();
      for (const Lookup* const lookup : lookups) {
        const auto& table = numbers(*lookup);
        all_.insert(all_.end(), table.begin(), table.end());
      }
      for (const Lookup* const lookup : lookups)
        ids_.push_back(lookup->id());
    }
    return all_.data();
  }

 private:
  std::vector<std::uint64_t> ids_;
  std::vector<Number> all_;
};

} // namespace

SideData side_data(const Plan& plan, Direction direction, const Transfer& transfer) {
  static auto* values = new Joined<float>; // never destroyed, as the kernels' registry
  static auto* buckets = new Joined<std::uint32_t>;
  SideData side;
  if (const std::int32_t count = lookup_count(plan); count > 0) {
    const auto lookups = transfer.lookups.first(static_cast<std::size_t>(count));
    if (direction == Direction::refresh)
      side.decode = values->of(
          lookups, [](const Lookup& lookup) -> auto& { return lookup.decode(); });
    else
      side.encode = buckets->of(
          lookups, [](const Lookup& lookup) -> auto& { return lookup.buckets(); });
  }
  side.target = transfer.target.data;
  side.matrix = transfer.matrices.data;
  // More no i32 can name.
  side.target_count =
      static_cast<std::uint64_t>(std::clamp<std::int64_t>(transfer.target.count, 0, 1LL << 31U));
  return side;
}

bool fits_kernels(const Plan& plan, Direction direction, const Transfer& transfer) {
  if (direction == Direction::refresh)
    return true;
  for (std::int32_t i = lookup_count(plan); i-- > 0;)
    if (!transfer.lookups[static_cast<std::size_t>(i)]->has_buckets())
      return false;
  return true;
}

} // namespace rnaslicer::jit
