// runtime/trail/noticing.cpp: assignments around a write, and tags.
#include "runtime/trail/noticing.hpp"

#include "runtime/blender/bpy.hpp"
#include "runtime/blender/names.hpp"
#include "runtime/trail/whole.hpp"

#include <cstring>
#include <utility>

namespace rnaslicer::runtime {

namespace {

/// Gives a vertex its own place again: by one number of it, of which bpy sets them all. False with
/// bpy's error.
bool move(const Ref& vertex) {
  const Ref place = vertex ? attr(vertex.get(), names().co) : Ref();
  const Ref number = place ? Ref::steal(PySequence_GetItem(place.get(), 0)) : Ref();
  return number && PySequence_SetItem(place.get(), 0, number.get()) == 0;
}

/// Assigns an element's property its own value. False with bpy's error.
bool assign_own(const Ref& element, PyObject* property) {
  const Ref value = element ? attr(element.get(), property) : Ref();
  const Ref numbers = value ? as_numbers(value.get()) : Ref();
  return numbers && PyObject_SetAttr(element.get(), property, numbers.get()) == 0;
}

/// Whether to give a vertex its own place again tags its mesh.
Tells moving_tells = Tells::unknown;

bool move_vertex(PyObject* vertices) { return move(Ref::steal(PySequence_GetItem(vertices, 0))); }

} // namespace

std::optional<bool> has_tags(const Trail& trail, PyObject* id) {
  const auto address = trail.tags_at < 0 ? std::nullopt : address_of(id);
  if (!address)
    return PyErr_Clear(), std::nullopt;
  std::uint32_t tags = 0;
  std::memcpy(&tags, bytes_at(*address, trail.tags_at, sizeof tags).data(), sizeof tags);
  return tags != 0;
}

bool assign_again(const Trail& trail, const Leg& leg, const Reached& reached, Py_ssize_t at,
                  PyObject* made) {
  const bool asks = leg.writing.tags && !is_seen(leg.writing.told);
  const bool tells = asks && has_tags(trail, reached.id.get()) == false;
  const Ref element =
      made != nullptr ? Ref::borrow(made) : nth_of(trail, reached.collection.get(), at);
  if (!(leg.writing.is_place ? move(element) : assign_own(element, leg.property.get())))
    return false;
  if (const auto tags = tells ? has_tags(trail, reached.id.get()) : std::nullopt)
    leg.writing.told = *tags ? Tells::yes : Tells::no;
  if (leg.writing.is_place && is_seen(leg.writing.told))
    moving_tells = leg.writing.told;
  return true;
}

void settle(const Trail& trail, const Leg& leg, const Reached& reached) {
  PyObject* const id = reached.id.get();
  if (leg.writing.remakes) // which fails if it does not live any more
    checked(PyObject_CallMethodObjArgs(id, names().update, nullptr));
  bool is_tagged = leg.writing.told == Tells::yes ||
                   (leg.writing.told == Tells::proposed && has_tags(trail, id) == true);
  if (leg.writing.moves) {
    const Ref vertices = leg.writing.remakes && leg.writing.indexes_vertices && reached.indexed
                             ? Ref::borrow(reached.indexed.get())
                             : checked(PyObject_GetAttr(id, names().vertices));
    const Py_ssize_t count = PyObject_Size(vertices.get());
    if (count < 0 || (count > 0 && !move_vertex(vertices.get())))
      throw PythonError();
    is_tagged = is_tagged || (count > 0 && moving_tells == Tells::yes);
  }
  if (leg.writing.tags && !is_tagged)
    checked(PyObject_CallMethodObjArgs(id, names().update_tag, nullptr));
}

namespace {

/// bpy's objects for all elements of a collection, if there are so many. Along a list bpy walks to
/// each index from the first element: all in one go.
Ref every_object(const Reached& reached, Py_ssize_t length) {
  Ref found = Ref::steal(PySequence_GetSlice(reached.collection.get(), 0, length + 1));
  if (!found || PyList_Check(found.get()) == 0 || PyList_Size(found.get()) != length)
    return PyErr_Clear(), Ref();
  return found;
}

/// The list, if no slot is empty.
Ref unless_empty(Ref list) {
  for (Py_ssize_t i = 0; i < PyList_Size(list.get()); ++i)
    if (PyList_GetItem(list.get(), i) == Py_None)
      return {};
  return list;
}

template <typename F> Ref some_of(const Ref& every, std::int64_t count, F number) {
  Ref some = checked(PyList_New(static_cast<Py_ssize_t>(count)));
  for (std::int64_t i = 0; i < count; ++i)
    PyList_SetItem(
        some.get(), static_cast<Py_ssize_t>(i),
        Ref::borrow(PyList_GetItem(every.get(), static_cast<Py_ssize_t>(number(i)))).release());
  return some;
}

} // namespace

Ref objects_at(const Reached& reached, Py_ssize_t length, const Rows& rows, const jit::Span& part) {
  Ref every = every_object(reached, length);
  if (!every)
    return {};
  if (rows.start == 0 && rows.step == 1 && part.start == 0 && part.step == 1 &&
      part.count == length)
    return unless_empty(std::move(every));
  return unless_empty(some_of(every, part.count, [&](std::int64_t i) {
    return rows.start + rows.step * (part.start + i * part.step);
  }));
}

Ref objects_at(const Reached& reached, Py_ssize_t length, std::span<const std::int64_t> picked,
               const jit::Span& part) {
  const Ref every = every_object(reached, length);
  return every ? unless_empty(
                     some_of(every, part.count,
                             [&](std::int64_t i) {
                               return picked[static_cast<std::size_t>(part.start + i * part.step)];
                             }))
               : Ref();
}

} // namespace rnaslicer::runtime
