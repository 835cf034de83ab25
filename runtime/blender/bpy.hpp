// runtime/blender/bpy.hpp: the few questions that native code asks of bpy, by Python's stable ABI.
//
// Whoever asks holds the GIL. Where bpy raises, the error is left set: the caller declines and lets
// Python ask again, which then says what is wrong. Nothing here keeps an address.
#pragma once

#include "runtime/pyref.hpp"

#include <cstdint>
#include <optional>

namespace rnaslicer::runtime {

/// A name that Python holds once. New reference; throws PythonError.
Ref interned(const char* name);

/// `object.name`; null with an error.
inline Ref attr(PyObject* object, PyObject* name) {
  return Ref::steal(PyObject_GetAttr(object, name));
}

/// `object.as_pointer()`; nothing with an error. Of a dead datablock it is where that was: only
/// attributes tell that it is dead.
std::optional<std::uint64_t> address_of(PyObject* object);

/// Whether a datablock lives; false with an error.
bool is_living(PyObject* id);

/// The address of a datablock that may be dead: then nothing, with an error.
std::optional<std::uint64_t> living_address_of(PyObject* id);

/// `collection[index]` and its address.
struct Element {
  Ref object;
  std::uint64_t address = 0;
};
std::optional<Element> element_at(PyObject* collection, Py_ssize_t index);

/// bpy.data, borrowed. Throws PythonError.
PyObject* main_data();

/// Whether the file has libraries, without which nothing in it is linked or an override; true where
/// bpy does not tell.
bool has_libraries();

/// `object.path_resolve(path)`; null with an error.
Ref resolved(PyObject* object, PyObject* path);

/// What bpy gave for a property, to be given back to it: the numbers of a vector as a tuple, all
/// asked at once. Of a vector bpy asks each number of Blender anew, which takes longer than all
/// else. Null with an error.
Ref as_numbers(PyObject* value);

/// Whether `object.name` is True.
bool is_true(PyObject* object, PyObject* name);

/// Whether an attribute that bpy gives as text (an enum) is `text`; false with the error cleared.
bool has_text(PyObject* object, PyObject* name, PyObject* text);

} // namespace rnaslicer::runtime
