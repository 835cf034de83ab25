// runtime/transfer/types_python.cpp: the types of many objects, compared without a step of Python
// for each.
#include "runtime/bindings.hpp"
#include "runtime/pyref.hpp"

namespace rnaslicer::runtime {

namespace {

/// Whether all objects of a list are of one type.
PyObject* one_type(PyObject*, PyObject* list) {
  if (PyList_Check(list) == 0) {
    PyErr_SetString(PyExc_TypeError, "one_type: a list is needed");
    return nullptr;
  }
  PyTypeObject* type = nullptr;
  for (Py_ssize_t i = 0; i < PyList_Size(list); ++i) {
    PyTypeObject* const other = Py_TYPE(PyList_GetItem(list, i));
    if (type != nullptr && other != type)
      Py_RETURN_FALSE;
    type = other;
  }
  Py_RETURN_TRUE;
}

/// Where the first object is of another type than the one expected there.
PyObject* other_type(PyObject*, PyObject* args) {
  PyObject* objects = nullptr;
  PyObject* types = nullptr;
  if (PyArg_ParseTuple(args, "O!O!:other_type", &PyList_Type, &objects, &PyTuple_Type, &types) == 0)
    return nullptr;
  const Py_ssize_t count = PyList_Size(objects);
  const bool is_one = PyTuple_Size(types) == 1;
  if (!is_one && PyTuple_Size(types) != count) {
    PyErr_SetString(PyExc_ValueError, "other_type: one type, or one for each object, is needed");
    return nullptr;
  }
  for (Py_ssize_t i = 0; i < count; ++i) {
    auto* const type = reinterpret_cast<PyObject*>(Py_TYPE(PyList_GetItem(objects, i)));
    if (type != PyTuple_GetItem(types, is_one ? 0 : i))
      return PyLong_FromSsize_t(i);
  }
  return PyLong_FromSsize_t(-1);
}

PyMethodDef functions[] = {
    // CPython keeps pointers into it
    {"one_type", one_type, METH_O,
     PyDoc_STR("one_type(objects, /)\n--\n\nWhether all objects of a list are of one type.")},
    {"other_type", other_type, METH_VARARGS,
     PyDoc_STR(
         "other_type(objects, types, /)\n--\n\nIndex of the first object that is not of its type "
         "(a tuple: one for all, or one for each), or -1.")},
    {nullptr, nullptr, 0, nullptr},
};

} // namespace

int register_types(PyObject* module) { return PyModule_AddFunctions(module, functions); }

} // namespace rnaslicer::runtime
