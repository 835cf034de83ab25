// jit/kernel_key.hpp: what tells kernels apart, in memory and on disk.
#pragma once

#include "jit/engine.hpp"

#include <string>
#include <string_view>

namespace rnaslicer::jit {

/// True if the code for one plan is the code for the other.
bool same_code(const Plan& a, const Plan& b);

/// Do the steps' outputs fill the memory without gaps, and is there more to do than a memcpy?
bool can_stream(const Plan& plan, Direction direction);

/// Everything that shapes the code of an entry.
std::string disk_key(const Plan& plan, const std::string& symbol, Tier tier);

/// True if this version could have made a key.
bool is_current(std::string_view key);

} // namespace rnaslicer::jit
