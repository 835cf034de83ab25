// runtime/trail/python/subscript.cpp: the type Subscripted: `Slicer(...)[...]`, where such a
// supplier was captured, and the same expression made into a wrapper, before.
#include "runtime/bindings.hpp"
#include "runtime/blender/bpy.hpp"
#include "runtime/blender/names.hpp"
#include "runtime/supplier/way.hpp"
#include "runtime/trail/python/context.hpp"
#include "runtime/trail/python/ways.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <structmember.h>
#include <unordered_map>
#include <utility>

namespace rnaslicer::runtime {

namespace {

PyTypeObject* type = nullptr; // made once per process, never freed

/// Python's class of wrappers. Never freed.
Ref& wrapper_class() {
  static auto* const known = new Ref;
  return *known;
}

/// What depends on no datablock: the parsed items, and the key of their trail. The key holds the
/// type of datablock whose address stands in the text.
struct Made {
  Ref items, key;
};
std::unordered_map<std::string, Made>& made() {
  static auto* const all = new std::unordered_map<std::string, Made>; // never freed
  return *all;
}

/// Writes down what an expression and a way are, so that equal texts mean equal ones. `is_plain`
/// turns false at what is not of the plain types: subclasses, arrays, collections.
class Text {
 public:
  Text() { text_.reserve(256); } // most are shorter

  [[nodiscard]] bool is_plain() const { return is_plain_; }
  [[nodiscard]] std::string take() && { return std::move(text_); }

  void number(PyObject* object) {
    const long long value = PyLong_CheckExact(object) != 0 ? PyLong_AsLongLong(object) : -1;
    if (PyLong_CheckExact(object) == 0 || PyErr_Occurred() != nullptr)
      return refuse();
    raw('i', &value, sizeof value);
  }

  void name(PyObject* object) {
    Py_ssize_t size = 0;
    const char* const text =
        PyUnicode_CheckExact(object) != 0 ? PyUnicode_AsUTF8AndSize(object, &size) : nullptr;
    if (text == nullptr)
      return refuse();
    raw('n', &size, sizeof size);
    text_.append(text, static_cast<std::size_t>(size));
  }

  void identity(const void* object) { raw('p', &object, sizeof object); }

  /// A number, a name or None.
  void plain(PyObject* object) {
    if (object == Py_None)
      text_ += '-';
    else if (PyUnicode_CheckExact(object) != 0)
      name(object);
    else
      number(object);
  }

  void item(PyObject* object) {
    if (reinterpret_cast<PyObject*>(Py_TYPE(object)) == reinterpret_cast<PyObject*>(&PySlice_Type))
      slice(object);
    else if (PyTuple_CheckExact(object) != 0)
      several('(', object, PyTuple_Size(object), PyTuple_GetItem);
    else if (PyList_CheckExact(object) != 0)
      several('[', object, PyList_Size(object), PyList_GetItem);
    else if (object == Py_Ellipsis)
      text_ += 'e';
    else if (object == Py_None)
      refuse();
    else
      plain(object);
  }

  void expression(PyObject* object) {
    if (PyTuple_CheckExact(object) == 0)
      return item(object);
    const Py_ssize_t count = PyTuple_Size(object);
    raw('t', &count, sizeof count); // the steps that follow look like items
    for (Py_ssize_t i = 0; is_plain_ && i < count; ++i)
      item(PyTuple_GetItem(object, i));
  }

  /// One step of a path. Which F-curve it is does not matter to a trail (transfer/trails.py).
  void step(PyObject* object) {
    if (PyTuple_CheckExact(object) == 0 || PyTuple_Size(object) != 2)
      return refuse();
    name(PyTuple_GetItem(object, 0));
    plain(PyTuple_GetItem(object, 1));
  }

 private:
  void refuse() {
    PyErr_Clear();
    is_plain_ = false;
  }
  void raw(char kind, const void* bytes, std::size_t size) {
    text_ += kind;
    text_.append(static_cast<const char*>(bytes), size);
  }
  void slice(PyObject* object) {
    text_ += ':';
    for (PyObject* const part : {names().start, names().stop, names().step}) {
      const Ref value = attr(object, part);
      if (!value || PyUnicode_Check(value.get()) != 0)
        return refuse();
      plain(value.get());
    }
  }
  /// Names only: numbers are an array.
  void several(char kind, PyObject* object, Py_ssize_t count,
               PyObject* (*at)(PyObject*, Py_ssize_t)) {
    raw(kind, &count, sizeof count);
    for (Py_ssize_t i = 0; is_plain_ && i < count; ++i)
      name(at(object, i));
  }

  std::string text_;
  bool is_plain_ = true;
};

void add_steps(Text& text, PyObject* steps) {
  const Py_ssize_t count = PyTuple_CheckExact(steps) != 0 ? PyTuple_Size(steps) : -1;
  if (count < 0)
    return text.step(steps);
  Py_ssize_t from = 0;
  if (count > 1) {
    PyObject* const last_but_one = PyTuple_GetItem(steps, count - 2);
    if (PyTuple_CheckExact(last_but_one) != 0 && PyTuple_Size(last_but_one) == 2 &&
        PyUnicode_Check(PyTuple_GetItem(last_but_one, 0)) != 0 &&
        PyUnicode_CompareWithASCIIString(PyTuple_GetItem(last_but_one, 0), "fcurve") == 0) {
      text.identity(names().fcurve);
      from = count - 1;
    }
  }
  for (Py_ssize_t i = from; text.is_plain() && i < count; ++i)
    text.step(PyTuple_GetItem(steps, i));
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

/// All that items and key depend on; nothing where something is not plain.
std::optional<std::string> text_of(const Given& given, PyObject* expression) {
  const Way* const way = given.more.get() == Py_None ? as_way(given.path.get()) : nullptr;
  if (way == nullptr)
    return std::nullopt;
  const Ref root = Ref::borrow(way->root());
  const Ref steps = Ref::borrow(way->steps());
  const Ref kind = attr(root.get(), names().type);
  PyErr_Clear(); // bpy.data has none
  Text text;
  text.identity(Py_TYPE(root.get()));
  text.identity(kind.get());
  text.plain(given.scalar.get());
  text.name(given.ragged.get());
  text.expression(expression);
  add_steps(text, steps.get());
  return text.is_plain() ? std::optional(std::move(text).take()) : std::nullopt;
}

/// What ViewWrapper.__init__ makes.
Ref new_wrapper(const Given& given, const Made& known, PyObject* expression) {
  Ref self = new_context(reinterpret_cast<PyTypeObject*>(wrapper_class().get()));
  put(self.get(), Field::path, given.path.get());
  put(self.get(), Field::items, known.items.get());
  put(self.get(), Field::scalar, given.scalar.get());
  put(self.get(), Field::ragged, given.ragged.get());
  put(self.get(), Field::key, known.key.get());
  put(self.get(), Field::expression, expression);
  return self;
}

void remember(std::string text, PyObject* wrapper) {
  constexpr std::size_t most = 4096; // scripts may make expressions without end
  Made known{Ref::borrow(field(wrapper, Field::items)), Ref::borrow(field(wrapper, Field::key))};
  if (known.key.get() == Py_None)
    return;
  if (made().size() >= most)
    std::exchange(made(), {}); // what it held goes when it is empty
  made().emplace(std::move(text), std::move(known));
}

PyObject* subscript(PyObject* self, PyObject* expression) {
  return guarded([&]() -> PyObject* {
    const Given given(self);
    auto text = wrapper_class() ? text_of(given, expression) : std::nullopt;
    if (text)
      if (const auto found = made().find(*text); found != made().end()) {
        const Made known{Ref::borrow(found->second.items.get()),
                         Ref::borrow(found->second.key.get())}; // a finalizer may clear the map
        return new_wrapper(given, known, expression).release();
      }
    Ref wrapper = checked(PyObject_CallMethodObjArgs(self, names().sliced, expression, nullptr));
    if (text)
      remember(std::move(*text), wrapper.get());
    return wrapper.release();
  });
}

/// The path of a supplier, where native code knows one; an error on the way is Python's to tell.
Ref path_to(PyObject* supplier) {
  try {
    return known_path(supplier);
  } catch (const PythonError&) {
    if (PyErr_ExceptionMatches(PyExc_Exception) == 0) // an interrupt
      throw;
    PyErr_Clear();
    return {};
  }
}

/// Slicer.__init__: a known supplier alone is all that native code needs. Everything else, with the
/// path if it is known, goes to `_take`.
int init(PyObject* self, PyObject* args, PyObject* named) {
  return guarded(-1, [&] {
    const bool is_one = PyTuple_Size(args) == 1;
    const Ref path = is_one && !is_stopped() ? path_to(PyTuple_GetItem(args, 0)) : Ref();
    if (path && (named == nullptr || PyDict_Size(named) == 0)) {
      put(self, Of::path, path.get());
      put(self, Of::scalar, Py_None);
      put(self, Of::ragged, names().error);
      put(self, Of::more, Py_None);
      return 0;
    }
    const Ref take = checked(PyObject_GetAttr(self, names().take));
    const Ref first = checked(PyTuple_Pack(1, path ? path.get() : Py_None));
    const Ref all = checked(PySequence_Concat(first.get(), args));
    checked(PyObject_Call(take.get(), all.get(), named));
    return 0;
  });
}

PyObject* set_wrapper_class(PyObject*, PyObject* kind) {
  if (PyType_Check(kind) == 0 || !is_context(reinterpret_cast<PyTypeObject*>(kind))) {
    PyErr_SetString(PyExc_TypeError, "set_wrapper_class: a class derived from Context is needed");
    return nullptr;
  }
  wrapper_class() = Ref::borrow(kind);
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
    {"set_wrapper_class", set_wrapper_class, METH_O,
     PyDoc_STR("set_wrapper_class(kind, /)\n--\n\nThe class of wrappers.")},
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
