// runtime/trail/several/structs.hpp: the structs behind each of which many.hpp has one collection,
// as they are now.
#pragma once

#include "runtime/trail/follow.hpp"

#include <optional>
#include <vector>

namespace rnaslicer::runtime {

/// From each struct to a collection, all of whose elements are the structs of the next level.
struct Level {
  std::vector<Step> steps;
  std::vector<PyTypeObject*>
      kinds; ///< by step: the class of what it leads to (borrowed from `keep`); null: any
  Ref keep;
};

/// Where the structs come from: datablocks, each by its own root, or the elements of a collection;
/// or, level by level, the elements of the collections behind these.
struct Outer {
  Ref roster;                          ///< a Roster of all of them; or
  std::vector<Ref> roots;              ///< Watched: of all, or of the collection's datablock
  bool is_list = true;                 ///< each root is a struct, or leads to one
  std::vector<std::vector<Step>> ways; ///< from each root to its struct; empty: none has any
  std::vector<Step> steps;             ///< else: from the one root to the collection
  Ref rows;                            ///< slice object over the collection or list; null: all, or
  std::optional<std::vector<std::int64_t>> picked; ///< which ones, as often as it says
  std::vector<Level> levels; ///< in turn; none: the structs are these datablocks or elements
  int ones = 0;              ///< axes of one key each, between the structs' and the rows
};

/// The structs now, and how they were counted.
struct Structs {
  std::vector<Ref> structs;
  std::vector<Ref> first;          ///< those that the levels begin at, if there are any
  Py_ssize_t length = 0;           ///< of the collection they are elements of
  std::vector<Py_ssize_t> widths;  ///< by level: how many there are in each collection
  std::vector<Py_ssize_t> counted; ///< lengths of the collections that counted steps pass: to the
                                   ///< collection, then by level
  Ref id;                          ///< the collection's datablock; null for a list

  /// The datablocks or elements that the roots themselves lead to.
  [[nodiscard]] std::vector<Ref>& members() { return widths.empty() ? structs : first; }
  [[nodiscard]] const std::vector<Ref>& members() const { return widths.empty() ? structs : first; }
};

/// Where a struct is: among the members, then within each level.
std::vector<Py_ssize_t> position_of(const std::vector<Py_ssize_t>& widths, Py_ssize_t at);

/// The cache's axes above the rows, for so many structs.
std::vector<Py_ssize_t> axes_of(const Outer& outer, const std::vector<Py_ssize_t>& widths,
                                std::size_t structs);

/// Nothing where one is gone.
std::optional<Structs> structs_of(const Outer& outer);

/// A list's struct by its number among those that are picked, where each has a way of its own,
/// found anew; empty where it is gone.
Ref member_by_way(const Outer& outer, Py_ssize_t at);

/// The collection of a level behind a struct; empty, without an error, where it is not there or of
/// another kind. `counted`: the lengths that counted steps pass are added, if given.
Ref behind(PyObject* from, const Level& level, std::vector<Py_ssize_t>* counted = nullptr);

/// A struct, asked again where an assignment may have moved it: not datablocks that `is_held` says
/// are held. Empty, without an error, where it is gone.
Ref struct_again(const Outer& outer, const Structs& all, bool is_held, Py_ssize_t at);

/// Whether bpy gives one object for each such struct as long as somebody holds it, so that it tells
/// which one it is: datablocks.
bool is_datablock(PyObject* object);

/// Whether what was reached from the struct of that number, of `count`, is in a datablock that
/// lives in one of the file's own, at which the struct's way begins.
bool lives_in_own(const Outer& outer, const Reached& reached, std::size_t at, std::size_t count);

/// Whether a datablock is the file's own. may_link: the file has libraries.
bool is_own(PyObject* id, bool may_link);

} // namespace rnaslicer::runtime
