// jit/emit/scalar.cpp: the kernel as one would write it by hand in C, one number at a time.
#include "jit/emit/function.hpp"
#include "jit/emit/values.hpp"
#include "jit/transform.hpp"

#include <cstdlib>
#include <llvm/IR/Constants.h>
#include <map>
#include <optional>
#include <set>

namespace rnaslicer::jit::emission {

using llvm::Value;

namespace {

/// Above this, lanes run in a loop over a constant table of offsets instead of being written out.
constexpr std::size_t written_out = 16;

/// What a transform has to know of a lane: where the components are in the cache, and which one it
/// is: a constant, or an i64 where lanes run in a loop.
struct Component {
  std::array<Value*, 3> cache{};
  std::optional<int> row;
  Value* variable = nullptr;

  [[nodiscard]] Values::Needed needed() const {
    return {row.value_or(0) == 0, row.value_or(1) == 1, row.value_or(2) == 2};
  }
  Value* of(llvm::IRBuilder<>& ir, const Values::Components& all) const {
    if (row)
      return all.at(static_cast<std::size_t>(*row));
    Value* rest = ir.CreateSelect(ir.CreateICmpEQ(variable, ir.getInt64(1)), all[1], all[2]);
    return ir.CreateSelect(ir.CreateICmpEQ(variable, ir.getInt64(0)), all[0], rest);
  }
};

/// One lane: load, convert, store. `source` is where its number lies.
void emit_lane(Frame& frame, const Plan& plan, Direction direction, Tier tier, Value* source,
               Value* cache, const Component& component, const Own& own) {
  auto& ir = frame.ir;
  Values values(frame, plan, tier, own);
  auto* stored = ir.getIntNTy(info(plan.storage.type).size * 8U);
  auto* item = ir.getIntNTy(info(plan.format).size * 8U);
  const llvm::Align any(1);
  const bool refresh = direction == Direction::refresh;
  if (plan.transform) {
    std::array<Value*, 3> parts{};
    for (std::size_t i = 0; i < 3; ++i) {
      const auto offset = static_cast<std::int64_t>(i) * plan.component_step;
      Value* place = refresh ? frame.address(source, nullptr, 0, offset) : component.cache.at(i);
      parts.at(i) = ir.CreateAlignedLoad(refresh ? stored : item, place, any, "component");
    }
    const auto all = refresh ? values.transformed_to_cache({parts}, {component.needed()})
                             : values.transformed_to_source({parts}, {component.needed()});
    ir.CreateAlignedStore(component.of(ir, all.front()), refresh ? cache : source, any);
    return;
  }
  if (refresh) {
    Value* raw = ir.CreateAlignedLoad(stored, source, any, "raw");
    Value* next = nullptr;
    if (plan.storage.decode == Decode::difference)
      next = ir.CreateAlignedLoad(
          stored, frame.address(source, nullptr, 0, size_of(plan.storage.type)), any, "next");
    ir.CreateAlignedStore(values.to_cache(raw, next), cache, any);
    return;
  }
  Value* raw = ir.CreateAlignedLoad(item, cache, any, "raw");
  Value* old = merges(plan, direction) ? ir.CreateAlignedLoad(stored, source, any, "old") : nullptr;
  ir.CreateAlignedStore(values.to_source(raw, old), source, any);
}

/// Byte offset of what a lane has in the cache of component `i` of its vector.
std::int64_t cache_of(const Plan& plan, std::size_t lane, std::size_t i) {
  return plan.lanes[static_cast<std::size_t>(vector_of(plan, lane).at(i))].cache;
}

/// Constant i64 array with a number of each lane.
template <typename Number>
llvm::GlobalVariable* of_lanes(Frame& frame, const Plan& plan, Number number_of, const char* name) {
  std::vector<std::uint64_t> numbers;
  numbers.reserve(plan.lanes.size());
  for (std::size_t i = 0; i < plan.lanes.size(); ++i)
    numbers.push_back(static_cast<std::uint64_t>(number_of(i)));
  auto* data = llvm::ConstantDataArray::get(frame.module.getContext(), numbers);
  return new llvm::GlobalVariable(frame.module, data->getType(), true,
                                  llvm::GlobalValue::PrivateLinkage, data, name);
}

/// Where a step has its numbers.
struct Step {
  Value* source;
  Value* cache;
};

/// One lane after the other, each with its own code.
void emit_lanes_written_out(Frame& frame, const Plan& plan, Direction direction, Tier tier,
                            const Step& step) {
  std::map<std::int64_t, Value*> elements; // by the place of the index
  for (std::size_t i = 0; i < plan.lanes.size(); ++i) {
    const auto here = frame.at_lane(i);
    const Lane& lane = plan.lanes[i];
    Value* from = frame.address(step.source, nullptr, 0, lane.source);
    if (plan.target_stride) {
      Value*& element = elements[lane.source];
      if (!element)
        element = frame.element(from, *plan.target_stride);
      from = frame.address(element, nullptr, 0, lane.at);
    }
    Component component;
    component.row = lane.row;
    if (plan.transform && direction == Direction::update) {
      from = frame.address(from, nullptr, 0, lane.row * plan.component_step);
      for (std::size_t k = 0; k < 3; ++k)
        component.cache.at(k) = frame.address(step.cache, nullptr, 0, cache_of(plan, i, k));
    }
    emit_lane(frame, plan, direction, tier, from, frame.address(step.cache, nullptr, 0, lane.cache),
              component, own_of(frame, plan, {i}, {}));
  }
}

/// A loop over the lanes, by tables of what each of them has of its own.
void emit_loop_of_lanes(Frame& frame, const Plan& plan, Direction direction, Tier tier,
                        const Step& step) {
  auto& ir = frame.ir;
  const bool refresh = direction == Direction::refresh;
  auto array = [&](auto number_of, const char* name) {
    return of_lanes(frame, plan, number_of, name);
  };
  auto of_lane = [&](auto number_of, const char* name) {
    return array([&](std::size_t i) { return number_of(plan.lanes[i]); }, name);
  };
  auto* sources = of_lane([](const Lane& lane) { return lane.source; }, "lane.source");
  auto* caches = of_lane([](const Lane& lane) { return lane.cache; }, "lane.cache");
  auto* masks = of_lane([&](const Lane& lane) { return mask_of(plan.storage, lane); }, "lane.mask");
  auto* lookups = of_lane([](const Lane& lane) { return lane.lookup; }, "lane.lookup");
  auto* places = of_lane([](const Lane& lane) { return lane.at; }, "lane.at");
  auto* rows = of_lane([](const Lane& lane) { return lane.row; }, "lane.row");
  std::array<llvm::GlobalVariable*, 3> vectors{};
  for (std::size_t k = 0; plan.transform && !refresh && k < 3; ++k)
    vectors.at(k) = array([&](std::size_t i) { return cache_of(plan, i, k); }, "lane.vector");
  const auto here = frame.at(Part::lanes);
  frame.loop(ir.getInt64(plan.lanes.size()), 1, "lane", [&](Value* lane) {
    auto entry = [&](llvm::GlobalVariable* table) {
      Value* at = ir.CreateGEP(ir.getInt64Ty(), table, lane);
      return ir.CreateAlignedLoad(ir.getInt64Ty(), at, llvm::Align(8));
    };
    auto place = [&](llvm::GlobalVariable* table, Value* base) {
      return ir.CreateGEP(ir.getInt8Ty(), base, entry(table));
    };
    Own own;
    if (plan.storage.decode == Decode::flag)
      own.mask = entry(masks);
    if (plan.storage.decode == Decode::lookup)
      own.lookup = ir.CreateTrunc(entry(lookups), ir.getInt32Ty());
    Value* from = place(sources, step.source);
    if (plan.target_stride)
      from = place(places, frame.element(from, *plan.target_stride));
    Component component;
    if (plan.transform) {
      component.variable = entry(rows);
      if (!refresh) {
        from = frame.address(from, component.variable, plan.component_step);
        for (std::size_t k = 0; k < 3; ++k)
          component.cache.at(k) = place(vectors.at(k), step.cache);
      }
    }
    emit_lane(frame, plan, direction, tier, from, place(caches, step.cache), component, own);
    frame.note_bad_places();
  });
}

/// As vectors do (vectors.cpp), where a cache line has but one step or two.
void prefetch_step(Frame& frame, const Plan& plan, Direction direction, Value* index) {
  constexpr std::size_t most = 8; // code size
  const bool refresh = direction == Direction::refresh;
  const Loop& loop = plan.loops.back();
  const std::int64_t stride = refresh ? loop.cache_stride : loop.source_stride;
  if (plan.target_stride || (!refresh && loop.kind != LoopKind::strided) ||
      std::abs(stride) < cache_line / 2)
    return;
  std::set<std::int64_t> places;
  for (const Lane& lane : plan.lanes)
    places.insert(refresh ? lane.cache : lane.source + lane.row * plan.component_step);
  const auto asked = asked_places(places, stride);
  const auto size = size_of(refresh ? plan.format : plan.storage.type);
  const bool has_gaps = static_cast<std::int64_t>(places.size()) * size < std::abs(stride);
  if (!has_gaps || asked.size() > most)
    return;
  Value* base = frame.address(refresh ? frame.cache : frame.source, index, stride);
  for (const std::int64_t place : asked)
    frame.prefetch(frame.address(base, nullptr, 0, place + ahead_along(stride)));
}

} // namespace

void emit_step(Frame& frame, const Plan& plan, Direction direction, Tier tier, Value* index) {
  const Loop loop = plan.loops.empty() ? Loop{} : plan.loops.back();
  const Step step{frame.source_step(loop, index),
                  frame.address(frame.cache, index, loop.cache_stride)};
  if (plan.lanes.size() <= written_out) {
    emit_lanes_written_out(frame, plan, direction, tier, step);
    frame.note_bad_places();
  } else {
    emit_loop_of_lanes(frame, plan, direction, tier, step);
  }
}

void emit_scalar(Frame& frame, const Plan& plan, Direction direction, Tier tier) {
  const auto looping = frame.at(Part::loop);
  if (plan.loops.empty()) {
    emit_step(frame, plan, direction, tier, frame.ir.getInt64(0));
    return;
  }
  frame.loop(frame.count, 1, "step", [&](Value* index) {
    prefetch_step(frame, plan, direction, index);
    emit_step(frame, plan, direction, tier, index);
  });
}

} // namespace rnaslicer::jit::emission
