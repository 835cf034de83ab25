// jit/emit/scalar.cpp: the kernel as one would write it by hand in C, one number at a time.
#include "jit/emit/function.hpp"
#include "jit/emit/values.hpp"

#include <llvm/IR/Constants.h>

namespace rnaslicer::jit::emission {

using llvm::Value;

namespace {

/// Above this, lanes run in a loop over a constant table of offsets instead of being written out.
constexpr std::size_t written_out = 16;

/// One lane: load, convert, store.
void emit_lane(Frame& frame, const Plan& plan, Direction direction, Tier tier, Value* source,
               Value* cache, const Own& own) {
  auto& ir = frame.ir;
  Values values(frame, plan, tier, own);
  auto* stored = ir.getIntNTy(info(plan.storage.type).size * 8U);
  auto* item = ir.getIntNTy(info(plan.format).size * 8U);
  const llvm::Align any(1);
  if (direction == Direction::refresh) {
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

/// Constant i64 array with a number of each lane.
template <typename Number>
llvm::GlobalVariable* of_lanes(Frame& frame, const Plan& plan, Number number_of, const char* name) {
  std::vector<std::uint64_t> numbers;
  numbers.reserve(plan.lanes.size());
  for (const Lane& lane : plan.lanes)
    numbers.push_back(static_cast<std::uint64_t>(number_of(lane)));
  auto* data = llvm::ConstantDataArray::get(frame.module.getContext(), numbers);
  return new llvm::GlobalVariable(frame.module, data->getType(), true,
                                  llvm::GlobalValue::PrivateLinkage, data, name);
}

} // namespace

void emit_scalar(Frame& frame, const Plan& plan, Direction direction, Tier tier) {
  auto& ir = frame.ir;
  const auto looping = frame.at(Part::loop);
  const Loop loop = plan.loops.empty() ? Loop{} : plan.loops.back();
  auto step = [&](Value* index) {
    Value* source = frame.source_step(loop, index);
    Value* cache = frame.address(frame.cache, index, loop.cache_stride);
    if (plan.lanes.size() <= written_out) {
      for (std::size_t i = 0; i < plan.lanes.size(); ++i) {
        const auto here = frame.at_lane(i);
        const Lane& lane = plan.lanes[i];
        Value* from = frame.address(source, nullptr, 0, lane.source);
        if (plan.target_stride)
          from = frame.address(frame.element(from, *plan.target_stride), nullptr, 0, lane.at);
        emit_lane(frame, plan, direction, tier, from, frame.address(cache, nullptr, 0, lane.cache),
                  own_of(frame, plan, {i}, {}, false));
      }
      frame.note_bad_places();
      return;
    }
    auto array = [&](auto number_of, const char* name) {
      return of_lanes(frame, plan, number_of, name);
    };
    auto* sources = array([](const Lane& lane) { return lane.source; }, "lane.source");
    auto* caches = array([](const Lane& lane) { return lane.cache; }, "lane.cache");
    auto* masks = array([&](const Lane& lane) { return mask_of(plan.storage, lane); }, "lane.mask");
    auto* lookups = array([](const Lane& lane) { return lane.lookup; }, "lane.lookup");
    auto* places = array([](const Lane& lane) { return lane.at; }, "lane.at");
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
      Value* from = place(sources, source);
      if (plan.target_stride)
        from = place(places, frame.element(from, *plan.target_stride));
      emit_lane(frame, plan, direction, tier, from, place(caches, cache), own);
      frame.note_bad_places();
    });
  };
  if (plan.loops.empty())
    step(ir.getInt64(0));
  else
    frame.loop(frame.count, 1, "step", step);
}

} // namespace rnaslicer::jit::emission
