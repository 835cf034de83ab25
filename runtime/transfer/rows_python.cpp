// runtime/transfer/rows_python.cpp: how one array is divided into rows of different lengths.
#include "runtime/bindings.hpp"
#include "runtime/pyref.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <vector>

namespace rnaslicer::runtime {

namespace {

/// A contiguous buffer as a span of numbers of this size; throws where it is none.
template <class Int> std::span<const Int> numbers_in(Buffer& buffer, PyObject* object) {
  if (!buffer.acquire(object, PyBUF_C_CONTIGUOUS))
    throw PythonError();
  if (buffer->itemsize != sizeof(Int))
    raise(PyExc_ValueError, "a buffer's items have another size");
  return {static_cast<const Int*>(buffer->buf),
          static_cast<std::size_t>(buffer->len) / sizeof(Int)};
}

template <class Int> Ref bytes_of(const std::vector<Int>& numbers) {
  return checked(PyBytes_FromStringAndSize(reinterpret_cast<const char*>(numbers.data()),
                                           static_cast<Py_ssize_t>(numbers.size() * sizeof(Int))));
}

/// Where rows begin, and the end; ValueError where they do not ascend from 0.
std::span<const std::int64_t> borders_in(Buffer& buffer, PyObject* object) {
  const auto offsets = numbers_in<std::int64_t>(buffer, object);
  if (offsets.empty() || offsets.front() != 0 || !std::ranges::is_sorted(offsets) ||
      offsets.back() > std::numeric_limits<std::int32_t>::max())
    raise(PyExc_ValueError, "the offsets do not ascend from 0");
  return offsets;
}

PyObject* lengths_of(PyObject*, PyObject* object) {
  return guarded([&]() -> PyObject* {
    Buffer buffer;
    const auto offsets = borders_in(buffer, object);
    std::vector<std::int64_t> lengths(offsets.size() - 1);
    for (std::size_t i = 0; i < lengths.size(); ++i)
      lengths[i] = offsets[i + 1] - offsets[i];
    const auto longest = lengths.empty() ? 0 : *std::ranges::max_element(lengths);
    return Py_BuildValue("(NL)", bytes_of(lengths).release(), static_cast<long long>(longest));
  });
}

PyObject* pad_indices(PyObject*, PyObject* args) {
  return guarded([&]() -> PyObject* {
    PyObject* object = nullptr;
    Py_ssize_t width = 0;
    if (PyArg_ParseTuple(args, "On:pad_indices", &object, &width) == 0)
      return nullptr;
    Buffer buffer;
    const auto offsets = borders_in(buffer, object);
    std::vector<std::int32_t> indices;
    for (std::size_t i = 0; i + 1 < offsets.size(); ++i) {
      if (offsets[i + 1] - offsets[i] > width)
        raise(PyExc_ValueError, "a row is longer than the width");
      for (auto at = offsets[i]; at < offsets[i + 1]; ++at)
        indices.push_back(static_cast<std::int32_t>(at));
      indices.resize((i + 1) * static_cast<std::size_t>(width),
                     static_cast<std::int32_t>(offsets.back()));
    }
    return bytes_of(indices).release();
  });
}

PyObject* divided(PyObject*, PyObject* args) {
  return guarded([&]() -> PyObject* {
    PyObject* begin = nullptr;
    PyObject* many = nullptr;
    if (PyArg_ParseTuple(args, "OO:divided", &begin, &many) == 0)
      return nullptr;
    Buffer first;
    Buffer second;
    const auto starts = numbers_in<std::int32_t>(first, begin);
    const auto totals = numbers_in<std::int32_t>(second, many);
    if (starts.size() != totals.size())
      raise(PyExc_ValueError, "there are not as many starts as lengths");
    std::vector<std::int64_t> offsets{0};
    offsets.reserve(starts.size() + 1);
    bool in_a_row = true;
    for (std::size_t i = 0; i < starts.size(); ++i) {
      in_a_row = in_a_row && starts[i] == starts.front() + offsets.back();
      offsets.push_back(offsets.back() + totals[i]);
    }
    return Py_BuildValue("(NO)", bytes_of(offsets).release(), in_a_row ? Py_True : Py_False);
  });
}

PyMethodDef functions[] = {
    // CPython keeps pointers into it
    {"lengths_of", lengths_of, METH_O,
     PyDoc_STR(
         "lengths_of(offsets, /)\n--\n\n(lengths of the rows as bytes of int64, the longest). "
         "offsets: int64, one more than there are rows.")},
    {"pad_indices", pad_indices, METH_VARARGS,
     PyDoc_STR(
         "pad_indices(offsets, width, /)\n--\n\nFor each place of rows of one width the index "
         "of what is there, as bytes of int32; where nothing is, the end.")},
    {"divided", divided, METH_VARARGS,
     PyDoc_STR("divided(starts, totals, /)\n--\n\n(where rows of these lengths begin when one is "
               "behind the other, and the end, as bytes of int64; whether they begin there).")},
    {nullptr, nullptr, 0, nullptr},
};

} // namespace

int register_rows(PyObject* module) { return PyModule_AddFunctions(module, functions); }

} // namespace rnaslicer::runtime
