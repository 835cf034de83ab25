// runtime/trail/composed/corners.cpp: who divides an array: a mesh's polygons their corners, by
// numbers of theirs, and so what these lead to; hair curves their points, by borders
// (layout/whole.py).
#include "runtime/memcache/memcache.hpp"
#include "runtime/memory/range.hpp"
#include "runtime/trail/composed/divided.hpp"
#include "runtime/transfer/kernel_python.hpp"

#include <algorithm>
#include <cstring>
#include <new>

namespace rnaslicer::runtime {

namespace {

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

class CornerPortions : public DividedPortions {
 public:
  CornerPortions(Corners how, Start polygons, Start corners, PyObject* rows)
      : DividedPortions(std::move(how.values), std::move(corners), rows),
        steps_(std::move(polygons.steps)) {
    borders_.push_back({std::move(how.starts), &steps_});
    if (how.totals)
      borders_.push_back({std::move(how.totals), &steps_});
  }

  void forget() override {
    now_.clear();
    DividedPortions::forget();
  }

 protected:
  bool enter_borders(PyObject* id) override;
  bool find_borders(PyObject* id) override;
  std::optional<Offsets> divided() override;
  [[nodiscard]] bool is_divided() const override;

 private:
  [[nodiscard]] Borders read() const;

  std::vector<Step> steps_;
  std::vector<Noted> borders_;                // starts, and perhaps totals
  std::vector<std::int32_t> starts_, totals_; // as they were at the enter
  std::vector<Spot> now_;                     // of the borders, within one call
};

bool CornerPortions::enter_borders(PyObject* id) {
  now_.clear();
  for (Noted& one : borders_) {
    auto spot = enter_one(one, id);
    if (!spot || (!now_.empty() && spot->reached.length != now_.front().reached.length))
      return false;
    now_.push_back(std::move(*spot));
  }
  return true;
}

bool CornerPortions::find_borders(PyObject* id) {
  now_.clear();
  for (const Noted& one : borders_) {
    auto spot = again_one(one, id);
    if (!spot)
      return false;
    now_.push_back(std::move(*spot));
  }
  return true;
}

Borders CornerPortions::read() const {
  const Located& first = now_.front().places.front();
  Borders found{static_cast<std::size_t>(now_.front().reached.length)};
  // One more start says where the last ones end: no totals are needed.
  const bool is_one =
      now_.size() == 2 && lie_in_a_row(*borders_[0].trail, first) &&
      lie_in_a_row(*borders_[1].trail, now_[1].places.front(), jit::Decode::difference) &&
      now_[1].places.front().base == first.base;
  if (is_one) {
    found.starts = {reinterpret_cast<const std::int32_t*>(first.base), found.count + 1};
    return found;
  }
  for (std::size_t i = 0; i < now_.size(); ++i) {
    const Trail& trail = *borders_[i].trail;
    const Py_ssize_t length = now_[i].reached.length;
    found.kept.push_back(allocate_cache(trail, {length}, Py_None));
    fill_segment(trail, now_[i].places, length, {found.kept.back().get(), 0, {}});
  }
  for (std::size_t i = 0; i < now_.size(); ++i) { // no code runs from here on that could end one
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
std::optional<Offsets> CornerPortions::divided() {
  const std::int64_t corners = spot().reached.length;
  const Borders borders = read();
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

/// Whether `divided` would give what it gave before: of the very same numbers. That the corners are
/// as many, their own trail has compared.
bool CornerPortions::is_divided() const {
  const Borders borders = read();
  return are_same(borders.starts, starts_) && are_same(borders.totals, totals_);
}

class CurvePortions : public DividedPortions {
 public:
  CurvePortions(Curves how, Start points, PyObject* rows)
      : DividedPortions(std::move(how.points), std::move(points), rows),
        surface_(std::move(how.surface)) {}

 protected:
  // They are read where the datablock that has the points has them.
  bool enter_borders(PyObject* /*id*/) override { return true; }
  bool find_borders(PyObject* /*id*/) override { return true; }
  std::optional<Offsets> divided() override;
  [[nodiscard]] bool is_divided() const override;

 private:
  std::shared_ptr<const Surface> surface_;
  std::vector<std::int32_t> starts_; // as they were at the enter, and the end
};

std::optional<Offsets> CurvePortions::divided() {
  const auto starts =
      borders_of_curves(*surface_, spot().reached.owner.get(), spot().reached.length);
  if (starts.size() < 2)
    return std::nullopt;
  starts_.assign(starts.begin(), starts.end());
  return Offsets(starts_.begin(), starts_.end());
}

bool CurvePortions::is_divided() const {
  const auto starts =
      borders_of_curves(*surface_, spot().reached.owner.get(), spot().reached.length);
  return std::ranges::equal(starts, starts_);
}

/// `Slicer(mesh.polygons, ragged='pad')[:, 'vertices', :, mesh.vertices, 'co']`: the gather of all
/// corners, whose rows are those of the polygons.
class GatherPortions : public Portions {
 public:
  GatherPortions(std::shared_ptr<const Gathered> how, std::unique_ptr<Portions> corners,
                 std::vector<Start> starts, PyObject* numbers)
      : how_(std::move(how)), corners_(std::move(corners)), value_{how_->format, how_->inner},
        starts_(std::move(starts)), numbers_(Ref::borrow(numbers)) {}

  [[nodiscard]] std::shared_ptr<const Trail> trail() const override { return corners_->trail(); }
  [[nodiscard]] const Value& value() const override { return value_; }
  [[nodiscard]] bool is_stale() const override { return corners_->is_stale() || stale(*how_); }
  [[nodiscard]] Moment seen() const override { return corners_->seen(); }
  [[nodiscard]] const Run* beyond() const override { return run_.get(); }
  void forget() override { corners_->forget(); }

  std::optional<Offsets> enter() override {
    auto offsets = corners_->enter();
    if (offsets && offsets->back() > 0)
      run_ = adopt(how_, std::exchange(starts_, {}), numbers_.get(),
                   static_cast<Py_ssize_t>(offsets->back()));
    return run_ ? std::move(offsets) : std::nullopt;
  }
  bool again(const Offsets& offsets) override { return corners_->again(offsets); }
  bool fill(PyObject* values, const std::vector<jit::Span>& region) override {
    return run_->fill_part(values, region);
  }
  bool write(PyObject* values, const Offsets& offsets,
             const std::vector<std::int64_t>* picked) override {
    return corners_->again(offsets) && run_->write_rows(values, picked);
  }

 private:
  std::shared_ptr<const Gathered> how_;
  std::unique_ptr<Portions> corners_;
  Value value_;
  std::vector<Start> starts_; // none once it is entered
  Ref numbers_;
  std::unique_ptr<GatheredRun> run_;
};

} // namespace

std::unique_ptr<Portions> portions_of(Corners how, Start polygons, Start corners, PyObject* rows) {
  return std::make_unique<CornerPortions>(std::move(how), std::move(polygons), std::move(corners),
                                          rows);
}

std::unique_ptr<Portions> portions_of(Curves how, Start points, PyObject* rows) {
  return std::make_unique<CurvePortions>(std::move(how), std::move(points), rows);
}

std::unique_ptr<Portions> portions_of(std::shared_ptr<const Gathered> how,
                                      std::unique_ptr<Portions> corners, std::vector<Start> starts,
                                      PyObject* numbers) {
  return std::make_unique<GatherPortions>(std::move(how), std::move(corners), std::move(starts),
                                          numbers);
}

} // namespace rnaslicer::runtime
