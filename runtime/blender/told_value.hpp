// runtime/blender/told_value.hpp: the numbers of one property as bpy's getattr tells them, struct
// by struct.
#pragma once

#include "runtime/pyref.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace rnaslicer::runtime {

/// What bpy's value of one property is to the cache. Beside a leg's name, kernel and writing.
struct ToldValue {
  bool is_array = false;
  std::int64_t rows = 0;                ///< that bpy tells, of two axes; 0: there is one
  bool is_matrix = false;               ///< they lie by columns
  std::int64_t length = 1;              ///< numbers that bpy tells
  std::vector<std::int64_t> components; ///< those that the cache has, in its order
  std::string format;                   ///< of a number, as a MemCache has it
  Ref numbers;                          ///< of an enum: dict from identifier to number; null
};

/// Reads what Python describes (transfer/element.py, told_value); null of None. Throws PythonError.
std::shared_ptr<const ToldValue> read_told(PyObject* tuple);

/// The numbers that bpy tells of a struct now, packed in the order of the components. False,
/// without an error, where that is no such value. Throws PythonError for an interrupt.
bool pack_told(const ToldValue& how, PyObject* property, PyObject* one, std::byte* to);

} // namespace rnaslicer::runtime
