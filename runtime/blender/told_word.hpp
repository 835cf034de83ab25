// runtime/blender/told_word.hpp: which word of an object is what somebody tells of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace rnaslicer::runtime {

/// The one word of all objects of a layout that is what was told of them.
class ToldWord {
 public:
  /// The words of an object, and what was told of it.
  void add(std::span<const std::uint64_t> words, std::uint64_t told);
  /// Its index; nothing before enough objects were seen that differ, or where none or several words
  /// are left.
  [[nodiscard]] std::optional<std::size_t> index() const;

 private:
  std::vector<std::size_t> left_;   // indices that were right so far
  std::vector<std::uint64_t> told_; // each once
};

} // namespace rnaslicer::runtime
