// runtime/trail/groups/python.cpp: the type GroupTrail for Python.
#include "runtime/bindings.hpp"
#include "runtime/trail/groups/following.hpp"
#include "runtime/trail/groups/groups.hpp"
#include "runtime/trail/python/holder.hpp"

#include <array>

namespace rnaslicer::runtime {

namespace {

PyTypeObject* group_type = nullptr;

std::shared_ptr<const Grouped>& how_of(PyObject* self) { return held_by<Grouped>(self); }

/// Parses a tuple by a format of PyArg_ParseTuple.
template <typename... Out> void parse(PyObject* tuple, const char* format, Out*... out) {
  if (PyTuple_Check(tuple) == 0)
    raise(PyExc_TypeError, "a description of groups has a tuple here");
  if (PyArg_ParseTuple(tuple, format, out...) == 0)
    throw PythonError();
}

std::string text_in(PyObject* bytes) {
  return {PyBytes_AsString(bytes), static_cast<std::size_t>(PyBytes_Size(bytes))};
}

/// (step, place of the type in a PropertyRNA, class, its bl_rna).
RegisteredStep read_registered_step(PyObject* tuple) {
  Py_ssize_t step = 0;
  long long type_at = 0;
  PyObject* kind = nullptr;
  PyObject* rna = nullptr;
  parse(tuple, "nLO!O", &step, &type_at, &PyType_Type, &kind, &rna);
  return {static_cast<std::size_t>(step), type_at, {Ref::borrow(kind), Ref::borrow(rna)}};
}

/// (name with its null, (type, subtype, length or -1), bytes of a value, of the default, of the
/// property, whom to ask, None or (move to addresses, whether of some components, too, an enum's
/// items, set, key)).
GroupLeg read_group(PyObject* rna, PyObject* tuple) {
  PyObject* name = nullptr;
  PyObject* defaults = nullptr;
  PyObject* registered = nullptr;
  PyObject* ask = nullptr;
  PyObject* store = nullptr;
  long long type = 0;
  long long subtype = 0;
  long long length = 0;
  Py_ssize_t width = 0;
  parse(tuple, "S(LLL)nSSOO", &name, &type, &subtype, &length, &width, &defaults, &registered, &ask,
        &store);
  GroupLeg leg;
  leg.name = text_in(name);
  leg.type = type;
  leg.subtype = subtype;
  leg.length = length;
  leg.width = static_cast<std::size_t>(width);
  leg.defaults = text_in(defaults);
  const Ref named = checked(PyUnicode_FromString(leg.name.c_str()));
  leg.registered = known_property(rna, named.get(), text_in(registered), Ref::borrow(ask));
  if (width <= 0 || leg.defaults.size() < leg.width || leg.name.empty() || leg.name.back() != '\0')
    raise(PyExc_ValueError, "a default is as long as a value, and a name ends with its null");
  if (store == Py_None)
    return leg;
  PyObject* move = nullptr;
  int in_part = 0;
  PyObject* items = nullptr;
  PyObject* stored = nullptr;
  PyObject* key = nullptr;
  parse(store, "O!pO!O!O", &PyDict_Type, &move, &in_part, &PyTuple_Type, &items, &PySet_Type,
        &stored, &key);
  leg.store.emplace();
  leg.store->move = read_move(move);
  leg.in_part = in_part != 0;
  leg.items = Ref::borrow(items);
  leg.stored = Ref::borrow(stored);
  leg.key = Ref::borrow(key);
  return leg;
}

GroupPlaces read_places(PyObject* tuple) {
  std::array<long long, 11> at{};
  parse(tuple, "LLLLLLLLLLL", at.data(), &at[1], &at[2], &at[3], &at[4], &at[5], &at[6], &at[7],
        &at[8], &at[9], &at[10]);
  return {at[0], at[1], at[2], at[3], at[4], at[5], at[6], at[7], at[8], at[9], at[10]};
}

PyObject* group_new(PyTypeObject* type, PyObject* args, PyObject*) {
  return guarded([&]() -> PyObject* {
    PyObject* values = nullptr;
    PyObject* places = nullptr;
    PyObject* steps = nullptr;
    PyObject* kind = nullptr;
    PyObject* rna = nullptr;
    PyObject* legs = nullptr;
    if (PyArg_ParseTuple(args, "O!O!O!(O!O)O!:GroupTrail", &PyDict_Type, &values, &PyTuple_Type,
                         &places, &PyTuple_Type, &steps, &PyType_Type, &kind, &rna, &PyTuple_Type,
                         &legs) == 0)
      return nullptr;
    auto how = std::make_shared<Grouped>();
    how->values = read_trail(values);
    how->places = read_places(places);
    for (Py_ssize_t i = 0; i < PyTuple_Size(steps); ++i)
      how->steps.push_back(read_registered_step(PyTuple_GetItem(steps, i)));
    how->groups = {Ref::borrow(kind), Ref::borrow(rna)};
    for (Py_ssize_t i = 0; i < PyTuple_Size(legs); ++i) {
      how->legs.push_back(read_group(rna, PyTuple_GetItem(legs, i)));
      if (!are_within(how->places, how->legs.back().name.size()))
        raise(PyExc_ValueError, "a place is not in the struct");
    }
    if (how->legs.empty() || how->legs.size() != how->values->legs.size() || !how->values->packed)
      raise(PyExc_ValueError, "each property of groups has a leg");
    for (const Leg& leg : how->values->legs)
      if (!leg.check)
        raise(PyExc_ValueError, "each property of groups is compared");
    return new_holder<Grouped>(type, std::move(how));
  });
}

PyObject* group_enter(PyObject* self, PyObject* args) {
  return guarded([&]() -> PyObject* {
    PyObject* root = nullptr;
    PyObject* steps = nullptr;
    PyObject* wrapper = nullptr;
    if (PyArg_ParseTuple(args, "OOO:enter", &root, &steps, &wrapper) == 0)
      return nullptr;
    const std::shared_ptr<const Grouped> how = how_of(self); // whatever a script's code drops
    Ref cache;
    auto run = enter(how, start_of(root, steps), wrapper, cache);
    return entered(std::move(run), cache);
  });
}

Opened enter_groups(PyObject* wrapper, PyObject* known, const Way& way) {
  const std::shared_ptr<const Grouped> how = how_of(PyTuple_GetItem(known, 0));
  const Ref steps = steps_beyond(way, known);
  Opened made;
  made.run = enter(how, start_of(way.root(), steps.get()), wrapper, made.cache);
  return made;
}

PyObject* group_adopt(PyObject* self, PyObject* args) {
  return guarded([&]() -> PyObject* {
    PyObject* root = nullptr;
    PyObject* steps = nullptr;
    PyObject* shape = nullptr;
    if (PyArg_ParseTuple(args, "OOO!:adopt", &root, &steps, &PyTuple_Type, &shape) == 0)
      return nullptr;
    const std::shared_ptr<const Grouped> how = how_of(self);
    return adopted(adopt(how, start_of(root, steps), extents_of(shape)));
  });
}

/// Where the steps from each of a list's structs lead.
std::vector<Start> starts_behind(PyObject* paths, PyObject* beyond) {
  std::vector<Start> starts;
  for (Py_ssize_t i = 0; i < PyList_Size(paths); ++i) {
    const Way* const way = as_way(PyList_GetItem(paths, i));
    if (way == nullptr)
      raise(PyExc_TypeError, "a list of Paths is needed");
    starts.push_back(start_of(way->root(), checked(PySequence_Concat(way->steps(), beyond)).get()));
  }
  return starts;
}

PyObject* group_enter_each(PyObject* self, PyObject* args) {
  return guarded([&]() -> PyObject* {
    PyObject* paths = nullptr;
    PyObject* beyond = nullptr;
    PyObject* wrapper = nullptr;
    if (PyArg_ParseTuple(args, "O!O!O:enter_each", &PyList_Type, &paths, &PyTuple_Type, &beyond,
                         &wrapper) == 0)
      return nullptr;
    const std::shared_ptr<const Grouped> how = how_of(self); // whatever a script's code drops
    Ref cache;
    auto run = enter_each(how, starts_behind(paths, beyond), wrapper, cache);
    return entered(std::move(run), cache);
  });
}

PyObject* group_adopt_each(PyObject* self, PyObject* args) {
  return guarded([&]() -> PyObject* {
    PyObject* paths = nullptr;
    PyObject* beyond = nullptr;
    PyObject* shape = nullptr;
    if (PyArg_ParseTuple(args, "O!O!O!:adopt_each", &PyList_Type, &paths, &PyTuple_Type, &beyond,
                         &PyTuple_Type, &shape) == 0)
      return nullptr;
    const std::shared_ptr<const Grouped> how = how_of(self);
    return adopted(adopt_each(how, starts_behind(paths, beyond), extents_of(shape)));
  });
}

PyObject* group_stale(PyObject* self, void*) {
  return PyBool_FromLong(static_cast<long>(stale(*how_of(self)->values)));
}

PyMethodDef group_methods[] = {
    // CPython keeps pointers into it
    {"enter", group_enter, METH_VARARGS,
     PyDoc_STR("enter($self, root, steps, wrapper, /)\n--\n\n(Run, filled MemCache, None), or None "
               "where the trail declines.")},
    {"adopt", group_adopt, METH_VARARGS,
     PyDoc_STR("adopt($self, root, steps, shape, /)\n--\n\nThe Run of an enter of that shape that "
               "was done already, or None.")},
    {"enter_each", group_enter_each, METH_VARARGS,
     PyDoc_STR("enter_each($self, paths, beyond, wrapper, /)\n--\n\nAs enter, of the groups to "
               "which the steps beyond each of many structs lead.")},
    {"adopt_each", group_adopt_each, METH_VARARGS,
     PyDoc_STR("adopt_each($self, paths, beyond, shape, /)\n--\n\nAs adopt, of the same.")},
    {nullptr, nullptr, 0, nullptr},
};

PyGetSetDef group_properties[] = {
    {"stale", group_stale, nullptr, PyDoc_STR("Whether it declines since forget_trails()."),
     nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

PyType_Slot group_slots[] = {
    {Py_tp_doc,
     const_cast<char*>("GroupTrail(values, places, steps, groups, legs)\n--\n\nProperties that a "
                       "script registered (transfer/composed/grouped.py).")},
    {Py_tp_new, reinterpret_cast<void*>(group_new)},
    {Py_tp_dealloc, reinterpret_cast<void*>(dealloc_holder<Grouped>)},
    {Py_tp_methods, group_methods},
    {Py_tp_getset, group_properties},
    {0, nullptr},
};
PyType_Spec group_spec = {RNASLICER_TYPE_NAME("GroupTrail"), sizeof(Holder<Grouped>), 0,
                          Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE, group_slots};

bool groups_are_stale(PyObject* trail) { return stale(*how_of(trail)->values); }

} // namespace

Following groups_following() { return {groups_are_stale, enter_groups}; }

int register_group_trail(PyObject* module) {
  return register_type(module, "GroupTrail", group_type, group_spec);
}

} // namespace rnaslicer::runtime
