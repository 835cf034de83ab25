// runtime/trail/several/behind.cpp: as bpy gave it before in this session, or by all steps.
#include "runtime/trail/several/behind.hpp"

namespace rnaslicer::runtime {

std::optional<Entered> entered_behind(const Trail& trail, PyObject* one, PyObject* id, bool anew,
                                      Lead& lead) {
  if (!anew)
    if (const auto known = known_behind(trail, one, lead))
      return Entered{{known->length, {}, {}, {}, {false}}, {known->located}};
  const auto reached = follow(trail, one, id);
  if (!reached)
    return std::nullopt;
  return rows_of(trail, reached->length).count > 0
             ? enter_segment(trail, *reached, anew ? Compared::three : Compared::none)
             : enter_empty(trail, *reached);
}

std::vector<Lead> leads_before(const Trail& trail, std::size_t count) {
  std::vector<Lead> leads = trail.keeps ? trail.keeps->seen->last : std::vector<Lead>();
  leads.resize(count);
  return leads;
}

} // namespace rnaslicer::runtime
