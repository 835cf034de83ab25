// runtime/calls/kind.hpp: what a collection that foreach_get or foreach_set is called with holds.
#pragma once

#include "runtime/blender/bpy.hpp"

namespace rnaslicer::runtime {

/// Of one call. All borrowed.
struct Call {
  PyObject* what = nullptr; ///< "foreach_get" or "foreach_set"
  PyObject* collection = nullptr;
  PyObject* name = nullptr;   ///< of the property
  PyObject* tables = nullptr; ///< a dict: what Python knows (rnaslicer/calls/sound.py)
  PyObject* given = nullptr; ///< a list, tuple or memoryview of the values; null: not to be counted
  bool is_set = false;
};

/// One of the tables, borrowed. Throws PythonError.
PyObject* table(const Call& call, const char* name);

/// Who has the collection, and what its elements are declared to be; null what there is no way to.
struct Kind {
  Ref key;             ///< of all collections of which the same is asked
  Ref owner;           ///< the struct that has it
  Ref member;          ///< its name there
  Ref declared;        ///< RNA type of the elements
  Ref leads;           ///< where a script registered it: registered.leads
  Ref element;         ///< RNA type that has the property: the declared one, or the first element's
  Ref prop;            ///< null: there is none of that name
  bool lost = false;   ///< a script has unregistered its structs, or that is not to be told
  bool unsafe = false; ///< the first element would have to be asked, and Blender computes it
};

/// Whether a call is made with a collection of bpy, and a name that it may be asked for.
bool is_plain(const Call& call);

/// The key, the owner and the member. Throws PythonError.
Kind kind_of(const Call& call);
/// The rest. Throws PythonError.
void look_behind(const Call& call, Kind& kind);

/// Whether an RNA property holds numbers.
bool is_numeric(PyObject* prop);
/// Whether the class of an object has that name.
bool is_named(PyObject* object, const char* text);
/// Whether an RNA type is one of datablocks.
bool is_of_ids(PyObject* rna);
/// Whether a set or list of Python's has it. Throws PythonError.
bool contains(PyObject* set, PyObject* one);
/// `object.name`. Throws PythonError.
Ref asked(PyObject* object, const char* name);
Ref asked(PyObject* object, PyObject* name);

} // namespace rnaslicer::runtime
