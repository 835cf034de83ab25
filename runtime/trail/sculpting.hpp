// runtime/trail/sculpting.hpp: whether any object is in sculpt mode, where what is written may be
// lost.
#pragma once

#include "runtime/pyref.hpp"

#include <cstdint>

namespace rnaslicer::runtime {

/// Byte places by which active objects are asked for their mode without bpy, as this session
/// confirmed them: of a scene's view layers, a layer's next, flags and active base, a base's
/// object, an object's mode (4 bytes); the number of sculpt mode; the flags of layers that are in
/// order: with others its bases wait to be made anew, and bpy is asked; and where bpy.data has the
/// first scene (negative: bpy gives them), a scene the next.
struct ModePlaces {
  std::int64_t layers = 0, next = 0, flags = 0, base = 0, object = 0, mode = 0;
  std::int64_t sculpt = 0, settled = 0, scenes = -1, next_scene = 0;
};

/// True if no object that is active in a view layer is in sculpt mode, nor any other one, which
/// `ask()` tells: asked again when Blender told of an event or the number of objects is another
/// (transfer/writing/sculpting.py). `places`: or null. False also where that could not be found
/// out.
bool nobody_sculpts(PyObject* ask, const ModePlaces* places);

} // namespace rnaslicer::runtime
