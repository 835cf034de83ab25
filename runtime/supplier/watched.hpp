// runtime/supplier/watched.hpp: the C half of a root: the reference to its datablock, when it was
// last seen, who watches it.
#pragma once

#include "runtime/pyref.hpp"
#include "runtime/supplier/moment.hpp"

namespace rnaslicer::runtime {

/// Base of events.Watched. Only IDRoot has a reference; other roots find their data by Python.
struct Watched {
  PyObject_HEAD PyObject* ref; ///< bpy's object for the datablock, or null
  PyObject* uid;               ///< its session uid, an int, or null
  PyObject* watchers;          ///< list of weak references to wrappers, or null
  Moment seen;                 ///< when `ref` was last found alive
  bool rna_uid;                ///< RNA tells the uid (4.x, 5.x)
  bool tells_uid;      ///< the datablock's memory has held the uid that RNA told, where that lies
  bool changes;        ///< a reference keeps the type that the light or texture had
  Py_ssize_t uid_at;   ///< else the byte of the datablock where it lies; 0: unknown
  bool is_always;      ///< `ref` never dies: bpy.data
  std::int64_t own_at; ///< returns() + 1 when `ref` was seen to be the file's own; 0: never
};

/// The root as a Watched, or null for another object.
Watched* as_watched(PyObject* object);

/// The root whose reference is this very object, or null.
Watched* root_of(PyObject* id);

/// Its datablock if bpy says that it still lives and has the same uid; notes the moment. Empty,
/// without an error, if not. Throws PythonError where an interrupt came while Python searched it.
Ref alive(Watched* root);

/// From now on events tell the wrapper of its root; it is held weakly. Throws PythonError.
void watch_one(PyObject* wrapper, PyObject* root);
/// Ends it.
void unwatch_one(PyObject* wrapper, PyObject* root);

/// Whether the datablock, just found alive, is the file's own: not linked, no override, not within
/// another datablock. Only undo and redo can change that.
bool is_own(Watched* root);
/// The same of any datablock, asked anew.
bool is_own(PyObject* id);

} // namespace rnaslicer::runtime
