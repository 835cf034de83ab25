// runtime/trail/capture/ways_each.cpp: the ways to many structs, each as one that was proven
// before.
#include "runtime/bindings.hpp"
#include "runtime/blender/bpy.hpp"
#include "runtime/blender/names.hpp"
#include "runtime/supplier/watched.hpp"
#include "runtime/supplier/way.hpp"
#include "runtime/trail/capture/ways.hpp"
#include "runtime/trail/steps.hpp"

#include <charconv>
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
  bool untold = false;     ///< bpy tells no path: properties lead to it, or to a list of names
};

bool is_free(const Step& step) { return step.kind != StepKind::attribute; }

/// Where a struct's owner begins: the root, and the steps to an owner that lives in another.
struct Base {
  Ref root, steps;
  Moment seen;
};

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// What a letter behind a backslash stands for, as Blender writes it (BLI_str_escape).
char unescaped(char c) {
  static constexpr std::string_view letters = "tnrabf";
  static constexpr std::string_view stands = "\t\n\r\a\b\f";
  const auto at = letters.find(c);
  return at == std::string_view::npos ? c : stands[at];
}

/// Reads the steps of a path as bpy writes it, one by one.
class Text {
 public:
  explicit Text(std::string_view text) : left_(text) {}

  [[nodiscard]] bool is_over() const { return left_.empty(); }

  /// `.name` or `name`, and nothing else.
  bool takes_name(PyObject* name) {
    if (!left_.empty() && left_.front() == '.')
      left_.remove_prefix(1);
    Py_ssize_t size = 0;
    const char* const wanted = PyUnicode_AsUTF8AndSize(name, &size);
    if (wanted == nullptr)
      throw PythonError();
    if (!left_.starts_with(std::string_view(wanted, static_cast<std::size_t>(size))))
      return false;
    left_.remove_prefix(static_cast<std::size_t>(size));
    return left_.empty() || !is_letter(left_.front());
  }

  /// `[number]` or `["key"]` as ("item", number) or ("key", key); empty for all else.
  Ref item() {
    if (!left_.starts_with('['))
      return {};
    return left_.starts_with("[\"") ? key() : number();
  }

 private:
  Ref number() {
    Py_ssize_t value = -1;
    const char* const begin = left_.data() + 1;
    const auto [end, error] = std::from_chars(begin, left_.data() + left_.size(), value);
    if (error != std::errc{} || value < 0 || end == left_.data() + left_.size() || *end != ']')
      return {};
    left_.remove_prefix(static_cast<std::size_t>(end + 1 - left_.data()));
    return checked(Py_BuildValue("(sn)", "item", value));
  }

  Ref key() {
    std::string found;
    std::size_t at = 2;
    for (; at < left_.size() && left_[at] != '"'; ++at) {
      const bool is_escaped = left_[at] == '\\';
      if (is_escaped && ++at == left_.size())
        return {};
      found += is_escaped ? unescaped(left_[at]) : left_[at];
    }
    if (at + 1 >= left_.size() || left_[at + 1] != ']' || found.find('\0') != std::string::npos)
      return {};
    left_.remove_prefix(at + 2);
    const Ref text = Ref::steal(
        PyUnicode_FromStringAndSize(found.data(), static_cast<Py_ssize_t>(found.size())));
    return text ? checked(Py_BuildValue("(sO)", "key", text.get())) : Ref();
  }

  std::string_view left_;
};

/// Finds the paths of structs, most of which are like the one before.
class Finder {
 public:
  Finder(PyObject* patterns, PyObject* bases) : patterns_(patterns), bases_(bases) {}

  /// Empty where no pattern leads to it; then perhaps with an error of bpy's.
  Ref path_to(PyObject* one) {
    const Ref id = attr(one, names().id_data);
    if (!id || id.get() == Py_None || !begin(id.get()))
      return {};
    if (kind_ != Py_TYPE(one) || owner_kind_ != Py_TYPE(id.get()))
      choose(Py_TYPE(id.get()), Py_TYPE(one));
    for (const Pattern& pattern : found_) {
      const Ref steps = is_curve(pattern) ? curve_steps(pattern, one)
                        : pattern.untold  ? untold_steps(pattern, one)
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
  static bool is_curve(const Pattern& pattern) {
    return pattern.steps.back().kind == StepKind::fcurve;
  }

  /// Whether it is known where the owner is found.
  bool begin(PyObject* id) {
    if (id == owner_.get())
      return true;
    parent_ = {};
    owner_ = {};
    if (PyObject* const path = PyDict_GetItemWithError(bases_, id)) {
      const Way* const way = as_way(path);
      if (way == nullptr)
        raise(PyExc_TypeError, "find_ways: a base is a path");
      base_ = {Ref::borrow(way->root()), Ref::borrow(way->steps()), way->seen};
    } else {
      Watched* const root = PyErr_Occurred() == nullptr ? root_of(id) : nullptr;
      const Ref holder = root != nullptr ? Ref::borrow(reinterpret_cast<PyObject*>(root)) : Ref();
      if (!holder || !is_datablock_root(holder.get()) || !alive(root))
        return false;
      base_ = {Ref::borrow(holder.get()), checked(PyTuple_New(0)), root->seen};
    }
    owner_ = Ref::borrow(id);
    return true;
  }

  /// The patterns for structs of a type in datablocks of another.
  void choose(PyTypeObject* owner, PyTypeObject* kind) {
    found_.clear();
    parent_ = {};
    kind_ = kind;
    owner_kind_ = owner;
    const Ref key = checked(
        PyTuple_Pack(2, reinterpret_cast<PyObject*>(owner), reinterpret_cast<PyObject*>(kind)));
    const Ref all = Ref::borrow(PyDict_GetItemWithError(patterns_, key.get()));
    for (Py_ssize_t i = 0; all && i < PyTuple_Size(all.get()); ++i) {
      PyObject* const one = PyTuple_GetItem(all.get(), i);
      if (PyTuple_Check(one) == 0 || PyTuple_Size(one) != 3)
        raise(PyExc_TypeError, "find_ways: a pattern is (steps, as many types, untold)");
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
    Text text(std::string_view(read, static_cast<std::size_t>(size)));
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

  /// bpy tells no path of an F-curve. What it animates tells it from the others of its list, which
  /// is often the one before it's.
  Ref curve_steps(const Pattern& pattern, PyObject* one) {
    const Ref path = attr(one, names().data_path);
    const Ref index = path ? attr(one, names().array_index) : Ref();
    if (!index)
      return {};
    const Ref what = checked(PyTuple_Pack(2, path.get(), index.get()));
    const Ref pair = checked(PyTuple_Pack(2, names().fcurve, what.get()));
    const Step last = read_step(pair.get());
    const std::size_t count = pattern.steps.size();
    if (!parent_ || !is_it(next(pattern, count - 1, last, parent_.get()), one)) {
      PyErr_Clear();
      parent_ = {};
      std::vector<Ref> passed;
      if (!search(pattern, 0, owner_.get(), last, one, passed))
        return {};
      parent_steps_ = checked(PyTuple_New(static_cast<Py_ssize_t>(passed.size())));
      for (std::size_t i = 0; i < passed.size(); ++i)
        PyTuple_SetItem(parent_steps_.get(), static_cast<Py_ssize_t>(i), passed[i].release());
    }
    const Ref tail = checked(PyTuple_Pack(1, pair.get()));
    return checked(PySequence_Concat(parent_steps_.get(), tail.get()));
  }

  /// From `from` on as the pattern goes, into each bag of channels; keeps the list that has the
  /// curve.
  bool search(const Pattern& pattern, std::size_t at, PyObject* from, const Step& last,
              PyObject* one, std::vector<Ref>& passed) {
    const Step& step = pattern.steps[at];
    if (at + 1 == pattern.steps.size()) {
      if (!is_it(next(pattern, at, last, from), one))
        return PyErr_Clear(), false;
      parent_ = Ref::borrow(from);
      return true;
    }
    if (step.kind != StepKind::bag) {
      const Ref reached = next(pattern, at, step, from);
      passed.push_back(
          Ref::borrow(PyTuple_GetItem(pattern.pairs.get(), static_cast<Py_ssize_t>(at))));
      if (reached && search(pattern, at + 1, reached.get(), last, one, passed))
        return true;
      PyErr_Clear();
      passed.pop_back();
      return false;
    }
    const Py_ssize_t count = PyObject_Size(from);
    for (Py_ssize_t i = 0; i < count; ++i) {
      const Ref bag = Ref::steal(PySequence_GetItem(from, i));
      const Ref handle = bag ? attr(bag.get(), names().slot_handle) : Ref();
      if (!handle)
        break;
      passed.push_back(checked(Py_BuildValue("(sO)", "bag", handle.get())));
      if (search(pattern, at + 1, bag.get(), last, one, passed))
        return true;
      passed.pop_back();
    }
    return PyErr_Clear(), false;
  }

  PyObject* patterns_; // borrowed of the caller's arguments, as bases_
  PyObject* bases_;
  Ref owner_; // the datablock that was asked last, and where it is found
  Base base_;
  PyTypeObject* kind_ = nullptr;
  PyTypeObject* owner_kind_ = nullptr;
  std::vector<Pattern> found_; // for these
  Ref parent_, parent_steps_;  // the list of the F-curve found last, and the steps to it
};

PyObject* find_ways(PyObject*, PyObject* args) {
  PyObject* structs = nullptr;
  PyObject* paths = nullptr;
  PyObject* patterns = nullptr;
  PyObject* bases = nullptr;
  if (PyArg_ParseTuple(args, "OO!O!O!:find_ways", &structs, &PyList_Type, &paths, &PyDict_Type,
                       &patterns, &PyDict_Type, &bases) == 0)
    return nullptr;
  return guarded([&]() -> PyObject* {
    Finder finder(patterns, bases);
    const Py_ssize_t count = PySequence_Size(structs);
    for (Py_ssize_t i = PyList_Size(paths); i < count; ++i) {
      const Ref one = checked(PySequence_GetItem(structs, i));
      const Ref path = finder.path_to(one.get());
      drop_error(); // Python asks again, and says it; an interrupt goes on
      if (!path)
        Py_RETURN_FALSE;
      if (PyList_Append(paths, path.get()) < 0)
        return nullptr;
    }
    return PyBool_FromLong(count >= 0);
  });
}

PyMethodDef functions[] = {
    // CPython keeps pointers into it
    {"find_ways", find_ways, METH_VARARGS,
     PyDoc_STR("find_ways(structs, paths, patterns, bases, /)\n--\n\nAppends to `paths` the Path "
               "of each of the structs that has none yet, and stops before the first to which no "
               "pattern leads; whether all have one. patterns: by (type of the datablock, of the "
               "struct), a tuple of (steps, type of what each starts from, whether "
               "bpy tells no path). bases: the Path of "
               "each datablock that has no root.")},
    {nullptr, nullptr, 0, nullptr},
};

} // namespace

int register_ways_each(PyObject* module) { return PyModule_AddFunctions(module, functions); }

} // namespace rnaslicer::runtime
