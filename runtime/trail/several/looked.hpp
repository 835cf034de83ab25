// runtime/trail/several/looked.hpp: the lists behind many structs as they are now, and their
// values.
#pragma once

#include "runtime/trail/several/bulk.hpp"
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
  std::vector<Reached> reached; ///< by list, for who asks about each, and where bpy tells values

  /// Lets go of what has led to the lists, which may run a script's code.
  void forget() {
    found.structs.clear();
    found.first.clear();
    reached.clear();
  }
};

enum class Keeps : bool { nothing, reached };

/// `known`: as many elements as each list had, to guide the walks; null at enter, which compares
/// values with bpy's. Nothing where the trail declines.
std::optional<Lists> look(const Trail& trail, const Outer& outer, const Lists* known,
                          Keeps keeps = Keeps::nothing);

/// What moves of each list; null: nothing.
using Targets = std::vector<std::optional<Target>>;

/// Runs a leg's kernel over the part of each list, in turn: where a list is reached
/// twice the last one counts.
void move_parts(const Trail& trail, const Leg& leg, jit::Direction direction, const Lists& all,
                std::span<const std::int64_t> rows, const Targets& parts);

/// An element that bpy assigns for all that are written of its list.
struct Told {
  std::size_t list = 0;
  Py_ssize_t at = 0;
  std::int64_t address = 0;
};

/// The last element of each part.
std::vector<Told> told_of(const Lists& now, const Targets& parts);
/// bpy's object for it, if it lies where it did.
Ref element_of(const Trail& trail, const Reached& reached, const Told& told);

/// Who writes the lists along the first leg.
Writes who_writes(const Trail& trail, const Lists& now, const std::vector<Told>& told);

/// What bpy tells of structs, to a part of their rows; false with nothing changed.
bool fill_told(const Trail& trail, const Lists& all, const Target& target);

/// Blender to cache; false with nothing changed.
bool fill(const Trail& trail, const Lists& all, PyObject* cache);

} // namespace rnaslicer::runtime
