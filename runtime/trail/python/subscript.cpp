// runtime/trail/python/subscript.cpp: the type Subscripted: `Slicer(...)[...]`, where such a
// supplier was captured, and the same expression made into a wrapper, before.
#include "runtime/bindings.hpp"
#include "runtime/blender/bpy.hpp"
#include "runtime/blender/names.hpp"
#include "runtime/supplier/way.hpp"
#include "runtime/trail/capture/rosters.hpp"
#include "runtime/trail/capture/ways.hpp"
#include "runtime/trail/python/context.hpp"
#include "runtime/trail/python/settings.hpp"
#include "runtime/trail/python/text.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <structmember.h>
#include <unordered_map>
#include <utility>
#include <vector>

namespace rnaslicer::runtime {

namespace {

PyTypeObject* type = nullptr; // made once per process, never freed

/// Python's classes of wrappers, of given matrices (layout/matrices.py), of expressions in which
/// collections stand (expression/gather.py). Never freed.
struct Classes {
  Ref wrapper, matrices, named;
};
Classes& classes() {
  static auto* const known = new Classes;
  return *known;
}

/// What depends on no datablock: the parsed items, and the key of their trail. The key holds the
/// type of datablock whose address stands in the text, and those of collections in the expression:
/// where they stand the items have None, and `parts` a name for each.
struct Made {
  Ref items, key, parts;
};
std::unordered_map<std::string, Made>& made() {
  static auto* const all = new std::unordered_map<std::string, Made>; // never freed
  return *all;
}

/// The fields of a slicer: what it was made of.
enum class Of : std::size_t { path, scalar, ragged, more, count };
using Subscripted = Fields<static_cast<std::size_t>(Of::count)>;

PyObject*& field(PyObject* slicer, Of which) {
  return Subscripted::of(slicer)->at[static_cast<std::size_t>(which)];
}

void put(PyObject* slicer, Of which, PyObject* value) {
  const Ref old = Ref::steal(std::exchange(field(slicer, which), Ref::borrow(value).release()));
}

/// The same, held: what is asked of an expression may make the slicer anew.
struct Given {
  Ref path, scalar, ragged, more;
  explicit Given(PyObject* slicer)
      : path(held(slicer, Of::path)), scalar(held(slicer, Of::scalar)),
        ragged(held(slicer, Of::ragged)), more(held(slicer, Of::more)) {}

 private:
  static Ref held(PyObject* slicer, Of which) {
    if (field(slicer, which) == nullptr)
      raise(PyExc_AttributeError, "a Slicer that was not made");
    return Ref::borrow(field(slicer, which));
  }
};

/// All that items and key depend on, and what else the expression names; nothing where something is
/// not plain.
struct Asked {
  std::string text;
  std::vector<GatherItem> gathers;
};
std::optional<Asked> asked_of(const Given& given, PyObject* expression) {
  const Way* const way = as_way(given.path.get());
  const bool is_list = way == nullptr && is_list_root(given.path.get());
  if (way == nullptr && !is_list)
    return std::nullopt;
  const Ref root = Ref::borrow(is_list ? given.path.get() : way->root());
  const Ref steps = is_list ? checked(PyTuple_New(0)) : Ref::borrow(way->steps());
  const Ref kind = attr(root.get(), names().type);
  PyErr_Clear(); // bpy.data has none
  Text text;
  text.identity(Py_TYPE(root.get()));
  text.identity(kind.get());
  text.plain(given.scalar.get());
  text.name(given.ragged.get());
  if (text.is_plain())
    text.settings(given.more.get(),
                  PyUnicode_CompareWithASCIIString(given.ragged.get(), "pad") == 0);
  if (text.is_plain())
    text.expression(expression);
  if (text.is_plain())
    text.steps(steps.get());
  if (!text.is_plain())
    return std::nullopt;
  auto gathers = text.take_gathers();
  return Asked{std::move(text).take(), std::move(gathers)};
}

/// A copy of a tuple of another's length, with others at these places. Throws PythonError.
template <class At>
Ref replaced(PyObject* tuple, const std::vector<GatherItem>& gathers, const At& at) {
  const Py_ssize_t count = PyTuple_Size(tuple);
  Ref made = checked(PyTuple_New(count));
  for (Py_ssize_t i = 0; i < count; ++i)
    PyTuple_SetItem(made.get(), i, Ref::borrow(PyTuple_GetItem(tuple, i)).release());
  for (const GatherItem& one : gathers) {
    if (one.at >= count)
      raise(PyExc_SystemError, "an expression has a collection where no item is");
    PyTuple_SetItem(made.get(), one.at, at(one).release());
  }
  return made;
}

/// As Python's parse makes it: the expression without its collections, and their paths.
Ref named_of(PyObject* expression, const Made& known, const std::vector<GatherItem>& gathers) {
  const Ref parts = replaced(expression, gathers, [&](const GatherItem& one) {
    return Ref::borrow(PyTuple_GetItem(known.parts.get(), one.at));
  });
  const Ref paths = checked(PyDict_New());
  for (const GatherItem& one : gathers) {
    const Ref at = checked(PyLong_FromSsize_t(one.at));
    if (PyDict_SetItem(paths.get(), at.get(), one.path.get()) < 0)
      throw PythonError();
  }
  return named_tuple(classes().named.get(), checked(PyTuple_Pack(2, parts.get(), paths.get())));
}

/// What ViewWrapper.__init__ makes.
Ref new_wrapper(const Given& given, const Made& known, PyObject* expression,
                const std::vector<GatherItem>& gathers) {
  Ref items = Ref::borrow(known.items.get());
  Ref named = Ref::borrow(expression);
  if (!gathers.empty()) {
    static PyObject* const word = PyUnicode_InternFromString("gather"); // never freed
    items = replaced(items.get(), gathers, [&](const GatherItem& one) {
      return checked(PyTuple_Pack(2, word, one.path.get()));
    });
    named = named_of(expression, known, gathers);
  }
  Ref self = new_context(reinterpret_cast<PyTypeObject*>(classes().wrapper.get()));
  put(self.get(), Field::path, given.path.get());
  put(self.get(), Field::items, items.get());
  put(self.get(), Field::scalar, given.scalar.get());
  put(self.get(), Field::ragged, given.ragged.get());
  put(self.get(), Field::more, given.more.get());
  put(self.get(), Field::key, known.key.get());
  put(self.get(), Field::expression, named.get());
  return self;
}

/// Keeps no path to what collections in the expression belong to.
void remember(Asked asked, PyObject* wrapper) {
  constexpr std::size_t most = 4096; // scripts may make expressions without end
  Made known{
      Ref::borrow(field(wrapper, Field::items)), Ref::borrow(field(wrapper, Field::key)), {}};
  if (known.key.get() == Py_None)
    return;
  if (!asked.gathers.empty()) {
    PyObject* const named = field(wrapper, Field::expression);
    if (PyTuple_Check(named) == 0 || PyTuple_Size(named) != 2)
      return;
    known.items = replaced(known.items.get(), asked.gathers,
                           [](const GatherItem&) { return Ref::borrow(Py_None); });
    known.parts = checked(PySequence_Tuple(PyTuple_GetItem(named, 0)));
  }
  if (made().size() >= most)
    std::exchange(made(), {}); // what it held goes when it is empty
  made().emplace(std::move(asked.text), std::move(known));
}

PyObject* subscript(PyObject* self, PyObject* expression) {
  return guarded([&]() -> PyObject* {
    const Given given(self);
    auto asked = classes().wrapper ? asked_of(given, expression) : std::nullopt;
    if (asked)
      if (const auto found = made().find(asked->text); found != made().end()) {
        const Made known{Ref::borrow(found->second.items.get()),
                         Ref::borrow(found->second.key.get()),
                         Ref::borrow(found->second.parts.get())}; // a finalizer may clear the map
        return new_wrapper(given, known, expression, asked->gathers).release();
      }
    Ref wrapper = checked(PyObject_CallMethodObjArgs(self, names().sliced, expression, nullptr));
    if (asked)
      remember(std::move(*asked), wrapper.get());
    return wrapper.release();
  });
}

/// The path of a supplier, where native code knows one; an error on the way is Python's to tell.
Ref path_to(PyObject* supplier) {
  try {
    Ref roster = known_roster(supplier);
    Ref paths = roster ? Ref() : known_paths(supplier);
    return roster ? std::move(roster) : paths ? std::move(paths) : known_path(supplier);
  } catch (const PythonError&) {
    if (PyErr_ExceptionMatches(PyExc_Exception) == 0) // an interrupt
      throw;
    PyErr_Clear();
    return {};
  }
}

/// What was given beside the supplier; nothing where Python has to look at it.
std::optional<Settings> settings_of(PyObject* named) {
  if (named == nullptr || PyDict_Size(named) == 0)
    return Settings{Ref::borrow(Py_None), Ref::borrow(names().error), Ref::borrow(Py_None)};
  return classes().matrices ? settings_in(named, classes().matrices.get()) : std::nullopt;
}

/// Slicer.__init__: a known supplier with plain settings is all that native code needs. Everything
/// else, with the path if it is known, goes to `_take`.
int init(PyObject* self, PyObject* args, PyObject* named) {
  return guarded(-1, [&] {
    const bool is_one = PyTuple_Size(args) == 1;
    const Ref path = is_one && !is_stopped() ? path_to(PyTuple_GetItem(args, 0)) : Ref();
    if (const auto settings = path ? settings_of(named) : std::nullopt) {
      put(self, Of::path, path.get());
      put(self, Of::scalar, settings->scalar.get());
      put(self, Of::ragged, settings->ragged.get());
      put(self, Of::more, settings->more.get());
      return 0;
    }
    const Ref take = checked(PyObject_GetAttr(self, names().take));
    const Ref first = checked(PyTuple_Pack(1, path ? path.get() : Py_None));
    const Ref all = checked(PySequence_Concat(first.get(), args));
    checked(PyObject_Call(take.get(), all.get(), named));
    return 0;
  });
}

PyObject* set_wrapper_class(PyObject*, PyObject* args) {
  PyObject* kind = nullptr;
  PyObject* matrices = nullptr;
  PyObject* named = nullptr;
  if (PyArg_ParseTuple(args, "O!O!O!:set_wrapper_class", &PyType_Type, &kind, &PyType_Type,
                       &matrices, &PyType_Type, &named) == 0)
    return nullptr;
  const auto is_tuple = [](PyObject* one) {
    return PyType_IsSubtype(reinterpret_cast<PyTypeObject*>(one), &PyTuple_Type) != 0;
  };
  if (!is_context(reinterpret_cast<PyTypeObject*>(kind)) || !is_tuple(matrices) ||
      !is_tuple(named)) {
    PyErr_SetString(PyExc_TypeError,
                    "set_wrapper_class: a class derived from Context and two of tuples are needed");
    return nullptr;
  }
  classes() = {Ref::borrow(kind), Ref::borrow(matrices), Ref::borrow(named)};
  std::exchange(made(), {}); // wrappers of another class
  Py_RETURN_NONE;
}

constexpr Py_ssize_t place_of(Of which) {
  return static_cast<Py_ssize_t>(offsetof(Subscripted, at) +
                                 sizeof(PyObject*) * static_cast<std::size_t>(which));
}

PyMemberDef members[] = {
    {"_path", T_OBJECT_EX, place_of(Of::path), 0, nullptr},
    {"_scalar", T_OBJECT_EX, place_of(Of::scalar), 0, nullptr},
    {"_ragged", T_OBJECT_EX, place_of(Of::ragged), 0, nullptr},
    {"_more", T_OBJECT_EX, place_of(Of::more), 0, nullptr},
    {nullptr, 0, 0, 0, nullptr},
};

PyMethodDef functions[] = {
    // CPython keeps pointers into it
    {"set_wrapper_class", set_wrapper_class, METH_VARARGS,
     PyDoc_STR("set_wrapper_class(kind, matrices, named, /)\n--\n\nThe classes of wrappers, of "
               "given matrices, of expressions in which collections stand.")},
    {nullptr, nullptr, 0, nullptr},
};

PyType_Slot slots[] = {
    {Py_tp_doc, const_cast<char*>(
                    "Subscripted(supplier, *, dtype=None, ragged='error', width=None, fill=0, "
                    "transform=None, normalized=False, of=None)\n--\n\nBase of what `[...]` makes "
                    "a wrapper of (slicer.py).")},
    {Py_tp_init, reinterpret_cast<void*>(init)},
    {Py_tp_traverse, reinterpret_cast<void*>(Subscripted::traverse)},
    {Py_tp_clear, reinterpret_cast<void*>(Subscripted::clear)},
    {Py_tp_dealloc, reinterpret_cast<void*>(Subscripted::dealloc)},
    {Py_tp_members, members},
    {Py_mp_subscript, reinterpret_cast<void*>(subscript)},
    {0, nullptr},
};
PyType_Spec spec = {RNASLICER_TYPE_NAME("Subscripted"), sizeof(Subscripted), 0,
                    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC, slots};

} // namespace

int register_subscript(PyObject* module) {
  if (type == nullptr)
    type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
  if (type == nullptr ||
      PyModule_AddObjectRef(module, "Subscripted", reinterpret_cast<PyObject*>(type)) < 0)
    return -1;
  return PyModule_AddFunctions(module, functions);
}

} // namespace rnaslicer::runtime
