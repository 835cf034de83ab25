// runtime/transfer/range_python.cpp: many ints at once: smallest and largest, bits, those that are
// not allowed.
#include "jit/kernel.hpp"
#include "jit/parallel.hpp"
#include "runtime/bindings.hpp"
#include "runtime/pyref.hpp"
#include "runtime/transfer/range.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace rnaslicer::runtime {

namespace {

/// Lanes that the compiler keeps in vectors; one chain of min and max would wait for itself.
constexpr std::size_t lanes = 64;

template <class Int> using Range = std::pair<Int, Int>;

template <class Int>
inline __attribute__((always_inline)) Range<Int> range_by_lanes(std::span<const Int> values) {
  std::array<Int, lanes> low{};
  std::array<Int, lanes> high{};
  low.fill(std::numeric_limits<Int>::max());
  high.fill(std::numeric_limits<Int>::min());
  const Int* at = values.data();
  std::size_t left = values.size();
  for (; left >= lanes; left -= lanes, at += lanes) {
    for (std::size_t i = 0; i < lanes; ++i) {
      low[i] = at[i] < low[i] ? at[i] : low[i];
      high[i] = at[i] > high[i] ? at[i] : high[i];
    }
  }
  for (std::size_t i = 0; i < left; ++i) {
    low[i] = at[i] < low[i] ? at[i] : low[i];
    high[i] = at[i] > high[i] ? at[i] : high[i];
  }
  return {*std::min_element(low.begin(), low.end()), *std::max_element(high.begin(), high.end())};
}

/// At the speed of memory on the CPU's best instructions (baseline SSE2 has no 32-bit min).
__attribute__((target_clones("avx512f", "avx2", "default"))) Range<std::int32_t>
range_of(std::span<const std::int32_t> values) {
  return range_by_lanes(values);
}
__attribute__((target_clones("avx512f", "avx2", "default"))) Range<std::int64_t>
range_of(std::span<const std::int64_t> values) {
  return range_by_lanes(values);
}

/// The same of many, on several threads from where a second one pays for being started.
template <class Int> Range<Int> range_of_many(std::span<const Int> values) {
  constexpr std::size_t block = (std::size_t{1} << 19U) / sizeof(Int);
  constexpr std::size_t enough = 8 * block;
  if (values.size() < enough)
    return range_of(values);
  const std::size_t blocks = (values.size() + block - 1) / block;
  std::vector<Range<Int>> ranges(blocks);
  jit::share_out(static_cast<std::int64_t>(blocks), jit::copy_threads(), [&](std::int64_t i) {
    const auto at = static_cast<std::size_t>(i);
    ranges[at] = range_of(values.subspan(at * block, std::min(block, values.size() - at * block)));
  });
  auto found = ranges.front();
  for (const auto& [low, high] : ranges)
    found = {std::min(found.first, low), std::max(found.second, high)};
  return found;
}

template <class Int> PyObject* range_of_buffer(const Buffer& buffer) {
  const auto count = static_cast<std::size_t>(buffer->len) / sizeof(Int);
  const auto [low, high] =
      range_of_many(std::span<const Int>(static_cast<const Int*>(buffer->buf), count));
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
  const auto count = static_cast<std::size_t>(view.len) / sizeof(Int);
  for (const Int value : std::span(static_cast<const Int*>(view.buf), count))
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

/// The first of `values` that is none of `allowed` (sorted).
std::optional<std::int32_t> first_outside(std::span<const std::int32_t> values,
                                          std::span<const std::int32_t> allowed) {
  constexpr std::size_t longest_table = 4096;
  const std::int64_t low = allowed.empty() ? 0 : allowed.front();
  const std::int64_t high = allowed.empty() ? -1 : allowed.back();
  const auto length = static_cast<std::size_t>(high - low + 1);
  std::vector<char> is_allowed(length <= longest_table ? length : 0);
  if (!is_allowed.empty())
    for (const std::int32_t value : allowed)
      is_allowed[static_cast<std::size_t>(value - low)] = 1;
  for (const std::int32_t value : values) {
    const bool known = !is_allowed.empty()
                           ? value >= low && value <= high &&
                                 is_allowed[static_cast<std::size_t>(value - low)] != 0
                           : std::binary_search(allowed.begin(), allowed.end(), value);
    if (!known)
      return value;
  }
  return std::nullopt;
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
    const auto ints = [](const Buffer& buffer) {
      return std::span(static_cast<const std::int32_t*>(buffer->buf),
                       static_cast<std::size_t>(buffer->len / 4));
    };
    const auto given = ints(buffers[1]);
    std::vector<std::int32_t> allowed(given.begin(), given.end());
    std::sort(allowed.begin(), allowed.end());
    if (const auto value = first_outside(ints(buffers[0]), allowed))
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

std::pair<std::int64_t, std::int64_t> range_of_indices(std::span<const std::int32_t> indices) {
  const auto [low, high] = range_of_many(indices);
  return {low, high};
}

int register_range(PyObject* module) { return PyModule_AddFunctions(module, functions); }

} // namespace rnaslicer::runtime
