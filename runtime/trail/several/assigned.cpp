// runtime/trail/several/assigned.cpp: bpy's setattr, element by element.
#include "runtime/trail/several/assigned.hpp"

#include "runtime/blender/bpy.hpp"
#include "runtime/memory/item.hpp"
#include "runtime/trail/noticing.hpp"
#include "runtime/trail/several/elements.hpp"

namespace rnaslicer::runtime {

RowValues::RowValues(const StorageView& storage, const Trail& trail)
    : copy_(storage.data, storage.data + storage.nbytes), format_(trail.format.front()) {
  whole_.is_array = !trail.inner.empty();
  for (const std::int64_t extent : trail.inner)
    whole_.count *= static_cast<Py_ssize_t>(extent);
  row_bytes_ = whole_.count * native_size(format_);
}

Ref RowValues::at(std::size_t row, const Leg& leg) {
  const RowPart& part = leg.writing.part ? *leg.writing.part : whole_;
  const Py_ssize_t size = native_size(format_);
  if (part.first < 0 || part.first + part.count * size > row_bytes_)
    raise(PyExc_SystemError, "a trail's property leaves its row");
  const char* const data = reinterpret_cast<const char*>(copy_.data()) +
                           static_cast<Py_ssize_t>(row) * row_bytes_ + part.first;
  if (leg.writing.by_name)
    return name_of(leg, checked(unpack_item(data, format_)).get());
  if (!part.is_array)
    return checked(unpack_item(data, format_));
  if (!list_ || Py_REFCNT(list_.get()) != 1 || PyList_Size(list_.get()) != part.count)
    list_ = checked(PyList_New(part.count));
  for (Py_ssize_t i = 0; i < part.count; ++i)
    if (PyList_SetItem(list_.get(), i, checked(unpack_item(data + i * size, format_)).release()) <
        0)
      throw PythonError();
  return Ref::borrow(list_.get());
}

bool RowValues::are_items(const Leg& leg, std::size_t rows) {
  if (!leg.writing.by_name)
    return true;
  for (std::size_t i = 0; i < rows; ++i)
    if (!at(i, leg))
      return false;
  return true;
}

/// The name of an item. Empty where the number is none's.
Ref RowValues::name_of(const Leg& leg, PyObject* number) {
  if (!leg.check || !leg.check->numbers)
    return {};
  if (named_ != &leg) {
    names_ = checked(PyDict_New());
    const Ref items = checked(PyDict_Items(leg.check->numbers.get()));
    for (Py_ssize_t i = 0; i < PyList_Size(items.get()); ++i) {
      PyObject* const pair = PyList_GetItem(items.get(), i);
      if (PyDict_SetItem(names_.get(), PyTuple_GetItem(pair, 1), PyTuple_GetItem(pair, 0)) < 0)
        throw PythonError();
    }
    named_ = &leg;
  }
  PyObject* const name = PyDict_GetItem(names_.get(), number);
  return name == nullptr ? Ref() : Ref::borrow(name);
}

bool assign_list(const Trail& trail, const Leg& leg, const Reached& reached,
                 std::span<const std::int64_t> elements, RowValues& rows, std::size_t first) {
  const Ref objects = objects_of(trail, reached, elements.size());
  const auto count = static_cast<Py_ssize_t>(elements.size());
  if (!objects)
    return false;
  for (Py_ssize_t i = 0; i < count; ++i) {
    const auto address = address_of(PyList_GetItem(objects.get(), i));
    if (!address || *address != static_cast<std::uint64_t>(elements[static_cast<std::size_t>(i)]))
      return false;
  }
  const bool asks = leg.writing.tags && !is_seen(leg.writing.told);
  const bool tells = asks && has_tags(trail, reached.id.get()) == false;
  for (Py_ssize_t i = 0; i < count; ++i) {
    const Ref value = rows.at(first + static_cast<std::size_t>(i), leg);
    if (!value ||
        PyObject_SetAttr(PyList_GetItem(objects.get(), i), leg.property.get(), value.get()) < 0)
      return false;
    if (i == 0 && tells)
      if (const auto tags = has_tags(trail, reached.id.get()))
        leg.writing.told = *tags ? Tells::yes : Tells::no;
  }
  settle(trail, leg, reached);
  return true;
}

} // namespace rnaslicer::runtime
