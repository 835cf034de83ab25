// runtime/trail/several/nested.cpp: enter, refresh and update of datablocks in many collections.
#include "runtime/trail/several/nested.hpp"

#include "runtime/blender/bpy.hpp"
#include "runtime/trail/assigned.hpp"
#include "runtime/trail/several/apart.hpp"

#include <algorithm>
#include <new>
#include <numeric>
#include <utility>

namespace rnaslicer::runtime {

namespace {

/// The datablocks of all collections, as these have them now.
struct Groups {
  Structs outer;
  std::vector<Py_ssize_t> lengths; ///< of the collections
  std::vector<Ref> members;        ///< collection by collection
};

/// Nothing where a collection is not there, or has another than those of the trail's class.
/// `lengths`: as many as each must have; null: however many.
std::optional<Groups> look(const Trail& trail, const Outer& outer, const Level& way,
                           const std::vector<Py_ssize_t>* lengths) {
  auto found = structs_of(outer);
  if (!found || found->structs.empty() ||
      (lengths != nullptr && found->structs.size() != lengths->size()))
    return std::nullopt;
  Groups groups;
  for (std::size_t i = 0; i < found->structs.size(); ++i) {
    const Ref collection = behind(found->structs[i].get(), way);
    const Ref list =
        collection ? datablocks_in(collection.get(), trail, lengths != nullptr ? (*lengths)[i] : -1)
                   : Ref();
    if (!list)
      return std::nullopt;
    auto members = structs_in(list.get());
    groups.lengths.push_back(static_cast<Py_ssize_t>(members.size()));
    std::ranges::move(members, std::back_inserter(groups.members));
  }
  groups.outer = std::move(*found);
  return groups;
}

/// Where they lie.
std::optional<Addresses> addresses_in(const Groups& groups) {
  Addresses found;
  found.reserve(groups.members.size());
  for (const Ref& one : groups.members) {
    const auto address = address_of(one.get());
    if (!address)
      return PyErr_Clear(), std::nullopt;
    found.push_back(static_cast<std::int64_t>(*address));
  }
  return found;
}

bool are_the_same(const std::vector<Ref>& some, const std::vector<Ref>& others) {
  return std::ranges::equal(
      some, others, [](const Ref& one, const Ref& other) { return one.get() == other.get(); });
}

class NestedRun : public Run {
 public:
  NestedRun(std::shared_ptr<const Trail> trail, Outer outer, Level way, Form form, Groups groups,
            std::vector<std::uint32_t> uids, bool has_order)
      : Run(std::move(trail)), outer_(std::move(outer)), way_(std::move(way)),
        form_(std::move(form)), at_enter_(std::move(groups)), uids_(std::move(uids)),
        has_order_(has_order) {}

  bool refresh(PyObject* cache, PyObject* view) override;
  bool update(PyObject* cache, PyObject* view) override;
  [[nodiscard]] std::vector<Py_ssize_t> counted() const override {
    std::vector<Py_ssize_t> all = at_enter_.lengths;
    if (!outer_.is_list)
      all.push_back(at_enter_.outer.length);
    return all;
  }
  [[nodiscard]] const std::vector<std::uint32_t>* uids() const override { return &uids_; }

 private:
  using Targets = std::vector<std::optional<Target>>;
  [[nodiscard]] std::optional<Targets> targets(PyObject* cache, PyObject* view) const {
    return targets_of(trail(), form_, outer_, {}, at_enter_.lengths, cache, region_of(cache, view));
  }
  /// As many structs as at enter, with as many datablocks each.
  [[nodiscard]] std::optional<Groups> again() const {
    auto found = look(trail(), outer_, way_, &at_enter_.lengths);
    return found && found->outer.length == at_enter_.outer.length &&
                   found->outer.counted == at_enter_.outer.counted
               ? std::move(found)
               : std::nullopt;
  }
  [[nodiscard]] bool assign(const Targets& parts, const std::vector<Ref>& members) const;

  Outer outer_;
  Level way_;
  Form form_;
  Groups at_enter_;                 // bpy has one object for each datablock while it is held
  std::vector<std::uint32_t> uids_; // of these, then of the structs, if they have an order
  bool has_order_;                  // the structs are datablocks of a collection
};

bool NestedRun::refresh(PyObject* cache, PyObject* view) {
  if (stale(trail()) || !is_free())
    return false;
  const auto parts = targets(cache, view);
  const auto found = parts ? again() : std::nullopt;
  const auto addresses = found ? addresses_in(*found) : std::nullopt;
  if (!addresses)
    return false;
  if (view == Py_None)
    return fill(trail(), *addresses, {cache, 0, {}});
  auto first = addresses->begin();
  for (std::size_t i = 0; i < parts->size(); ++i) {
    const auto end = first + found->lengths[i];
    if ((*parts)[i] && !fill(trail(), Addresses(first, end), *(*parts)[i]))
      return false; // the routes fill all of it
    first = end;
  }
  return true;
}

/// Collection by collection, as the routes do: a datablock may be in several.
bool NestedRun::assign(const Targets& parts, const std::vector<Ref>& members) const {
  struct One {
    Wanted wanted;
    Ref objects;
  };
  std::vector<One> all;
  std::size_t first = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    for (const Leg& leg : trail().legs) {
      const auto part = parts[i] ? on_leg(leg, *parts[i]) : std::nullopt;
      if (!part)
        continue;
      Wanted wanted(trail(), leg, *part, at_enter_.lengths[i]);
      if (!wanted.is_possible())
        return false;
      const jit::Span& rows = wanted.rows();
      Ref objects = checked(PyList_New(static_cast<Py_ssize_t>(rows.count)));
      for (std::int64_t k = 0; k < rows.count; ++k) {
        const auto at = first + static_cast<std::size_t>(rows.start + k * rows.step);
        PyList_SetItem(objects.get(), static_cast<Py_ssize_t>(k),
                       Ref::borrow(members[at].get()).release());
      }
      if (!let_assign(leg, objects.get()))
        return false;
      all.push_back({std::move(wanted), std::move(objects)});
    }
    first += static_cast<std::size_t>(at_enter_.lengths[i]);
  }
  const std::shared_ptr<const Trail> how = shared();    // whatever an assignment's code drops
  return std::ranges::all_of(all, [&](const One& one) { // else the routes write all again
    return assign_all(*how, {}, one.objects.get(), one.wanted);
  });
}

bool NestedRun::update(PyObject* cache, PyObject* view) {
  if (stale(trail()) || !is_free() ||
      !std::ranges::all_of(trail().legs, [](const Leg& leg) { return bool(leg.writing.given); }))
    return false;
  const auto parts = targets(cache, view);
  const auto found = parts ? again() : std::nullopt;
  return found && (!has_order_ || are_the_same(found->outer.structs, at_enter_.outer.structs)) &&
         are_the_same(found->members, at_enter_.members) && are_own(found->members) &&
         assign(*parts, found->members);
}

} // namespace

std::unique_ptr<Run> enter_nested(std::shared_ptr<const Trail> trail, Outer outer, Level way,
                                  Form form, IdPlaces places, PyObject* wrapper, ManyCache& made) {
  if (stale(*trail) || !is_free() || form.kind == Form::Kind::padded || !outer.levels.empty())
    return nullptr;
  auto found = look(*trail, outer, way, nullptr);
  const bool is_flat = form.kind == Form::Kind::flat;
  if (!found || found->members.empty() ||
      (!is_flat &&
       std::ranges::adjacent_find(found->lengths, std::not_equal_to<>()) != found->lengths.end()))
    return nullptr;
  Addresses addresses;
  auto members = members_of(std::move(found->members), places, &addresses);
  if (!members || !agree(*trail, members->structs, {}, addresses))
    return nullptr;
  std::vector<std::uint32_t> uids = std::move(members->uids);
  found->members = std::move(members->structs);
  const bool has_order = !outer.is_list && is_datablock(found->outer.structs.front().get());
  if (has_order) {
    auto structs = members_of(std::move(found->outer.structs), places, nullptr);
    if (!structs)
      return nullptr;
    uids.insert(uids.end(), structs->uids.begin(), structs->uids.end());
    found->outer.structs = std::move(structs->structs);
  }
  std::vector<Py_ssize_t> shape{static_cast<Py_ssize_t>(addresses.size())};
  if (!is_flat)
    shape = {static_cast<Py_ssize_t>(found->lengths.size()), found->lengths.front()};
  made.offsets.assign(1, 0);
  for (const Py_ssize_t length : found->lengths)
    made.offsets.push_back(made.offsets.back() + length);
  made.cache = allocate_cache(*trail, std::move(shape), wrapper);
  if (!made.cache || (fills(wrapper) && !fill(*trail, addresses, {made.cache.get(), 0, {}})))
    return nullptr;
  if (!has_order) // None is held between two calls; to let go of one may run a script's code.
    found->outer.structs.clear();
  return std::make_unique<NestedRun>(std::move(trail), std::move(outer), std::move(way),
                                     std::move(form), std::move(*found), std::move(uids),
                                     has_order);
}

} // namespace rnaslicer::runtime
