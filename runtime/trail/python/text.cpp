// runtime/trail/python/text.cpp: expressions, ways and settings, written down.
#include "runtime/trail/python/text.hpp"

#include "runtime/blender/bpy.hpp"
#include "runtime/blender/names.hpp"
#include "runtime/supplier/way.hpp"
#include "runtime/trail/capture/ways.hpp"

namespace rnaslicer::runtime {

void Text::refuse() {
  PyErr_Clear();
  is_plain_ = false;
}

void Text::raw(char kind, const void* bytes, std::size_t size) {
  text_ += kind;
  text_.append(static_cast<const char*>(bytes), size);
}

void Text::number(PyObject* object) {
  const long long value = PyLong_CheckExact(object) != 0 ? PyLong_AsLongLong(object) : -1;
  if (PyLong_CheckExact(object) == 0 || PyErr_Occurred() != nullptr)
    return refuse();
  raw('i', &value, sizeof value);
}

void Text::name(PyObject* object) {
  Py_ssize_t size = 0;
  const char* const text =
      PyUnicode_CheckExact(object) != 0 ? PyUnicode_AsUTF8AndSize(object, &size) : nullptr;
  if (text == nullptr)
    return refuse();
  raw('n', &size, sizeof size);
  text_.append(text, static_cast<std::size_t>(size));
}

void Text::plain(PyObject* object) {
  if (object == Py_None)
    text_ += '-';
  else if (PyUnicode_CheckExact(object) != 0)
    name(object);
  else
    number(object);
}

void Text::item(PyObject* object) {
  if (reinterpret_cast<PyObject*>(Py_TYPE(object)) == reinterpret_cast<PyObject*>(&PySlice_Type))
    slice(':', object);
  else if (reinterpret_cast<PyObject*>(Py_TYPE(object)) ==
           reinterpret_cast<PyObject*>(&PyRange_Type))
    slice('r', object);
  else if (PyTuple_CheckExact(object) != 0)
    several('(', object, PyTuple_Size(object), PyTuple_GetItem);
  else if (PyList_CheckExact(object) != 0)
    several('[', object, PyList_Size(object), PyList_GetItem);
  else if (object == Py_Ellipsis)
    text_ += 'e';
  else if (object == Py_None)
    refuse();
  else
    plain(object);
}

void Text::expression(PyObject* object) {
  if (PyTuple_CheckExact(object) == 0)
    return item(object);
  const Py_ssize_t count = PyTuple_Size(object);
  raw('t', &count, sizeof count); // the steps that follow look like items
  for (Py_ssize_t i = 0; is_plain_ && i < count; ++i)
    if (!gather(PyTuple_GetItem(object, i), i))
      item(PyTuple_GetItem(object, i));
}

void Text::slice(char kind, PyObject* object) {
  text_ += kind;
  for (PyObject* const part : {names().start, names().stop, names().step}) {
    const Ref value = attr(object, part);
    if (!value || PyUnicode_Check(value.get()) != 0)
      return refuse();
    plain(value.get());
  }
}

/// Names only: numbers are an array.
void Text::several(char kind, PyObject* object, Py_ssize_t count,
                   PyObject* (*at)(PyObject*, Py_ssize_t)) {
  raw(kind, &count, sizeof count);
  for (Py_ssize_t i = 0; is_plain_ && i < count; ++i)
    name(at(object, i));
}

void Text::step(PyObject* object) {
  if (PyTuple_CheckExact(object) == 0 || PyTuple_Size(object) != 2)
    return refuse();
  name(PyTuple_GetItem(object, 0));
  plain(PyTuple_GetItem(object, 1));
}

void Text::steps(PyObject* tuple) {
  const Py_ssize_t count = PyTuple_CheckExact(tuple) != 0 ? PyTuple_Size(tuple) : -1;
  if (count < 0)
    return step(tuple);
  Py_ssize_t from = 0;
  if (count > 1) {
    PyObject* const last_but_one = PyTuple_GetItem(tuple, count - 2);
    if (PyTuple_CheckExact(last_but_one) != 0 && PyTuple_Size(last_but_one) == 2 &&
        PyUnicode_Check(PyTuple_GetItem(last_but_one, 0)) != 0 &&
        PyUnicode_CompareWithASCIIString(PyTuple_GetItem(last_but_one, 0), "fcurve") == 0) {
      identity(names().fcurve);
      from = count - 1;
    }
  }
  for (Py_ssize_t i = from; is_plain_ && i < count; ++i)
    step(PyTuple_GetItem(tuple, i));
}

/// A collection as an item, told by the type of its datablock and all steps from there. False for
/// what is none; where native code knows no path to one, Python captures it.
bool Text::gather(PyObject* object, Py_ssize_t at) {
  if (!is_collection(object))
    return false;
  Ref path = known_path(object);
  const Way* const way = path ? as_way(path.get()) : nullptr;
  if (way == nullptr)
    return refuse(), true;
  const Ref root = Ref::borrow(way->root());
  const Ref kind = attr(root.get(), names().type);
  if (!kind || PyTuple_CheckExact(way->steps()) == 0)
    return refuse(), true;
  const Py_ssize_t count = PyTuple_Size(way->steps());
  raw('g', &count, sizeof count);
  identity(kind.get());
  for (Py_ssize_t i = 0; is_plain_ && i < count; ++i)
    step(PyTuple_GetItem(way->steps(), i));
  gathers_.push_back({at, std::move(path)});
  return true;
}

void Text::settings(PyObject* more, bool pads) {
  if (more == Py_None) {
    text_ += '-';
    return;
  }
  PyObject* const transform = PyDict_CheckExact(more) != 0 && PyDict_Size(more) == 4
                                  ? PyDict_GetItemWithError(more, names().transform)
                                  : nullptr;
  PyObject* const normalized =
      transform != nullptr ? PyDict_GetItemWithError(more, names().normalized) : nullptr;
  PyObject* const fill =
      normalized != nullptr ? PyDict_GetItemWithError(more, names().fill) : nullptr;
  if (fill == nullptr)
    return refuse();
  // What fill and width are is told at each use.
  if (pads && PyFloat_CheckExact(fill) == 0 && PyLong_CheckExact(fill) == 0 &&
      PyBool_Check(fill) == 0)
    return refuse();
  const bool is_given = PyTuple_Check(transform) != 0 && PyTuple_Size(transform) == 2;
  if (!is_given && transform != Py_None && PyUnicode_CheckExact(transform) == 0)
    return refuse();
  text_ += normalized == Py_True ? 'N' : 'F';
  text_ += !is_given ? (transform == Py_None ? '-' : 'W')
                     : (PyTuple_GetItem(transform, 1) == Py_True ? 'O' : 'E');
}

} // namespace rnaslicer::runtime
