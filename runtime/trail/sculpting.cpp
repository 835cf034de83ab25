// runtime/trail/sculpting.cpp: the active object of each view layer, and the answer about all
// others.
#include "runtime/trail/sculpting.hpp"

#include "runtime/blender/bpy.hpp"
#include "runtime/blender/names.hpp"
#include "runtime/supplier/moment.hpp"

#include <algorithm>
#include <cstring>
#include <span>
#include <vector>

namespace rnaslicer::runtime {

namespace {

/// Calls `f` for each element of `object.name`; false as soon as it says so.
template <typename F> bool each(PyObject* object, PyObject* name, F f) {
  const Ref collection = checked(PyObject_GetAttr(object, name));
  const Ref iterator = checked(PyObject_GetIter(collection.get()));
  while (const Ref element = Ref::steal(PyIter_Next(iterator.get())))
    if (!f(element.get()))
      return false;
  if (PyErr_Occurred() != nullptr)
    throw PythonError();
  return true;
}

bool no_active_one() {
  const Names& all = names();
  return each(main_data(), all.scenes, [&](PyObject* scene) {
    return each(scene, all.view_layers, [&](PyObject* layer) {
      const Ref objects = checked(PyObject_GetAttr(layer, all.objects));
      const Ref active = checked(PyObject_GetAttr(objects.get(), all.active));
      return active.get() == Py_None || !has_text(active.get(), all.mode, all.sculpt);
    });
  });
}

template <typename T> T read(std::uint64_t address, std::int64_t at) {
  T found{};
  const auto* const base =
      reinterpret_cast<const char*>(address); // NOLINT(performance-no-int-to-ptr)
  std::memcpy(&found, base + at, sizeof found);
  return found;
}

/// Whether none is in sculpt mode that is active in one of a scene's layers.
bool no_active_in(const ModePlaces& places, std::uint64_t scene) {
  for (auto layer = read<std::uint64_t>(scene, places.layers); layer != 0;
       layer = read<std::uint64_t>(layer, places.next)) {
    if ((read<std::uint16_t>(layer, places.flags) & ~places.settled) != 0)
      return false;
    const auto base = read<std::uint64_t>(layer, places.base);
    const auto object = base == 0 ? 0 : read<std::uint64_t>(base, places.object);
    if (object != 0 && read<std::int32_t>(object, places.mode) == places.sculpt)
      return false;
  }
  return true;
}

/// How many scenes bpy counts. Its collection of them refers to bpy.data and to nothing else, so
/// one that is kept is good as long as bpy.data lies where it lay.
Py_ssize_t count_of_scenes(std::uint64_t all) {
  static std::uint64_t of = 0;
  static auto* const kept = new Ref; // never freed: the process is Blender's
  if (!*kept || of != all) {
    Ref scenes = checked(PyObject_GetAttr(main_data(), names().scenes));
    of = all;
    *kept = std::move(scenes);
  }
  return PyObject_Size(kept->get());
}

/// The same as no_active_one, of memory; false also where that is not in order now, or has not as
/// many scenes as bpy counts.
bool no_active_one(const ModePlaces& places) {
  if (places.scenes < 0)
    return each(main_data(), names().scenes, [&](PyObject* scene) {
      const auto address = address_of(scene);
      if (!address)
        throw PythonError();
      return no_active_in(places, *address);
    });
  const auto all = address_of(main_data());
  Py_ssize_t count = all ? count_of_scenes(*all) : -1;
  if (count < 0)
    throw PythonError();
  for (auto scene = read<std::uint64_t>(*all, places.scenes); scene != 0 && count >= 0; --count) {
    if (!no_active_in(places, scene))
      return false;
    scene = read<std::uint64_t>(scene, places.next_scene);
  }
  return count == 0;
}

/// The number of sculpt mode, as bpy's bulk call tells it.
int number_of_sculpt() {
  static int known = -1;
  if (known < 0) {
    const Ref types = checked(PyImport_ImportModule("bpy.types"));
    const Ref object = checked(PyObject_GetAttrString(types.get(), "Object"));
    const Ref rna = checked(PyObject_GetAttr(object.get(), names().bl_rna));
    const Ref properties = checked(PyObject_GetAttrString(rna.get(), "properties"));
    const Ref mode = checked(PyObject_GetItem(properties.get(), names().mode));
    const Ref items = checked(PyObject_GetAttrString(mode.get(), "enum_items"));
    const Ref item = checked(PyObject_GetItem(items.get(), names().sculpt));
    const Ref value = checked(PyObject_GetAttrString(item.get(), "value"));
    known = static_cast<int>(PyLong_AsLong(value.get()));
  }
  return known;
}

/// Whether no object is in sculpt mode, asked of all at once, or one by one where bpy's bulk call
/// leaves enums out (hazards.FOREACH_SMALL_ENUMS).
bool none_of_all() {
  const Ref objects = checked(PyObject_GetAttr(main_data(), names().objects));
  const Py_ssize_t count = PyObject_Size(objects.get());
  if (count < 0)
    throw PythonError();
  if (count == 0)
    return true;
  const std::vector<std::int32_t> unset(static_cast<std::size_t>(count), -1);
  const Ref module = checked(PyImport_ImportModule("array"));
  const Ref numbers = checked(PyObject_CallMethod(
      module.get(), "array", "sy#", "i", reinterpret_cast<const char*>(unset.data()),
      count * static_cast<Py_ssize_t>(sizeof(std::int32_t))));
  checked(PyObject_CallMethodObjArgs(objects.get(), names().foreach_get, names().mode,
                                     numbers.get(), nullptr));
  Buffer buffer;
  if (!buffer.acquire(numbers.get(), PyBUF_SIMPLE))
    throw PythonError();
  const std::span modes(static_cast<const std::int32_t*>(buffer->buf),
                        static_cast<std::size_t>(buffer->len) / sizeof(std::int32_t));
  if (std::ranges::find(modes, -1) == modes.end())
    return std::ranges::find(modes, number_of_sculpt()) == modes.end();
  return each(main_data(), names().objects,
              [](PyObject* one) { return !has_text(one, names().mode, names().sculpt); });
}

bool no_other(PyObject* ask) {
  static std::int64_t asked = -1; // the number of the event after which the answer was "none"
  const std::int64_t at = now().number;
  if (at == asked)
    return true;
  if (!none_of_all()) { // Python looks which
    const Ref answer = checked(PyObject_CallFunctionObjArgs(ask, nullptr));
    if (answer.get() != Py_True)
      return false;
  }
  asked = at;
  return true;
}

} // namespace

bool nobody_sculpts(PyObject* ask, const ModePlaces* places) {
  try {
    return ((places != nullptr && no_active_one(*places)) || no_active_one()) && no_other(ask);
  } catch (const PythonError&) {
    PyErr_Clear();
    return false;
  }
}

} // namespace rnaslicer::runtime
