// runtime/trail/capture/ways.cpp: from a collection to its root and steps, along a way that was
// proven before.
#include "runtime/trail/capture/ways.hpp"

#include "runtime/bindings.hpp"
#include "runtime/blender/bpy.hpp"
#include "runtime/blender/names.hpp"
#include "runtime/supplier/watched.hpp"
#include "runtime/supplier/way.hpp"
#include "runtime/trail/capture/depsgraphs.hpp"
#include "runtime/trail/capture/owners.hpp"
#include "runtime/trail/capture/paths.hpp"
#include "runtime/trail/steps.hpp"

#include <algorithm>
#include <array>

namespace rnaslicer::runtime {

namespace {

/// bpy's classes of collections and F-curves; made once, never freed: Blender's outlive
/// us.
struct Classes {
  Ref collection, array, fcurve, main;
};

/// The ways that Python knows. Never freed.
Ref& ways() {
  static auto* const all = new Ref;
  return *all;
}

const Classes& classes() {
  static const Classes* found = nullptr;
  if (found == nullptr) {
    const Ref types = checked(PyImport_ImportModule("bpy.types"));
    const Ref object = checked(PyObject_GetAttrString(types.get(), "Object"));
    const Ref rna = checked(PyObject_GetAttrString(object.get(), "bl_rna"));
    const Ref properties = checked(PyObject_GetAttrString(rna.get(), "properties"));
    found = new Classes{Ref::borrow(reinterpret_cast<PyObject*>(Py_TYPE(properties.get()))),
                        checked(PyObject_GetAttrString(types.get(), "bpy_prop_array")),
                        checked(PyObject_GetAttrString(types.get(), "FCurve")),
                        checked(PyObject_GetAttrString(types.get(), "BlendData"))};
  }
  return *found;
}

bool is_a(PyObject* object, const Ref& kind) {
  return reinterpret_cast<PyObject*>(Py_TYPE(object)) == kind.get();
}

/// What a known way leads to from a datablock; empty where a type on it is another than it was.
Ref along(PyObject* id, PyObject* steps, PyObject* kinds) {
  Ref reached = Ref::borrow(id);
  for (Py_ssize_t i = 0; i < PyTuple_Size(steps); ++i) {
    if (reinterpret_cast<PyObject*>(Py_TYPE(reached.get())) != PyTuple_GetItem(kinds, i))
      return {};
    reached = take_step(read_step(PyTuple_GetItem(steps, i)), reached.get());
    if (!reached)
      return {};
  }
  return reached;
}

/// (steps, types) of a dict under (a, b); nothing, without an error, where there is none.
struct Known {
  Ref steps, kinds; // held: what a step asks may change the dict
};
std::optional<Known> way_of(PyObject* a, PyObject* b) {
  const Ref key = checked(PyTuple_Pack(2, a, b));
  PyObject* const entry = PyDict_GetItemWithError(ways().get(), key.get());
  if (entry == nullptr || PyTuple_Check(entry) == 0 || PyTuple_Size(entry) != 2)
    return std::nullopt;
  Known way{Ref::borrow(PyTuple_GetItem(entry, 0)), Ref::borrow(PyTuple_GetItem(entry, 1))};
  if (PyTuple_Check(way.steps.get()) == 0 || PyTuple_Check(way.kinds.get()) == 0 ||
      PyTuple_Size(way.steps.get()) != PyTuple_Size(way.kinds.get()))
    raise(PyExc_TypeError, "known_path: a way is (steps, as many types)");
  return way;
}

/// What steps lead to from a datablock.
Ref along(PyObject* id, const std::vector<Step>& steps) {
  Ref reached = Ref::borrow(id);
  for (const Step& step : steps)
    if (reached)
      reached = take_step(step, reached.get());
  return reached;
}

/// The last step to what an F-curve has; empty, perhaps with an error, where that is something
/// else.
PyObject* step_from_curve(PyObject* curve, PyObject* member) {
  static const std::array names_of{checked(PyUnicode_InternFromString("keyframe_points")).release(),
                                   checked(PyUnicode_InternFromString("modifiers")).release()};
  static const std::array steps{checked(PyTuple_Pack(2, names().attr, names_of[0])).release(),
                                checked(PyTuple_Pack(2, names().attr, names_of[1])).release()};
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const Ref found = attr(curve, names_of.at(i));
    if (found && PyObject_RichCompareBool(found.get(), member, Py_EQ) > 0)
      return steps.at(i);
  }
  return nullptr;
}

/// The steps of an F-curve's keyframes or modifiers: the known ones to the list of curves, then the
/// step that tells the curve from the others. Empty where these do not lead to `member`. Nothing
/// else has to be compared: steps that lead there are right, whatever they pass.
Ref steps_of_curve(PyObject* id, const Watched* root, PyObject* curve, PyObject* member) {
  const auto way = root->uid == nullptr ? std::nullopt : way_of(root->uid, names().fcurve);
  const Ref path = way ? attr(curve, names().data_path) : Ref();
  const Ref index = path ? attr(curve, names().array_index) : Ref();
  if (!index)
    return {};
  const Ref what = checked(PyTuple_Pack(2, path.get(), index.get()));
  const Ref step = checked(PyTuple_Pack(2, names().fcurve, what.get()));
  PyObject* const last = step_from_curve(curve, member);
  if (last == nullptr)
    return {};
  const Ref tail = checked(PyTuple_Pack(2, step.get(), last));
  std::vector<Step> steps = read_steps(way->steps.get());
  steps.push_back(read_step(step.get()));
  steps.push_back(read_step(last));
  const Ref keys = along(id, steps);
  if (!keys || PyObject_RichCompareBool(keys.get(), member, Py_EQ) <= 0)
    return {};
  Ref all = checked(PySequence_Concat(way->steps.get(), tail.get()));
  keep_steps(all.get(), std::move(steps)); // entering comes next
  return all;
}

/// The last ways that were asked for, each with its type of datablock: to a property, or to the
/// data of a layer. To try one of them is cheaper than to ask bpy for the path, and where it leads
/// shows whether it is right. Never freed.
struct Likely {
  Ref type, steps, kinds;
};
std::array<Likely, 4>& likely() {
  static auto* const ways = new std::array<Likely, 4>;
  return *ways;
}

/// Longer ways are not tried, but to `data`, and by two names (`pose.bones`): merely reading other
/// things of a layer, which is an item, may make more layers (hazards.UV_FLAGS_READ).
bool is_tried(PyObject* steps) {
  const Py_ssize_t count = PyTuple_Size(steps);
  if (count < 2)
    return count == 1;
  const Step last = read_step(PyTuple_GetItem(steps, count - 1));
  if (last.kind != StepKind::attribute)
    return false;
  return (count == 2 && read_step(PyTuple_GetItem(steps, 0)).kind == StepKind::attribute) ||
         PyUnicode_CompareWithASCIIString(last.what.get(), "data") == 0;
}

/// The steps of the way asked for lately that leads from a datablock by way of `owner` to `member`;
/// empty without an error.
Ref likely_steps(PyObject* id, PyObject* owner, PyObject* member) {
  for (const Likely& way : likely()) {
    if (!way.steps || !is_a(id, way.type) ||
        PyTuple_GetItem(way.kinds.get(), PyTuple_Size(way.kinds.get()) - 1) !=
            reinterpret_cast<PyObject*>(Py_TYPE(owner)))
      continue;
    Ref steps = Ref::borrow(way.steps.get());
    const Ref kinds = Ref::borrow(way.kinds.get());
    const Ref reached = along(id, steps.get(), kinds.get());
    if (reached && PyObject_RichCompareBool(reached.get(), member, Py_EQ) > 0)
      return steps;
    PyErr_Clear();
  }
  return {};
}

void note_likely(PyObject* id, const Known& way) {
  if (!is_tried(way.steps.get()))
    return;
  std::rotate(likely().begin(), likely().end() - 1, likely().end());
  likely().front() = {Ref::borrow(reinterpret_cast<PyObject*>(Py_TYPE(id))),
                      Ref::borrow(way.steps.get()), Ref::borrow(way.kinds.get())};
}

/// The steps that led to `member` when it was searched for: Python notes some for each text that
/// leads to none, or of members without one for the class of their owners. Empty where no longer.
Ref found_steps(PyObject* id, Watched* root, PyObject* key, PyObject* member) {
  const Ref both = checked(PyTuple_Pack(2, reinterpret_cast<PyObject*>(root), key));
  const Ref found = Ref::borrow(PyDict_GetItemWithError(ways().get(), both.get()));
  for (Py_ssize_t i = 0; found && i < PyTuple_Size(found.get()); ++i) {
    PyObject* const way = PyTuple_GetItem(found.get(), i);
    PyObject* steps = nullptr;
    PyObject* kinds = nullptr;
    if (PyArg_ParseTuple(way, "O!O!:known_path", &PyTuple_Type, &steps, &PyTuple_Type, &kinds) == 0)
      throw PythonError();
    const Ref reached = along(id, steps, kinds);
    PyErr_Clear();
    if (reached && PyObject_RichCompareBool(reached.get(), member, Py_EQ) > 0)
      return Ref::borrow(steps);
  }
  return {};
}

/// `root`: null of a datablock that has none of its own.
Ref steps_of_member(PyObject* id, Watched* root, PyObject* owner, PyObject* member) {
  Ref likely = likely_steps(id, owner, member);
  if (likely)
    return likely;
  const Ref text = Ref::steal(PyObject_CallMethodObjArgs(member, names().path_from_id, nullptr));
  drop_error(); // an interrupt goes on
  auto* const kind = reinterpret_cast<PyObject*>(Py_TYPE(owner));
  if (Ref found = root == nullptr ? Ref() : found_steps(id, root, text ? text.get() : kind, member))
    return found;
  const auto way =
      text ? way_of(reinterpret_cast<PyObject*>(Py_TYPE(id)), text.get()) : std::nullopt;
  const Ref reached = way ? along(id, way->steps.get(), way->kinds.get()) : Ref();
  if (!reached || PyObject_RichCompareBool(reached.get(), member, Py_EQ) <= 0)
    return {};
  note_likely(id, *way);
  return Ref::borrow(way->steps.get());
}

/// Lists of bpy.data that were suppliers, the last one first, and the root that they have. Never
/// freed.
struct MainLists {
  Ref root;
  std::vector<std::pair<Ref, Ref>> names; ///< and the steps
};
MainLists& main_lists() {
  static auto* const all = new MainLists;
  return *all;
}

/// Of a list of bpy.data itself, not of temporary data beside it: where a name leads shows whether
/// it is that.
Ref path_to_main_list(PyObject* owner, PyObject* member) {
  MainLists& lists = main_lists();
  Watched* const root = lists.root ? as_watched(lists.root.get()) : nullptr;
  const Ref main = root != nullptr ? alive(root) : Ref();
  const auto own = main ? address_of(main.get()) : std::nullopt;
  if (!own || own != address_of(owner))
    return {};
  for (std::size_t i = 0; i < lists.names.size(); ++i) {
    const Ref steps = Ref::borrow(lists.names[i].second.get());
    const Ref found = attr(owner, lists.names[i].first.get());
    if (!found || PyObject_RichCompareBool(found.get(), member, Py_EQ) <= 0)
      continue;
    std::rotate(lists.names.begin(), lists.names.begin() + static_cast<std::ptrdiff_t>(i),
                lists.names.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    return new_path(lists.root.get(), steps.get(), root->seen);
  }
  return {};
}

/// A path of the package's class; empty where the root is of another class than IDRoot.
Ref path_of(Watched* root, PyObject* steps) {
  auto* const object = reinterpret_cast<PyObject*>(root);
  return is_datablock_root(object) ? new_path(object, steps, root->seen) : Ref();
}

/// Of a struct within a datablock that has a root, along a known way of its text: where that leads
/// shows whether it is right. Only of types whose text Python has asked for: of others Blender may
/// crash.
Ref path_to_struct(PyObject* one) {
  if (!is_struct(one))
    return {};
  const Ref id = attr(one, names().id_data);
  Watched* const root = id && id.get() != Py_None ? root_of(id.get()) : nullptr;
  const Ref holder = root != nullptr ? Ref::borrow(reinterpret_cast<PyObject*>(root)) : Ref();
  const bool is_asked = holder && alive(root) &&
                        way_of(reinterpret_cast<PyObject*>(Py_TYPE(id.get())),
                               reinterpret_cast<PyObject*>(Py_TYPE(one)));
  const Ref text =
      is_asked ? Ref::steal(PyObject_CallMethodObjArgs(one, names().path_from_id, nullptr)) : Ref();
  const auto way =
      text ? way_of(reinterpret_cast<PyObject*>(Py_TYPE(id.get())), text.get()) : std::nullopt;
  const Ref reached = way ? along(id.get(), way->steps.get(), way->kinds.get()) : Ref();
  const bool is_there = reached && Py_TYPE(reached.get()) == Py_TYPE(one) &&
                        PyObject_RichCompareBool(reached.get(), one, Py_EQ) > 0;
  PyErr_Clear();
  return is_there ? path_of(root, way->steps.get()) : Ref();
}

/// Of a datablock that has a root, no steps at all; of another those from its owner.
Ref path_to_datablock(PyObject* id) {
  Watched* const root = root_of(id);
  if (root == nullptr)
    return is_id(id) ? owner_path(id) : Ref();
  const Ref holder = root != nullptr ? Ref::borrow(reinterpret_cast<PyObject*>(root)) : Ref();
  if (!holder || !alive(root))
    return {};
  const Ref steps = checked(PyTuple_New(0));
  return path_of(root, steps.get());
}

/// Of a collection in a datablock that has no root of its own.
Ref path_within(PyObject* id, PyObject* member) {
  const Ref path = owner_path(id);
  const Way* const way = path ? as_way(path.get()) : nullptr;
  const Ref owner = way != nullptr ? attr(member, names().data) : Ref();
  const Ref steps = owner ? steps_of_member(id, nullptr, owner.get(), member) : Ref();
  PyErr_Clear();
  return steps ? new_path(way->root(), checked(PySequence_Concat(way->steps(), steps.get())).get(),
                          way->seen)
               : Ref();
}

PyObject* known_path_object(PyObject*, PyObject* member) {
  return guarded([&]() -> PyObject* {
    Ref path = known_path(member);
    if (path)
      return path.release();
    Py_RETURN_NONE;
  });
}

PyObject* set_ways(PyObject*, PyObject* args) {
  PyObject* path = nullptr;
  PyObject* root = nullptr;
  PyObject* known = nullptr;
  if (PyArg_ParseTuple(args, "O!O!O!:set_ways", &PyType_Type, &path, &PyType_Type, &root,
                       &PyDict_Type, &known) == 0)
    return nullptr;
  give_classes(path, root);
  ways() = Ref::borrow(known);
  Py_RETURN_NONE;
}

PyObject* note_main_list(PyObject*, PyObject* args) {
  PyObject* root = nullptr;
  PyObject* name = nullptr;
  PyObject* steps = nullptr;
  if (PyArg_ParseTuple(args, "OUO!:note_main_list", &root, &name, &PyTuple_Type, &steps) == 0)
    return nullptr;
  return guarded([&]() -> PyObject* {
    if (as_watched(root) == nullptr)
      raise(PyExc_TypeError, "note_main_list: a root is needed");
    MainLists& lists = main_lists();
    lists.root = Ref::borrow(root);
    lists.names.emplace_back(Ref::borrow(name), Ref::borrow(steps));
    Py_RETURN_NONE;
  });
}

PyMethodDef functions[] = {
    // CPython keeps pointers into it
    {"known_path", known_path_object, METH_O,
     PyDoc_STR("known_path(member, /)\n--\n\nThe Path of a datablock that has a root, or of a "
               "collection or struct whose datablock has one, along a way that is known. None "
               "where that does not lead to it.")},
    {"note_main_list", note_main_list, METH_VARARGS,
     PyDoc_STR(
         "note_main_list(root, name, steps, /)\n--\n\nA list of bpy.data, which `root` stands "
         "for, from now on is found without Python. Once for each.")},
    {"set_ways", set_ways, METH_VARARGS,
     PyDoc_STR("set_ways(path, root, ways, /)\n--\n\nThe classes Path and IDRoot. `ways`: by (type "
               "of the datablock, path), (steps, type of what each starts from); by (session uid, "
               "'fcurve') the same to the list of F-curves; by (root, path) some of them.")},
    {nullptr, nullptr, 0, nullptr},
};

} // namespace

Ref known_path(PyObject* member) {
  if (!ways())
    return {};
  const bool is_list = is_a(member, classes().collection);
  if (!is_list && !is_a(member, classes().array)) {
    Ref path = path_to_datablock(member);
    return path ? std::move(path) : path_to_struct(member);
  }
  const Ref id = attr(member, names().id_data);
  if (is_list && id.get() == Py_None) {
    const Ref owner = attr(member, names().data);
    Ref path = !owner                              ? Ref()
               : is_a(owner.get(), classes().main) ? path_to_main_list(owner.get(), member)
                                                   : path_in_depsgraph(owner.get(), member);
    drop_error(); // an interrupt goes on
    return path;
  }
  Watched* const root = id ? root_of(id.get()) : nullptr;
  if (id && root == nullptr && is_id(id.get()))
    return path_within(id.get(), member);
  const Ref holder = root != nullptr ? Ref::borrow(reinterpret_cast<PyObject*>(root)) : Ref();
  const Ref owner = holder && alive(root) ? attr(member, names().data) : Ref();
  Ref steps;
  if (owner)
    steps = is_a(owner.get(), classes().fcurve)
                ? steps_of_curve(id.get(), root, owner.get(), member)
                : steps_of_member(id.get(), root, owner.get(), member);
  PyErr_Clear();
  return steps ? path_of(root, steps.get()) : Ref();
}

bool is_collection(PyObject* object) { return ways() && is_a(object, classes().collection); }

int register_ways(PyObject* module) { return PyModule_AddFunctions(module, functions); }

} // namespace rnaslicer::runtime
