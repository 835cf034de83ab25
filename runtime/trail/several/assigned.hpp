// runtime/trail/several/assigned.hpp: what bpy assigns one by one, where an update by memory would
// not leave what assignments leave.
#pragma once

#include "runtime/memcache/memcache.hpp"
#include "runtime/trail/follow.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace rnaslicer::runtime {

/// Rows of a packed cache as setattr takes them: numbers, or a list of them, which is used again
/// for the next row unless somebody has kept it.
class RowValues {
 public:
  RowValues(const StorageView& storage, const Trail& trail);

  /// What a leg has of a row; null, without an error, for a number that is no item of its enum.
  /// Throws PythonError.
  Ref at(std::size_t row, const Leg& leg);

  /// Whether all numbers of a leg's are items of its enum, where it is one.
  bool are_items(const Leg& leg, std::size_t rows);

 private:
  Ref name_of(const Leg& leg, PyObject* number);

  std::vector<std::byte> copy_; // what a setter runs may end the cache
  char format_;
  RowPart whole_;
  Py_ssize_t row_bytes_ = 0;
  Ref list_;
  const Leg* named_ = nullptr; // the leg of
  Ref names_;                  // dict from number to name
};

/// Assigns the elements of a list, which must be those at `elements`, rows from `first` on, and
/// does what bpy's assignments leave undone (writing/noticing.py). False, perhaps with an error,
/// where not all could be assigned.
bool assign_list(const Trail& trail, const Leg& leg, const Reached& reached,
                 std::span<const std::int64_t> elements, RowValues& rows, std::size_t first);

} // namespace rnaslicer::runtime
