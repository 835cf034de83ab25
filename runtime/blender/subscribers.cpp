// runtime/blender/subscribers.cpp: a look along the message bus.
#include "runtime/blender/subscribers.hpp"

#include "runtime/blender/bpy.hpp"
#include "runtime/blender/lists.hpp"
#include "runtime/blender/names.hpp"
#include "runtime/blender/probe.hpp"

#include <array>
#include <optional>

namespace rnaslicer::runtime {

namespace {

/// Where the list's head is: pointers from the window manager on, then an offset.
struct Bus {
  std::vector<std::int64_t> hops;
  std::int64_t head = 0;
  Keys keys;
};

std::optional<Bus> bus_in(PyObject* found) {
  PyObject* const tuple =
      PyList_Check(found) != 0 && PyList_Size(found) == 1 ? PyList_GetItem(found, 0) : nullptr;
  if (tuple == nullptr || PyTuple_Check(tuple) == 0)
    return std::nullopt;
  PyObject* hops = nullptr;
  long long head = 0;
  long long type_at = 0;
  long long data_at = 0;
  if (PyArg_ParseTuple(tuple, "O!LLL", &PyTuple_Type, &hops, &head, &type_at, &data_at) == 0)
    return std::nullopt;
  Bus bus{{}, head, {{0, static_cast<std::int64_t>(sizeof(void*))}, type_at, data_at}};
  for (Py_ssize_t i = 0; i < PyTuple_Size(hops); ++i)
    bus.hops.push_back(PyLong_AsLongLong(PyTuple_GetItem(hops, i)));
  return PyErr_Occurred() == nullptr ? std::optional(std::move(bus)) : std::nullopt;
}

std::optional<std::uint64_t> window_manager() {
  const Ref bpy = Ref::steal(PyImport_ImportModule("bpy"));
  const Ref data = bpy ? attr(bpy.get(), names().data) : Ref();
  const Ref all = data ? attr(data.get(), names().window_managers) : Ref();
  const auto first = all ? element_at(all.get(), 0) : std::nullopt;
  return first ? std::optional(first->address) : std::nullopt;
}

/// The address of a type as RNA has it.
std::optional<std::uint64_t> rna_of(PyTypeObject* kind) {
  const Ref rna = attr(reinterpret_cast<PyObject*>(kind), names().bl_rna);
  return rna ? address_of(rna.get()) : std::nullopt;
}

std::optional<bool> hears(PyObject* found, std::span<const std::int64_t> addresses,
                          const std::vector<PyTypeObject*>& types, PyTypeObject* told) {
  const auto bus = bus_in(found);
  const auto manager = bus ? window_manager() : std::nullopt;
  const auto own = manager ? rna_of(told) : std::nullopt;
  if (!own)
    return std::nullopt;
  std::array here{static_cast<std::int64_t>(*manager)};
  for (const std::int64_t hop : bus->hops) // a live window manager's own
    if (!follow_pointers(here, hop, Reads::plain, here))
      return std::nullopt;
  std::vector<std::int64_t> kinds;
  for (PyTypeObject* const type : types) {
    const auto rna = rna_of(type);
    if (!rna)
      return std::nullopt;
    kinds.push_back(static_cast<std::int64_t>(*rna));
  }
  std::array<std::uint64_t, 2> ends{};
  if (!read_memory(static_cast<std::uint64_t>(here.front() + bus->head),
                   std::as_writable_bytes(std::span(ends))))
    return std::nullopt;
  return is_subscribed(ends[0], ends[1], bus->keys, addresses, kinds, *own);
}

} // namespace

bool may_hear(PyObject* found, std::span<const std::int64_t> addresses,
              const std::vector<PyTypeObject*>& types, PyTypeObject* told) {
  const auto answer = hears(found, addresses, types, told);
  PyErr_Clear();
  return answer.value_or(true);
}

} // namespace rnaslicer::runtime
