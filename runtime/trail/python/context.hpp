// runtime/trail/python/context.hpp: what native code keeps of a wrapper.
#pragma once

#include "runtime/supplier/way.hpp"
#include "runtime/trail/run.hpp"

#include <cstddef>
#include <memory>

namespace rnaslicer::runtime {

/// Of the type Context, the base of wrappers: what it is made of, then what it has while entered.
enum class Field : std::size_t {
  path,
  items,
  scalar,
  ragged,
  more,
  key,
  expression,
  on_lost, ///< made when somebody asks
  memcache,
  view,
  routes,
  offsets,
  run,
  known,
  told,
  count,
};
using Context = Fields<static_cast<std::size_t>(Field::count)>;

/// Borrowed; None where it was not set, or the collector has cleared it.
inline PyObject* field(PyObject* wrapper, Field which) {
  PyObject* const value = Context::of(wrapper)->at[static_cast<std::size_t>(which)];
  return value != nullptr ? value : Py_None;
}

/// Replaces a field; what it held goes last.
inline void put(PyObject* wrapper, Field which, PyObject* value) {
  PyObject*& place = Context::of(wrapper)->at[static_cast<std::size_t>(which)];
  const Ref old = Ref::steal(std::exchange(place, Ref::borrow(value).release()));
}

/// What an enter gave; no run where the trail declined. Offsets: of rows that lie flat, else null.
struct Opened {
  std::unique_ptr<Run> run;
  Ref cache, offsets;
};

/// How native code enters along what is known of some kind: a tuple that begins with a trail, steps
/// beyond the supplier, signatures.
struct Following {
  bool (*stale)(PyObject* trail) = nullptr;
  Opened (*enter)(PyObject* wrapper, PyObject* known, const Way& way) = nullptr;
};

/// From now on wrappers enter so along what is of this class.
void let_follow(PyObject* kind, const Following& how);

/// The way's steps and those beyond the supplier. Throws PythonError.
Ref steps_beyond(const Way& way, PyObject* known);

/// An object of a class that is derived from Context, every field None. Throws PythonError.
Ref new_context(PyTypeObject* kind);
/// Whether a class is derived from it.
bool is_context(PyTypeObject* kind);

} // namespace rnaslicer::runtime
