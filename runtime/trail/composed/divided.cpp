// runtime/trail/composed/divided.cpp: all or a part of an array that elements divide among them.
#include "runtime/trail/composed/divided.hpp"

#include "runtime/blender/bpy.hpp"
#include "runtime/memcache/memcache.hpp"
#include "runtime/transfer/kernel_python.hpp"

#include <algorithm>
#include <cstring>

namespace rnaslicer::runtime {

namespace {

/// Whether values can be written back as they were read, bit by bit.
bool is_exact(const Trail& trail) {
  return std::ranges::all_of(trail.legs, [](const Leg& leg) {
    const jit::Plan& plan = *kernel_plan_of(leg.move.kernel.get());
    return plan.format == plan.storage.type;
  });
}

} // namespace

DividedPortions::DividedPortions(std::shared_ptr<const Trail> trail, Start values, PyObject* rows)
    : root_(Ref::borrow(values.root)), steps_(std::move(values.steps)),
      values_{std::move(trail), &steps_}, value_{values_.trail->format, values_.trail->inner},
      rows_(Ref::borrow(rows)) {}

std::optional<Spot> DividedPortions::enter_one(Noted& one, PyObject* id) const {
  auto reached = follow(*one.trail, *one.steps, id);
  auto entered =
      reached && reached->length > 0 ? enter_segment(*one.trail, *reached) : std::nullopt;
  if (!entered)
    return std::nullopt;
  one.segment = std::move(entered->segment);
  return Spot{std::move(*reached), std::move(entered->places)};
}

std::optional<Spot> DividedPortions::again_one(const Noted& one, PyObject* id) const {
  auto reached = as_at_enter(*one.trail, one.segment, follow(*one.trail, *one.steps, id));
  auto places = reached ? locate_segment(*one.trail, one.segment, *reached) : std::nullopt;
  if (!places)
    return std::nullopt;
  return Spot{std::move(*reached), std::move(*places)};
}

/// Of the elements that the slice picks, counted from the first one's values.
std::optional<Offsets> DividedPortions::some_of(const Offsets& all) {
  Py_ssize_t start = 0;
  Py_ssize_t stop = 0;
  Py_ssize_t step = 0;
  if (PySlice_Unpack(rows_.get(), &start, &stop, &step) < 0)
    return drop_error(), std::nullopt;
  const auto count = PySlice_AdjustIndices(std::ssize(all) - 1, &start, &stop, step);
  if (step != 1 || count == 0)
    return std::nullopt;
  for (std::size_t i = 0; i + 1 < all.size(); ++i)
    lengths_.push_back(static_cast<Py_ssize_t>(all[i + 1] - all[i]));
  first_ = all[static_cast<std::size_t>(start)];
  count_ = all[static_cast<std::size_t>(start + count)] - first_;
  Offsets some(all.begin() + start, all.begin() + start + count + 1);
  for (std::int64_t& at : some)
    at -= first_;
  return some;
}

std::optional<Offsets> DividedPortions::enter() {
  const Ref id = struct_of(root());
  if (!id || !enter_borders(id.get()))
    return std::nullopt;
  spot_ = enter_one(values_, id.get());
  if (!spot_)
    return std::nullopt;
  note_moment();
  auto all = divided();
  if (!all || !is_all())
    return all ? some_of(*all) : std::nullopt;
  count_ = all->back();
  return all;
}

bool DividedPortions::again(const Offsets& /*offsets*/) {
  const Ref id = struct_of(root());
  if (!id || !find_borders(id.get()))
    return false;
  spot_ = again_one(values_, id.get());
  if (!spot_)
    return false;
  note_moment();
  return is_divided();
}

bool DividedPortions::fill(PyObject* values, const std::vector<jit::Span>& region) {
  const Trail& trail = *values_.trail;
  if (!divides(trail, region))
    return false; // the routes know what of it is each property's
  std::vector<Located> places = spot_->places;
  for (std::size_t i = 0; i < places.size(); ++i)
    if (!places[i].missing)
      places[i].base += first_ * trail.legs[i].stride;
  fill_segment(trail, places, static_cast<Py_ssize_t>(count_), {values, 0, region});
  return true;
}

/// All of each value in a part of the array.
std::vector<jit::Span> DividedPortions::along(std::int64_t first, std::int64_t count) const {
  std::vector<jit::Span> region{{first, 1, count}};
  for (const std::int64_t extent : value_.inner)
    region.push_back({0, 1, extent});
  return region;
}

/// A cache of the whole array, of which only what lies between the first and the last of the values
/// is made: those that are picked (null: all that are moved), and in between what Blender has, to
/// the bit. Nothing where a value would be converted for that.
std::optional<Target> DividedPortions::between(PyObject* values, Ref& all,
                                               const std::vector<std::int64_t>* picked) const {
  const Trail& trail = *values_.trail;
  std::int64_t low = 0;
  std::int64_t high = count_ - 1;
  if (picked != nullptr) {
    const auto [least, most] = std::ranges::minmax(*picked);
    low = least;
    high = most;
  }
  low += first_;
  high += first_;
  const bool covers = picked == nullptr || std::ssize(*picked) == high - low + 1;
  Target target{nullptr, 0, along(low, high - low + 1)};
  if ((!covers && !is_exact(trail)) || !divides(trail, target.region))
    return std::nullopt;
  all = allocate_cache(trail, {spot_->reached.length}, Py_None);
  target.cache = all.get();
  if (!covers)
    fill_segment(trail, spot_->places, spot_->reached.length, target);
  const StorageView from = memcache_storage(values);
  const StorageView to = memcache_storage(all.get());
  if (!from || !to)
    throw PythonError();
  const auto bytes = static_cast<std::size_t>(row_bytes_of(value_));
  if (picked == nullptr)
    std::memcpy(to.data + static_cast<std::size_t>(low) * bytes, from.data,
                static_cast<std::size_t>(count_) * bytes);
  else
    for (std::size_t i = 0; i < picked->size(); ++i)
      std::memcpy(to.data + static_cast<std::size_t>((*picked)[i] + first_) * bytes,
                  from.data + i * bytes, bytes);
  return target;
}

bool DividedPortions::write(PyObject* values, const Offsets& offsets,
                            const std::vector<std::int64_t>* picked) {
  const Trail& trail = *values_.trail;
  if (!again(offsets) || !is_own(spot_->reached, root()) || !no_mode_overwrites(trail))
    return false;
  Ref all;
  const auto target = picked == nullptr && is_all() ? std::optional(Target{values, 0, {}})
                                                    : between(values, all, picked);
  if (!target || !may_write(trail, spot_->reached, *target))
    return false;
  return write_segment(
      trail, values_.segment, std::move(spot_->reached),
      [this] { return follow(*values_.trail, steps_, root()); }, *target);
}

} // namespace rnaslicer::runtime
