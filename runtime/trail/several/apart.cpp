// runtime/trail/several/apart.cpp: enter, refresh and update of many datablocks.
#include "runtime/trail/several/apart.hpp"

#include "runtime/blender/bpy.hpp"
#include "runtime/blender/names.hpp"
#include "runtime/memcache/memcache.hpp"
#include "runtime/supplier/roster.hpp"
#include "runtime/trail/several/bulk.hpp"
#include "runtime/trail/several/elements.hpp"
#include "runtime/transfer/kernel_python.hpp"
#include "runtime/transfer/reach.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace rnaslicer::runtime {

namespace {

/// What a leg's kernel follows: the datablocks, or what each leads to.
std::optional<Addresses> held(const Leg& leg, const Addresses& ids) {
  return rows_at(leg, ids, {0, 1, static_cast<Py_ssize_t>(ids.size())});
}

/// The number of a row's datablock; where none are picked, rows are all of them.
std::size_t number_of(const Picks& picked, std::size_t row) {
  return picked.empty() ? row : static_cast<std::size_t>(picked[row]);
}

/// Whether those that are compared are in memory what bpy gives for them.
/// addresses: of those that are picked.
bool agree(const Leg& leg, std::span<const Ref> structs, const Picks& picked,
           const Addresses& addresses) {
  if (!leg.check)
    return false;
  Seen seen;
  for (const Py_ssize_t at : compared(leg, static_cast<Py_ssize_t>(addresses.size()))) {
    const auto i = static_cast<std::size_t>(at);
    Ref value = attr(structs[number_of(picked, i)].get(), leg.property.get());
    const auto there = value ? held_at(leg, addresses[i]) : std::nullopt;
    if (!there || !is_value(leg, value.get(), *there))
      return PyErr_Clear(), false;
    if (leg.doubtful)
      seen.add(std::move(value));
  }
  seen.settle(leg);
  return true;
}

} // namespace

bool fill(const Trail& trail, const Addresses& ids, const Target& target) {
  std::vector<Addresses> all;
  for (const Leg& leg : trail.legs) {
    auto found = leg.hop < 0 ? std::optional<Addresses>(std::in_place) : held(leg, ids);
    if (!found)
      return false;
    all.push_back(std::move(*found));
  }
  const auto first = static_cast<Py_ssize_t>(target.first_row * row_bytes_of(trail));
  for (std::size_t i = 0; i < all.size(); ++i)
    if (const auto part = on_leg(trail.legs[i], target))
      move_apart(trail.legs[i], jit::Direction::refresh, trail.legs[i].hop < 0 ? ids : all[i],
                 target.cache, part->region, first);
  return true;
}

bool agree(const Trail& trail, std::span<const Ref> structs, const Picks& picked,
           const Addresses& addresses) {
  return std::ranges::all_of(
      trail.legs, [&](const Leg& leg) { return agree(leg, structs, picked, addresses); });
}

bool are_own(std::span<const Ref> structs) {
  return !has_libraries() ||
         std::ranges::all_of(structs, [](const Ref& id) { return is_own(id.get()); });
}

bool are_of_kind(const Trail& trail, PyObject* list) {
  for (Py_ssize_t i = 0; i < PyList_Size(list); ++i)
    if (Py_TYPE(PyList_GetItem(list, i)) != trail.element)
      return false;
  return true;
}

std::vector<Ref> structs_in(PyObject* list) {
  std::vector<Ref> found;
  found.reserve(static_cast<std::size_t>(PyList_Size(list)));
  for (Py_ssize_t i = 0; i < PyList_Size(list); ++i)
    found.push_back(Ref::borrow(PyList_GetItem(list, i)));
  return found;
}

Ref datablocks_in(PyObject* collection, const Trail& trail, Py_ssize_t count) {
  const Ref all = Ref::steal(PySlice_New(nullptr, nullptr, nullptr));
  Ref list = all ? Ref::steal(PyObject_GetItem(collection, all.get())) : Ref();
  if (!list || PyList_Check(list.get()) == 0 || (count >= 0 && PyList_Size(list.get()) != count)) {
    PyErr_Clear();
    return {};
  }
  return are_of_kind(trail, list.get()) ? std::move(list) : Ref();
}

namespace {

/// The datablocks of a collection that have these names now. Empty if one is not there, or of
/// another class.
Ref named(const Start& start, const Trail& trail, PyObject* keys) {
  const Ref collection = follow_steps(start.steps, as_watched(start.root));
  Ref list = checked(PyList_New(0));
  for (Py_ssize_t i = 0; collection && i < PyTuple_Size(keys); ++i) {
    const Ref one =
        staying(Ref::steal(PyObject_GetItem(collection.get(), PyTuple_GetItem(keys, i))));
    if (!one || PyList_Append(list.get(), one.get()) < 0)
      break;
  }
  const bool are_there = collection && PyErr_Occurred() == nullptr;
  drop_error(); // an interrupt goes on
  return are_there && are_of_kind(trail, list.get()) ? std::move(list) : Ref();
}

/// The same of all of a collection, which is put into `collection`.
Ref listed(const Start& start, const Trail& trail, Py_ssize_t count, Ref& collection) {
  collection = follow_steps(start.steps, as_watched(start.root));
  return collection ? datablocks_in(collection.get(), trail, count) : Ref();
}

/// What bpy tells of datablocks, or of those of a collection that are picked, to the rows of a
/// target.
bool ask(const Trail& trail, const Ref& collection, std::span<const Ref> structs,
         const Picks& picked, const Target& target) {
  if (trail.legs.front().value) {
    std::vector<Ref> some;
    for (const std::int64_t at : picked)
      some.push_back(Ref::borrow(structs[static_cast<std::size_t>(at)].get()));
    return fill_told(trail, picked.empty() ? structs : some, target);
  }
  Reached reached;
  reached.collection = Ref::borrow(collection.get());
  reached.length = std::ssize(structs);
  return reached.collection && fill_asked(trail, reached, target, picked);
}

class ApartRun : public Run {
 public:
  ApartRun(std::shared_ptr<const Trail> trail, PyObject* roster)
      : Run(std::move(trail)), held_(Ref::borrow(roster)) {}
  ApartRun(std::shared_ptr<const Trail> trail, Start start, Roster members, Picks picked, Ref keys)
      : Run(std::move(trail)), held_(Ref::borrow(start.root)), start_(std::move(start)),
        members_(std::move(members)), count_(std::ssize(members_->structs)),
        picked_(std::move(picked)), keys_(std::move(keys)) {
    if (!is_given()) // evaluated ones are freed while somebody has bpy's object for them
      members_->structs.clear();
  }

  bool refresh(PyObject* cache, PyObject* view) override;
  bool update(PyObject* cache, PyObject* view) override;
  [[nodiscard]] const std::vector<std::uint32_t>* uids() const override {
    return members_ && !keys_ ? &members_->uids : nullptr;
  }
  [[nodiscard]] Moment seen() const override { return members_ ? members_->seen : Moment(); }

 private:
  [[nodiscard]] Roster& roster() { return members_ ? *members_ : *as_roster(held_.get()); }
  /// Whether an update has bpy assign each; else nobody asks again which they are.
  [[nodiscard]] bool is_given() const {
    return std::ranges::all_of(trail().legs,
                               [](const Leg& leg) { return bool(leg.writing.given); });
  }
  Ref now_listed(Ref* from = nullptr);
  bool ask_now(const Target& target);
  std::optional<Addresses> addresses();
  std::optional<Addresses> walked();
  bool is_as_at_enter();

  Ref held_;                      // the Roster; of a collection its root
  Start start_;                   // to the collection
  std::optional<Roster> members_; // all of the collection, also those that are not picked
  Py_ssize_t count_ = 0;          // of these
  Picks picked_;
  Ref keys_;        // names of those that are asked for each time; null: none
  Addresses known_; // of a list's last walk; they guide the next one
};

/// Those of the collection, or that have the names; empty where they are not as many. `from`: the
/// collection, if that was asked for.
Ref ApartRun::now_listed(Ref* from) {
  Ref collection;
  Ref list =
      keys_ ? named(start_, trail(), keys_.get()) : listed(start_, trail(), count_, collection);
  if (from != nullptr)
    *from = std::move(collection);
  return list;
}

/// Blender to cache, where bpy tells the values.
bool ApartRun::ask_now(const Target& target) {
  Ref collection;
  if (!members_)
    return addresses_of(roster()) && ask(trail(), collection, roster().structs, picked_, target);
  const Ref list = now_listed(&collection);
  if (!list || !ask(trail(), collection, structs_in(list.get()), picked_, target))
    return false;
  members_->seen = now();
  return true;
}

std::optional<Addresses> ApartRun::addresses() {
  if (!members_)
    return addresses_of(roster());
  if (trail().list)
    return walked();
  const Ref list = now_listed();
  if (!list)
    return std::nullopt;
  Addresses found;
  const std::size_t rows = picked_.empty() ? static_cast<std::size_t>(count_) : picked_.size();
  found.reserve(rows);
  for (std::size_t i = 0; i < rows; ++i) {
    const auto at = static_cast<Py_ssize_t>(number_of(picked_, i));
    const auto address = address_of(PyList_GetItem(list.get(), at));
    if (!address)
      return PyErr_Clear(), std::nullopt;
    found.push_back(static_cast<std::int64_t>(*address));
  }
  members_->seen = now();
  return found;
}

/// Of a list of bpy.data, all of which are of one type: along its links, without bpy's object for
/// each.
std::optional<Addresses> ApartRun::walked() {
  const auto reached = follow(trail(), start_.steps, as_watched(start_.root));
  auto found = reached ? elements_of(trail(), *reached, known_) : std::nullopt;
  if (!found || std::ssize(*found) != count_)
    return std::nullopt;
  known_ = *found;
  members_->seen = now();
  return chosen(picked_, std::move(*found));
}

/// Whether the datablocks to write live, and are those that were entered: bpy has one object for
/// each while somebody holds it.
bool ApartRun::is_as_at_enter() {
  if (!members_)
    return addresses_of(roster()).has_value();
  const Ref list = now_listed();
  if (!list)
    return false;
  if (keys_)
    members_->structs = structs_in(list.get());
  for (std::size_t i = 0; i < members_->structs.size(); ++i)
    if (PyList_GetItem(list.get(), static_cast<Py_ssize_t>(i)) != members_->structs[i].get())
      return false;
  members_->seen = now();
  return true;
}

/// Whether a part of the cache has nothing in it, or the trail cannot tell what of it is each
/// leg's.
bool is_for_routes(const Trail& trail, std::span<const jit::Span> region) {
  return !divides(trail, region) ||
         std::ranges::any_of(region, [](const jit::Span& span) { return span.count == 0; });
}

/// The datablocks of a part, as a list.
Ref objects_of(const std::vector<Ref>& structs, const Picks& picked, const jit::Span& part) {
  Ref objects = checked(PyList_New(static_cast<Py_ssize_t>(part.count)));
  for (std::int64_t i = 0; i < part.count; ++i) {
    const std::size_t at = number_of(picked, static_cast<std::size_t>(part.start + i * part.step));
    PyList_SetItem(objects.get(), static_cast<Py_ssize_t>(i),
                   Ref::borrow(structs[at].get()).release());
  }
  return objects;
}

bool ApartRun::refresh(PyObject* cache, PyObject* view) {
  if (stale(trail()) || !is_free())
    return false;
  const std::vector<jit::Span> region = region_of(cache, view);
  if (is_for_routes(trail(), region))
    return false;
  if (is_asked(trail()))
    return ask_now({cache, 0, region});
  const auto found = addresses();
  return found && fill(trail(), *found, {cache, 0, region});
}

bool ApartRun::update(PyObject* cache, PyObject* view) {
  if (stale(trail()) || !is_free())
    return false;
  const Target target{cache, 0, region_of(cache, view)};
  if (is_for_routes(trail(), target.region) || !is_given() || !is_as_at_enter() ||
      !are_own(roster().structs))
    return false;
  const std::size_t count = picked_.empty() ? roster().structs.size() : picked_.size();
  std::vector<Wanted> all;
  std::vector<Ref> objects;
  for (const Leg& leg : trail().legs)
    if (const auto part = on_leg(leg, target)) {
      all.emplace_back(trail(), leg, *part, static_cast<std::int64_t>(count));
      if (!all.back().is_possible())
        return false;
      objects.push_back(objects_of(roster().structs, picked_, all.back().rows()));
      if (!may_write(trail(), leg, objects.back().get()))
        return false;
    }
  for (std::size_t i = 0; i < all.size(); ++i)
    if (!assign_datablocks(trail(), objects[i].get(), all[i]))
      return false;
  return true;
}

/// The names in ("keys", names); null of another item.
Ref keys_in(PyObject* item) {
  const bool is_keys = PyTuple_Check(item) != 0 && PyTuple_Size(item) == 2 &&
                       PyUnicode_CompareWithASCIIString(PyTuple_GetItem(item, 0), "keys") == 0;
  return is_keys ? checked(PySequence_Tuple(PyTuple_GetItem(item, 1))) : Ref();
}

/// A filled cache, if memory has what bpy gives.
bool enter_at(const Trail& trail, const Ref& collection, const Roster& roster, const Picks& picked,
              const Addresses& addresses, PyObject* wrapper, Ref& cache) {
  if (!is_asked(trail) && !agree(trail, roster.structs, picked, addresses))
    return false;
  cache = allocate_cache(trail, {static_cast<Py_ssize_t>(addresses.size())}, wrapper);
  if (!cache || !fills(wrapper))
    return static_cast<bool>(cache);
  const Target target{cache.get(), 0, {}};
  return is_asked(trail) ? ask(trail, collection, roster.structs, picked, target)
                         : fill(trail, addresses, target);
}

} // namespace

void move_apart(const Leg& leg, jit::Direction direction, std::span<const std::int64_t> addresses,
                PyObject* cache, std::span<const jit::Span> region, Py_ssize_t first) {
  const Move& how = leg.move;
  const StorageView storage = memcache_storage(cache);
  if (!storage)
    throw PythonError();
  std::array<std::int64_t, jit::max_loops> extents{static_cast<std::int64_t>(addresses.size())};
  std::array<jit::Table, jit::max_loops> tables{};
  std::copy(how.extents.begin(), how.extents.end(), extents.begin() + 1);
  tables[0].data = addresses.data();
  for (std::size_t i = 0; i < how.tables.size(); ++i)
    if (!how.tables[i].empty())
      tables[i + 1].data = how.tables[i].data();
  const std::size_t loops = how.extents.size() + 1;
  const std::int64_t at = how.cache_offset + first;
  const auto reach = cache_reach(*kernel_plan_of(how.kernel.get()), {extents.data(), loops});
  if (!reach || reach->low + at < 0 || reach->high + at > storage.nbytes)
    raise(PyExc_SystemError, "a trail's plan leaves the cache");
  jit::Transfer transfer;
  transfer.cache = storage.data + at;
  transfer.extents = {extents.data(), loops};
  transfer.tables = {tables.data(), loops};
  transfer.lookups = {leg.lookup_tables.data(), leg.lookup_tables.size()};
  run_kernel(how.kernel.get(), direction, transfer, region);
}

std::unique_ptr<Run> enter_apart(std::shared_ptr<const Trail> trail, PyObject* roster,
                                 PyObject* wrapper, Ref& cache) {
  Roster* const own = as_roster(roster);
  if (own == nullptr || stale(*trail) || !is_free() || is_due(*trail))
    return nullptr;
  const auto addresses = addresses_of(*own);
  if (!addresses || Py_TYPE(own->structs.front().get()) != trail->element ||
      !enter_at(*trail, {}, *own, {}, *addresses, wrapper, cache))
    return nullptr;
  return std::make_unique<ApartRun>(std::move(trail), roster);
}

std::unique_ptr<Run> enter_members(std::shared_ptr<const Trail> trail, Start start, PyObject* item,
                                   IdPlaces places, PyObject* wrapper, Ref& cache) {
  if (as_watched(start.root) == nullptr || stale(*trail) || !is_free() || is_due(*trail))
    return nullptr;
  const Ref keys = keys_in(item);
  Ref collection;
  const Ref list = keys ? named(start, *trail, keys.get()) : listed(start, *trail, -1, collection);
  const Py_ssize_t length = list ? PyList_Size(list.get()) : 0;
  auto picked = std::optional<Picks>();
  if (length != 0)
    picked = item == Py_None || keys ? Picks() : picked_of(item, length);
  Addresses all;
  auto members = picked ? members_of(structs_in(list.get()), places, &all) : std::nullopt;
  if (!members || !enter_at(*trail, collection, *members, *picked, chosen(*picked, std::move(all)),
                            wrapper, cache))
    return nullptr;
  return std::make_unique<ApartRun>(std::move(trail), std::move(start), std::move(*members),
                                    std::move(*picked), Ref::borrow(keys.get()));
}

} // namespace rnaslicer::runtime
