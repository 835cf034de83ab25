// jit/emit/scalar.cpp: the kernel as one would write it by hand in C, one number at a time.
#include "jit/emit/function.hpp"
#include "jit/emit/values.hpp"

#include <llvm/IR/Constants.h>

namespace rnaslicer::jit::emission {

using llvm::Value;

namespace {

/// Above this, lanes run in a loop over a constant table of offsets instead of being written out.
constexpr std::size_t written_out = 16;

/// One lane: load, convert, store. Offsets are i64, constant or not.
void emit_lane(Frame& frame, const Plan& plan, Direction direction, Tier tier, Value* source,
               Value* cache) {
  auto& ir = frame.ir;
  Values values(ir, plan, tier);
  auto* stored = ir.getIntNTy(info(plan.storage.type).size * 8U);
  auto* item = ir.getIntNTy(info(plan.format).size * 8U);
  const llvm::Align any(1);
  if (direction == Direction::refresh) {
    Value* raw = ir.CreateAlignedLoad(stored, source, any, "raw");
    ir.CreateAlignedStore(values.to_cache(raw), cache, any);
    return;
  }
  Value* raw = ir.CreateAlignedLoad(item, cache, any, "raw");
  Value* old = merges(plan, direction) ? ir.CreateAlignedLoad(stored, source, any, "old") : nullptr;
  ir.CreateAlignedStore(values.to_source(raw, old), source, any);
}

/// Constant i64 array of the lanes' offsets on one side.
llvm::GlobalVariable* offsets(Frame& frame, const Plan& plan, std::int64_t Lane::*side,
                              const char* name) {
  std::vector<std::uint64_t> numbers;
  numbers.reserve(plan.lanes.size());
  for (const Lane& lane : plan.lanes)
    numbers.push_back(static_cast<std::uint64_t>(lane.*side));
  auto* data = llvm::ConstantDataArray::get(frame.module.getContext(), numbers);
  return new llvm::GlobalVariable(frame.module, data->getType(), true,
                                  llvm::GlobalValue::PrivateLinkage, data, name);
}

} // namespace

void emit_scalar(Frame& frame, const Plan& plan, Direction direction, Tier tier) {
  auto& ir = frame.ir;
  const Loop loop = plan.loops.empty() ? Loop{} : plan.loops.back();
  auto step = [&](Value* index) {
    Value* source = frame.source_step(loop, index);
    Value* cache = frame.address(frame.cache, index, loop.cache_stride);
    if (plan.lanes.size() <= written_out) {
      for (const Lane& lane : plan.lanes)
        emit_lane(frame, plan, direction, tier, frame.address(source, index, 0, lane.source),
                  frame.address(cache, index, 0, lane.cache));
      return;
    }
    auto* sources = offsets(frame, plan, &Lane::source, "lane.source");
    auto* caches = offsets(frame, plan, &Lane::cache, "lane.cache");
    frame.loop(ir.getInt64(plan.lanes.size()), 1, "lane", [&](Value* lane) {
      auto place = [&](llvm::GlobalVariable* table, Value* base) {
        Value* entry = ir.CreateGEP(ir.getInt64Ty(), table, lane);
        Value* offset = ir.CreateAlignedLoad(ir.getInt64Ty(), entry, llvm::Align(8));
        return ir.CreateGEP(ir.getInt8Ty(), base, offset);
      };
      emit_lane(frame, plan, direction, tier, place(sources, source), place(caches, cache));
    });
  };
  if (plan.loops.empty())
    step(ir.getInt64(0));
  else
    frame.loop(frame.count, 1, "step", step);
}

} // namespace rnaslicer::jit::emission
