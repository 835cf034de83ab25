// runtime/trail/several/bulk.cpp: what is asked before the elements of a list are written at once.
#include "runtime/trail/several/bulk.hpp"

#include "runtime/blender/bpy.hpp"
#include "runtime/blender/names.hpp"
#include "runtime/blender/scripts.hpp"
#include "runtime/blender/subscribers.hpp"
#include "runtime/trail/assigned.hpp"

#include <algorithm>

namespace rnaslicer::runtime {

namespace {

/// Whether the kernel was seen to store what bpy's assignment stores in an element of a class.
bool stores_as_assigned(const Listing& list, PyObject* property, PyObject* kind) {
  return std::ranges::any_of(list.names, [&](const Ref& name) {
    const Ref key = checked(PyTuple_Pack(3, name.get(), property, kind));
    return PyDict_GetItem(list.as_assigned.get(), key.get()) == Py_True;
  });
}

} // namespace

bool has_scripts(const Listing& list) {
  return list.script_bases &&
         has_scripts(list.script_bases.get(), list.script_names.get(), list.built_in.get());
}

bool may_be_told(const Listing& list, const Leg& leg, PyObject* told) {
  return lets_assign(leg, told) &&
         stores_as_assigned(list, leg.property.get(), reinterpret_cast<PyObject*>(Py_TYPE(told)));
}

bool hears_nobody(const Listing& list, std::span<const std::int64_t> elements,
                  std::vector<PyTypeObject*> kinds, PyTypeObject* told) {
  kinds.push_back(told);
  std::ranges::sort(kinds);
  kinds.erase(std::unique(kinds.begin(), kinds.end()), kinds.end());
  return !has_scripts(list) && !may_hear(list.bus.get(), elements, kinds, told);
}

void tell(const Leg& leg, PyObject* told) {
  const Ref value = checked(PyObject_GetAttr(told, leg.property.get()));
  if (PyObject_SetAttr(told, leg.property.get(), value.get()) < 0)
    throw PythonError();
}

} // namespace rnaslicer::runtime
