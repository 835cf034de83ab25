// runtime/trail/composed/corners.cpp: the corners of a mesh's polygons: one array, divided by
// numbers of the polygons.
#include "runtime/memcache/memcache.hpp"
#include "runtime/memory/range.hpp"
#include "runtime/trail/composed/portions.hpp"
#include "runtime/transfer/kernel_python.hpp"

#include <algorithm>
#include <cstring>
#include <new>

namespace rnaslicer::runtime {

namespace {

/// A collection of which a trail was entered.
struct Noted {
  std::shared_ptr<const Trail> trail;
  const std::vector<Step>* steps = nullptr;
  Segment segment = {};
};

/// The same as it is now.
struct Spot {
  Reached reached;
  std::vector<Located> places;
};

/// The starts and perhaps numbers of corners as Blender has them: where they lie, or in buffers of
/// ours.
struct Borders {
  std::size_t count = 0; // polygons
  std::vector<Ref> kept = {};
  std::span<const std::int32_t> starts = {}, totals = {}; // no totals: up to where the next begin

  /// Where the corners of polygon `i` end, of so many corners in all.
  [[nodiscard]] std::int64_t end(std::size_t i, std::int64_t corners) const {
    if (!totals.empty())
      return std::int64_t{starts[i]} + totals[i];
    return i + 1 < starts.size() ? starts[i + 1] : corners;
  }
};

/// Whether a trail's numbers lie one behind the other, so that they need not be copied: as they
/// are, or as what each is less than the next.
bool lie_in_a_row(const Trail& trail, const Located& located,
                  jit::Decode decode = jit::Decode::plain) {
  const Leg& leg = trail.legs.front();
  const jit::Plan& plan = *kernel_plan_of(leg.move.kernel.get());
  return !located.missing && !leg.through && leg.stride == sizeof(std::int32_t) &&
         leg.move.source_offset == 0 && plan.storage == jit::Storage{jit::Scalar::i32, decode} &&
         plan.format == jit::Scalar::i32 && plan.lanes.size() == 1 && plan.lanes[0].source == 0;
}

bool are_same(std::span<const std::int32_t> some, std::span<const std::int32_t> others) {
  return some.size() == others.size() &&
         (some.empty() || std::memcmp(some.data(), others.data(), some.size_bytes()) == 0);
}

class CornerPortions : public Portions {
 public:
  CornerPortions(Corners how, Start polygons, Start corners)
      : root_(Ref::borrow(polygons.root)), polygon_steps_(std::move(polygons.steps)),
        corner_steps_(std::move(corners.steps)), corners_{std::move(how.values), &corner_steps_},
        value_{corners_.trail->format, {}} {
    borders_.push_back({std::move(how.starts), &polygon_steps_});
    if (how.totals)
      borders_.push_back({std::move(how.totals), &polygon_steps_});
  }

  [[nodiscard]] std::shared_ptr<const Trail> trail() const override { return corners_.trail; }
  [[nodiscard]] const Value& value() const override { return value_; }
  std::optional<Offsets> enter() override;
  bool again(const Offsets& offsets) override;
  bool fill(PyObject* values, const std::vector<jit::Span>& region) override;
  bool write(PyObject* values, const Offsets& offsets,
             const std::vector<std::int64_t>* picked) override;
  void forget() override { spot_.reset(); }
  [[nodiscard]] Moment seen() const override { return seen_; }

 private:
  [[nodiscard]] Watched* root() const { return as_watched(root_.get()); }
  [[nodiscard]] std::optional<Reached> reach(const Noted& one) const {
    return follow(*one.trail, *one.steps, root());
  }
  std::optional<Spot> enter_one(Noted& one, PyObject* id) const;
  std::optional<Spot> again_one(const Noted& one, PyObject* id) const;
  [[nodiscard]] Borders read(std::span<const Spot> borders) const;
  std::optional<Offsets> divided(std::span<const Spot> spots, std::int64_t corners);
  bool is_divided(const Offsets& offsets, std::span<const Spot> spots, std::int64_t corners) const;
  std::optional<Target> between(PyObject* values, Ref& all,
                                const std::vector<std::int64_t>& picked);
  void note_moment() { seen_ = root()->ref != nullptr ? root()->seen : now(); }

  Ref root_; // a Watched
  std::vector<Step> polygon_steps_, corner_steps_;
  Noted corners_;
  Value value_;
  std::vector<Noted> borders_;                // starts, and perhaps totals
  std::vector<std::int32_t> starts_, totals_; // as they were at the enter
  std::optional<Spot> spot_;                  // of the corners, within one call
  Moment seen_;
};

std::optional<Spot> CornerPortions::enter_one(Noted& one, PyObject* id) const {
  auto reached = follow(*one.trail, *one.steps, id);
  auto entered =
      reached && reached->length > 0 ? enter_segment(*one.trail, *reached) : std::nullopt;
  if (!entered)
    return std::nullopt;
  one.segment = std::move(entered->segment);
  return Spot{std::move(*reached), std::move(entered->places)};
}

std::optional<Spot> CornerPortions::again_one(const Noted& one, PyObject* id) const {
  auto reached = as_at_enter(*one.trail, one.segment, follow(*one.trail, *one.steps, id));
  auto places = reached ? locate_segment(*one.trail, one.segment, *reached) : std::nullopt;
  if (!places)
    return std::nullopt;
  return Spot{std::move(*reached), std::move(*places)};
}

Borders CornerPortions::read(std::span<const Spot> borders) const {
  const Located& first = borders.front().places.front();
  Borders found{static_cast<std::size_t>(borders.front().reached.length)};
  // One more start says where the last ones end: no totals are needed.
  const bool is_one =
      borders.size() == 2 && lie_in_a_row(*borders_[0].trail, first) &&
      lie_in_a_row(*borders_[1].trail, borders[1].places.front(), jit::Decode::difference) &&
      borders[1].places.front().base == first.base;
  if (is_one) {
    found.starts = {reinterpret_cast<const std::int32_t*>(first.base), found.count + 1};
    return found;
  }
  for (std::size_t i = 0; i < borders.size(); ++i) {
    const Trail& trail = *borders_[i].trail;
    const Py_ssize_t length = borders[i].reached.length;
    found.kept.push_back(allocate_cache(trail, {length}, Py_None));
    fill_segment(trail, borders[i].places, length, {found.kept.back().get(), 0, {}});
  }
  for (std::size_t i = 0; i < borders.size(); ++i) { // no code runs from here on that could end one
    const StorageView storage = memcache_storage(found.kept[i].get());
    if (!storage || storage.nbytes != static_cast<Py_ssize_t>(found.count * sizeof(std::int32_t)))
      raise(PyExc_SystemError, "a trail of borders gives no numbers");
    (i == 0 ? found.starts : found.totals) = {reinterpret_cast<const std::int32_t*>(storage.data),
                                              found.count};
  }
  return found;
}

/// Where the corners of each polygon begin. Nothing unless the polygons divide all corners among
/// them, in order and at least one for each: then Python finds out how they lie.
std::optional<Offsets> CornerPortions::divided(std::span<const Spot> spots, std::int64_t corners) {
  const Borders borders = read(spots);
  const std::size_t count = borders.count;
  Offsets offsets(count + 1);
  if (borders.totals.empty()) { // without a branch for each
    const auto starts = borders.starts;
    const std::int64_t end = borders.end(count - 1, corners);
    if (starts.front() != 0 || !ascends(starts) || starts[count - 1] >= end || end != corners)
      return std::nullopt;
    std::copy_n(starts.begin(), count, offsets.begin());
    offsets[count] = end;
  }
  for (std::size_t i = 0; i < borders.totals.size(); ++i) {
    const std::int64_t end = borders.end(i, corners);
    if (borders.starts[i] != offsets[i] || end <= offsets[i])
      return std::nullopt;
    offsets[i + 1] = end;
  }
  if (offsets.back() != corners)
    return std::nullopt;
  starts_.assign(borders.starts.begin(), borders.starts.end());
  totals_.assign(borders.totals.begin(), borders.totals.end());
  return offsets;
}

/// Whether `divided` would give these offsets, which it gave before: of the very same numbers.
bool CornerPortions::is_divided(const Offsets& offsets, std::span<const Spot> spots,
                                std::int64_t corners) const {
  const Borders borders = read(spots);
  return borders.count + 1 == offsets.size() && offsets.back() == corners &&
         are_same(borders.starts, starts_) && are_same(borders.totals, totals_);
}

std::optional<Offsets> CornerPortions::enter() {
  const Ref id = struct_of(root());
  std::vector<Spot> borders;
  if (!id)
    return std::nullopt;
  for (Noted& one : borders_) {
    auto spot = enter_one(one, id.get());
    if (!spot || (!borders.empty() && spot->reached.length != borders.front().reached.length))
      return std::nullopt;
    borders.push_back(std::move(*spot));
  }
  spot_ = enter_one(corners_, id.get());
  if (!spot_)
    return std::nullopt;
  note_moment();
  return divided(borders, spot_->reached.length);
}

bool CornerPortions::again(const Offsets& offsets) {
  const Ref id = struct_of(root());
  std::vector<Spot> borders;
  if (!id)
    return false;
  for (const Noted& one : borders_) {
    auto spot = again_one(one, id.get());
    if (!spot)
      return false;
    borders.push_back(std::move(*spot));
  }
  spot_ = again_one(corners_, id.get());
  if (!spot_)
    return false;
  note_moment();
  return is_divided(offsets, borders, spot_->reached.length);
}

bool CornerPortions::fill(PyObject* values, const std::vector<jit::Span>& region) {
  fill_segment(*corners_.trail, spot_->places, spot_->reached.length, {values, 0, region});
  return true;
}

/// All corners as they are, but for those that are picked: between the first and the last of these
/// is what is written. The same bits where no value is converted.
std::optional<Target> CornerPortions::between(PyObject* values, Ref& all,
                                              const std::vector<std::int64_t>& picked) {
  const Trail& trail = *corners_.trail;
  const auto [low, high] = std::ranges::minmax(picked);
  const jit::Plan& plan = *kernel_plan_of(trail.legs.front().move.kernel.get());
  if (plan.format != plan.storage.type)
    return std::nullopt;
  all = allocate_cache(trail, {spot_->reached.length}, Py_None);
  fill(all.get(), {});
  const StorageView from = memcache_storage(values);
  const StorageView to = memcache_storage(all.get());
  if (!from || !to)
    throw PythonError();
  const auto bytes = static_cast<std::size_t>(row_bytes_of(value_));
  for (std::size_t i = 0; i < picked.size(); ++i)
    std::memcpy(to.data + static_cast<std::size_t>(picked[i]) * bytes, from.data + i * bytes,
                bytes);
  return Target{all.get(), 0, {{low, 1, high - low + 1}}};
}

bool CornerPortions::write(PyObject* values, const Offsets& offsets,
                           const std::vector<std::int64_t>* picked) {
  const Trail& trail = *corners_.trail;
  if (!again(offsets) || !is_own(spot_->reached, root()) || !no_mode_overwrites(trail))
    return false;
  Ref all;
  const auto target =
      picked == nullptr ? std::optional(Target{values, 0, {}}) : between(values, all, *picked);
  if (!target || !may_write(trail, spot_->reached, *target))
    return false;
  return write_segment(
      trail, corners_.segment, std::move(spot_->reached), [this] { return reach(corners_); },
      *target);
}

} // namespace

std::unique_ptr<Portions> portions_of(Corners how, Start polygons, Start corners) {
  return std::make_unique<CornerPortions>(std::move(how), std::move(polygons), std::move(corners));
}

} // namespace rnaslicer::runtime
