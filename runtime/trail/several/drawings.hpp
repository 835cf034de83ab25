// runtime/trail/several/drawings.hpp: Grease Pencil drawings that one update writes.
//
// What bpy's assignment to an attribute of a drawing causes it causes to the datablock, and so one
// for all of these is as good as one for each: before the first, which shows that bpy lets us, and
// after the last. Touching gives each drawing an array of its own.
#pragma once

#include "runtime/trail/trail.hpp"

namespace rnaslicer::runtime {

/// Whether that holds of what a trail writes.
bool are_drawings(const Trail& trail);

/// The datablock of drawings that are written, but not told yet. If it does not come to that, it is
/// tagged.
class Drawings {
 public:
  Drawings() = default;
  Drawings(const Drawings&) = delete;
  Drawings& operator=(const Drawings&) = delete;
  Drawings(Drawings&&) = delete;
  Drawings& operator=(Drawings&&) = delete;
  ~Drawings();

  void begin(PyObject* id) { written_ = Ref::borrow(id); }
  void end() { written_ = Ref(); }

 private:
  Ref written_; // null: all are told
};

} // namespace rnaslicer::runtime
