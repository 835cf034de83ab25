// runtime/trail/assigned.hpp: what bpy writes, where the kernel may not: setattr on one element
// after the other, or foreach_set of all, as the routes have it (transfer/element.py, foreach.py).
#pragma once

#include "runtime/blender/told_value.hpp"
#include "runtime/trail/noticing.hpp"
#include "runtime/trail/segment.hpp"
#include "runtime/transfer/assign_python.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace rnaslicer::runtime {

/// Numbers that divide geometry among elements (transfer/writing/partitions.py).
struct Divides {
  Ref collection;         ///< name of what of the datablock is divided
  std::int32_t least = 0; ///< of each part
  bool has_end = false; ///< the last number is where the last part ends; else that goes to the end
  Ref other; ///< the property that divides it together with this one; null: this one alone does
};

/// How the numbers of a row become what setattr takes (transfer/element.py, given).
struct Given {
  Move move;           ///< between the cache and rows that lie packed, in RNA's own type
  std::string format;  ///< of that
  bool is_row = false; ///< there is one, of a struct; else the kernel's first loop is the rows
  std::vector<std::int64_t> inner;      ///< axes of a row
  std::vector<std::int64_t> components; ///< of RNA's value, as many as a row has numbers
  std::vector<std::int64_t> dims;       ///< of RNA's value; none: it is a number
  Ref made;  ///< makes a matrix, which lies by columns, of its rows; null: it is none
  Ref names; ///< of an enum: dict from number to what setattr takes
  std::optional<Item> item;       ///< a custom property, which is set as such
  std::optional<Divides> divides; ///< they must leave geometry whole
  bool asks_each = true;          ///< elements decide one by one whether they may be written
};

/// Read what Python describes, of None nothing. Throw PythonError.
std::shared_ptr<const Given> read_given(PyObject* dict);
std::optional<AskedArray> read_array(PyObject* dict);
std::vector<LegAxis> read_axes(PyObject* tuple);

/// What an update asks of a leg's elements: a copy, for what a setter runs may end the cache.
class Wanted {
 public:
  /// `rows`: how many the cache has for the collection; of a struct 1. Throws PythonError.
  Wanted(const Trail& trail, const Leg& leg, const Target& target, std::int64_t rows);

  /// False for a number that is no item, and for a part of a custom property: for the routes.
  [[nodiscard]] bool is_possible() const { return possible_; }
  [[nodiscard]] const Leg& leg() const { return *leg_; }
  /// Which of the cache's rows, in turn.
  [[nodiscard]] const jit::Span& rows() const { return rows_; }
  /// What one of these rows assigns; nothing of others than integers.
  [[nodiscard]] std::optional<std::vector<std::int32_t>> integers(std::int64_t row) const;
  /// setattr on objects[start:stop], of which there is one for each of these rows.
  [[nodiscard]] Taken assign(PyObject* objects, Py_ssize_t start, Py_ssize_t stop) const;

 private:
  void name_rows();

  const Leg* leg_;
  jit::Span rows_;
  Ref packed_;                      // of these rows; of an enum a list of its items' names
  std::vector<std::int64_t> where_; // by component, its number in a row; negative: as it is now
  Ref dims_, places_;
  bool possible_ = true;
};

/// Whether bpy lets us write here: it refuses all while it draws.
bool lets_write(PyObject* id);

/// Whether bpy lets an element be assigned.
bool lets_assign(const Leg& leg, PyObject* element);

/// Whether bpy lets all of these be assigned. Where that is the same for all of a type, one is
/// asked.
bool let_assign(const Leg& leg, PyObject* objects);

/// Has bpy assign objects[start:stop]. False where one was refused: the routes write all of them
/// again, and say how far that went. Throws PythonError for an interrupt.
bool assign_untold(const Trail& trail, const Reached& reached, PyObject* objects,
                   const Wanted& wanted, Py_ssize_t start, Py_ssize_t stop);
/// The same, and what that leaves undone (writing/noticing.py).
inline bool assign_part(const Trail& trail, const Reached& reached, PyObject* objects,
                        const Wanted& wanted, Py_ssize_t start, Py_ssize_t stop) {
  if (!assign_untold(trail, reached, objects, wanted, start, stop))
    return false;
  settle(trail, wanted.leg(), reached);
  return true;
}
inline bool assign_all(const Trail& trail, const Reached& reached, PyObject* objects,
                       const Wanted& wanted) {
  return assign_part(trail, reached, objects, wanted, 0, PyList_Size(objects));
}

/// Assigns the first element what foreach_set was given for it: not its own value again, for a
/// setter that rounds would round twice. False where that is refused.
bool assign_first(const Leg& leg, PyObject* collection, PyObject* array);

/// Whether the elements look like one block of memory (transfer/foreach.py, is_array). Of the array
/// that was last seen there, as long as now, only the first element is asked for again.
bool is_array(const Leg& leg, const Reached& reached, Py_ssize_t count);

/// foreach_set of all, between two assignments. As `give`.
bool set_all(const Trail& trail, const Leg& leg, const Segment& segment, const Reached& reached,
             const Follow& follow, const Target& target);

/// Whether a leg that bpy writes may be, as far as that is known before the first write.
bool may_give(const Trail& trail, const Leg& leg, const Reached& reached, const Target& target);

/// Has bpy write a leg of the collection: arrays by foreach_set, else one by one. As
/// `write_segment`.
bool give(const Trail& trail, const Leg& leg, const Segment& segment, const Reached& reached,
          const Follow& follow, const Target& target);

} // namespace rnaslicer::runtime
