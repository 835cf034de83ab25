// runtime/trail/several/many.cpp: many collections along one trail.
#include "runtime/trail/several/many.hpp"

#include "runtime/blender/bpy.hpp"
#include "runtime/blender/names.hpp"
#include "runtime/supplier/roster.hpp"
#include "runtime/trail/several/drawings.hpp"
#include "runtime/trail/several/padding.hpp"
#include "runtime/trail/several/same.hpp"

#include <algorithm>
#include <span>

namespace rnaslicer::runtime {

namespace {

class ManyRun : public Run {
 public:
  ManyRun(std::shared_ptr<const Trail> trail, Outer outer, const Structs& found,
          std::vector<Segment> segments, std::vector<Lead> leads, SameStructs same, Form form,
          std::unique_ptr<Between> between)
      : Run(std::move(trail)), outer_(std::move(outer)), outer_length_(found.length),
        widths_(found.widths), outer_counted_(found.counted), segments_(std::move(segments)),
        leads_(std::move(leads)), same_(std::move(same)), form_(std::move(form)),
        between_(std::move(between)) {}

  bool refresh(PyObject* cache, PyObject* view) override;
  bool update(PyObject* cache, PyObject* view) override;
  [[nodiscard]] Ref domain() const override;
  [[nodiscard]] std::vector<Py_ssize_t> counted() const override;
  [[nodiscard]] std::vector<Py_ssize_t> lengths() const override;
  [[nodiscard]] const std::vector<std::uint32_t>* uids() const override {
    return members_.empty() ? nullptr : &uids_;
  }
  /// What stands for rows that are not there.
  void pad_rest(PyObject* cache, const std::vector<jit::Span>& region = {}) const {
    if (is_padded())
      pad(cache, lengths(), form_.fill, region);
  }
  void keep(Roster members) {
    members_ = std::move(members.structs);
    uids_ = std::move(members.uids);
  }

 private:
  [[nodiscard]] bool is_padded() const { return form_.kind == Form::Kind::padded; }
  [[nodiscard]] Py_ssize_t rows_at(std::size_t i) const {
    return rows_of(trail(), segments_[i].length).count;
  }
  std::optional<Structs> structs_again() const;
  [[nodiscard]] std::optional<std::vector<std::optional<Target>>>
  targets(PyObject* cache, const std::vector<jit::Span>& region) const;

  Outer outer_;
  Py_ssize_t outer_length_ = 0;                    // of the collection
  std::vector<Py_ssize_t> widths_, outer_counted_; // as Structs has them
  std::vector<Ref> members_; // datablocks as at enter: bpy has one object for each while held
  std::vector<std::uint32_t> uids_; // of these, which may be dead by now
  std::vector<Segment> segments_;
  std::vector<Lead> leads_; // by segment
  SameStructs same_;
  Form form_;
  std::unique_ptr<Between> between_; // null: the values themselves
};

std::vector<Py_ssize_t> ManyRun::lengths() const {
  std::vector<Py_ssize_t> all;
  for (std::size_t i = 0; is_padded() && i < segments_.size(); ++i)
    all.push_back(rows_at(i));
  return all;
}

Ref ManyRun::domain() const {
  if (!trail().is_layers)
    return Ref::borrow(Py_None);
  const auto count = static_cast<Py_ssize_t>(segments_.size());
  Ref all = checked(PyTuple_New(count));
  for (Py_ssize_t i = 0; i < count; ++i) {
    PyObject* const domain = segments_[static_cast<std::size_t>(i)].domain.get();
    if (domain == nullptr)
      return Ref::borrow(Py_None);
    Ref pair = checked(PyTuple_Pack(2, reinterpret_cast<PyObject*>(trail().owner), domain));
    PyTuple_SetItem(all.get(), i, pair.release());
  }
  return all;
}

std::vector<Py_ssize_t> ManyRun::counted() const {
  std::vector<Py_ssize_t> all;
  for (const Segment& segment : segments_)
    all.insert(all.end(), segment.counted.begin(), segment.counted.end());
  all.insert(all.end(), outer_counted_.begin(), outer_counted_.end());
  if (!outer_.is_list)
    all.push_back(outer_length_);
  return all;
}

/// The structs, if they are as many as at enter, and the same where that can be told.
std::optional<Structs> ManyRun::structs_again() const {
  auto found = structs_of(outer_);
  if (!found || found->length != outer_length_ || found->widths != widths_ ||
      found->counted != outer_counted_ || found->structs.size() != segments_.size())
    return std::nullopt;
  for (std::size_t i = 0; i < members_.size(); ++i)
    if (members_[i].get() != found->members()[i].get())
      return std::nullopt;
  return found;
}

std::optional<std::vector<std::optional<Target>>>
ManyRun::targets(PyObject* cache, const std::vector<jit::Span>& region) const {
  std::vector<Py_ssize_t> counts;
  counts.reserve(segments_.size());
  for (std::size_t i = 0; i < segments_.size(); ++i)
    counts.push_back(rows_at(i));
  return targets_of(trail(), form_, outer_, widths_, counts, cache, region);
}

/// Blender to cache: `places` in turn of the legs of each part.
void fill_all(const Trail& trail, Between* between, std::span<const Located> places,
              std::span<Part> parts) {
  if (between == nullptr)
    return fill_segments(trail, places, parts);
  const std::size_t legs = trail.legs.size();
  for (std::size_t i = 0; i < parts.size(); ++i) { // what stands between is one thing at a time
    parts[i].target->matrices = between->of(parts[i].number);
    fill_segment(trail, places.subspan(i * legs, legs), parts[i].length, *parts[i].target);
  }
}

bool ManyRun::refresh(PyObject* cache, PyObject* view) {
  if (stale(trail()) || !is_free())
    return false;
  const std::vector<jit::Span> region = region_of(cache, view);
  auto parts = targets(cache, region);
  const auto found = parts ? structs_again() : std::nullopt;
  if (!found || (between_ && !between_->look(found->structs)))
    return false;
  const std::vector<Ref>& structs = found->structs;
  std::vector<Located> places; // by leg, of each segment of which something moves
  places.reserve(trail().legs.size() * structs.size());
  same_.look(structs);
  for (std::size_t i = 0; i < structs.size(); ++i) {
    const Segment& segment = segments_[i];
    fetch_ahead(trail(), std::span(leads_).subspan(i));
    same_.fetch_ahead(i);
    if (const auto told = same_.told(i); told && told->length == segment.length) {
      if ((*parts)[i])
        places.insert(places.end(), trail().legs.size(), told->located);
      continue;
    }
    if (const auto told =
            told_behind(trail(), segment.kept, segment.length, structs[i].get(), leads_[i])) {
      if ((*parts)[i])
        places.push_back(*told);
      continue;
    }
    const auto reached =
        as_at_enter(trail(), segment, follow(trail(), structs[i].get(), found->id.get()));
    if (!reached)
      return false;
    if (!(*parts)[i])
      continue;
    if (!locate_segment(trail(), segment, *reached, places))
      return false;
    same_.note(i, std::span(places).last(trail().legs.size()), segment.length, false);
  }
  std::vector<Part> moved;
  moved.reserve(structs.size());
  for (std::size_t i = 0; i < structs.size(); ++i)
    if ((*parts)[i])
      moved.push_back({segments_[i].length, &*(*parts)[i], i});
  fill_all(trail(), between_.get(), places, moved);
  pad_rest(cache, region);
  return true;
}

bool ManyRun::update(PyObject* cache, PyObject* view) {
  const Trail* const way = between_ ? between_->written() : &trail();
  if (way == nullptr || stale(trail()) || stale(*way) || !is_free())
    return false;
  auto parts = targets(cache, region_of(cache, view));
  const auto found = parts ? structs_again() : std::nullopt;
  if (!found || !no_mode_overwrites(*way) || (between_ && !between_->look(found->structs)))
    return false;
  const std::vector<Ref>& structs = found->structs;
  const bool may_link = has_libraries();
  const PyObject* checked_id = nullptr; // most often theirs is one, or each has its own
  std::vector<std::optional<Reached>> all;
  std::vector<Ref> made(between_ ? structs.size() : 0); // what is written in place of the cache
  all.reserve(structs.size());
  for (std::size_t i = 0; i < structs.size(); ++i) {
    auto& part = (*parts)[i];
    if (part && between_) {
      if (!between_->takes(part->region))
        return false;
      part = between_->values(i, *part, rows_at(i), made[i]);
    }
    auto reached = as_at_enter(*way, segments_[i], follow(*way, structs[i].get(), found->id.get()));
    if (!reached)
      return false;
    // The routes refuse also where one is in edit mode whose part is not written.
    if (PyObject* const id = reached->id.get();
        id != checked_id && (!is_own(id, may_link) || !takes_writes(*way, id)))
      return false;
    if (part && !fits_writes(*way, *reached, *part))
      return false;
    checked_id = reached->id.get();
    all.push_back(std::move(reached)); // also, so that no other object gets the datablock's address
  }
  bool proven = false;
  const bool at_once = are_drawings(*way);
  Drawings drawings;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!(*parts)[i])
      continue;
    const Ref id = Ref::borrow(all[i]->id.get());
    std::size_t next = i + 1;
    while (at_once && next < all.size() && !(*parts)[next])
      ++next;
    const bool ends = !at_once || next >= all.size() || all[next]->id.get() != id.get();
    const Follow follow_one = [&]() -> std::optional<Reached> {
      const Ref again = struct_again(outer_, *found, !members_.empty(), static_cast<Py_ssize_t>(i));
      return again ? follow(*way, again.get()) : std::nullopt;
    };
    // What was written meanwhile may have moved a struct, but no datablock.
    std::optional<Reached> reached = std::move(all[i]);
    if (!(way->stays || at_once) || (proven && !outer_.ways.empty()) ||
        length_of(*way, reached->collection.get()) != segments_[i].length) {
      PyErr_Clear();
      reached.reset();
    }
    if (!ends)
      drawings.begin(id.get());
    try {
      if (!write_segment(*way, segments_[i], std::move(reached), follow_one, *(*parts)[i], proven,
                         ends))
        return false; // the routes write all of them, those that are written again
    } catch (const PythonError&) {
      return drop_error(), false; // and they say which were written
    } catch (const std::bad_alloc&) {
      return false; // the same
    }
    if (ends)
      drawings.end();
    proven = true;
  }
  return true;
}

/// Segment and places of a struct that is what it was when these were compared with bpy's.
std::optional<Entered> same_as_before(const Trail& trail, SameStructs& same, std::size_t at) {
  const auto told = same.told(at);
  if (!told || !told->compared || !std::ranges::all_of(trail.legs, [&](const Leg& leg) {
        return is_doubtless(leg, told->length, told->located);
      }))
    return std::nullopt;
  const std::size_t legs = trail.legs.size();
  return Entered{{told->length, {}, {}, {}, std::vector<bool>(legs)},
                 std::vector<Located>(legs, told->located)};
}

/// How wide padded rows are; nothing where one has more.
std::optional<Py_ssize_t> width_of(const Form& form, const std::vector<Py_ssize_t>& offsets) {
  Py_ssize_t longest = 0;
  for (std::size_t i = 1; i < offsets.size(); ++i)
    longest = std::max(longest, offsets[i] - offsets[i - 1]);
  if (form.width >= 0 && form.width < longest)
    return std::nullopt;
  return form.width < 0 ? longest : form.width;
}

/// Segment and place of one struct's collection at an enter, as bpy gave it before in this session,
/// or by all steps. anew: three elements are compared with bpy's, though some were in this session.
std::optional<Entered> entered_behind(const Trail& trail, PyObject* one, PyObject* id, bool anew,
                                      Lead& lead) {
  if (!anew)
    if (const auto known = known_behind(trail, one, lead);
        known && is_doubtless(trail.legs.front(), known->length, known->located))
      return Entered{{known->length, {}, {}, {}, {false}}, {known->located}};
  const auto reached = follow(trail, one, id);
  if (!reached)
    return std::nullopt;
  return rows_of(trail, reached->length).count > 0
             ? enter_segment(trail, *reached, anew ? Compared::three : Compared::none)
             : enter_empty(trail, *reached);
}

/// What led from each of so many structs when that was last entered, perhaps from others.
std::vector<Lead> leads_before(const Trail& trail, std::size_t count) {
  std::vector<Lead> leads = trail.keeps ? trail.keeps->seen->last : std::vector<Lead>();
  leads.resize(count);
  return leads;
}

} // namespace

std::unique_ptr<Run> enter(std::shared_ptr<const Trail> trail, Outer outer, Form form,
                           IdPlaces places, std::unique_ptr<Between> between, PyObject* wrapper,
                           ManyCache& made) {
  if (stale(*trail) || !is_free() || is_due(*trail))
    return nullptr;
  const bool is_equal = form.kind == Form::Kind::equal;
  auto found = structs_of(outer);
  if (!found || found->structs.empty() || (!found->widths.empty() && !is_equal) ||
      (between && !between->look(found->structs)))
    return nullptr;
  std::vector<Ref>& structs = found->structs;
  std::vector<Located> places_of_all; // by leg, of each that has rows
  std::vector<Segment> segments;
  places_of_all.reserve(trail->legs.size() * structs.size());
  segments.reserve(structs.size());
  made.offsets.assign(1, 0);
  std::vector<Lead> leads = leads_before(*trail, structs.size());
  SameStructs same(*trail, structs.size());
  same.look(structs);
  for (std::size_t i = 0; i < structs.size(); ++i) {
    const Ref& one = structs[i];
    // Of what was compared before, in this session, three are enough.
    const bool anew = i == 0 || i == structs.size() / 2 || i + 1 == structs.size();
    fetch_ahead(*trail, std::span(leads).subspan(i));
    same.fetch_ahead(i);
    auto entered = anew ? std::nullopt : same_as_before(*trail, same, i);
    if (!entered) {
      same.expect(i);
      entered = entered_behind(*trail, one.get(), found->id.get(), anew, leads[i]);
      if (!entered)
        return nullptr;
      same.note(i, entered->places, entered->segment.length, true);
    }
    const Rows rows = rows_of(*trail, entered->segment.length);
    if (is_equal && (rows.count == 0 || (made.offsets.size() > 1 && rows.count != made.offsets[1])))
      return nullptr;
    made.offsets.push_back(made.offsets.back() + rows.count);
    if (rows.count != 0)
      places_of_all.insert(places_of_all.end(), entered->places.begin(), entered->places.end());
    segments.push_back(std::move(entered->segment));
  }
  if (made.offsets.back() == 0)
    return nullptr;
  if (form.kind == Form::Kind::padded) {
    const auto width = width_of(form, made.offsets);
    if (!width)
      return nullptr;
    form.width = *width;
  }
  const Py_ssize_t rows = is_equal ? made.offsets[1] : form.width;
  auto shape = axes_of(outer, found->widths, structs.size());
  shape.push_back(rows);
  if (form.kind == Form::Kind::flat)
    shape = {made.offsets.back()};
  made.cache = allocate_cache(*trail, std::move(shape), wrapper);
  if (!made.cache)
    return nullptr;
  std::optional<Roster> members;
  if (!outer.is_list && is_datablock(found->members().front().get())) {
    members = members_of(std::move(found->members()), places, nullptr);
    if (!members)
      return nullptr;
  }
  std::vector<Target> targets;
  std::vector<Part> moved;
  targets.reserve(segments.size()); // parts point into it
  for (std::size_t i = 0; fills(wrapper) && i < segments.size(); ++i) {
    if (made.offsets[i] == made.offsets[i + 1])
      continue;
    const Py_ssize_t first =
        form.kind == Form::Kind::padded ? static_cast<Py_ssize_t>(i) * form.width : made.offsets[i];
    targets.push_back({made.cache.get(), first, {}});
    moved.push_back({segments[i].length, &targets.back(), i});
  }
  if (!moved.empty())
    fill_all(*trail, between.get(), places_of_all, moved);
  if (trail->keeps)
    trail->keeps->seen->last = leads;
  same.keep();
  auto run = std::make_unique<ManyRun>(std::move(trail), std::move(outer), *found,
                                       std::move(segments), std::move(leads), std::move(same),
                                       std::move(form), std::move(between));
  if (members)
    run->keep(std::move(*members));
  if (fills(wrapper))
    run->pad_rest(made.cache.get());
  return run;
}

} // namespace rnaslicer::runtime
