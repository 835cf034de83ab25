// runtime/calls/counted.cpp: how many items are given, and how many values a collection has.
#include "runtime/calls/counted.hpp"

#include "runtime/blender/names.hpp"
#include "runtime/calls/geometry.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <numeric>
#include <span>

namespace rnaslicer::runtime {

namespace {

Py_ssize_t count_of(PyObject* given) {
  if (PyMemoryView_Check(given) == 0) {
    const Py_ssize_t count = PyObject_Size(given);
    if (count < 0)
      throw PythonError();
    return count;
  }
  Buffer buffer;
  if (!buffer.acquire(given, PyBUF_FULL_RO))
    throw PythonError();
  const std::span<const Py_ssize_t> shape(buffer->shape, static_cast<std::size_t>(buffer->ndim));
  return std::accumulate(shape.begin(), shape.end(), Py_ssize_t{1}, std::multiplies<>());
}

Py_ssize_t length_of(PyObject* collection) {
  const Py_ssize_t length = PyObject_Size(collection);
  if (length < 0)
    throw PythonError();
  return length;
}

/// `properties.get(name)` of an RNA type, as bpy's own call looks for it; None where there is none.
Ref own_property(PyObject* rna, PyObject* name) {
  const Ref properties = asked(rna, "properties");
  return checked(PyObject_CallMethodObjArgs(properties.get(), names().get, name, nullptr));
}

/// Whether each struct has an array of its own length.
bool is_ragged(const Call& call, PyObject* rna, long length) {
  if (length == 0)
    return true;
  const Ref type = asked(rna, "identifier");
  const Ref both = checked(PyTuple_Pack(2, type.get(), call.name));
  return contains(table(call, "ragged"), both.get());
}

/// How many values the structs of an RNA type have; nothing where each has its own.
long width_in(const Call& call, PyObject* rna, PyObject* prop) {
  const Ref type = asked(prop, names().type);
  if (PyUnicode_CompareWithASCIIString(type.get(), "ENUM") == 0 ||
      !is_true(prop, interned("is_array").get()))
    return 1;
  const Ref length = asked(prop, "array_length");
  const long found = PyLong_AsLong(length.get());
  if (found < 0)
    throw PythonError();
  return is_ragged(call, rna, found) ? each : found;
}

/// Of one element; 0 where it has none.
Py_ssize_t width_of_element(const Call& call, PyObject* element) {
  const Ref rna = asked(element, names().bl_rna);
  const Ref prop = own_property(rna.get(), call.name);
  if (prop.get() == Py_None || !is_numeric(prop.get()))
    return 0;
  const long width = width_in(call, rna.get(), prop.get());
  return width != each ? width : length_of(asked(element, call.name).get());
}

/// The RNA type that all datablocks of a list in bpy.data have.
Ref of_all(PyObject* rna) {
  Ref found = Ref::borrow(rna);
  for (;;) {
    Ref base = asked(found.get(), "base");
    if (base.get() == Py_None ||
        PyUnicode_CompareWithASCIIString(asked(base.get(), "identifier").get(), "ID") == 0)
      return found;
    found = std::move(base);
  }
}

/// The corners of all polygons.
Py_ssize_t corners_of(const Call& call, Py_ssize_t count) {
  const auto totals = all_of(call.collection, interned("loop_total").get(), count);
  std::int64_t sum = 0;
  for (const std::int32_t total : totals)
    sum += std::max(total, 1);
  return static_cast<Py_ssize_t>(sum);
}

/// Whether so many items are as many as there are values, or, for foreach_set, more: bpy writes the
/// first ones, or refuses before it writes any.
bool are_enough(const Call& call, Py_ssize_t given, Py_ssize_t values) {
  return call.is_set ? given >= values : given == values;
}

/// Whether the elements have as many values together.
bool have(const Call& call, Py_ssize_t given) {
  const Py_ssize_t count = length_of(call.collection);
  if (count == 0)
    return call.is_set;
  const Ref first = checked(PySequence_GetItem(call.collection, 0));
  if (is_named(first.get(), "MeshPolygon"))
    return are_enough(call, given, corners_of(call, count));
  const Ref all = checked(PyObject_GetIter(call.collection));
  Py_ssize_t sum = 0;
  while (const Ref one = Ref::steal(PyIter_Next(all.get()))) {
    const Py_ssize_t width = width_of_element(call, one.get());
    if (width == 0)
      return false;
    sum += width;
  }
  if (PyErr_Occurred() != nullptr)
    throw PythonError();
  return are_enough(call, given, sum);
}

} // namespace

long width_of(const Call& call, const Kind& kind) {
  if (kind.element.get() == kind.declared.get())
    return is_true(kind.prop.get(), interned("is_runtime").get())
               ? static_cast<long>(script)
               : width_in(call, kind.element.get(), kind.prop.get());
  const Ref name = asked(kind.element.get(), "identifier");
  if (PyUnicode_CompareWithASCIIString(name.get(), "ShapeKeyPoint") == 0) // as all others then
    return width_in(call, kind.element.get(), kind.prop.get());
  if (!is_named(asked(call.collection, names().data).get(), "BlendData"))
    return each;
  const Ref rna = of_all(kind.element.get());
  const Ref prop = own_property(rna.get(), call.name);
  return prop.get() == Py_None || is_true(prop.get(), interned("is_runtime").get())
             ? static_cast<long>(each)
             : width_in(call, rna.get(), prop.get());
}

bool is_for_none(const Call& call) {
  return !call.is_set && call.given != nullptr && count_of(call.given) > 0 &&
         length_of(call.collection) == 0;
}

bool fits(const Call& call, long width) {
  const Py_ssize_t given = call.given != nullptr ? count_of(call.given) : 0;
  if (given == 0)
    return true;
  if (width == each)
    return have(call, given);
  const Py_ssize_t count = length_of(call.collection);
  if (width == script && count > 0) {
    const Ref first = checked(PySequence_GetItem(call.collection, 0));
    const Py_ssize_t own = width_of_element(call, first.get());
    return own > 0 && are_enough(call, given, own * count);
  }
  return width > 0 ? are_enough(call, given, width * count) : count == 0 && call.is_set;
}

} // namespace rnaslicer::runtime
