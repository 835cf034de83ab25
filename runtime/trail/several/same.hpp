// runtime/trail/several/same.hpp: structs that are, byte by byte, what they were when bpy gave
// their arrays.
//
// To go from an F-curve to its keyframes and count them costs bpy more than to copy them. Of some
// structs (transfer/laid.py) bpy reads nothing else for that, so while the bytes stay it would give
// the same again. What is remembered is only compared: which structs there are bpy is asked each
// time, and the pointer to the array is among the bytes.
#pragma once

#include "runtime/trail/follow.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace rnaslicer::runtime {

/// The structs of one transfer, by their number in it.
class SameStructs {
 public:
  /// As many as that, as they were when the trail was last entered for as many.
  SameStructs(const Trail& trail, std::size_t count);

  /// These are the structs of this call.
  void look(std::span<const Ref> structs);
  /// Where the array of all legs begins, how many elements it has, and whether their values were
  /// compared with bpy's; nothing where bpy must be asked.
  struct Told {
    Located located;
    Py_ssize_t length = 0;
    bool compared = false;
  };
  std::optional<Told> told(std::size_t at);
  /// One is about to be asked of bpy; so is what has not told.
  void expect(std::size_t at);
  /// What bpy gave for one, by leg. compared: the values are bpy's.
  void note(std::size_t at, std::span<const Located> places, Py_ssize_t length, bool compared);
  /// Asks the processor for what the next ones are compared with, and for their values.
  void fetch_ahead(std::size_t at) const;
  /// So that the next enter begins with them.
  void keep() const;

 private:
  struct Seen {
    std::uint64_t from = 0; // the struct; 0: nothing is remembered
    std::uint64_t base = 0;
    Py_ssize_t length = 0;
    bool compared = false;
  };
  [[nodiscard]] const std::byte* bytes(std::size_t at) const { return bytes_.data() + at * size_; }
  [[nodiscard]] bool is_still(std::size_t at, std::uint64_t address) const;

  const Trail* trail_;
  std::size_t size_ = 0;           // of a struct; 0: this trail's do not tell
  std::vector<std::uint64_t> now_; // where this call's structs are; 0: of another kind
  std::vector<Seen> seen_;
  std::vector<std::byte> bytes_; // of all of them, one behind the other
};

/// How many structs told so, of how many arrays (one for each leg), and how many had changed; for
/// tests.
struct SameCount {
  std::int64_t structs = 0;
  std::int64_t arrays = 0;
  std::int64_t changed = 0;
};
SameCount same_count();

} // namespace rnaslicer::runtime
