// runtime/memory/storage.cpp: block allocation and the pool.
#include "runtime/memory/storage.hpp"

#include "jit/faults.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <sys/mman.h>
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#endif
#include <vector>

namespace rnaslicer::runtime {
namespace {

constexpr std::size_t alignment = 64;
constexpr std::size_t huge_page = std::size_t{2} << 20;
constexpr std::size_t huge_from = std::size_t{4} << 20;
constexpr std::size_t pool_limit = std::size_t{256} << 20;
constexpr std::size_t pool_blocks = 64;

struct Pool {
  std::vector<Block> waiting; // oldest first
  StorageCounters counters;
};

// Never destroyed: MemCaches may die after static destructors have run.
Pool& pool() {
  static Pool& instance = *new Pool;
  return instance;
}

/// Capacity classes leave at most a quarter unused, so that a block fits the next enter too.
std::size_t capacity_for(std::size_t nbytes) {
  if (nbytes >= huge_from)
    return (nbytes + huge_page - 1) / huge_page * huge_page;
  std::size_t step = alignment;
  while (step * 8 < nbytes)
    step *= 2;
  return std::max((nbytes + step - 1) / step * step, alignment);
}

Block fresh_block(std::size_t capacity) {
  if (capacity >= huge_from) {
    // One huge page more than needed, so that the block can start on a huge page's border.
    const std::size_t mapped = capacity + huge_page;
    void* raw = mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (raw == MAP_FAILED)
      return {};
    auto* base = static_cast<std::byte*>(raw);
    const auto misfit = reinterpret_cast<std::uintptr_t>(base) % huge_page;
    const std::size_t head = misfit == 0 ? 0 : huge_page - misfit;
    if (head != 0)
      munmap(base, head);
    if (head != huge_page)
      munmap(base + head + capacity, huge_page - head);
    // Advice only: without huge pages the block is slower to touch first, not wrong.
    madvise(base + head, capacity, MADV_HUGEPAGE);
    return {base + head, capacity};
  }
  void* data = std::aligned_alloc(alignment, capacity);
  if (data == nullptr)
    return {};
  std::memset(data, 0, capacity);
  return {static_cast<std::byte*>(data), capacity};
}

// A block in the pool is nobody's: AddressSanitizer then reports who still uses it.
void hide([[maybe_unused]] Block block) {
#ifdef __SANITIZE_ADDRESS__
  __asan_poison_memory_region(block.data, block.capacity);
#endif
}

void show([[maybe_unused]] Block block) {
#ifdef __SANITIZE_ADDRESS__
  __asan_unpoison_memory_region(block.data, block.capacity);
#endif
}

void free_block(Block block) {
  show(block);
  if (block.capacity >= huge_from)
    munmap(block.data, block.capacity);
  else
    std::free(block.data);
}

void drop_oldest() {
  Pool& p = pool();
  p.counters.pooled -= p.waiting.front().capacity;
  free_block(p.waiting.front());
  p.waiting.erase(p.waiting.begin());
}

} // namespace

Block take_block(std::size_t nbytes) {
  if (nbytes > SIZE_MAX / 2 || jit::fails(jit::Fault::allocate))
    return {};
  Pool& p = pool();
  const std::size_t capacity = capacity_for(nbytes);
  // Newest first: its pages are the ones still in the caches.
  for (auto it = p.waiting.rbegin(); it != p.waiting.rend(); ++it) {
    if (it->capacity < capacity || it->capacity > capacity + capacity / 4)
      continue;
    const Block block = *it;
    p.waiting.erase(std::next(it).base());
    p.counters.pooled -= block.capacity;
    p.counters.used += block.capacity;
    show(block);
    return block;
  }
  Block block = fresh_block(capacity);
  if (block.data == nullptr && !p.waiting.empty()) {
    trim_pool();
    block = fresh_block(capacity);
  }
  if (block.data != nullptr)
    p.counters.used += block.capacity;
  return block;
}

void give_block(Block block) {
  if (block.data == nullptr)
    return;
  Pool& p = pool();
  p.counters.used -= block.capacity;
  if (block.capacity > pool_limit) {
    free_block(block);
    return;
  }
  hide(block);
  p.waiting.push_back(block);
  p.counters.pooled += block.capacity;
  while (p.counters.pooled > pool_limit || p.waiting.size() > pool_blocks)
    drop_oldest();
}

void trim_pool() {
  while (!pool().waiting.empty())
    drop_oldest();
}

StorageCounters storage_counters() { return pool().counters; }

} // namespace rnaslicer::runtime
