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

Ref property_in(PyObject* rna, PyObject* name) {
  static PyObject* const properties = interned("properties").release(); // never freed
  const Ref all = attr(rna, properties);
  Ref found = all ? Ref::steal(PyObject_GetItem(all.get(), name)) : Ref();
  PyErr_Clear();
  return found;
}

std::optional<std::uint64_t> address_of_property(PyObject* rna, PyObject* name) {
  const Ref found = property_in(rna, name);
  if (!found)
    return std::nullopt;
  auto address = address_of(found.get());
  if (!address)
    PyErr_Clear();
  return address;
}

bool is_same_property(PyObject* rna, PyObject* name, std::string& bytes, PyObject* ask,
                      PyObject* argument) {
  std::string now(bytes.size(), '\0');
  const auto at = address_of_property(rna, name);
  if (!at || !read_memory(*at, std::as_writable_bytes(std::span(now))))
    return false;
  if (now == bytes)
    return true;
  const Ref said = Ref::steal(PyObject_CallFunctionObjArgs(ask, argument, nullptr));
  PyErr_Clear();
  if (said.get() != Py_True)
    return false;
  bytes = std::move(now);
  return true;
}

bool are_registered(const std::vector<RegisteredProperty>& all) {
  return std::ranges::all_of(all, [](const RegisteredProperty& one) {
    return is_registered(one.of) && (!one.to || is_registered(*one.to)) &&
           is_same_property(one.of.rna.get(), one.name.get(), one.bytes, one.ask.get(),
                            one.of.kind.get());
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
    RegisteredProperty one{{Ref::borrow(kind), Ref::borrow(rna)},
                           Ref::borrow(name),
                           {PyBytes_AsString(bytes), static_cast<std::size_t>(PyBytes_Size(bytes))},
                           Ref::borrow(ask),
                           std::nullopt};
    if (to != Py_None)
      one.to = Registered{Ref::borrow(to), Ref::borrow(to_rna)};
    found.push_back(std::move(one));
  }
  return found;
}

} // namespace rnaslicer::runtime
