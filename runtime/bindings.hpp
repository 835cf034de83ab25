// runtime/bindings.hpp: what each topic adds to the extension module.
//
// Types are made once per process and added again to a module that is loaded anew, so that objects
// made before keep working. All functions: 0, or -1 with a Python error set.
#pragma once

#include <Python.h>

namespace rnaslicer::runtime {

/// Name of a type as tp_name wants it.
#define RNASLICER_TYPE_NAME(name) "rnaslicer._core." name

/// parse, expression_text.
int register_expression(PyObject* module);
/// add_reference, is_main_thread, read_memory, probe_kind.
int register_probe(PyObject* module);
/// inject, for tests.
int register_faults(PyObject* module);
/// assign, assign_anew.
int register_assign(PyObject* module);
/// one_type, other_type.
int register_types(PyObject* module);
/// missing_assignments, put_weights.
int register_weights(PyObject* module);
int register_rows(PyObject* module);
/// int_range.
int register_range(PyObject* module);
/// borders_fault, first_beyond.
int register_borders(PyObject* module);
/// walk_list, same_list, follow_pointers, rows_of, row_addresses, row_difference.
int register_walks(PyObject* module);
/// group_values.
int register_groups(PyObject* module);
/// address_of.
int register_pointers(PyObject* module);
/// has_scripts.
int register_scripts(PyObject* module);
/// tick, tick_return, now, returns, set_stopped, is_stopped, is_free, set_handlers, is_hearing.
int register_moment(PyObject* module);
/// Watched, root_of.
int register_watched(PyObject* module);
/// Way.
int register_way(PyObject* module);
/// Roster, roster_of, live_rosters.
int register_roster(PyObject* module);
/// Trail, forget_trails, trail_counts.
int register_trail(PyObject* module);
/// TransformTrail, matrices, and what the next three add.
int register_composed(PyObject* module);
/// GatherTrail.
int register_gather(PyObject* module);
/// GroupTrail.
int register_group_trail(PyObject* module);
int register_picked_trail(PyObject* module);
/// SingleTrail, follow_single.
int register_single_trail(PyObject* module);
/// set_evaluated.
int register_evaluated(PyObject* module);
/// ArrayTrail, follow_array.
int register_array_trail(PyObject* module);
int register_instances_trail(PyObject* module);
int register_depsgraphs(PyObject* module);
/// PortionsTrail.
int register_portions(PyObject* module);
/// DividedTrail.
int register_divided(PyObject* module);
/// known_path, set_ways.
int register_ways(PyObject* module);

/// owner_path, set_owners.
int register_owners(PyObject* module);
/// unlike.
int register_unlike(PyObject* module);
/// find_ways, set_patterns.
int register_ways_each(PyObject* module);
/// set_rosters, set_id_places.
int register_rosters(PyObject* module);
int register_context(PyObject* module);
int register_look(PyObject* module);
int register_subscript(PyObject* module);
/// asks_of, asks_hold.
int register_calls(PyObject* module);
/// follow_places.
int register_following(PyObject* module);
/// Flat.
int register_flat(PyObject* module);
/// Plan.
int register_plan(PyObject* module);
/// Lookup.
int register_lookup(PyObject* module);
/// Kernel, kernels, cache_info, clear_cache, warm_up, configure.
int register_kernel(PyObject* module);
/// instructions, predict, disk_kernels.
int register_inspect(PyObject* module);

} // namespace rnaslicer::runtime
