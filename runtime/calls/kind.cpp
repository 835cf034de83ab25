// runtime/calls/kind.cpp: which collection a call is for, asked of bpy without Python between.
#include "runtime/calls/kind.hpp"

#include "runtime/blender/names.hpp"
#include "runtime/blender/probe.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace rnaslicer::runtime {

namespace {

/// `bpy.types.name`; a new reference. Throws PythonError.
Ref bpy_type(const char* name) {
  const Ref types = checked(PyImport_ImportModule("bpy.types"));
  return asked(types.get(), name);
}

/// The part behind the last point.
Ref last_of(PyObject* way) {
  const Py_ssize_t length = PyUnicode_GetLength(way);
  const Py_ssize_t point = PyUnicode_FindChar(way, '.', 0, length, -1);
  if (point == -2)
    throw PythonError();
  return checked(PyUnicode_Substring(way, point + 1, length));
}

/// The name of a collection that a script registered, where no way leads to it (preferences); null
/// without an error. Nothing in it is touched.
Ref of_script(PyObject* owner, PyObject* collection) {
  if (owner == Py_None)
    return {};
  const Ref rna = asked(owner, names().bl_rna);
  const Ref properties = asked(rna.get(), "properties");
  const Ref all = checked(PyObject_GetIter(properties.get()));
  while (const Ref prop = Ref::steal(PyIter_Next(all.get()))) {
    if (!is_true(prop.get(), interned("is_runtime").get()) ||
        !has_text(prop.get(), names().type, interned("COLLECTION").get()))
      continue;
    Ref name = asked(prop.get(), "identifier");
    const Ref one = asked(owner, name.get());
    const int same = PyObject_RichCompareBool(one.get(), collection, Py_EQ);
    if (same < 0)
      throw PythonError();
    if (same > 0)
      return name;
  }
  if (PyErr_Occurred() != nullptr)
    throw PythonError();
  return {};
}

/// The RNA property that getattr finds (blender/rna.py: find); null without an error.
Ref property_of(PyObject* rna, PyObject* name) {
  const Ref properties = asked(rna, "properties");
  Ref found = checked(PyObject_CallMethodObjArgs(properties.get(), names().get, name, nullptr));
  if (found.get() == Py_None)
    return {};
  const Ref base = asked(rna, "base");
  if (base.get() == Py_None)
    return found;
  const Ref theirs = asked(base.get(), "properties");
  const int hides = PySequence_Contains(theirs.get(), name);
  if (hides < 0)
    throw PythonError();
  if (hides == 0)
    return found;
  const Ref all = checked(PyObject_GetIter(properties.get()));
  while (Ref one = Ref::steal(PyIter_Next(all.get()))) {
    const Ref identifier = asked(one.get(), "identifier");
    if (PyUnicode_Compare(identifier.get(), name) == 0)
      found = std::move(one);
  }
  if (PyErr_Occurred() != nullptr)
    throw PythonError();
  return found;
}

/// registered.leads of a property that a script registered; None where its structs have no type.
Ref leads_of(const Call& call, PyObject* prop) {
  const Ref form = interned("COLLECTION");
  const Ref at =
      has_text(prop, names().type, form.get())
          ? checked(PyObject_CallFunctionObjArgs(table(call, "type_at"), form.get(), nullptr))
          : Ref();
  const auto address = address_of(prop);
  if (!address)
    throw PythonError();
  std::array<std::byte, 8> bytes{};
  if (at && at.get() != Py_None &&
      read_memory(*address + PyLong_AsUnsignedLongLong(at.get()), bytes)) {
    std::uint64_t type = 0;
    std::memcpy(&type, bytes.data(), sizeof type);
    const Ref number = checked(PyLong_FromUnsignedLongLong(type));
    PyObject* const found = PyDict_GetItemWithError(table(call, "types"), number.get()); // borrowed
    if (found != nullptr) {
      const Ref pair = Ref::borrow(found);
      PyObject* const cls = PyTuple_GetItem(pair.get(), 0);
      PyObject* const rna = PyTuple_GetItem(pair.get(), 1);
      const Ref own = cls != nullptr ? asked(cls, names().dict) : Ref();
      const Ref now = own ? Ref::steal(PyObject_GetItem(own.get(), names().bl_rna)) : Ref();
      if (now && now.get() == rna) {
        const Ref there = checked(PyBytes_FromStringAndSize(
            reinterpret_cast<const char*>(bytes.data()), static_cast<Py_ssize_t>(bytes.size())));
        return checked(PyTuple_Pack(4, at.get(), there.get(), cls, rna));
      }
    }
    drop_error();
  }
  return checked(PyObject_CallFunctionObjArgs(table(call, "leads"), prop, nullptr));
}

/// Fills what the owner declares for the elements.
void look_at_member(const Call& call, Kind& kind) {
  const Ref rna = asked(kind.owner.get(), names().bl_rna);
  const Ref properties = asked(rna.get(), "properties");
  const Ref prop = checked(
      PyObject_CallMethodObjArgs(properties.get(), names().get, kind.member.get(), nullptr));
  if (prop.get() == Py_None)
    return;
  if (!has_text(prop.get(), names().type, interned("COLLECTION").get()) &&
      !has_text(prop.get(), names().type, interned("POINTER").get()))
    return;
  if (is_true(prop.get(), interned("is_runtime").get())) {
    kind.leads = leads_of(call, prop.get());
    kind.lost = kind.leads.get() == Py_None;
    if (kind.lost)
      return;
  }
  kind.declared = asked(prop.get(), "fixed_type");
  if (kind.declared.get() == Py_None)
    kind.declared = Ref();
}

} // namespace

PyObject* table(const Call& call, const char* name) {
  PyObject* const found = PyDict_GetItemString(call.tables, name);
  if (found == nullptr)
    raise(PyExc_KeyError, name);
  return found;
}

Ref asked(PyObject* object, PyObject* name) { return checked(PyObject_GetAttr(object, name)); }

Ref asked(PyObject* object, const char* name) { return asked(object, interned(name).get()); }

bool is_numeric(PyObject* prop) {
  const Ref type = asked(prop, names().type);
  constexpr std::array kinds{"BOOLEAN", "INT", "ENUM", "FLOAT"};
  return std::ranges::any_of(kinds, [&](const char* one) {
    return PyUnicode_CompareWithASCIIString(type.get(), one) == 0;
  });
}

bool is_named(PyObject* object, const char* text) {
  const Ref name = checked(PyType_GetName(Py_TYPE(object)));
  return PyUnicode_CompareWithASCIIString(name.get(), text) == 0;
}

bool is_of_ids(PyObject* rna) {
  const Ref name = asked(rna, "identifier");
  const Ref types = checked(PyImport_ImportModule("bpy.types"));
  const Ref cls = attr(types.get(), name.get());
  if (!cls) {
    drop_error();
    return false;
  }
  const int is_id = PyObject_IsSubclass(cls.get(), bpy_type("ID").get());
  if (is_id < 0)
    throw PythonError();
  return is_id > 0;
}

bool contains(PyObject* set, PyObject* one) {
  const int found = PySequence_Contains(set, one);
  if (found < 0)
    throw PythonError();
  return found > 0;
}

bool is_plain(const Call& call) {
  static PyObject* base = nullptr; // bpy's class; never freed
  if (base == nullptr)
    base = bpy_type("bpy_prop_collection").release();
  if (PyType_IsSubtype(Py_TYPE(call.collection), reinterpret_cast<PyTypeObject*>(base)) == 0 ||
      PyUnicode_CheckExact(call.name) == 0)
    return false;
  Py_ssize_t size = 0;
  const char* const text = PyUnicode_AsUTF8AndSize(call.name, &size);
  if (text == nullptr) { // hazards.SURROGATE_KEYS
    drop_error();
    return false;
  }
  return std::memchr(text, 0, static_cast<std::size_t>(size)) == nullptr;
}

Kind kind_of(const Call& call) {
  Kind kind;
  Ref owner = asked(call.collection, names().data);
  const Ref way =
      Ref::steal(PyObject_CallMethodObjArgs(call.collection, names().path_from_id, nullptr));
  Ref by; // what stands for the member in the key
  if (way) {
    kind.member = last_of(way.get());
    by = Ref::borrow(kind.member.get());
  } else {
    if (PyErr_ExceptionMatches(PyExc_ValueError) == 0)
      throw PythonError();
    PyErr_Clear();
    if (!is_named(owner.get(), "BlendData"))
      kind.member = of_script(owner.get(), call.collection);
    const Py_ssize_t length = kind.member ? 0 : PyObject_Size(call.collection);
    if (length < 0)
      throw PythonError();
    by = Ref::borrow(kind.member ? kind.member.get() : Py_None);
    if (length > 0) {
      const Ref first = checked(PySequence_GetItem(call.collection, 0));
      by = Ref::borrow(reinterpret_cast<PyObject*>(Py_TYPE(first.get())));
    }
  }
  kind.key = checked(PyTuple_Pack(4, call.what, reinterpret_cast<PyObject*>(Py_TYPE(owner.get())),
                                  by.get(), call.name));
  if (is_named(owner.get(), "Particle"))
    kind.member = interned("hair_keys");
  if (kind.member && owner.get() != Py_None)
    kind.owner = std::move(owner);
  return kind;
}

void look_behind(const Call& call, Kind& kind) {
  if (kind.owner)
    look_at_member(call, kind);
  if (kind.lost)
    return;
  if (kind.declared)
    kind.prop = property_of(kind.declared.get(), call.name);
  if (kind.prop) {
    kind.element = Ref::borrow(kind.declared.get());
    return;
  }
  if (kind.declared && contains(table(call, "computed"), kind.member.get())) {
    kind.unsafe = true;
    return;
  }
  const Py_ssize_t length = PyObject_Size(call.collection);
  if (length < 0)
    throw PythonError();
  if (length == 0)
    return;
  // What only some elements have bpy's own call looks for in the first.
  const Ref first = checked(PySequence_GetItem(call.collection, 0));
  kind.element = asked(first.get(), names().bl_rna);
  kind.prop = property_of(kind.element.get(), call.name);
}

} // namespace rnaslicer::runtime
