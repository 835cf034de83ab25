// runtime/range_python.cpp: smallest and largest of many ints, for indices that must not point
// outside.
#include "runtime/bindings.hpp"
#include "runtime/pyref.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

namespace rnaslicer::runtime {

namespace {

PyObject* int_range(PyObject*, PyObject* exporter) {
  return guarded([&]() -> PyObject* {
    Buffer buffer;
    if (!buffer.acquire(exporter, PyBUF_ND | PyBUF_FORMAT))
      return nullptr;
    const bool is_int32 = buffer->itemsize == 4 && buffer->format != nullptr &&
                          std::string_view(buffer->format) == "i";
    if (!is_int32)
      raise(PyExc_TypeError, "int_range: a contiguous buffer of format 'i' is needed");
    if (buffer->len == 0)
      raise(PyExc_ValueError, "int_range: the buffer is empty");
    std::int32_t low = std::numeric_limits<std::int32_t>::max();
    std::int32_t high = std::numeric_limits<std::int32_t>::min();
    const auto count = static_cast<std::size_t>(buffer->len / 4);
    for (const std::int32_t value :
         std::span(static_cast<const std::int32_t*>(buffer->buf), count)) {
      low = std::min(low, value);
      high = std::max(high, value);
    }
    return Py_BuildValue("(ii)", low, high);
  });
}

PyMethodDef functions[] = {
    // CPython keeps pointers into it
    {"int_range", int_range, METH_O,
     PyDoc_STR("int_range(buffer, /)\n--\n\nSmallest and largest of a contiguous buffer of int32. "
               "ValueError if it is empty.")},
    {nullptr, nullptr, 0, nullptr},
};

} // namespace

int register_range(PyObject* module) { return PyModule_AddFunctions(module, functions); }

} // namespace rnaslicer::runtime
