// runtime/blender/borders_python.cpp: whether numbers in memory divide a row among elements, and
// whether indices stay below a bound.
//
// Both take a buffer, or an address that is read in pieces by reads that fail instead of crashing:
// a piece stays in the CPU's caches, and nothing is allocated for a mesh of millions.
#include "runtime/bindings.hpp"
#include "runtime/blender/probe.hpp"
#include "runtime/pyref.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

namespace rnaslicer::runtime {

namespace {

constexpr Py_ssize_t int_size = sizeof(std::int32_t);
constexpr Py_ssize_t piece_size = Py_ssize_t{1} << 16U;

/// `count` elements, `stride` bytes apart, of which int32s are wanted at bytes below `extent`.
class Elements {
 public:
  Elements(PyObject* source, Py_ssize_t extent, Py_ssize_t stride, Py_ssize_t count)
      : stride_(stride), count_(count) {
    if (stride < int_size || count < 0)
      raise(PyExc_ValueError, "the numbers do not lie apart");
    if (PyLong_Check(source) != 0) {
      address_ = PyLong_AsUnsignedLongLong(source);
      if (PyErr_Occurred() != nullptr)
        throw PythonError();
      if (extent > stride)
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

  /// Calls `visit(first byte, first element, elements)` for pieces in order, until it gives false.
  template <class Visit> void each(const Visit& visit) {
    if (is_buffer_) {
      if (count_ > 0)
        visit(static_cast<const char*>(buffer_->buf), Py_ssize_t{0}, count_);
      return;
    }
    const Py_ssize_t most = std::max(piece_size / stride_, Py_ssize_t{1});
    std::vector<std::byte> piece(static_cast<std::size_t>(most * stride_));
    for (Py_ssize_t i = 0; i < count_; i += most) {
      const Py_ssize_t some = std::min(most, count_ - i);
      const auto place =
          address_ + static_cast<std::uint64_t>(i) * static_cast<std::uint64_t>(stride_);
      if (!read_memory(place, std::span(piece).first(static_cast<std::size_t>(some * stride_))))
        raise(PyExc_LookupError, "the memory cannot be read");
      if (!visit(reinterpret_cast<const char*>(piece.data()), i, some))
        return;
    }
  }

 private:
  Buffer buffer_;
  bool is_buffer_ = false;
  std::uint64_t address_ = 0;
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
    elements.each([&](const char* piece, Py_ssize_t first, Py_ssize_t some) {
      for (Py_ssize_t i = 0; i < some && fault < 0; ++i) {
        const Py_ssize_t at = first + i;
        const std::int64_t start = int_at(piece + i * stride + start_at);
        if (total_at >= 0) {
          const std::int64_t total = int_at(piece + i * stride + total_at);
          if (!division.takes(start, start + total, at + 1 == count))
            fault = at;
        } else if (at > 0 && !division.takes(before, start, false)) {
          fault = at - 1;
        }
        before = start;
      }
      return fault < 0;
    });
    if (fault < 0 && total_at < 0 && count > 0 && !division.takes(before, end, true))
      fault = count - 1;
    if (fault < 0)
      Py_RETURN_NONE;
    return PyLong_FromSsize_t(fault);
  });
}

/// Whether all of `count` numbers are below `bound`, by one comparison of the largest.
bool all_below(const char* first, Py_ssize_t stride, Py_ssize_t count, std::uint32_t bound) {
  std::uint32_t largest = 0;
  if (stride == int_size) // a loop that becomes vectors
    for (Py_ssize_t i = 0; i < count; ++i)
      largest = std::max(largest, static_cast<std::uint32_t>(int_at(first + i * int_size)));
  else
    for (Py_ssize_t i = 0; i < count; ++i)
      largest = std::max(largest, static_cast<std::uint32_t>(int_at(first + i * stride)));
  return largest < bound;
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
    Py_ssize_t fault = -1;
    elements.each([&](const char* piece, Py_ssize_t first, Py_ssize_t some) {
      if (all_below(piece + at, stride, some, bound))
        return true;
      Py_ssize_t i = 0;
      while (static_cast<std::uint32_t>(int_at(piece + at + i * stride)) < bound)
        ++i;
      fault = first + i;
      return false;
    });
    if (fault < 0)
      Py_RETURN_NONE;
    return PyLong_FromSsize_t(fault);
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
