// runtime/trail/capture/ways_each.cpp: the ways to many structs, each as one that was proven
// before.
#include "runtime/bindings.hpp"
#include "runtime/blender/bpy.hpp"
#include "runtime/blender/names.hpp"
#include "runtime/supplier/registered.hpp"
#include "runtime/supplier/watched.hpp"
#include "runtime/supplier/way.hpp"
#include "runtime/trail/capture/owners.hpp"
#include "runtime/trail/capture/path_text.hpp"
#include "runtime/trail/capture/paths.hpp"
#include "runtime/trail/capture/ways.hpp"
#include "runtime/trail/steps.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rnaslicer::runtime {

namespace {

/// What another way is like: the same properties, of the same types, with other keys and indices.
struct Pattern {
  std::vector<Step> steps; ///< of the example
  Ref pairs, kinds;        ///< the steps as (kind, what); the type that each starts from
  bool untold = false;     ///< bpy tells no path: properties lead to it, or to a list
  [[nodiscard]] bool is_of_curves() const {
    return std::ranges::find(steps, StepKind::fcurve, &Step::kind) != steps.end();
  }
};

/// A list that structs may be in, the steps to it, and where its first and last element lie: only
/// to guess which one an element is.
struct Parent {
  Ref collection, steps;
  Py_ssize_t count = -1; ///< not asked yet
  std::uint64_t first = 0, last = 0;
  std::optional<bool> is_led; ///< whether the steps lead to it: two F-curves may animate the same
};

bool is_free(const Step& step) { return step.kind != StepKind::attribute; }

/// Where a struct's owner begins: the root, and the steps to an owner that lives in another.
struct Base {
  Ref root, steps;
  Moment seen;
};

/// What Python keeps of ways: by (type of the datablock, of the struct) a tuple of patterns. Never
/// freed.
Ref& patterns() {
  static auto* const all = new Ref;
  return *all;
}

/// Finds the paths of structs, most of which are like the one before.
class Finder {
 public:
  /// Empty where no pattern leads to it; then perhaps with an error of bpy's.
  Ref path_to(PyObject* one) {
    const Ref id = attr(one, names().id_data);
    if (!id || id.get() == Py_None || !begin(id.get()))
      return {};
    if (is_it(id, one))
      return new_path(base_.root.get(), base_.steps.get(), base_.seen);
    if (kind_ != Py_TYPE(one) || owner_kind_ != Py_TYPE(id.get()))
      choose(Py_TYPE(id.get()), Py_TYPE(one));
    for (const Pattern& pattern : found_) {
      const Ref steps = pattern.is_of_curves() ? listed_steps(pattern, one)
                        : pattern.untold       ? untold_steps(pattern, one)
                                               : text_steps(pattern, one);
      drop_error();
      if (steps) {
        const Ref all = checked(PySequence_Concat(base_.steps.get(), steps.get()));
        return new_path(base_.root.get(), all.get(), base_.seen);
      }
    }
    return {};
  }

 private:
  /// Whether it is known where the owner is found.
  bool begin(PyObject* id) {
    if (id == owner_.get())
      return true;
    owner_ = {};
    parents_of_ = nullptr;
    Watched* const root = root_of(id);
    const Ref holder = root != nullptr ? Ref::borrow(reinterpret_cast<PyObject*>(root)) : Ref();
    if (holder && is_datablock_root(holder.get()) && alive(root)) {
      base_ = {Ref::borrow(holder.get()), checked(PyTuple_New(0)), root->seen};
    } else {
      const Ref path = owner_path(id);
      const Way* const way = path ? as_way(path.get()) : nullptr;
      if (way == nullptr)
        return false;
      base_ = {Ref::borrow(way->root()), Ref::borrow(way->steps()), way->seen};
    }
    owner_ = Ref::borrow(id);
    return true;
  }

  /// The patterns for structs of a type in datablocks of another.
  void choose(PyTypeObject* owner, PyTypeObject* kind) {
    found_.clear();
    parents_of_ = nullptr;
    kind_ = kind;
    owner_kind_ = owner;
    const Ref key = checked(
        PyTuple_Pack(2, reinterpret_cast<PyObject*>(owner), reinterpret_cast<PyObject*>(kind)));
    const Ref all = Ref::borrow(PyDict_GetItemWithError(patterns().get(), key.get()));
    for (Py_ssize_t i = 0; all && i < PyTuple_Size(all.get()); ++i) {
      PyObject* const one = PyTuple_GetItem(all.get(), i);
      if (PyTuple_Check(one) == 0 || PyTuple_Size(one) != 4)
        raise(PyExc_TypeError,
              "find_ways: a pattern is (steps, as many types, untold, registered)");
      if (!are_registered(read_registered(PyTuple_GetItem(one, 3))))
        continue; // what is behind it may be freed
      Pattern pattern{{},
                      Ref::borrow(PyTuple_GetItem(one, 0)),
                      Ref::borrow(PyTuple_GetItem(one, 1)),
                      PyTuple_GetItem(one, 2) == Py_True};
      const Py_ssize_t count = PyTuple_Size(pattern.pairs.get());
      if (count < 1 || PyTuple_Size(pattern.kinds.get()) != count)
        raise(PyExc_TypeError, "find_ways: a pattern is (steps, as many types)");
      for (Py_ssize_t k = 0; k < count; ++k)
        pattern.steps.push_back(read_step(PyTuple_GetItem(pattern.pairs.get(), k)));
      found_.push_back(std::move(pattern));
    }
  }

  /// The next one on the way; empty where it starts from another type than the pattern's.
  static Ref next(const Pattern& pattern, std::size_t at, const Step& step, PyObject* from) {
    if (reinterpret_cast<PyObject*>(Py_TYPE(from)) !=
        PyTuple_GetItem(pattern.kinds.get(), static_cast<Py_ssize_t>(at)))
      return {};
    return take_step(step, from);
  }

  static bool is_it(const Ref& reached, PyObject* one) {
    return reached && Py_TYPE(reached.get()) == Py_TYPE(one) &&
           PyObject_RichCompareBool(reached.get(), one, Py_EQ) > 0;
  }

  /// By the path that bpy tells: its properties must be the pattern's.
  Ref text_steps(const Pattern& pattern, PyObject* one) {
    const Ref path = Ref::steal(PyObject_CallMethodObjArgs(one, names().path_from_id, nullptr));
    Py_ssize_t size = 0;
    const char* const read = path ? PyUnicode_AsUTF8AndSize(path.get(), &size) : nullptr;
    if (read == nullptr)
      return {};
    PathText text(std::string_view(read, static_cast<std::size_t>(size)));
    const auto count = pattern.steps.size();
    Ref steps = checked(PyTuple_New(static_cast<Py_ssize_t>(count)));
    Ref reached = Ref::borrow(owner_.get());
    for (std::size_t i = 0; i < count; ++i) {
      const auto at = static_cast<Py_ssize_t>(i);
      Ref pair = Ref::borrow(PyTuple_GetItem(pattern.pairs.get(), at));
      if (!is_free(pattern.steps[i])) {
        if (!text.takes_name(pattern.steps[i].what.get()))
          return {};
        reached = next(pattern, i, pattern.steps[i], reached.get());
      } else {
        pair = text.item();
        if (!pair)
          return {};
        reached = next(pattern, i, read_step(pair.get()), reached.get());
      }
      if (!reached)
        return {};
      PyTuple_SetItem(steps.get(), at, pair.release());
    }
    return text.is_over() && is_it(reached, one) ? std::move(steps) : Ref();
  }

  /// By its name, if it is in a list, as its datablock's only one of that kind if not.
  Ref untold_steps(const Pattern& pattern, PyObject* one) {
    const std::size_t last = pattern.steps.size() - 1;
    Ref reached = Ref::borrow(owner_.get());
    for (std::size_t i = 0; i < last && reached; ++i)
      reached = next(pattern, i, pattern.steps[i], reached.get());
    if (!reached)
      return {};
    if (!is_free(pattern.steps[last]))
      return is_it(next(pattern, last, pattern.steps[last], reached.get()), one)
                 ? Ref::borrow(pattern.pairs.get())
                 : Ref();
    const Ref name = attr(one, names().name);
    Py_ssize_t size = 0;
    const char* const read = name ? PyUnicode_AsUTF8AndSize(name.get(), &size) : nullptr;
    if (read == nullptr || size == 0 ||
        std::string_view(read, static_cast<std::size_t>(size)).find('\0') != std::string_view::npos)
      return {}; // of none the index tells (search.py); or it was cut (hazards.CUT_NAMES)
    const Ref pair = checked(Py_BuildValue("(sO)", "key", name.get()));
    if (!is_it(next(pattern, last, read_step(pair.get()), reached.get()), one))
      return {};
    const Ref before =
        checked(PyTuple_GetSlice(pattern.pairs.get(), 0, static_cast<Py_ssize_t>(last)));
    const Ref tail = checked(PyTuple_Pack(1, pair.get()));
    return checked(PySequence_Concat(before.get(), tail.get()));
  }

  /// bpy tells no path of an F-curve or of what it has. It is looked for in all lists where the
  /// pattern leads, from that on which had the one before.
  Ref listed_steps(const Pattern& pattern, PyObject* one) {
    if (parents_of_ != &pattern) {
      parents_.clear();
      at_ = 0;
      std::vector<Ref> passed;
      gather(pattern, 0, owner_.get(), passed);
      parents_of_ = &pattern;
    }
    const bool is_curve = pattern.steps.back().kind == StepKind::fcurve;
    const Ref own = is_curve ? curve_step(one) : Ref();
    const auto address = is_curve ? std::nullopt : address_of(one);
    if (!own && !address)
      return {};
    for (std::size_t i = 0; i < parents_.size(); ++i, at_ = (at_ + 1) % parents_.size()) {
      Parent& parent = parents_[at_];
      const Ref pair = is_curve ? Ref::borrow(own.get()) : number_step(parent, *address);
      PyObject* const from = parent.collection.get();
      if (pair &&
          is_it(next(pattern, pattern.steps.size() - 1, read_step(pair.get()), from), one) &&
          leads(parent))
        return checked(
            PySequence_Concat(parent.steps.get(), checked(PyTuple_Pack(1, pair.get())).get()));
      drop_error();
    }
    return {};
  }

  bool leads(Parent& parent) {
    if (!parent.is_led) {
      Ref reached = Ref::borrow(owner_.get());
      for (Py_ssize_t i = 0; reached && i < PyTuple_Size(parent.steps.get()); ++i)
        reached = take_step(read_step(PyTuple_GetItem(parent.steps.get(), i)), reached.get());
      parent.is_led =
          reached && PyObject_RichCompareBool(reached.get(), parent.collection.get(), Py_EQ) > 0;
    }
    return *parent.is_led;
  }

  /// What an F-curve animates tells it from the others of its list.
  static Ref curve_step(PyObject* curve) {
    const Ref path = attr(curve, names().data_path);
    const Ref index = path ? attr(curve, names().array_index) : Ref();
    if (!index)
      return {};
    const Ref what = checked(PyTuple_Pack(2, path.get(), index.get()));
    return checked(PyTuple_Pack(2, names().fcurve, what.get()));
  }

  /// The number that an element of that address has in an array, if it lies in it.
  static Ref number_step(Parent& parent, std::uint64_t address) {
    if (parent.count < 0) {
      parent.count = std::max<Py_ssize_t>(PyObject_Size(parent.collection.get()), 0);
      const auto first = parent.count > 0 ? element_at(parent.collection.get(), 0) : std::nullopt;
      const auto last =
          first ? element_at(parent.collection.get(), parent.count - 1) : std::nullopt;
      if (!last)
        return parent.count = 0, Ref();
      parent.first = first->address;
      parent.last = last->address;
    }
    if (parent.count == 0 || address < parent.first || address > parent.last)
      return {};
    const auto steps = static_cast<std::uint64_t>(std::max<Py_ssize_t>(parent.count - 1, 1));
    const std::uint64_t size = std::max<std::uint64_t>((parent.last - parent.first) / steps, 1);
    return checked(
        Py_BuildValue("(sn)", "item", static_cast<Py_ssize_t>((address - parent.first) / size)));
  }

  /// All lists to which the pattern leads from `from` on, in each bag of channels and each F-curve.
  void gather(const Pattern& pattern, std::size_t at, PyObject* from, std::vector<Ref>& passed) {
    const Step& step = pattern.steps[at];
    const auto go_on = [&](const Ref& reached, Ref pair) {
      passed.push_back(std::move(pair));
      if (reached)
        gather(pattern, at + 1, reached.get(), passed);
      passed.pop_back();
      drop_error();
    };
    if (at + 1 == pattern.steps.size()) {
      Ref steps = checked(PyTuple_New(static_cast<Py_ssize_t>(passed.size())));
      for (std::size_t i = 0; i < passed.size(); ++i)
        PyTuple_SetItem(steps.get(), static_cast<Py_ssize_t>(i),
                        Ref::borrow(passed[i].get()).release());
      parents_.push_back({Ref::borrow(from), std::move(steps), -1, 0, 0, std::nullopt});
    } else if (step.kind == StepKind::bag || step.kind == StepKind::fcurve) {
      const Ref all = Ref::steal(PyObject_GetIter(from));
      while (const Ref one = all ? Ref::steal(PyIter_Next(all.get())) : Ref()) {
        if (step.kind == StepKind::fcurve) {
          if (Ref pair = curve_step(one.get()))
            go_on(one, std::move(pair));
        } else if (const Ref handle = attr(one.get(), names().slot_handle)) {
          go_on(one, checked(Py_BuildValue("(sO)", "bag", handle.get())));
        }
      }
      drop_error();
    } else {
      go_on(next(pattern, at, step, from),
            Ref::borrow(PyTuple_GetItem(pattern.pairs.get(), static_cast<Py_ssize_t>(at))));
    }
  }

  Ref owner_; // the datablock that was asked last, and where it is found
  Base base_;
  PyTypeObject* kind_ = nullptr;
  PyTypeObject* owner_kind_ = nullptr;
  std::vector<Pattern> found_; // for these
  const Pattern* parents_of_ = nullptr;
  std::vector<Parent> parents_; // where that one leads in this datablock
  std::size_t at_ = 0;          // which of them had the struct before
};

/// Appends the paths of structs that have none yet; whether all have one then.
bool find_ways(PyObject* structs, PyObject* paths) {
  Finder finder;
  const Py_ssize_t count = PySequence_Size(structs);
  for (Py_ssize_t i = PyList_Size(paths); i < count; ++i) {
    const Ref one = checked(PySequence_GetItem(structs, i));
    const Ref path = is_struct(one.get()) ? finder.path_to(one.get()) : Ref();
    drop_error(); // Python asks again, and says it; an interrupt goes on
    if (!path)
      return false;
    if (PyList_Append(paths, path.get()) < 0)
      throw PythonError();
  }
  return count >= 0;
}

PyObject* find_ways_object(PyObject*, PyObject* args) {
  PyObject* structs = nullptr;
  PyObject* paths = nullptr;
  if (PyArg_ParseTuple(args, "OO!:find_ways", &structs, &PyList_Type, &paths) == 0)
    return nullptr;
  return guarded([&] { return PyBool_FromLong(static_cast<long>(find_ways(structs, paths))); });
}

PyObject* set_patterns(PyObject*, PyObject* all) {
  if (PyDict_Check(all) == 0)
    return PyErr_SetString(PyExc_TypeError, "set_patterns: a dict is needed"), nullptr;
  patterns() = Ref::borrow(all);
  Py_RETURN_NONE;
}

PyMethodDef functions[] = {
    // CPython keeps pointers into it
    {"find_ways", find_ways_object, METH_VARARGS,
     PyDoc_STR("find_ways(structs, paths, /)\n--\n\nAppends to `paths` the Path "
               "of each of the structs that has none yet, and stops before the first to which no "
               "pattern leads; whether all have one.")},
    {"set_patterns", set_patterns, METH_O,
     PyDoc_STR("set_patterns(patterns, /)\n--\n\nThe dict by (type of the datablock, of the "
               "struct) of tuples of (steps, type of what each starts from, whether bpy tells no "
               "path, what scripts registered on the way).")},
    {nullptr, nullptr, 0, nullptr},
};

} // namespace

Ref known_paths(PyObject* given) {
  const bool is_list = PyList_CheckExact(given) != 0 || PyTuple_CheckExact(given) != 0;
  if (!is_list || !patterns() || PySequence_Size(given) <= 0)
    return {};
  Ref paths = checked(PyList_New(0));
  return find_ways(given, paths.get()) ? std::move(paths) : Ref();
}

int register_ways_each(PyObject* module) { return PyModule_AddFunctions(module, functions); }

} // namespace rnaslicer::runtime
