// runtime/blender/scripts.cpp: looks through the classes below some, and remembers what is
// Blender's own.
#include "runtime/blender/scripts.hpp"

#include "runtime/bindings.hpp"
#include "runtime/blender/names.hpp"

#include <vector>

namespace rnaslicer::runtime {

namespace {

bool is(int answer) { return answer < 0 ? throw PythonError() : answer > 0; }

Ref made_of(PyObject* kind) {
  return checked(PyObject_CallMethodObjArgs(kind, names().subclasses, nullptr));
}

/// Whether a script's class, or one made of it, is registered: bpy puts its type into the class.
bool is_registered(PyObject* kind) {
  const Ref own = checked(PyObject_GetAttr(kind, names().dict));
  if (is(PySequence_Contains(own.get(), names().bl_rna)))
    return true;
  const Ref kinds = made_of(kind);
  for (Py_ssize_t i = 0; i < PyList_Size(kinds.get()); ++i)
    if (is_registered(PyList_GetItem(kinds.get(), i)))
      return true;
  return false;
}

/// A class, and what was made of it: Blender's own, held so that no other gets an address of
/// theirs.
struct Parent {
  Ref kind;
  std::vector<Ref> made;
};

/// What was seen last below `roots` where no script had made any. Never freed.
struct Seen {
  Ref roots;
  std::vector<Parent> parents;
};
Seen& seen() {
  static auto* const kept = new Seen;
  return *kept;
}

bool is_as_seen(PyObject* roots) {
  if (seen().roots.get() != roots)
    return false;
  for (const Parent& parent : seen().parents) {
    const Ref kinds = made_of(parent.kind.get());
    if (PyList_Size(kinds.get()) != static_cast<Py_ssize_t>(parent.made.size()))
      return false;
    for (std::size_t i = 0; i < parent.made.size(); ++i)
      if (PyList_GetItem(kinds.get(), static_cast<Py_ssize_t>(i)) != parent.made[i].get())
        return false;
  }
  return true;
}

PyObject* has_scripts_python(PyObject*, PyObject* args) {
  return guarded([&]() -> PyObject* {
    PyObject* roots = nullptr;
    PyObject* wanted = nullptr;
    PyObject* built_in = nullptr;
    if (PyArg_ParseTuple(args, "O!O!O!:has_scripts", &PyTuple_Type, &roots, &PyFrozenSet_Type,
                         &wanted, &PySet_Type, &built_in) == 0)
      return nullptr;
    return PyBool_FromLong(has_scripts(roots, wanted, built_in) ? 1 : 0);
  });
}

PyMethodDef functions[] = {
    // CPython keeps pointers into it
    {"has_scripts", has_scripts_python, METH_VARARGS,
     PyDoc_STR("has_scripts(roots, names, built_in, /)\n--\n\nWhether a class is registered that a "
               "script has made of one of the classes, or of what Blender has made of them under "
               "these names. built_in: modules that are no script's.")},
    {nullptr, nullptr, 0, nullptr},
};

} // namespace

bool has_scripts(PyObject* roots, PyObject* wanted, PyObject* built_in) {
  if (is_as_seen(roots))
    return false;
  std::vector<Parent> parents;
  for (Py_ssize_t i = 0; i < PyTuple_Size(roots); ++i)
    parents.push_back({Ref::borrow(PyTuple_GetItem(roots, i)), {}});
  bool is_blenders = true;
  for (std::size_t at = 0; at < parents.size(); ++at) {
    const Ref kinds = made_of(parents[at].kind.get());
    for (Py_ssize_t i = 0; i < PyList_Size(kinds.get()); ++i) {
      Ref kind = Ref::borrow(PyList_GetItem(kinds.get(), i));
      const Ref module = checked(PyObject_GetAttr(kind.get(), names().module));
      const Ref name = checked(PyObject_GetAttr(kind.get(), names().dunder_name));
      if (!is(PySequence_Contains(built_in, module.get()))) {
        if (is_registered(kind.get()))
          return true;
        is_blenders = false;
        continue;
      }
      if (is(PySequence_Contains(wanted, name.get())))
        parents.push_back({Ref::borrow(kind.get()), {}});
      parents[at].made.push_back(std::move(kind));
    }
  }
  if (is_blenders)
    seen() = {Ref::borrow(roots), std::move(parents)};
  return false;
}

int register_scripts(PyObject* module) { return PyModule_AddFunctions(module, functions); }

} // namespace rnaslicer::runtime
