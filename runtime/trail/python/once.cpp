// runtime/trail/python/once.cpp: Trail's methods that move a caller's buffer.
#include "runtime/blender/bpy.hpp"
#include "runtime/blender/names.hpp"
#include "runtime/memcache/memcache.hpp"
#include "runtime/trail/python/trail.hpp"
#include "runtime/trail/run.hpp"
#include "runtime/trail/sculpting.hpp"
#include "runtime/trail/several/listed.hpp"

#include <algorithm>

namespace rnaslicer::runtime {

namespace {

/// (root, steps or None, MemCache, rows, byte of the first item).
PyObject* go_once(PyObject* self, PyObject* args,
                  bool (*how)(const Trail&, const Start&, const Once&)) {
  return guarded([&]() -> PyObject* {
    PyObject* root = nullptr;
    PyObject* steps = nullptr;
    Once once;
    if (PyArg_ParseTuple(args, "OOOnn", &root, &steps, &once.cache, &once.count, &once.first) == 0)
      return nullptr;
    if (!memcache_check(once.cache))
      raise(PyExc_TypeError, "a MemCache on the caller's buffer is needed");
    const std::shared_ptr<const Trail> trail = trail_of(self); // whatever a script's code drops
    const Start start{root, steps_of(self, steps)};
    return PyBool_FromLong(static_cast<long>(how(*trail, start, once)));
  });
}

/// Items of a packed buffer: whole rows, if shaped as the trail's cache or, `flat`, of any shape.
std::optional<Once> rows_in(const Trail& trail, PyObject* cache, bool flat) {
  const StorageView storage = memcache_storage(cache);
  std::int64_t width = storage.itemsize;
  for (const std::int64_t extent : trail.inner)
    width *= extent;
  if (!storage || width <= 0 || storage.nbytes % width != 0)
    return std::nullopt;
  const auto axes = static_cast<std::size_t>(storage.ndim);
  if (!flat && (axes != trail.inner.size() + 1 ||
                !std::equal(trail.inner.begin(), trail.inner.end(), storage.shape + 1)))
    return std::nullopt;
  return Once{cache, static_cast<Py_ssize_t>(storage.nbytes / width), 0};
}

/// The buffer as items of the trail's format; nothing where it is no such buffer.
std::optional<Once> packed_in(const Trail& trail, PyObject* buffer, bool writable, bool flat,
                              Ref& cache) {
  cache = trail.packed ? memcache_on(buffer, trail.format.c_str(), writable) : Ref();
  return cache ? rows_in(trail, cache.get(), flat) : std::nullopt;
}

/// (root, steps or None, buffer, rows or -1).
PyObject* go_packed(PyObject* self, PyObject* args,
                    bool (*how)(const Trail&, const Start&, const Once&), bool writable) {
  return guarded([&]() -> PyObject* {
    PyObject* root = nullptr;
    PyObject* steps = nullptr;
    PyObject* buffer = nullptr;
    Py_ssize_t rows = -1;
    if (PyArg_ParseTuple(args, "OOOn", &root, &steps, &buffer, &rows) == 0)
      return nullptr;
    const std::shared_ptr<const Trail> trail = trail_of(self); // whatever a script's code drops
    Ref cache;
    const auto once = packed_in(*trail, buffer, writable, false, cache);
    if (!once || (rows >= 0 && rows != once->count))
      Py_RETURN_FALSE;
    const Start start{root, steps_of(self, steps)};
    return PyBool_FromLong(static_cast<long>(how(*trail, start, *once)));
  });
}

PyObject* go_of(PyObject* self, PyObject* collection, PyObject* buffer,
                bool (*how)(const Trail&, PyObject*, const Once&), bool writable) {
  const std::shared_ptr<const Trail> trail = trail_of(self);
  Ref cache;
  const auto once = packed_in(*trail, buffer, writable, true, cache);
  return PyBool_FromLong(static_cast<long>(once && how(*trail, collection, *once)));
}

/// Whether a list of bpy.data has a datablock; false with the error cleared.
bool holds(PyObject* data, PyObject* list, PyObject* id) {
  const Ref all = attr(data, list);
  const Ref own = all ? attr(id, names().name) : Ref();
  const Ref found =
      own ? Ref::steal(PyObject_CallMethodObjArgs(all.get(), names().get, own.get(), nullptr))
          : Ref();
  const bool same = found && PyObject_RichCompareBool(found.get(), id, Py_EQ) > 0;
  PyErr_Clear();
  return same;
}

/// The list of bpy.data that has a datablock; null without an error.
Ref list_of(PyObject* data, PyObject* id) {
  const Ref rna = attr(data, names().bl_rna);
  const Ref properties = rna ? attr(rna.get(), interned("properties").get()) : Ref();
  const Ref all = properties ? Ref::steal(PyObject_GetIter(properties.get())) : Ref();
  while (const Ref one = all ? Ref::steal(PyIter_Next(all.get())) : Ref()) {
    if (!has_text(one.get(), names().type, interned("COLLECTION").get()))
      continue;
    Ref name = attr(one.get(), interned("identifier").get());
    if (name && holds(data, name.get(), id))
      return name;
  }
  PyErr_Clear();
  return {};
}

/// Whether a datablock is in bpy.data, in the list where `homes` says that its type was found (it
/// is told where this one is): evaluated and temporary data are not, and do not tell by themselves.
bool is_in_main(PyObject* id, PyObject* homes) {
  auto* const type = reinterpret_cast<PyObject*>(Py_TYPE(id));
  const Ref home = Ref::borrow(PyDict_GetItem(homes, type));
  if (home)
    return holds(main_data(), home.get(), id);
  const Ref found = list_of(main_data(), id);
  if (found && PyDict_SetItem(homes, type, found.get()) < 0)
    throw PythonError();
  return static_cast<bool>(found);
}

/// The datablock of a collection, if it is the file's own and in bpy.data; empty without an error.
Ref own_id_of(PyObject* collection, PyObject* homes) {
  Ref id = attr(collection, names().id_data);
  const Ref from = id ? attr(id.get(), names().library) : Ref();
  PyErr_Clear();
  if (from.get() != Py_None || !is_in_main(id.get(), homes))
    return {};
  return id;
}

bool is_named(PyObject* object, const char* text) {
  const Ref name = checked(PyType_GetName(Py_TYPE(object)));
  return PyUnicode_CompareWithASCIIString(name.get(), text) == 0;
}

/// Whether a datablock is part of another one, and bpy does not call it evaluated.
bool is_embedded(PyObject* id) {
  const Ref evaluated = attr(id, names().is_evaluated);
  PyErr_Clear();
  return evaluated.get() == Py_False && is_true(id, names().is_embedded);
}

/// Whether no mode, library or evaluation can lose what is written to a collection's datablock.
bool is_kept(PyObject* collection, PyObject* ask, PyObject* homes) {
  const Ref id = attr(collection, names().id_data);
  if (id.get() == Py_None) // of bpy.data, where meshes may be that are sculpted
    return nobody_sculpts(ask, nullptr);
  const Ref from = id ? attr(id.get(), names().library) : Ref();
  PyErr_Clear();
  if (from.get() != Py_None || !(is_in_main(id.get(), homes) || is_embedded(id.get())))
    return false;
  // Shape keys are edited with what has them.
  const Ref edited =
      is_named(id.get(), "Key") ? attr(id.get(), names().user) : Ref::borrow(id.get());
  const Ref mode = edited ? attr(edited.get(), names().is_editmode) : Ref(); // not all have one
  PyErr_Clear();
  if (!edited || (mode && mode.get() != Py_False)) {
    const Ref first = Ref::steal(PySequence_GetItem(collection, 0));
    PyErr_Clear();
    return edited && first && is_named(first.get(), "EditBone"); // which are what is edited
  }
  return !is_named(edited.get(), "Mesh") || nobody_sculpts(ask, nullptr);
}

} // namespace

Ref rows_on(PyObject* buffer, const std::string& format, std::span<const std::int64_t> inner,
            bool writable) {
  Ref cache = memcache_on(buffer, format.c_str(), writable);
  const StorageView storage = cache ? memcache_storage(cache.get()) : StorageView();
  const bool fits = storage && static_cast<std::size_t>(storage.ndim) == inner.size() + 1 &&
                    std::equal(inner.begin(), inner.end(), storage.shape + 1);
  return fits ? std::move(cache) : Ref();
}

PyObject* module_is_kept(PyObject*, PyObject* args) {
  return guarded([&]() -> PyObject* {
    PyObject* collection = nullptr;
    PyObject* ask = nullptr;
    PyObject* homes = nullptr;
    if (PyArg_ParseTuple(args, "OOO!:is_kept", &collection, &ask, &PyDict_Type, &homes) == 0)
      return nullptr;
    return PyBool_FromLong(static_cast<long>(is_kept(collection, ask, homes)));
  });
}

PyObject* trail_read(PyObject* self, PyObject* args) { return go_once(self, args, read_any_once); }
PyObject* trail_write(PyObject* self, PyObject* args) {
  return go_once(self, args, write_any_once);
}
PyObject* trail_read_packed(PyObject* self, PyObject* args) {
  return go_packed(self, args, read_any_once, true);
}
PyObject* trail_write_packed(PyObject* self, PyObject* args) {
  return go_packed(self, args, write_any_once, false);
}
PyObject* trail_read_of(PyObject* self, PyObject* args) {
  return guarded([&]() -> PyObject* {
    PyObject* collection = nullptr;
    PyObject* buffer = nullptr;
    if (PyArg_ParseTuple(args, "OO:read_of", &collection, &buffer) == 0)
      return nullptr;
    return go_of(self, collection, buffer, read_once_of, true);
  });
}
PyObject* trail_write_of(PyObject* self, PyObject* args) {
  return guarded([&]() -> PyObject* {
    PyObject* collection = nullptr;
    PyObject* buffer = nullptr;
    PyObject* homes = nullptr;
    if (PyArg_ParseTuple(args, "OOO!:write_of", &collection, &buffer, &PyDict_Type, &homes) == 0)
      return nullptr;
    if (!own_id_of(collection, homes))
      Py_RETURN_FALSE;
    return go_of(self, collection, buffer, write_once_of, false);
  });
}

} // namespace rnaslicer::runtime
