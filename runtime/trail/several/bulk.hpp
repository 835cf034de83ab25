// runtime/trail/several/bulk.hpp: when the elements of a list may be written at once and one
// assigned by bpy for all (transfer/writing/bulk.py); what is asked of many datablocks before bpy
// assigns each, and told after.
#pragma once

#include "runtime/trail/assigned.hpp"

#include <algorithm>
#include <span>
#include <unordered_map>
#include <vector>

namespace rnaslicer::runtime {

/// Whether scripts have classes of such elements, which hear of assignments.
bool has_scripts(const Listing& list);

/// Who writes the elements of a list.
enum class Writes {
  kernel,   ///< all at once, and bpy assigns one
  bpy,      ///< it assigns each
  as_routes ///< they know, or look whether the kernel stores in a class what bpy does
};

/// Of a list with elements of `kinds`, `told` of which bpy would assign. By bpy where that is the
/// only element, of a class of which nothing was seen: of such the routes see nothing. As the
/// routes where the kernel stores something else, or somebody would miss that others are not
/// assigned.
Writes who_writes(const Trail& trail, const Leg& leg, std::span<const std::int64_t> elements,
                  std::vector<PyTypeObject*> kinds, PyObject* told);
/// The same of as many elements, whoever may hear of them.
Writes who_writes(const Trail& trail, const Leg& leg, std::size_t count, PyObject* told);

/// Whether nobody would miss that elements of `kinds` are not assigned, but one of class `told` is:
/// no node of a script's, no subscriber.
bool hears_nobody(const Listing& list, std::span<const std::int64_t> elements,
                  std::vector<PyTypeObject*> kinds, PyTypeObject* told);

/// Whether a trail says how bpy assigns each element.
inline bool is_given(const Trail& trail) {
  return std::ranges::all_of(trail.legs, [](const Leg& leg) { return bool(leg.writing.given); });
}

/// Assigns an element its own value, after the values were written. Throws PythonError.
void tell(const Leg& leg, PyObject* told);

/// Whether nothing speaks against writing a list's datablocks (writing/permission.py): no mode
/// overwrites one, bpy lets them be assigned, what follows may read their geometry.
bool may_write(const Trail& trail, const Leg& leg, PyObject* objects);

/// Has bpy assign them, and tells each what that leaves stale. False where one was refused: the
/// routes write all again, and say how far that went. Throws PythonError for an interrupt.
bool assign_datablocks(const Trail& trail, PyObject* objects, const Wanted& wanted);

/// Of one leg: whether what rows assign leads to something of the datablock that each belongs to
/// (writing/checks.py). True of what is no index.
class Leads {
 public:
  bool operator()(const Wanted& wanted, const Reached& reached, std::int64_t row);

 private:
  std::unordered_map<PyObject*, Py_ssize_t> counts_; // by datablock, which somebody holds
};

/// The datablocks that were assigned to, each of which is told once what that leaves stale.
class Untold {
 public:
  void add(const Reached& reached);
  /// Throws PythonError.
  void settle(const Trail& trail, const Leg& leg) const;

 private:
  std::vector<Ref> ids_; // in the order of their first elements
  std::unordered_map<PyObject*, std::size_t> known_;
};

} // namespace rnaslicer::runtime
