// runtime/supplier/roster.cpp: the type Roster.
#include "runtime/supplier/roster.hpp"

#include "runtime/bindings.hpp"
#include "runtime/blender/bpy.hpp"
#include "runtime/blender/names.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <memory>
#include <string_view>

namespace rnaslicer::runtime {

namespace {

PyTypeObject* type = nullptr; // made once per process, never freed
Py_ssize_t live = 0;          // rosters that there are, for tests

struct RosterObject {
  PyObject_HEAD std::unique_ptr<Roster> roster;
};

std::unique_ptr<Roster>& cast(PyObject* self) {
  return reinterpret_cast<RosterObject*>(self)->roster;
}

/// Plain bytes of a datablock that was just asked for its address.
const char* bytes_at(std::uint64_t address, std::int64_t at) {
  return reinterpret_cast<const char*>(address) + at; // NOLINT(performance-no-int-to-ptr)
}

template <typename Number> Number number_at(std::uint64_t address, std::int64_t at) {
  Number found{};
  std::memcpy(&found, bytes_at(address, at), sizeof found);
  return found;
}

/// What RNA says; nothing with the error cleared.
std::optional<std::uint32_t> told_uid(PyObject* id) {
  const Ref told = attr(id, names().session_uid);
  const auto uid = told ? PyLong_AsUnsignedLongMask(told.get()) : 0UL;
  if (!told || PyErr_Occurred() != nullptr)
    return PyErr_Clear(), std::nullopt;
  return static_cast<std::uint32_t>(uid);
}

std::optional<std::string> told_name(PyObject* id) {
  const Ref told = attr(id, names().name);
  Py_ssize_t size = 0;
  const char* const text = told ? PyUnicode_AsUTF8AndSize(told.get(), &size) : nullptr;
  if (text == nullptr)
    return PyErr_Clear(), std::nullopt;
  return std::string(text, static_cast<std::size_t>(size));
}

std::string name_at(const IdPlaces& places, std::uint64_t address) {
  constexpr std::int64_t letters = 2;
  const char* const text = bytes_at(address, places.name + letters);
  return {text, strnlen(text, static_cast<std::size_t>(places.name_size - letters))};
}

/// Which of many objects there are: an open hash of their own addresses.
class Members {
 public:
  explicit Members(PyObject* list)
      : slots_(std::bit_ceil(2 * static_cast<std::size_t>(PyList_Size(list)) + 1)) {
    for (Py_ssize_t i = 0; i < PyList_Size(list); ++i)
      slots_[slot_of(PyList_GetItem(list, i))] = PyList_GetItem(list, i);
  }
  [[nodiscard]] bool has(PyObject* object) const { return slots_[slot_of(object)] == object; }

 private:
  /// Where it is, or would be.
  [[nodiscard]] std::size_t slot_of(PyObject* object) const {
    constexpr unsigned alignment = 4;
    std::size_t at = (reinterpret_cast<std::uintptr_t>(object) >> alignment) & (slots_.size() - 1);
    while (slots_[at] != nullptr && slots_[at] != object)
      at = (at + 1) & (slots_.size() - 1);
    return at;
  }
  std::vector<PyObject*> slots_; // borrowed from the list
};

/// Notes who one is; false for a linked one, and where bpy does not tell.
bool note(Roster& roster, PyObject* id) {
  if (roster.places.known()) {
    const auto address = living_address_of(id);
    if (!address)
      return PyErr_Clear(), false;
    roster.uids.push_back(number_at<std::uint32_t>(*address, roster.places.uid));
    roster.names.push_back(name_at(roster.places, *address));
    return number_at<std::uint64_t>(*address, roster.places.library) == 0;
  }
  const auto uid = told_uid(id);
  auto name = uid ? told_name(id) : std::nullopt;
  const Ref library = name ? attr(id, names().library) : Ref();
  PyErr_Clear();
  if (library.get() != Py_None)
    return false;
  roster.uids.push_back(*uid);
  roster.names.push_back(std::move(*name));
  return true;
}

/// Whether memory tells of first, middle and last what bpy tells.
bool agrees(const Roster& roster, const IdPlaces& places) {
  const std::size_t count = roster.structs.size();
  for (const std::size_t i : {std::size_t{0}, count / 2, count - 1}) {
    PyObject* const id = roster.structs[i].get();
    const auto address = living_address_of(id);
    if (!address)
      return PyErr_Clear(), false;
    const auto uid = told_uid(id); // in 3.4 only DNA has it
    if (told_name(id) != name_at(places, *address) ||
        (uid && *uid != number_at<std::uint32_t>(*address, places.uid)))
      return false;
  }
  return true;
}

/// Captures the objects of a list anew; false if one is not as a roster needs it.
bool capture(Roster& roster, PyObject* list, IdPlaces places) {
  const auto count = static_cast<std::size_t>(PyList_Size(list));
  roster.structs.clear();
  roster.uids.clear();
  roster.names.clear();
  roster.structs.reserve(count);
  for (std::size_t i = 0; i < count; ++i)
    roster.structs.push_back(Ref::borrow(PyList_GetItem(list, static_cast<Py_ssize_t>(i))));
  roster.places = places.known() && count > 0 && agrees(roster, places) ? places : IdPlaces();
  roster.uids.reserve(count);
  roster.names.reserve(count);
  roster.seen = now();
  return std::ranges::all_of(roster.structs, [&](const Ref& id) { return note(roster, id.get()); });
}

PyObject* roster_of(PyObject*, PyObject* args) {
  return guarded([&]() -> PyObject* {
    PyObject* given = nullptr;
    PyObject* members = nullptr;
    PyObject* places = nullptr;
    if (PyArg_ParseTuple(args, "OO!O:roster_of", &given, &PyList_Type, &members, &places) == 0)
      return nullptr;
    Ref found = captured_roster(given, members, places_of(places));
    return found ? found.release() : Ref::borrow(Py_None).release();
  });
}

void dealloc(PyObject* self) {
  const Ref own = Ref::steal(reinterpret_cast<PyObject*>(Py_TYPE(self)));
  {
    const StashedError stashed;
    std::destroy_at(&cast(self));
  }
  --live;
  PyObject_Free(self);
}

Py_ssize_t length(PyObject* self) { return static_cast<Py_ssize_t>(cast(self)->structs.size()); }

PyObject* structs(PyObject* self, PyObject*) {
  return guarded([&]() -> PyObject* {
    Roster& roster = *cast(self);
    if (!addresses_of(roster))
      Py_RETURN_NONE;
    Ref list = checked(PyList_New(length(self)));
    for (Py_ssize_t i = 0; i < length(self); ++i)
      if (PyList_SetItem(list.get(), i,
                         Ref::borrow(roster.structs[static_cast<std::size_t>(i)].get()).release()) <
          0)
        throw PythonError();
    return list.release();
  });
}

PyObject* is_there(PyObject* self, PyObject*) {
  return guarded(
      [&] { return PyBool_FromLong(static_cast<long>(addresses_of(*cast(self)).has_value())); });
}

PyObject* uids(PyObject* self, PyObject*) {
  return guarded([&]() -> PyObject* {
    Ref list = checked(PyList_New(length(self)));
    for (Py_ssize_t i = 0; i < length(self); ++i)
      if (PyList_SetItem(
              list.get(), i,
              checked(PyLong_FromUnsignedLong(cast(self)->uids[static_cast<std::size_t>(i)]))
                  .release()) < 0)
        throw PythonError();
    return list.release();
  });
}

PyObject* who(PyObject* self, PyObject* index) {
  return guarded([&]() -> PyObject* {
    const Py_ssize_t at = PyLong_AsSsize_t(index);
    if (at == -1 && PyErr_Occurred() != nullptr)
      throw PythonError();
    if (at < 0 || at >= length(self))
      raise(PyExc_IndexError, "who: there is no such datablock");
    const auto i = static_cast<std::size_t>(at);
    const std::string& name = cast(self)->names[i];
    const Ref text = checked(
        PyUnicode_DecodeUTF8(name.data(), static_cast<Py_ssize_t>(name.size()), "surrogateescape"));
    return Py_BuildValue("(OkO)", cast(self)->structs[i].get(),
                         static_cast<unsigned long>(cast(self)->uids[i]), text.get());
  });
}

PyObject* names_of(PyObject* self, PyObject* count) {
  return guarded([&]() -> PyObject* {
    const Py_ssize_t most = std::min(PyLong_AsSsize_t(count), length(self));
    if (PyErr_Occurred() != nullptr)
      throw PythonError();
    Ref list = checked(PyList_New(0));
    for (Py_ssize_t i = 0; i < most; ++i) {
      const std::string& name = cast(self)->names[static_cast<std::size_t>(i)];
      const Ref text = checked(PyUnicode_DecodeUTF8(
          name.data(), static_cast<Py_ssize_t>(name.size()), "surrogateescape"));
      if (PyList_Append(list.get(), text.get()) < 0)
        throw PythonError();
    }
    return list.release();
  });
}

PyObject* renew(PyObject* self, PyObject* args) {
  return guarded([&]() -> PyObject* {
    PyObject* list = nullptr;
    PyObject* places = nullptr;
    if (PyArg_ParseTuple(args, "O!O:renew", &PyList_Type, &list, &places) == 0)
      return nullptr;
    if (PyList_Size(list) != length(self))
      raise(PyExc_ValueError, "renew: a datablock for each is needed");
    Roster made;
    if (!capture(made, list, places_of(places)) || made.uids != cast(self)->uids)
      Py_RETURN_FALSE;
    *cast(self) = std::move(made);
    Py_RETURN_TRUE;
  });
}

PyObject* know(PyObject* self, PyObject* places) {
  return guarded([&]() -> PyObject* {
    Roster& roster = *cast(self);
    if (const IdPlaces told = places_of(places);
        !roster.places.known() && told.known() && agrees(roster, told))
      roster.places = told;
    return PyBool_FromLong(static_cast<long>(roster.places.known()));
  });
}

PyObject* moment(PyObject* self, void*) {
  return Py_BuildValue("(Ld)", static_cast<long long>(cast(self)->seen.number),
                       cast(self)->seen.when);
}

PyObject* live_count(PyObject*, PyObject*) { return PyLong_FromSsize_t(live); }

PyMethodDef functions[] = {
    // CPython keeps pointers into it
    {"roster_of", roster_of, METH_VARARGS,
     PyDoc_STR(
         "roster_of(structs, members, places, /)\n--\n\nA Roster of datablocks of one class that "
         "are all among `members` (what a list of bpy.data holds now) and not linked; else None. "
         "places: (of the session uid, of the name, its size, of the library) in bytes, or "
         "None.")},
    {"live_rosters", live_count, METH_NOARGS,
     PyDoc_STR("live_rosters()\n--\n\nHow many there are; for tests.")},
    {nullptr, nullptr, 0, nullptr},
};

PyMethodDef methods[] = {
    // CPython keeps pointers into it
    {"structs", structs, METH_NOARGS,
     PyDoc_STR("structs($self, /)\n--\n\nList of bpy's objects, or None if one is gone.")},
    {"is_there", is_there, METH_NOARGS,
     PyDoc_STR("is_there($self, /)\n--\n\nWhether all live and are who they were.")},
    {"uids", uids, METH_NOARGS, PyDoc_STR("uids($self, /)\n--\n\nTheir session uids.")},
    {"who", who, METH_O,
     PyDoc_STR("who($self, index, /)\n--\n\n(bpy's object, perhaps dead; uid; name when "
               "captured).")},
    {"names", names_of, METH_O,
     PyDoc_STR("names($self, count, /)\n--\n\nThose of the first ones when captured.")},
    {"renew", renew, METH_VARARGS,
     PyDoc_STR("renew($self, structs, places, /)\n--\n\nTakes bpy's new objects for the same "
               "datablocks; False if they are others.")},
    {"know", know, METH_O,
     PyDoc_STR("know($self, places, /)\n--\n\nCompares with bpy what is told of places, and uses "
               "it from now on. Whether places are known.")},
    {nullptr, nullptr, 0, nullptr},
};

PyGetSetDef properties[] = {
    {"moment", moment, nullptr, PyDoc_STR("When all were last found alive, as now() tells it."),
     nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

PyType_Slot slots[] = {
    {Py_tp_doc, const_cast<char*>("Datablocks of one type (internal).")},
    {Py_tp_dealloc, reinterpret_cast<void*>(dealloc)},
    {Py_sq_length, reinterpret_cast<void*>(length)},
    {Py_tp_methods, methods},
    {Py_tp_getset, properties},
    {0, nullptr},
};
PyType_Spec spec = {
    RNASLICER_TYPE_NAME("Roster"), sizeof(RosterObject), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE, slots};

} // namespace

Roster* as_roster(PyObject* object) {
  return type != nullptr && Py_TYPE(object) == type ? cast(object).get() : nullptr;
}

IdPlaces places_of(PyObject* tuple) {
  IdPlaces places;
  if (tuple == Py_None)
    return places;
  long long uid = -1;
  long long name = -1;
  long long size = 0;
  long long library = -1;
  if (PyArg_ParseTuple(tuple, "LLLL", &uid, &name, &size, &library) == 0)
    throw PythonError();
  return {uid, name, size, library};
}

Ref captured_roster(PyObject* given, PyObject* members, IdPlaces places) {
  const Ref list = checked(PySequence_List(given)); // nobody else can change this one
  const Members all(members);
  for (Py_ssize_t i = 0; i < PyList_Size(list.get()); ++i)
    if (Py_TYPE(PyList_GetItem(list.get(), i)) != Py_TYPE(PyList_GetItem(list.get(), 0)) ||
        !all.has(PyList_GetItem(list.get(), i)))
      return {};
  auto roster = std::make_unique<Roster>();
  if (PyList_Size(list.get()) == 0 || !capture(*roster, list.get(), places))
    return {};
  Ref self = checked(PyType_GenericAlloc(type, 0));
  new (&cast(self.get())) std::unique_ptr<Roster>(std::move(roster));
  ++live;
  return self;
}

std::optional<Roster> members_of(std::vector<Ref> structs, IdPlaces places,
                                 std::vector<std::int64_t>* addresses) {
  Roster roster;
  roster.structs = std::move(structs);
  roster.places =
      places.known() && !roster.structs.empty() && agrees(roster, places) ? places : IdPlaces();
  roster.uids.reserve(roster.structs.size());
  for (const Ref& one : roster.structs) {
    const auto address = address_of(one.get());
    const auto uid = !address                ? std::nullopt
                     : roster.places.known() ? number_at<std::uint32_t>(*address, roster.places.uid)
                                             : told_uid(one.get());
    if (!uid)
      return PyErr_Clear(), std::nullopt;
    roster.uids.push_back(*uid);
    if (addresses != nullptr)
      addresses->push_back(static_cast<std::int64_t>(*address));
  }
  roster.seen = now();
  return roster;
}

std::optional<std::vector<std::int64_t>> addresses_of(Roster& roster) {
  std::vector<std::int64_t> found;
  found.reserve(roster.structs.size());
  for (std::size_t i = 0; i < roster.structs.size(); ++i) {
    PyObject* const id = roster.structs[i].get();
    const auto address = living_address_of(id);
    const auto uid = !address                ? std::nullopt
                     : roster.places.known() ? number_at<std::uint32_t>(*address, roster.places.uid)
                                             : told_uid(id);
    if (!uid || *uid != roster.uids[i])
      return PyErr_Clear(), std::nullopt;
    found.push_back(static_cast<std::int64_t>(*address));
  }
  roster.seen = now();
  return found;
}

int register_roster(PyObject* module) {
  if (type == nullptr)
    type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
  if (type == nullptr ||
      PyModule_AddObjectRef(module, "Roster", reinterpret_cast<PyObject*>(type)) < 0)
    return -1;
  return PyModule_AddFunctions(module, functions);
}

} // namespace rnaslicer::runtime
