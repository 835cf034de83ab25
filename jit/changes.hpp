// jit/changes.hpp: which rows of a cache differ after a refresh, found while the data passes by.
//
// While a Changes watches a cache, kernels write a few thousand numbers at a time into a small
// block beside it; only what differs from the cache is copied there. So a refresh that changes
// nothing reads both sides once and writes nothing. Where the source has the cache's bytes, not
// even the block is written.
#pragma once

#include "jit/transfer.hpp"

#include <atomic>
#include <cstdlib>
#include <functional>
#include <memory>
#include <vector>

namespace rnaslicer::jit {

struct Part;

class Changes {
 public:
  /// Watches `rows` rows of `row_bytes` (above 0) from `cache` on for refreshes of this thread,
  /// until it goes. What a refresh calls may make another one, for another cache. `part`: bytes
  /// that are moved at once, unless one step of the innermost loop has more.
  Changes(std::byte* cache, std::size_t rows, std::size_t row_bytes,
          std::int64_t part = 64LL << 10U);
  Changes(const Changes&) = delete;
  Changes& operator=(const Changes&) = delete;
  Changes(Changes&&) = delete;
  Changes& operator=(Changes&&) = delete;
  ~Changes();

  /// Who watches this place on this thread, or null.
  static Changes* watching(const std::byte* place);
  /// Who watches where a refresh writes.
  static Changes* watching(const Plan& plan, const Transfer& transfer);

  /// Others than kernels are about to write to the cache: from now on a copy tells.
  void expect_other_writes();

  /// Carries out a refresh part by part. `move` runs one part and gives true if no index was bad;
  /// with `threads` above 1 it is called on several. False if any call gave false.
  bool refresh(const Plan& plan, const Transfer& transfer, unsigned threads,
               const std::function<bool(const Transfer&)>& move);

  /// Begin and end of each range of rows whose bytes differ from what they were; ranges that touch
  /// are one.
  [[nodiscard]] std::vector<std::int64_t> ranges();

 private:
  [[nodiscard]] bool are_apart(const std::vector<Part>& parts) const;
  void compare(const std::byte* now, std::byte* before, std::size_t bytes);

  Changes* m_outer;
  std::byte* m_cache;
  std::size_t m_rows, m_row_bytes;
  std::int64_t m_part;
  struct Free {
    void operator()(void* memory) const { std::free(memory); }
  };

  std::unique_ptr<std::uint8_t, Free> m_differs; ///< by row; pages of zeros until one differs
  std::atomic<bool> m_any = false;               ///< whether anything in it is set
  std::vector<std::byte> m_copy;                 ///< of the cache, where others write
};

} // namespace rnaslicer::jit
