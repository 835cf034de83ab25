// runtime/trail/value.cpp: values as bpy gives them: what an element's memory is compared with, and
// all of a collection at once.
#include "runtime/blender/bpy.hpp"
#include "runtime/blender/names.hpp"
#include "runtime/memcache/memcache.hpp"
#include "runtime/trail/follow.hpp"
#include "runtime/transfer/flat_python.hpp"

#include <array>
#include <bit>
#include <cstring>

namespace rnaslicer::runtime {

namespace {

bool value_is(PyObject* value, const jit::Plan& plan, const std::byte* found) {
  switch (plan.format) {
  case jit::Scalar::b1:
    return PyObject_IsTrue(value) == static_cast<int>(*found != std::byte{0});
  case jit::Scalar::i32: {
    std::int32_t number = 0;
    std::memcpy(&number, found, sizeof number);
    return PyLong_AsLongLong(value) == number && PyErr_Occurred() == nullptr;
  }
  default: {
    float number = 0;
    std::memcpy(&number, found, sizeof number);
    const auto given = static_cast<float>(PyFloat_AsDouble(value));
    return PyErr_Occurred() == nullptr &&
           ((number != number && given != given) ||
            std::bit_cast<std::uint32_t>(number) == std::bit_cast<std::uint32_t>(given));
  }
  }
}

/// Whether a matrix as bpy gives it, by rows, is the numbers at `found`, by columns.
bool matrix_agrees(const Check& check, PyObject* value, const std::byte* found) {
  const jit::Plan& plan = check.plan->plan;
  const std::int64_t columns = check.count / check.rows;
  if (PyObject_Size(value) != check.rows)
    return false;
  for (std::int64_t r = 0; r < check.rows; ++r) {
    const Ref row = Ref::steal(PySequence_GetItem(value, r));
    if (!row || PyObject_Size(row.get()) != columns)
      return false;
    for (std::int64_t c = 0; c < columns; ++c) {
      const Ref item = Ref::steal(PySequence_GetItem(row.get(), c));
      if (!item ||
          !value_is(item.get(), plan, found + (c * check.rows + r) * jit::size_of(plan.format)))
        return false;
    }
  }
  return true;
}

/// Whether bpy's value for one element is the numbers at `found`.
bool element_agrees(const Check& check, PyObject* value, const std::byte* found) {
  const jit::Plan& plan = check.plan->plan;
  if (check.numbers) { // an enum, by name
    PyObject* const number = PyDict_GetItem(check.numbers.get(), value);
    return number != nullptr && value_is(number, plan, found);
  }
  if (!check.is_array)
    return value_is(value, plan, found);
  if (check.rows > 0)
    return matrix_agrees(check, value, found);
  // All at once: a vector of mathutils asks Blender anew for each item.
  const Ref items = Ref::steal(PySequence_GetSlice(value, 0, check.count + 1));
  if (!items || PySequence_Size(items.get()) != check.count)
    return false;
  const bool is_tuple = PyTuple_Check(items.get()) != 0;
  for (std::int64_t i = 0; i < check.count; ++i) {
    const Ref item = is_tuple ? Ref::borrow(PyTuple_GetItem(items.get(), i))
                              : Ref::steal(PySequence_GetItem(items.get(), i));
    if (!item || !value_is(item.get(), plan, found + i * jit::size_of(plan.format)))
      return false;
  }
  return true;
}

} // namespace

bool is_value(const Leg& leg, PyObject* value, const std::byte* base,
              const jit::IndexTarget& target) {
  const Check& check = *leg.check;
  std::array<std::byte, jit::max_lanes * sizeof(double)> found{};
  jit::Transfer transfer;
  transfer.source = const_cast<std::byte*>(base) + check.source_offset; // only read
  transfer.cache = found.data();
  transfer.lookups = {check.lookup_tables.data(), check.lookup_tables.size()};
  transfer.target = target;
  try {
    jit::interpret(check.plan->plan, jit::Direction::refresh, transfer);
  } catch (const jit::BadIndex&) {
    return false;
  }
  return element_agrees(check, value, found.data());
}

std::optional<Located> asked_of(const Leg& leg, const Reached& reached) {
  const Py_ssize_t count = reached.length * leg.array->width;
  Ref array = new_packed(&count, 1, leg.array->format.c_str(), Py_None);
  const Ref flat = flat_of(array.get(), leg.array->flat.c_str());
  const Ref done = Ref::steal(PyObject_CallMethodObjArgs(
      reached.collection.get(), names().foreach_get, leg.property.get(), flat.get(), nullptr));
  drop_error();
  if (!done)
    return std::nullopt;
  std::byte* const base = memcache_storage(array.get()).data;
  return Located{base, false, true, {}, std::make_shared<const Ref>(std::move(array))};
}

} // namespace rnaslicer::runtime
