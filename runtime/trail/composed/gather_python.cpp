// runtime/trail/composed/gather_python.cpp: the type GatherTrail for Python.
#include "runtime/bindings.hpp"
#include "runtime/memcache/memcache.hpp"
#include "runtime/trail/composed/following.hpp"
#include "runtime/trail/composed/gather.hpp"
#include "runtime/trail/python/holder.hpp"
#include "runtime/transfer/kernel_python.hpp"

#include <algorithm>

namespace rnaslicer::runtime {

namespace {

PyTypeObject* gather_type = nullptr;

std::shared_ptr<const Gathered>& how_of(PyObject* self) { return held_by<Gathered>(self); }

std::optional<Move> move_or_none(PyObject* object) {
  return object == Py_None ? std::nullopt : std::optional(read_move(object));
}

/// Parses an item of a tuple by a format of PyArg_ParseTuple.
template <typename... Out> void parse(PyObject* tuple, const char* format, Out*... out) {
  if (PyTuple_Check(tuple) == 0)
    raise(PyExc_TypeError, "a gather's description has a tuple here");
  if (PyArg_ParseTuple(tuple, format, out...) == 0)
    throw PythonError();
}

GatherLevel read_level(PyObject* tuple) {
  PyObject* target = nullptr;
  PyObject* legs = nullptr;
  parse(tuple, "OO!", &target, &PyTuple_Type, &legs);
  GatherLevel level{read_trail(target), {}};
  for (Py_ssize_t i = 0; i < PyTuple_Size(legs); ++i) {
    PyObject* packed = nullptr;
    PyObject* walked = nullptr;
    long long base = 0;
    parse(PyTuple_GetItem(legs, i), "OOL", &packed, &walked, &base);
    level.legs.push_back({read_move(packed), move_or_none(walked), base});
  }
  if (level.legs.empty() || level.legs.size() != level.target->legs.size())
    raise(PyExc_ValueError, "a gather has a kernel for each property");
  return level;
}

bool takes_matrices(const Move& move) {
  const jit::Plan* plan = kernel_plan_of(move.kernel.get());
  return plan != nullptr && plan->transform.has_value();
}

/// Whether all of its last kernels go through matrices, or none, as it says.
bool all_take_matrices(const Gathered& how) {
  const auto fits = [&](const Move& move) { return takes_matrices(move) == how.transforms; };
  return std::ranges::all_of(how.levels.back().legs,
                             [&](const GatherLeg& leg) {
                               return fits(leg.packed) && (!leg.walked || fits(*leg.walked));
                             }) &&
         (!how.store || fits(*how.store));
}

PyObject* gather_new(PyTypeObject* type, PyObject* args, PyObject*) {
  return guarded([&]() -> PyObject* {
    PyObject* index = nullptr;
    long long walk_offset = 0;
    PyObject* levels = nullptr;
    PyObject* store = nullptr;
    int regions = 0;
    int transforms = 0;
    int each = 0;
    PyObject* inner = nullptr;
    const char* format = nullptr;
    Py_ssize_t world_after = -1;
    PyObject* object_class = nullptr;
    if (PyArg_ParseTuple(args, "O!LO!OpppO!snO:GatherTrail", &PyDict_Type, &index, &walk_offset,
                         &PyTuple_Type, &levels, &store, &regions, &transforms, &each,
                         &PyTuple_Type, &inner, &format, &world_after, &object_class) == 0)
      return nullptr;
    auto how = std::make_shared<Gathered>();
    how->index = read_trail(index);
    how->walk_offset = walk_offset;
    for (Py_ssize_t i = 0; i < PyTuple_Size(levels); ++i)
      how->levels.push_back(read_level(PyTuple_GetItem(levels, i)));
    how->store = move_or_none(store);
    how->regions = regions != 0;
    how->transforms = transforms != 0;
    how->each = each != 0;
    how->world_after = world_after;
    how->object_class = Ref::borrow(object_class);
    if (world_after >= 0 && (!how->transforms || how->each ||
                             world_after > static_cast<Py_ssize_t>(how->index->steps.size())))
      raise(PyExc_ValueError, "a gather through an object's matrix passes through the object");
    for (Py_ssize_t i = 0; i < PyTuple_Size(inner); ++i)
      how->inner.push_back(PyLong_AsSsize_t(PyTuple_GetItem(inner, i)));
    how->format = format;
    if (PyErr_Occurred() != nullptr)
      throw PythonError();
    if (how->levels.empty() || how->index->legs.size() != 1)
      raise(PyExc_ValueError, "a gather has one property as index, and what it names");
    if (!all_take_matrices(*how))
      raise(PyExc_ValueError, "a gather's last kernels take matrices, or none does");
    return new_holder<Gathered>(type, std::move(how));
  });
}

PyObject* gather_enter(PyObject* self, PyObject* args) {
  return guarded([&]() -> PyObject* {
    PyObject* starts = nullptr;
    PyObject* wrapper = nullptr;
    PyObject* numbers = nullptr;
    PyObject* into = nullptr;
    if (PyArg_ParseTuple(args, "O!OOO:enter", &PyTuple_Type, &starts, &wrapper, &numbers, &into) ==
        0)
      return nullptr;
    if (into != Py_None && !memcache_check(into))
      raise(PyExc_TypeError, "a MemCache is filled, or None");
    Ref cache = into == Py_None ? Ref() : Ref::borrow(into);
    const std::shared_ptr<const Gathered> how = how_of(self); // whatever a script's code drops
    auto run = enter(how, starts_of(starts), wrapper, numbers, cache);
    return entered(std::move(run), cache);
  });
}

/// Of a wrapper: the indices' collection, then those that stand in its items.
std::vector<Start> starts_in(PyObject* wrapper, PyObject* known, const Way& way) {
  const Ref steps = steps_beyond(way, known);
  std::vector<Start> starts;
  starts.push_back(start_of(way.root(), steps.get()));
  if (!add_named(field(wrapper, Field::items), starts))
    return {};
  return starts;
}

Opened enter_gather(PyObject* wrapper, PyObject* known, const Way& way) {
  const std::shared_ptr<const Gathered> how = how_of(PyTuple_GetItem(known, 0));
  const Ref items = Ref::borrow(field(wrapper, Field::items)); // the starts are borrowed
  const Ref more = Ref::borrow(field(wrapper, Field::more));
  Opened made;
  made.run =
      enter(how, starts_in(wrapper, known, way), wrapper, numbers_in(more.get()), made.cache);
  return made;
}

PyObject* gather_adopt(PyObject* self, PyObject* args) {
  return guarded([&]() -> PyObject* {
    PyObject* starts = nullptr;
    PyObject* numbers = nullptr;
    Py_ssize_t rows = 0;
    if (PyArg_ParseTuple(args, "O!On:adopt", &PyTuple_Type, &starts, &numbers, &rows) == 0)
      return nullptr;
    const std::shared_ptr<const Gathered> how = how_of(self);
    return adopted(adopt(how, starts_of(starts), numbers, rows));
  });
}

/// (starts, numbers, buffer, rows or -1): a caller's buffer filled, or written.
PyObject* go(PyObject* self, PyObject* args, bool writes) {
  return guarded([&]() -> PyObject* {
    PyObject* starts = nullptr;
    PyObject* numbers = nullptr;
    PyObject* buffer = nullptr;
    Py_ssize_t rows = -1;
    if (PyArg_ParseTuple(args, "O!OOn", &PyTuple_Type, &starts, &numbers, &buffer, &rows) == 0)
      return nullptr;
    const std::shared_ptr<const Gathered> how = how_of(self); // whatever a script's code drops
    Ref cache = rows_on(buffer, how->format, how->inner, !writes);
    const Py_ssize_t count = cache ? memcache_storage(cache.get()).shape[0] : 0;
    if (count == 0 || (rows >= 0 && rows != count))
      Py_RETURN_FALSE;
    const auto run = writes ? adopt(how, starts_of(starts), numbers, count)
                            : enter(how, starts_of(starts), Py_None, numbers, cache);
    if (!writes)
      note_enter(run != nullptr);
    return PyBool_FromLong(
        static_cast<long>(run && (!writes || run->update(cache.get(), Py_None))));
  });
}

PyObject* gather_read(PyObject* self, PyObject* args) { return go(self, args, false); }
PyObject* gather_write(PyObject* self, PyObject* args) { return go(self, args, true); }

PyObject* gather_stale(PyObject* self, void*) {
  return PyBool_FromLong(static_cast<long>(stale(*how_of(self))));
}

PyMethodDef gather_methods[] = {
    // CPython keeps pointers into it
    {"enter", gather_enter, METH_VARARGS,
     PyDoc_STR(
         "enter($self, starts, wrapper, numbers, into, /)\n--\n\n(Run, filled MemCache, None), or "
         "None where the trails decline. starts: (root, steps) of the indices' collection, "
         "then of each that they name. numbers: of the given matrices, else None. into: the "
         "MemCache to fill, or None.")},
    {"adopt", gather_adopt, METH_VARARGS,
     PyDoc_STR("adopt($self, starts, numbers, rows, /)\n--\n\nThe Run of an enter of so many rows "
               "that was "
               "done already, or None.")},
    {"read", gather_read, METH_VARARGS,
     PyDoc_STR("read($self, starts, numbers, buffer, rows, /)\n--\n\nFills a caller's packed "
               "buffer of the "
               "view's format and shape. True if done; any other declines. rows: how many there "
               "must be, or -1.")},
    {"write", gather_write, METH_VARARGS,
     PyDoc_STR("write($self, starts, numbers, buffer, rows, /)\n--\n\nThe same to Blender, as "
               "Run.update.")},
    {nullptr, nullptr, 0, nullptr},
};

PyGetSetDef gather_properties[] = {
    {"stale", gather_stale, nullptr, PyDoc_STR("Whether it declines since forget_trails()."),
     nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

PyType_Slot gather_slots[] = {
    {Py_tp_doc,
     const_cast<char*>("GatherTrail(index, walk_offset, levels, store, regions, transforms, each, "
                       "inner, format, world_after, object_class)\n--\n\nValues that indices lead "
                       "to (transfer/composed/gathered.py).")},
    {Py_tp_new, reinterpret_cast<void*>(gather_new)},
    {Py_tp_dealloc, reinterpret_cast<void*>(dealloc_holder<Gathered>)},
    {Py_tp_methods, gather_methods},
    {Py_tp_getset, gather_properties},
    {0, nullptr},
};
PyType_Spec gather_spec = {RNASLICER_TYPE_NAME("GatherTrail"), sizeof(Holder<Gathered>), 0,
                           Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE, gather_slots};

bool gather_is_stale(PyObject* trail) { return stale(*how_of(trail)); }

} // namespace

std::shared_ptr<const Gathered> gathered_in(PyObject* object) {
  return Py_TYPE(object) == gather_type ? how_of(object) : nullptr;
}

std::vector<Start> starts_of(PyObject* tuple) {
  std::vector<Start> starts;
  for (Py_ssize_t i = 0; i < PyTuple_Size(tuple); ++i) {
    PyObject* root = nullptr;
    PyObject* steps = nullptr;
    parse(PyTuple_GetItem(tuple, i), "OO", &root, &steps);
    starts.push_back(start_of(root, steps));
  }
  return starts;
}

bool add_named(PyObject* items, std::vector<Start>& starts) {
  for (Py_ssize_t i = 0; i < PyTuple_Size(items); ++i) {
    PyObject* const item = PyTuple_GetItem(items, i);
    if (PyTuple_Check(item) == 0 || PyTuple_Size(item) != 2 ||
        PyUnicode_CompareWithASCIIString(PyTuple_GetItem(item, 0), "gather") != 0)
      continue;
    const Way* const named = as_way(PyTuple_GetItem(item, 1));
    if (named == nullptr)
      return false;
    starts.push_back(start_of(named->root(), named->steps()));
  }
  return true;
}

Following gather_following() { return {gather_is_stale, enter_gather}; }

int register_gather(PyObject* module) {
  return register_type(module, "GatherTrail", gather_type, gather_spec);
}

} // namespace rnaslicer::runtime
