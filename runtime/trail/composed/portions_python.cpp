// runtime/trail/composed/portions_python.cpp: the type PortionsTrail for Python.
#include "runtime/bindings.hpp"
#include "runtime/blender/names.hpp"
#include "runtime/memcache/memcache.hpp"
#include "runtime/trail/composed/following.hpp"
#include "runtime/trail/composed/portions.hpp"
#include "runtime/trail/python/holder.hpp"
#include "runtime/trail/python/matrices.hpp"

#include <cstring>

namespace rnaslicer::runtime {

namespace {

PyTypeObject* portions_type = nullptr;

/// One of the three.
struct Source {
  Corners corners;
  std::shared_ptr<const Weights> weights;
  Curves curves;
  std::shared_ptr<const Gathered> beyond; // what the corners lead to
  Ref rows = Ref::borrow(Py_None);        // of the elements; None: all
  [[nodiscard]] const Trail& values() const {
    return weights ? *weights->values : curves.points ? *curves.points : *corners.values;
  }
  [[nodiscard]] Value value() const {
    return beyond ? Value{beyond->format, beyond->inner} : Value{values().format, values().inner};
  }
};

bool is_stale(const Source& how) {
  return stale(how.values()) || (how.beyond && stale(*how.beyond));
}

std::shared_ptr<const Source>& how_of(PyObject* self) { return held_by<Source>(self); }

/// ((stride, array, count, size, group, weight), (layers, number, size, kind, data), kind, uid,
/// whether bpy copies what is shared, those that have agreed, name of the type).
std::shared_ptr<const Weights> read_weights(PyObject* tuple, std::shared_ptr<const Trail> values) {
  auto how = std::make_shared<Weights>();
  long long at[13] = {}; // NOLINT(cppcoreguidelines-avoid-c-arrays)
  int shares = 0;
  PyObject* met = nullptr;
  PyObject* name = nullptr;
  if (PyTuple_Check(tuple) == 0)
    raise(PyExc_TypeError, "what is told of weights is a tuple");
  if (PyArg_ParseTuple(tuple, "(LLLLLL)(LLLLL)LLpO!U", &at[0], &at[1], &at[2], &at[3], &at[4],
                       &at[5], &at[6], &at[7], &at[8], &at[9], &at[10], &at[11], &at[12], &shares,
                       &PySet_Type, &met, &name) == 0)
    throw PythonError();
  how->values = std::move(values);
  how->stride = at[0];
  how->array_at = at[1];
  how->count_at = at[2];
  how->size = at[3];
  how->group_at = at[4];
  how->weight_at = at[5];
  how->layers_at = at[6];
  how->many_at = at[7];
  how->layer_size = at[8];
  how->kind_at = at[9];
  how->data_at = at[10];
  how->kind = at[11];
  how->uid_at = at[12];
  how->shares = shares != 0;
  how->met = Ref::borrow(met);
  how->name = Ref::borrow(name);
  if (how->layer_size < static_cast<std::int64_t>(sizeof(std::uint64_t)) || how->kind_at < 0 ||
      how->data_at < 0 || how->kind_at > how->layer_size - 4 || how->data_at > how->layer_size - 8)
    raise(PyExc_ValueError, "a place is not in a layer");
  return how;
}

PyObject* portions_new(PyTypeObject* type, PyObject* args, PyObject*) {
  return guarded([&]() -> PyObject* {
    PyObject* values = nullptr;
    PyObject* borders = nullptr;
    PyObject* weights = nullptr;
    PyObject* curves = nullptr;
    PyObject* beyond = nullptr;
    PyObject* rows = nullptr;
    if (PyArg_ParseTuple(args, "O!O!OOOO:PortionsTrail", &PyDict_Type, &values, &PyTuple_Type,
                         &borders, &weights, &curves, &beyond, &rows) == 0)
      return nullptr;
    auto how = std::make_shared<Source>();
    const Py_ssize_t count = PyTuple_Size(borders);
    const int told = static_cast<int>(weights != Py_None) + static_cast<int>(curves != Py_None);
    std::shared_ptr<const Trail> trail = read_trail(values);
    if (!trail->packed || count > 2 || told != static_cast<int>(count == 0) ||
        (curves == Py_None && trail->legs.size() != 1))
      raise(PyExc_ValueError, "portions have one or two borders, or are weights, or of curves; of "
                              "these alone there may be several properties");
    how->beyond = gathered_in(beyond);
    if ((beyond == Py_None) != (how->beyond == nullptr) ||
        (how->beyond && (count == 0 || rows != Py_None)))
      raise(PyExc_TypeError, "what all corners lead to is a GatherTrail, or None");
    if (rows != Py_None && (PySlice_Check(rows) == 0 || weights != Py_None))
      raise(PyExc_TypeError, "rows are a slice of polygons or curves, or None");
    how->rows = Ref::borrow(rows);
    if (weights != Py_None)
      how->weights = read_weights(weights, std::move(trail));
    else if (curves != Py_None)
      how->curves = {std::move(trail), read_surface(curves)};
    else
      how->corners = {std::move(trail), read_trail(PyTuple_GetItem(borders, 0)),
                      count > 1 ? read_trail(PyTuple_GetItem(borders, 1)) : nullptr};
    return new_holder<Source>(type, std::move(how));
  });
}

/// `starts`: of the elements, then of what they divide, then of each collection that these name.
std::unique_ptr<Portions> portions_in(const Source& how, std::vector<Start> starts,
                                      PyObject* numbers) {
  const std::size_t least = how.weights ? 1 : 2;
  if (starts.size() < least)
    raise(PyExc_ValueError, "a start is missing");
  if (how.weights)
    return portions_of(how.weights, std::move(starts[0]));
  if (how.curves.points)
    return portions_of(how.curves, std::move(starts[1]), how.rows.get());
  Start corners{starts[1].root, {}};
  for (const Step& step : starts[1].steps)
    corners.steps.push_back(copied(step));
  auto portions =
      portions_of(how.corners, std::move(starts[0]), std::move(corners), how.rows.get());
  if (!how.beyond)
    return portions;
  starts.erase(starts.begin());
  return portions_of(how.beyond, std::move(portions), std::move(starts), numbers);
}

PyObject* portions_enter(PyObject* self, PyObject* args) {
  return guarded([&]() -> PyObject* {
    PyObject* starts = nullptr;
    PyObject* form = nullptr;
    PyObject* wrapper = nullptr;
    PyObject* numbers = nullptr;
    if (PyArg_ParseTuple(args, "O!OOO:enter", &PyTuple_Type, &starts, &form, &wrapper, &numbers) ==
        0)
      return nullptr;
    const std::shared_ptr<const Source> how = how_of(self); // whatever a script's code drops
    ManyCache made;
    Form wanted = form_of(row_bytes_of(how->value()), form);
    const bool is_flat = wanted.kind == Form::Kind::flat;
    auto run =
        enter(portions_in(*how, starts_of(starts), numbers), std::move(wanted), wrapper, made);
    return entered(std::move(run), made, is_flat);
  });
}

/// How rows are padded, by a wrapper's settings; nothing where its fill is no value of the format.
std::optional<Form> padded_form(const Value& value, PyObject* more) {
  Form form;
  form.kind = Form::Kind::padded;
  PyObject* const width = PyDict_GetItemWithError(more, names().width);
  PyObject* const fill = PyDict_GetItemWithError(more, names().fill);
  if (width == nullptr || fill == nullptr)
    return std::nullopt;
  if (width != Py_None)
    form.width = PyLong_AsSsize_t(width);
  std::vector<Py_ssize_t> extents{1};
  extents.insert(extents.end(), value.inner.begin(), value.inner.end());
  const Ref row = allocate_cache(value.format, extents, Py_None);
  const Ref all = checked(PySlice_New(nullptr, nullptr, nullptr));
  if (PyErr_Occurred() != nullptr || PyObject_SetItem(row.get(), all.get(), fill) < 0) {
    if (PyErr_ExceptionMatches(PyExc_TypeError) == 0 &&
        PyErr_ExceptionMatches(PyExc_ValueError) == 0 &&
        PyErr_ExceptionMatches(PyExc_OverflowError) == 0)
      throw PythonError();
    return PyErr_Clear(), std::nullopt; // the routes tell
  }
  const StorageView made = memcache_storage(row.get());
  form.fill.assign(made.data, made.data + made.nbytes);
  return form;
}

/// As KnownPortions has it: 'equal', 'flat' or 'pad'.
std::optional<Form> form_in(PyObject* wrapper, PyObject* known, const Value& value) {
  PyObject* const form = PyTuple_GetItem(known, 4);
  if (PyUnicode_CompareWithASCIIString(form, "pad") != 0)
    return form_of(row_bytes_of(value), form);
  const Ref more = Ref::borrow(field(wrapper, Field::more));
  return PyDict_Check(more.get()) != 0 ? padded_form(value, more.get()) : std::nullopt;
}

/// `steps` but for the last, then that one.
Ref with_last(PyObject* steps, PyObject* last) {
  const Ref before = checked(PyTuple_GetSlice(steps, 0, PyTuple_Size(steps) - 1));
  const Ref one = checked(PyTuple_Pack(1, last));
  return checked(PySequence_Concat(before.get(), one.get()));
}

Opened enter_portions(PyObject* wrapper, PyObject* known, const Way& way) {
  const std::shared_ptr<const Source> how = how_of(PyTuple_GetItem(known, 0));
  const Ref steps = steps_beyond(way, known);
  auto form = form_in(wrapper, known, how->value());
  if (!form)
    return {};
  const bool is_flat = form->kind == Form::Kind::flat;
  const Ref items = Ref::borrow(field(wrapper, Field::items)); // the starts are borrowed
  const Ref more = Ref::borrow(field(wrapper, Field::more));
  std::vector<Start> starts;
  starts.push_back(start_of(way.root(), steps.get()));
  Ref values;
  if (!how->weights) {
    values = with_last(steps.get(), PyTuple_GetItem(known, 3));
    starts.push_back(start_of(way.root(), values.get()));
  }
  if (how->beyond && !add_named(items.get(), starts))
    return {};
  auto portions = portions_in(*how, std::move(starts), numbers_in(more.get()));
  ManyCache made;
  Opened opened;
  opened.run = enter(std::move(portions), std::move(*form), wrapper, made);
  opened.cache = std::move(made.cache);
  if (opened.run && is_flat) {
    const auto count = static_cast<Py_ssize_t>(made.offsets.size());
    opened.offsets = allocate_cache("q", {count}, wrapper);
    std::memcpy(memcache_storage(opened.offsets.get()).data, made.offsets.data(),
                made.offsets.size() * sizeof(Py_ssize_t));
  }
  return opened;
}

PyObject* portions_adopt(PyObject* self, PyObject* args) {
  return guarded([&]() -> PyObject* {
    PyObject* starts = nullptr;
    PyObject* form = nullptr;
    PyObject* shape = nullptr;
    PyObject* numbers = nullptr;
    if (PyArg_ParseTuple(args, "O!OO!O:adopt", &PyTuple_Type, &starts, &form, &PyTuple_Type, &shape,
                         &numbers) == 0)
      return nullptr;
    const std::shared_ptr<const Source> how = how_of(self);
    return adopted(adopt(portions_in(*how, starts_of(starts), numbers),
                         form_of(row_bytes_of(how->value()), form), extents_of(shape)));
  });
}

PyObject* portions_stale(PyObject* self, void*) {
  return PyBool_FromLong(static_cast<long>(is_stale(*how_of(self))));
}

PyMethodDef portions_methods[] = {
    // CPython keeps pointers into it
    {"enter", portions_enter, METH_VARARGS,
     PyDoc_STR("enter($self, starts, form, wrapper, numbers, /)\n--\n\n(Run, filled MemCache, "
               "offsets as bytes of int64 or None), or None where the trails decline. starts: "
               "(root, steps) of the elements, then of what they divide, then of each collection "
               "that these name. form: as enter_many has it. numbers: as GatherTrail has them.")},
    {"adopt", portions_adopt, METH_VARARGS,
     PyDoc_STR("adopt($self, starts, form, shape, numbers, /)\n--\n\nThe Run of an enter of that "
               "shape that "
               "was done already, or None.")},
    {nullptr, nullptr, 0, nullptr},
};

PyGetSetDef portions_properties[] = {
    {"stale", portions_stale, nullptr, PyDoc_STR("Whether it declines since forget_trails()."),
     nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

PyType_Slot portions_slots[] = {
    {Py_tp_doc, const_cast<char*>("PortionsTrail(values, borders, weights, curves, beyond, "
                                  "rows)\n--\n\nValues that a collection's "
                                  "elements divide among them (transfer/composed/portions.py).")},
    {Py_tp_new, reinterpret_cast<void*>(portions_new)},
    {Py_tp_dealloc, reinterpret_cast<void*>(dealloc_holder<Source>)},
    {Py_tp_methods, portions_methods},
    {Py_tp_getset, portions_properties},
    {0, nullptr},
};
PyType_Spec portions_spec = {RNASLICER_TYPE_NAME("PortionsTrail"), sizeof(Holder<Source>), 0,
                             Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE, portions_slots};

bool portions_are_stale(PyObject* trail) { return is_stale(*how_of(trail)); }

} // namespace

Following portions_following() { return {portions_are_stale, enter_portions}; }

int register_portions(PyObject* module) {
  return register_type(module, "PortionsTrail", portions_type, portions_spec);
}

} // namespace rnaslicer::runtime
