// jit/inspect.hpp: machine code of a kernel as text, from its object file.
#pragma once

#include "jit/engine.hpp"

#include <string>

namespace rnaslicer::jit {

/// Disassembles the function `symbol`: one line per instruction, Intel syntax, addresses relative
/// to its start, as branch targets are; what the linker fills in stands behind `#`. Throws
/// std::runtime_error if the object cannot be read.
std::string disassemble(const std::string& object, const std::string& symbol, Tier tier);

} // namespace rnaslicer::jit
