// runtime/trail/python/trail.hpp: the object Trail, and those of its methods that stand in another
// file (internal).
#pragma once

#include "runtime/trail/run.hpp"
#include "runtime/trail/several/many.hpp"

#include <span>
#include <string>

namespace rnaslicer::runtime {

struct TrailObject {
  PyObject_HEAD std::shared_ptr<const Trail> trail;
};

/// A root and a tuple of steps from Python. Throws PythonError.
Start start_of(PyObject* root, PyObject* steps);
/// Steps of Python's; None: those of the trail.
std::vector<Step> steps_of(PyObject* self, PyObject* steps);

inline std::shared_ptr<const Trail>& trail_of(PyObject* self) {
  return reinterpret_cast<TrailObject*>(self)->trail;
}

/// A caller's packed buffer as a MemCache with axes of `inner` below its rows; null, without an
/// error, where it is no such buffer.
Ref rows_on(PyObject* buffer, const std::string& format, std::span<const std::int64_t> inner,
            bool writable);

/// How rows lie in a cache: 'equal', 'flat', or (width or -1, bytes of a row that is not there).
/// Throws PythonError.
Form form_of(std::int64_t row_bytes, PyObject* object);

/// A Run object.
Ref new_run(std::unique_ptr<Run> run);
/// Counts an enter along a trail, or one that it declined; gives what it was given.
bool note_enter(bool did);

// many.cpp
/// Enters as Trail.enter_many does with those arguments, along a trail with something `between` its
/// values and the cache, or null. Throws PythonError.
PyObject* enter_many(std::shared_ptr<const Trail> trail, std::unique_ptr<Between> between,
                     PyObject* args);
PyObject* trail_enter_many(PyObject* self, PyObject* args);
PyObject* trail_enter_nested(PyObject* self, PyObject* args);
PyObject* trail_enter_apart(PyObject* self, PyObject* args);
PyObject* trail_enter_members(PyObject* self, PyObject* args);

// once.cpp
/// is_kept(collection, ask): the module's function.
PyObject* module_is_kept(PyObject* module, PyObject* args);
PyObject* trail_read(PyObject* self, PyObject* args);
PyObject* trail_write(PyObject* self, PyObject* args);
PyObject* trail_read_packed(PyObject* self, PyObject* args);
PyObject* trail_write_packed(PyObject* self, PyObject* args);
PyObject* trail_read_of(PyObject* self, PyObject* args);
PyObject* trail_write_of(PyObject* self, PyObject* args);

} // namespace rnaslicer::runtime
