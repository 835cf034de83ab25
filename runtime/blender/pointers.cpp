// runtime/blender/pointers.cpp: learning where bpy's objects keep the address of their struct.
#include "runtime/blender/pointers.hpp"

#include "runtime/bindings.hpp"
#include "runtime/blender/names.hpp"
#include "runtime/blender/told_word.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <unordered_set>
#include <vector>

namespace rnaslicer::runtime {

namespace {

constexpr std::size_t most_words = 128; // of an object that are looked at

AddressCount counts; // since the start

/// What bpy has, and what was learnt of it. One for the process, never freed: Blender's types
/// outlive us.
struct Known {
  PyTypeObject* base = nullptr;   ///< bpy_struct; null before it was found
  PyObject* as_pointer = nullptr; ///< its method, as a function of the object: no bound method is
                                  ///< made for each call, and no property of a struct hides it
  std::size_t words = 0;          ///< that each object has at least
  ToldWord told;
  std::optional<std::size_t> at; ///< nothing where none was found, or since an object had another
  std::unordered_set<const PyTypeObject*> classes; ///< whose objects were seen to keep it there
  std::array<const PyTypeObject*, 64> last{};      ///< of these, by a part of their address
  const PyTypeObject*& place_of(const PyTypeObject* kind) {
    return last[(reinterpret_cast<std::uintptr_t>(kind) / 64) % last.size()];
  }
};

Known& known() {
  static auto* const all = new Known;
  return *all;
}

/// A word of an object behind its head; the object has as many.
std::uint64_t word_of(PyObject* object, std::size_t index) {
  std::uint64_t word = 0;
  std::memcpy(&word, reinterpret_cast<const std::byte*>(object) + index * sizeof word, sizeof word);
  return word;
}

std::optional<std::uint64_t> told_by_bpy(const Known& how, PyObject* object) {
  const Ref number = Ref::steal(PyObject_CallFunctionObjArgs(how.as_pointer, object, nullptr));
  if (!number)
    return std::nullopt;
  const auto address = PyLong_AsUnsignedLongLong(number.get());
  if (address == static_cast<unsigned long long>(-1) && PyErr_Occurred() != nullptr)
    return std::nullopt;
  return address;
}

void add(Known& how, PyObject* object, std::uint64_t told) {
  std::vector<std::uint64_t> words;
  for (std::size_t i = 0; i < how.words; ++i)
    words.push_back(word_of(object, i));
  how.told.add(words, told);
}

/// Descriptions of ID's properties, which are structs of no datablock: that of one is told by the
/// same word as the struct.
void learn_from_properties(Known& how, PyObject* types) {
  const Ref id = Ref::steal(PyObject_GetAttrString(types, "ID"));
  const Ref rna = id ? Ref::steal(PyObject_GetAttr(id.get(), names().bl_rna)) : Ref();
  const Ref all = rna ? Ref::steal(PyObject_GetAttrString(rna.get(), "properties")) : Ref();
  const Ref list = all ? Ref::steal(PySequence_List(all.get())) : Ref();
  for (Py_ssize_t i = 0; list && i < PyList_Size(list.get()); ++i) {
    PyObject* const one = PyList_GetItem(list.get(), i);
    if (PyType_IsSubtype(Py_TYPE(one), how.base) == 0)
      continue;
    if (const auto told = told_by_bpy(how, one))
      add(how, one, *told);
  }
  how.at = how.told.index();
}

/// bpy's own type and method. False with an error.
bool find(Known& how) {
  if (how.base != nullptr)
    return true;
  const Ref types = Ref::steal(PyImport_ImportModule("bpy.types"));
  Ref base = types ? Ref::steal(PyObject_GetAttrString(types.get(), "bpy_struct")) : Ref();
  Ref method = base ? Ref::steal(PyObject_GetAttrString(base.get(), "as_pointer")) : Ref();
  const Ref size = method ? Ref::steal(PyObject_GetAttrString(base.get(), "__basicsize__")) : Ref();
  const Py_ssize_t bytes = size ? PyLong_AsSsize_t(size.get()) : -1;
  if (bytes < 0)
    return false;
  how.words = std::min(static_cast<std::size_t>(bytes) / sizeof(std::uint64_t), most_words);
  how.as_pointer = method.release();
  how.base = reinterpret_cast<PyTypeObject*>(base.release());
  learn_from_properties(how, types.get());
  PyErr_Clear();
  return true;
}

PyObject* address_object(PyObject*, PyObject* object) {
  return guarded([&]() -> PyObject* {
    auto found = read_address(object);
    if (!found)
      found = ask_address(object);
    return found ? PyLong_FromUnsignedLongLong(*found) : nullptr;
  });
}

PyMethodDef functions[] = {
    // CPython keeps pointers into it
    {"address_of", address_object, METH_O,
     PyDoc_STR("address_of(struct, /)\n--\n\nWhat as_pointer() tells, as native code gets it; for "
               "tests.")},
    {nullptr, nullptr, 0, nullptr},
};

} // namespace

std::optional<std::uint64_t> read_address(PyObject* object) {
  Known& how = known();
  PyTypeObject* const kind = Py_TYPE(object);
  if (!how.at || (how.place_of(kind) != kind && !how.classes.contains(kind)))
    return std::nullopt;
  how.place_of(kind) = kind;
  // A class that went may have left its place to one of another kind.
  if (PyType_IsSubtype(kind, how.base) == 0)
    return std::nullopt;
  ++counts.read;
  return word_of(object, *how.at);
}

std::optional<std::uint64_t> ask_address(PyObject* object) {
  Known& how = known();
  if (!find(how))
    return std::nullopt;
  const auto told = told_by_bpy(how, object);
  if (!told)
    return std::nullopt;
  ++counts.asked;
  if (*told == 0 || !how.at)
    return told;
  if (word_of(object, *how.at) == *told)
    how.classes.insert(Py_TYPE(object));
  else
    how.at.reset(); // from now on all are asked
  return told;
}

AddressCount address_count() { return counts; }

int register_pointers(PyObject* module) { return PyModule_AddFunctions(module, functions); }

} // namespace rnaslicer::runtime
