// runtime/calls/sound.cpp: whether bpy's own foreach_get and foreach_set do what they say. What may
// be wrong, and the words for it: rnaslicer/calls/sound.py, which is asked where this declines.
#include "runtime/bindings.hpp"
#include "runtime/blender/names.hpp"
#include "runtime/blender/probe.hpp"
#include "runtime/calls/counted.hpp"
#include "runtime/calls/geometry.hpp"
#include "runtime/calls/kept.hpp"
#include "runtime/calls/kind.hpp"

#include <array>
#include <cstring>
#include <vector>

namespace rnaslicer::runtime {

namespace {

/// What is asked each time of all collections of a kind: a tuple that begins with one of these.
enum Ask : long {
  full,       ///< that no slot is empty: hazards.FOREACH_SKIPS_NONE
  harmless,   ///< (RNA type): that reading the property does not crash in the datablock's state
  geometry,   ///< (Need): that it can be computed
  registered, ///< (member or None, leads or None): that a script's property is as it was
  first,      ///< (set of types): that the first element is of one that was looked at
  counted,    ///< (Width): that as many items are given as there are values
  kept,     ///< (may refuse): that no datablock among the elements would lose what is written to it
  editable, ///< (): that each element lets the property be written
};

constexpr Py_ssize_t most = 4096;

bool is_full(PyObject* collection) {
  static PyObject* const values = interned("values").release(); // a name; never freed
  const Ref all = checked(PyObject_CallMethodObjArgs(collection, values, nullptr));
  return !contains(all.get(), Py_None);
}

/// Lists of datablocks and slots; not what only holds objects.
bool may_have_slots(const Kind& kind) {
  if (!kind.declared || is_named(kind.owner.get(), "Scene") ||
      is_named(kind.owner.get(), "Collection"))
    return false;
  const Ref name = asked(kind.declared.get(), "identifier");
  const Ref end = interned("Slot");
  const Py_ssize_t ends =
      PyUnicode_Tailmatch(name.get(), end.get(), 0, PyUnicode_GetLength(name.get()), 1);
  return ends > 0 || is_of_ids(kind.declared.get());
}

bool is_harmless(const Call& call, PyObject* element) {
  const Ref why = checked(PyObject_CallFunctionObjArgs(table(call, "crash"), element, call.name,
                                                       call.collection, nullptr));
  return why.get() == Py_None;
}

/// registered.leads: (byte position, the bytes there, class, its bl_rna) are as they were.
bool still_leads(PyObject* declared, PyObject* leads) {
  PyObject* bytes = nullptr;
  PyObject* cls = nullptr;
  PyObject* rna = nullptr;
  long long at = 0;
  if (PyArg_ParseTuple(leads, "LO!OO", &at, &PyBytes_Type, &bytes, &cls, &rna) == 0)
    throw PythonError();
  const auto address = address_of(declared);
  std::array<std::byte, 8> now{};
  if (!address)
    throw PythonError();
  if (PyBytes_Size(bytes) != static_cast<Py_ssize_t>(now.size()) ||
      !read_memory(*address + static_cast<std::uint64_t>(at), now) ||
      std::memcmp(PyBytes_AsString(bytes), now.data(), now.size()) != 0)
    return false;
  const Ref own = asked(cls, names().dict);
  const Ref found = checked(PyObject_GetItem(own.get(), names().bl_rna));
  return found.get() == rna;
}

/// A script may unregister it, or register it anew: read-only, for instance.
bool is_registered(const Call& call, PyObject* member, PyObject* leads) {
  Ref rna;
  if (member == Py_None) {
    const Ref one = checked(PySequence_GetItem(call.collection, 0));
    rna = asked(one.get(), names().bl_rna);
  } else {
    const Ref owner = asked(call.collection, names().data);
    const Ref type = asked(owner.get(), names().bl_rna);
    const Ref properties = asked(type.get(), "properties");
    const Ref declared = checked(PyObject_GetItem(properties.get(), member));
    if (leads == Py_None ? is_true(declared.get(), interned("is_runtime").get())
                         : !still_leads(declared.get(), leads))
      return false;
    rna = leads == Py_None ? asked(declared.get(), "fixed_type")
                           : Ref::borrow(PyTuple_GetItem(leads, 3));
  }
  const Ref properties = asked(rna.get(), "properties");
  const Ref prop = checked(PyObject_GetItem(properties.get(), call.name));
  return is_true(prop.get(), interned("is_runtime").get()) &&
         !(call.is_set && is_true(prop.get(), interned("is_readonly").get()));
}

bool is_known_first(const Call& call, PyObject* types) {
  const Py_ssize_t length = PyObject_Size(call.collection);
  if (length <= 0)
    return length == 0;
  const Ref one = checked(PySequence_GetItem(call.collection, 0));
  return contains(types, reinterpret_cast<PyObject*>(Py_TYPE(one.get())));
}

bool holds(const Call& call, PyObject* ask) {
  PyObject* const one = PyTuple_Size(ask) > 1 ? PyTuple_GetItem(ask, 1) : nullptr;
  switch (PyLong_AsLong(PyTuple_GetItem(ask, 0))) {
  case full:
    return is_full(call.collection);
  case harmless:
    return is_harmless(call, one);
  case geometry: {
    const Ref owner = asked(call.collection, names().data);
    return is_computable(call, owner.get(), static_cast<Need>(PyLong_AsLong(one)));
  }
  case registered:
    return is_registered(call, one, PyTuple_GetItem(ask, 2));
  case first:
    return is_known_first(call, one);
  case counted:
    return fits(call, PyLong_AsLong(one));
  case kept:
    return are_kept(call, one == Py_True);
  case editable:
    return are_editable(call);
  default:
    raise(PyExc_ValueError, "no such question");
  }
}

/// False where one of them does not, or bpy raises.
bool all_hold(const Call& call, PyObject* asks) {
  try {
    for (Py_ssize_t i = 0; i < PyTuple_Size(asks); ++i)
      if (!holds(call, PyTuple_GetItem(asks, i)))
        return false;
    return true;
  } catch (const PythonError&) {
    drop_error();
    return false;
  }
}

using Asks = std::vector<Ref>;

void add(Asks& asks, Ask ask, PyObject* one = nullptr, PyObject* other = nullptr) {
  const Ref number = checked(PyLong_FromLong(ask));
  const Py_ssize_t count = one == nullptr ? 1 : other == nullptr ? 2 : 3;
  asks.push_back(checked(PyTuple_Pack(count, number.get(), one, other)));
}

Ref tuple_of(const Asks& asks) {
  Ref made = checked(PyTuple_New(static_cast<Py_ssize_t>(asks.size())));
  for (std::size_t i = 0; i < asks.size(); ++i)
    PyTuple_SetItem(made.get(), static_cast<Py_ssize_t>(i), Py_NewRef(asks[i].get()));
  return made;
}

/// The types of the first elements that were looked at, if the same was asked of them: they are
/// added to; else a new set.
Ref kinds_of_first(PyObject* known, const Asks& asks) {
  const auto count = static_cast<Py_ssize_t>(asks.size());
  if (known != nullptr && PyTuple_Size(known) == count + 1) {
    PyObject* const last = PyTuple_GetItem(known, count);
    const Ref others = checked(PyTuple_GetSlice(known, 0, count));
    const int same = PyObject_RichCompareBool(others.get(), tuple_of(asks).get(), Py_EQ);
    if (same < 0)
      throw PythonError();
    if (same > 0 && PyLong_AsLong(PyTuple_GetItem(last, 0)) == first) {
      Ref types = Ref::borrow(PyTuple_GetItem(last, 1));
      if (PySet_Size(types.get()) >= most)
        PySet_Clear(types.get());
      return types;
    }
  }
  return checked(PySet_New(nullptr));
}

/// All that is asked of the kind, each of which holds now; None where something does not, or is not
/// to be told.
Ref looked(const Call& call, Kind& kind, PyObject* known) {
  Ref none = Ref::borrow(Py_None);
  look_behind(call, kind);
  if (kind.lost || kind.unsafe)
    return none;
  Asks asks;
  if (may_have_slots(kind)) {
    if (!is_full(call.collection))
      return none;
    add(asks, full);
  }
  if (PyUnicode_GetLength(call.name) > 0 &&
      PyUnicode_ReadChar(call.name, 0) == '[') // hazards.FOREACH_CUSTOM
    return none;
  if (!kind.prop || !is_numeric(kind.prop.get()))
    return is_for_none(call) ? std::move(none)
                             : Ref::borrow(Py_False); // bpy's own call says what is wrong
  const Ref element = asked(kind.element.get(), "identifier");
  const bool is_readonly = is_true(kind.prop.get(), interned("is_readonly").get());
  if (call.is_set) {
    if (is_readonly)
      return none;
  } else {
    const Ref both = checked(PyTuple_Pack(2, element.get(), call.name));
    if (contains(table(call, "may_crash"), both.get())) {
      if (!is_harmless(call, element.get()))
        return none;
      add(asks, harmless, element.get());
    }
    if (const auto need = need_of(call, kind, element.get(), is_readonly)) {
      if (!is_computable(call, kind.owner ? kind.owner.get() : Py_None, *need))
        return none;
      add(asks, geometry, checked(PyLong_FromLong(static_cast<long>(*need))).get());
    }
  }
  const bool is_declared = kind.element.get() == kind.declared.get();
  const bool is_scripts = is_declared && kind.leads;
  if (is_true(kind.prop.get(), interned("is_runtime").get()) && (call.is_set || is_scripts))
    add(asks, registered, is_declared ? kind.member.get() : Py_None,
        is_scripts ? kind.leads.get() : Py_None);
  const long width = width_of(call, kind);
  if (!fits(call, width))
    return none;
  add(asks, counted, checked(PyLong_FromLong(width)).get());
  if (call.is_set) {
    if (is_of_ids(kind.element.get())) {
      const bool refuses = may_refuse(call, kind);
      if (!are_kept(call, refuses))
        return none;
      add(asks, kept, refuses ? Py_True : Py_False);
    } else if (may_refuse(call, kind)) {
      if (!are_editable(call))
        return none;
      add(asks, editable);
    }
  }
  if (!is_declared && kind.owner) {
    const Ref types = kinds_of_first(known, asks);
    const Ref one = checked(PySequence_GetItem(call.collection, 0));
    if (PySet_Add(types.get(), reinterpret_cast<PyObject*>(Py_TYPE(one.get()))) < 0)
      throw PythonError();
    add(asks, first, types.get());
  }
  return tuple_of(asks);
}

Ref known_or_looked(const Call& call) {
  if (!is_plain(call))
    return Ref::borrow(Py_None);
  Kind kind = kind_of(call);
  PyObject* const all = table(call, "known");
  PyObject* const found = PyDict_GetItemWithError(all, kind.key.get());
  if (found == nullptr && PyErr_Occurred() != nullptr)
    throw PythonError();
  const Ref known = Ref::borrow(found);
  if (known && all_hold(call, known.get()))
    return Ref::borrow(known.get());
  Ref asks = looked(call, kind, known.get());
  if (PyTuple_Check(asks.get()) != 0) {
    if (PyDict_Size(all) >= most)
      PyDict_Clear(all);
    if (PyDict_SetItem(all, kind.key.get(), asks.get()) < 0)
      throw PythonError();
  }
  return asks;
}

bool parsed(PyObject* args, const char* format, Call& call, PyObject** more, PyObject** other) {
  if (PyArg_ParseTuple(args, format, &call.what, &call.collection, &call.name, &PyDict_Type,
                       &call.tables, more, other) == 0)
    return false;
  if (call.given == Py_None)
    call.given = nullptr;
  call.is_set = PyUnicode_CompareWithASCIIString(call.what, "foreach_set") == 0;
  return true;
}

PyObject* asks_of(PyObject*, PyObject* args) {
  return guarded([&]() -> PyObject* {
    Call call;
    if (!parsed(args, "UOOO!|O:asks_of", call, &call.given, nullptr))
      return nullptr;
    try {
      return known_or_looked(call).release();
    } catch (const PythonError&) {
      drop_error();
      Py_RETURN_NONE;
    }
  });
}

PyObject* asks_hold(PyObject*, PyObject* args) {
  return guarded([&]() -> PyObject* {
    Call call;
    PyObject* asks = nullptr;
    if (!parsed(args, "UOOO!O|O:asks_hold", call, &asks, &call.given))
      return nullptr;
    return PyBool_FromLong(static_cast<long>(PyTuple_Check(asks) != 0 && all_hold(call, asks)));
  });
}

PyMethodDef functions[] = {
    // CPython keeps pointers into it
    {"asks_of", asks_of, METH_VARARGS,
     PyDoc_STR("asks_of(what, collection, name, tables, given=None, /)\n--\n\nWhat is asked each "
               "time before "
               "bpy's own "
               "foreach_get or foreach_set is called with collections of the kind, each of which "
               "holds now; False where "
               "the call may be made and nothing be kept; None where Python has to look.")},
    {"asks_hold", asks_hold, METH_VARARGS,
     PyDoc_STR("asks_hold(what, collection, name, tables, asks, given=None, /)\n--\n\nWhether all "
               "of what "
               "asks_of gave "
               "holds now.")},
    {nullptr, nullptr, 0, nullptr},
};

} // namespace

int register_calls(PyObject* module) { return PyModule_AddFunctions(module, functions); }

} // namespace rnaslicer::runtime
