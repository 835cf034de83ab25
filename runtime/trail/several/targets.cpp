// runtime/trail/several/targets.cpp: a region, divided among structs.
#include "runtime/trail/several/targets.hpp"

#include <algorithm>

namespace rnaslicer::runtime {

namespace {

/// Of a progression over all rows those that are rows [first, first + count), numbered from there.
jit::Span within(const jit::Span& all, std::int64_t first, std::int64_t count) {
  const auto index_from = [&](std::int64_t row) { // the first at or after a row
    const std::int64_t ahead = std::max<std::int64_t>(row - all.start, 0);
    return std::min((ahead + all.step - 1) / all.step, all.count);
  };
  const std::int64_t low = index_from(first);
  const std::int64_t high = index_from(first + count);
  const std::int64_t found = high - low;
  return {found > 0 ? all.start + low * all.step - first : 0, found > 1 ? all.step : 1, found};
}

} // namespace

std::optional<std::vector<std::optional<Target>>>
targets_of(const Trail& trail, const Form& form, const Outer& outer,
           const std::vector<Py_ssize_t>& widths, const std::vector<Py_ssize_t>& counts,
           PyObject* cache, const std::vector<jit::Span>& region) {
  const bool is_flat = form.kind == Form::Kind::flat;
  const std::size_t outside = widths.size() + 1; // axes of structs
  const std::size_t above = is_flat ? 0 : outside + static_cast<std::size_t>(outer.ones);
  if (!region.empty() &&
      (region.size() < above + 1 || !divides(trail, std::span(region).subspan(above))))
    return std::nullopt;
  for (const jit::Span& span : region)
    if (span.count == 0)
      return std::nullopt;
  std::vector<std::optional<Target>> found;
  found.reserve(counts.size());
  std::int64_t row = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const std::int64_t count = counts[i];
    Target target{cache, row, {}};
    bool moves = count > 0;
    if (!region.empty() && is_flat) {
      target.region = region;
      target.region.front() = within(region.front(), row, count);
      moves = target.region.front().count > 0;
    } else if (!region.empty()) {
      target.region.assign(region.begin() + static_cast<std::ptrdiff_t>(above), region.end());
      target.region.front() = within(target.region.front(), 0, count);
      const auto at = position_of(widths, static_cast<Py_ssize_t>(i));
      moves = target.region.front().count > 0;
      for (std::size_t k = 0; k < outside; ++k)
        moves = moves && within(region[k], at[k], 1).count > 0;
    }
    found.push_back(moves ? std::optional(std::move(target)) : std::nullopt);
    row += form.kind == Form::Kind::padded ? form.width : count;
  }
  return found;
}

} // namespace rnaslicer::runtime
