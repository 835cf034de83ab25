// jit/debugger.hpp: what gdb is told of code that goes; that it came, LLVM tells.
#pragma once

#include <vector>

namespace rnaslicer::jit {

/// The newest of gdb's entries; null where there is none. All here under the engine's lock, which
/// is held wherever LLVM adds to them.
[[nodiscard]] void* newest_debug_entry();

/// Those that came since `before` was the newest.
[[nodiscard]] std::vector<void*> debug_entries_since(const void* before);

/// Takes entries out, while their symbols can still be read: LLVM 19 leaves them, and gdb names
/// what lies there next by what has gone, or reads symbols that are no more.
void forget_debug_entries(const std::vector<void*>& entries);

} // namespace rnaslicer::jit
