// runtime/trail/python/subscript.cpp: the type Subscripted: `Slicer(...)[...]`, where the same
// expression was made into a wrapper before.
#include "runtime/bindings.hpp"
#include "runtime/blender/bpy.hpp"
#include "runtime/blender/names.hpp"

#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

namespace rnaslicer::runtime {

namespace {

PyTypeObject* type = nullptr; // made once per process, never freed

/// Python's classes of wrappers and paths. Never freed.
struct Classes {
  Ref wrapper, path;
};
Classes& classes() {
  static auto* const known = new Classes;
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
  [[nodiscard]] bool is_plain() const { return is_plain_; }
  [[nodiscard]] const std::string& text() const { return text_; }

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

/// A slicer's fields.
struct Given {
  Ref path, scalar, ragged, more;
  explicit Given(PyObject* slicer)
      : path(checked(PyObject_GetAttr(slicer, names().path))),
        scalar(checked(PyObject_GetAttr(slicer, names().scalar))),
        ragged(checked(PyObject_GetAttr(slicer, names().ragged))),
        more(checked(PyObject_GetAttr(slicer, names().more))) {}
};

/// All that items and key depend on; nothing where something is not plain.
std::optional<std::string> text_of(const Given& given, PyObject* expression) {
  if (given.more.get() != Py_None ||
      reinterpret_cast<PyObject*>(Py_TYPE(given.path.get())) != classes().path.get())
    return std::nullopt;
  const Ref root = checked(PyObject_GetAttr(given.path.get(), names().root));
  const Ref kind = attr(root.get(), names().type);
  PyErr_Clear(); // bpy.data has none
  const Ref steps = checked(PyObject_GetAttr(given.path.get(), names().steps));
  Text text;
  text.identity(Py_TYPE(root.get()));
  text.identity(kind.get());
  text.plain(given.scalar.get());
  text.name(given.ragged.get());
  text.expression(expression);
  add_steps(text, steps.get());
  return text.is_plain() ? std::optional(text.text()) : std::nullopt;
}

/// What ViewWrapper.__init__ makes.
Ref new_wrapper(const Given& given, const Made& known, PyObject* expression) {
  auto* const wrapper = reinterpret_cast<PyTypeObject*>(classes().wrapper.get());
  Ref self = checked(reinterpret_cast<allocfunc>(PyType_GetSlot(wrapper, Py_tp_alloc))(wrapper, 0));
  const Ref on_lost = checked(PyList_New(0));
  const std::pair<PyObject*, PyObject*> fields[] = {{names().path, given.path.get()},
                                                    {names().items, known.items.get()},
                                                    {names().scalar, given.scalar.get()},
                                                    {names().ragged, given.ragged.get()},
                                                    {names().more, Py_None},
                                                    {names().on_lost, on_lost.get()},
                                                    {names().key, known.key.get()},
                                                    {names().expression, expression}};
  for (const auto& [name, value] : fields)
    if (PyObject_SetAttr(self.get(), name, value) < 0)
      throw PythonError();
  return self;
}

void remember(std::string text, PyObject* wrapper) {
  constexpr std::size_t most = 4096; // scripts may make expressions without end
  Made known{checked(PyObject_GetAttr(wrapper, names().items)),
             checked(PyObject_GetAttr(wrapper, names().key))};
  if (known.key.get() == Py_None)
    return;
  if (made().size() >= most)
    std::exchange(made(), {}); // what it held goes when it is empty
  made().emplace(std::move(text), std::move(known));
}

PyObject* subscript(PyObject* self, PyObject* expression) {
  return guarded([&]() -> PyObject* {
    const Given given(self);
    auto text = classes().wrapper ? text_of(given, expression) : std::nullopt;
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

PyObject* set_classes(PyObject*, PyObject* args) {
  PyObject* wrapper = nullptr;
  PyObject* path = nullptr;
  if (PyArg_ParseTuple(args, "O!O!:set_classes", &PyType_Type, &wrapper, &PyType_Type, &path) == 0)
    return nullptr;
  classes() = {Ref::borrow(wrapper), Ref::borrow(path)};
  std::exchange(made(), {}); // wrappers of other classes
  Py_RETURN_NONE;
}

PyMethodDef functions[] = {
    // CPython keeps pointers into it
    {"set_classes", set_classes, METH_VARARGS,
     PyDoc_STR("set_classes(wrapper, path, /)\n--\n\nThe classes of wrappers and of paths.")},
    {nullptr, nullptr, 0, nullptr},
};

PyType_Slot slots[] = {
    {Py_tp_doc, const_cast<char*>("Base of what `[...]` makes a wrapper of (slicer.py).")},
    {Py_mp_subscript, reinterpret_cast<void*>(subscript)},
    {0, nullptr},
};
PyType_Spec spec = {RNASLICER_TYPE_NAME("Subscripted"), sizeof(PyObject), 0,
                    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, slots};

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
