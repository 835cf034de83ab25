// runtime/transfer/kernel_warning.hpp: one RuntimeWarning where a kernel cannot be compiled.
#pragma once

#include "jit/kernel.hpp"

namespace rnaslicer::runtime {

/// Warns, once per reason in a session, if the JIT is on and this kernel is interpreted because its
/// compilation failed. Never leaves a Python error: a transfer does not fail over it, even where
/// warnings are errors. To be called after all bytes have moved.
void warn_if_interpreted(const jit::Kernel& kernel);

} // namespace rnaslicer::runtime
