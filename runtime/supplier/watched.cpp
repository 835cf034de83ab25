// runtime/supplier/watched.cpp: the type Watched.
#include "runtime/supplier/watched.hpp"

#include "runtime/bindings.hpp"
#include "runtime/blender/bpy.hpp"
#include "runtime/blender/names.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <structmember.h>
#include <unordered_map>
#include <utility>

namespace rnaslicer::runtime {

namespace {

PyTypeObject* type = nullptr; // made once per process, never freed

Watched* cast(PyObject* self) { return reinterpret_cast<Watched*>(self); }

int traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(cast(self)->ref);
  Py_VISIT(cast(self)->uid);
  Py_VISIT(cast(self)->watchers);
  return 0;
}

/// Which root has a datablock's object as its reference; roots leave when they die.
std::unordered_map<PyObject*, Watched*>& roots() {
  static auto* const all = new std::unordered_map<PyObject*, Watched*>; // the process is Blender's
  return *all;
}

void set_ref(Watched* root, PyObject* ref) {
  if (const auto found = roots().find(root->ref); found != roots().end() && found->second == root)
    roots().erase(found);
  PyObject* const old = std::exchange(root->ref, ref);
  if (ref != nullptr) {
    Py_INCREF(ref);
    roots()[ref] = root;
  }
  Py_XDECREF(old);
}

int clear(PyObject* self) {
  set_ref(cast(self), nullptr);
  Py_CLEAR(cast(self)->uid);
  Py_CLEAR(cast(self)->watchers);
  return 0;
}

void dealloc(PyObject* self) {
  PyObject_GC_UnTrack(self);
  {
    const StashedError stashed;
    clear(self);
  }
  PyTypeObject* const own = Py_TYPE(self);
  reinterpret_cast<freefunc>(PyType_GetSlot(own, Py_tp_free))(self);
  Py_DECREF(reinterpret_cast<PyObject*>(own));
}

PyObject* ref_object(PyObject* self, void*) {
  PyObject* const ref = cast(self)->ref;
  return Ref::borrow(ref != nullptr ? ref : Py_None).release();
}

int set_ref_object(PyObject* self, PyObject* value, void*) {
  return guarded(-1, [&] {
    set_ref(cast(self), value == Py_None ? nullptr : value);
    return 0;
  });
}

/// At which byte of a datablock its uid lies that RNA tells as well; 0: not known.
Py_ssize_t uid_place = 0;

/// Whether the memory of a datablock that lives has the root's uid at that byte; false with an
/// error where bpy does not tell where it lies.
bool has_uid_at(const Watched* root, PyObject* id, Py_ssize_t place) {
  const auto address = place == 0 ? std::nullopt : address_of(id);
  if (!address)
    return false;
  // NOLINTNEXTLINE(performance-no-int-to-ptr)
  const auto* const memory = reinterpret_cast<const char*>(*address);
  std::uint32_t uid = 0;
  std::memcpy(&uid, memory + place, sizeof uid);
  return PyLong_AsUnsignedLongMask(root->uid) == uid;
}

/// Whether a datablock that bpy has just given has the root's uid.
bool has_uid(Watched* root, PyObject* id) {
  if (!root->rna_uid)
    return has_uid_at(root, id, root->uid_at);
  const Ref told = attr(id, names().session_uid);
  return told && PyObject_RichCompareBool(told.get(), root->uid, Py_EQ) > 0;
}

/// Whether the root's reference lives, which touching it tells, and has its uid. False, perhaps
/// with an error, if not.
bool is_there(Watched* root) {
  PyObject* const id = root->ref;
  if (!root->rna_uid || root->tells_uid)
    return is_living(id) && (!root->rna_uid || has_uid_at(root, id, uid_place));
  if (root->uid == nullptr || !has_uid(root, id))
    return false;
  root->tells_uid = has_uid_at(root, id, uid_place);
  PyErr_Clear();
  return true;
}

/// What has the root's name in its list, if it is the datablock.
Ref namesake(Watched* root) {
  auto* const self = reinterpret_cast<PyObject*>(root);
  const Ref list = attr(self, names().list_name);
  const Ref key = list ? attr(self, names().key) : Ref();
  const Ref kind = key ? attr(self, names().type) : Ref();
  const Ref all = kind ? attr(main_data(), list.get()) : Ref();
  const Ref get = all ? attr(all.get(), names().get) : Ref();
  Ref found = get ? Ref::steal(PyObject_CallFunctionObjArgs(get.get(), key.get(), nullptr)) : Ref();
  if (!found || PyObject_IsInstance(found.get(), kind.get()) <= 0 || !has_uid(root, found.get()))
    return PyErr_Clear(), Ref();
  return found;
}

/// A datablock whose class may change, by its number. bpy forgets its object when that happens,
/// makes another and tells that one alone of the end: ours may lead to freed memory.
Ref looked_up(Watched* root) {
  Ref found = namesake(root);
  if (found) {
    set_ref(root, found.get());
    root->seen = now();
    return found;
  }
  found = Ref::steal(
      PyObject_CallMethodObjArgs(reinterpret_cast<PyObject*>(root), names().find_again, nullptr));
  if (!found && PyErr_ExceptionMatches(PyExc_Exception) == 0)
    throw PythonError(); // Ctrl-C, while Python searched
  PyErr_Clear();
  return !found || found.get() == Py_None ? Ref() : std::move(found);
}

PyObject* living_root_of(PyObject*, PyObject* id) {
  return guarded([&]() -> PyObject* {
    Watched* const found = root_of(id);
    Ref root = Ref::borrow(reinterpret_cast<PyObject*>(found));
    if (!root || !alive(found))
      Py_RETURN_NONE;
    return root.release();
  });
}

PyObject* alive_object(PyObject* self, PyObject*) {
  return guarded([&]() -> PyObject* {
    Ref found = alive(cast(self));
    if (found)
      return found.release();
    Py_RETURN_NONE;
  });
}

PyObject* is_own_bool(PyObject* self, PyObject*) {
  return PyBool_FromLong(static_cast<long>(is_own(cast(self))));
}

/// Takes dead references out; `without`, a wrapper, as well. False with an error.
bool prune(Watched* root, PyObject* without) {
  if (root->watchers == nullptr)
    return true;
  for (Py_ssize_t i = PyList_Size(root->watchers); i-- > 0;) {
    PyObject* const wrapper = PyWeakref_GetObject(PyList_GetItem(root->watchers, i)); // borrowed
    if (wrapper == Py_None || wrapper == without)
      if (PyList_SetSlice(root->watchers, i, i + 1, nullptr) < 0)
        return false;
  }
  return true;
}

/// What watch_one needs of events.py: what installs our handlers, and the set of roots with
/// watchers. Never freed.
struct News {
  Ref subscribe, watched;
};
News& news() {
  static auto* const known = new News;
  return *known;
}

PyObject* set_news(PyObject*, PyObject* args) {
  PyObject* subscribe = nullptr;
  PyObject* watched = nullptr;
  if (PyArg_ParseTuple(args, "OO!:set_news", &subscribe, &PySet_Type, &watched) == 0)
    return nullptr;
  news() = {Ref::borrow(subscribe), Ref::borrow(watched)};
  Py_RETURN_NONE;
}

Watched* root_given(PyObject* object) {
  Watched* const root = as_watched(object);
  if (root == nullptr || !news().watched)
    raise(PyExc_TypeError, "a root is needed, and set_news before it is watched");
  return root;
}

/// Does that with a wrapper and a root, or each of a set of them.
PyObject* with_roots(PyObject* args, void (*act)(PyObject*, PyObject*)) {
  return guarded([&]() -> PyObject* {
    PyObject* wrapper = nullptr;
    PyObject* roots = nullptr;
    if (PyArg_ParseTuple(args, "OO", &wrapper, &roots) == 0)
      return nullptr;
    if (Py_TYPE(roots) != &PySet_Type)
      return act(wrapper, roots), Ref::borrow(Py_None).release();
    const Ref all = checked(PyObject_GetIter(roots));
    while (const Ref root = Ref::steal(PyIter_Next(all.get())))
      act(wrapper, root.get());
    return PyErr_Occurred() != nullptr ? nullptr : Ref::borrow(Py_None).release();
  });
}
PyObject* watch(PyObject*, PyObject* args) { return with_roots(args, watch_one); }
PyObject* unwatch(PyObject*, PyObject* args) { return with_roots(args, unwatch_one); }

PyObject* set_uid_place(PyObject*, PyObject* place) {
  uid_place = std::max<Py_ssize_t>(PyLong_AsSsize_t(place), 0);
  return PyErr_Occurred() != nullptr ? nullptr : Ref::borrow(Py_None).release();
}

PyMethodDef functions[] = {
    // CPython keeps pointers into it
    {"set_uid_place", set_uid_place, METH_O,
     PyDoc_STR("set_uid_place(at, /)\n--\n\nAt which byte of a datablock its uid lies.")},
    {"root_of", living_root_of, METH_O,
     PyDoc_STR("root_of(id, /)\n--\n\nThe root whose reference is this very object, if it still "
               "lives; else None.")},
    {"set_news", set_news, METH_VARARGS,
     PyDoc_STR("set_news(subscribe, watched, /)\n--\n\nWhat installs our handlers, and the set of "
               "roots that somebody watches.")},
    {"watch", watch, METH_VARARGS,
     PyDoc_STR("watch(wrapper, root, /)\n--\n\nFrom now on `wrapper._notice()` is called when "
               "the root, or one of a set, goes or comes back, and after each undo, redo and load. "
               "The wrapper is held weakly.")},
    {"unwatch", unwatch, METH_VARARGS, PyDoc_STR("unwatch(wrapper, root, /)\n--\n\nEnds it.")},
    {nullptr, nullptr, 0, nullptr},
};

PyObject* watchers(PyObject* self, void*) {
  return guarded([&]() -> PyObject* {
    Watched* const root = cast(self);
    Ref found = checked(PyList_New(0));
    if (!prune(root, nullptr))
      return nullptr;
    for (Py_ssize_t i = 0; root->watchers != nullptr && i < PyList_Size(root->watchers); ++i)
      if (PyList_Append(found.get(), PyWeakref_GetObject(PyList_GetItem(root->watchers, i))) < 0)
        return nullptr;
    return found.release();
  });
}

PyObject* moment(PyObject* self, void*) { return moment_tuple(cast(self)->seen); }

int set_moment(PyObject* self, PyObject* value, void*) {
  return read_moment(value, cast(self)->seen) ? 0 : -1;
}

PyMethodDef methods[] = {
    // CPython keeps pointers into it
    {"_alive", alive_object, METH_NOARGS,
     PyDoc_STR("_alive($self)\n--\n\nThe datablock, or None if bpy says that it is gone.")},
    {"is_own", is_own_bool, METH_NOARGS,
     PyDoc_STR(
         "is_own($self)\n--\n\nWhether it is the file's own, neither linked, nor an override, "
         "nor within another datablock.")},
    {nullptr, nullptr, 0, nullptr},
};

PyMemberDef members[] = {
    {"uid", T_OBJECT, offsetof(Watched, uid), 0, nullptr},
    {"_changes", T_BOOL, offsetof(Watched, changes), 0, nullptr},
    {"_is_always", T_BOOL, offsetof(Watched, is_always), 0, nullptr},
    {"_rna_uid", T_BOOL, offsetof(Watched, rna_uid), 0, nullptr},
    {"_uid_at", T_PYSSIZET, offsetof(Watched, uid_at), 0, nullptr},
    {nullptr, 0, 0, 0, nullptr},
};

PyGetSetDef properties[] = {
    {"_ref", ref_object, set_ref_object, PyDoc_STR("bpy's object for the datablock, or None."),
     nullptr},
    {"_moment", moment, set_moment,
     PyDoc_STR("When it was last seen: (number of the event before, time.time()), or None."),
     nullptr},
    {"watchers", watchers, nullptr, PyDoc_STR("The wrappers that watch and live."), nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

PyType_Slot slots[] = {
    {Py_tp_doc, const_cast<char*>("A root as native code sees it (internal).")},
    {Py_tp_traverse, reinterpret_cast<void*>(traverse)},
    {Py_tp_clear, reinterpret_cast<void*>(clear)},
    {Py_tp_dealloc, reinterpret_cast<void*>(dealloc)},
    {Py_tp_methods, methods},
    {Py_tp_members, members},
    {Py_tp_getset, properties},
    {0, nullptr},
};
PyType_Spec spec = {RNASLICER_TYPE_NAME("Watched"), sizeof(Watched), 0,
                    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC, slots};

} // namespace

Watched* as_watched(PyObject* object) {
  return type != nullptr && PyObject_TypeCheck(object, type) != 0 ? cast(object) : nullptr;
}

Watched* root_of(PyObject* id) {
  const auto found = roots().find(id);
  return found == roots().end() ? nullptr : found->second;
}

void watch_one(PyObject* wrapper, PyObject* object) {
  Watched* const root = root_given(object);
  if (is_stopped() || !is_hearing())
    checked(PyObject_CallFunctionObjArgs(news().subscribe.get(), nullptr));
  const Ref reference = checked(PyWeakref_NewRef(wrapper, nullptr));
  if (!prune(root, wrapper))
    throw PythonError();
  if (root->watchers == nullptr)
    root->watchers = checked(PyList_New(0)).release();
  if (PyList_Append(root->watchers, reference.get()) < 0 ||
      PySet_Add(news().watched.get(), object) < 0)
    throw PythonError();
}

void unwatch_one(PyObject* wrapper, PyObject* object) {
  Watched* const root = root_given(object);
  if (!prune(root, wrapper))
    throw PythonError();
  const bool is_watched = root->watchers != nullptr && PyList_Size(root->watchers) > 0;
  if (!is_watched && PySet_Discard(news().watched.get(), object) < 0)
    throw PythonError();
}

Ref alive(Watched* root) {
  Ref ref = Ref::borrow(root->ref);
  if (!ref || root->is_always)
    return ref;
  if (root->changes && root->uid != nullptr && root->uid != Py_None)
    return looked_up(root);
  if (!is_there(root)) {
    PyErr_Clear();
    return {};
  }
  if (root->changes) {
    ref = Ref::steal(PyObject_CallMethodObjArgs(ref.get(), names().type_recast, nullptr));
    if (!ref)
      return PyErr_Clear(), Ref();
    set_ref(root, ref.get());
  }
  root->seen = now();
  return ref;
}

bool is_own(PyObject* id) {
  const Ref from = attr(id, names().library);
  const Ref over = from ? attr(id, names().override_library) : Ref();
  const Ref within = over ? attr(id, names().is_embedded) : Ref();
  PyErr_Clear();
  return from.get() == Py_None && over.get() == Py_None && within.get() == Py_False;
}

bool is_own(Watched* root) {
  if (root->own_at == returns() + 1)
    return true;
  const Ref ref = Ref::borrow(root->ref);
  const bool own = ref && is_own(ref.get());
  if (own)
    root->own_at = returns() + 1;
  return own;
}

int register_watched(PyObject* module) {
  if (type == nullptr)
    type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
  if (type == nullptr)
    return -1;
  if (PyModule_AddObjectRef(module, "Watched", reinterpret_cast<PyObject*>(type)) < 0)
    return -1;
  return PyModule_AddFunctions(module, functions);
}

} // namespace rnaslicer::runtime
