// runtime/trail/several/drawings.cpp: when drawings are told at once.
#include "runtime/trail/several/drawings.hpp"

#include "runtime/blender/names.hpp"

namespace rnaslicer::runtime {

bool are_drawings(const Trail& trail) {
  if (!trail.divided || !trail.in_place || trail.legs.size() != 1)
    return false;
  const Writing& how = trail.legs.front().writing;
  return how.possible && !how.remakes && !how.moves;
}

Drawings::~Drawings() {
  if (!written_)
    return;
  const StashedError error; // what has ended the transfer
  const Ref done =
      Ref::steal(PyObject_CallMethodObjArgs(written_.get(), names().update_tag, nullptr));
  PyErr_Clear();
}

} // namespace rnaslicer::runtime
