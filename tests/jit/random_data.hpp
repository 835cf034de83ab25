// tests/jit/random_data.hpp: random memory for a random plan, with numbers that matter in it.
#pragma once

#include "tests/jit/random_plan.hpp"

namespace rnaslicer::jit::test {

/// Bytes from the first to the last item, whose own size is `size`.
std::int64_t span_of(const std::vector<Lane>& items, std::int64_t Lane::*side, std::int64_t size);
/// The bytes from the first to the last item, random but with numbers that matter in the items.
/// The last item has `bytes`.
Case::Bytes random_bytes(Random& random, const std::vector<Lane>& items, std::int64_t Lane::*side,
                         Scalar type, std::int64_t bytes);
/// Tables, and values in the cache that lie on thresholds or right beside them.
void random_lookups(Random& random, Case& c, const std::vector<Lane>& items);
/// Fractions of the format's maximum and their neighbours, also where they lie half-way.
void random_fractions(Random& random, Case& c, const std::vector<Lane>& items);
/// What indices lead into, and the indices; a few lead out of it.
void random_target(Random& random, Case& c, const std::vector<Lane>& items);

} // namespace rnaslicer::jit::test
