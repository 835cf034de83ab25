// runtime/trail/several/elements.hpp: the elements of a linked list or of a table of pointers:
// where they lie now, of which types they are, where a leg's values are in them.
//
// Nothing found here may be kept beyond the call that asked. Empty results mean "decline"; no error
// is left set.
#pragma once

#include "runtime/blender/bpy.hpp"
#include "runtime/trail/follow.hpp"
#include "runtime/trail/segment.hpp"

#include <span>

namespace rnaslicer::runtime {

using Addresses = std::vector<std::int64_t>;

/// Numbers of elements, or of datablocks, from 0; none: nobody has picked any.
using Picks = std::vector<std::int64_t>;

/// The addresses of those that are picked of all.
Addresses chosen(const Picks& picked, Addresses all);

/// The rows of the cache: of picked elements, counted from the first.
Rows rows_of(const Trail& trail, Py_ssize_t length, const Picks& picked);

/// The number of a row's element.
Py_ssize_t number_of(const Rows& rows, const Picks& picked, std::int64_t row);

/// bpy's object for an element; nothing, perhaps with an error, where there is none.
std::optional<Element> element_of(const Trail& trail, const Reached& reached, Py_ssize_t at);

/// bpy's objects for all of them, as a list; null where there are not as many.
Ref objects_of(const Trail& trail, const Reached& reached, std::size_t count);

/// Addresses of the elements in order: the collection that bpy gives begins as the list does, and
/// each neighbour points back. `known`: those of an earlier call, as many as there must be now;
/// only compared. Empty: however many there are.
std::optional<Addresses> elements_of(const Trail& trail, const Reached& reached,
                                     std::span<const std::int64_t> known);

/// The classes of the elements, by bpy: one for all, or one for each; none where the collection
/// declares it. `one_of_each`: an element of each class, if given.
std::optional<std::vector<PyTypeObject*>> kinds_of(const Trail& trail, const Reached& reached,
                                                   std::span<const std::int64_t> elements,
                                                   std::vector<Py_ssize_t>* one_of_each = nullptr);

/// What the kernel follows for a leg: for each row the address of the element, or of what it leads
/// to.
std::optional<Addresses> rows_at(const Leg& leg, std::span<const std::int64_t> elements,
                                 const Rows& rows);

/// The same of what is picked; nothing picked: of the trail's rows.
std::optional<Addresses> rows_at(const Trail& trail, const Leg& leg, const Addresses& elements,
                                 const Picks& picked);

/// Where one element holds a leg's values.
std::optional<std::byte*> held_at(const Leg& leg, std::int64_t element);

/// Whether elements have in memory what bpy gives for them, in doubt all alike; and that bpy has
/// them at these addresses.
bool are_values(const Trail& trail, const Leg& leg, const Reached& reached,
                std::span<const std::int64_t> elements, std::vector<Py_ssize_t> which);

/// Whether bpy tells the values of a trail: of all its legs or of none.
inline bool is_asked(const Trail& trail) { return trail.legs.front().place == PlaceKind::asked; }

/// What foreach_get tells of a collection, `reached.length` elements, to the rows of a target; of
/// those that are picked, if any are. False with nothing changed.
bool fill_asked(const Trail& trail, const Reached& reached, Target target, const Picks& picked);

/// What getattr tells of each struct, of which there is one for each row. False with nothing
/// changed.
bool fill_told(const Trail& trail, std::span<const Ref> structs, const Target& target);

} // namespace rnaslicer::runtime
