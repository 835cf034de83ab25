// runtime/module.cpp: the extension module rnaslicer._core, for Python's stable ABI from 3.11 on.
#include "runtime/bindings.hpp"
#include "runtime/memcache/memcache.hpp"

#include <array>

namespace {

using namespace rnaslicer::runtime;

/// Blender's memory and our caches belong to the process, so there is one interpreter that may use
/// them; types are shared between loads of the module, which sub-interpreters must not do.
bool in_main_interpreter() {
  if (PyInterpreterState_GetID(PyInterpreterState_Get()) == 0)
    return true;
  PyErr_SetString(PyExc_ImportError, "rnaslicer._core works in the main interpreter only");
  return false;
}

int execute(PyObject* module) {
  if (!in_main_interpreter())
    return -1;
  for (const auto add :
       {register_expression,     register_probe,       register_faults,       register_range,
        register_weights,        register_borders,     register_assign,       register_types,
        register_walks,          register_scripts,     register_flat,         register_plan,
        register_lookup,         register_kernel,      register_inspect,      register_memcache,
        register_moment,         register_watched,     register_roster,       register_trail,
        register_composed,       register_way,         register_ways,         register_ways_each,
        register_context,        register_subscript,   register_rows,         register_pointers,
        register_groups,         register_look,        register_single_trail, register_calls,
        register_following,      register_array_trail, register_evaluated,    register_divided,
        register_rosters,        register_owners,      register_unlike,       register_depsgraphs,
        register_instances_trail})
    if (add(module) < 0)
      return -1;
  return 0;
}

PyModuleDef_Slot slots[] = {
    {Py_mod_exec, reinterpret_cast<void*>(execute)},
    {0, nullptr},
};

PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    "_core",
    PyDoc_STR("The compiled part of rnaslicer: expressions, plans, kernels and MemCache."),
    0,
    nullptr,
    slots,
    nullptr,
    nullptr,
    nullptr,
};

} // namespace

/// The only exported symbol; Python prescribes its name.
PyMODINIT_FUNC PyInit__core() // NOLINT(bugprone-reserved-identifier)
{
  return PyModuleDef_Init(&definition);
}
