// tests/jit/region_test.cpp: regions of plans, run against single elements picked by hand.
#include "tests/jit/oracle.hpp"
#include "tests/jit/random_plan.hpp"

#include <gtest/gtest.h>
#include <optional>
#include <stdexcept>

namespace rnaslicer::jit::test {
namespace {

/// Any part of an axis; a third of the time all of it.
Span random_span(Random& random, std::int64_t extent) {
  if (extent == 0 || random.chance(3))
    return {0, 1, 0};
  const auto kind = random.between(1, 100);
  if (kind <= 33)
    return {0, 1, extent};
  if (kind <= 45)
    return {random.between(0, extent - 1), random.between(-9, 9), 1};
  if (kind <= 60)
    return {extent - 1, -1, extent};
  Span span{random.between(0, extent - 1), random.between(1, 4), 0};
  const bool backwards = random.chance(40);
  const std::int64_t room = backwards ? span.start : extent - 1 - span.start;
  span.count = random.between(1, room / span.step + 1);
  if (backwards)
    span.step = -span.step;
  return span;
}

std::vector<Span> random_region(Random& random, const Case& c) {
  std::vector<Span> region;
  for (const std::int64_t extent : c.extents)
    region.push_back(random_span(random, extent));
  for (const std::int64_t extent : c.plan.lane_shape)
    region.push_back(random_span(random, extent));
  return region;
}

/// Transfers the region's elements one by one, in the region's C order.
class ByElement {
 public:
  ByElement(const Plan& plan, Direction direction, const Transfer& transfer,
            const std::vector<Span>& region)
      : plan_(plan), direction_(direction), transfer_(transfer), region_(region) {}

  void run() const {
    only_checks_ = true;
    loops(0, transfer_.source, transfer_.cache);
    only_checks_ = false;
    if (!bad_)
      loops(0, transfer_.source, transfer_.cache);
    if (bad_)
      throw BadIndex(*bad_);
  }

 private:
  void loops(std::size_t axis, std::byte* source, std::byte* cache) const {
    if (axis == plan_.loops.size())
      return lanes(axis, 0, source, cache);
    const Loop& loop = plan_.loops[axis];
    for (std::int64_t i = 0; i < region_[axis].count; ++i) {
      const std::int64_t at = region_[axis].start + i * region_[axis].step;
      const Table& table = transfer_.tables[axis];
      const std::int64_t entry = loop.kind == LoopKind::strided ? at : table.data[at * table.step];
      std::byte* step =
          loop.kind == LoopKind::pointers
              ? reinterpret_cast<std::byte*>(entry) // NOLINT(performance-no-int-to-ptr)
              : source + (entry - 1) * loop.source_stride;
      place_.push_back(i);
      if (axis == 0)
        step_ = at;
      loops(axis + 1, step + loop.source_stride, cache + at * loop.cache_stride);
      place_.pop_back();
    }
  }

  void lanes(std::size_t axis, std::int64_t outer, std::byte* source, std::byte* cache) const {
    const std::size_t lane_axis = axis - plan_.loops.size();
    if (lane_axis < plan_.lane_shape.size()) {
      for (std::int64_t i = 0; i < region_[axis].count; ++i) {
        place_.push_back(i);
        lanes(axis + 1,
              outer * plan_.lane_shape[lane_axis] + region_[axis].start + i * region_[axis].step,
              source, cache);
        place_.pop_back();
      }
      return;
    }
    Plan one = plan_;
    one.loops.clear();
    one.lane_shape.clear();
    one.lanes = {plan_.lanes[static_cast<std::size_t>(outer)]};
    Transfer transfer{source, cache, {}, {}, transfer_.lookups, transfer_.target};
    transfer.matrices.data = transfer_.matrices.data + 12 * step_ * transfer_.matrices.step;
    try {
      if (only_checks_ && one.target_stride)
        check_indices(one, transfer);
      else if (!only_checks_)
        oracle(one, direction_, transfer);
    } catch (const BadIndex& error) { // thrown when all is done
      if (!bad_)
        bad_ = BadIndex(error.index, error.count, place_);
    }
  }

  const Plan& plan_;
  Direction direction_;
  const Transfer& transfer_;
  const std::vector<Span>& region_;
  mutable std::vector<std::int64_t> place_; // within the region
  mutable std::optional<BadIndex> bad_;     // the first one
  mutable std::int64_t step_ = 0;           // of the outermost loop
  mutable bool only_checks_ = false;        // what is done before anything is written
};

void run_restricted(const Restricted& restricted, Direction direction, const Transfer& whole,
                    const std::vector<Span>& region) {
  interpret(restricted.plan, direction,
            {whole.source + restricted.source_offset, whole.cache + restricted.cache_offset,
             restricted.extents, restricted.tables, whole.lookups, whole.target,
             restrict(whole.matrices, region)});
}

/// A region may have parts of vectors, which no update through a transform can write.
bool skips(const Case& c, Direction direction) {
  return c.plan.transform && direction == Direction::update;
}

TEST(Region, MovesItsElementsAndNoOthers) {
  Options options;
  options.max_extent = 200;
  options.max_items = 3000;
  for (std::uint64_t seed = 1; seed <= 4000; ++seed) {
    options.special = seed % 4 == 0;
    const Case c = random_case(seed, options);
    Random random(seed);
    const std::vector<Span> region = random_region(random, c);
    const Runner expected = [&](const Plan& plan, Direction direction, const Transfer& transfer) {
      ByElement(plan, direction, transfer, region).run();
    };
    const Runner actual = [&](const Plan& plan, Direction direction, const Transfer& transfer) {
      const Restricted restricted = restrict(plan, transfer.extents, transfer.tables, region);
      ASSERT_EQ(verify(restricted.plan), "") << print(restricted.plan);
      run_restricted(restricted, direction, transfer, region);
    };
    for (const Direction direction : {Direction::refresh, Direction::update})
      if (!skips(c, direction)) {
        ASSERT_EQ(compare(c, direction, expected, actual), "");
      }
  }
}

TEST(Region, OfARegionIsARegion) {
  Options options;
  options.max_extent = 60;
  options.max_items = 1000;
  for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
    const Case c = random_case(seed, options);
    Random random(seed);
    std::vector<Span> region = random_region(random, c);
    std::vector<Span> inner;
    std::vector<Span> both;
    for (const Span& span : region) {
      inner.push_back(random_span(random, span.count));
      both.push_back({span.start + inner.back().start * span.step, span.step * inner.back().step,
                      inner.back().count});
    }
    bool empty = false; // its shape is not kept
    for (const Span& span : region)
      empty |= span.count == 0;
    if (empty)
      continue;
    const Runner at_once = [&](const Plan& plan, Direction direction, const Transfer& transfer) {
      run_restricted(restrict(plan, transfer.extents, transfer.tables, both), direction, transfer,
                     both);
    };
    const Runner in_steps = [&](const Plan& plan, Direction direction, const Transfer& transfer) {
      const Restricted outer = restrict(plan, transfer.extents, transfer.tables, region);
      run_restricted(restrict(outer.plan, outer.extents, outer.tables, inner), direction,
                     {transfer.source + outer.source_offset,
                      transfer.cache + outer.cache_offset,
                      {},
                      {},
                      transfer.lookups,
                      transfer.target,
                      restrict(transfer.matrices, region)},
                     inner);
    };
    for (const Direction direction : {Direction::refresh, Direction::update})
      if (!skips(c, direction)) {
        ASSERT_EQ(compare(c, direction, at_once, in_steps), "");
      }
  }
}

/// f32×3 at stride 20 for each of the entries of an index table, packed in the cache.
Plan gathered() {
  Plan plan;
  plan.loops = {{LoopKind::indexed, 20, 12}};
  plan.lane_shape = {3};
  plan.lanes = {{0, 0}, {4, 4}, {8, 8}};
  return plan;
}

constexpr std::array<std::int64_t, 1> extents{100};
constexpr std::array<std::int64_t, 200> entries{};
constexpr std::array<Table, 1> tables{Table{entries.data(), 2}};

Restricted part(const Plan& plan, std::vector<Span> region) {
  return restrict(plan, extents, tables, region);
}

TEST(Region, KeepsTheKernelWhereItCan) {
  const Plan plan = gathered();
  for (const Span span : {Span{0, 1, 100}, Span{10, 1, 20}, Span{99, 1, 1}, Span{5, -7, 1}}) {
    const Restricted rows = part(plan, {span, {0, 1, 3}});
    EXPECT_EQ(signature(rows.plan), signature(plan));
    EXPECT_EQ(rows.cache_offset, 12 * span.start);
    EXPECT_EQ(rows.source_offset, 0);
    EXPECT_EQ(rows.tables[0].data, entries.data() + 2 * span.start);
    EXPECT_EQ(rows.tables[0].step, 2);
  }
  EXPECT_NE(signature(part(plan, {{0, 2, 50}, {0, 1, 3}}).plan), signature(plan));
  EXPECT_NE(signature(part(plan, {{0, 1, 100}, {0, 1, 2}}).plan), signature(plan));
}

TEST(Region, RegionsOfOneFormShareAKernel) {
  const Plan plan = gathered();
  const Restricted x = part(plan, {{0, 1, 100}, {0, 1, 1}});
  const Restricted z = part(plan, {{0, 1, 100}, {2, 1, 1}});
  EXPECT_EQ(x.plan, z.plan);
  EXPECT_EQ(z.source_offset, 8);
  EXPECT_EQ(z.cache_offset, 8);
}

TEST(Region, WithoutEntriesKeepsThePlan) {
  const Plan plan = gathered();
  for (const auto& region : {std::vector<Span>{{0, 1, 0}, {0, 1, 3}}, {{0, 1, 9}, {5, 1, 0}}}) {
    const Restricted nothing = part(plan, region);
    EXPECT_EQ(nothing.plan, plan);
    EXPECT_EQ(nothing.extents, std::vector<std::int64_t>{0});
  }
  Plan lanes_only = plan; // cannot be empty without a loop
  lanes_only.loops.clear();
  const Restricted nothing = restrict(lanes_only, {}, {}, std::array{Span{0, 1, 0}});
  EXPECT_EQ(nothing.extents, std::vector<std::int64_t>{0});
  EXPECT_EQ(verify(nothing.plan), "");
}

std::string error_of(const std::vector<Span>& region) {
  try {
    part(gathered(), region);
  } catch (const std::out_of_range& error) {
    return error.what();
  }
  return "no error";
}

TEST(Region, ThatLeavesAnAxisIsRefused) {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  for (const Span span :
       {Span{100, 1, 1}, Span{-1, 1, 1}, Span{-1, 1, 2}, Span{0, 1, 101}, Span{1, 1, 100},
        Span{50, 50, 2}, Span{50, -51, 2}, Span{2, most, 2}, Span{0, most, most}})
    EXPECT_EQ(error_of({span, {0, 1, 3}}), "Axis 0 of the region leaves its 100 entries.");
  EXPECT_EQ(error_of({{0, 1, 100}, {0, 2, 3}}), "Axis 1 of the region leaves its 3 entries.");
  EXPECT_EQ(error_of({{0, 1, -1}, {0, 1, 3}}), "Axis 0 of the region has a negative count.");
  EXPECT_EQ(error_of({{0, 0, 2}, {0, 1, 3}}), "Axis 0 of the region has step 0.");
  EXPECT_EQ(error_of({{99, -33, 4}, {2, -1, 3}}), "no error");
}

TEST(Region, WithOtherAxesOrWithoutTablesIsRefused) {
  EXPECT_THROW(part(gathered(), {{0, 1, 100}}), std::invalid_argument);
  EXPECT_THROW(part(gathered(), {{0, 1, 100}, {0, 1, 3}, {0, 1, 1}}), std::invalid_argument);
  const std::array region{Span{0, 1, 100}, Span{0, 1, 3}};
  EXPECT_THROW(restrict(gathered(), {}, {}, region), std::invalid_argument);
  EXPECT_THROW(restrict(gathered(), extents, {}, region), std::invalid_argument);
}

} // namespace
} // namespace rnaslicer::jit::test
