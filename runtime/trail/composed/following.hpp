// runtime/trail/composed/following.hpp: how wrappers enter along trails of this room, by what is
// known of them (internal).
#pragma once

#include "runtime/trail/python/context.hpp"

namespace rnaslicer::runtime {

Following gather_following();
Following groups_following();
Following portions_following();

} // namespace rnaslicer::runtime
