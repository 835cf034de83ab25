// runtime/trail/groups/following.hpp: how wrappers enter along trails of this room (internal).
#pragma once

#include "runtime/trail/python/context.hpp"

namespace rnaslicer::runtime {

Following groups_following();

} // namespace rnaslicer::runtime
