// runtime/transfer/assign_objects.cpp: objects found anew, for code of scripts may run between two.
#include "runtime/transfer/assign_objects.hpp"

#include "runtime/bindings.hpp"
#include "runtime/blender/names.hpp"

#include <string_view>
#include <utility>
#include <vector>

namespace rnaslicer::runtime {

namespace {

/// Objects that are held.
class Held final : public Objects {
 public:
  explicit Held(PyObject* list) : list_(Ref::borrow(list)) {}

  [[nodiscard]] Py_ssize_t count() const override { return PyList_Size(list_.get()); }

  Ref at(Py_ssize_t i) override {
    PyObject* const object =
        PyList_GetItem(list_.get(), i); // what a setter runs may change the list
    if (object == nullptr)
      throw PythonError();
    return Ref::borrow(object);
  }

 private:
  Ref list_;
};

/// Objects that calls find.
class Called final : public Objects {
 public:
  explicit Called(PyObject* list) : calls_(list) {}

  [[nodiscard]] Py_ssize_t count() const override { return calls_.count(); }

  Ref at(Py_ssize_t i) override {
    const Ref call = calls_.at(i);
    return checked(PyObject_CallFunctionObjArgs(call.get(), nullptr));
  }

 private:
  Held calls_;
};

/// Elements of a collection, to which steps lead from an object that notices when it dies.
///
/// Of a collection that is one array in memory they are listed once: while it begins where it did
/// and is as long, element i is where it was. (bpy walks to an index: a loop over those is
/// quadratic.)
class Stepped final : public Objects {
 public:
  Stepped(PyObject* base, PyObject* steps, PyObject* rows, bool is_array, PyObject* classes)
      : base_(Ref::borrow(base)), rows_(Ref::borrow(rows)), count_(PySequence_Size(rows)),
        is_array_(is_array) {
    if (count_ < 0)
      throw PythonError();
    if (PyTuple_Check(steps) == 0 || PyTuple_Check(classes) == 0)
      raise(PyExc_TypeError, "assign_anew: the steps or classes are no tuple");
    for (Py_ssize_t i = 0; i < PyTuple_Size(classes); ++i) {
      PyObject* const pair = PyTuple_GetItem(classes, i);
      PyObject* kind = nullptr;
      PyObject* type = nullptr;
      if (PyTuple_Check(pair) == 0)
        raise(PyExc_TypeError, "assign_anew: a class comes without its type");
      if (PyArg_ParseTuple(pair, "OO:assign_anew", &kind, &type) == 0)
        throw PythonError();
      classes_.emplace_back(Ref::borrow(kind), Ref::borrow(type));
    }
    for (Py_ssize_t i = 0; i < PyTuple_Size(steps); ++i) {
      const char* kind = nullptr;
      PyObject* what = nullptr;
      if (PyArg_ParseTuple(PyTuple_GetItem(steps, i), "sO:assign_anew", &kind, &what) == 0)
        throw PythonError();
      steps_.emplace_back(std::string_view(kind) == "attr", Ref::borrow(what));
    }
  }

  [[nodiscard]] Py_ssize_t count() const override { return count_; }

  Ref at(Py_ssize_t i) override {
    for (const auto& [kind, type] : classes_)
      if (!is_registered(kind.get(), type.get()))
        raise(PyExc_ReferenceError, "a class of its structs was unregistered");
    Ref reached = Ref::borrow(base_.get());
    for (const auto& [is_attribute, what] : steps_)
      reached = checked(is_attribute ? PyObject_GetAttr(reached.get(), what.get())
                                     : PyObject_GetItem(reached.get(), what.get()));
    const Ref row = checked(PySequence_GetItem(rows_.get(), i));
    if (is_array_ && !listed_) {
      place_ = place_of(reached.get());
      listed_ = checked(PySequence_List(reached.get()));
    }
    is_array_ = is_array_ && place_of(reached.get()) == place_;
    return checked(PyObject_GetItem(is_array_ ? listed_.get() : reached.get(), row.get()));
  }

 private:
  /// Whether a class has the RNA type in its own namespace: bpy takes it out of there behind
  /// Python's back, so that until 4.3 the class still seems to have the attribute.
  static bool is_registered(PyObject* kind, PyObject* type) {
    const Ref own = checked(PyObject_GetAttr(kind, names().dict));
    const Ref now = Ref::steal(PyObject_GetItem(own.get(), names().bl_rna));
    PyErr_Clear();
    return now.get() == type;
  }

  /// Where a collection begins, and how many elements it has.
  static std::pair<unsigned long long, Py_ssize_t> place_of(PyObject* collection) {
    const Py_ssize_t length = PyObject_Size(collection);
    if (length < 0)
      throw PythonError();
    if (length == 0)
      return {0, 0};
    const Ref first = checked(PySequence_GetItem(collection, 0));
    const Ref address = checked(PyObject_CallMethod(first.get(), "as_pointer", nullptr));
    return {PyLong_AsUnsignedLongLongMask(address.get()), length};
  }

  Ref base_;
  Ref rows_;
  Py_ssize_t count_;
  bool is_array_;
  Ref listed_;
  std::pair<unsigned long long, Py_ssize_t> place_;
  std::vector<std::pair<bool, Ref>> steps_;
  std::vector<std::pair<Ref, Ref>> classes_; // with the RNA types that they were registered as
};

} // namespace

std::unique_ptr<Objects> held_objects(PyObject* list) { return std::make_unique<Held>(list); }

std::unique_ptr<Objects> found_objects(PyObject* finds) {
  if (PyList_Check(finds) != 0)
    return std::make_unique<Called>(finds);
  PyObject* base = nullptr;
  PyObject* steps = nullptr;
  PyObject* rows = nullptr;
  PyObject* classes = nullptr;
  int is_array = 0;
  if (PyTuple_Check(finds) == 0)
    raise(PyExc_TypeError, "assign_anew: a tuple or a list of calls is needed");
  if (PyArg_ParseTuple(finds, "OOOpO:assign_anew", &base, &steps, &rows, &is_array, &classes) == 0)
    throw PythonError();
  return std::make_unique<Stepped>(base, steps, rows, is_array != 0, classes);
}

} // namespace rnaslicer::runtime
