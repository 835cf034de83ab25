// runtime/trail/python/context.cpp: the type Context: a wrapper's `with`, along a known trail.
#include "runtime/trail/python/context.hpp"

#include "runtime/bindings.hpp"
#include "runtime/blender/bpy.hpp"
#include "runtime/blender/names.hpp"
#include "runtime/memcache/functions.hpp"
#include "runtime/supplier/watched.hpp"
#include "runtime/supplier/way.hpp"
#include "runtime/trail/python/trail.hpp"
#include "runtime/trail/several/listed.hpp"

#include <array>
#include <cstdint>
#include <structmember.h>
#include <vector>

namespace rnaslicer::runtime {

namespace {

PyTypeObject* type = nullptr; // made once per process, never freed

/// What Python keeps of trails: key -> what is known; and the classes that native code follows.
struct Kind {
  Ref kind;
  Following how;
};
struct Session {
  Ref trails;
  std::vector<Kind> kinds;
};
Session& session() {
  static auto* const kept = new Session; // never freed
  return *kept;
}

/// The last that were entered along a trail, for who looks (inspection/seen.py). Never freed.
struct Entry {
  Ref signatures, path, expression, key;
};
struct Recent {
  std::array<Entry, 64> entries;
  std::size_t next = 0;
};
Recent& recent() {
  static auto* const all = new Recent;
  return *all;
}

void note_recent(PyObject* signatures, PyObject* path, PyObject* expression, PyObject* key) {
  Recent& all = recent();
  Entry& slot = all.entries[all.next++ % all.entries.size()];
  // What it held goes when the new one stands there: that may run code, which may enter.
  const Entry old = std::exchange(slot, {Ref::borrow(signatures), Ref::borrow(path),
                                         Ref::borrow(expression), Ref::borrow(key)});
}

PyObject* note_entered(PyObject*, PyObject* args) {
  PyObject* signatures = nullptr;
  PyObject* path = nullptr;
  PyObject* expression = nullptr;
  PyObject* key = nullptr;
  if (PyArg_ParseTuple(args, "O!OOO:note_entered", &PyTuple_Type, &signatures, &path, &expression,
                       &key) == 0)
    return nullptr;
  note_recent(signatures, path, expression, key);
  Py_RETURN_NONE;
}

PyObject* take_recent(PyObject*, PyObject*) {
  return guarded([&]() -> PyObject* {
    Ref found = checked(PyList_New(0));
    const Recent taken = std::exchange(recent(), {});
    for (std::size_t i = 0; i < taken.entries.size(); ++i) {
      const Entry& one = taken.entries[(taken.next + i) % taken.entries.size()];
      if (!one.path)
        continue;
      const Ref tuple = checked(PyTuple_Pack(4, one.signatures.get(), one.path.get(),
                                             one.expression.get(), one.key.get()));
      if (PyList_Append(found.get(), tuple.get()) < 0)
        throw PythonError();
    }
    return found.release();
  });
}

const Following* following(PyObject* known) {
  for (const Kind& one : session().kinds)
    if (one.kind.get() == reinterpret_cast<PyObject*>(Py_TYPE(known)))
      return &one.how;
  return nullptr;
}

bool is_stale(PyObject* known) {
  const Following* const how = following(known);
  return how == nullptr || how->stale(PyTuple_GetItem(known, 0));
}

/// What was known for the very object that is a key: Python makes a tuple's hash anew each time.
/// Never freed.
struct Recall {
  Ref key, known;
};
std::array<Recall, 64>& recalled() {
  static auto* const all = new std::array<Recall, 64>;
  return *all;
}
Recall& recall(PyObject* key) {
  return recalled()[(reinterpret_cast<std::uintptr_t>(key) / 64) % recalled().size()];
}

PyObject* forget_recalled(PyObject*, PyObject*) {
  return guarded([]() -> PyObject* {
    for (Recall& place : recalled())
      const Recall old = std::exchange(place, {}); // what goes may run code, which may enter
    Py_RETURN_NONE;
  });
}

/// What is known for a wrapper's key, if native code enters along it. Empty, without an error,
/// else.
Ref known_of(PyObject* wrapper) {
  if (!session().trails)
    return {};
  Ref key = Ref::borrow(field(wrapper, Field::key));
  if (key.get() == Py_None || as_way(field(wrapper, Field::path)) == nullptr) // a list's: Python
    return {};
  Recall& place = recall(key.get());
  if (place.key.get() == key.get() && !is_stale(place.known.get()))
    return Ref::borrow(place.known.get());
  PyObject* const known = PyDict_GetItemWithError(session().trails.get(), key.get());
  if (known == nullptr && PyErr_Occurred() != nullptr)
    throw PythonError();
  if (known == nullptr || following(known) == nullptr)
    return {};
  Ref found = Ref::borrow(known);
  // What stood there goes when this does: that may run code, which may enter.
  const Recall old = std::exchange(place, {std::move(key), Ref::borrow(known)});
  return found;
}

/// Along a trail of one collection.
Opened enter_one(PyObject* wrapper, PyObject* known, const Way& way) {
  PyObject* const trail = PyTuple_GetItem(known, 0);
  const Ref steps = steps_beyond(way, known);
  Opened made;
  made.run = enter_any(trail_of(trail), Start{way.root(), steps_of(trail, steps.get())}, wrapper,
                       made.cache);
  return made;
}
bool one_is_stale(PyObject* trail) { return stale(*trail_of(trail)); }

/// Enters along what is known; false where the trail declines.
bool enter_along(PyObject* wrapper, PyObject* known) {
  const Uncollected until_done;
  const Ref path = Ref::borrow(field(wrapper, Field::path));
  const Way* const way = as_way(path.get());
  const Following* const how = way == nullptr ? nullptr : following(known);
  if (how == nullptr)
    return false;
  const Ref root = Ref::borrow(way->root());
  Opened made = how->enter(wrapper, known, *way);
  if (!note_enter(made.run != nullptr))
    return false;
  const Ref object = new_run(std::move(made.run));
  put(wrapper, Field::run, object.get());
  put(wrapper, Field::memcache, made.cache.get());
  put(wrapper, Field::offsets, made.offsets ? made.offsets.get() : Py_None);
  put(wrapper, Field::known, known);
  put(wrapper, Field::told, Py_False);
  note_recent(PyTuple_GetItem(known, 2), path.get(), field(wrapper, Field::expression),
              field(wrapper, Field::key));
  watch_one(wrapper, root.get());
  return true;
}

/// Ends what enter began: no field is left, nobody is told, the caches are released. Throws
/// PythonError after all that.
void leave(PyObject* wrapper) {
  const std::array caches{Ref::borrow(field(wrapper, Field::memcache)),
                          Ref::borrow(field(wrapper, Field::offsets))};
  const Ref path = Ref::borrow(field(wrapper, Field::path));
  for (const Field one :
       {Field::memcache, Field::view, Field::routes, Field::offsets, Field::run, Field::known})
    put(wrapper, one, Py_None);
  const auto unwatch = [&] {
    const Way* const way = as_way(path.get());
    if (way == nullptr) {
      checked(PyObject_CallMethodObjArgs(wrapper, names().unsubscribe, nullptr));
      return;
    }
    const Ref root = Ref::borrow(way->root());
    unwatch_one(wrapper, root.get());
  };
  const auto disable = [&] {
    for (const Ref& cache : caches)
      if (cache.get() != Py_None)
        checked(module_disable(nullptr, cache.get()));
  };
  try {
    unwatch();
  } catch (const PythonError&) {
    const StashedError stashed;
    disable();
    throw;
  }
  disable();
}

/// The same where enter failed half-way; that error stays.
void leave_after_error(PyObject* wrapper) {
  const StashedError stashed;
  try {
    leave(wrapper);
  } catch (const PythonError&) {
    PyErr_Clear();
  }
}

/// Python says what an error of native code means: it raises. Interrupts pass as they are.
PyObject* explained(PyObject* wrapper) {
  if (PyErr_ExceptionMatches(PyExc_Exception) == 0)
    return nullptr;
  PyObject* kind = nullptr;
  PyObject* value = nullptr;
  PyObject* traceback = nullptr;
  PyErr_Fetch(&kind, &value, &traceback);
  PyErr_NormalizeException(&kind, &value, &traceback);
  const Ref held[] = {Ref::steal(kind), Ref::steal(value), Ref::steal(traceback)};
  return PyObject_CallMethodObjArgs(wrapper, names().raise_entering, value, nullptr);
}

PyObject* context_enter(PyObject* self, PyObject*) {
  bool tried = false;
  try {
    const Undisturbed undisturbed;
    const Ref known = field(self, Field::memcache) == Py_None ? known_of(self) : Ref();
    tried = static_cast<bool>(known);
    if (tried && enter_along(self, known.get()))
      return Ref::borrow(self).release();
  } catch (...) {
    set_error_from_exception();
    if (tried)
      leave_after_error(self);
    return explained(self);
  }
  return PyObject_CallMethodObjArgs(self, names().enter_anyhow, tried ? Py_True : Py_False,
                                    nullptr);
}

PyObject* context_exit(PyObject* self, PyObject*) {
  return guarded([&]() -> PyObject* {
    leave(self);
    Py_RETURN_NONE;
  });
}

PyObject* set_session(PyObject*, PyObject* args) {
  PyObject* trails = nullptr;
  PyObject* one = nullptr;
  if (PyArg_ParseTuple(args, "O!O!:set_session", &PyDict_Type, &trails, &PyType_Type, &one) == 0)
    return nullptr;
  const Session old = std::exchange(session(), {Ref::borrow(trails), {}});
  let_follow(one, {one_is_stale, enter_one});
  Py_RETURN_NONE;
}

PyObject* follow_one(PyObject*, PyObject* kind) {
  let_follow(kind, {one_is_stale, enter_one});
  Py_RETURN_NONE;
}

PyMethodDef methods[] = {
    // CPython keeps pointers into it
    {"__enter__", context_enter, METH_NOARGS,
     PyDoc_STR("__enter__($self)\n--\n\nResolves the expression, compiles or finds the kernels, "
               "fills the MemCache.")},
    {"__exit__", context_exit, METH_VARARGS,
     PyDoc_STR("__exit__($self, *_)\n--\n\nReleases the MemCache and all its sub-views; buffers "
               "exported from them live on.")},
    {nullptr, nullptr, 0, nullptr},
};

PyMethodDef functions[] = {
    // CPython keeps pointers into it
    {"set_session", set_session, METH_VARARGS,
     PyDoc_STR("set_session(trails, one, /)\n--\n\nThe trails that are known, by key; the type of "
               "what is known of one collection.")},
    {"follow_one", follow_one, METH_O,
     PyDoc_STR("follow_one(kind, /)\n--\n\nAnother type of what is known of one collection. After "
               "set_session.")},
    {"forget_recalled", forget_recalled, METH_NOARGS,
     PyDoc_STR("forget_recalled()\n--\n\nFor whoever puts another trail in place of one that is "
               "known.")},
    {"note_entered", note_entered, METH_VARARGS,
     PyDoc_STR(
         "note_entered(signatures, path, expression, key, /)\n--\n\nFor take_recent(): what was "
         "entered along a trail otherwise than by a wrapper's native enter.")},
    {"take_recent", take_recent, METH_NOARGS,
     PyDoc_STR(
         "take_recent()\n--\n\nA list of (signatures, path, expression, key) of what was entered "
         "last along known trails, oldest first; from now on they are forgotten.")},
    {nullptr, nullptr, 0, nullptr},
};

constexpr Py_ssize_t place_of(Field which) {
  return static_cast<Py_ssize_t>(offsetof(Context, at) +
                                 sizeof(PyObject*) * static_cast<std::size_t>(which));
}

PyMemberDef members[] = {
    {"_path", T_OBJECT_EX, place_of(Field::path), 0, nullptr},
    {"_items", T_OBJECT_EX, place_of(Field::items), 0, nullptr},
    {"_scalar", T_OBJECT_EX, place_of(Field::scalar), 0, nullptr},
    {"_ragged", T_OBJECT_EX, place_of(Field::ragged), 0, nullptr},
    {"_more", T_OBJECT_EX, place_of(Field::more), 0, nullptr},
    {"_key", T_OBJECT_EX, place_of(Field::key), 0, nullptr},
    {"_expression", T_OBJECT_EX, place_of(Field::expression), 0, nullptr},
    {"_memcache", T_OBJECT_EX, place_of(Field::memcache), 0, nullptr},
    {"_view", T_OBJECT_EX, place_of(Field::view), 0, nullptr},
    {"_routes", T_OBJECT_EX, place_of(Field::routes), 0, nullptr},
    {"_offsets", T_OBJECT_EX, place_of(Field::offsets), 0, nullptr},
    {"_run", T_OBJECT_EX, place_of(Field::run), 0, nullptr},
    {"_known", T_OBJECT_EX, place_of(Field::known), 0, nullptr},
    {"_told", T_OBJECT_EX, place_of(Field::told), 0, nullptr},
    {nullptr, 0, 0, 0, nullptr},
};

PyObject* on_lost(PyObject* self, void*) {
  return guarded([&] {
    if (field(self, Field::on_lost) == Py_None)
      put(self, Field::on_lost, checked(PyList_New(0)).get());
    return Ref::borrow(field(self, Field::on_lost)).release();
  });
}

int set_on_lost(PyObject* self, PyObject* value, void*) {
  return put(self, Field::on_lost, value != nullptr ? value : Py_None), 0;
}

PyGetSetDef properties[] = {
    {"on_lost", on_lost, set_on_lost,
     PyDoc_STR("List of functions that are called with the wrapper when its supplier is lost."),
     nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

PyObject* context_new(PyTypeObject* kind, PyObject*, PyObject*) {
  return guarded([&] { return new_context(kind).release(); });
}

PyType_Slot slots[] = {
    {Py_tp_doc, const_cast<char*>("The half of a wrapper's `with` that needs no Python "
                                  "(entered/trailed.py).")},
    {Py_tp_new, reinterpret_cast<void*>(context_new)},
    {Py_tp_traverse, reinterpret_cast<void*>(Context::traverse)},
    {Py_tp_clear, reinterpret_cast<void*>(Context::clear)},
    {Py_tp_dealloc, reinterpret_cast<void*>(Context::dealloc)},
    {Py_tp_members, members},
    {Py_tp_getset, properties},
    {Py_tp_methods, methods},
    {0, nullptr},
};
PyType_Spec spec = {RNASLICER_TYPE_NAME("Context"), sizeof(Context), 0,
                    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC, slots};

} // namespace

void let_follow(PyObject* kind, const Following& how) {
  session().kinds.push_back({Ref::borrow(kind), how});
}

Ref steps_beyond(const Way& way, PyObject* known) {
  Ref steps = Ref::borrow(way.steps());
  PyObject* const beyond = PyTuple_GetItem(known, 1);
  return PyTuple_Size(beyond) > 0 ? checked(PySequence_Concat(steps.get(), beyond))
                                  : std::move(steps);
}

Ref new_context(PyTypeObject* kind) {
  Ref self = checked(PyType_GenericAlloc(kind, 0));
  for (PyObject*& one : Context::of(self.get())->at)
    one = Ref::borrow(Py_None).release();
  return self;
}

bool is_context(PyTypeObject* kind) { return type != nullptr && PyType_IsSubtype(kind, type) != 0; }

int register_context(PyObject* module) {
  if (type == nullptr)
    type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
  if (type == nullptr ||
      PyModule_AddObjectRef(module, "Context", reinterpret_cast<PyObject*>(type)) < 0)
    return -1;
  return PyModule_AddFunctions(module, functions);
}

} // namespace rnaslicer::runtime
