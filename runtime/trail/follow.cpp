// runtime/trail/follow.cpp: from a datablock to a collection and the address of its
// values.
#include "runtime/trail/follow.hpp"

#include "runtime/blender/bpy.hpp"
#include "runtime/blender/names.hpp"
#include "runtime/supplier/evaluated.hpp"
#include "runtime/trail/whole.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <span>

namespace rnaslicer::runtime {

namespace {

/// An element of a trail's collection.
std::optional<Element> element_of(const Trail& trail, PyObject* collection, Py_ssize_t at) {
  Element element{nth_of(trail, collection, at)};
  const auto address = element.object ? address_of(element.object.get()) : std::nullopt;
  if (!address)
    return std::nullopt;
  element.address = *address;
  return element;
}

/// The address of element 0 of `length`, if first and last lie as an array's do and are of one
/// class: where it is the collection of a trail, its element's.
std::optional<Located> block(PyObject* collection, Py_ssize_t length, std::int64_t stride,
                             Ends* ends = nullptr, const Trail* trail = nullptr) {
  auto first = element_at(collection, 0);
  auto last = !first             ? std::nullopt
              : trail != nullptr ? element_of(*trail, collection, length - 1)
                                 : element_at(collection, length - 1);
  if (!last)
    return PyErr_Clear(), std::nullopt;
  const PyTypeObject* const element = trail != nullptr ? trail->element : nullptr;
  const PyTypeObject* const kind = Py_TYPE(first->object.get());
  if (Py_TYPE(last->object.get()) != kind || (element != nullptr && kind != element))
    return std::nullopt;
  const auto reach = static_cast<std::uint64_t>(stride) * static_cast<std::uint64_t>(length - 1);
  if (first->address == 0 || last->address - first->address != reach)
    return std::nullopt;
  if (ends != nullptr)
    *ends = {std::move(first->object), std::move(last->object)};
  return Located{pointer(first->address), false, false};
}

/// The same of the collection's own elements, before a write: the first is asked for, which
/// un-shares. Of the array that the last write found there, as long as now, the last element is not
/// asked for again.
std::optional<Located> block_again(const Leg& leg, const Trail& trail, const Reached& reached,
                                   Ends* ends) {
  constexpr std::size_t most = 1U << 12U;
  const auto holder = address_of(reached.owner ? reached.owner.get() : reached.id.get());
  if (!holder)
    return PyErr_Clear(), std::nullopt;
  const std::int64_t bytes = leg.stride * reached.length;
  const auto known = leg.blocks.find(*holder);
  if (known != leg.blocks.end() && known->second.second == bytes && trail.element != nullptr) {
    auto first = element_at(reached.collection.get(), 0);
    if (!first)
      return PyErr_Clear(), std::nullopt;
    if (first->address == known->second.first && Py_TYPE(first->object.get()) == trail.element) {
      if (ends != nullptr)
        *ends = {std::move(first->object), {}};
      return Located{pointer(known->second.first), false, false};
    }
  }
  auto located = block(reached.collection.get(), reached.length, leg.stride, ends, &trail);
  if (leg.blocks.size() >= most)
    leg.blocks.clear();
  if (located)
    leg.blocks[*holder] = {reinterpret_cast<std::uintptr_t>(located->base), bytes};
  return located;
}

std::optional<Located> block_of_layer(const Leg& leg, PyObject* attribute, Py_ssize_t length) {
  const Ref data = attr(attribute, names().data);
  if (!data || PyObject_Size(data.get()) != length) {
    PyErr_Clear();
    return std::nullopt;
  }
  return block(data.get(), length, leg.stride);
}

/// The same of a layer that is going to be written: an element is touched, so that Blender gives
/// the layer an array of its own. Where the layer then says that this begins there and is as long,
/// the last element need not be asked where it lies.
std::optional<Located> touched_layer(const Leg& leg, PyObject* attribute, Py_ssize_t length) {
  const Ref data = leg.layer && length > 1 ? attr(attribute, names().data) : Ref();
  if (data && PyObject_Size(data.get()) == length) {
    const auto first = element_at(data.get(), 0);
    const auto there = first ? untouched(leg, attribute, length, data.get()) : std::nullopt;
    if (there && there->base == pointer(first->address) && leg.stride == leg.layer_item)
      return Located{there->base, false, false};
  }
  PyErr_Clear();
  return block_of_layer(leg, attribute, length);
}

std::optional<Located> block_of_sibling(const Leg& leg, const Reached& reached) {
  const Ref sibling = attr(reached.owner.get(), leg.name.get());
  if (!sibling || PyObject_Size(sibling.get()) != reached.length) {
    PyErr_Clear();
    return std::nullopt;
  }
  return block(sibling.get(), reached.length, leg.stride);
}

/// What a step by name from a struct leads to, if this call has asked for it before.
struct Known {
  PyObject* collection = nullptr;
  Py_ssize_t count = 0;
};
Known known_of(const Looked* looked, const PyObject* from, const PyObject* name) {
  if (looked == nullptr || !looked->mesh || looked->mesh.get() != from)
    return {};
  if (name == names().loops)
    return {looked->corners.get(), looked->corner_count};
  if (name == names().vertices)
    return {looked->vertices.get(), looked->vertex_count};
  return {};
}

/// The same with the collection that the stored indices count.
std::optional<Located> with_target(const Leg& leg, const Reached& reached,
                                   std::optional<Located> located) {
  if (!located || !leg.through)
    return located;
  const Known known = known_of(&reached.looked, reached.owner.get(), leg.through.get());
  const Ref collection = known.collection != nullptr ? Ref::borrow(known.collection)
                                                     : attr(reached.owner.get(), leg.through.get());
  const Py_ssize_t count = known.collection != nullptr ? known.count
                           : collection                ? PyObject_Size(collection.get())
                                                       : -1;
  const auto first = count > 0 ? element_at(collection.get(), 0) : std::nullopt;
  if (!first || first->address == 0)
    return PyErr_Clear(), std::nullopt;
  located->target = {pointer(first->address), count};
  return located;
}

std::optional<Reached> follow_from(PyObject* start, const Trail& trail,
                                   const std::vector<Step>& steps, PyObject* id = nullptr,
                                   const Looked* looked = nullptr) {
  Reached reached;
  Known known;
  reached.id = steps.empty() && trail.list ? attr(start, names().id_data) : Ref::borrow(start);
  reached.collection = Ref::borrow(start);
  if (trail.divided && trail.divided->step == 0)
    reached.drawing = Ref::borrow(start);
  const bool asks = trail.passed.size() == steps.size(); // not of steps that were joined
  for (std::size_t i = 0; i < steps.size(); ++i) {
    reached.owner = std::move(reached.collection);
    if (steps[i].is_counted)
      reached.counted.push_back(PyObject_Size(reached.owner.get()));
    known = steps[i].kind == StepKind::attribute
                ? known_of(looked, reached.owner.get(), steps[i].what.get())
                : Known();
    reached.collection = known.collection != nullptr ? Ref::borrow(known.collection)
                                                     : take_step(steps[i], reached.owner.get());
    if (!reached.collection || (asks && trail.passed[i] != nullptr &&
                                Py_TYPE(reached.collection.get()) != trail.passed[i]))
      return PyErr_Clear(), std::nullopt;
    if (trail.divided && i + 1 == trail.divided->step)
      reached.drawing = Ref::borrow(reached.collection.get());
  }
  if (trail.owner != nullptr) {
    if (!reached.owner || Py_TYPE(reached.owner.get()) != trail.owner)
      return std::nullopt;
    reached.id = trail.whose                     ? Ref::borrow(reached.owner.get())
                 : trail.within && id != nullptr ? Ref::borrow(id)
                 : stay_in_action(start, steps)  ? Ref::borrow(start)
                                                 : attr(reached.collection.get(), names().id_data);
  }
  if (!may_derive(trail, reached.id.get(), reached.looked))
    return std::nullopt;
  // A list is counted where it is walked (elements.cpp): bpy counts it by a walk of its own.
  reached.length = !reached.id                   ? -1
                   : trail.list                  ? 0
                   : known.collection != nullptr ? known.count
                                                 : length_of(trail, reached.collection.get());
  if (reached.length < 0)
    return PyErr_Clear(), std::nullopt;
  return reached;
}

} // namespace

bool is_edited(PyObject* id) {
  static std::unordered_set<const PyTypeObject*> without; // bpy's own types, which live for ever
  if (without.contains(Py_TYPE(id)))
    return false;
  const Ref value = attr(id, names().is_editmode);
  if (!value && PyErr_ExceptionMatches(PyExc_AttributeError) != 0)
    without.insert(Py_TYPE(id));
  PyErr_Clear();
  return value.get() == Py_True;
}

Ref struct_of(Watched* root) {
  if (root->ref != nullptr)
    return alive(root);
  if (Ref evaluated = evaluated_by(root))
    return evaluated;
  if (Ref graph = depsgraph_by(root))
    return graph;
  Ref found = Ref::steal(
      PyObject_CallMethodObjArgs(reinterpret_cast<PyObject*>(root), names().find, nullptr));
  drop_error(); // the routes say what became of it
  return found;
}

std::optional<Reached> follow(const Trail& trail, const std::vector<Step>& steps, PyObject* id,
                              const Looked* looked) {
  return follow_from(id, trail, steps, id, looked);
}

std::optional<Reached> follow(const Trail& trail, PyObject* start, PyObject* id) {
  return follow_from(start, trail, trail.steps, id);
}

std::optional<Reached> reached_by(const Trail& trail, PyObject* collection) {
  Reached reached;
  reached.collection = Ref::borrow(collection);
  reached.owner = staying(attr(collection, names().data));
  reached.id = staying(attr(collection, names().id_data));
  const bool fits =
      reached.owner && reached.id &&
      (trail.owner != nullptr
           ? Py_TYPE(reached.owner.get()) == trail.owner
           : PyObject_RichCompareBool(reached.owner.get(), reached.id.get(), Py_EQ) > 0);
  reached.length = fits && may_derive(trail, reached.id.get(), reached.looked)
                       ? length_of(trail, collection)
                       : -1;
  if (reached.length < 0)
    return PyErr_Clear(), std::nullopt;
  return reached;
}

Py_ssize_t length_of(const Trail& trail, PyObject* collection) {
  if (trail.counts && trail.likely > 0) {
    const Ref end = Ref::steal(PySequence_GetSlice(collection, trail.likely - 1, trail.likely + 1));
    if (end && PyObject_Size(end.get()) == 1)
      return trail.likely;
    PyErr_Clear();
  }
  const Py_ssize_t length = PyObject_Size(collection);
  if (trail.counts)
    trail.likely = length;
  return length;
}

Ref nth_of(const Trail& trail, PyObject* collection, Py_ssize_t at) {
  if (!trail.counts)
    return staying(Ref::steal(PySequence_GetItem(collection, at)));
  const Ref one = Ref::steal(PySequence_GetSlice(collection, at, at + 1));
  return one ? staying(Ref::steal(PySequence_GetItem(one.get(), 0))) : Ref();
}

Ref follow_steps(const std::vector<Step>& steps, Watched* root) {
  Ref reached = struct_of(root);
  for (const Step& step : steps) {
    if (!reached)
      break;
    reached = take_step(step, reached.get());
  }
  if (!reached)
    PyErr_Clear();
  return reached;
}

std::optional<Located> locate(const Leg& leg, const Trail& trail, const Reached& reached,
                              Ends* ends, KeptLayer* kept) {
  if (leg.place >= PlaceKind::listed) // for those: elements.cpp
    return leg.place == PlaceKind::asked ? asked_of(leg, reached) : std::nullopt;
  if (kept != nullptr && trail.whose && leg.place != PlaceKind::sibling && !leg.through)
    // The mesh's own layer, which bpy's elements are of in edit mode, too.
    if (auto told = kept->told(tables_of(trail), reached.id.get(), reached.length))
      return told;
  if (leg.place == PlaceKind::own) {
    auto found = with_target(
        leg, reached, block(reached.collection.get(), reached.length, leg.stride, ends, &trail));
    if (found && kept != nullptr && trail.whose && !leg.through)
      kept->note_own(trail, reached.id.get(), *found, reached.length);
    return found;
  }
  if (leg.place == PlaceKind::sibling)
    return block_of_sibling(leg, reached);
  // In edit mode the attributes are the edit mesh's, while bpy's elements are still the mesh's.
  if (!trail.divided && is_edited(reached.id.get()))
    return std::nullopt;
  PyObject* const holder = trail.divided ? reached.drawing.get() : reached.id.get();
  if (kept != nullptr && !trail.whose && (leg.name || kept->is_of(reached.owner.get())))
    if (auto told = kept->told(tables_of(trail), holder, reached.length))
      return told;
  const Found found = find_attribute(leg, reached.id.get(), reached.owner.get());
  if (!found.fits)
    return std::nullopt;
  if (!found.attribute)
    return leg.place == PlaceKind::layer && leg.missing
               ? std::optional(Located{nullptr, true, false})
               : std::nullopt;
  if (auto there = untouched(leg, found.attribute.get(), reached.length)) {
    if (kept != nullptr)
      kept->note(tables_of(trail), leg, holder, found.attribute.get(), *there, reached.length);
    return there;
  }
  return leg.place == PlaceKind::layer
             ? block_of_layer(leg, found.attribute.get(), reached.length)
             : block(reached.collection.get(), reached.length, leg.stride, ends, &trail);
}

std::optional<Located> locate_for_writing(const Leg& leg, const Trail& trail,
                                          const Reached& reached, Ends* ends) {
  if (leg.place == PlaceKind::sibling || leg.place >= PlaceKind::listed)
    return std::nullopt;
  if (leg.place != PlaceKind::layer)
    return with_target(leg, reached, block_again(leg, trail, reached, ends));
  const Found found = find_attribute(leg, reached.id.get(), reached.owner.get(), reached.named,
                                     &reached.attributes);
  if (!found.fits)
    return std::nullopt;
  if (!found.attribute)
    return leg.missing ? std::optional(Located{nullptr, true, false}) : std::nullopt;
  return touched_layer(leg, found.attribute.get(), reached.length);
}

bool has_its_name(const Trail& trail, const Leg& leg, const Reached& reached) {
  if (leg.place != PlaceKind::layer && (leg.place < PlaceKind::listed || !leg.name))
    return true;
  const Found found =
      find_attribute(leg, reached.id.get(), reached.owner.get(), nullptr, &reached.attributes);
  if (trail.legs.size() == 1 && found.fits && found.attribute)
    reached.named = Py_TYPE(found.attribute.get());
  return found.fits;
}

bool has_layer(const Leg& leg, const Reached& reached) {
  const Found found =
      find_attribute(leg, reached.id.get(), reached.owner.get(), nullptr, &reached.attributes);
  return found.fits && found.attribute;
}

bool make_ready(const Leg& leg, const Reached& reached) {
  if (!leg.writing.touches_layer)
    return true;
  // Proves that bpy lets us write, before the layer is touched (writing.probe_writing).
  const Ref tag = attr(reached.id.get(), names().tag);
  if (!tag || PyObject_SetAttr(reached.id.get(), names().tag, tag.get()) < 0)
    return PyErr_Clear(), false;
  const Ref attributes = attr(reached.id.get(), names().attributes);
  const Ref name = attributes ? attr(reached.owner.get(), names().name) : Ref();
  const Ref attribute = name ? Ref::steal(PyObject_GetItem(attributes.get(), name.get())) : Ref();
  // Of that name there may be another, in another domain (4.3), or none may be found (a name that
  // was cut): touching that, or nothing, would leave the layer's array shared.
  const auto holder = attribute ? address_of(attribute.get()) : std::nullopt;
  const auto layer = holder ? address_of(reached.owner.get()) : std::nullopt;
  const Ref data = layer && *layer == *holder ? attr(attribute.get(), names().data) : Ref();
  const Py_ssize_t length = data ? PyObject_Size(data.get()) : -1;
  if (length > 0)
    element_at(data.get(), 0);
  PyErr_Clear();
  return length >= 0;
}

Ref domain_of(const Trail& trail, const Reached& reached) {
  Ref domain = trail.is_layers ? attr(reached.owner.get(), names().domain) : Ref();
  PyErr_Clear();
  return domain;
}

} // namespace rnaslicer::runtime
