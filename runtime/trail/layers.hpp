// runtime/trail/layers.hpp: the attribute that holds a leg's values, and its array.
#pragma once

#include "runtime/trail/trail.hpp"

#include <optional>

namespace rnaslicer::runtime {

inline std::byte* pointer(std::uint64_t address) {
  return reinterpret_cast<std::byte*>(address); // NOLINT(performance-no-int-to-ptr)
}

/// Where a leg's element 0 lies.
struct Located {
  std::byte* base = nullptr;
  bool missing = false;                  ///< no layer: the leg's constant stands for all
  bool untouched = false;                ///< found without touching an element
  jit::IndexTarget target = {};          ///< of a leg that goes through indices
  std::shared_ptr<const Ref> array = {}; ///< what it lies in, of a leg that was asked for
};

/// The attribute that a twin or layer is; empty where there is none, or `fits` false where it is
/// another.
struct Found {
  Ref attribute;
  bool fits = true;
};

/// `named`: the attribute's class, if this very call has already seen that data type and domain of
/// the one with the name fit. That still holds after an assignment, which may make and move
/// attributes, but neither renames them nor changes their type.
/// `attributes`: their collection, kept for this call; it refers to nothing but the datablock.
Found find_attribute(const Leg& leg, PyObject* id, PyObject* owner,
                     const PyTypeObject* named = nullptr, Ref* attributes = nullptr);

/// Whether both ends of an array can be read. Only the operating system knows, and asking it costs
/// more than all the rest of a small refresh: not again where the last answer was about this array.
bool both_ends_are_memory(SeenArrays& seen, std::uint64_t holder, std::uint64_t base,
                          std::int64_t bytes);

/// The array that a layer holds, without touching it; empty where it is a single value or the layer
/// does not tell.
/// `data`: its elements, if they are at hand and as many.
std::optional<Located> untouched(const Leg& leg, PyObject* attribute, Py_ssize_t length,
                                 PyObject* data = nullptr);

/// The same of a datablock's attribute by its name; empty in edit mode, too, and where it is
/// another attribute.
std::optional<Located> untouched_layer(const Leg& leg, PyObject* id, Py_ssize_t length,
                                       Ref* attribute = nullptr);

} // namespace rnaslicer::runtime
