// runtime/trail/groups/groups.hpp: properties that a script registered, in a collection of its
// groups (layout/groups.py, transfer/groups.py).
//
// A walk finds each group's value and puts them side by side; a kernel goes from there to the
// cache. What the script has registered is compared at each call before anything of it is touched:
// classes by bpy's very object for their RNA, properties by their bytes.
#pragma once

#include "runtime/blender/groups.hpp"
#include "runtime/supplier/registered.hpp"
#include "runtime/trail/run.hpp"

namespace rnaslicer::runtime {

/// A step by a property that a script registered.
struct RegisteredStep {
  std::size_t step = 0;
  std::int64_t type_at = 0; ///< byte place in a PropertyRNA of the RNA type that it leads to
  Registered to;            ///< the class of that type
};

/// One property of the groups; the leg of the same number has the kernel from values side by side.
struct GroupLeg {
  std::string name; ///< ends with its null
  std::int64_t type = 0;
  std::int64_t subtype = 0;
  std::int64_t length = -1; ///< as GroupChild has it
  std::size_t width = 0;    ///< bytes of a value
  std::string defaults;     ///< the value where none is set
  mutable KnownProperty registered;
  std::optional<Leg> store; ///< the kernel to the values' addresses; none: only the routes write
  bool in_part = false;     ///< it stores some of a value's components, too
  Ref items;                ///< an enum's, tuples of (identifier, number); of others none
  Ref stored;               ///< set of `key`s of what was seen to store what bpy stores
  Ref key;
};

struct Grouped {
  std::shared_ptr<const Trail> values;
  GroupPlaces places;
  std::vector<RegisteredStep> steps;
  Registered groups; ///< their class
  std::vector<GroupLeg> legs;
};

/// Enters. Null where the trail declines.
std::unique_ptr<Run> enter(std::shared_ptr<const Grouped> how, Start start, PyObject* wrapper,
                           Ref& cache);

/// The same of such a collection behind each of many structs, as many groups in each.
std::unique_ptr<Run> enter_each(const std::shared_ptr<const Grouped>& how,
                                std::vector<Start> starts, PyObject* wrapper, Ref& cache);
std::unique_ptr<Run> adopt_each(const std::shared_ptr<const Grouped>& how,
                                std::vector<Start> starts, const std::vector<Py_ssize_t>& shape);

/// Takes over an enter of that shape that Python did. Null where the trail does not lead there.
std::unique_ptr<Run> adopt(std::shared_ptr<const Grouped> how, Start start,
                           const std::vector<Py_ssize_t>& shape);

} // namespace rnaslicer::runtime
