// runtime/supplier/roster.hpp: datablocks of one type, captured at once: who they are, and where
// each lies now.
//
// `Slicer([ob for ob in …])` has thousands. Each is known by bpy's object for it and its session
// uid, as a root is (watched.hpp), and asked once in each call: for its address, which a dead one
// refuses. No address is kept.
#pragma once

#include "runtime/pyref.hpp"
#include "runtime/supplier/moment.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rnaslicer::runtime {

/// Byte places in a datablock of its session uid (4 bytes), its name behind two letters for the
/// type, and the address of its library; -1: not known.
struct IdPlaces {
  std::int64_t uid = -1;
  std::int64_t name = -1;
  std::int64_t name_size = 0;
  std::int64_t library = -1;
  [[nodiscard]] bool known() const { return uid >= 0 && name >= 0 && library >= 0; }
};

struct Roster {
  std::vector<Ref> structs; ///< bpy's objects
  std::vector<std::uint32_t> uids;
  std::vector<std::string> names; ///< as they were when last captured
  IdPlaces places;                ///< not known: bpy's attributes tell
  Moment seen;                    ///< when all were last found alive
};

/// The roster that a Python object is; null for another.
Roster* as_roster(PyObject* object);

/// A Python object with the Roster of datablocks of one type that are all among `members` and not
/// linked; empty, without an error, of others. Throws PythonError.
Ref captured_roster(PyObject* given, PyObject* members, IdPlaces places);

/// Reads (of the session uid, of the name, its size, of the library) or None. Throws PythonError.
IdPlaces places_of(PyObject* tuple);

/// Who datablocks are that bpy has just given, without their names, linked ones too; the address of
/// each into `addresses`, if given. Nothing, without an error, where bpy does not tell.
std::optional<Roster> members_of(std::vector<Ref> structs, IdPlaces places,
                                 std::vector<std::int64_t>* addresses);

/// Address of each, if all live and are who they were; notes the moment. Nothing, without an error,
/// if not.
std::optional<std::vector<std::int64_t>> addresses_of(Roster& roster);

} // namespace rnaslicer::runtime
