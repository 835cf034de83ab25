// runtime/trail/several/elements.cpp: walks along a list, and what bpy says of it.
#include "runtime/trail/several/elements.hpp"

#include "runtime/blender/bpy.hpp"
#include "runtime/blender/probe.hpp"
#include "runtime/blender/told_value.hpp"
#include "runtime/memcache/memcache.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace rnaslicer::runtime {

namespace {

/// bpy's objects for all elements.
void keep_all(const Ref& objects) {
  for (Py_ssize_t i = 0; i < PyList_Size(objects.get()); ++i)
    Staying::add(PyList_GetItem(objects.get(), i));
}

std::uint64_t word_at(std::uint64_t address, std::int64_t at) {
  std::uint64_t word = 0;
  std::memcpy(&word, pointer(address) + at, sizeof word);
  return word;
}

std::uint64_t unsigned_of(std::int64_t address) { return static_cast<std::uint64_t>(address); }

/// Whether bpy has the element of an index at an address.
std::optional<Element> element_there(PyObject* collection, Py_ssize_t at, std::uint64_t address) {
  auto element = element_at(collection, at);
  if (!element || address == 0 || element->address != address)
    return PyErr_Clear(), std::nullopt;
  return element;
}

bool is_as_long(PyObject* collection, std::size_t count) {
  const Py_ssize_t length = PyObject_Size(collection);
  if (length < 0)
    PyErr_Clear();
  return length >= 0 && static_cast<std::size_t>(length) == count;
}

std::optional<Addresses> listed(const Listing& list, PyObject* collection, std::uint64_t owner,
                                std::span<const std::int64_t> known) {
  // Of a live owner, where this session has proven the head to be.
  const std::uint64_t first = word_at(owner, list.at);
  const std::uint64_t last = word_at(owner, list.at + static_cast<std::int64_t>(sizeof first));
  if (!element_there(collection, 0, first))
    return std::nullopt;
  std::optional<Addresses> found;
  if (known.empty())
    found = walk_whole(first, last, list.links);
  else if (found.emplace(known.size());
           !walk_list(first, last, list.links, Reads::plain, known, *found))
    found.reset();
  if (found && list.is_counted && !is_as_long(collection, found->size()))
    found.reset();
  return found;
}

std::optional<Addresses> tabled(const Listing& list, PyObject* collection, std::uint64_t owner,
                                std::span<const std::int64_t> known) {
  const Py_ssize_t count = PyObject_Size(collection);
  if (count <= 0 || (!known.empty() && known.size() != static_cast<std::size_t>(count)))
    return PyErr_Clear(), std::nullopt;
  Addresses found(static_cast<std::size_t>(count));
  if (!read_memory(word_at(owner, list.at), std::as_writable_bytes(std::span(found))) ||
      std::ranges::count(found, 0) != 0 ||
      !element_there(collection, 0, unsigned_of(found.front())) ||
      !element_there(collection, count - 1, unsigned_of(found.back())))
    return std::nullopt;
  return found;
}

/// The only element of a collection.
std::optional<Addresses> alone(PyObject* collection) {
  const Py_ssize_t count = PyObject_Size(collection);
  const auto element = count == 1 ? element_at(collection, 0) : std::nullopt;
  if (!element || element->address == 0)
    return PyErr_Clear(), std::nullopt;
  return Addresses{static_cast<std::int64_t>(element->address)};
}

/// A struct.
std::optional<Addresses> itself(PyObject* one) {
  const auto address = address_of(one);
  if (!address || *address == 0)
    return PyErr_Clear(), std::nullopt;
  return Addresses{static_cast<std::int64_t>(*address)};
}

/// Of all elements, as bpy gives them.
std::optional<Addresses> each(const Trail& trail, const Reached& reached) {
  const Py_ssize_t count = PyObject_Size(reached.collection.get());
  const Ref objects =
      count > 0 ? objects_of(trail, reached, static_cast<std::size_t>(count)) : Ref();
  Addresses found;
  for (Py_ssize_t i = 0; objects && i < count; ++i) {
    const auto address = address_of(PyList_GetItem(objects.get(), i));
    if (!address || *address == 0)
      break;
    found.push_back(static_cast<std::int64_t>(*address));
  }
  PyErr_Clear();
  return std::ssize(found) == count && count > 0 ? std::optional(std::move(found)) : std::nullopt;
}

bool is_of(const Listing& list, PyTypeObject* kind) {
  return std::ranges::find(list.kinds, kind) != list.kinds.end();
}

/// By a word in each element that tells its type. bpy is asked for the class of one element for
/// each word.
std::optional<std::vector<PyTypeObject*>> told_by_words(const Listing& list, PyObject* collection,
                                                        std::span<const std::int64_t> elements,
                                                        std::vector<Py_ssize_t>* one_of_each) {
  std::vector<std::pair<std::uint64_t, PyTypeObject*>> known;
  std::vector<PyTypeObject*> found;
  found.reserve(elements.size());
  for (std::size_t i = 0; i < elements.size(); ++i) {
    const std::uint64_t word = word_at(unsigned_of(elements[i]), list.type_at);
    auto same = std::ranges::find(known, word, &decltype(known)::value_type::first);
    if (same == known.end()) {
      const auto at = static_cast<Py_ssize_t>(i);
      const auto element = element_there(collection, at, unsigned_of(elements[i]));
      if (!element || !is_of(list, Py_TYPE(element->object.get())))
        return std::nullopt;
      known.emplace_back(word, Py_TYPE(element->object.get()));
      same = known.end() - 1;
      if (one_of_each != nullptr)
        one_of_each->push_back(at);
    }
    found.push_back(same->second);
    if (same != known.begin()) // neighbours are alike most often
      std::iter_swap(same, known.begin());
  }
  return found;
}

/// By bpy's object for each.
std::optional<std::vector<PyTypeObject*>> told_by_each(const Trail& trail, const Reached& reached,
                                                       std::size_t count,
                                                       std::vector<Py_ssize_t>* one_of_each) {
  const Listing& list = *trail.list;
  const Ref objects = objects_of(trail, reached, count);
  if (!objects)
    return std::nullopt;
  keep_all(objects);
  std::vector<PyTypeObject*> found;
  for (Py_ssize_t i = 0; i < PyList_Size(objects.get()); ++i) {
    PyTypeObject* const kind = Py_TYPE(PyList_GetItem(objects.get(), i));
    if (!is_of(list, kind))
      return std::nullopt;
    if (one_of_each != nullptr && std::ranges::find(found, kind) == found.end())
      one_of_each->push_back(i);
    found.push_back(kind);
  }
  return found;
}

} // namespace

Addresses chosen(const Picks& picked, Addresses all) {
  if (picked.empty())
    return all;
  Addresses found;
  found.reserve(picked.size());
  for (const std::int64_t at : picked)
    found.push_back(all[static_cast<std::size_t>(at)]);
  return found;
}

Rows rows_of(const Trail& trail, Py_ssize_t length, const Picks& picked) {
  return picked.empty() ? rows_of(trail, length)
                        : Rows{0, 1, static_cast<Py_ssize_t>(picked.size())};
}

Py_ssize_t number_of(const Rows& rows, const Picks& picked, std::int64_t row) {
  return static_cast<Py_ssize_t>(picked.empty() ? rows.start + rows.step * row
                                                : picked[static_cast<std::size_t>(row)]);
}

std::optional<std::byte*> held_at(const Leg& leg, std::int64_t element) {
  std::array at{element};
  if (leg.hop >= 0 && !follow_pointers(at, leg.hop, Reads::safe, at))
    return std::nullopt;
  return pointer(unsigned_of(at.front()));
}

std::optional<Element> element_of(const Trail& trail, const Reached& reached, Py_ssize_t at) {
  if (trail.list->how != Listing::How::itself)
    return element_at(reached.collection.get(), at);
  const auto address = address_of(reached.collection.get());
  return address ? std::optional(Element{Ref::borrow(reached.collection.get()), *address})
                 : std::nullopt;
}

Ref objects_of(const Trail& trail, const Reached& reached, std::size_t count) {
  if (trail.list->how == Listing::How::itself) {
    Ref one = checked(PyList_New(1));
    PyList_SetItem(one.get(), 0, Ref::borrow(reached.collection.get()).release());
    return one;
  }
  const Ref all = checked(PySlice_New(nullptr, nullptr, nullptr));
  Ref objects = Ref::steal(PyObject_GetItem(reached.collection.get(), all.get()));
  if (!objects || PyList_Check(objects.get()) == 0 ||
      PyList_Size(objects.get()) != static_cast<Py_ssize_t>(count))
    return PyErr_Clear(), Ref();
  return objects;
}

std::optional<Addresses> elements_of(const Trail& trail, const Reached& reached,
                                     std::span<const std::int64_t> known) {
  if (trail.list->how == Listing::How::itself)
    return itself(reached.collection.get());
  if (trail.list->how == Listing::How::alone)
    return alone(reached.collection.get());
  if (trail.list->how == Listing::How::each)
    return each(trail, reached);
  const auto owner = address_of(reached.owner.get());
  if (!owner || *owner == 0)
    return PyErr_Clear(), std::nullopt;
  const Listing& list = *trail.list;
  return list.how == Listing::How::table ? tabled(list, reached.collection.get(), *owner, known)
                                         : listed(list, reached.collection.get(), *owner, known);
}

std::optional<std::vector<PyTypeObject*>> kinds_of(const Trail& trail, const Reached& reached,
                                                   std::span<const std::int64_t> elements,
                                                   std::vector<Py_ssize_t>* one_of_each) {
  const Listing& list = *trail.list;
  if (list.kinds.empty())
    return std::vector<PyTypeObject*>();
  auto found = list.type_at < 0
                   ? told_by_each(trail, reached, elements.size(), one_of_each)
                   : told_by_words(list, reached.collection.get(), elements, one_of_each);
  if (found && std::ranges::adjacent_find(*found, std::not_equal_to<>()) == found->end())
    found->resize(1);
  return found;
}

std::optional<Addresses> rows_at(const Leg& leg, std::span<const std::int64_t> elements,
                                 const Rows& rows) {
  // Only discovery's file says where that pointer lies, and elements may be smaller than that: safe
  // reads, unless it is known to lie within them.
  if (leg.unless >= 0 &&
      !are_null(elements, leg.unless, leg.unless_is_own ? Reads::plain : Reads::safe))
    return std::nullopt;
  Addresses found(static_cast<std::size_t>(rows.count));
  for (Py_ssize_t i = 0; i < rows.count; ++i)
    found[static_cast<std::size_t>(i)] =
        elements[static_cast<std::size_t>(rows.start + i * rows.step)];
  if (leg.hop >= 0 && !follow_pointers(found, leg.hop, Reads::plain, found))
    return std::nullopt;
  return found;
}

std::optional<Addresses> rows_at(const Trail& trail, const Leg& leg, const Addresses& elements,
                                 const Picks& picked) {
  if (picked.empty())
    return rows_at(leg, elements, rows_of(trail, static_cast<Py_ssize_t>(elements.size())));
  const Addresses found = chosen(picked, elements);
  return rows_at(leg, found, {0, 1, static_cast<Py_ssize_t>(found.size())});
}

bool are_values(const Trail& trail, const Leg& leg, const Reached& reached,
                std::span<const std::int64_t> elements, std::vector<Py_ssize_t> which) {
  if (!leg.check)
    return false;
  std::ranges::sort(which);
  which.erase(std::unique(which.begin(), which.end()), which.end());
  Seen seen;
  for (const Py_ssize_t at : which) {
    const std::int64_t address = elements[static_cast<std::size_t>(at)];
    auto element = element_of(trail, reached, at);
    if (!element || element->address == 0 || element->address != unsigned_of(address))
      return PyErr_Clear(), false;
    Ref value = element ? attr(element->object.get(), leg.property.get()) : Ref();
    const auto there = value ? held_at(leg, address) : std::nullopt;
    if (!there || !is_value(leg, value.get(), *there))
      return PyErr_Clear(), false;
    if (leg.doubtful &&
        !leg.is_copied) // of those that are copied some may not be as many as a proof
      seen.add(std::move(value));
  }
  seen.settle(leg);
  return true;
}

namespace {

/// A leg's numbers of all structs, packed row by row; nothing where one tells another value.
std::optional<Located> told(const Leg& leg, std::span<const Ref> structs) {
  const ToldValue& how = *leg.value;
  const auto width = static_cast<Py_ssize_t>(how.components.size());
  const Py_ssize_t count = width * std::ssize(structs);
  Ref packed = new_packed(&count, 1, how.format.c_str(), Py_None);
  const StorageView storage = memcache_storage(packed.get());
  std::byte* to = storage.data;
  for (const Ref& one : structs) {
    if (!pack_told(how, leg.property.get(), one.get(), to))
      return std::nullopt;
    to += width * storage.itemsize;
  }
  return Located{storage.data, false, true, {}, std::make_shared<const Ref>(std::move(packed))};
}

bool fill(const Trail& trail, std::span<const Located> all, const Rows& rows,
          const Target& target) {
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Leg& leg = trail.legs[i];
    if (const auto part = on_leg(leg, target))
      move_rows(trail, leg, leg.move, jit::Direction::refresh, all[i], leg.stride, rows, *part);
  }
  return true;
}

} // namespace

bool fill_asked(const Trail& trail, const Reached& reached, Target target, const Picks& picked) {
  std::vector<Located> all;
  for (const Leg& leg : trail.legs) {
    auto found = asked_of(leg, reached);
    if (!found)
      return false;
    all.push_back(std::move(*found));
  }
  target.picked = picked.empty() ? nullptr : &picked;
  return fill(trail, all, rows_of(trail, reached.length, target), target);
}

bool fill_told(const Trail& trail, std::span<const Ref> structs, const Target& target) {
  std::vector<Located> all;
  for (const Leg& leg : trail.legs) {
    auto found = told(leg, structs);
    if (!found)
      return false;
    all.push_back(std::move(*found));
  }
  return fill(trail, all, {0, 1, std::ssize(structs)}, target);
}

} // namespace rnaslicer::runtime
