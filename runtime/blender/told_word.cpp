// runtime/blender/told_word.cpp: words that were right of every object.
#include "runtime/blender/told_word.hpp"

#include <algorithm>

namespace rnaslicer::runtime {

namespace {

constexpr std::size_t enough = 12; // objects that differ, before a word is believed

} // namespace

void ToldWord::add(std::span<const std::uint64_t> words, std::uint64_t told) {
  if (told == 0) // of what is gone: so are other words
    return;
  if (told_.empty())
    for (std::size_t i = 0; i < words.size(); ++i)
      left_.push_back(i);
  std::erase_if(left_, [&](std::size_t i) { return i >= words.size() || words[i] != told; });
  if (told_.size() < enough && std::ranges::find(told_, told) == told_.end())
    told_.push_back(told);
}

std::optional<std::size_t> ToldWord::index() const {
  return told_.size() == enough && left_.size() == 1 ? std::optional(left_.front()) : std::nullopt;
}

} // namespace rnaslicer::runtime
