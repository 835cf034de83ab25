// runtime/memory/counted.hpp: how many there are of what must not be left behind.
#pragma once

#include <cstdint>

namespace rnaslicer::runtime {

/// What `live()` tells of trails. With the GIL held, as all that makes or ends them.
struct TrailCounters {
  std::int64_t trails = 0;
  std::int64_t runs = 0;     ///< wrappers that follow one
  std::int64_t segments = 0; ///< what these noted of collections
};
inline TrailCounters trail_counters; // one for all of the module

/// A member that counts the objects it is in.
template <std::int64_t TrailCounters::*counter> class Counted {
 public:
  Counted() noexcept { ++(trail_counters.*counter); }
  Counted(const Counted& /*other*/) noexcept : Counted() {}
  Counted(Counted&& /*other*/) noexcept : Counted() {}
  Counted& operator=(const Counted&) = default;
  Counted& operator=(Counted&&) noexcept = default;
  ~Counted() { --(trail_counters.*counter); }
};

} // namespace rnaslicer::runtime
