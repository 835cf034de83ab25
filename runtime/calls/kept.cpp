// runtime/calls/kept.cpp: each element is asked: bpy passes over those that it may not write.
#include "runtime/calls/kept.hpp"

#include "runtime/blender/names.hpp"
#include "runtime/blender/probe.hpp"

#include <array>
#include <cstddef>

namespace rnaslicer::runtime {

namespace {

bool says(PyObject* struct_, PyObject* question, PyObject* name) {
  const Ref answer = checked(PyObject_CallMethodObjArgs(struct_, question, name, nullptr));
  return answer.get() == Py_True;
}

/// Leaving a mode overwrites what lies in a datablock's collections, not what is its own.
bool is_kept(const Call& call, PyObject* id) {
  static PyObject* const overridable =
      interned("is_property_overridable_library").release(); // a name; never freed
  const Ref override = asked(id, names().override_library);
  if (override.get() == Py_None ? asked(id, names().library).get() != Py_None
                                : !says(id, overridable, call.name))
    return false;
  return asked(id, names().is_evaluated).get() == Py_False &&
         !says(id, names().is_property_readonly, call.name);
}

/// Whether they are the file's own, none of which is evaluated.
bool are_originals(const Call& call) {
  const Ref owner = asked(call.collection, names().id_data);
  return owner.get() != Py_None ? asked(owner.get(), names().is_evaluated).get() == Py_False
                                : is_named(asked(call.collection, names().data).get(), "BlendData");
}

} // namespace

bool are_kept(const Call& call, bool may_refuse) {
  const Ref all = checked(PyObject_GetIter(call.collection));
  if (!may_refuse && !has_libraries() && are_originals(call))
    return true;
  while (const Ref one = Ref::steal(PyIter_Next(all.get())))
    if (!is_kept(call, one.get()))
      return false;
  if (PyErr_Occurred() != nullptr)
    throw PythonError();
  return true;
}

bool may_refuse(const Call& call, const Kind& kind) {
  const Ref at = checked(PyObject_CallFunctionObjArgs(table(call, "guarded_at"), nullptr));
  const auto address = address_of(kind.prop.get());
  std::array<std::byte, 8> function{};
  return !address || at.get() == Py_None ||
         !read_memory(*address + PyLong_AsUnsignedLongLong(at.get()), function) ||
         function != std::array<std::byte, 8>{};
}

bool are_editable(const Call& call) {
  const Ref all = checked(PyObject_GetIter(call.collection));
  while (const Ref one = Ref::steal(PyIter_Next(all.get())))
    if (says(one.get(), names().is_property_readonly, call.name))
      return false;
  if (PyErr_Occurred() != nullptr)
    throw PythonError();
  return true;
}

} // namespace rnaslicer::runtime
