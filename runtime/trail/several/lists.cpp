// runtime/trail/several/lists.cpp: enter, refresh and update of many lists.
#include "runtime/trail/several/lists.hpp"

#include "runtime/blender/bpy.hpp"
#include "runtime/trail/several/apart.hpp"
#include "runtime/trail/several/bulk.hpp"
#include "runtime/trail/several/elements.hpp"

#include <algorithm>
#include <map>
#include <new>
#include <utility>

namespace rnaslicer::runtime {

namespace {

/// The lists of all structs now, one behind the other.
struct Lists {
  Structs found;
  std::vector<Py_ssize_t> lengths, counted;
  Addresses elements;
  std::vector<PyTypeObject*> kinds; ///< of each element; none where the collection declares it
  std::vector<Reached> reached;     ///< by list, for who asks about each
};

enum class Keeps : bool { nothing, reached };

/// Whether bpy gives what is in memory for first, middle, last and one of each class of a list.
bool agrees(const Trail& trail, const Reached& reached, const Addresses& elements,
            const std::vector<Py_ssize_t>& one_of_each) {
  return std::ranges::all_of(trail.legs, [&](const Leg& leg) {
    auto which = compared(leg, static_cast<Py_ssize_t>(elements.size()));
    which.insert(which.end(), one_of_each.begin(), one_of_each.end());
    return are_values(leg, reached, elements, std::move(which));
  });
}

/// Adds the list behind one struct. `known`: as elements_of has it; none at enter, which compares.
bool add(const Trail& trail, const Reached& reached, std::span<const std::int64_t> known,
         bool compares, Lists& all) {
  const Py_ssize_t length = PyObject_Size(reached.collection.get());
  if (length < 0)
    return PyErr_Clear(), false;
  all.lengths.push_back(length);
  all.counted.insert(all.counted.end(), reached.counted.begin(), reached.counted.end());
  if (length == 0)
    return true;
  const auto elements = elements_of(trail, reached, known);
  if (!elements || static_cast<Py_ssize_t>(elements->size()) != length)
    return false;
  std::vector<Py_ssize_t> one_of_each;
  const auto kinds = kinds_of(trail, reached, *elements, &one_of_each);
  if (!kinds || (compares && !agrees(trail, reached, *elements, one_of_each)))
    return false;
  all.elements.insert(all.elements.end(), elements->begin(), elements->end());
  if (kinds->size() == 1)
    all.kinds.insert(all.kinds.end(), elements->size(), kinds->front());
  else
    all.kinds.insert(all.kinds.end(), kinds->begin(), kinds->end());
  return true;
}

/// `known`: as many elements as each list had, to guide the walks; null at enter.
std::optional<Lists> look(const Trail& trail, const Outer& outer, const Lists* known,
                          Keeps keeps = Keeps::nothing) {
  auto found = structs_of(outer);
  if (!found || (known != nullptr && found->structs.size() != known->lengths.size()))
    return std::nullopt;
  Lists all;
  std::size_t first = 0;
  for (std::size_t i = 0; i < found->structs.size(); ++i) {
    auto reached = follow(trail, found->structs[i].get(), found->id.get());
    const auto length =
        known != nullptr ? static_cast<std::size_t>(known->lengths[i]) : std::size_t{0};
    const auto before = known != nullptr ? std::span(known->elements).subspan(first, length)
                                         : std::span<const std::int64_t>();
    if (!reached || !add(trail, *reached, before, known == nullptr, all))
      return std::nullopt;
    first += length;
    if (keeps == Keeps::reached)
      all.reached.push_back(std::move(*reached));
  }
  all.counted.insert(all.counted.end(), found->counted.begin(), found->counted.end());
  all.found = std::move(*found);
  return all;
}

/// What moves of each list; null: nothing.
using Targets = std::vector<std::optional<Target>>;

/// Runs the kernel of the only leg over the part of each list, in turn: where a list is reached
/// twice the last one counts.
void move_parts(const Trail& trail, jit::Direction direction, const Lists& all,
                std::span<const std::int64_t> rows, const Targets& parts) {
  std::size_t first = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto length = static_cast<std::size_t>(all.lengths[i]);
    if (const auto& part = parts[i])
      move_apart(trail.legs.front(), direction, rows.subspan(first, length), part->cache,
                 part->region, static_cast<Py_ssize_t>(part->first_row * row_bytes_of(trail)));
    first += length;
  }
}

/// Blender to cache; false with nothing changed.
bool fill(const Trail& trail, const Lists& all, PyObject* cache) {
  const Rows rows{0, 1, static_cast<Py_ssize_t>(all.elements.size())};
  std::vector<Addresses> tables;
  for (const Leg& leg : trail.legs) {
    auto found = rows_at(leg, all.elements, rows);
    if (!found)
      return false;
    tables.push_back(std::move(*found));
  }
  for (std::size_t i = 0; i < tables.size(); ++i)
    move_apart(trail.legs[i], jit::Direction::refresh, tables[i], cache, {});
  return true;
}

/// An element that bpy assigns for all that are written of its list.
struct Told {
  std::size_t list = 0;
  Py_ssize_t at = 0;
  std::int64_t address = 0;
};

class ListsRun : public Run {
 public:
  ListsRun(std::shared_ptr<const Trail> trail, Outer outer, Form form, Lists known, Roster members)
      : Run(std::move(trail)), outer_(std::move(outer)), form_(std::move(form)),
        known_(std::move(known)), kinds_(known_.kinds), members_(std::move(members)) {
    known_.found.structs.clear(); // bpy's objects for them are no identity, but those of members_
    known_.found.first.clear();
  }

  bool refresh(PyObject* cache, PyObject* view) override;
  bool update(PyObject* cache, PyObject* view) override;
  [[nodiscard]] std::vector<Py_ssize_t> counted() const override;
  [[nodiscard]] Ref kinds() const override;
  [[nodiscard]] const std::vector<std::uint32_t>* uids() const override {
    return members_.structs.empty() ? nullptr : &members_.uids;
  }

 private:
  [[nodiscard]] std::optional<Lists> again(Keeps keeps = Keeps::nothing) const;
  [[nodiscard]] std::optional<Targets>
  targets(PyObject* cache, const std::vector<jit::Span>& region, bool is_update) const;
  [[nodiscard]] bool may_write(const Lists& now, const std::vector<Told>& told) const;
  [[nodiscard]] bool may_be_bulk(const Lists& now, const std::vector<Told>& told) const;
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
  // Structs that lie within datablocks may be moved by any write: the routes find each anew.
  if (is_update &&
      (!outer_.ways.empty() || trail().legs.size() != 1 || !trail().legs.front().writing.possible))
    return std::nullopt;
  return targets_of(trail(), form_, outer_, known_.found.widths, known_.lengths, cache, region);
}

bool ListsRun::refresh(PyObject* cache, PyObject* view) {
  if (stale(trail()) || !is_free())
    return false;
  const std::vector<jit::Span> region = region_of(cache, view);
  const auto parts = region.empty() ? std::optional(Targets()) : targets(cache, region, false);
  auto now = parts ? again() : std::nullopt;
  if (!now)
    return false;
  if (region.empty()) {
    if (!fill(trail(), *now, cache))
      return false;
  } else {
    const Rows every{0, 1, static_cast<Py_ssize_t>(now->elements.size())};
    const auto rows = rows_at(trail().legs.front(), now->elements, every);
    if (!rows)
      return false;
    move_parts(trail(), jit::Direction::refresh, *now, *rows, *parts);
  }
  known_.elements = std::move(now->elements);
  return true;
}

/// The last element of each part.
std::vector<Told> told_of(const Lists& now, const Targets& parts) {
  std::vector<Told> told;
  std::size_t first = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (const auto& part = parts[i]) {
      Py_ssize_t at = now.lengths[i] - 1;
      if (!part->region.empty()) {
        const jit::Span& rows = part->region.front();
        at = static_cast<Py_ssize_t>(rows.start + rows.step * (rows.count - 1));
      }
      told.push_back({i, at, now.elements[first + static_cast<std::size_t>(at)]});
    }
    first += static_cast<std::size_t>(now.lengths[i]);
  }
  return told;
}

/// bpy's object for it, if it lies where it did.
Ref element_of(const Reached& reached, const Told& told) {
  auto found = element_at(reached.collection.get(), told.at);
  const bool is_there = found && found->address == static_cast<std::uint64_t>(told.address);
  PyErr_Clear();
  return is_there ? std::move(found->object) : Ref();
}

/// Whether bpy lets all datablocks be written, also those of which no part is, and keeps that.
bool ListsRun::may_write(const Lists& now, const std::vector<Told>& told) const {
  const bool may_link = has_libraries();
  const PyObject* checked_id = nullptr;
  for (std::size_t i = 0; i < now.reached.size(); ++i) {
    const Reached& reached = now.reached[i];
    PyObject* const id = reached.id.get();
    if (id == checked_id)
      continue;
    PyObject* const from = now.found.structs[i].get();
    const bool own = is_own(id, may_link);
    if (!is_kept(reached, own, from, trail().steps.size(), !own && is_own(from)) || is_edited(id) ||
        !lets_write(id))
      return false;
    checked_id = id;
  }
  return may_be_bulk(now, told);
}

/// Whether each list may be written at once.
bool ListsRun::may_be_bulk(const Lists& now, const std::vector<Told>& told) const {
  struct Heard { // what one class of element is assigned for
    Addresses elements;
    std::vector<PyTypeObject*> kinds;
  };
  std::map<PyTypeObject*, Heard> all;
  std::vector<std::size_t> begins(now.lengths.size() + 1);
  for (std::size_t i = 0; i < now.lengths.size(); ++i)
    begins[i + 1] = begins[i] + static_cast<std::size_t>(now.lengths[i]);
  for (const Told& one : told) {
    const Ref element = element_of(now.reached[one.list], one);
    if (!element || !may_be_told(*trail().list, trail().legs.front(), element.get()))
      return false;
    Heard& heard = all[Py_TYPE(element.get())];
    for (std::size_t k = begins[one.list]; k < begins[one.list + 1]; ++k) {
      heard.elements.push_back(now.elements[k]);
      if (!now.kinds.empty() && std::ranges::count(heard.kinds, now.kinds[k]) == 0)
        heard.kinds.push_back(now.kinds[k]);
    }
  }
  return std::ranges::all_of(all, [&](const auto& one) {
    return hears_nobody(*trail().list, one.second.elements, one.second.kinds, one.first);
  });
}

/// False where that could not be done for all.
bool ListsRun::tell_each(const Lists& now, const std::vector<Told>& told) const {
  try {
    for (const Told& one : told) {
      const Ref from = struct_again(outer_, now.found, !members_.structs.empty(),
                                    static_cast<Py_ssize_t>(one.list));
      const auto reached =
          from ? follow(trail(), from.get(), now.found.id.get()) : std::optional<Reached>();
      const Ref element = reached ? element_of(*reached, one) : Ref();
      if (!element)
        return PyErr_Clear(), false;
      tell(trail().legs.front(), element.get());
    }
  } catch (const PythonError&) {
    return PyErr_Clear(), false;
  } catch (const std::bad_alloc&) {
    return false;
  }
  return true;
}

bool ListsRun::update(PyObject* cache, PyObject* view) {
  if (stale(trail()) || !is_free())
    return false;
  const auto parts = targets(cache, region_of(cache, view), true);
  const auto asked = parts ? again(Keeps::reached) : std::nullopt;
  const auto told = asked ? told_of(*asked, *parts) : std::vector<Told>();
  if (!asked || !may_write(*asked, told))
    return false;
  // That may have run code of a script's, so all are asked for again, right before they are
  // written.
  auto now = again();
  if (!now || now->elements != asked->elements)
    return false;
  const Rows every{0, 1, static_cast<Py_ssize_t>(now->elements.size())};
  const auto rows = rows_at(trail().legs.front(), now->elements, every);
  if (!rows)
    return false;
  move_parts(trail(), jit::Direction::update, *now, *rows, *parts);
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
                                                const Form& form) {
  const auto total = static_cast<Py_ssize_t>(all.elements.size());
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
  if (stale(*trail) || !is_free() || form.kind == Form::Kind::padded)
    return nullptr;
  auto all = look(*trail, outer, nullptr);
  if (!all || all->elements.empty())
    return nullptr;
  const auto shape = shape_of(outer, *all, form);
  if (!shape)
    return nullptr;
  made.offsets.assign(1, 0);
  for (const Py_ssize_t length : all->lengths)
    made.offsets.push_back(made.offsets.back() + length);
  made.cache = allocate_cache(*trail, *shape, wrapper);
  if (!fill(*trail, *all, made.cache.get()))
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
