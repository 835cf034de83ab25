// runtime/trail/python/many.cpp: what Trail has for many datablocks or collections.
#include "runtime/trail/several/many.hpp"

#include "runtime/bindings.hpp"
#include "runtime/supplier/roster.hpp"
#include "runtime/supplier/way.hpp"
#include "runtime/trail/capture/paths.hpp"
#include "runtime/trail/python/holder.hpp"
#include "runtime/trail/several/apart.hpp"
#include "runtime/trail/several/divided.hpp"
#include "runtime/trail/several/lists.hpp"
#include "runtime/trail/several/nested.hpp"

#include <algorithm>
#include <cstring>

namespace rnaslicer::runtime {

namespace {

/// A level from (steps, class or None for each).
Level read_level(PyObject* pair) {
  PyObject* steps = nullptr;
  PyObject* kinds = nullptr;
  if (PyTuple_Check(pair) == 0 ||
      PyArg_ParseTuple(pair, "O!O!", &PyTuple_Type, &steps, &PyTuple_Type, &kinds) == 0)
    raise(PyExc_TypeError, "enter_many: a level is its steps and their classes");
  Level level;
  level.keep = Ref::borrow(kinds);
  if (PyTuple_Size(kinds) != PyTuple_Size(steps))
    raise(PyExc_ValueError, "enter_many: each step of a level has a class or None");
  for (Py_ssize_t i = 0; i < PyTuple_Size(steps); ++i) {
    level.steps.push_back(read_step(PyTuple_GetItem(steps, i)));
    PyObject* const kind = PyTuple_GetItem(kinds, i);
    level.kinds.push_back(PyType_Check(kind) != 0 ? reinterpret_cast<PyTypeObject*>(kind)
                                                  : nullptr);
  }
  return level;
}

/// int64 numbers in bytes.
std::vector<std::int64_t> numbers_in(PyObject* bytes) {
  std::vector<std::int64_t> found(static_cast<std::size_t>(PyBytes_Size(bytes)) /
                                  sizeof(std::int64_t));
  if (!found.empty())
    std::memcpy(found.data(), PyBytes_AsString(bytes), found.size() * sizeof(std::int64_t));
  return found;
}

Outer outer_of(PyObject* roots, PyObject* steps, PyObject* rows, PyObject* levels, int ones) {
  Outer outer;
  outer.ones = ones;
  if (PyTuple_Check(levels) == 0)
    raise(PyExc_TypeError, "enter_many: levels are a tuple");
  for (Py_ssize_t i = 0; i < PyTuple_Size(levels); ++i)
    outer.levels.push_back(read_level(PyTuple_GetItem(levels, i)));
  outer.is_list = steps == Py_None;
  const bool is_picked = PyBytes_Check(rows) != 0;
  if (outer.is_list && rows != Py_None && PySlice_Check(rows) == 0 && !is_picked)
    raise(PyExc_TypeError, "enter_many: rows are a slice, numbers, or None for all of a list");
  if (is_picked)
    outer.picked = numbers_in(rows);
  else if (outer.is_list && rows != Py_None)
    outer.rows = Ref::borrow(rows);
  if (as_roster(roots) != nullptr) {
    outer.roster = Ref::borrow(roots);
    return outer;
  }
  if (PyTuple_Check(roots) == 0)
    raise(PyExc_TypeError, "enter_many: a Roster or a tuple of roots is needed");
  for (Py_ssize_t i = 0; i < PyTuple_Size(roots); ++i) {
    PyObject* root = PyTuple_GetItem(roots, i);
    PyObject* steps_of_it = nullptr;
    if (const Way* const way = outer.is_list ? as_way(root) : nullptr) {
      root = way->root();
      // evaluated datablocks are others after each evaluation: found as what lies behind a way is
      if (PyTuple_Size(way->steps()) != 0 || !is_datablock_root(root))
        steps_of_it = way->steps();
    } else if (outer.is_list && PyTuple_Check(root) != 0 &&
               PyArg_ParseTuple(root, "OO!", &root, &PyTuple_Type, &steps_of_it) == 0) {
      throw PythonError();
    }
    if (steps_of_it != nullptr) {
      outer.ways.emplace_back();
      for (Py_ssize_t k = 0; k < PyTuple_Size(steps_of_it); ++k)
        outer.ways.back().push_back(read_step(PyTuple_GetItem(steps_of_it, k)));
    }
    if (as_watched(root) == nullptr)
      raise(PyExc_TypeError, "enter_many: a root is needed");
    outer.roots.push_back(Ref::borrow(root));
  }
  if (!outer.ways.empty() && outer.ways.size() != outer.roots.size())
    raise(PyExc_ValueError, "enter_many: all roots lead to a struct, or none does");
  if (outer.roots.empty())
    raise(PyExc_ValueError, "enter_many: there are no roots");
  if (outer.is_list)
    return outer;
  if (PyTuple_Check(steps) == 0 || (PySlice_Check(rows) == 0 && !is_picked))
    raise(PyExc_TypeError, "enter_many: steps are a tuple, rows a slice or numbers");
  for (Py_ssize_t i = 0; i < PyTuple_Size(steps); ++i)
    outer.steps.push_back(read_step(PyTuple_GetItem(steps, i)));
  if (!is_picked)
    outer.rows = Ref::borrow(rows);
  return outer;
}

} // namespace

Form form_of(std::int64_t row_bytes, PyObject* object) {
  Form form;
  if (PyUnicode_Check(object) != 0) {
    if (PyUnicode_CompareWithASCIIString(object, "flat") == 0)
      form.kind = Form::Kind::flat;
    return form;
  }
  PyObject* fill = nullptr;
  form.kind = Form::Kind::padded;
  if (PyTuple_Check(object) == 0)
    raise(PyExc_TypeError, "enter_many: a form is 'equal', 'flat' or a width and a fill");
  if (PyArg_ParseTuple(object, "nO!", &form.width, &PyBytes_Type, &fill) == 0)
    throw PythonError();
  const auto* const bytes = reinterpret_cast<const std::byte*>(PyBytes_AsString(fill));
  form.fill.assign(bytes, bytes + PyBytes_Size(fill));
  if (static_cast<std::int64_t>(form.fill.size()) != row_bytes)
    raise(PyExc_ValueError, "enter_many: the fill is one row");
  return form;
}

namespace {

/// What enter_many is given: roots, steps, rows, levels, ones, form, places, wrapper.
struct Parsed {
  Outer outer;
  Form form;
  IdPlaces places;
  PyObject* wrapper = nullptr;
  [[nodiscard]] bool is_flat() const { return form.kind == Form::Kind::flat; }
};

Parsed parsed(const Trail& trail, PyObject* args) {
  PyObject* roots = nullptr;
  PyObject* steps = nullptr;
  PyObject* rows = nullptr;
  PyObject* levels = nullptr;
  int ones = 0;
  PyObject* how = nullptr;
  PyObject* places = nullptr;
  PyObject* wrapper = nullptr;
  if (PyArg_ParseTuple(args, "OOOOiOOO:enter_many", &roots, &steps, &rows, &levels, &ones, &how,
                       &places, &wrapper) == 0)
    throw PythonError();
  return {outer_of(roots, steps, rows, levels, ones), form_of(row_bytes_of(trail), how),
          places_of(places), wrapper};
}

} // namespace

PyObject* enter_many(std::shared_ptr<const Trail> trail, std::unique_ptr<Between> between,
                     PyObject* args) {
  Parsed all = parsed(*trail, args);
  const bool is_flat = all.is_flat();
  ManyCache made;
  auto run = trail->list ? enter_lists(std::move(trail), std::move(all.outer), std::move(all.form),
                                       all.places, all.wrapper, made)
                         : enter(std::move(trail), std::move(all.outer), std::move(all.form),
                                 all.places, std::move(between), all.wrapper, made);
  return entered(std::move(run), made, is_flat);
}

PyObject* trail_enter_many(PyObject* self, PyObject* args) {
  return guarded([&] { return enter_many(trail_of(self), nullptr, args); });
}

PyObject* trail_enter_nested(PyObject* self, PyObject* args) {
  return guarded([&]() -> PyObject* {
    Parsed all = parsed(*trail_of(self), args);
    if (all.outer.levels.empty())
      raise(PyExc_ValueError, "enter_nested: a level leads to each collection");
    Level way = std::move(all.outer.levels.back());
    all.outer.levels.pop_back();
    const bool is_flat = all.is_flat();
    ManyCache made;
    auto run = enter_nested(trail_of(self), std::move(all.outer), std::move(way),
                            std::move(all.form), all.places, all.wrapper, made);
    return entered(std::move(run), made, is_flat);
  });
}

PyObject* trail_enter_apart(PyObject* self, PyObject* args) {
  return guarded([&]() -> PyObject* {
    PyObject* roster = nullptr;
    PyObject* wrapper = nullptr;
    if (PyArg_ParseTuple(args, "OO:enter_apart", &roster, &wrapper) == 0)
      return nullptr;
    Ref cache;
    auto run = enter_apart(trail_of(self), roster, wrapper, cache);
    return entered(std::move(run), cache);
  });
}

PyObject* trail_enter_members(PyObject* self, PyObject* args) {
  return guarded([&]() -> PyObject* {
    PyObject* root = nullptr;
    PyObject* steps = nullptr;
    PyObject* item = nullptr;
    PyObject* places = nullptr;
    PyObject* wrapper = nullptr;
    if (PyArg_ParseTuple(args, "OO!OOO:enter_members", &root, &PyTuple_Type, &steps, &item, &places,
                         &wrapper) == 0)
      return nullptr;
    Ref cache;
    auto run = enter_members(trail_of(self), Start{root, steps_of(self, steps)}, item,
                             places_of(places), wrapper, cache);
    return entered(std::move(run), cache);
  });
}

namespace {

PyTypeObject* divided_type = nullptr; // made once per process, never freed

std::shared_ptr<const DividedRows>& divided_of(PyObject* self) {
  return held_by<DividedRows>(self);
}

PyObject* divided_new(PyTypeObject* type, PyObject* args, PyObject*) {
  return guarded([&]() -> PyObject* {
    PyObject* values = nullptr;
    PyObject* borders = nullptr;
    if (PyArg_ParseTuple(args, "O!O!:DividedTrail", &PyDict_Type, &values, &PyTuple_Type,
                         &borders) == 0)
      return nullptr;
    auto how = std::make_shared<DividedRows>();
    how->values = read_trail(values);
    for (Py_ssize_t i = 0; i < PyTuple_Size(borders); ++i)
      how->borders.push_back(read_trail(PyTuple_GetItem(borders, i)));
    const auto is_plain = [](const std::shared_ptr<const Trail>& one) {
      return one->packed && one->legs.size() == 1 && one->inner.empty();
    };
    if (how->borders.empty() || !is_plain(how->values) ||
        !std::ranges::all_of(how->borders,
                             [&](const auto& one) { return is_plain(one) && one->format == "i"; }))
      raise(PyExc_ValueError, "each part of a DividedTrail is one number; borders are int32");
    return new_holder<DividedRows>(type, std::move(how));
  });
}

PyObject* divided_enter(PyObject* self, PyObject* args) {
  return guarded([&]() -> PyObject* {
    const std::shared_ptr<const DividedRows> how = divided_of(self); // whatever a script drops
    const auto now = [&] { return parsed(*how->values, args); };
    const Parsed all = now();
    ManyCache made;
    auto run = enter_divided(
        *how, [&] { return now().outer; }, all.places, all.wrapper, made);
    return entered(std::move(run), made.cache);
  });
}

PyObject* divided_stale(PyObject* self, void*) {
  const auto& how = divided_of(self);
  return PyBool_FromLong(static_cast<long>(
      stale(*how->values) ||
      std::ranges::any_of(how->borders, [](const auto& one) { return stale(*one); })));
}

PyMethodDef divided_methods[] = {
    // CPython keeps pointers into it
    {"enter_many", divided_enter, METH_VARARGS,
     PyDoc_STR("enter_many($self, *args)\n--\n\nAs Trail.enter_many, of an axis for the structs, "
               "one for the elements and one for what each has.")},
    {nullptr, nullptr, 0, nullptr},
};

PyGetSetDef divided_properties[] = {
    {"stale", divided_stale, nullptr, PyDoc_STR("Whether it declines since forget_trails()."),
     nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

PyType_Slot divided_slots[] = {
    {Py_tp_doc, const_cast<char*>("DividedTrail(values, borders)\n--\n\nWhat the elements of one "
                                  "collection behind each of many structs divide among them "
                                  "(transfer/composed/each.py).")},
    {Py_tp_new, reinterpret_cast<void*>(divided_new)},
    {Py_tp_dealloc, reinterpret_cast<void*>(dealloc_holder<DividedRows>)},
    {Py_tp_methods, divided_methods},
    {Py_tp_getset, divided_properties},
    {0, nullptr},
};
PyType_Spec divided_spec = {RNASLICER_TYPE_NAME("DividedTrail"), sizeof(Holder<DividedRows>), 0,
                            Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE, divided_slots};

} // namespace

int register_divided(PyObject* module) {
  return register_type(module, "DividedTrail", divided_type, divided_spec);
}

} // namespace rnaslicer::runtime
