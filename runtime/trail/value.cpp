// runtime/trail/value.cpp: values as bpy gives them: what an element's memory is compared with, and
// all of a collection at once, which it takes as well.
#include "jit/run.hpp"
#include "runtime/blender/bpy.hpp"
#include "runtime/blender/names.hpp"
#include "runtime/blender/probe.hpp"
#include "runtime/memcache/memcache.hpp"
#include "runtime/trail/assigned.hpp"
#include "runtime/trail/noticing.hpp"
#include "runtime/transfer/flat_python.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <functional>
#include <string_view>

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

/// Whether numbers in rows, perhaps of rows, are those from `found` to `end`; moves on behind them.
bool rows_agree(const jit::Plan& plan, PyObject* value, const std::byte*& found,
                const std::byte* end) {
  if (PySequence_Check(value) == 0) {
    const std::byte* const own = found;
    found += jit::size_of(plan.format);
    return found <= end && value_is(value, plan, own);
  }
  for (Py_ssize_t i = 0; i < PySequence_Size(value); ++i) {
    const Ref item = Ref::steal(PySequence_GetItem(value, i));
    if (!item || !rows_agree(plan, item.get(), found, end))
      return false;
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
  const Ref items = Ref::steal(PyObject_GetItem(value, check.all.get()));
  if (!items)
    return false;
  if (PySequence_Size(items.get()) != check.count) {
    const std::byte* const end = found + check.count * jit::size_of(plan.format);
    return rows_agree(plan, items.get(), found, end) && found == end;
  }
  const bool is_tuple = PyTuple_Check(items.get()) != 0;
  for (std::int64_t i = 0; i < check.count; ++i) {
    const Ref item = is_tuple ? Ref::borrow(PyTuple_GetItem(items.get(), i))
                              : Ref::steal(PySequence_GetItem(items.get(), i));
    if (!item || !value_is(item.get(), plan, found + i * jit::size_of(plan.format)))
      return false;
  }
  return true;
}

/// Whether all numbers of an enum are what bpy's getter gives: foreach_get gives the word that has
/// them, with other bits that may be in it (hazards.FOREACH_ENUM_WORD), and may give none of what
/// cannot be written (hazards.FOREACH_LINKED_ENUMS).
bool are_items(const Leg& leg, const Reached& reached, const StorageView& told) {
  std::int64_t bits = 0;
  for (Py_ssize_t i = 0; i < told.nbytes; i += told.itemsize) {
    std::int64_t word = 0;
    std::memcpy(&word, told.data + i, static_cast<std::size_t>(told.itemsize)); // little-endian
    bits |= word;
  }
  if ((bits & leg.array->others) != 0)
    return false;
  const Ref first = Ref::steal(PySequence_GetItem(reached.collection.get(), 0));
  const bool is_told = first && lets_assign(leg, first.get());
  PyErr_Clear();
  return is_told;
}

/// Where the components lie, if the plan only copies them as they lie; else -1.
std::int64_t packed_at(const jit::Plan& plan, std::int64_t source_offset) {
  if (plan.lanes.empty() || !jit::copies_bytes(plan, jit::Direction::refresh))
    return -1;
  const std::int64_t first = plan.lanes.front().source;
  const std::int64_t size = jit::size_of(plan.format);
  for (std::size_t i = 0; i < plan.lanes.size(); ++i) {
    const auto at = static_cast<std::int64_t>(i) * size;
    if (plan.lanes[i].cache != at || plan.lanes[i].source != first + at)
      return -1;
  }
  return source_offset + first;
}

bool one_agrees(const Trail& trail, const Leg& leg, const Reached& reached, const Located& located,
                const Ends& ends, Py_ssize_t at, Ref& value) {
  PyObject* const made = at == 0                    ? ends.first.get()
                         : at == reached.length - 1 ? ends.last.get()
                                                    : nullptr;
  const Ref element =
      made != nullptr ? Ref::borrow(made) : nth_of(trail, reached.collection.get(), at);
  value = element ? attr(element.get(), leg.property.get()) : Ref();
  if (!value)
    return false;
  if (located.missing)
    return PyObject_RichCompareBool(value.get(), leg.missing.get(), Py_EQ) > 0;
  return is_value(leg, value.get(), located.base + at * leg.stride, located.target);
}

} // namespace

void prepare(Check& check) {
  if (check.is_array) { // of the slice nothing is made anew for each element
    const Ref end = checked(PyLong_FromLongLong(check.count + 1));
    check.all = checked(PySlice_New(nullptr, end.get(), nullptr));
  }
  check.packed_at = packed_at(check.plan->plan, check.source_offset);
}

bool is_value(const Leg& leg, PyObject* value, const std::byte* base,
              const jit::IndexTarget& target) {
  const Check& check = *leg.check;
  if (check.packed_at >= 0)
    return element_agrees(check, value, base + check.packed_at);
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

namespace {

/// An array for a leg's values of all elements.
Located array_for(const Leg& leg, const Reached& reached) {
  const Py_ssize_t count = reached.length * leg.array->width;
  Ref array = new_packed(&count, 1, leg.array->format.c_str(), Py_None);
  std::byte* const base = memcache_storage(array.get()).data;
  return {base, false, true, {}, std::make_shared<const Ref>(std::move(array))};
}

bool is_array(PyObject* collection, Py_ssize_t count) {
  constexpr std::uint64_t largest = 300;
  std::array<std::uint64_t, 2> first{};
  for (std::size_t i = 0; i < first.size(); ++i) {
    const auto one = element_at(collection, static_cast<Py_ssize_t>(i));
    if (!one)
      return PyErr_Clear(), false;
    first[i] = one->address;
  }
  const std::uint64_t stride = first[1] - first[0];
  std::uint64_t word = 0;
  if (stride == 0 || stride > largest ||
      !read_memory(first[0], std::as_writable_bytes(std::span(&word, 1))) || word == first[1])
    return false;
  const auto lies_there = [&](Py_ssize_t at) {
    const auto one = element_at(collection, at);
    return one && one->address - first[0] == static_cast<std::uint64_t>(at) * stride;
  };
  const std::array others{Py_ssize_t{2}, count / 2, count - 2, count - 1};
  const bool found = std::ranges::all_of(others, lies_there);
  PyErr_Clear();
  return found;
}
} // namespace

std::optional<Located> asked_of(const Leg& leg, const Reached& reached) {
  auto found = array_for(leg, reached);
  const Ref& array = *found.array;
  const Ref flat = flat_of(array.get(), leg.array->flat.c_str());
  const Ref done = Ref::steal(PyObject_CallMethodObjArgs(
      reached.collection.get(), names().foreach_get, leg.property.get(), flat.get(), nullptr));
  drop_error();
  if (!done)
    return std::nullopt;
  if (leg.array->is_enum && reached.length > 0 &&
      !are_items(leg, reached, memcache_storage(array.get())))
    return std::nullopt;
  return found;
}

bool is_array(const Leg& leg, const Reached& reached, Py_ssize_t count) {
  constexpr std::size_t most = 1U << 12U;
  const auto holder = address_of(reached.owner ? reached.owner.get() : reached.id.get());
  const auto first = count < 8 || !holder ? std::nullopt : element_at(reached.collection.get(), 0);
  PyErr_Clear();
  if (!first)
    return false;
  const std::pair array{first->address, static_cast<std::int64_t>(count)};
  if (const auto known = leg.blocks.find(*holder);
      known != leg.blocks.end() && known->second == array)
    return true;
  if (!is_array(reached.collection.get(), count))
    return false;
  if (leg.blocks.size() >= most)
    leg.blocks.clear();
  leg.blocks[*holder] = array;
  return true;
}

bool set_all(const Trail& trail, const Leg& leg, const Segment& segment, const Reached& reached,
             const Follow& follow, const Target& target) {
  // What the cache does not name stays as it is.
  const auto told = leg.array->is_covered && !leg.array->is_enum
                        ? std::optional(array_for(leg, reached))
                        : asked_of(leg, reached);
  if (!told)
    return false;
  move_rows(trail, leg, leg.array->move, jit::Direction::update, *told, leg.array->stride,
            rows_of(trail, segment.length), target);
  if (!assign_again(trail, leg, reached, 0)) // bpy may refuse writes here: before any
    return PyErr_Clear(), false;
  auto now = as_at_enter(trail, segment, follow());
  if (!now)
    return false;
  const Ref flat = flat_of(told->array->get(), leg.array->flat.c_str());
  const Ref done = Ref::steal(PyObject_CallMethodObjArgs(now->collection.get(), names().foreach_set,
                                                         leg.property.get(), flat.get(), nullptr));
  if (!done)
    return drop_error(), false;
  now = as_at_enter(trail, segment, follow());
  if (!now || !assign_first(leg, now->collection.get(), told->array->get()))
    return false;
  settle(trail, leg, *now);
  return true;
}

std::vector<Py_ssize_t> compared(const Leg& leg, Py_ssize_t length) {
  if (!leg.doubtful)
    return three(length);
  constexpr Py_ssize_t samples = 11;
  std::vector<Py_ssize_t> found{length - 1};
  if (length > 1) {
    found.push_back(1);
    found.push_back(length - 2);
  }
  const Py_ssize_t step = std::max<Py_ssize_t>(1, (length - 1) / (samples - 1));
  for (Py_ssize_t at = 0; at < length; at += step)
    found.push_back(at);
  return found;
}

namespace {

/// Whether bpy gave two values that differ; where they cannot be told apart they do not, with an
/// error perhaps. NaN is like NaN.
bool differ(PyObject* one, PyObject* other) {
  if (PySequence_Check(one) == 0 || PyUnicode_Check(one) != 0)
    return PyObject_RichCompareBool(one, other, Py_NE) > 0 &&
           !(PyFloat_Check(one) != 0 && std::isnan(PyFloat_AsDouble(one)) &&
             PyFloat_Check(other) != 0 && std::isnan(PyFloat_AsDouble(other)));
  const Ref numbers = Ref::steal(PySequence_Tuple(one));
  const Ref others = numbers ? Ref::steal(PySequence_Tuple(other)) : Ref();
  const Py_ssize_t count = others ? PyTuple_Size(numbers.get()) : 0;
  for (Py_ssize_t i = 0; i < count && i < PyTuple_Size(others.get()); ++i)
    if (differ(PyTuple_GetItem(numbers.get(), i), PyTuple_GetItem(others.get(), i)))
      return true;
  return false;
}

/// Of all bytes of the elements a hash; nothing where that takes longer than asking bpy.
std::optional<std::size_t> stamp_of(const Leg& leg, Py_ssize_t length, const Located& located) {
  constexpr std::int64_t most = 1 << 14; // bytes; in vain where scripts write, so far below asking
  if (leg.place != PlaceKind::own || leg.hop >= 0 || leg.through || located.missing ||
      leg.stride <= 0 || length > most / leg.stride)
    return std::nullopt;
  return std::hash<std::string_view>()(
      {reinterpret_cast<const char*>(located.base), static_cast<std::size_t>(length * leg.stride)});
}

} // namespace

void Seen::add(Ref value) {
  if (!first_)
    first_ = std::move(value);
  else if (!varied_)
    varied_ = differ(first_.get(), value.get());
  drop_error();
}

namespace {

bool is_noted(const Leg& leg, const Located& located, std::optional<std::size_t> stamp) {
  const auto known = stamp ? leg.agreed.find(located.base) : leg.agreed.end();
  return known != leg.agreed.end() && known->second == *stamp;
}

} // namespace

bool is_doubtless(const Leg& leg, Py_ssize_t length, const Located& located) {
  return !leg.doubtful || // of what nobody has noted no byte has to be read
         (leg.agreed.contains(located.base) &&
          is_noted(leg, located, stamp_of(leg, length, located)));
}

bool agrees(const Trail& trail, const Leg& leg, const Reached& reached, const Located& located,
            const Ends& ends) {
  constexpr std::size_t most = 1U << 16U;
  if (!leg.check)
    return false;
  // Taken first: what changes while bpy is asked is asked for again.
  const auto stamp = leg.doubtful ? stamp_of(leg, reached.length, located) : std::nullopt;
  const bool doubtless = !leg.doubtful || is_noted(leg, located, stamp);
  Seen seen;
  for (const Py_ssize_t at : doubtless ? three(reached.length) : compared(leg, reached.length)) {
    Ref value;
    if (!one_agrees(trail, leg, reached, located, ends, at, value))
      return PyErr_Clear(), false;
    if (leg.doubtful)
      seen.add(std::move(value));
  }
  seen.settle(leg);
  if (stamp && !doubtless) {
    if (leg.agreed.size() >= most)
      leg.agreed.clear();
    leg.agreed[located.base] = *stamp;
  }
  return true;
}

} // namespace rnaslicer::runtime
