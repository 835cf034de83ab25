// runtime/trail/capture/unlike.cpp: which paths of a list are of another form than those before.
#include "runtime/bindings.hpp"
#include "runtime/blender/bpy.hpp"
#include "runtime/blender/names.hpp"
#include "runtime/supplier/way.hpp"

namespace rnaslicer::runtime {

namespace {

bool are_equal(PyObject* a, PyObject* b) {
  const int equal = a == b ? 1 : PyObject_RichCompareBool(a, b, Py_EQ);
  if (equal < 0)
    throw PythonError();
  return equal > 0;
}

/// Whether a step is as another; of keys and numbers only whether they are such, unless the key is
/// one that tells more.
bool are_alike(PyObject* one, PyObject* other, PyObject* telling) {
  if (one == other)
    return true;
  PyObject* const kind = PyTuple_GetItem(one, 0);
  if (!are_equal(kind, PyTuple_GetItem(other, 0)))
    return false;
  if (are_equal(kind, names().attr))
    return are_equal(PyTuple_GetItem(one, 1), PyTuple_GetItem(other, 1));
  if (!are_equal(kind, names().own_key))
    return true;
  const auto tells = [&](PyObject* step) {
    const int found = PySequence_Contains(telling, PyTuple_GetItem(step, 1));
    if (found < 0)
      throw PythonError();
    return found > 0;
  };
  return (!tells(one) && !tells(other)) ||
         are_equal(PyTuple_GetItem(one, 1), PyTuple_GetItem(other, 1));
}

bool are_alike(const Way& one, const Way& other, PyObject* telling) {
  const Py_ssize_t count = PyTuple_Size(one.steps());
  if (Py_TYPE(one.root()) != Py_TYPE(other.root()) || PyTuple_Size(other.steps()) != count)
    return false;
  if (one.root() != other.root()) {
    const Ref kind = attr(one.root(), names().type);
    const Ref before = kind ? attr(other.root(), names().type) : Ref();
    drop_error(); // roots that no trail follows have none
    if (!before || !are_equal(kind.get(), before.get()))
      return false;
  }
  for (Py_ssize_t i = 0; i < count; ++i)
    if (!are_alike(PyTuple_GetItem(one.steps(), i), PyTuple_GetItem(other.steps(), i), telling))
      return false;
  return true;
}

PyObject* unlike(PyObject*, PyObject* args) {
  PyObject* paths = nullptr;
  PyObject* telling = nullptr;
  if (PyArg_ParseTuple(args, "O!O:unlike", &PyList_Type, &paths, &telling) == 0)
    return nullptr;
  return guarded([&] {
    Ref found = checked(PyList_New(0));
    const Way* before = nullptr;
    for (Py_ssize_t i = 0; i < PyList_Size(paths); ++i) {
      PyObject* const path = PyList_GetItem(paths, i);
      const Way* const way = as_way(path);
      if (way == nullptr)
        raise(PyExc_TypeError, "unlike: a list of paths is needed");
      if (before != nullptr && are_alike(*way, *before, telling))
        continue;
      if (PyList_Append(found.get(), path) < 0)
        throw PythonError();
      before = way;
    }
    return found.release();
  });
}

PyMethodDef functions[] = {
    // CPython keeps pointers into it
    {"unlike", unlike, METH_VARARGS,
     PyDoc_STR("unlike(paths, telling, /)\n--\n\nThose of the paths that have another root's type "
               "or other steps than the one before; what a key or number is does not count, unless "
               "the key is in `telling`.")},
    {nullptr, nullptr, 0, nullptr},
};

} // namespace

int register_unlike(PyObject* module) { return PyModule_AddFunctions(module, functions); }

} // namespace rnaslicer::runtime
