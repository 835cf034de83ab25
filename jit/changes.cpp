// jit/changes.cpp: a refresh in parts that fit into the processor's cache, compared row by row.
#include "jit/changes.hpp"

#include "jit/clones.hpp"
#include "jit/parallel.hpp"
#include "jit/parts.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <new>

namespace rnaslicer::jit {
namespace {

thread_local Changes* current = nullptr;

/// Bytes of the cache from which a second thread pays for being started.
constexpr std::int64_t parallel_bytes = 2LL << 20U;

/// Whether rows of `words` times four bytes differ, without a branch.
template <std::size_t words>
inline __attribute__((always_inline)) void mark_rows(const std::byte* a, const std::byte* b,
                                                     std::size_t rows, std::uint8_t* differs) {
  for (std::size_t row = 0; row < rows; ++row, a += 4 * words, b += 4 * words) {
    std::array<std::uint32_t, words> left;
    std::array<std::uint32_t, words> right;
    std::memcpy(left.data(), a, sizeof left);
    std::memcpy(right.data(), b, sizeof right);
    std::uint32_t other = 0;
    for (std::size_t i = 0; i < words; ++i)
      other |= left[i] ^ right[i];
    differs[row] |= static_cast<std::uint8_t>(other != 0);
  }
}

/// On the CPU's best instructions.
RNASLICER_CLONES void mark_rows(const std::byte* a, const std::byte* b, std::size_t rows,
                                std::size_t row_bytes, std::uint8_t* differs) {
  switch (row_bytes) {
  case 4:
    return mark_rows<1>(a, b, rows, differs);
  case 8:
    return mark_rows<2>(a, b, rows, differs);
  case 12:
    return mark_rows<3>(a, b, rows, differs);
  case 16:
    return mark_rows<4>(a, b, rows, differs);
  default:
    for (std::size_t row = 0; row < rows; ++row)
      differs[row] |= static_cast<std::uint8_t>(
          std::memcmp(a + row * row_bytes, b + row * row_bytes, row_bytes) != 0);
  }
}

/// A block for each thread; a run takes one that nobody has.
class Blocks {
 public:
  Blocks(unsigned number, std::size_t bytes) : m_taken(number) {
    for (unsigned i = 0; i < number; ++i)
      m_blocks.emplace_back(new std::byte[bytes]); // not set to zero: kernels fill it
  }

  class Held {
   public:
    explicit Held(Blocks& blocks) : m_blocks(blocks) {
      while (m_blocks.m_taken[m_which].test_and_set(std::memory_order_acquire))
        m_which = (m_which + 1) % m_blocks.m_taken.size();
    }
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;
    ~Held() { m_blocks.m_taken[m_which].clear(std::memory_order_release); }
    [[nodiscard]] std::byte* data() const { return m_blocks.m_blocks[m_which].get(); }

   private:
    Blocks& m_blocks;
    std::size_t m_which = 0;
  };

 private:
  std::vector<std::atomic_flag> m_taken;
  std::vector<std::unique_ptr<std::byte[]>> m_blocks;
};

} // namespace

Changes::Changes(std::byte* cache, std::size_t rows, std::size_t row_bytes, std::int64_t part)
    : m_outer(current), m_cache(cache), m_rows(rows), m_row_bytes(row_bytes), m_part(part),
      m_differs(static_cast<std::uint8_t*>(std::calloc(rows, 1))) {
  if (m_differs == nullptr)
    throw std::bad_alloc();
  current = this;
}

Changes::~Changes() { current = m_outer; }

Changes* Changes::watching(const std::byte* place) {
  Changes* one = current;
  while (one != nullptr &&
         (place < one->m_cache || place >= one->m_cache + one->m_rows * one->m_row_bytes))
    one = one->m_outer;
  return one;
}

Changes* Changes::watching(const Plan& plan, const Transfer& transfer) {
  return current == nullptr ? nullptr : watching(transfer.cache + first_byte(plan, transfer));
}

void Changes::expect_other_writes() {
  if (m_copy.empty())
    m_copy.assign(m_cache, m_cache + m_rows * m_row_bytes);
}

/// Marks and copies what differs; `before` lies in the cache.
void Changes::compare(const std::byte* now, std::byte* before, std::size_t bytes) {
  if (std::memcmp(now, before, bytes) == 0)
    return;
  m_any.store(true, std::memory_order_relaxed);
  if (!m_copy.empty()) { // that tells
    std::memcpy(before, now, bytes);
    return;
  }
  const auto begin = static_cast<std::size_t>(before - m_cache);
  const std::size_t end = begin + bytes;
  const std::size_t first = (begin + m_row_bytes - 1) / m_row_bytes; // of the whole rows
  const std::size_t last = end / m_row_bytes;
  const auto mark_edge = [&](std::size_t from, std::size_t to) {
    if (from < to && std::memcmp(now + (from - begin), m_cache + from, to - from) != 0)
      m_differs.get()[from / m_row_bytes] = 1;
  };
  if (first > last) {
    mark_edge(begin, end); // inside of one row
  } else {
    mark_edge(begin, first * m_row_bytes);
    const std::size_t skipped = first * m_row_bytes - begin;
    mark_rows(now + skipped, before + skipped, last - first, m_row_bytes, m_differs.get() + first);
    mark_edge(last * m_row_bytes, end);
  }
  std::memcpy(before, now, bytes);
}

/// Whether each part writes to rows of its own.
bool Changes::are_apart(const std::vector<Part>& parts) const {
  std::vector<std::pair<std::int64_t, std::int64_t>> rows;
  const auto row_bytes = static_cast<std::int64_t>(m_row_bytes);
  for (const Part& part : parts) {
    const std::int64_t begin = part.cache + part.begin - m_cache;
    rows.emplace_back(begin / row_bytes, (begin + part.size - 1) / row_bytes);
  }
  std::sort(rows.begin(), rows.end());
  return std::adjacent_find(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
           return b.first <= a.second;
         }) == rows.end();
}

bool Changes::refresh(const Plan& plan, const Transfer& transfer, unsigned threads,
                      const std::function<bool(const Transfer&)>& move) {
  if (std::any_of(transfer.extents.begin(), transfer.extents.end(),
                  [](std::int64_t extent) { return extent <= 0; }))
    return true;
  const std::vector<Part> parts = cut(plan, transfer, m_part);
  std::int64_t largest = 0;
  std::int64_t all = 0;
  for (const Part& part : parts) {
    largest = std::max(largest, part.size);
    all += part.size;
  }
  const bool shared = threads > 1 && all >= parallel_bytes && are_apart(parts);
  const std::size_t runs =
      shared ? std::min<std::size_t>(parts.size(), std::size_t{8} * threads) : 1;
  const unsigned workers = shared ? threads : 1;
  Blocks blocks(workers, static_cast<std::size_t>(largest));
  std::atomic<bool> good = true;
  std::vector<std::exception_ptr> errors(runs);
  const auto run_parts = [&](std::size_t run) {
    const Blocks::Held block(blocks);
    for (std::size_t i = parts.size() * run / runs; i < parts.size() * (run + 1) / runs; ++i) {
      const Part& part = parts[i];
      std::byte* const before = part.cache + part.begin;
      const auto size = static_cast<std::size_t>(part.size);
      if (const std::byte* const alike = same_bytes(plan, part)) {
        compare(alike, before, size);
        continue;
      }
      if (!is_packed(plan, part))
        std::memcpy(block.data(), before, size);
      if (!move(part.to(block.data() - part.begin, transfer)))
        good = false;
      compare(block.data(), before, size);
    }
  };
  share_out(static_cast<std::int64_t>(runs), workers, [&](std::int64_t run) {
    const auto at = static_cast<std::size_t>(run);
    try {
      run_parts(at);
    } catch (...) {
      errors[at] = std::current_exception();
    }
  });
  for (const auto& error : errors)
    if (error)
      std::rethrow_exception(error);
  return good;
}

std::vector<std::int64_t> Changes::ranges() {
  if (!m_copy.empty())
    mark_rows(m_cache, m_copy.data(), m_rows, m_row_bytes, m_differs.get());
  std::vector<std::int64_t> result;
  if (m_copy.empty() && !m_any.load(std::memory_order_relaxed))
    return result;
  const std::uint8_t* const begin = m_differs.get();
  const std::uint8_t* const end = begin + m_rows;
  const auto next = [end](const std::uint8_t* at, int wanted) {
    const auto* found =
        at == end ? nullptr : std::memchr(at, wanted, static_cast<std::size_t>(end - at));
    return found == nullptr ? end : static_cast<const std::uint8_t*>(found);
  };
  for (const std::uint8_t* at = next(begin, 1); at != end; at = next(at, 1)) {
    result.push_back(at - begin);
    at = next(at, 0);
    result.push_back(at - begin);
  }
  return result;
}

} // namespace rnaslicer::jit
