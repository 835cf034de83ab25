// jit/emit.cpp: chooses the form of a kernel: memcpy, vectors, or a plain loop.
#include "jit/emit.hpp"

#include "jit/emit/function.hpp"
#include "jit/emit/values.hpp"

#include <algorithm>
#include <optional>

namespace rnaslicer::jit {

namespace {

using namespace emission;

/// Where steps lie one behind the other on both sides in the same order: bytes from the source's
/// base and from the cache's base to the first byte of a step.
std::optional<Lane> packed_alike(const Plan& plan) {
  if (plan.loops.empty() || plan.loops.back().kind != LoopKind::strided || plan.target_stride ||
      plan.transform)
    return std::nullopt;
  const Loop& loop = plan.loops.back();
  const std::int64_t size = size_of(plan.format);
  const auto lanes = static_cast<std::int64_t>(plan.lanes.size());
  if (loop.source_stride != lanes * size || loop.cache_stride != loop.source_stride)
    return std::nullopt;
  const auto by_cache = [](const Lane& a, const Lane& b) { return a.cache < b.cache; };
  const Lane first = *std::min_element(plan.lanes.begin(), plan.lanes.end(), by_cache);
  std::vector<bool> seen(plan.lanes.size());
  for (const Lane& lane : plan.lanes) {
    const std::int64_t distance = lane.cache - first.cache;
    if (lane.source - first.source != distance || distance % size != 0)
      return std::nullopt;
    const auto place = static_cast<std::size_t>(distance / size);
    if (place >= seen.size() || seen[place])
      return std::nullopt;
    seen[place] = true;
  }
  return first;
}

void emit_memcpy(Frame& frame, const Plan& plan, Direction direction, const Lane& first) {
  const auto here = frame.at(Part::loop);
  auto& ir = frame.ir;
  auto* zero = ir.getInt64(0);
  llvm::Value* source = frame.address(frame.source, zero, 0, first.source);
  llvm::Value* cache = frame.address(frame.cache, zero, 0, first.cache);
  auto* stride = ir.getInt64(static_cast<std::uint64_t>(plan.loops.back().cache_stride));
  llvm::Value* bytes = ir.CreateMul(frame.count, stride, "bytes");
  const bool refresh = direction == Direction::refresh;
  ir.CreateMemCpy(refresh ? cache : source, llvm::Align(1), refresh ? source : cache,
                  llvm::Align(1), bytes);
}

} // namespace

Emitted emit(const Plan& whole, Direction direction, Tier tier, bool streaming,
             const std::string& symbol, llvm::LLVMContext& context, const std::string& folder) {
  const Plan plan = compiled_part(whole);
  Emitted emitted;
  if (!refuse(plan, direction).empty())
    return emitted;
  emitted.module = std::make_unique<llvm::Module>(symbol, context);
  emitted.module->setTargetTriple("x86_64-unknown-linux-gnu");
  Frame frame(symbol, tier, *emitted.module, plan, folder);
  frame.load_side(plan, direction);
  // Rows of a table may overlap by parts of an item: then bits must be merged one after the other.
  const bool in_rows =
      plan.target_stride || (!plan.loops.empty() && plan.loops.back().kind != LoopKind::strided);
  const bool in_order = merges(plan, direction) && in_rows;
  const auto first = packed_alike(plan);
  if (first && copies(plan, direction))
    emit_memcpy(frame, plan, direction, *first);
  else if (!in_order)
    emitted.min_count = emit_vectors(frame, plan, direction, tier, streaming);
  if (in_order || emitted.min_count == 0) {
    emit_scalar(frame, plan, direction, tier);
    emitted.min_count = 1;
  }
  frame.report_bad();
  frame.ir.CreateRetVoid();
  return emitted;
}

} // namespace rnaslicer::jit
