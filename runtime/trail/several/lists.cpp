// runtime/trail/several/lists.cpp: enter and refresh of many lists.
#include "runtime/trail/several/lists.hpp"

#include "runtime/trail/several/apart.hpp"
#include "runtime/trail/several/elements.hpp"

#include <algorithm>
#include <utility>

namespace rnaslicer::runtime {

namespace {

/// The lists of all structs now, one behind the other.
struct Lists {
  Structs found;
  std::vector<Py_ssize_t> lengths, counted;
  Addresses elements;
  std::vector<PyTypeObject*> kinds; ///< of each element; none where the collection declares it
};

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
std::optional<Lists> look(const Trail& trail, const Outer& outer, const Lists* known) {
  auto found = structs_of(outer);
  if (!found || (known != nullptr && found->structs.size() != known->lengths.size()))
    return std::nullopt;
  Lists all;
  std::size_t first = 0;
  for (std::size_t i = 0; i < found->structs.size(); ++i) {
    const auto reached = follow(trail, found->structs[i].get(), found->id.get());
    const auto length =
        known != nullptr ? static_cast<std::size_t>(known->lengths[i]) : std::size_t{0};
    const auto before = known != nullptr ? std::span(known->elements).subspan(first, length)
                                         : std::span<const std::int64_t>();
    if (!reached || !add(trail, *reached, before, known == nullptr, all))
      return std::nullopt;
    first += length;
  }
  all.counted.insert(all.counted.end(), found->counted.begin(), found->counted.end());
  all.found = std::move(*found);
  return all;
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

class ListsRun : public Run {
 public:
  ListsRun(std::shared_ptr<const Trail> trail, Outer outer, Lists known, Roster members)
      : Run(std::move(trail)), outer_(std::move(outer)), known_(std::move(known)),
        kinds_(known_.kinds), members_(std::move(members)) {
    known_.found.structs.clear(); // bpy's objects for them are no identity, but those of members_
    known_.found.first.clear();
  }

  bool refresh(PyObject* cache, PyObject* view) override;
  bool update(PyObject*, PyObject*) override { return false; }
  [[nodiscard]] std::vector<Py_ssize_t> counted() const override { return known_.counted; }
  [[nodiscard]] Ref kinds() const override;
  [[nodiscard]] const std::vector<std::uint32_t>* uids() const override {
    return members_.structs.empty() ? nullptr : &members_.uids;
  }

 private:
  [[nodiscard]] bool is_as_at_enter(const Lists& now) const;

  Outer outer_;
  Lists known_;                      // addresses of the last call: they guide the next walks
  std::vector<PyTypeObject*> kinds_; // as at enter; the trail keeps the classes
  Roster members_;                   // the structs that are a collection's datablocks; else empty
};

bool ListsRun::is_as_at_enter(const Lists& now) const {
  if (now.lengths != known_.lengths || now.counted != known_.counted ||
      now.found.length != known_.found.length || now.found.widths != known_.found.widths)
    return false;
  for (std::size_t i = 0; i < members_.structs.size(); ++i)
    if (members_.structs[i].get() != now.found.members()[i].get())
      return false;
  return true;
}

bool ListsRun::refresh(PyObject* cache, PyObject* view) {
  if (stale(trail()) || !is_free() || !region_of(cache, view).empty())
    return false;
  auto now = look(trail(), outer_, &known_);
  if (!now || !is_as_at_enter(*now) || !fill(trail(), *now, cache))
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

std::unique_ptr<Run> enter_lists(std::shared_ptr<const Trail> trail, Outer outer, const Form& form,
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
  return std::make_unique<ListsRun>(std::move(trail), std::move(outer), std::move(*all),
                                    std::move(members));
}

} // namespace rnaslicer::runtime
