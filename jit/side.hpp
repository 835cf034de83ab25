// jit/side.hpp: what a kernel reads besides source, cache and table, from a transfer's arguments.
#pragma once

#include "jit/transfer.hpp"

namespace rnaslicer::jit {

/// Handed to kernels, which know the fields' offsets.
struct SideData {
  const float* decode = nullptr;         ///< 256 values for each lookup, one behind the other
  const std::uint32_t* encode = nullptr; ///< Lookup::bucket_count entries for each
  std::byte* target = nullptr;           ///< of plans that go through an index
  const double* matrix = nullptr;        ///< of a transform: three rows of four
  std::uint64_t target_count = 0;        ///< 1 to 2^31
  std::uint32_t bad_index = 0;           ///< kernels, on several threads perhaps, set it to 1
};

/// The side data of one transfer. Several tables are joined in a buffer that lives until a transfer
/// with other ones: main thread only.
SideData side_data(const Plan& plan, Direction direction, const Transfer& transfer);

/// False where thresholds do not fit buckets: then only the interpreter can update.
bool fits_kernels(const Plan& plan, Direction direction, const Transfer& transfer);

} // namespace rnaslicer::jit
