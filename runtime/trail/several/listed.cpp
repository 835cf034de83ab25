// runtime/trail/several/listed.cpp: enter, refresh and update of the elements of a list.
#include "runtime/trail/several/listed.hpp"

#include "runtime/blender/bpy.hpp"
#include "runtime/blender/names.hpp"
#include "runtime/memcache/memcache.hpp"
#include "runtime/trail/several/apart.hpp"
#include "runtime/trail/several/assigned.hpp"
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
  reached->length = static_cast<Py_ssize_t>(elements->size());
  return Now{std::move(*reached), std::move(*elements), std::move(*kinds), std::move(one_of_each)};
}

/// Whether bpy gives what is in memory for first, middle, last and one element of each class. While
/// a leg is in doubt as many are compared as for a proof, unless `in_bulk`: then `is_copy` does.
bool agrees(const Trail& trail, const Now& now, bool in_bulk = false) {
  return std::ranges::all_of(trail.legs, [&](const Leg& leg) {
    const auto length = static_cast<Py_ssize_t>(now.elements.size());
    auto which = in_bulk && leg.is_copied ? three(length) : compared(leg, length);
    which.insert(which.end(), now.one_of_each.begin(), now.one_of_each.end());
    return are_values(trail, leg, now.reached, now.elements, std::move(which));
  });
}

/// For a leg in doubt whose cache foreach_get could have filled: whether foreach_get gives the
/// same. To ask for each element by its index would cost bpy a walk from the first one each time.
bool is_copy(const Leg& leg, const Now& now, PyObject* cache) {
  const StorageView filled = memcache_storage(cache);
  const auto row = static_cast<std::size_t>(filled.nbytes) / now.elements.size();
  const Ref given = allocate_cache("f", {filled.nbytes / 4}, Py_None);
  const Ref flat = flat_of(given.get(), "f");
  const Ref done = Ref::steal(PyObject_CallMethodObjArgs(
      now.reached.collection.get(), names().foreach_get, leg.property.get(), flat.get(), nullptr));
  PyErr_Clear();
  const StorageView told = memcache_storage(given.get());
  const auto size = static_cast<std::size_t>(filled.nbytes);
  return done && told.nbytes == filled.nbytes && std::memcmp(told.data, filled.data, size) == 0 &&
         std::memcmp(told.data, told.data + row, size - row) == 0; // each as the one before it
}

/// Numbers of elements; none: the trail's rows tell which.
using Picked = std::vector<std::int64_t>;

/// Where a leg's values are of all rows; nothing where one has none.
std::optional<Addresses> rows_at(const Trail& trail, const Leg& leg, const Addresses& elements,
                                 const Picked& picked) {
  if (picked.empty())
    return rows_at(leg, elements, rows_of(trail, static_cast<Py_ssize_t>(elements.size())));
  Addresses found;
  found.reserve(picked.size());
  for (const std::int64_t at : picked)
    found.push_back(elements[static_cast<std::size_t>(at)]);
  return rows_at(leg, found, {0, 1, static_cast<Py_ssize_t>(found.size())});
}

/// Blender to cache; false with nothing changed.
bool fill(const Trail& trail, const Now& now, const Once& once, const Picked& picked = {},
          const std::vector<jit::Span>& region = {}) {
  std::vector<Addresses> all;
  for (const Leg& leg : trail.legs) {
    auto found = rows_at(trail, leg, now.elements, picked);
    if (!found)
      return false;
    all.push_back(std::move(*found));
  }
  for (std::size_t i = 0; i < all.size(); ++i)
    move_apart(trail.legs[i], jit::Direction::refresh, all[i], once.cache, region, once.first);
  return true;
}

/// Whether all elements may be written at once, and `told` assigned for them.
bool may_be_bulk(const Listing& list, const Leg& leg, const Now& now, PyObject* told) {
  std::vector<PyTypeObject*> kinds;
  for (const Py_ssize_t at : now.one_of_each)
    kinds.push_back(now.kinds.size() == 1 ? now.kinds.front()
                                          : now.kinds[static_cast<std::size_t>(at)]);
  return may_be_told(list, leg, told) &&
         hears_nobody(list, now.elements, std::move(kinds), Py_TYPE(told));
}

/// Whether the datablock is the file's own, and bpy lets it be written.
bool may_write(const Trail& trail, const Start& start, const Now& now) {
  Watched* const root = as_watched(start.root);
  const bool own = is_own(now.reached, root);
  PyObject* const id = now.reached.id.get();
  return is_kept(now.reached, own, root->ref, start.steps.size(),
                 !own && root->ref != nullptr && is_own(root)) &&
         !is_edited(id) && lets_write(id) && (!trail.by_user || takes_writes(trail, id)) &&
         no_mode_overwrites(trail);
}

/// Has bpy assign all elements. False where that could not be done, or not for all: the routes
/// write all of them again, and say how far that went.
bool assign_each(const Trail& trail, const Start& start, const Now& now, PyObject* cache) {
  const Rows rows = rows_of(trail, now.reached.length);
  const auto first = element_at(now.reached.collection.get(), 0);
  if (!first || rows.start != 0 || rows.step != 1 || rows.count != now.reached.length ||
      !may_write(trail, start, now) || has_scripts(*trail.list) ||
      !std::ranges::all_of(trail.legs,
                           [&](const Leg& leg) { return lets_assign(leg, first->object.get()); }))
    return PyErr_Clear(), false;
  const StorageView storage = memcache_storage(cache);
  if (!storage)
    throw PythonError();
  try {
    RowValues values(storage, trail);
    if (!std::ranges::all_of(
            trail.legs, [&](const Leg& leg) { return values.are_items(leg, now.elements.size()); }))
      return false;
    for (const Leg& leg : trail.legs) {
      const auto reached = follow(trail, start.steps, as_watched(start.root));
      if (!reached || !assign_list(trail, leg, *reached, now.elements, values, 0))
        return drop_error(), false; // an interrupt goes on
    }
  } catch (const PythonError&) {
    return drop_error(), false;
  } catch (const std::bad_alloc&) {
    return false;
  }
  return true;
}

/// Cache to Blender. False with nothing changed; PythonError if bpy refuses the assignment after
/// it.
bool store(const Trail& trail, const Start& start, const Now& now, const Once& once,
           const Picked& picked, const std::vector<jit::Span>& region) {
  const Leg& leg = trail.legs.front();
  if (trail.legs.size() != 1 || !leg.writing.possible || !may_write(trail, start, now))
    return false;
  const Rows rows = picked.empty() ? rows_of(trail, now.reached.length)
                                   : Rows{0, 1, static_cast<Py_ssize_t>(picked.size())};
  const Py_ssize_t last =
      region.empty() ? rows.count - 1
                     : region.front().start + region.front().step * (region.front().count - 1);
  const Py_ssize_t at = picked.empty()
                            ? rows.start + rows.step * last
                            : static_cast<Py_ssize_t>(picked[static_cast<std::size_t>(last)]);
  const auto is_there = [&](const std::optional<Element>& one) {
    return one &&
           one->address == static_cast<std::uint64_t>(now.elements[static_cast<std::size_t>(at)]);
  };
  auto told = element_at(now.reached.collection.get(), at);
  if (!is_there(told) || !may_be_bulk(*trail.list, leg, now, told->object.get()))
    return PyErr_Clear(), false;
  // That may have run code of a script's, so all are asked for again, right before they are
  // written.
  const auto reached = follow(trail, start.steps, as_watched(start.root));
  told = reached ? element_at(reached->collection.get(), at) : std::nullopt;
  const auto still = is_there(told) ? elements_of(trail, *reached, now.elements) : std::nullopt;
  const auto found =
      still && *still == now.elements ? rows_at(trail, leg, *still, picked) : std::nullopt;
  if (!found)
    return PyErr_Clear(), false;
  move_apart(leg, jit::Direction::update, *found, once.cache, region, once.first);
  tell(leg, told->object.get());
  return true;
}

class ListedRun : public Run {
 public:
  ListedRun(std::shared_ptr<const Trail> trail, Start start, Now now, Picked picked = {})
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
  Picked picked_;                    // of as many elements as there were at enter
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
  auto region = region_of(cache, view);
  const bool is_empty =
      std::ranges::any_of(region, [](const jit::Span& span) { return span.count == 0; });
  if (is_empty || (!region.empty() && trail().legs.size() != 1))
    return std::nullopt;
  return region;
}

bool ListedRun::refresh(PyObject* cache, PyObject* view) {
  if (stale(trail()) || !is_free())
    return false;
  const auto region = part_of(cache, view);
  const auto found = region ? again() : std::nullopt;
  return found && fill(trail(), *found, {cache, 0, 0}, picked_, *region);
}

bool ListedRun::update(PyObject* cache, PyObject* view) {
  if (stale(trail()) || !is_free())
    return false;
  const auto region = part_of(cache, view);
  const auto found = region ? again() : std::nullopt;
  const auto is_each = [](const Leg& leg) { return !leg.writing.possible && leg.writing.each; };
  if (found && picked_.empty() && region->empty() && std::ranges::all_of(trail().legs, is_each))
    return assign_each(trail(), start_, *found, cache);
  return found && store(trail(), start_, *found, {cache, 0, 0}, picked_, *region);
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
  auto found = may_follow(*trail, start) ? look(*trail, start, {}) : std::nullopt;
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
  if (!fill(*trail, *found, {filled.get(), 0, 0}, *picked))
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
  return found && store(trail, start, *found, once, {}, {});
}

} // namespace rnaslicer::runtime
