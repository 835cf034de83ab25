// runtime/trail/assigned.cpp: bpy's setattr, element by element, and foreach_set.
#include "runtime/trail/assigned.hpp"

#include "runtime/blender/bpy.hpp"
#include "runtime/blender/names.hpp"
#include "runtime/memcache/memcache.hpp"
#include "runtime/memory/item.hpp"
#include "runtime/transfer/kernel_python.hpp"
#include "runtime/transfer/reach.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace rnaslicer::runtime {

namespace {

constexpr std::int64_t untouched = -1; // as `_core.assign` has it: as it is now

Ref tuple_of(std::span<const std::int64_t> numbers) {
  Ref tuple = checked(PyTuple_New(static_cast<Py_ssize_t>(numbers.size())));
  for (std::size_t i = 0; i < numbers.size(); ++i)
    PyTuple_SetItem(tuple.get(), static_cast<Py_ssize_t>(i),
                    checked(PyLong_FromLongLong(numbers[i])).release());
  return tuple;
}

std::vector<std::int64_t> numbers_in(PyObject* dict, const char* key) {
  PyObject* const tuple = PyDict_GetItemString(dict, key);
  std::vector<std::int64_t> found;
  for (Py_ssize_t i = 0; tuple != nullptr && i < PyTuple_Size(tuple); ++i)
    found.push_back(PyLong_AsLongLong(PyTuple_GetItem(tuple, i)));
  if (tuple == nullptr || PyErr_Occurred() != nullptr)
    raise(PyExc_TypeError, "what setattr is given is told by tuples of numbers");
  return found;
}

Ref unless_none(PyObject* found) {
  return found == nullptr || found == Py_None ? Ref() : Ref::borrow(found);
}

std::int64_t product(std::span<const std::int64_t> extents) {
  std::int64_t found = 1;
  for (const std::int64_t extent : extents)
    found *= extent;
  return found;
}

/// The numbers of a packed row that spans over its axes name, in their order; of none, all.
std::vector<std::int64_t> named(const Given& how, std::span<const jit::Span> spans) {
  std::vector<std::int64_t> found{0};
  for (std::size_t axis = 0; axis < how.inner.size(); ++axis) {
    const jit::Span span = spans.empty() ? jit::Span{0, 1, how.inner[axis]} : spans[axis];
    std::vector<std::int64_t> next;
    for (const std::int64_t before : found)
      for (std::int64_t i = 0; i < span.count; ++i)
        next.push_back(before * how.inner[axis] + span.start + i * span.step);
    found = std::move(next);
  }
  return found;
}

/// By component of RNA's value, its number in a row; of one named twice the last counts.
std::vector<std::int64_t> places_by_component(const Given& how, std::span<const jit::Span> spans) {
  std::vector<std::int64_t> where(static_cast<std::size_t>(product(how.dims)), untouched);
  for (const std::int64_t at : named(how, spans))
    where[static_cast<std::size_t>(how.components[static_cast<std::size_t>(at)])] = at;
  return where;
}

/// The same of a matrix as `_core.assign` takes it, by rows.
void order(const Given& how, std::vector<std::int64_t>& where) {
  if (!how.made)
    return;
  const std::int64_t rows = how.dims[0];
  const std::int64_t columns = how.dims[1];
  std::vector<std::int64_t> by_rows;
  for (std::int64_t r = 0; r < rows; ++r)
    for (std::int64_t c = 0; c < columns; ++c)
      by_rows.push_back(where[static_cast<std::size_t>(c * rows + r)]);
  where = std::move(by_rows);
}

/// All rows of the cache, or of them those of a region, packed; others are not filled.
Ref pack(const Trail& trail, const Given& how, const Target& target, std::int64_t rows) {
  const jit::Plan* const plan = kernel_plan_of(how.move.kernel.get());
  const auto count =
      static_cast<Py_ssize_t>(rows * static_cast<std::int64_t>(how.components.size()));
  Ref packed = new_packed(&count, 1, how.format.c_str(), Py_None);
  const StorageView source = memcache_storage(packed.get());
  const StorageView storage = memcache_storage(target.cache);
  if (plan == nullptr || !source || !storage)
    throw PythonError();
  std::vector<std::int64_t> extents;
  if (!how.is_row)
    extents.push_back(rows);
  extents.insert(extents.end(), how.move.extents.begin(), how.move.extents.end());
  const std::int64_t at =
      how.move.cache_offset + target.first_row * row_bytes_of(trail) + target.first_byte;
  const auto reach = cache_reach(*plan, extents);
  const auto other = source_reach(*plan, extents, {});
  if (!reach || !other || reach->low + at < 0 || reach->high + at > storage.nbytes ||
      other->low < 0 || other->high > source.nbytes)
    raise(PyExc_SystemError, "a trail's plan leaves the cache");
  std::vector<jit::Table> tables(extents.size());
  jit::Transfer transfer;
  transfer.source = source.data;
  transfer.cache = storage.data + at;
  transfer.extents = extents;
  transfer.tables = tables;
  run_kernel(how.move.kernel.get(), jit::Direction::update, transfer, target.region);
  return packed;
}

/// Of packed rows those of a part, one behind the other.
Ref picked(const Ref& packed, const Given& how, const jit::Span& part) {
  const StorageView from = memcache_storage(packed.get());
  const auto row = static_cast<std::int64_t>(how.components.size()) * from.itemsize;
  const auto count =
      static_cast<Py_ssize_t>(part.count * static_cast<std::int64_t>(how.components.size()));
  Ref found = new_packed(&count, 1, how.format.c_str(), Py_None);
  std::byte* const to = memcache_storage(found.get()).data;
  for (std::int64_t i = 0; i < part.count; ++i)
    std::memcpy(to + i * row, from.data + (part.start + i * part.step) * row,
                static_cast<std::size_t>(row));
  return found;
}

/// The error that ended assignments: an interrupt goes on.
bool refused(const Taken& taken) {
  if (!taken.error)
    return false;
  if (PyErr_GivenExceptionMatches(taken.error.get(), PyExc_Exception) == 0) {
    PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(taken.error.get())), taken.error.get());
    throw PythonError();
  }
  return true;
}

} // namespace

bool assign_first(const Leg& leg, PyObject* collection, PyObject* array) {
  const Given& how = *leg.writing.given;
  const StorageView storage = memcache_storage(array);
  const auto width = static_cast<Py_ssize_t>(leg.array->width);
  const Ref row = new_packed(&width, 1, leg.array->format.c_str(), Py_None);
  std::memcpy(memcache_storage(row.get()).data, storage.data,
              static_cast<std::size_t>(width * storage.itemsize));
  std::vector<std::int64_t> where;
  for (Py_ssize_t i = 0; i < width; ++i)
    where.push_back(i);
  Ref value = Ref::borrow(row.get());
  if (how.names) {
    const Ref number = checked(unpack_item(reinterpret_cast<const char*>(storage.data),
                                           native_format(leg.array->format.c_str())));
    PyObject* const name = PyDict_GetItemWithError(how.names.get(), number.get());
    if (name == nullptr)
      return PyErr_Clear(), false;
    value = checked(PyList_New(1));
    PyList_SetItem(value.get(), 0, Ref::borrow(name).release());
  }
  Ref first = Ref::steal(PySequence_GetItem(collection, 0));
  if (!first)
    return PyErr_Clear(), false;
  order(how, where);
  const Ref objects = checked(PyList_New(1));
  PyList_SetItem(objects.get(), 0, first.release());
  const Ref dims = tuple_of(how.dims);
  const Ref places = tuple_of(where);
  return !refused(assign_objects({objects.get(), leg.property.get(), value.get(), dims.get(),
                                  places.get(), how.made ? how.made.get() : Py_None, 0, 1}));
}

std::optional<AskedArray> read_array(PyObject* dict) {
  if (dict == Py_None)
    return std::nullopt;
  const auto number = [&](const char* key) {
    PyObject* const found = PyDict_GetItemString(dict, key);
    return found == nullptr ? -1 : PyLong_AsLongLong(found);
  };
  const auto text = [&](const char* key) {
    PyObject* const found = PyDict_GetItemString(dict, key);
    if (found == nullptr)
      raise(PyExc_KeyError, "an array that bpy fills has a format");
    return std::string(PyBytes_AsString(checked(PyUnicode_AsUTF8String(found)).get()));
  };
  PyObject* const move = PyDict_GetItemString(dict, "move");
  if (move == nullptr)
    raise(PyExc_KeyError, "an array that bpy fills has a move");
  AskedArray array{read_move(move), number("stride"), number("width"),
                   text("format"),  text("flat"),     number("others")};
  array.is_enum = PyDict_GetItemString(dict, "is_enum") == Py_True;
  array.is_covered = PyDict_GetItemString(dict, "is_covered") == Py_True;
  if (PyErr_Occurred() != nullptr || array.width <= 0 || array.stride <= 0 || array.others < 0)
    raise(PyExc_ValueError, "an array that bpy fills has numbers for each element");
  return array;
}

std::vector<LegAxis> read_axes(PyObject* tuple) {
  std::vector<LegAxis> axes;
  for (Py_ssize_t i = 0; tuple != Py_None && i < PyTuple_Size(tuple); ++i) {
    PyObject* const pair = PyTuple_GetItem(tuple, i);
    LegAxis axis;
    long long at = 0;
    long long extent = 0;
    if (PyArg_ParseTuple(pair, "LL", &at, &extent) == 0)
      throw PythonError();
    axis.at = at;
    axis.extent = extent;
    axes.push_back(axis);
  }
  return axes;
}

std::shared_ptr<const Given> read_given(PyObject* dict) {
  if (dict == nullptr || dict == Py_None)
    return nullptr;
  auto how = std::make_shared<Given>();
  PyObject* const move = PyDict_GetItemString(dict, "move");
  PyObject* const format = PyDict_GetItemString(dict, "format");
  if (move == nullptr || format == nullptr)
    raise(PyExc_KeyError, "what setattr is given has a move and a format");
  how->move = read_move(move);
  how->format = PyBytes_AsString(checked(PyUnicode_AsUTF8String(format)).get());
  how->is_row = PyDict_GetItemString(dict, "is_row") == Py_True;
  how->inner = numbers_in(dict, "inner");
  how->components = numbers_in(dict, "components");
  how->dims = numbers_in(dict, "dims");
  how->made = unless_none(PyDict_GetItemString(dict, "made"));
  how->names = unless_none(PyDict_GetItemString(dict, "names"));
  how->asks_each = PyDict_GetItemString(dict, "asks_each") != Py_False;
  how->item = read_item(PyDict_GetItemString(dict, "item"));
  if (PyObject* const divides = PyDict_GetItemString(dict, "divides"); divides != nullptr) {
    PyObject* collection = nullptr;
    int least = 0;
    int has_end = 0;
    PyObject* other = nullptr;
    if (PyArg_ParseTuple(divides, "UipO", &collection, &least, &has_end, &other) == 0)
      throw PythonError();
    how->divides = {Ref::borrow(collection), least, has_end != 0, unless_none(other)};
  }
  const std::int64_t length = product(how->dims);
  if (product(how->inner) != static_cast<std::int64_t>(how->components.size()) ||
      how->components.empty() || (how->made && how->dims.size() != 2) ||
      std::ranges::any_of(how->components, [&](auto at) { return at < 0 || at >= length; }))
    raise(PyExc_ValueError, "a row has a component for each number, and RNA's value has it");
  return how;
}

Wanted::Wanted(const Trail& trail, const Leg& leg, const Target& target, std::int64_t rows)
    : leg_(&leg), rows_{0, 1, rows} {
  const Given& how = *leg.writing.given;
  std::span<const jit::Span> inner = target.region;
  if (!inner.empty() && !how.is_row) {
    rows_ = inner.front();
    inner = inner.subspan(1);
  }
  where_ = places_by_component(how, inner);
  possible_ = !how.item || std::ranges::all_of(where_, [](auto at) { return at >= 0; });
  order(how, where_);
  packed_ = pack(trail, how, target, rows);
  if (rows_.start != 0 || rows_.step != 1 || rows_.count != rows)
    packed_ = picked(packed_, how, rows_);
  dims_ = tuple_of(how.dims);
  places_ = tuple_of(where_);
  if (how.names)
    name_rows();
}

void Wanted::name_rows() {
  const Given& how = *leg_->writing.given;
  const StorageView numbers = memcache_storage(packed_.get());
  const auto width = static_cast<std::int64_t>(how.components.size());
  Ref list = checked(PyList_New(static_cast<Py_ssize_t>(rows_.count)));
  for (std::int64_t i = 0; i < rows_.count; ++i) {
    const std::byte* const last = numbers.data + ((i + 1) * width - 1) * numbers.itemsize;
    const Ref number = checked(
        unpack_item(reinterpret_cast<const char*>(last), native_format(how.format.c_str())));
    PyObject* const name = PyDict_GetItemWithError(how.names.get(), number.get());
    if (name == nullptr) {
      possible_ = false;
      return PyErr_Clear();
    }
    PyList_SetItem(list.get(), static_cast<Py_ssize_t>(i), Ref::borrow(name).release());
  }
  packed_ = std::move(list);
}

std::optional<std::vector<std::int32_t>> Wanted::integers(std::int64_t row) const {
  const Given& how = *leg_->writing.given;
  if (how.format != "i" || how.names)
    return std::nullopt;
  const std::byte* const from = memcache_storage(packed_.get()).data;
  std::vector<std::int32_t> found;
  for (const std::int64_t at : where_)
    if (at >= 0)
      std::memcpy(&found.emplace_back(), from + (row * std::ssize(how.components) + at) * 4,
                  sizeof(std::int32_t));
  return found;
}

Taken Wanted::assign(PyObject* objects, Py_ssize_t start, Py_ssize_t stop) const {
  const Given& how = *leg_->writing.given;
  if (how.item) {
    Taken taken;
    taken.error = set_items(*how.item, objects, packed_.get(), std::ssize(how.components),
                            {start, stop}, taken.done);
    return taken;
  }
  return assign_objects({objects, leg_->property.get(), packed_.get(), dims_.get(), places_.get(),
                         how.made ? how.made.get() : Py_None, start, stop});
}

bool lets_write(PyObject* id) {
  const Ref tag = attr(id, names().tag);
  const bool may = tag && PyObject_SetAttr(id, names().tag, tag.get()) == 0;
  PyErr_Clear();
  return may;
}

bool lets_assign(const Leg& leg, PyObject* element) {
  if (leg.writing.given && leg.writing.given->item) { // it must have one of that form before
    const bool has_it = static_cast<bool>(item_of(*leg.writing.given->item, element));
    PyErr_Clear();
    return has_it;
  }
  const Ref readonly = Ref::steal(PyObject_CallMethodObjArgs(element, names().is_property_readonly,
                                                             leg.property.get(), nullptr));
  PyErr_Clear();
  return readonly.get() == Py_False;
}

bool let_assign(const Leg& leg, PyObject* objects) {
  const Py_ssize_t count = PyList_Size(objects);
  bool asks_each = leg.writing.given->asks_each || leg.writing.given->item || has_libraries();
  for (Py_ssize_t i = 1; i < count && !asks_each; ++i)
    asks_each = Py_TYPE(PyList_GetItem(objects, i)) != Py_TYPE(PyList_GetItem(objects, 0));
  for (Py_ssize_t i = 0; i < (asks_each ? count : std::min<Py_ssize_t>(count, 1)); ++i)
    if (!lets_assign(leg, PyList_GetItem(objects, i)))
      return false;
  return true;
}

bool assign_untold(const Trail& trail, const Reached& reached, PyObject* objects,
                   const Wanted& wanted, Py_ssize_t start, Py_ssize_t stop) {
  const Leg& leg = wanted.leg();
  const bool asks = leg.writing.tags && !is_seen(leg.writing.told);
  const bool tells = asks && has_tags(trail, reached.id.get()) == false;
  const Py_ssize_t next = std::min(start + 1, stop);
  if (refused(wanted.assign(objects, start, next)))
    return false;
  if (const auto tags = tells ? has_tags(trail, reached.id.get()) : std::nullopt)
    leg.writing.told = *tags ? Tells::yes : Tells::no;
  return next >= stop || !refused(wanted.assign(objects, next, stop));
}

bool may_give(const Trail& trail, const Leg& leg, const Reached& reached, const Target& target) {
  if (!leg.writing.given || target.writer != nullptr ||
      (target.picked != nullptr && leg.place != PlaceKind::asked) || target.matrices != nullptr ||
      !lets_write(reached.id.get()))
    return false;
  return !leg.writing.given->names ||
         Wanted(trail, leg, target, rows_of(trail, reached.length, target).count).is_possible();
}

bool give(const Trail& trail, const Leg& leg, const Segment& segment, const Reached& reached,
          const Follow& follow, const Target& target) {
  const Rows rows = rows_of(trail, segment.length, target);
  if (!make_ready(leg, reached))
    return false;
  const auto anew =
      leg.writing.touches_layer ? as_at_enter(trail, segment, follow()) : std::optional<Reached>();
  if (leg.writing.touches_layer && !anew)
    return false;
  const Reached& ready = anew ? *anew : reached;
  if (leg.array && target.region.empty() && target.picked == nullptr &&
      rows.count == segment.length &&
      is_array(leg, ready, segment.length)) // of its numbers `may_give` has seen to it
    return set_all(trail, leg, segment, ready, follow, target);
  const Wanted wanted(trail, leg, target, rows.count);
  if (!wanted.is_possible())
    return false;
  const auto objects_in = [&](const Reached& from) {
    return target.picked == nullptr
               ? objects_at(from, segment.length, rows, wanted.rows())
               : objects_at(from, segment.length, *target.picked, wanted.rows());
  };
  Ref objects = objects_in(ready);
  if (!objects || !let_assign(leg, objects.get()))
    return false;
  // A script may have put code of its own where that was asked: all are found anew.
  const auto now = as_at_enter(trail, segment, follow());
  objects = now ? objects_in(*now) : Ref();
  return objects && assign_all(trail, *now, objects.get(), wanted);
}

} // namespace rnaslicer::runtime
