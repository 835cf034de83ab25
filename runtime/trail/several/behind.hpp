// runtime/trail/several/behind.hpp: what lies behind one of many structs when all are entered.
#pragma once

#include "runtime/trail/segment.hpp"

#include <optional>
#include <vector>

namespace rnaslicer::runtime {

/// Segment and place of one struct's collection at an enter. anew: three elements are compared
/// with bpy's, though some were in this session.
std::optional<Entered> entered_behind(const Trail& trail, PyObject* one, PyObject* id, bool anew,
                                      Lead& lead);

/// What led from each of so many structs when that was last entered, perhaps from others.
std::vector<Lead> leads_before(const Trail& trail, std::size_t count);

} // namespace rnaslicer::runtime
