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

  /// Throws PythonError.
  Ref at(std::size_t row);

 private:
  std::vector<std::byte> copy_; // what a setter runs may end the cache
  char format_;
  bool is_array_;
  Py_ssize_t width_ = 1;
  Ref list_;
};

/// Assigns the elements of a list, which must be those at `elements`, rows from `first` on, and
/// does what bpy's assignments leave undone (writing/noticing.py). False, perhaps with an error,
/// where not all could be assigned.
bool assign_list(const Trail& trail, const Reached& reached, std::span<const std::int64_t> elements,
                 RowValues& rows, std::size_t first);

} // namespace rnaslicer::runtime
