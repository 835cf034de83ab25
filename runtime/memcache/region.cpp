// runtime/memcache/region.cpp: decomposing a view's strides over the axes of a packed cache.
#include "runtime/memcache/region.hpp"

#include <algorithm>

namespace rnaslicer::runtime {
namespace {

/// An axis of the view with a positive stride and at least two steps.
struct Steps {
  std::int64_t stride;
  std::int64_t count;
};

RegionResult refused(std::string reason) { return {{}, std::move(reason)}; }

std::string axis_text(std::size_t axis) { return "axis " + std::to_string(axis); }

/// The reversed and trivial axes taken out: what is left, smallest stride first, and the offset of
/// the lowest address. False if it cannot lie within `nbytes`.
bool normalise(const ViewShape& view, std::int64_t itemsize, std::int64_t nbytes,
               std::vector<Steps>& steps, std::int64_t& lowest) {
  __extension__ using Wide = __int128; // strides of a hostile exporter may be anything
  Wide first = view.offset;
  Wide last = Wide{view.offset} + itemsize;
  for (std::size_t axis = 0; axis < view.shape.size(); ++axis) {
    const std::int64_t count = view.shape[axis];
    const std::int64_t stride = view.strides[axis];
    if (count < 2)
      continue;
    const Wide reach = Wide{count - 1} * stride;
    (reach < 0 ? first : last) += reach;
    if (first < 0 || last > nbytes)
      return false;
    steps.push_back({stride < 0 ? -stride : stride, count});
  }
  if (first < 0 || last > nbytes)
    return false;
  lowest = static_cast<std::int64_t>(first);
  std::stable_sort(steps.begin(), steps.end(),
                   [](const Steps& a, const Steps& b) { return a.stride < b.stride; });
  return true;
}

/// Adds the view's steps to an axis of the cache that already has some of smaller stride.
std::string add_steps(RegionAxis& axis, std::size_t number, std::int64_t extent, std::int64_t step,
                      std::int64_t count) {
  if (axis.count == 1) {
    axis.step = step;
    axis.count = count;
  } else if (step == axis.step * axis.count) {
    axis.count *= count;
  } else if (step < axis.step * axis.count) {
    return "the view overlaps itself along " + axis_text(number) + " of the MemCache";
  } else {
    return "the view's steps along " + axis_text(number) + " of the MemCache are not even";
  }
  if (axis.start + (axis.count - 1) * axis.step >= extent)
    return "the view runs from one row into the next beyond " + axis_text(number) +
           " of the MemCache (a flat or reshaped view); slice the MemCache along its own axes";
  return {};
}

} // namespace

std::int64_t empty_reach(const CacheShape& cache) {
  std::int64_t reach = 0;
  std::int64_t stride = cache.itemsize;
  for (std::size_t axis = cache.shape.size(); axis-- > 0;) {
    reach += cache.shape[axis] * stride;
    stride *= std::max<std::int64_t>(1, cache.shape[axis]);
  }
  return reach;
}

RegionResult find_region(const CacheShape& cache, const ViewShape& view) {
  const std::size_t ndim = cache.shape.size();
  std::vector<RegionAxis> axes(ndim);
  std::int64_t nbytes = cache.itemsize;
  for (const std::int64_t extent : cache.shape)
    nbytes *= extent;

  if (std::find(view.shape.begin(), view.shape.end(), 0) != view.shape.end()) {
    if (view.offset < 0 || view.offset > empty_reach(cache))
      return refused("the view lies outside the MemCache's storage");
    return {axes, {}};
  }
  std::vector<Steps> steps;
  std::int64_t lowest = 0;
  if (!normalise(view, cache.itemsize, nbytes, steps, lowest))
    return refused("the view lies outside the MemCache's storage");
  if (lowest % cache.itemsize != 0)
    return refused("the view's items lie between the MemCache's");
  if (!steps.empty() && steps.front().stride == 0)
    return refused("the view overlaps itself (an axis with stride 0, as from a broadcast)");

  // Where the lowest item lies; the cache has items, so every extent is at least 1.
  std::vector<std::int64_t> strides(ndim);
  std::int64_t stride = cache.itemsize;
  for (std::size_t axis = ndim; axis-- > 0;) {
    strides[axis] = stride;
    axes[axis] = {(lowest / stride) % cache.shape[axis], 1, 1};
    stride *= cache.shape[axis];
  }
  // The ranges [stride, stride * extent) of the axes do not meet, so each step has one axis at
  // most.
  std::size_t axis = ndim;
  for (const Steps& step : steps) {
    while (axis > 0 && step.stride >= strides[axis - 1] * cache.shape[axis - 1])
      --axis;
    const std::size_t at = axis - 1;
    if (axis == 0 || step.stride % strides[at] != 0)
      return refused("the view's strides do not follow the MemCache's axes");
    std::string trouble =
        add_steps(axes[at], at, cache.shape[at], step.stride / strides[at], step.count);
    if (!trouble.empty())
      return refused(std::move(trouble));
  }
  return {std::move(axes), {}};
}

} // namespace rnaslicer::runtime
