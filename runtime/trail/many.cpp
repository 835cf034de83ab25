// runtime/trail/many.cpp: many collections along one trail.
#include "runtime/trail/many.hpp"

#include "runtime/blender/bpy.hpp"
#include "runtime/blender/names.hpp"
#include "runtime/supplier/roster.hpp"

#include <algorithm>

namespace rnaslicer::runtime {

namespace {

/// The structs now, and how they were counted.
struct Found {
  std::vector<Ref> structs;
  Py_ssize_t length = 0;           ///< of the collection they are elements of
  Py_ssize_t width = 0;            ///< in two levels: how many are in each element
  std::vector<Py_ssize_t> counted; ///< lengths of the collections that counted steps to it pass
  Ref id;                          ///< its datablock; null for a list
};

/// Appends what bpy lists of a collection; how many, or -1.
Py_ssize_t append(PyObject* collection, PyObject* rows, std::vector<Ref>& structs) {
  const Ref picked = Ref::steal(PyObject_GetItem(collection, rows));
  if (!picked || PyList_Check(picked.get()) == 0)
    return PyErr_Clear(), -1;
  for (Py_ssize_t i = 0; i < PyList_Size(picked.get()); ++i)
    structs.push_back(Ref::borrow(PyList_GetItem(picked.get(), i)));
  return PyList_Size(picked.get());
}

/// What steps lead to from a struct; empty, without an error, where they lead nowhere.
Ref behind(PyObject* from, const std::vector<Step>& steps) {
  Ref reached = Ref::borrow(from);
  for (const Step& step : steps)
    if (reached)
      reached = take_step(step, reached.get());
  if (!reached)
    PyErr_Clear();
  return reached;
}

/// All elements of the collections behind the structs, if these are equally long.
bool go_deeper(const Outer& outer, Found& found) {
  const Ref all = checked(PySlice_New(nullptr, nullptr, nullptr));
  std::vector<Ref> inner;
  for (const Ref& one : found.structs) {
    const Ref collection = behind(one.get(), outer.mid);
    const Py_ssize_t count = collection ? append(collection.get(), all.get(), inner) : -1;
    if (count <= 0 || (found.width != 0 && count != found.width))
      return false;
    found.width = count;
  }
  found.structs = std::move(inner);
  return true;
}

/// The collection that the structs, or those above them, are elements of; empty where it is gone.
Ref collection_of(const Outer& outer, std::vector<Py_ssize_t>& counted) {
  Ref reached = struct_of(as_watched(outer.roots.front().get()));
  for (const Step& step : outer.steps) {
    if (reached && step.is_counted)
      counted.push_back(PyObject_Size(reached.get()));
    if (reached)
      reached = take_step(step, reached.get());
  }
  if (!reached)
    PyErr_Clear();
  return reached;
}

/// Nothing where one is gone.
std::optional<Found> structs_of(const Outer& outer) {
  Found found;
  if (Roster* const roster = outer.roster ? as_roster(outer.roster.get()) : nullptr) {
    if (!addresses_of(*roster))
      return std::nullopt;
    for (const Ref& one : roster->structs)
      found.structs.push_back(Ref::borrow(one.get()));
    return found;
  }
  if (outer.is_list) {
    found.structs.reserve(outer.roots.size());
    for (const Ref& root : outer.roots) {
      found.structs.push_back(alive(as_watched(root.get())));
      if (!found.structs.back())
        return std::nullopt;
    }
    return found;
  }
  const Ref collection = collection_of(outer, found.counted);
  found.length = collection ? PyObject_Size(collection.get()) : -1;
  if (found.length < 0 || append(collection.get(), outer.rows.get(), found.structs) < 0)
    return PyErr_Clear(), std::nullopt;
  if (!outer.mid.empty() && !go_deeper(outer, found))
    return std::nullopt;
  found.id = attr(collection.get(), names().id_data);
  PyErr_Clear();
  return found;
}

/// Whether bpy gives one object for each such struct as long as somebody holds it, so that it tells
/// which one it is: datablocks.
bool is_datablock(PyObject* object) {
  const Ref library = attr(object, names().library);
  PyErr_Clear();
  return static_cast<bool>(library);
}

/// The cache's axes of structs and rows.
std::vector<Py_ssize_t> shape_of(const Outer& outer, const Found& found, Py_ssize_t rows) {
  const auto count = static_cast<Py_ssize_t>(found.structs.size());
  std::vector<Py_ssize_t> shape{count};
  if (found.width != 0)
    shape = {count / found.width, found.width};
  shape.insert(shape.end(), static_cast<std::size_t>(outer.ones), 1);
  shape.push_back(rows);
  return shape;
}

class ManyRun : public Run {
 public:
  ManyRun(std::shared_ptr<const Trail> trail, Outer outer, const Found& found,
          std::vector<Segment> segments, bool flat)
      : Run(std::move(trail)), outer_(std::move(outer)), outer_length_(found.length),
        width_(found.width), outer_counted_(found.counted), segments_(std::move(segments)),
        flat_(flat) {}

  bool refresh(PyObject* cache, PyObject* view) override;
  bool update(PyObject* cache, PyObject* view) override;
  [[nodiscard]] std::vector<Py_ssize_t> counted() const override;
  [[nodiscard]] const std::vector<std::uint32_t>* uids() const override {
    return structs_.empty() ? nullptr : &uids_;
  }
  void keep(Roster members) {
    structs_ = std::move(members.structs);
    uids_ = std::move(members.uids);
  }

 private:
  std::optional<Found> structs_again() const;
  Ref struct_again(const std::vector<Ref>& structs, Py_ssize_t at) const;
  std::optional<std::vector<std::optional<Target>>> targets(PyObject* cache, PyObject* view) const;

  Outer outer_;
  Py_ssize_t outer_length_ = 0; // of the collection
  Py_ssize_t width_ = 0;        // in two levels: structs in each element
  std::vector<Py_ssize_t> outer_counted_;
  std::vector<Ref> structs_; // datablocks as at enter: bpy has one object for each while held
  std::vector<std::uint32_t> uids_; // of these, which may be dead by now
  std::vector<Segment> segments_;
  bool flat_ = false;
};

std::vector<Py_ssize_t> ManyRun::counted() const {
  std::vector<Py_ssize_t> all;
  for (const Segment& segment : segments_)
    all.insert(all.end(), segment.counted.begin(), segment.counted.end());
  all.insert(all.end(), outer_counted_.begin(), outer_counted_.end());
  return all;
}

/// The structs, if they are as many as at enter, and the same where that can be told.
std::optional<Found> ManyRun::structs_again() const {
  auto found = structs_of(outer_);
  if (!found || found->length != outer_length_ || found->width != width_ ||
      found->counted != outer_counted_ || found->structs.size() != segments_.size())
    return std::nullopt;
  for (std::size_t i = 0; i < structs_.size(); ++i)
    if (structs_[i].get() != found->structs[i].get())
      return std::nullopt;
  return found;
}

/// One of the structs, asked again where an assignment may have moved it: not datablocks.
Ref ManyRun::struct_again(const std::vector<Ref>& structs, Py_ssize_t at) const {
  if (outer_.is_list || !structs_.empty())
    return Ref::borrow(structs[static_cast<std::size_t>(at)].get());
  const Ref collection = follow_steps(outer_.steps, as_watched(outer_.roots.front().get()));
  Py_ssize_t start = 0;
  Py_ssize_t stop = 0;
  Py_ssize_t step = 1;
  if (!collection || PySlice_Unpack(outer_.rows.get(), &start, &stop, &step) < 0)
    return PyErr_Clear(), Ref();
  PySlice_AdjustIndices(outer_length_, &start, &stop, step);
  const Py_ssize_t outer = width_ == 0 ? at : at / width_;
  Ref found = Ref::steal(PySequence_GetItem(collection.get(), start + outer * step));
  if (found && width_ != 0)
    found = behind(found.get(), outer_.mid);
  if (found && width_ != 0)
    found = Ref::steal(PySequence_GetItem(found.get(), at % width_));
  PyErr_Clear();
  return found;
}

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

/// For each segment its rows of the cache and their part; null where nothing of it moves. Nothing
/// at all for a part that the routes know better.
std::optional<std::vector<std::optional<Target>>> ManyRun::targets(PyObject* cache,
                                                                   PyObject* view) const {
  const std::vector<jit::Span> region = region_of(cache, view);
  const auto outside = static_cast<std::size_t>(width_ != 0 ? 2 : 1); // axes of structs
  const std::size_t above = flat_ ? 0 : outside + static_cast<std::size_t>(outer_.ones);
  if (!region.empty() && (trail().legs.size() != 1 || region.size() < above + 1))
    return std::nullopt;
  for (const jit::Span& span : region)
    if (span.count == 0)
      return std::nullopt;
  std::vector<std::optional<Target>> found;
  found.reserve(segments_.size());
  std::int64_t row = 0;
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    const std::int64_t count = rows_of(trail(), segments_[i].length).count;
    Target target{cache, row, {}};
    bool moves = true;
    if (!region.empty() && flat_) {
      target.region = region;
      target.region.front() = within(region.front(), row, count);
      moves = target.region.front().count > 0;
    } else if (!region.empty()) {
      target.region.assign(region.begin() + static_cast<std::ptrdiff_t>(above), region.end());
      const auto at = static_cast<std::int64_t>(i);
      moves = width_ == 0 ? within(region[0], at, 1).count > 0
                          : within(region[0], at / width_, 1).count > 0 &&
                                within(region[1], at % width_, 1).count > 0;
    }
    found.push_back(moves ? std::optional(std::move(target)) : std::nullopt);
    row += count;
  }
  return found;
}

bool ManyRun::refresh(PyObject* cache, PyObject* view) {
  if (stale(trail()) || !is_free())
    return false;
  const auto parts = targets(cache, view);
  const auto found = parts ? structs_again() : std::nullopt;
  if (!found)
    return false;
  const std::vector<Ref>& structs = found->structs;
  std::vector<std::vector<Located>> places(structs.size());
  for (std::size_t i = 0; i < structs.size(); ++i) {
    const auto reached =
        as_at_enter(trail(), segments_[i], follow(trail(), structs[i].get(), found->id.get()));
    if (!reached)
      return false;
    if (!(*parts)[i])
      continue;
    auto located = locate_segment(trail(), segments_[i], *reached);
    if (!located)
      return false;
    places[i] = std::move(*located);
  }
  for (std::size_t i = 0; i < places.size(); ++i)
    if ((*parts)[i])
      fill_segment(trail(), places[i], segments_[i].length, *(*parts)[i]);
  return true;
}

bool ManyRun::update(PyObject* cache, PyObject* view) {
  if (stale(trail()) || !is_free())
    return false;
  const auto parts = targets(cache, view);
  const auto found = parts ? structs_again() : std::nullopt;
  if (!found || !no_mode_overwrites(trail()))
    return false;
  const std::vector<Ref>& structs = found->structs;
  const PyObject* checked_id = nullptr; // most often theirs is one, or each has its own
  std::vector<std::optional<Reached>> all;
  all.reserve(structs.size());
  for (std::size_t i = 0; i < structs.size(); ++i) {
    auto reached =
        as_at_enter(trail(), segments_[i], follow(trail(), structs[i].get(), found->id.get()));
    if (!reached)
      return false;
    // The routes refuse also where one is in edit mode whose part is not written.
    if (PyObject* const id = reached->id.get();
        id != checked_id && (!is_own(id) || !takes_writes(trail(), id)))
      return false;
    if ((*parts)[i] && !fits_writes(trail(), *reached, *(*parts)[i]))
      return false;
    checked_id = reached->id.get();
    all.push_back(std::move(reached)); // also, so that no other object gets the datablock's address
  }
  bool proven = false;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!(*parts)[i])
      continue;
    const Follow follow_one = [&]() -> std::optional<Reached> {
      const Ref again = struct_again(structs, static_cast<Py_ssize_t>(i));
      return again ? follow(trail(), again.get()) : std::nullopt;
    };
    // What was written meanwhile may have moved a struct, but no datablock.
    std::optional<Reached> reached = std::move(all[i]);
    if (!trail().stays || PyObject_Size(reached->collection.get()) != segments_[i].length) {
      PyErr_Clear();
      reached.reset();
    }
    try {
      if (!write_segment(trail(), segments_[i], std::move(reached), follow_one, *(*parts)[i],
                         proven))
        return false; // the routes write all of them, those that are written again
    } catch (const PythonError&) {
      return PyErr_Clear(), false; // and they say which were written
    } catch (const std::bad_alloc&) {
      return false; // the same
    }
    proven = true;
  }
  return true;
}

} // namespace

std::unique_ptr<Run> enter(std::shared_ptr<const Trail> trail, Outer outer, bool flat,
                           IdPlaces places, PyObject* wrapper, ManyCache& made) {
  if (stale(*trail) || !is_free())
    return nullptr;
  auto found = structs_of(outer);
  if (!found || found->structs.empty())
    return nullptr;
  std::vector<Ref>& structs = found->structs;
  std::vector<std::vector<Located>> all;
  std::vector<Segment> segments;
  all.reserve(structs.size());
  segments.reserve(structs.size());
  made.offsets.assign(1, 0);
  for (std::size_t i = 0; i < structs.size(); ++i) {
    const Ref& one = structs[i];
    // Of what was compared before, in this session, three are enough.
    const bool anew = i == 0 || i == structs.size() / 2 || i + 1 == structs.size();
    const auto reached = follow(*trail, one.get(), found->id.get());
    const Rows rows = reached ? rows_of(*trail, reached->length) : Rows();
    auto entered = rows.count > 0 ? enter_segment(*trail, *reached, anew) : std::nullopt;
    if (!entered)
      return nullptr;
    if (!flat && made.offsets.size() > 1 && rows.count != made.offsets[1])
      return nullptr;
    made.offsets.push_back(made.offsets.back() + rows.count);
    all.push_back(std::move(entered->places));
    segments.push_back(std::move(entered->segment));
  }
  const Py_ssize_t rows = made.offsets[1];
  made.cache = flat ? allocate_cache(*trail, {made.offsets.back()}, wrapper)
                    : allocate_cache(*trail, shape_of(outer, *found, rows), wrapper);
  for (std::size_t i = 0; i < all.size(); ++i)
    fill_segment(*trail, all[i], segments[i].length, {made.cache.get(), made.offsets[i], {}});
  std::optional<Roster> members;
  if (!outer.is_list && is_datablock(structs.front().get())) {
    members = members_of(std::move(structs), places, nullptr);
    if (!members)
      return nullptr;
  }
  auto run = std::make_unique<ManyRun>(std::move(trail), std::move(outer), *found,
                                       std::move(segments), flat);
  if (members)
    run->keep(std::move(*members));
  return run;
}

} // namespace rnaslicer::runtime
