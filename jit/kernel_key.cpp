// jit/kernel_key.cpp: comparing plans as code, and the keys of kernels on disk.
#include "jit/kernel_key.hpp"

namespace rnaslicer::jit {
namespace {

/// RNASLICER_CODE is a hash of the sources that shape code; see CMakeLists.txt.
constexpr std::string_view version_line =
    "rnaslicer " RNASLICER_VERSION " code " RNASLICER_CODE "\nllvm ";

} // namespace

bool same_code(const Plan& a, const Plan& b) {
  if (a.loops.empty() != b.loops.empty())
    return false;
  return a.storage == b.storage && a.target_stride == b.target_stride &&
         a.transform == b.transform && a.component_step == b.component_step && a.value == b.value &&
         a.format == b.format && a.normalized == b.normalized && a.clamp == b.clamp &&
         a.lanes == b.lanes && (a.loops.empty() || a.loops.back() == b.loops.back());
}

bool can_stream(const Plan& plan, Direction direction) {
  if (plan.loops.empty())
    return false;
  const auto dense = [&](bool source) {
    const auto& loop = plan.loops.back();
    if (source && (loop.kind != LoopKind::strided || plan.target_stride))
      return false;
    const auto size = size_of(source ? plan.storage.type : plan.format);
    const auto stride = source ? loop.source_stride : loop.cache_stride;
    return stride == size * static_cast<std::int64_t>(plan.lanes.size());
  };
  const bool converts = plan.storage.type != plan.format || plan.value != plan.format ||
                        plan.storage.decode != Decode::plain || plan.storage.inverted ||
                        plan.transform.has_value();
  const bool to_source = direction == Direction::update;
  return dense(to_source) && (converts || !dense(!to_source));
}

std::string disk_key(const Plan& plan, const std::string& symbol, Tier tier) {
  std::string key(version_line);
  key.append(llvm_version()).append(" tier ").append(tier_name(tier));
  key.append(" cpu ").append(target(tier).cpu).append(" features ").append(target(tier).features);
  return key.append("\nentry ").append(symbol).append("\n").append(print(plan));
}

bool is_current(std::string_view key) {
  return key.starts_with(std::string(version_line).append(llvm_version()) + " ");
}

} // namespace rnaslicer::jit
