// runtime/memory/storage.hpp: the memory behind MemCaches: blocks that are reused from enter to
// enter.
#pragma once

#include <cstddef>

namespace rnaslicer::runtime {

/// A piece of memory, aligned to 64 bytes. From 4 MB on it is its own mapping with huge pages
/// (KERNEL-FACTS: a fresh destination costs six times the copy at 12 MB, less than two with them).
struct Block {
  std::byte* data = nullptr;
  std::size_t capacity = 0;
};

/// Bytes held by blocks that are in use, and by blocks that wait in the pool.
struct StorageCounters {
  std::size_t used = 0;
  std::size_t pooled = 0;
};

/// At least `nbytes` bytes: from the pool with what was last in them, or fresh and all zero.
/// An empty block (null data) if there is no memory. Call with the GIL held.
Block take_block(std::size_t nbytes);

/// Hands a block back; the pool keeps up to 256 MB, the oldest blocks go first. With the GIL held.
void give_block(Block block);

/// Frees what waits in the pool.
void trim_pool();

StorageCounters storage_counters();

} // namespace rnaslicer::runtime
