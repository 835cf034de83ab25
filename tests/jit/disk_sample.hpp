// tests/jit/disk_sample.hpp: something to store, with its name and key.
#pragma once

#include "jit/disk_cache.hpp"

#include <string>

namespace rnaslicer::jit {

inline const Stored sample{16, std::string(3000, 'o') + '\0' + "end", "define void @f()\n"};
inline const std::string name = "rnaslicer_0123456789abcdef_refresh";
inline const std::string key = "everything that shapes code";

} // namespace rnaslicer::jit
