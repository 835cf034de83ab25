// runtime/trail/capture/paths.cpp: Python's paths and roots, and what bpy's objects are.
#include "runtime/trail/capture/paths.hpp"

#include "runtime/supplier/way.hpp"

namespace rnaslicer::runtime {

namespace {

/// Never freed.
struct Classes {
  Ref path, root;
};
Classes& given() {
  static auto* const all = new Classes;
  return *all;
}

/// A class of bpy's, which outlives us.
PyTypeObject* type_of(const char* name) {
  const Ref types = checked(PyImport_ImportModule("bpy.types"));
  return reinterpret_cast<PyTypeObject*>(
      checked(PyObject_GetAttrString(types.get(), name)).release());
}

} // namespace

void give_classes(PyObject* path, PyObject* root) {
  given() = {Ref::borrow(path), Ref::borrow(root)};
}

Ref new_path(PyObject* root, PyObject* steps, const Moment& seen) {
  return new_way(given().path.get(), root, steps, seen);
}

bool is_datablock_root(PyObject* root) {
  return given().root && reinterpret_cast<PyObject*>(Py_TYPE(root)) == given().root.get();
}

bool is_struct(PyObject* object) {
  static PyTypeObject* const type = type_of("bpy_struct");
  return PyType_IsSubtype(Py_TYPE(object), type) != 0;
}

bool is_id(PyObject* object) {
  static PyTypeObject* const type = type_of("ID");
  return PyType_IsSubtype(Py_TYPE(object), type) != 0;
}

} // namespace rnaslicer::runtime
