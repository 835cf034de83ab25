// runtime/transfer/range_python.cpp: many ints at once: smallest and largest, bits, those that are
// not allowed.
#include "runtime/bindings.hpp"
#include "runtime/memory/range.hpp"
#include "runtime/pyref.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace rnaslicer::runtime {

namespace {

template <class Int> PyObject* range_of_buffer(const Buffer& buffer) {
  const Ints<Int> ints(buffer->buf, static_cast<std::size_t>(buffer->len) / sizeof(Int));
  const auto [low, high] = range_of_indices(ints.all());
  return Py_BuildValue("(LL)", static_cast<long long>(low), static_cast<long long>(high));
}

PyObject* int_range(PyObject*, PyObject* exporter) {
  return guarded([&]() -> PyObject* {
    Buffer buffer;
    if (!buffer.acquire(exporter, PyBUF_ND | PyBUF_FORMAT))
      return nullptr;
    const std::string_view format = buffer->format != nullptr ? buffer->format : "";
    const bool wide = format == "q" && buffer->itemsize == 8;
    if (!wide && !(format == "i" && buffer->itemsize == 4))
      raise(PyExc_TypeError, "int_range: a contiguous buffer of format 'i' or 'q' is needed");
    if (buffer->len == 0)
      raise(PyExc_ValueError, "int_range: the buffer is empty");
    return wide ? range_of_buffer<std::int64_t>(buffer) : range_of_buffer<std::int32_t>(buffer);
  });
}

template <class Int> std::uint32_t union_of(const Py_buffer& view) {
  std::uint32_t bits = 0;
  const Ints<Int> ints(view.buf, static_cast<std::size_t>(view.len) / sizeof(Int));
  for (const Int value : ints.all())
    bits |= value;
  return bits;
}

PyObject* int_bits(PyObject*, PyObject* exporter) {
  return guarded([&]() -> PyObject* {
    Buffer buffer;
    if (!buffer.acquire(exporter, PyBUF_ND | PyBUF_FORMAT))
      return nullptr;
    switch (buffer->itemsize) {
    case 1:
      return PyLong_FromUnsignedLong(union_of<std::uint8_t>(buffer.view()));
    case 2:
      return PyLong_FromUnsignedLong(union_of<std::uint16_t>(buffer.view()));
    case 4:
      return PyLong_FromUnsignedLong(union_of<std::uint32_t>(buffer.view()));
    default:
      raise(PyExc_TypeError, "int_bits: integers of 1, 2 or 4 bytes are needed");
    }
  });
}

PyObject* int_outside(PyObject*, PyObject* args) {
  return guarded([&]() -> PyObject* {
    PyObject* numbers = nullptr;
    PyObject* items = nullptr;
    if (PyArg_ParseTuple(args, "OO:int_outside", &numbers, &items) == 0)
      return nullptr;
    std::array<Buffer, 2> buffers;
    for (std::size_t i = 0; i < 2; ++i) {
      if (!buffers[i].acquire(i == 0 ? numbers : items, PyBUF_ND | PyBUF_FORMAT))
        return nullptr;
      if (buffers[i]->itemsize != 4 || buffers[i]->format == nullptr ||
          std::string_view(buffers[i]->format) != "i")
        raise(PyExc_TypeError, "int_outside: contiguous buffers of format 'i' are needed");
    }
    const auto count = [](const Buffer& buffer) {
      return static_cast<std::size_t>(buffer->len) / sizeof(std::int32_t);
    };
    const Ints<std::int32_t> values(buffers[0]->buf, count(buffers[0]));
    const Ints<std::int32_t> given(buffers[1]->buf, count(buffers[1]));
    std::vector<std::int32_t> allowed(given.all().begin(), given.all().end());
    std::sort(allowed.begin(), allowed.end());
    if (const auto value = first_outside(values.all(), allowed))
      return PyLong_FromLong(*value);
    Py_RETURN_NONE;
  });
}

PyMethodDef functions[] = {
    // CPython keeps pointers into it
    {"int_range", int_range, METH_O,
     PyDoc_STR(
         "int_range(buffer, /)\n--\n\nSmallest and largest of a contiguous buffer of int32 or "
         "int64. ValueError if it is empty.")},
    {"int_bits", int_bits, METH_O,
     PyDoc_STR("int_bits(buffer, /)\n--\n\nAll bits that are set in any of a contiguous buffer's "
               "integers of 1, 2 or 4 bytes.")},
    {"int_outside", int_outside, METH_VARARGS,
     PyDoc_STR("int_outside(numbers, allowed, /)\n--\n\nThe first of a contiguous buffer of int32 "
               "that is none of the allowed ones (another such buffer), or None.")},
    {nullptr, nullptr, 0, nullptr},
};

} // namespace

int register_range(PyObject* module) { return PyModule_AddFunctions(module, functions); }

} // namespace rnaslicer::runtime
