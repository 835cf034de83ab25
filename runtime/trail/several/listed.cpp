// runtime/trail/several/listed.cpp: enter, refresh and update of the elements of a list.
#include "runtime/trail/several/listed.hpp"

#include "runtime/blender/bpy.hpp"
#include "runtime/blender/names.hpp"
#include "runtime/memcache/memcache.hpp"
#include "runtime/trail/assigned.hpp"
#include "runtime/trail/several/apart.hpp"
#include "runtime/trail/several/bulk.hpp"
#include "runtime/trail/several/elements.hpp"
#include "runtime/transfer/flat_python.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

namespace rnaslicer::runtime {

namespace {

/// A list now: where it was reached, its elements, their classes.
struct Now {
  Reached reached;
  Addresses elements;
  std::vector<PyTypeObject*> kinds;
  std::vector<Py_ssize_t> one_of_each; ///< an element of each class
};

/// Nothing where it cannot be had. `known`: as elements_of has it.
std::optional<Now> look(const Trail& trail, const Start& start,
                        std::span<const std::int64_t> known) {
  auto reached = follow(trail, start.steps, as_watched(start.root));
  auto elements = reached ? elements_of(trail, *reached, known) : std::nullopt;
  std::vector<Py_ssize_t> one_of_each;
  auto kinds = elements ? kinds_of(trail, *reached, *elements, &one_of_each) : std::nullopt;
  if (!kinds)
    return std::nullopt;
  reached->length = std::ssize(*elements);
  return Now{std::move(*reached), std::move(*elements), std::move(*kinds), std::move(one_of_each)};
}

/// Whether bpy gives what is in memory for first, middle, last and one element of each class. While
/// a leg is in doubt as many are compared as for a proof, unless `in_bulk`: then `is_copy` does.
bool agrees(const Trail& trail, const Now& now, bool in_bulk = false) {
  return is_asked(trail) || std::ranges::all_of(trail.legs, [&](const Leg& leg) {
           const auto length = static_cast<Py_ssize_t>(now.elements.size());
           auto which = in_bulk && leg.is_copied ? three(length) : compared(leg, length);
           which.insert(which.end(), now.one_of_each.begin(), now.one_of_each.end());
           return are_values(trail, leg, now.reached, now.elements, std::move(which));
         });
}

/// For a leg in doubt: whether foreach_get gives what the cache has. By index bpy walks each time.
bool is_copy(const Leg& leg, const Now& now, PyObject* cache) {
  const StorageView filled = memcache_storage(cache);
  const auto row = static_cast<std::size_t>(filled.nbytes) / now.elements.size();
  const Ref given = allocate_cache("f", {filled.nbytes / 4}, Py_None);
  const Ref flat = flat_of(given.get(), "f");
  const Ref done = Ref::steal(PyObject_CallMethodObjArgs(
      now.reached.collection.get(), names().foreach_get, leg.property.get(), flat.get(), nullptr));
  PyErr_Clear();
  const StorageView told = memcache_storage(given.get());
  const std::size_t size = row * now.elements.size();
  const bool is_same =
      done && told.nbytes == filled.nbytes && std::memcmp(told.data, filled.data, size) == 0;
  leg.doubtful = !is_same || std::memcmp(told.data, told.data + row, size - row) == 0; // all alike
  return is_same;
}

/// Blender to cache; false with nothing changed.
bool fill(const Trail& trail, const Now& now, const Once& once, const Picks& picked = {},
          const std::vector<jit::Span>& region = {}) {
  if (is_asked(trail))
    return fill_asked(trail, now.reached, {once.cache, 0, region, once.first}, picked);
  std::vector<Addresses> all;
  for (const Leg& leg : trail.legs) {
    auto found = rows_at(trail, leg, now.elements, picked);
    if (!found)
      return false;
    all.push_back(std::move(*found));
  }
  const Target target{once.cache, 0, region};
  for (std::size_t i = 0; i < all.size(); ++i)
    if (const auto part = on_leg(trail.legs[i], target))
      move_apart(trail.legs[i], jit::Direction::refresh, all[i], once.cache, part->region,
                 once.first);
  return true;
}

/// Who writes a leg, where bpy would assign `told`.
Writes who_writes(const Trail& trail, const Leg& leg, const Now& now, PyObject* told) {
  std::vector<PyTypeObject*> kinds;
  for (const Py_ssize_t at : now.one_of_each)
    kinds.push_back(now.kinds.size() == 1 ? now.kinds.front()
                                          : now.kinds[static_cast<std::size_t>(at)]);
  return who_writes(trail, leg, now.elements, std::move(kinds), told);
}

/// Whether the datablock is the file's own, and bpy lets it be written.
bool may_write(const Trail& trail, const Start& start, const Now& now) {
  Watched* const root = as_watched(start.root);
  const bool own = is_own(now.reached, root);
  PyObject* const id = now.reached.id.get();
  return is_kept(now.reached, own, root->ref, start.steps,
                 !own && root->ref != nullptr && is_own(root)) &&
         !is_edited(id) && lets_write(id) && (!trail.by_user || takes_writes(trail, id)) &&
         no_mode_overwrites(trail);
}

/// bpy's objects for the rows of a part, which must be the elements that were looked at; null where
/// they are others.
Ref objects_there(const Trail& trail, const Start& start, const Now& now, const Picks& picked,
                  const jit::Span& part, std::optional<Reached>& reached) {
  const Rows rows = rows_of(trail, now.reached.length, picked);
  const Py_ssize_t length = now.reached.length;
  reached = follow(trail, start.steps, as_watched(start.root));
  const Ref every = reached ? objects_at(*reached, length, {0, 1, length}, {0, 1, length}) : Ref();
  if (!every)
    return {};
  Ref objects = checked(PyList_New(static_cast<Py_ssize_t>(part.count)));
  for (std::int64_t i = 0; i < part.count; ++i) {
    const Py_ssize_t at = number_of(rows, picked, part.start + i * part.step);
    Ref one = Ref::borrow(PyList_GetItem(every.get(), at));
    const auto address = address_of(one.get());
    if (!address ||
        *address != static_cast<std::uint64_t>(now.elements[static_cast<std::size_t>(at)]))
      return PyErr_Clear(), Ref();
    PyList_SetItem(objects.get(), static_cast<Py_ssize_t>(i), one.release());
  }
  return objects;
}

/// Has bpy assign elements. False where that could not be done, or not for all: the routes write
/// all of them again, and say how far that went.
bool assign_each(const Trail& trail, const Start& start, const Now& now, const Picks& picked,
                 const Target& target) {
  if (!may_write(trail, start, now) || has_scripts(*trail.list))
    return false;
  const Rows rows = rows_of(trail, now.reached.length, picked);
  std::optional<Reached> reached;
  std::vector<Wanted> all;
  for (const Leg& leg : trail.legs)
    if (const auto part = on_leg(leg, target)) {
      all.emplace_back(trail, leg, *part, rows.count);
      const Ref objects = all.back().is_possible()
                              ? objects_there(trail, start, now, picked, all.back().rows(), reached)
                              : Ref();
      if (!objects || !let_assign(leg, objects.get()))
        return false;
    }
  try {
    for (const Wanted& wanted : all) {
      const Ref objects = objects_there(trail, start, now, picked, wanted.rows(), reached);
      if (!objects || !assign_all(trail, *reached, objects.get(), wanted))
        return false;
    }
  } catch (const PythonError&) {
    return drop_error(), false; // an interrupt goes on
  } catch (const std::bad_alloc&) {
    return false;
  }
  return true;
}

/// What the kernel writes of a leg at once.
struct Stored {
  const Leg* leg = nullptr;
  std::vector<jit::Span> region;
  Py_ssize_t at = 0; ///< the last element, which bpy assigns
};

/// The element, if it is where it was.
std::optional<Element> element_there(const Reached& reached, const Now& now, Py_ssize_t at) {
  auto one = element_at(reached.collection.get(), at);
  if (!one ||
      one->address != static_cast<std::uint64_t>(now.elements[static_cast<std::size_t>(at)]))
    return PyErr_Clear(), std::nullopt;
  return one;
}

/// Cache to Blender. False with nothing changed, or where the routes write all of it again;
/// PythonError if bpy refuses the assignment after all is written.
bool store(const Trail& trail, const Start& start, const Now& now, const Picks& picked,
           const Target& target) {
  if (!std::ranges::all_of(trail.legs, [](const Leg& leg) { return leg.writing.possible; }) ||
      !may_write(trail, start, now))
    return false;
  const Rows rows = rows_of(trail, now.reached.length, picked);
  std::vector<Stored> all;
  for (const Leg& leg : trail.legs) {
    auto part = on_leg(leg, target);
    if (!part)
      continue;
    const jit::Span span =
        part->region.empty() ? jit::Span{0, 1, rows.count} : part->region.front();
    const Py_ssize_t at = number_of(rows, picked, span.start + span.step * (span.count - 1));
    const auto told = element_there(now.reached, now, at);
    const Writes who = told ? who_writes(trail, leg, now, told->object.get()) : Writes::as_routes;
    PyErr_Clear();
    if (who != Writes::kernel)
      return who == Writes::bpy && trail.packed && is_given(trail) &&
             assign_each(trail, start, now, picked, target);
    all.push_back({&leg, std::move(part->region), at});
  }
  for (const Stored& one : all) {
    // What was asked, and assigned before, may have run code of a script's: all are asked for
    // again, right before they are written.
    const auto reached = follow(trail, start.steps, as_watched(start.root));
    const auto told = reached ? element_there(*reached, now, one.at) : std::nullopt;
    const auto still = told ? elements_of(trail, *reached, now.elements) : std::nullopt;
    const auto found =
        still && *still == now.elements ? rows_at(trail, *one.leg, *still, picked) : std::nullopt;
    if (!found)
      return PyErr_Clear(), false;
    move_apart(*one.leg, jit::Direction::update, *found, target.cache, one.region,
               target.first_byte);
    try {
      tell(*one.leg, told->object.get());
    } catch (const PythonError&) {
      if (all.size() == 1)
        throw;
      return drop_error(), false;
    }
  }
  return true;
}

class ListedRun : public Run {
 public:
  ListedRun(std::shared_ptr<const Trail> trail, Start start, Now now, Picks picked = {})
      : Run(std::move(trail)), root_(Ref::borrow(start.root)), start_(std::move(start)),
        picked_(std::move(picked)), known_(std::move(now.elements)), kinds_(std::move(now.kinds)),
        seen_(runtime::now()) {
    segment_.length = now.reached.length;
    segment_.counted = std::move(now.reached.counted);
  }

  bool refresh(PyObject* cache, PyObject* view) override;
  bool update(PyObject* cache, PyObject* view) override;
  [[nodiscard]] const Segment* segment() const override { return &segment_; }
  [[nodiscard]] Moment seen() const override { return seen_; }
  [[nodiscard]] Ref kinds() const override;

 private:
  std::optional<Now> again();
  std::optional<std::vector<jit::Span>> part_of(PyObject* cache, PyObject* view) const;

  Ref root_;
  Start start_;
  Segment segment_;
  Picks picked_;                     // of as many elements as there were at enter
  Addresses known_;                  // of the last call; they guide the next walk
  std::vector<PyTypeObject*> kinds_; // as at enter; the trail keeps the classes
  Moment seen_;                      // when the trail last led to its collection
};

std::optional<Now> ListedRun::again() {
  auto found = look(trail(), start_, known_);
  if (!found || found->reached.counted != segment_.counted)
    return std::nullopt;
  Watched* const root = as_watched(root_.get());
  seen_ = root->ref != nullptr ? root->seen : runtime::now();
  known_ = found->elements;
  return found;
}

/// Nothing for a part that the routes know better.
std::optional<std::vector<jit::Span>> ListedRun::part_of(PyObject* cache, PyObject* view) const {
  if (stale(trail()) || !is_free())
    return std::nullopt;
  auto region = region_of(cache, view);
  const auto is_empty = [](const jit::Span& span) { return span.count == 0; };
  if (std::ranges::any_of(region, is_empty) || !divides(trail(), region))
    return std::nullopt;
  return region;
}

bool ListedRun::refresh(PyObject* cache, PyObject* view) {
  const auto region = part_of(cache, view);
  const auto found = region ? again() : std::nullopt;
  return found && fill(trail(), *found, {cache, 0, 0}, picked_, *region);
}

bool ListedRun::update(PyObject* cache, PyObject* view) {
  const auto region = part_of(cache, view);
  const auto found = region ? again() : std::nullopt;
  if (!found)
    return false;
  const Target target{cache, 0, *region};
  if (std::ranges::all_of(trail().legs, [](const Leg& leg) { return leg.writing.possible; }))
    return store(trail(), start_, *found, picked_, target);
  return is_given(trail()) && assign_each(trail(), start_, *found, picked_, target);
}

Ref ListedRun::kinds() const {
  Ref tuple = checked(PyTuple_New(static_cast<Py_ssize_t>(kinds_.size())));
  for (std::size_t i = 0; i < kinds_.size(); ++i)
    PyTuple_SetItem(tuple.get(), static_cast<Py_ssize_t>(i),
                    Ref::borrow(reinterpret_cast<PyObject*>(kinds_[i])).release());
  return tuple;
}

bool may_follow(const Trail& trail, const Start& start) {
  return !stale(trail) && as_watched(start.root) != nullptr && is_free();
}

/// The list, if a caller's buffer is for as many rows.
std::optional<Now> looked_once(const Trail& trail, const Start& start, const Once& once) {
  auto found = may_follow(trail, start) ? look(trail, start, {}) : std::nullopt;
  if (!found || once.count == 0 || rows_of(trail, found->reached.length).count != once.count ||
      !agrees(trail, *found))
    return std::nullopt;
  return found;
}

} // namespace

std::unique_ptr<Run> enter_any(std::shared_ptr<const Trail> trail, Start start, PyObject* wrapper,
                               Ref& cache) {
  if (!trail->list)
    return enter(std::move(trail), std::move(start), wrapper, cache);
  auto found =
      may_follow(*trail, start) && !is_due(*trail) ? look(*trail, start, {}) : std::nullopt;
  const Rows rows = found ? rows_of(*trail, found->reached.length) : Rows();
  if (rows.count == 0 || !agrees(*trail, *found, true))
    return nullptr;
  cache = allocate_cache(*trail, {rows.count}, wrapper);
  if (!fill(*trail, *found, {cache.get(), 0, 0}) ||
      !std::ranges::all_of(trail->legs, [&](const Leg& leg) {
        return !leg.doubtful || !leg.is_copied || is_copy(leg, *found, cache.get());
      }))
    return nullptr;
  return std::make_unique<ListedRun>(std::move(trail), std::move(start), std::move(*found));
}

std::unique_ptr<Run> adopt_any(std::shared_ptr<const Trail> trail, Start start, Py_ssize_t length,
                               PyObject* missing) {
  if (!trail->list)
    return adopt(std::move(trail), std::move(start), length, missing);
  auto found = may_follow(*trail, start) ? look(*trail, start, {}) : std::nullopt;
  if (!found || found->reached.length != length)
    return nullptr;
  return std::make_unique<ListedRun>(std::move(trail), std::move(start), std::move(*found));
}

std::unique_ptr<Run> enter_any_picked(std::shared_ptr<const Trail> trail, Start start,
                                      PyObject* item, PyObject* wrapper, Ref& cache) {
  if (!trail->list)
    return enter_picked(std::move(trail), std::move(start), item, wrapper, cache);
  auto found = may_follow(*trail, start) ? look(*trail, start, {}) : std::nullopt;
  auto picked = found ? picked_of(item, found->reached.length) : std::nullopt;
  const auto count = picked ? static_cast<Py_ssize_t>(picked->size()) : 0;
  if (!picked || (cache && memcache_storage(cache.get()).shape[0] != count) ||
      !agrees(*trail, *found))
    return nullptr;
  Ref filled = cache ? Ref::borrow(cache.get()) : allocate_cache(*trail, {count}, wrapper);
  if (!filled || (fills(wrapper) && !fill(*trail, *found, {filled.get(), 0, 0}, *picked)))
    return nullptr;
  cache = std::move(filled);
  return std::make_unique<ListedRun>(std::move(trail), std::move(start), std::move(*found),
                                     std::move(*picked));
}

std::unique_ptr<Run> adopt_any_picked(std::shared_ptr<const Trail> trail, Start start,
                                      PyObject* item, Py_ssize_t rows) {
  if (!trail->list)
    return adopt_picked(std::move(trail), std::move(start), item, rows);
  auto found = may_follow(*trail, start) ? look(*trail, start, {}) : std::nullopt;
  auto picked = found ? picked_of(item, found->reached.length) : std::nullopt;
  if (!picked || static_cast<Py_ssize_t>(picked->size()) != rows)
    return nullptr;
  return std::make_unique<ListedRun>(std::move(trail), std::move(start), std::move(*found),
                                     std::move(*picked));
}

bool read_any_once(const Trail& trail, const Start& start, const Once& once) {
  if (!trail.list)
    return read_once(trail, start, once);
  const auto found = looked_once(trail, start, once);
  return found && fill(trail, *found, once);
}

bool write_any_once(const Trail& trail, const Start& start, const Once& once) {
  if (!trail.list)
    return write_once(trail, start, once);
  const auto found = looked_once(trail, start, once);
  Target target{once.cache, 0, {}};
  target.first_byte = once.first;
  if (!found)
    return false;
  if (std::ranges::all_of(trail.legs, [](const Leg& leg) { return leg.writing.possible; }))
    return store(trail, start, *found, {}, target);
  return is_given(trail) && trail.packed && assign_each(trail, start, *found, {}, target);
}

} // namespace rnaslicer::runtime
