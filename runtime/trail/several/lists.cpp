// runtime/trail/several/lists.cpp: enter, refresh and update of many lists.
#include "runtime/trail/several/lists.hpp"

#include "runtime/blender/bpy.hpp"
#include "runtime/trail/several/apart.hpp"
#include "runtime/trail/several/bulk.hpp"
#include "runtime/trail/several/looked.hpp"
#include "runtime/trail/whole.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace rnaslicer::runtime {

namespace {

class ListsRun : public Run {
 public:
  ListsRun(std::shared_ptr<const Trail> trail, Outer outer, Form form, Lists known, Roster members)
      : Run(std::move(trail)), outer_(std::move(outer)), form_(std::move(form)),
        known_(std::move(known)), kinds_(known_.kinds), members_(std::move(members)) {
    known_.forget(); // bpy's objects for them are no identity, but those of members_
  }

  bool refresh(PyObject* cache, PyObject* view) override;
  bool update(PyObject* cache, PyObject* view) override;
  [[nodiscard]] std::vector<Py_ssize_t> counted() const override;
  [[nodiscard]] Ref kinds() const override;
  [[nodiscard]] const std::vector<std::uint32_t>* uids() const override {
    return members_.structs.empty() ? nullptr : &members_.uids;
  }

 private:
  [[nodiscard]] bool is_struct() const { return trail().list->how == Listing::How::itself; }
  [[nodiscard]] std::optional<Lists> again(Keeps keeps = Keeps::nothing) const;
  [[nodiscard]] std::optional<Targets>
  targets(PyObject* cache, const std::vector<jit::Span>& region, bool is_update) const;
  [[nodiscard]] bool may_write(const Lists& now) const;
  [[nodiscard]] bool assign_each(PyObject* cache, const std::vector<jit::Span>& region) const;
  [[nodiscard]] bool assign_structs(const Lists& asked, const Target& target) const;
  [[nodiscard]] bool assign_lists(const Lists& asked, const Targets& parts) const;
  [[nodiscard]] Ref objects_there(const Lists& asked, std::size_t i, std::size_t first,
                                  const jit::Span& part, std::optional<Reached>& reached) const;
  [[nodiscard]] std::optional<Reached> reached_again(const Lists& now, std::size_t i) const;
  [[nodiscard]] bool tell_each(const Lists& now, const std::vector<Told>& told) const;

  Outer outer_;
  Form form_;
  Lists known_;                      // addresses of the last call: they guide the next walks
  std::vector<PyTypeObject*> kinds_; // as at enter; the trail keeps the classes
  Roster members_;                   // the structs that are a collection's datablocks; else empty
};

std::vector<Py_ssize_t> ListsRun::counted() const {
  std::vector<Py_ssize_t> all = known_.counted;
  if (!outer_.is_list)
    all.push_back(known_.found.length);
  return all;
}

/// The lists, if they are as many and as long as at enter.
std::optional<Lists> ListsRun::again(Keeps keeps) const {
  auto now = look(trail(), outer_, &known_, keeps);
  if (!now || now->lengths != known_.lengths || now->counted != known_.counted ||
      now->found.length != known_.found.length || now->found.widths != known_.found.widths)
    return std::nullopt;
  for (std::size_t i = 0; i < members_.structs.size(); ++i)
    if (members_.structs[i].get() != now->found.members()[i].get())
      return std::nullopt;
  return now;
}

/// Nothing for a part that the routes know better.
std::optional<Targets> ListsRun::targets(PyObject* cache, const std::vector<jit::Span>& region,
                                         bool is_update) const {
  if (is_update && trail().legs.size() != 1)
    return std::nullopt;
  return targets_of(trail(), form_, outer_, known_.found.widths, known_.lengths, cache, region);
}

bool ListsRun::refresh(PyObject* cache, PyObject* view) {
  if (stale(trail()) || !is_free())
    return false;
  const std::vector<jit::Span> region = region_of(cache, view);
  const bool is_rows =
      is_struct() && outer_.levels.empty() && divides(trail(), region) &&
      std::ranges::none_of(region, [](const jit::Span& span) { return span.count == 0; });
  const auto parts = region.empty() || is_rows ? std::optional(Targets())
                     : is_struct()             ? std::nullopt
                                               : targets(cache, region, false);
  auto now = parts ? again() : std::nullopt;
  if (!now)
    return false;
  if (region.empty()) {
    if (!fill(trail(), *now, cache))
      return false;
  } else if (is_asked(trail())) {
    if (!fill_told(trail(), *now, {cache, 0, region}))
      return false;
  } else {
    const Rows every{0, 1, static_cast<Py_ssize_t>(now->elements.size())};
    std::vector<Addresses> rows;
    for (const Leg& leg : trail().legs) {
      auto found = rows_at(leg, now->elements, every);
      if (!found)
        return false;
      rows.push_back(std::move(*found));
    }
    const Target target{cache, 0, region};
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const Leg& leg = trail().legs[i];
      if (!is_rows)
        move_parts(trail(), leg, jit::Direction::refresh, *now, rows[i], *parts);
      else if (const auto part = on_leg(leg, target))
        move_apart(leg, jit::Direction::refresh, rows[i], cache, part->region);
    }
  }
  known_.elements = std::move(now->elements);
  return true;
}

/// Whether bpy lets all datablocks be written, also those of which no part is, and keeps that.
bool ListsRun::may_write(const Lists& now) const {
  const bool may_link = has_libraries();
  const PyObject* checked_id = nullptr;
  for (std::size_t i = 0; i < now.reached.size(); ++i) {
    const Reached& reached = now.reached[i];
    PyObject* const id = reached.id.get();
    if (id == checked_id)
      continue;
    PyObject* const from = now.found.structs[i].get();
    const bool own = is_own(id, may_link);
    if ((!is_kept(reached, own, from, trail().steps, !own && is_own(from)) &&
         !lives_in_own(outer_, reached, i, now.reached.size())) ||
        is_edited(id) || !lets_write(id) ||
        !(trail().by_user ? takes_writes(trail(), id) : is_whole(trail(), id)))
      return false;
    checked_id = id;
  }
  return true;
}

/// A list, asked again after assignments.
std::optional<Reached> ListsRun::reached_again(const Lists& now, std::size_t i) const {
  const Ref from =
      struct_again(outer_, now.found, !members_.structs.empty(), static_cast<Py_ssize_t>(i));
  return from ? follow(trail(), from.get(), now.found.id.get()) : std::nullopt;
}

/// bpy's objects for a part of a list, found anew, if they are those that were looked at: from
/// `first` on among all elements.
Ref ListsRun::objects_there(const Lists& asked, std::size_t i, std::size_t first,
                            const jit::Span& part, std::optional<Reached>& reached) const {
  reached = reached_again(asked, i);
  if (!reached)
    return {};
  Ref objects;
  if (is_struct()) {
    objects = checked(PyList_New(1));
    PyList_SetItem(objects.get(), 0, Ref::borrow(reached->collection.get()).release());
  } else {
    objects = objects_at(*reached, asked.lengths[i], {0, 1, asked.lengths[i]}, part);
  }
  for (Py_ssize_t k = 0; objects && k < PyList_Size(objects.get()); ++k) {
    const auto at =
        is_struct() ? first : first + static_cast<std::size_t>(part.start + k * part.step);
    const auto address = address_of(PyList_GetItem(objects.get(), k));
    if (!address || *address != static_cast<std::uint64_t>(asked.elements[at]))
      return PyErr_Clear(), Ref();
  }
  return objects;
}

/// Of structs, each found anew right before it is assigned.
bool ListsRun::assign_structs(const Lists& asked, const Target& target) const {
  std::vector<Wanted> all;
  std::optional<Reached> reached;
  for (const Leg& leg : trail().legs)
    if (const auto part = on_leg(leg, target)) {
      all.emplace_back(trail(), leg, *part, static_cast<std::int64_t>(asked.elements.size()));
      if (!all.back().is_possible())
        return false;
      const jit::Span& rows = all.back().rows();
      Leads lead;
      for (std::int64_t k = 0; k < rows.count; ++k) {
        const auto i = static_cast<std::size_t>(rows.start + k * rows.step);
        if (!lets_assign(leg, asked.reached[i].collection.get()) ||
            !has_its_name(trail(), leg, asked.reached[i]) || // hazards.LAYER_NAME_TAKEN
            !lead(all.back(), asked.reached[i], k))
          return false;
      }
    }
  for (const Wanted& wanted : all) {
    const jit::Span& rows = wanted.rows();
    const Ref objects = checked(PyList_New(static_cast<Py_ssize_t>(rows.count)));
    for (std::int64_t k = 0; k < rows.count; ++k)
      PyList_SetItem(objects.get(), static_cast<Py_ssize_t>(k), Ref::borrow(Py_None).release());
    Untold untold;
    for (std::int64_t k = 0; k < rows.count; ++k) {
      const auto i = static_cast<std::size_t>(rows.start + k * rows.step);
      const Ref one = objects_there(asked, i, i, {}, reached);
      if (!one)
        return false;
      PyList_SetItem(objects.get(), static_cast<Py_ssize_t>(k),
                     Ref::borrow(PyList_GetItem(one.get(), 0)).release());
      if (!assign_untold(trail(), *reached, objects.get(), wanted, static_cast<Py_ssize_t>(k),
                         static_cast<Py_ssize_t>(k) + 1))
        return false;
      untold.add(*reached);
    }
    untold.settle(trail(), wanted.leg());
  }
  return true;
}

/// Of the elements of lists.
bool ListsRun::assign_lists(const Lists& asked, const Targets& parts) const {
  struct One {
    std::size_t list = 0, first = 0;
    Wanted wanted;
  };
  std::vector<One> all;
  std::optional<Reached> reached;
  for (const Leg& leg : trail().legs) {
    std::size_t first = 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const auto part = parts[i] ? on_leg(leg, *parts[i]) : std::nullopt;
      if (part) {
        all.push_back({i, first, Wanted(trail(), leg, *part, asked.lengths[i])});
        const Wanted& wanted = all.back().wanted;
        const Ref objects =
            wanted.is_possible() ? objects_there(asked, i, first, wanted.rows(), reached) : Ref();
        if (!objects || !let_assign(leg, objects.get()))
          return false;
      }
      first += static_cast<std::size_t>(asked.lengths[i]);
    }
  }
  for (const One& one : all) {
    const Ref objects = objects_there(asked, one.list, one.first, one.wanted.rows(), reached);
    if (!objects || !assign_all(trail(), *reached, objects.get(), one.wanted))
      return false;
  }
  return true;
}

/// Has bpy assign elements. False where that could not be done, or not for all: the routes write
/// all of them again, and say how far that went.
bool ListsRun::assign_each(PyObject* cache, const std::vector<jit::Span>& region) const {
  const bool is_empty =
      std::ranges::any_of(region, [](const jit::Span& span) { return span.count == 0; });
  if (is_empty ||
      (is_struct() && !region.empty() && (!outer_.levels.empty() || !divides(trail(), region))))
    return false;
  const auto parts = is_struct() ? std::optional(Targets())
                                 : targets_of(trail(), form_, outer_, known_.found.widths,
                                              known_.lengths, cache, region);
  const auto asked = parts && no_mode_overwrites(trail()) ? again(Keeps::reached) : std::nullopt;
  if (!asked || !may_write(*asked) || has_scripts(*trail().list))
    return false;
  try {
    return is_struct() ? assign_structs(*asked, {cache, 0, region}) : assign_lists(*asked, *parts);
  } catch (const PythonError&) {
    return drop_error(), false; // an interrupt goes on
  } catch (const std::bad_alloc&) {
    return false;
  }
}

/// False where that could not be done for all.
bool ListsRun::tell_each(const Lists& now, const std::vector<Told>& told) const {
  try {
    for (const Told& one : told) {
      const auto reached = reached_again(now, one.list);
      const Ref element = reached ? element_of(trail(), *reached, one) : Ref();
      if (!element)
        return drop_error(), false; // an interrupt goes on
      tell(trail().legs.front(), element.get());
    }
  } catch (const PythonError&) {
    return drop_error(), false;
  } catch (const std::bad_alloc&) {
    return false;
  }
  return true;
}

bool ListsRun::update(PyObject* cache, PyObject* view) {
  if (stale(trail()) || !is_free())
    return false;
  const std::vector<jit::Span> region = region_of(cache, view);
  const bool at_once = trail().legs.size() == 1 && trail().legs.front().writing.possible;
  if (!at_once && is_given(trail()))
    return assign_each(cache, region);
  const auto parts = targets(cache, region, true);
  if (!parts || !trail().legs.front().writing.possible)
    return false;
  const auto asked = no_mode_overwrites(trail()) ? again(Keeps::reached) : std::nullopt;
  const auto told = asked ? told_of(*asked, *parts) : std::vector<Told>();
  if (!asked || !may_write(*asked))
    return false;
  if (const Writes who = who_writes(trail(), *asked, told); who != Writes::kernel)
    return who == Writes::bpy && is_given(trail()) && assign_each(cache, region);
  // That may have run code of a script's, so all are asked for again, right before they are
  // written.
  auto now = again();
  if (!now || now->elements != asked->elements)
    return false;
  const Rows every{0, 1, static_cast<Py_ssize_t>(now->elements.size())};
  const auto rows = rows_at(trail().legs.front(), now->elements, every);
  if (!rows)
    return false;
  move_parts(trail(), trail().legs.front(), jit::Direction::update, *now, *rows, *parts);
  if (!tell_each(*now, told)) // the routes write all of them again, and say how far that went
    return false;
  known_.elements = std::move(now->elements);
  return true;
}

Ref ListsRun::kinds() const {
  Ref tuple = checked(PyTuple_New(static_cast<Py_ssize_t>(kinds_.size())));
  for (std::size_t i = 0; i < kinds_.size(); ++i)
    PyTuple_SetItem(tuple.get(), static_cast<Py_ssize_t>(i),
                    Ref::borrow(reinterpret_cast<PyObject*>(kinds_[i])).release());
  return tuple;
}

/// The cache's axes of structs and elements; nothing where lengths differ.
std::optional<std::vector<Py_ssize_t>> shape_of(const Outer& outer, const Lists& all,
                                                const Form& form, bool is_struct) {
  const auto total = static_cast<Py_ssize_t>(all.elements.size());
  if (is_struct)
    return axes_of(outer, all.found.widths, all.lengths.size());
  if (form.kind == Form::Kind::flat)
    return all.found.widths.empty() ? std::optional(std::vector{total}) : std::nullopt;
  if (std::ranges::adjacent_find(all.lengths, std::not_equal_to<>()) != all.lengths.end())
    return std::nullopt;
  auto shape = axes_of(outer, all.found.widths, all.lengths.size());
  shape.push_back(all.lengths.front());
  return shape;
}

} // namespace

std::unique_ptr<Run> enter_lists(std::shared_ptr<const Trail> trail, Outer outer, Form form,
                                 IdPlaces places, PyObject* wrapper, ManyCache& made) {
  if (stale(*trail) || !is_free() || form.kind == Form::Kind::padded || is_due(*trail))
    return nullptr;
  auto all = look(*trail, outer, nullptr);
  if (!all || all->elements.empty())
    return nullptr;
  const auto shape = shape_of(outer, *all, form, trail->list->how == Listing::How::itself);
  if (!shape)
    return nullptr;
  made.offsets.assign(1, 0);
  for (const Py_ssize_t length : all->lengths)
    made.offsets.push_back(made.offsets.back() + length);
  made.cache = allocate_cache(*trail, *shape, wrapper);
  if (!made.cache || (fills(wrapper) && !fill(*trail, *all, made.cache.get())))
    return nullptr;
  Roster members;
  if (!outer.is_list && is_datablock(all->found.members().front().get())) {
    auto found = members_of(std::move(all->found.members()), places, nullptr);
    if (!found)
      return nullptr;
    members = std::move(*found);
  }
  return std::make_unique<ListsRun>(std::move(trail), std::move(outer), std::move(form),
                                    std::move(*all), std::move(members));
}

} // namespace rnaslicer::runtime
