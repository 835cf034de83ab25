// jit/rows.hpp: what the interpreter does to many short transfers, where it only copies.
#pragma once

#include "jit/transfer.hpp"

#include <span>

namespace rnaslicer::jit {

/// Refreshes all, as the interpreter would one by one: for each it looks at the whole plan anew,
/// which takes longer than to copy some rows. False, and nothing was done, where the plan does more
/// than copy rows of few bytes. What check_transfer() has passed.
bool copy_rows(const Plan& plan, std::span<const Transfer> transfers);

} // namespace rnaslicer::jit
