// tests/jit/copy_test.cpp: memcpy of our own, of any size, wherever both lie.
#include "jit/copy.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <gtest/gtest.h>
#include <vector>

namespace rnaslicer::jit {
namespace {

constexpr std::size_t page = 4096;

TEST(CopyBytes, copies_what_it_is_told_to_and_nothing_else) {
  std::vector<std::byte> from(8 * page);
  for (std::size_t i = 0; i < from.size(); ++i)
    from[i] = static_cast<std::byte>(i % 251);
  // Targets that begin before, at and behind the source's place in a page.
  std::vector<std::byte> to(from.size() + 2 * page);
  const auto place = [](const std::byte* at) {
    return reinterpret_cast<std::uintptr_t>(at) % page;
  };
  const std::size_t alike = (place(from.data()) + page - place(to.data())) % page;
  for (const std::size_t size :
       {0UL, 1UL, 63UL, 64UL, 2047UL, 2048UL, 2049UL, 3600UL, 4096UL, 10'000UL, 30'001UL})
    for (std::size_t apart = 0; apart < 70; ++apart)
      for (const std::size_t first : {0UL, 5UL}) {
        std::ranges::fill(to, std::byte{0xEE});
        std::byte* const target = to.data() + alike + first + apart;
        ASSERT_EQ(copy_bytes(target, from.data() + first, size), target);
        ASSERT_TRUE(std::equal(target, target + size, from.data() + first)) << size << " " << apart;
        const auto is_untouched = [](std::byte one) { return one == std::byte{0xEE}; };
        ASSERT_TRUE(std::all_of(to.data(), target, is_untouched)) << size << " " << apart;
        ASSERT_TRUE(std::all_of(target + size, to.data() + to.size(), is_untouched))
            << size << " " << apart;
      }
}

} // namespace
} // namespace rnaslicer::jit
