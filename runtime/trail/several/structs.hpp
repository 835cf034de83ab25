// runtime/trail/several/structs.hpp: the structs behind each of which many.hpp has one collection,
// as they are now.
#pragma once

#include "runtime/trail/follow.hpp"

#include <optional>
#include <vector>

namespace rnaslicer::runtime {

/// Where the structs come from: datablocks, each by its own root, or the elements of a collection.
struct Outer {
  Ref roster;                          ///< a Roster of all of them; or
  std::vector<Ref> roots;              ///< Watched: of all, or of the collection's datablock
  bool is_list = true;                 ///< each root is a struct, or leads to one
  std::vector<std::vector<Step>> ways; ///< from each root to its struct; empty: none has any
  std::vector<Step> steps;             ///< else: from the one root to the collection
  Ref rows;              ///< slice object over the collection or list; null: all of a list
  std::vector<Step> mid; ///< from each element to a collection of the structs; none: they are it
  int ones = 0;          ///< axes of one key each, between the structs' and the rows
};

/// The structs now, and how they were counted.
struct Structs {
  std::vector<Ref> structs;
  Py_ssize_t length = 0;           ///< of the collection they are elements of
  Py_ssize_t width = 0;            ///< in two levels: how many are in each element
  std::vector<Py_ssize_t> counted; ///< lengths of the collections that counted steps to it pass
  Ref id;                          ///< its datablock; null for a list
};

/// Nothing where one is gone.
std::optional<Structs> structs_of(const Outer& outer);

/// What steps lead to from a struct; empty, without an error, where they lead nowhere.
Ref behind(PyObject* from, const std::vector<Step>& steps);

/// Whether bpy gives one object for each such struct as long as somebody holds it, so that it tells
/// which one it is: datablocks.
bool is_datablock(PyObject* object);

} // namespace rnaslicer::runtime
