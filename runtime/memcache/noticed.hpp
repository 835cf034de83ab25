// runtime/memcache/noticed.hpp: writes to a MemCache that no kernel does (internal).
#pragma once

#include "runtime/memcache/object.hpp"

namespace rnaslicer::runtime {

/// To be called before such a write: changed_rows() may be looking on. False with MemoryError.
bool notice_write(const MemCache* cache);

} // namespace rnaslicer::runtime
