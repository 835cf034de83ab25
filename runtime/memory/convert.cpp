// runtime/memory/convert.cpp: items of one format as those of another, for assignments.
#include "runtime/memory/item.hpp"

#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>

namespace rnaslicer::runtime {
namespace {

template <class T> T load(const char* data) {
  T value;
  std::memcpy(&value, data, sizeof value);
  return value;
}

/// Half precision, which has no type of its own here.
struct Half {
  unsigned short bits;
};

bool refuse(const std::string& message) {
  PyErr_SetString(PyExc_ValueError, ("MemCache assignment: " + message).c_str());
  return false;
}

/// Calls `f` with a value of the type that a format's items have. False where there is none.
template <class F> bool with_type(char format, Py_ssize_t size, F f) {
  switch (format) {
  case '?':
    return f(bool{});
  case 'b':
    return f(std::int8_t{});
  case 'B':
    return f(std::uint8_t{});
  case 'h':
    return f(std::int16_t{});
  case 'H':
    return f(std::uint16_t{});
  case 'i':
  case 'l':
  case 'q':
  case 'n':
    return size == 8 ? f(std::int64_t{}) : f(std::int32_t{});
  case 'I':
  case 'L':
  case 'Q':
  case 'N':
    return size == 8 ? f(std::uint64_t{}) : f(std::uint32_t{});
  case 'e':
    return f(Half{});
  case 'f':
    return f(float{});
  default:
    return f(double{});
  }
}

template <class From> auto value_of(const char* at) {
  if constexpr (std::is_same_v<From, Half>)
    return half_to_double(load<unsigned short>(at));
  else if constexpr (std::is_same_v<From, bool>)
    return *at != 0;
  else
    return load<From>(at);
}

template <class To, class Value> To made_of(Value value) {
  if constexpr (std::is_same_v<To, Half>)
    return {double_to_half(static_cast<double>(value))};
  else if constexpr (std::is_same_v<To, bool>)
    return value != 0;
  else
    return static_cast<To>(value);
}

/// Whether an integer type holds a value that is none of a float's.
template <class To, class Value> bool holds(Value value) {
  if constexpr (!std::is_integral_v<To> || std::is_same_v<To, bool> || std::is_same_v<Value, bool>)
    return true;
  else
    return std::in_range<To>(value);
}

template <class To, class From>
bool convert(char* to, char to_format, const char* from, Py_ssize_t from_size, Py_ssize_t count) {
  constexpr bool cuts = std::is_integral_v<To> && !std::is_same_v<To, bool> &&
                        (std::is_floating_point_v<From> || std::is_same_v<From, Half>);
  if constexpr (cuts) {
    return refuse(std::string("fractions do not fit into items of format '") + to_format +
                  "'; write numpy.rint(values).astype('" + to_format + "') instead");
  } else {
    for (Py_ssize_t i = 0; i < count; ++i) {
      const auto value = value_of<From>(from + i * from_size);
      if (!holds<To>(value))
        return refuse(std::to_string(value) + " does not fit into an item of format '" + to_format +
                      "'; write numpy.clip(values, low, high) instead, or ask for another dtype");
      const To made = made_of<To>(value);
      std::memcpy(to + i * static_cast<Py_ssize_t>(sizeof made), &made, sizeof made);
    }
    return true;
  }
}

} // namespace

bool convert_items(char* to, char to_format, const char* from, const char* from_format,
                   Py_ssize_t from_size, Py_ssize_t count) {
  const char* spelled = from_format;
  if (*spelled == '<' || *spelled == '=' || *spelled == '@') // native order; the size says the rest
    ++spelled;
  const bool is_number =
      *spelled != 0 && spelled[1] == 0 && std::strchr("?bBhHiIlLqQnNefd", *spelled) != nullptr;
  if (!is_number || std::strchr("cP", to_format) != nullptr)
    return refuse(std::string("lvalue and rvalue have different structures: items of format '") +
                  from_format + "' are not converted to '" + to_format +
                  "'; write numpy.asarray(values).astype('" + to_format + "') instead");
  return with_type(to_format, native_size(to_format), [&]<class To>(To) {
    return with_type(*spelled, from_size, [&]<class From>(From) {
      return convert<To, From>(to, to_format, from, from_size, count);
    });
  });
}

} // namespace rnaslicer::runtime
