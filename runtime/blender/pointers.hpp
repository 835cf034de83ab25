// runtime/blender/pointers.hpp: where bpy's objects for structs keep what as_pointer() tells.
//
// as_pointer() costs a call, a number that is made, and its way back: of thousands of datablocks it
// was nearly half of what a refresh takes. It tells a word of the object itself. Which one this
// session learns, from objects whose address bpy tells; of each class one is asked before its
// objects are read. No address is kept: the word is read from the object at each use, as bpy does.
#pragma once

#include "runtime/pyref.hpp"

#include <cstdint>
#include <optional>

namespace rnaslicer::runtime {

/// Where a bpy_struct says that it lies, without a call. Nothing, with or without an error, where
/// bpy must be asked.
std::optional<std::uint64_t> read_address(PyObject* object);

/// `bpy.types.bpy_struct.as_pointer` of an object; nothing with an error. What it tells is learnt
/// from.
std::optional<std::uint64_t> ask_address(PyObject* object);

/// How often objects were read, and how often bpy was asked; for tests.
struct AddressCount {
  std::int64_t read = 0;
  std::int64_t asked = 0;
};
AddressCount address_count();

} // namespace rnaslicer::runtime
