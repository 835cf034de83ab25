// runtime/supplier/registered.cpp: comparing what scripts have registered.
#include "runtime/supplier/registered.hpp"

#include "runtime/blender/bpy.hpp"
#include "runtime/blender/names.hpp"
#include "runtime/blender/probe.hpp"

#include <algorithm>
#include <span>

namespace rnaslicer::runtime {

bool is_registered(const Registered& known) {
  const Ref own = attr(known.kind.get(), names().dict);
  const Ref rna = own ? Ref::steal(PyObject_GetItem(own.get(), names().bl_rna)) : Ref();
  PyErr_Clear();
  return rna.get() == known.rna.get();
}

namespace {

Ref properties_of(PyObject* rna) {
  static PyObject* const properties = interned("properties").release(); // never freed
  return attr(rna, properties);
}

/// Whether the type that an RNA type refines has a property of that name, too.
bool is_of_base(PyObject* rna, PyObject* name) {
  static PyObject* const base_name = interned("base").release();
  const Ref base = attr(rna, base_name);
  const Ref all = base && base.get() != Py_None ? properties_of(base.get()) : Ref();
  const bool found = all && PySequence_Contains(all.get(), name) > 0;
  PyErr_Clear();
  return found;
}

Ref by_name(PyObject* rna, PyObject* name) {
  const Ref all = properties_of(rna);
  Ref found = all ? Ref::steal(PyObject_GetItem(all.get(), name)) : Ref();
  PyErr_Clear();
  return found;
}

/// The last one of that name: a type's own come behind those of the type that it refines.
Ref last_of(PyObject* rna, PyObject* name) {
  static PyObject* const keys = interned("keys").release();
  const Ref all = properties_of(rna);
  const Ref names = all ? Ref::steal(PyObject_CallMethodObjArgs(all.get(), keys, nullptr)) : Ref();
  Ref found;
  for (Py_ssize_t i = names ? PyList_Size(names.get()) : 0; !found && --i >= 0;)
    if (PyObject_RichCompareBool(PyList_GetItem(names.get(), i), name, Py_EQ) > 0)
      found = Ref::steal(PySequence_GetItem(all.get(), i));
  PyErr_Clear();
  return found;
}

std::optional<std::uint64_t> address_of_found(const Ref& found) {
  auto address = found ? address_of(found.get()) : std::nullopt;
  if (!address)
    PyErr_Clear();
  return address;
}

} // namespace

Ref property_in(PyObject* rna, PyObject* name) {
  return is_of_base(rna, name) ? last_of(rna, name) : by_name(rna, name);
}

std::optional<std::uint64_t> address_of_property(PyObject* rna, PyObject* name) {
  return address_of_found(property_in(rna, name));
}

KnownProperty known_property(PyObject* rna, PyObject* name, std::string bytes, Ref ask) {
  return {std::move(bytes), std::move(ask), is_of_base(rna, name)};
}

bool is_same_property(PyObject* rna, PyObject* name, KnownProperty& known, PyObject* argument) {
  std::string now(known.bytes.size(), '\0');
  const auto read = [&](std::optional<std::uint64_t> at) {
    return at && read_memory(*at, std::as_writable_bytes(std::span(now)));
  };
  // Where the refined type has got one since, this is that one, with other bytes.
  if (!read(address_of_found(known.hides ? last_of(rna, name) : by_name(rna, name))))
    return false;
  if (now == known.bytes)
    return true;
  const Ref said = Ref::steal(PyObject_CallFunctionObjArgs(known.ask.get(), argument, nullptr));
  PyErr_Clear();
  if (said.get() != Py_True || !read(address_of_property(rna, name)))
    return false;
  known.bytes = std::move(now);
  known.hides = is_of_base(rna, name);
  return true;
}

bool are_registered(const std::vector<RegisteredProperty>& all) {
  return std::ranges::all_of(all, [](const RegisteredProperty& one) {
    return is_registered(one.of) && (!one.to || is_registered(*one.to)) &&
           is_same_property(one.of.rna.get(), one.name.get(), one.known, one.of.kind.get());
  });
}

std::vector<RegisteredProperty> read_registered(PyObject* tuples) {
  std::vector<RegisteredProperty> found;
  if (tuples != Py_None && PyTuple_Check(tuples) == 0)
    raise(PyExc_TypeError, "what scripts registered is a tuple");
  for (Py_ssize_t i = 0; tuples != Py_None && i < PyTuple_Size(tuples); ++i) {
    PyObject *kind = nullptr, *rna = nullptr, *name = nullptr, *bytes = nullptr, *ask = nullptr,
             *to = nullptr, *to_rna = nullptr;
    PyObject* const tuple = PyTuple_GetItem(tuples, i);
    if (PyTuple_Check(tuple) == 0)
      raise(PyExc_TypeError, "a property that a script registered is a tuple");
    if (PyArg_ParseTuple(tuple, "OOUSOOO", &kind, &rna, &name, &bytes, &ask, &to, &to_rna) == 0)
      throw PythonError();
    std::string now{PyBytes_AsString(bytes), static_cast<std::size_t>(PyBytes_Size(bytes))};
    RegisteredProperty one{{Ref::borrow(kind), Ref::borrow(rna)},
                           Ref::borrow(name),
                           known_property(rna, name, std::move(now), Ref::borrow(ask)),
                           std::nullopt};
    if (to != Py_None)
      one.to = Registered{Ref::borrow(to), Ref::borrow(to_rna)};
    found.push_back(std::move(one));
  }
  return found;
}

} // namespace rnaslicer::runtime
