// runtime/trail/several/assigned.cpp: bpy's setattr, element by element.
#include "runtime/trail/several/assigned.hpp"

#include "runtime/blender/bpy.hpp"
#include "runtime/memory/item.hpp"
#include "runtime/trail/noticing.hpp"

namespace rnaslicer::runtime {

RowValues::RowValues(const StorageView& storage, const Trail& trail)
    : copy_(storage.data, storage.data + storage.nbytes), format_(trail.format.front()),
      is_array_(!trail.inner.empty()) {
  for (const std::int64_t extent : trail.inner)
    width_ *= static_cast<Py_ssize_t>(extent);
}

Ref RowValues::at(std::size_t row) {
  const Py_ssize_t size = native_size(format_);
  const char* const data =
      reinterpret_cast<const char*>(copy_.data()) + static_cast<Py_ssize_t>(row) * width_ * size;
  if (!is_array_)
    return checked(unpack_item(data, format_));
  if (!list_ || Py_REFCNT(list_.get()) != 1)
    list_ = checked(PyList_New(width_));
  for (Py_ssize_t i = 0; i < width_; ++i)
    if (PyList_SetItem(list_.get(), i, checked(unpack_item(data + i * size, format_)).release()) <
        0)
      throw PythonError();
  return Ref::borrow(list_.get());
}

bool assign_list(const Trail& trail, const Reached& reached, std::span<const std::int64_t> elements,
                 RowValues& rows, std::size_t first) {
  const Leg& leg = trail.legs.front();
  const Ref all = checked(PySlice_New(nullptr, nullptr, nullptr));
  const Ref objects = Ref::steal(PyObject_GetItem(reached.collection.get(), all.get()));
  const auto count = static_cast<Py_ssize_t>(elements.size());
  if (!objects || PyList_Check(objects.get()) == 0 || PyList_Size(objects.get()) != count)
    return false;
  for (Py_ssize_t i = 0; i < count; ++i) {
    const auto address = address_of(PyList_GetItem(objects.get(), i));
    if (!address || *address != static_cast<std::uint64_t>(elements[static_cast<std::size_t>(i)]))
      return false;
  }
  const bool asks = leg.writing.tags && leg.writing.told == Tells::unknown;
  const bool tells = asks && has_tags(trail, reached.id.get()) == false;
  for (Py_ssize_t i = 0; i < count; ++i) {
    const Ref value = rows.at(first + static_cast<std::size_t>(i));
    if (PyObject_SetAttr(PyList_GetItem(objects.get(), i), leg.property.get(), value.get()) < 0)
      return false;
    if (i == 0 && tells)
      if (const auto tags = has_tags(trail, reached.id.get()))
        leg.writing.told = *tags ? Tells::yes : Tells::no;
  }
  settle(leg, reached);
  return true;
}

} // namespace rnaslicer::runtime
