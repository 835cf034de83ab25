// runtime/trail/layers.cpp: attributes, and the arrays that they hold.
#include "runtime/trail/layers.hpp"

#include "runtime/blender/bpy.hpp"
#include "runtime/blender/names.hpp"
#include "runtime/blender/probe.hpp"

#include <array>
#include <cstring>
#include <span>
#include <unordered_map>

namespace rnaslicer::runtime {

namespace {

/// Whether an attribute has a data type. By that alone Blender chooses the class of bpy's object
/// (rna_Attribute_refine), so of each class it is asked once; each time of the one that stands for
/// types without a class of their own.
bool has_data_type(PyObject* attribute, PyObject* text) {
  static auto* const told = new std::unordered_map<const PyTypeObject*, Ref>; // bpy's own classes
  PyTypeObject* const kind = Py_TYPE(attribute);
  if (const auto known = told->find(kind); known != told->end())
    return PyObject_RichCompareBool(known->second.get(), text, Py_EQ) > 0;
  Ref now = attr(attribute, names().data_type);
  const int same = now ? PyObject_RichCompareBool(now.get(), text, Py_EQ) : -1;
  const Ref name = same > 0 ? Ref::steal(PyType_GetName(kind)) : Ref();
  if (name && PyUnicode_CompareWithASCIIString(name.get(), "Attribute") != 0)
    told->emplace(kind, std::move(now));
  PyErr_Clear();
  return same > 0;
}

} // namespace

bool both_ends_are_memory(SeenArrays& seen, std::uint64_t holder, std::uint64_t base,
                          std::int64_t bytes) {
  constexpr std::size_t most = 1U << 16U;
  const std::pair array{base, bytes};
  if (const auto known = seen.find(holder); known != seen.end() && known->second == array)
    return true;
  std::array<std::byte, 2> ends{};
  const std::uint64_t end = base + static_cast<std::uint64_t>(bytes);
  if (base == 0 || bytes <= 0 || end < base ||
      !read_pair({base, std::span(ends).first(1)}, {end - 1, std::span(ends).last(1)}))
    return false;
  if (seen.size() >= most)
    seen.clear();
  seen[holder] = array;
  return true;
}

Found find_attribute(const Leg& leg, PyObject* id, PyObject* owner, const PyTypeObject* named,
                     Ref* kept) {
  if (leg.place == PlaceKind::attribute)
    return {Ref::borrow(owner)};
  Found found;
  const Ref attributes =
      kept != nullptr && *kept ? Ref::borrow(kept->get()) : attr(id, names().attributes);
  const Ref name = leg.name ? Ref::borrow(leg.name.get()) : attr(owner, names().name);
  if (attributes && name)
    found.attribute = Ref::steal(PyObject_GetItem(attributes.get(), name.get()));
  if (kept != nullptr && attributes)
    *kept = Ref::borrow(attributes.get());
  if (!found.attribute) {
    found.fits = PyErr_ExceptionMatches(PyExc_KeyError) != 0;
    if (PyErr_Clear(); leg.other && attributes && found.fits)
      found.fits = PySequence_Contains(attributes.get(), leg.other.get()) == 0;
    PyErr_Clear();
    return found;
  }
  if (named != nullptr && Py_TYPE(found.attribute.get()) == named)
    return found;
  found.fits = !leg.other &&
               (!leg.data_type || has_data_type(found.attribute.get(), leg.data_type.get())) &&
               (!leg.domain || has_text(found.attribute.get(), names().domain, leg.domain.get()));
  return found;
}

std::optional<Located> untouched(const Leg& leg, PyObject* attribute, Py_ssize_t length,
                                 PyObject* known) {
  if (!leg.layer)
    return std::nullopt;
  if (leg.layer->count_at < 0 && leg.place != PlaceKind::attribute) { // whose length that is
    const Ref data = known != nullptr ? Ref::borrow(known) : attr(attribute, names().data);
    if (!data || PyObject_Size(data.get()) != length) {
      PyErr_Clear();
      return std::nullopt;
    }
  } else if (leg.layer->count_at >= 0 &&
             !has_text(attribute, names().storage_type, names().array)) {
    return std::nullopt;
  }
  const auto holder = address_of(attribute);
  if (!holder) {
    PyErr_Clear();
    return std::nullopt;
  }
  // The layer is bpy's own, of this moment, and where it keeps these was learnt: plain loads do.
  const auto word = [&](std::int64_t at) {
    std::uint64_t found = 0;
    std::memcpy(&found, pointer(*holder) + at, sizeof found);
    return found;
  };
  const std::uint64_t base = word(leg.layer->data_at);
  if (leg.layer->count_at >= 0 && word(leg.layer->count_at) != static_cast<std::uint64_t>(length))
    return std::nullopt;
  if (!both_ends_are_memory(leg.seen, *holder, base, length * leg.layer_item))
    return std::nullopt;
  return Located{pointer(base), false, true};
}

std::optional<Located> untouched_layer(const Leg& leg, PyObject* id, Py_ssize_t length,
                                       Ref* attribute) {
  if (is_true(id, names().is_editmode))
    return std::nullopt;
  Found found = find_attribute(leg, id, nullptr);
  if (!found.fits || !found.attribute)
    return std::nullopt;
  auto there = untouched(leg, found.attribute.get(), length);
  if (attribute != nullptr)
    *attribute = std::move(found.attribute);
  return there;
}

} // namespace rnaslicer::runtime
