// runtime/trail/several/looked.hpp: the lists behind many structs as they are now, and their
// values.
#pragma once

#include "runtime/trail/several/elements.hpp"
#include "runtime/trail/several/targets.hpp"

#include <span>

namespace rnaslicer::runtime {

/// The lists of all structs now, one behind the other.
struct Lists {
  Structs found;
  std::vector<Py_ssize_t> lengths, counted;
  Addresses elements;
  std::vector<PyTypeObject*> kinds; ///< of each element; none where the collection declares it
  std::vector<Reached> reached;     ///< by list, for who asks about each
};

enum class Keeps : bool { nothing, reached };

/// `known`: as many elements as each list had, to guide the walks; null at enter, which compares
/// values with bpy's. Nothing where the trail declines.
std::optional<Lists> look(const Trail& trail, const Outer& outer, const Lists* known,
                          Keeps keeps = Keeps::nothing);

/// What moves of each list; null: nothing.
using Targets = std::vector<std::optional<Target>>;

/// Runs the kernel of the only leg over the part of each list, in turn: where a list is reached
/// twice the last one counts.
void move_parts(const Trail& trail, jit::Direction direction, const Lists& all,
                std::span<const std::int64_t> rows, const Targets& parts);

/// Blender to cache; false with nothing changed.
bool fill(const Trail& trail, const Lists& all, PyObject* cache);

} // namespace rnaslicer::runtime
