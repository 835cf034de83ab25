// runtime/trail/python/trail.cpp: the types Trail and Run for Python.
#include "runtime/trail/python/trail.hpp"

#include "runtime/bindings.hpp"
#include "runtime/blender/pointers.hpp"
#include "runtime/memcache/memcache.hpp"
#include "runtime/trail/held.hpp"
#include "runtime/trail/several/listed.hpp"
#include "runtime/trail/several/same.hpp"
#include "runtime/trail/whole.hpp"

#include <algorithm>

namespace rnaslicer::runtime {

namespace {

std::int64_t generation = 0; // trails of an earlier one decline

PyTypeObject* trail_type = nullptr; // made once per process, never freed
PyTypeObject* run_type = nullptr;   // the same

struct RunObject {
  PyObject_HEAD std::unique_ptr<Run> run;
};

std::unique_ptr<Run>& run_of(PyObject* self) { return reinterpret_cast<RunObject*>(self)->run; }

/// How often native code did what was asked, and how often it declined.
struct Count {
  std::int64_t done = 0;
  std::int64_t declined = 0;
  bool note(bool did) { return ++(did ? done : declined), did; }
};
struct {
  Count entered, refreshed, updated;
} counts;

PyObject* trail_new(PyTypeObject* type, PyObject* args, PyObject* kwargs) {
  return guarded([&]() -> PyObject* {
    static const char* const keywords[] = {"description", nullptr};
    PyObject* description = nullptr;
    if (PyArg_ParseTupleAndKeywords(args, kwargs, "O:Trail", const_cast<char**>(keywords),
                                    &description) == 0)
      return nullptr;
    std::shared_ptr<const Trail> trail = read_trail(description);
    Ref self = checked(PyType_GenericAlloc(type, 0));
    new (&trail_of(self.get())) std::shared_ptr<const Trail>(std::move(trail));
    return self.release();
  });
}

/// Of a Trail or a Run, whose own part `of` gives.
template <auto of> void dealloc(PyObject* self) {
  const Ref type = Ref::steal(reinterpret_cast<PyObject*>(Py_TYPE(self)));
  {
    const StashedError stashed;
    std::destroy_at(&of(self));
  }
  PyObject_Free(self);
}

PyObject* trail_enter(PyObject* self, PyObject* args) {
  return guarded([&]() -> PyObject* {
    PyObject* root = nullptr;
    PyObject* steps = nullptr;
    PyObject* wrapper = nullptr;
    if (PyArg_ParseTuple(args, "OOO:enter", &root, &steps, &wrapper) == 0)
      return nullptr;
    Ref cache;
    auto run = enter_any(trail_of(self), Start{root, steps_of(self, steps)}, wrapper, cache);
    if (!counts.entered.note(run != nullptr))
      Py_RETURN_NONE;
    const Ref object = new_run(std::move(run));
    return PyTuple_Pack(2, object.get(), cache.get());
  });
}

PyObject* trail_adopt(PyObject* self, PyObject* args) {
  return guarded([&]() -> PyObject* {
    PyObject* root = nullptr;
    PyObject* steps = nullptr;
    Py_ssize_t length = 0;
    PyObject* missing = nullptr;
    if (PyArg_ParseTuple(args, "OOnO!:adopt", &root, &steps, &length, &PyTuple_Type, &missing) == 0)
      return nullptr;
    auto run = adopt_any(trail_of(self), Start{root, steps_of(self, steps)}, length, missing);
    if (!run)
      Py_RETURN_NONE;
    return new_run(std::move(run)).release();
  });
}

PyObject* go(PyObject* self, PyObject* args, bool (Run::*how)(PyObject*, PyObject*), Count& count) {
  return guarded([&]() -> PyObject* {
    PyObject* cache = nullptr;
    PyObject* view = nullptr;
    if (PyArg_ParseTuple(args, "OO", &cache, &view) == 0)
      return nullptr;
    if (!memcache_check(cache))
      raise(PyExc_TypeError, "the wrapper's MemCache is needed");
    return PyBool_FromLong(static_cast<long>(count.note((run_of(self).get()->*how)(cache, view))));
  });
}

PyObject* run_refresh(PyObject* self, PyObject* args) {
  return go(self, args, &Run::refresh, counts.refreshed);
}
PyObject* run_update(PyObject* self, PyObject* args) {
  return go(self, args, &Run::update, counts.updated);
}

PyObject* run_length(PyObject* self, void*) {
  const Segment* const segment = run_of(self)->segment();
  if (segment == nullptr)
    Py_RETURN_NONE;
  return PyLong_FromSsize_t(segment->length);
}

PyObject* run_domain(PyObject* self, void*) {
  return guarded([&] { return run_of(self)->domain().release(); });
}

PyObject* run_missing(PyObject* self, void*) {
  return guarded([&]() -> PyObject* {
    const Segment* const segment = run_of(self)->segment();
    const std::vector<bool> missing = segment == nullptr ? std::vector<bool>() : segment->missing;
    Ref tuple = checked(PyTuple_New(static_cast<Py_ssize_t>(missing.size())));
    for (std::size_t i = 0; i < missing.size(); ++i)
      if (PyTuple_SetItem(tuple.get(), static_cast<Py_ssize_t>(i),
                          checked(PyBool_FromLong(static_cast<long>(missing[i]))).release()) < 0)
        throw PythonError();
    return tuple.release();
  });
}

PyObject* run_kinds(PyObject* self, void*) {
  return guarded([&] { return run_of(self)->kinds().release(); });
}

PyObject* run_counted(PyObject* self, void*) {
  return guarded([&]() -> PyObject* {
    const std::vector<Py_ssize_t> counted = run_of(self)->counted();
    Ref tuple = checked(PyTuple_New(static_cast<Py_ssize_t>(counted.size())));
    for (std::size_t i = 0; i < counted.size(); ++i)
      if (PyTuple_SetItem(tuple.get(), static_cast<Py_ssize_t>(i),
                          checked(PyLong_FromSsize_t(counted[i])).release()) < 0)
        throw PythonError();
    return tuple.release();
  });
}

PyObject* run_lengths(PyObject* self, void*) {
  return guarded([&]() -> PyObject* {
    const std::vector<Py_ssize_t> lengths = run_of(self)->lengths();
    if (lengths.empty())
      Py_RETURN_NONE;
    return PyBytes_FromStringAndSize(
        reinterpret_cast<const char*>(lengths.data()),
        static_cast<Py_ssize_t>(lengths.size() * sizeof(lengths.front())));
  });
}

PyObject* run_uids(PyObject* self, void*) {
  const std::vector<std::uint32_t>* const uids = run_of(self)->uids();
  if (uids == nullptr)
    Py_RETURN_NONE;
  return PyBytes_FromStringAndSize(reinterpret_cast<const char*>(uids->data()),
                                   static_cast<Py_ssize_t>(uids->size() * sizeof(uids->front())));
}

PyObject* run_moment(PyObject* self, void*) {
  const Moment seen = run_of(self)->seen();
  if (seen.when == 0)
    Py_RETURN_NONE;
  return Py_BuildValue("(Ld)", static_cast<long long>(seen.number), seen.when);
}

PyObject* trail_counts(PyObject*, PyObject*) {
  const HeldCount held = held_count();
  const KeptCount kept = kept_count();
  const SameCount same = same_count();
  static_assert(sizeof(long) == sizeof(std::int64_t));
  return Py_BuildValue(
      "{s(ll)s(ll)s(ll)s(ll)s(ll)s(ll)s(ll)s(ll)s(ll)}", "enter", counts.entered.done,
      counts.entered.declined, "refresh", counts.refreshed.done, counts.refreshed.declined,
      "update", counts.updated.done, counts.updated.declined, "array", held.told + same.arrays,
      held.asked, "struct", same.structs, same.changed, "layer", kept.told, kept.asked, "address",
      address_count().read, address_count().asked, "pointer", kept.pointed, kept.unpointed, "look",
      whole_count().remembered, whole_count().looked);
}

PyObject* forget(PyObject*, PyObject*) {
  forget_trails();
  Py_RETURN_NONE;
}

PyObject* times_forgotten(PyObject*, PyObject*) { return PyLong_FromLongLong(generation); }

PyMethodDef trail_methods[] = {
    // CPython keeps pointers into it
    {"enter", trail_enter, METH_VARARGS,
     PyDoc_STR("enter($self, root, steps, wrapper, /)\n--\n\n(Run, filled MemCache), or None where "
               "the trail declines. `steps`: from the root; None: those of the trail.")},
    {"enter_many", trail_enter_many, METH_VARARGS,
     PyDoc_STR(
         "enter_many($self, roots, steps, rows, levels, ones, form, places, wrapper, /)\n--\n\n"
         "(run, filled MemCache, offsets as bytes of int64 or None), or None where the trail "
         "declines. The structs are the roots' own datablocks (steps None; of these `rows`: a "
         "slice, "
         "int64 numbers in bytes, None for all), or `rows` of the "
         "collection to which `steps` lead from the one root, or, level by level, all elements of "
         "the equally long collections behind these (of each level: steps, and the class or None "
         "of what each leads to). `ones`: how many axes of length 1 stand "
         "before the rows. form: 'equal', 'flat', or (width or -1 for the longest, bytes of a "
         "row that is not there); places as for roster_of.")},
    {"enter_nested", trail_enter_nested, METH_VARARGS,
     PyDoc_STR("enter_nested(...)\n--\n\nAs enter_many, of datablocks in the last level's.")},
    {"enter_apart", trail_enter_apart, METH_VARARGS,
     PyDoc_STR("enter_apart($self, roster, wrapper, /)\n--\n\n(run, filled MemCache, None) of the "
               "datablocks of a Roster, or None where the trail declines.")},
    {"enter_members", trail_enter_members, METH_VARARGS,
     PyDoc_STR("enter_members($self, root, steps, item, places, wrapper, /)\n--\n\nThe same of "
               "those of a collection that an item names (None: all).")},
    {"adopt", trail_adopt, METH_VARARGS,
     PyDoc_STR("adopt($self, root, steps, length, missing, /)\n--\n\nThe Run of an enter that was "
               "done already, or None.")},
    {"read", trail_read, METH_VARARGS,
     PyDoc_STR(
         "read($self, root, steps, memcache, rows, first, /)\n--\n\nFills a caller's buffer. True "
         "if done; "
         "False where it declines.")},
    {"write", trail_write, METH_VARARGS,
     PyDoc_STR("write($self, root, steps, memcache, rows, first, /)\n--\n\nThe same to Blender, as "
               "Run.update.")},
    {"read_packed", trail_read_packed, METH_VARARGS,
     PyDoc_STR(
         "read_packed($self, root, steps, buffer, rows, /)\n--\n\nAs read, into a packed buffer of "
         "the trail's format and shape; any other declines. rows: how many there must be, or "
         "-1.")},
    {"write_packed", trail_write_packed, METH_VARARGS,
     PyDoc_STR("write_packed($self, root, steps, buffer, rows, /)\n--\n\nThe same to Blender.")},
    {"read_of", trail_read_of, METH_VARARGS,
     PyDoc_STR("read_of($self, collection, buffer, /)\n--\n\nFrom a collection at hand into a "
               "packed buffer of any shape.")},
    {"write_of", trail_write_of, METH_VARARGS,
     PyDoc_STR(
         "write_of($self, collection, buffer, homes, /)\n--\n\nThe same to Blender; homes as for "
         "is_kept.")},
    {nullptr, nullptr, 0, nullptr},
};

PyObject* trail_stale(PyObject* self, void*) {
  return PyBool_FromLong(static_cast<long>(trail_of(self)->generation != generation));
}

PyObject* any_leg(PyObject* self, bool (*holds)(const Leg&)) {
  return PyBool_FromLong(static_cast<long>(std::ranges::any_of(trail_of(self)->legs, holds)));
}

PyGetSetDef trail_properties[] = {
    {"settles",
     [](PyObject* self, void*) {
       return any_leg(self, [](const Leg& leg) { return leg.writing.remakes; });
     },
     nullptr, PyDoc_STR("Whether a write has geometry made anew."), nullptr},
    {"stale", trail_stale, nullptr, PyDoc_STR("Whether it declines since forget_trails()."),
     nullptr},
    {"unsure",
     [](PyObject* self, void*) {
       return any_leg(self, [](const Leg& leg) { return static_cast<bool>(leg.other); });
     },
     nullptr, PyDoc_STR("Whether a layer may have one of two names."), nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

PyMethodDef run_methods[] = {
    // CPython keeps pointers into it
    {"refresh", run_refresh, METH_VARARGS,
     PyDoc_STR("refresh($self, memcache, view, /)\n--\n\nTrue if done; False where it declines.")},
    {"update", run_update, METH_VARARGS,
     PyDoc_STR("update($self, memcache, view, /)\n--\n\nTrue if done; False where it declines. "
               "bpy's own error if the assignment after the write fails.")},
    {nullptr, nullptr, 0, nullptr},
};

PyGetSetDef run_properties[] = {
    {"length", run_length, nullptr,
     PyDoc_STR("Elements of the one collection, as at enter; None for many."), nullptr},
    {"counted", run_counted, nullptr,
     PyDoc_STR("Of many: lengths of the collections of which an index on the way picks one, and of "
               "the structs' own, as at enter."),
     nullptr},
    {"lengths", run_lengths, nullptr,
     PyDoc_STR("Of rows that are padded or divided: how many are real, as bytes of int64; None for "
               "others."),
     nullptr},
    {"missing", run_missing, nullptr,
     PyDoc_STR("Of one collection: by property whether its layer was missing; else empty."),
     nullptr},
    {"kinds", run_kinds, nullptr,
     PyDoc_STR("Of a list: classes of its elements as at enter, one for all or one for each; else "
               "None."),
     nullptr},
    {"uids", run_uids, nullptr,
     PyDoc_STR("Session uids of a collection's datablocks as at enter, as bytes; None for others."),
     nullptr},
    {"moment", run_moment, nullptr,
     PyDoc_STR("When the trail last led to its one collection, as now() tells it."), nullptr},
    {"domain", run_domain, nullptr,
     PyDoc_STR("Of the attribute whose data the collection is, as at enter; else None. Of several "
               "collections: a tuple; of many: of (its class, domain)."),
     nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

PyType_Slot trail_slots[] = {
    {Py_tp_doc, const_cast<char*>("Trail(description)\n--\n\nWhat a wrapper does at each call "
                                  "(transfer/trails.py).")},
    {Py_tp_new, reinterpret_cast<void*>(trail_new)},
    {Py_tp_dealloc, reinterpret_cast<void*>(dealloc<trail_of>)},
    {Py_tp_methods, trail_methods},
    {Py_tp_getset, trail_properties},
    {0, nullptr},
};
PyType_Spec trail_spec = {RNASLICER_TYPE_NAME("Trail"), sizeof(TrailObject), 0,
                          Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE, trail_slots};

PyType_Slot run_slots[] = {
    {Py_tp_doc, const_cast<char*>("An entered wrapper's use of a trail (internal).")},
    {Py_tp_dealloc, reinterpret_cast<void*>(dealloc<run_of>)},
    {Py_tp_methods, run_methods},
    {Py_tp_getset, run_properties},
    {0, nullptr},
};
PyType_Spec run_spec = {
    RNASLICER_TYPE_NAME("Run"), sizeof(RunObject), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE, run_slots};

PyMethodDef functions[] = {
    // CPython keeps pointers into it
    {"is_kept", module_is_kept, METH_VARARGS,
     PyDoc_STR(
         "is_kept(collection, ask, homes, /)\n--\n\nTrue if nothing that is written to the "
         "collection's datablock can be lost to a mode, library or evaluation; False where "
         "that has to be looked at. ask: whether no object that is not active sculpts. homes: a "
         "dict from types to the lists of bpy.data that hold such.")},
    {"forget_trails", forget, METH_NOARGS,
     PyDoc_STR("forget_trails()\n--\n\nEvery trail made so far declines from now on.")},
    {"trails_forgotten", times_forgotten, METH_NOARGS,
     PyDoc_STR("trails_forgotten()\n--\n\nHow often forget_trails() was called.")},
    {"trail_counts", trail_counts, METH_NOARGS,
     PyDoc_STR("trail_counts()\n--\n\n{'enter', 'refresh', 'update': (how often native code did "
               "it, how often it declined), 'array': (how often a struct's pointer told where one "
               "lies, how often bpy was asked), 'layer', 'pointer': the same of layers, of what an "
               "object points to, 'look': of whole geometry}, since the start; for tests.")},
    {nullptr, nullptr, 0, nullptr},
};

} // namespace

Ref new_run(std::unique_ptr<Run> run) {
  Ref self = checked(PyType_GenericAlloc(run_type, 0));
  new (&run_of(self.get())) std::unique_ptr<Run>(std::move(run));
  return self;
}

bool note_enter(bool did) { return counts.entered.note(did); }

void forget_trails() { ++generation; }
std::int64_t trail_generation() { return generation; }

std::vector<Step> steps_of(PyObject* self, PyObject* steps) {
  if (steps != Py_None)
    return read_steps(steps);
  std::vector<Step> found;
  for (const Step& step : trail_of(self)->steps)
    found.push_back(copied(step));
  return found;
}

int register_trail(PyObject* module) {
  if (run_type == nullptr)
    run_type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&run_spec));
  if (trail_type == nullptr)
    trail_type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&trail_spec));
  if (trail_type == nullptr || run_type == nullptr ||
      PyModule_AddObjectRef(module, "Trail", reinterpret_cast<PyObject*>(trail_type)) < 0)
    return -1;
  return PyModule_AddFunctions(module, functions);
}

} // namespace rnaslicer::runtime
