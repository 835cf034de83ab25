// runtime/trail/noticing.cpp: assignments around a write, and tags.
#include "runtime/trail/noticing.hpp"

#include "runtime/blender/bpy.hpp"
#include "runtime/blender/names.hpp"
#include "runtime/trail/whole.hpp"

#include <cstring>

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

} // namespace rnaslicer::runtime
