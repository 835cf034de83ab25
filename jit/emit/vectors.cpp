// jit/emit/vectors.cpp: kernels that move a block of steps at once.
#include "jit/emit/function.hpp"

namespace rnaslicer::jit::emission {

std::int64_t emit_vectors(Frame& /*frame*/, const Plan& /*plan*/, Direction /*direction*/,
                          Tier /*tier*/, bool /*streaming*/) {
  return 0;
}

} // namespace rnaslicer::jit::emission
