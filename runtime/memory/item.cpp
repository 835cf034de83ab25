// runtime/memory/item.cpp: packing and unpacking one item, with memoryview's results and errors.
#include "runtime/memory/item.hpp"

#include "runtime/pyref.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

namespace rnaslicer::runtime {
namespace {

constexpr char formats[] = "?cbBhHiIlLqQnNefdP";
// Every native format with and without '@', so that a MemCache never owns a format string.
constexpr std::array<const char*, sizeof(formats) - 1> spelled = {
    "@?", "@c", "@b", "@B", "@h", "@H", "@i", "@I", "@l",
    "@L", "@q", "@Q", "@n", "@N", "@e", "@f", "@d", "@P"};

template <class T> T load(const char* data) {
  T value;
  std::memcpy(&value, data, sizeof value);
  return value;
}

template <class T> void store(char* data, T value) { std::memcpy(data, &value, sizeof value); }

template <class T> bool equal(const char* a, const char* b) { return load<T>(a) == load<T>(b); }

/// memoryview's words, and for numbers what to write instead.
bool refused(PyObject* error, const char* what, char format) {
  const bool whole = std::strchr("bBhHiIlLqQnN", format) != nullptr;
  PyErr_Format(error, "MemCache: invalid %s for format '%c'%s", what, format,
               whole ? ", which holds whole numbers of its range: numpy.rint(values).clip(...) "
                       "makes some"
                     : "");
  return false;
}

/// Turns what a conversion raised into the kind of error memoryview raises for it.
bool conversion_failed(char format) {
  if (PyErr_ExceptionMatches(PyExc_TypeError) != 0) {
    PyErr_Clear();
    refused(PyExc_TypeError, "type", format);
  } else if (PyErr_ExceptionMatches(PyExc_OverflowError) != 0 ||
             PyErr_ExceptionMatches(PyExc_ValueError) != 0) {
    PyErr_Clear();
    refused(PyExc_ValueError, "value", format);
  }
  return false;
}

bool out_of_range(char format) { return refused(PyExc_ValueError, "value", format); }

template <class T> bool pack_integer(char* data, char format, PyObject* value) {
  const Ref index = Ref::steal(PyNumber_Index(value));
  if (!index)
    return conversion_failed(format);
  if constexpr (std::numeric_limits<T>::is_signed) {
    const long long wide = PyLong_AsLongLong(index.get());
    if (wide == -1 && PyErr_Occurred() != nullptr)
      return conversion_failed(format);
    if (wide < std::numeric_limits<T>::min() || wide > std::numeric_limits<T>::max())
      return out_of_range(format);
    store(data, static_cast<T>(wide));
  } else {
    const unsigned long long wide = PyLong_AsUnsignedLongLong(index.get());
    if (wide == static_cast<unsigned long long>(-1) && PyErr_Occurred() != nullptr)
      return conversion_failed(format);
    if (wide > std::numeric_limits<T>::max())
      return out_of_range(format);
    store(data, static_cast<T>(wide));
  }
  return true;
}

bool pack_float(char* data, char format, PyObject* value) {
  const double number = PyFloat_AsDouble(value);
  if (number == -1.0 && PyErr_Occurred() != nullptr)
    return conversion_failed(format);
  if (format == 'd') {
    store(data, number);
  } else if (format == 'f') {
    store(data, static_cast<float>(number)); // too large becomes infinite, as in memoryview
  } else {
    const unsigned short half = double_to_half(number);
    if ((half & 0x7fff) == 0x7c00 && !std::isinf(number))
      return out_of_range(format);
    store(data, half);
  }
  return true;
}

bool pack_character(char* data, char format, PyObject* value) {
  char* bytes = nullptr;
  Py_ssize_t length = 0;
  if (PyBytes_Check(value) == 0) {
    PyErr_Format(PyExc_TypeError, "MemCache: invalid type for format '%c'", format);
    return false;
  }
  if (PyBytes_AsStringAndSize(value, &bytes, &length) < 0)
    return false;
  if (length != 1)
    return out_of_range(format);
  *data = *bytes;
  return true;
}

/// l, q and n by their size; the sign and kind stay.
char canonical(const char* format, Py_ssize_t size) {
  // '<' and '=' mean what '@' means for single items of the same size on this machine.
  const bool spelled_order = *format == '<' || *format == '=';
  const char c =
      spelled_order && format[1] != 0 && format[2] == 0 ? format[1] : native_format(format);
  switch (c) {
  case 'l':
  case 'q':
  case 'n':
  case 'i':
    return size == 8 ? 'q' : size == 4 ? 'i' : '\0';
  case 'L':
  case 'Q':
  case 'N':
  case 'I':
    return size == 8 ? 'Q' : size == 4 ? 'I' : '\0';
  default:
    return c;
  }
}

} // namespace

char native_format(const char* format) {
  if (*format == '@')
    ++format;
  if (format[0] == 0 || format[1] != 0)
    return 0;
  return std::strchr(formats, format[0]) != nullptr ? format[0] : '\0';
}

Py_ssize_t native_size(char format) {
  switch (format) {
  case '?':
  case 'c':
  case 'b':
  case 'B':
    return 1;
  case 'h':
  case 'H':
  case 'e':
    return 2;
  case 'i':
  case 'I':
  case 'f':
    return 4;
  case 'l':
  case 'L':
  case 'q':
  case 'Q':
  case 'n':
  case 'N':
  case 'd':
  case 'P':
    return 8;
  default:
    return 0;
  }
}

const char* static_format(const char* format) {
  const char c = native_format(format);
  if (c == 0)
    return nullptr;
  const auto index = static_cast<std::size_t>(std::strchr(formats, c) - formats);
  return *format == '@' ? spelled[index] : spelled[index] + 1;
}

bool same_representation(const char* a, Py_ssize_t a_size, const char* b, Py_ssize_t b_size) {
  if (a_size != b_size)
    return false;
  if (std::strcmp(a, b) == 0)
    return true;
  const char kind = canonical(a, a_size);
  return kind != 0 && kind == canonical(b, b_size);
}

PyObject* unpack_item(const char* data, char format) {
  switch (format) {
  case '?':
    return PyBool_FromLong(*data != 0);
  case 'c':
    return PyBytes_FromStringAndSize(data, 1);
  case 'b':
    return PyLong_FromLong(load<signed char>(data));
  case 'B':
    return PyLong_FromLong(load<unsigned char>(data));
  case 'h':
    return PyLong_FromLong(load<std::int16_t>(data));
  case 'H':
    return PyLong_FromLong(load<std::uint16_t>(data));
  case 'i':
    return PyLong_FromLong(load<std::int32_t>(data));
  case 'I':
    return PyLong_FromUnsignedLong(load<std::uint32_t>(data));
  case 'l':
  case 'q':
  case 'n':
    return PyLong_FromLongLong(load<std::int64_t>(data));
  case 'L':
  case 'Q':
  case 'N':
    return PyLong_FromUnsignedLongLong(load<std::uint64_t>(data));
  case 'e':
    return PyFloat_FromDouble(half_to_double(load<unsigned short>(data)));
  case 'f':
    return PyFloat_FromDouble(static_cast<double>(load<float>(data)));
  case 'd':
    return PyFloat_FromDouble(load<double>(data));
  case 'P':
    return PyLong_FromVoidPtr(load<void*>(data));
  default:
    PyErr_Format(PyExc_NotImplementedError, "MemCache: format %c not supported", format);
  }
  return nullptr;
}

bool pack_item(char* data, char format, PyObject* value) {
  switch (format) {
  case '?': {
    const int truth = PyObject_IsTrue(value);
    if (truth < 0)
      return false; // preserves the original error
    *data = static_cast<char>(truth);
    return true;
  }
  case 'c':
    return pack_character(data, format, value);
  case 'b':
    return pack_integer<signed char>(data, format, value);
  case 'B':
    return pack_integer<unsigned char>(data, format, value);
  case 'h':
    return pack_integer<std::int16_t>(data, format, value);
  case 'H':
    return pack_integer<std::uint16_t>(data, format, value);
  case 'i':
    return pack_integer<std::int32_t>(data, format, value);
  case 'I':
    return pack_integer<std::uint32_t>(data, format, value);
  case 'l':
  case 'q':
  case 'n':
    return pack_integer<std::int64_t>(data, format, value);
  case 'L':
  case 'Q':
  case 'N':
    return pack_integer<std::uint64_t>(data, format, value);
  case 'e':
  case 'f':
  case 'd':
    return pack_float(data, format, value);
  case 'P': {
    const Ref index = Ref::steal(PyNumber_Index(value));
    if (!index)
      return conversion_failed(format);
    void* pointer = PyLong_AsVoidPtr(index.get()); // negative numbers too, as in memoryview
    if (pointer == nullptr && PyErr_Occurred() != nullptr)
      return conversion_failed(format);
    store(data, pointer);
    return true;
  }
  default:
    PyErr_Format(PyExc_NotImplementedError, "MemCache: format %c not supported", format);
  }
  return false;
}

bool equal_items(const char* a, const char* b, char format) {
  switch (format) {
  case '?':
    return (*a != 0) == (*b != 0);
  case 'c':
  case 'b':
  case 'B':
    return *a == *b;
  case 'h':
  case 'H':
    return equal<std::uint16_t>(a, b);
  case 'i':
  case 'I':
    return equal<std::uint32_t>(a, b);
  case 'e':
    return half_to_double(load<unsigned short>(a)) == half_to_double(load<unsigned short>(b));
  case 'f':
    return equal<float>(a, b);
  case 'd':
    return equal<double>(a, b);
  default:
    return equal<std::uint64_t>(a, b);
  }
}

double half_to_double(unsigned short bits) {
  const int exponent = (bits >> 10) & 31;
  const int mantissa = bits & 0x3ff;
  double value = 0;
  if (exponent == 31)
    value = mantissa == 0 ? std::numeric_limits<double>::infinity()
                          : std::numeric_limits<double>::quiet_NaN();
  else if (exponent == 0)
    value = std::ldexp(mantissa, -24);
  else
    value = std::ldexp(mantissa + 1024, exponent - 25);
  return std::copysign(value, (bits & 0x8000) != 0 ? -1.0 : 1.0);
}

unsigned short double_to_half(double value) {
  const auto sign = static_cast<unsigned short>(std::signbit(value) ? 0x8000 : 0);
  const double magnitude = std::fabs(value);
  if (std::isnan(value))
    return sign | 0x7e00;
  if (magnitude == 0)
    return sign;
  if (magnitude >= 65520.0)
    return sign | 0x7c00; // halfway to the next power and beyond
  // Below 2^-14 the step is fixed at 2^-24; above it the step is 2^-10 of the power below.
  int exponent = 0;
  std::frexp(magnitude, &exponent);
  const int step = std::max(exponent - 11, -24);
  const auto steps = static_cast<unsigned>(std::nearbyint(std::ldexp(magnitude, -step)));
  // A carry out of the mantissa moves on to the next exponent by itself.
  return static_cast<unsigned short>(sign | (steps + (static_cast<unsigned>(step + 24) << 10)));
}

} // namespace rnaslicer::runtime
