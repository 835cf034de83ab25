// runtime/blender/borders_python.cpp: whether numbers in memory divide a row among elements, and
// whether indices stay below a bound.
//
// Both take a buffer, or the address of an array that bpy gave, whose ends are probed.
#include "runtime/bindings.hpp"
#include "runtime/blender/probe.hpp"
#include "runtime/memory/range.hpp"
#include "runtime/pyref.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace rnaslicer::runtime {

namespace {

constexpr Py_ssize_t int_size = sizeof(std::int32_t);

/// `count` elements, `stride` bytes apart, of which int32s are wanted at bytes below `extent`.
class Elements {
 public:
  Elements(PyObject* source, Py_ssize_t extent, Py_ssize_t stride, Py_ssize_t count)
      : extent_(extent), stride_(stride), count_(count) {
    if (stride < int_size || count < 0)
      raise(PyExc_ValueError, "the numbers do not lie apart");
    if (PyLong_Check(source) != 0) {
      address_ = PyLong_AsUnsignedLongLong(source);
      if (PyErr_Occurred() != nullptr)
        throw PythonError();
      if (extent > stride || count > PY_SSIZE_T_MAX / stride)
        raise(PyExc_ValueError, "the numbers do not lie inside the elements");
      return;
    }
    if (!buffer_.acquire(source, PyBUF_SIMPLE))
      throw PythonError();
    is_buffer_ = true;
    const Py_ssize_t room = buffer_->len - extent;
    if (count > 0 && (room < 0 || count - 1 > room / stride))
      raise(PyExc_ValueError, "the numbers do not lie inside the buffer");
  }

  /// The first byte. An address counts if both ends of the array that begins there can be read.
  [[nodiscard]] const char* data() const {
    if (count_ == 0)
      return nullptr;
    if (is_buffer_)
      return static_cast<const char*>(buffer_->buf);
    const auto last =
        address_ + static_cast<std::uint64_t>((count_ - 1) * stride_ + extent_ - int_size);
    std::array<std::byte, 2 * int_size> ends{};
    const std::span both(ends);
    if (!read_pair({address_, both.first<int_size>()}, {last, both.last<int_size>()}))
      raise(PyExc_LookupError, "the memory cannot be read");
    return reinterpret_cast<const char*>(address_); // NOLINT(performance-no-int-to-ptr)
  }

 private:
  Buffer buffer_;
  bool is_buffer_ = false;
  std::uint64_t address_ = 0;
  Py_ssize_t extent_;
  Py_ssize_t stride_;
  Py_ssize_t count_;
};

std::int32_t int_at(const char* place) {
  std::int32_t value = 0;
  std::memcpy(&value, place, sizeof value);
  return value;
}

/// How elements must divide a row.
struct Rule {
  std::int64_t end = 0;   // places in the row
  std::int64_t least = 0; // places of each element
  bool in_order = false;  // one begins where the one before ends, from 0 to the end
};

/// Looks at one element after the other.
class Division {
 public:
  explicit Division(const Rule& rule) : rule_(rule) {}

  /// Whether the next element is right.
  bool takes(std::int64_t start, std::int64_t stop, bool is_last) {
    const bool right = start >= 0 && stop - start >= rule_.least && stop <= rule_.end &&
                       (!rule_.in_order || (start == next_ && (!is_last || stop == rule_.end)));
    next_ = stop;
    return right;
  }

 private:
  Rule rule_;
  std::int64_t next_ = 0;
};

/// `count` numbers that lie in a row.
std::span<const std::int32_t> in_a_row(const char* first, Py_ssize_t count) {
  return {reinterpret_cast<const std::int32_t*>(first), static_cast<std::size_t>(count)};
}

PyObject* borders_fault(PyObject*, PyObject* args) {
  return guarded([&]() -> PyObject* {
    PyObject* source = nullptr;
    Py_ssize_t start_at = 0;
    Py_ssize_t total_at = 0;
    Py_ssize_t stride = 0;
    Py_ssize_t count = 0;
    long long end = 0;
    long long least = 0;
    int in_order = 0;
    if (PyArg_ParseTuple(args, "OnnnnLLp:borders_fault", &source, &start_at, &total_at, &stride,
                         &count, &end, &least, &in_order) == 0)
      return nullptr;
    constexpr Py_ssize_t furthest = PY_SSIZE_T_MAX - int_size;
    if (start_at < 0 || start_at > furthest || total_at > furthest)
      raise(PyExc_ValueError, "the numbers do not lie inside the elements");
    Elements elements(source, std::max(start_at, total_at) + int_size, stride, count);
    Division division({end, least, in_order != 0});
    Py_ssize_t fault = -1;
    std::int64_t before = 0; // start of the element that ends where this one begins
    const char* const data = elements.data();
    if (count > 0 && stride == int_size && total_at < 0 && (least == 1 || least == 2) &&
        in_order != 0) {
      const auto starts = in_a_row(data + start_at, count);
      if (starts.front() == 0 && starts.back() <= end - least &&
          ascends(starts, static_cast<std::uint32_t>(least)))
        Py_RETURN_NONE;
    }
    for (Py_ssize_t i = 0; i < count && fault < 0; ++i) {
      const std::int64_t start = int_at(data + i * stride + start_at);
      if (total_at >= 0) {
        const std::int64_t total = int_at(data + i * stride + total_at);
        if (!division.takes(start, start + total, i + 1 == count))
          fault = i;
      } else if (i > 0 && !division.takes(before, start, false)) {
        fault = i - 1;
      }
      before = start;
    }
    if (fault < 0 && total_at < 0 && count > 0 && !division.takes(before, end, true))
      fault = count - 1;
    if (fault < 0)
      Py_RETURN_NONE;
    return PyLong_FromSsize_t(fault);
  });
}

PyObject* first_beyond(PyObject*, PyObject* args) {
  return guarded([&]() -> PyObject* {
    PyObject* source = nullptr;
    Py_ssize_t at = 0;
    Py_ssize_t stride = 0;
    Py_ssize_t count = 0;
    long long wanted = 0;
    if (PyArg_ParseTuple(args, "OnnnL:first_beyond", &source, &at, &stride, &count, &wanted) == 0)
      return nullptr;
    if (at < 0 || at > PY_SSIZE_T_MAX - int_size)
      raise(PyExc_ValueError, "the numbers do not lie inside the elements");
    // Negative ones are, as unsigned, above all bounds.
    const auto bound = static_cast<std::uint32_t>(std::clamp(wanted, 0LL, 1LL << 31U));
    Elements elements(source, at + int_size, stride, count);
    const char* const data = elements.data();
    if (count > 0 && stride == int_size) {
      const auto [low, high] = range_of_indices(in_a_row(data + at, count));
      if (low >= 0 && high < wanted)
        Py_RETURN_NONE;
    }
    for (Py_ssize_t i = 0; i < count; ++i)
      if (static_cast<std::uint32_t>(int_at(data + i * stride + at)) >= bound)
        return PyLong_FromSsize_t(i);
    Py_RETURN_NONE;
  });
}

PyMethodDef functions[] = {
    // CPython keeps pointers into it
    {"borders_fault", borders_fault, METH_VARARGS,
     PyDoc_STR(
         "borders_fault(source, start_at, total_at, stride, count, end, least, in_order, /)\n"
         "--\n\nThe first of `count` elements that does not take at least `least` of `end` "
         "places, or (in_order) does not begin where the one before ends; None if all do. "
         "Its int32s lie `stride` bytes apart; with a negative total_at each element ends "
         "where the next begins. The source is a buffer or an address (LookupError where that "
         "cannot be read).")},
    {"first_beyond", first_beyond, METH_VARARGS,
     PyDoc_STR("first_beyond(source, at, stride, count, bound, /)\n--\n\nIndex of the first of "
               "`count` int32s, `stride` bytes apart, that is negative or not below `bound`, or "
               "None. The source as for borders_fault.")},
    {nullptr, nullptr, 0, nullptr},
};

} // namespace

int register_borders(PyObject* module) { return PyModule_AddFunctions(module, functions); }

} // namespace rnaslicer::runtime
