// runtime/blender/bpy.cpp: asking bpy from C++.
#include "runtime/blender/bpy.hpp"

#include "runtime/blender/names.hpp"
#include "runtime/blender/pointers.hpp"

namespace rnaslicer::runtime {

namespace {

/// A method of `bpy.types.bpy_struct` as a function of the object: no bound method is made for each
/// call, and no property of a struct can hide it.
PyObject* method(const char* name) {
  const Ref types = Ref::steal(PyImport_ImportModule("bpy.types"));
  const Ref base = types ? Ref::steal(PyObject_GetAttrString(types.get(), "bpy_struct")) : Ref();
  return base ? PyObject_GetAttrString(base.get(), name) : nullptr;
}

} // namespace

Ref interned(const char* name) { return checked(PyUnicode_InternFromString(name)); }

std::optional<std::uint64_t> address_of(PyObject* object) {
  const auto found = read_address(object);
  return found ? found : ask_address(object);
}

PyObject* main_data() {
  static PyObject* data = nullptr; // one object for the whole session; never freed
  if (data == nullptr) {
    const Ref bpy = checked(PyImport_ImportModule("bpy"));
    data = checked(PyObject_GetAttr(bpy.get(), names().data)).release();
  }
  return data;
}

bool has_libraries() {
  const Ref libraries = attr(main_data(), names().libraries);
  const Py_ssize_t count = libraries ? PyObject_Size(libraries.get()) : -1;
  if (count < 0)
    PyErr_Clear();
  return count != 0;
}

bool is_living(PyObject* id) {
  // Of all that makes bpy look whether it lives this costs least: a third of a number's attribute.
  return PySequence_Contains(id, names().nothing) >= 0;
}

std::optional<std::uint64_t> living_address_of(PyObject* id) {
  return is_living(id) ? address_of(id) : std::nullopt;
}

std::optional<Element> element_at(PyObject* collection, Py_ssize_t index) {
  Element element;
  element.object = staying(Ref::steal(PySequence_GetItem(collection, index)));
  if (!element.object)
    return std::nullopt;
  const auto address = address_of(element.object.get());
  if (!address)
    return std::nullopt;
  element.address = *address;
  return element;
}

Ref resolved(PyObject* object, PyObject* path) {
  static PyObject* function = nullptr; // never freed: Blender's type outlives us
  if (function == nullptr)
    function = method("path_resolve");
  return function == nullptr
             ? Ref()
             : Ref::steal(PyObject_CallFunctionObjArgs(function, object, path, nullptr));
}

Ref as_numbers(PyObject* value) {
  if (PyFloat_Check(value) != 0 || PyLong_Check(value) != 0 || PyUnicode_Check(value) != 0 ||
      PySequence_Check(value) == 0)
    return Ref::borrow(value);
  Ref numbers = Ref::steal(PySequence_GetSlice(value, 0, PY_SSIZE_T_MAX));
  if (!numbers || PyTuple_Check(numbers.get()) == 0 || PyTuple_Size(numbers.get()) == 0 ||
      PyFloat_Check(PyTuple_GetItem(numbers.get(), 0)) == 0)
    return PyErr_Clear(), Ref::borrow(value);
  return numbers;
}

bool is_true(PyObject* object, PyObject* name) {
  const Ref value = attr(object, name);
  if (!value)
    PyErr_Clear();
  return value.get() == Py_True;
}

bool has_text(PyObject* object, PyObject* name, PyObject* text) {
  const Ref value = attr(object, name);
  const int same = value ? PyObject_RichCompareBool(value.get(), text, Py_EQ) : -1;
  if (same < 0)
    PyErr_Clear();
  return same > 0;
}

} // namespace rnaslicer::runtime
