// runtime/blender/told_value.hpp: the numbers of one property as bpy's getattr tells them, struct
// by struct.
#pragma once

#include "runtime/pyref.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace rnaslicer::runtime {

/// A custom property, which item access gives (blender/custom.py): each struct may have one of
/// another form, or none.
struct Item {
  Ref keys;              ///< tuple of names; the first ones lead into groups
  Ref form;              ///< class of a number, or code of an array's numbers
  Py_ssize_t length = 0; ///< of an array
};
/// The value, if it has that form; null, perhaps with an error, else. `holder`: what has it.
Ref item_of(const Item& item, PyObject* one, Ref* holder = nullptr);
/// Gives it to objects [first, second) of a list: of a packed row for each, of so many numbers, the
/// number, or all of the array. How many took it, and the exception that ended it; null if none
/// did.
Ref set_items(const Item& item, PyObject* objects, PyObject* packed, Py_ssize_t width,
              std::pair<Py_ssize_t, Py_ssize_t> which, Py_ssize_t& done);
/// Reads (keys, form, length), of None nothing. Throws PythonError.
std::optional<Item> read_item(PyObject* pair);

/// What bpy's value of one property is to the cache. Beside a leg's name, kernel and writing.
struct ToldValue {
  bool is_array = false;
  std::int64_t rows = 0;                ///< that bpy tells, of two axes; 0: there is one
  bool is_matrix = false;               ///< they lie by columns
  std::int64_t length = 1;              ///< numbers that bpy tells
  std::vector<std::int64_t> components; ///< those that the cache has, in its order
  std::string format;                   ///< of a number, as a MemCache has it
  Ref numbers;                          ///< of an enum: dict from identifier to number; null
  std::optional<Item> item;             ///< a custom property; none: getattr tells
};

/// Reads what Python describes (transfer/element.py, told_value); null of None. Throws PythonError.
std::shared_ptr<const ToldValue> read_told(PyObject* tuple);

/// The numbers that bpy tells of a struct now, packed in the order of the components. False,
/// without an error, where that is no such value. Throws PythonError for an interrupt.
bool pack_told(const ToldValue& how, PyObject* property, PyObject* one, std::byte* to);

} // namespace rnaslicer::runtime
