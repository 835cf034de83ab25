// runtime/blender/borders_python.cpp: whether numbers in memory divide a row among elements, and
// whether indices stay below a bound.
#include "runtime/bindings.hpp"
#include "runtime/pyref.hpp"

#include <cstdint>
#include <cstring>

namespace rnaslicer::runtime {

namespace {

/// int32s in a buffer: number i lies `at + i * stride` bytes into it.
struct Ints {
  const char* base;
  Py_ssize_t at;
  Py_ssize_t stride;

  [[nodiscard]] std::int64_t operator[](Py_ssize_t i) const {
    std::int32_t value = 0;
    std::memcpy(&value, base + at + i * stride, sizeof value);
    return value;
  }
};

/// Raises ValueError if not all of `count` numbers lie inside the buffer.
Ints ints_in(const Buffer& buffer, Py_ssize_t at, Py_ssize_t stride, Py_ssize_t count) {
  constexpr Py_ssize_t size = sizeof(std::int32_t);
  const Py_ssize_t room = buffer->len - size - at;
  if (at < 0 || stride < size || count < 0 ||
      (count > 0 && (room < 0 || count - 1 > room / stride)))
    raise(PyExc_ValueError, "the numbers do not lie inside the buffer");
  return {static_cast<const char*>(buffer->buf), at, stride};
}

/// How elements must divide a row.
struct Rule {
  std::int64_t end;   // places in the row
  std::int64_t least; // places of each element
  bool in_order;      // one begins where the one before ends, from 0 to the end
};

/// The first element that breaks the rule, or -1. Without `totals` each ends where the next begins.
Py_ssize_t first_fault(const Ints& starts, const Ints* totals, Py_ssize_t count, const Rule& rule) {
  std::int64_t next = 0;
  for (Py_ssize_t i = 0; i < count; ++i) {
    const std::int64_t start = starts[i];
    std::int64_t stop = i + 1 < count ? starts[i + 1] : rule.end;
    if (totals != nullptr)
      stop = start + (*totals)[i];
    if (start < 0 || stop - start < rule.least || stop > rule.end)
      return i;
    if (rule.in_order && (start != next || (i + 1 == count && stop != rule.end)))
      return i;
    next = stop;
  }
  return -1;
}

PyObject* borders_fault(PyObject*, PyObject* args) {
  return guarded([&]() -> PyObject* {
    PyObject* exporter = nullptr;
    Py_ssize_t start_at = 0;
    Py_ssize_t total_at = 0;
    Py_ssize_t stride = 0;
    Py_ssize_t count = 0;
    long long end = 0;
    long long least = 0;
    int in_order = 0;
    if (PyArg_ParseTuple(args, "OnnnnLLp:borders_fault", &exporter, &start_at, &total_at, &stride,
                         &count, &end, &least, &in_order) == 0)
      return nullptr;
    Buffer buffer;
    if (!buffer.acquire(exporter, PyBUF_SIMPLE))
      return nullptr;
    const Ints starts = ints_in(buffer, start_at, stride, count);
    Py_ssize_t at = 0;
    if (total_at < 0) {
      at = first_fault(starts, nullptr, count, {end, least, in_order != 0});
    } else {
      const Ints totals = ints_in(buffer, total_at, stride, count);
      at = first_fault(starts, &totals, count, {end, least, in_order != 0});
    }
    if (at < 0)
      Py_RETURN_NONE;
    return PyLong_FromSsize_t(at);
  });
}

PyObject* first_beyond(PyObject*, PyObject* args) {
  return guarded([&]() -> PyObject* {
    PyObject* exporter = nullptr;
    Py_ssize_t at = 0;
    Py_ssize_t stride = 0;
    Py_ssize_t count = 0;
    long long bound = 0;
    if (PyArg_ParseTuple(args, "OnnnL:first_beyond", &exporter, &at, &stride, &count, &bound) == 0)
      return nullptr;
    Buffer buffer;
    if (!buffer.acquire(exporter, PyBUF_SIMPLE))
      return nullptr;
    const Ints numbers = ints_in(buffer, at, stride, count);
    for (Py_ssize_t i = 0; i < count; ++i)
      if (numbers[i] < 0 || numbers[i] >= bound)
        return PyLong_FromSsize_t(i);
    Py_RETURN_NONE;
  });
}

PyMethodDef functions[] = {
    // CPython keeps pointers into it
    {"borders_fault", borders_fault, METH_VARARGS,
     PyDoc_STR("borders_fault(buffer, start_at, total_at, stride, count, end, least, in_order, /)\n"
               "--\n\nThe first of `count` elements that does not take at least `least` of `end` "
               "places, or (in_order) does not begin where the one before ends; None if all do. "
               "Its int32s lie `stride` bytes apart; with a negative total_at each element ends "
               "where the next begins.")},
    {"first_beyond", first_beyond, METH_VARARGS,
     PyDoc_STR("first_beyond(buffer, at, stride, count, bound, /)\n--\n\nIndex of the first of "
               "`count` int32s, `stride` bytes apart, that is negative or not below `bound`, or "
               "None.")},
    {nullptr, nullptr, 0, nullptr},
};

} // namespace

int register_borders(PyObject* module) { return PyModule_AddFunctions(module, functions); }

} // namespace rnaslicer::runtime
