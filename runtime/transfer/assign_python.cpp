// runtime/transfer/assign_python.cpp: setattr on many objects, straight from a packed buffer.
//
// What a loop in Python does, without its lists of all values and without its bytecode. Objects
// and values are Python's own, so whatever setattr refuses is refused here.
#include "runtime/transfer/assign_python.hpp"

#include "runtime/bindings.hpp"
#include "runtime/memory/item.hpp"
#include "runtime/pyref.hpp"
#include "runtime/transfer/assign_objects.hpp"

#include <span>
#include <string>
#include <vector>

namespace rnaslicer::runtime {

namespace {

/// Stands for "as it is now" where a place in the row is wanted.
constexpr Py_ssize_t untouched = -1;

std::vector<Py_ssize_t> sizes_of(PyObject* tuple, const char* what) {
  if (PyTuple_Check(tuple) == 0)
    raise(PyExc_TypeError, std::string("assign: ") + what + " is no tuple");
  std::vector<Py_ssize_t> sizes;
  for (Py_ssize_t i = 0; i < PyTuple_Size(tuple); ++i) {
    sizes.push_back(PyLong_AsSsize_t(PyTuple_GetItem(tuple, i)));
    if (sizes.back() == -1 && PyErr_Occurred() != nullptr)
      throw PythonError();
  }
  return sizes;
}

/// What each object is given.
class Values {
 public:
  Values() = default;
  Values(const Values&) = delete;
  Values& operator=(const Values&) = delete;
  Values(Values&&) = delete;
  Values& operator=(Values&&) = delete;
  virtual ~Values() = default;
  /// The value for row `row`; `object` is the one that gets it, `name` the attribute.
  virtual Ref at(Py_ssize_t row, PyObject* object, PyObject* name) = 0;
  /// Whether that reads the object, which may run a script's code.
  [[nodiscard]] virtual bool reads() const { return false; }
};

/// Objects that are there already.
class Listed final : public Values {
 public:
  explicit Listed(PyObject* list) : list_(Ref::borrow(list)) {}

  Ref at(Py_ssize_t row, PyObject* /*object*/, PyObject* /*name*/) override {
    PyObject* const value = PyList_GetItem(list_.get(), row); // bounds are checked
    if (value == nullptr)
      throw PythonError();
    return Ref::borrow(value);
  }

 private:
  Ref list_;
};

/// Rows of a buffer, as numbers, lists of numbers or nested tuples.
class Packed final : public Values {
 public:
  Packed(PyObject* exporter, PyObject* dims, PyObject* places, PyObject* made, Py_ssize_t rows)
      : dims_(sizes_of(dims, "dims")), places_(sizes_of(places, "places")),
        made_(made != Py_None ? Ref::borrow(made) : Ref()) {
    if (!buffer_.acquire(exporter, PyBUF_ND | PyBUF_FORMAT))
      throw PythonError();
    format_ = native_format(buffer_->format != nullptr ? buffer_->format : "B");
    const Py_ssize_t items = buffer_->itemsize > 0 ? buffer_->len / buffer_->itemsize : 0;
    if (format_ == 0 || rows <= 0 || items % rows != 0)
      raise(PyExc_ValueError, "assign: the buffer is no row of numbers for each object");
    const Py_ssize_t width = items / rows;
    stride_ = width * buffer_->itemsize;
    std::size_t count = 1;
    for (const Py_ssize_t extent : dims_) {
      if (extent <= 0)
        raise(PyExc_ValueError, "assign: an extent is not positive");
      count *= static_cast<std::size_t>(extent);
    }
    if (places_.size() != count)
      raise(PyExc_ValueError, "assign: dims and places do not fit together");
    for (const Py_ssize_t place : places_) {
      if (place < untouched || place >= width || (place == untouched && dims_.empty()))
        raise(PyExc_ValueError, "assign: a place lies outside the row");
      keeps_ = keeps_ || place == untouched;
    }
  }

  Ref at(Py_ssize_t row, PyObject* object, PyObject* name) override {
    const Ref now = keeps_ ? checked(PyObject_GetAttr(object, name)) : Ref();
    const char* const data = static_cast<const char*>(buffer_->buf) + row * stride_;
    std::span<const Py_ssize_t> rest = places_;
    Ref value = dims_.size() == 1 ? vector(data, now.get()) : nested(data, dims_, rest, now.get());
    if (!made_)
      return value;
    return checked(PyObject_CallFunctionObjArgs(made_.get(), value.get(), nullptr));
  }

  [[nodiscard]] bool reads() const override { return keeps_; }

 private:
  [[nodiscard]] Ref number(const char* data, Py_ssize_t place) const {
    return checked(unpack_item(data + place * buffer_->itemsize, format_));
  }

  /// A list: always the same one, unless somebody has kept it.
  Ref vector(const char* data, PyObject* now) {
    if (!vector_ || Py_REFCNT(vector_.get()) != 1)
      vector_ = checked(PyList_New(dims_.front()));
    for (Py_ssize_t i = 0; i < dims_.front(); ++i) {
      const Py_ssize_t place = places_[static_cast<std::size_t>(i)];
      Ref item = place == untouched ? checked(PySequence_GetItem(now, i)) : number(data, place);
      if (PyList_SetItem(vector_.get(), i, item.release()) < 0)
        throw PythonError();
    }
    return Ref::borrow(vector_.get());
  }

  /// A number or tuples; takes as many places from `rest`. now: what stands there, or null.
  Ref nested(const char* data, std::span<const Py_ssize_t> dims, std::span<const Py_ssize_t>& rest,
             PyObject* now) {
    if (dims.empty()) {
      const Py_ssize_t place = rest.front();
      rest = rest.subspan(1);
      return place == untouched ? Ref::borrow(now) : number(data, place);
    }
    Ref tuple = checked(PyTuple_New(dims.front()));
    for (Py_ssize_t i = 0; i < dims.front(); ++i) {
      const Ref part = now != nullptr ? checked(PySequence_GetItem(now, i)) : Ref();
      if (PyTuple_SetItem(tuple.get(), i,
                          nested(data, dims.subspan(1), rest, part.get()).release()) < 0)
        throw PythonError();
    }
    return tuple;
  }

  Buffer buffer_;
  char format_ = 0;
  Py_ssize_t stride_ = 0;
  std::vector<Py_ssize_t> dims_;
  std::vector<Py_ssize_t> places_;
  Ref vector_;
  Ref made_; // what makes an object of the tuples, if anything
  bool keeps_ = false;
};

/// setattr on objects[start:stop]; how many took it before one raised (the error is set then).
Py_ssize_t assign_each(Objects& objects, PyObject* name, Values& values, Py_ssize_t start,
                       Py_ssize_t stop) {
  Py_ssize_t i = start;
  try {
    for (; i < stop; ++i) {
      Ref object = objects.at(i);
      const Ref value = values.at(i, object.get(), name);
      if (values.reads())
        object = objects.at(i); // found anew: a getter may have taken it away
      if (PyObject_SetAttr(object.get(), name, value.get()) < 0)
        break;
    }
  } catch (const PythonError&) { // a value could not be made: the error is set as well
  }
  return i - start;
}

/// The error that is set, taken away; null if there is none.
Ref taken_error() {
  PyObject* type = nullptr;
  PyObject* value = nullptr;
  PyObject* traceback = nullptr;
  PyErr_Fetch(&type, &value, &traceback);
  if (type == nullptr)
    return {};
  PyErr_NormalizeException(&type, &value, &traceback);
  Ref error = Ref::steal(value);
  const Ref kind = Ref::steal(type);
  const Ref trace = Ref::steal(traceback);
  return error;
}

/// The name as setattr wants it: else each call would look it up among all names.
Ref interned_name(PyObject* name) {
  Py_INCREF(name);
  PyUnicode_InternInPlace(&name);
  return Ref::steal(name);
}

Assignment arguments(PyObject* args, const char* format) {
  Assignment to;
  if (PyArg_ParseTuple(args, format, &to.objects, &to.name, &to.given, &to.dims, &to.places,
                       &to.made, &to.start, &to.stop) == 0)
    throw PythonError();
  return to;
}

Taken assign_to(Objects& objects, const Assignment& to) {
  const Py_ssize_t count = objects.count();
  if (to.start < 0 || to.start > to.stop || to.stop > count)
    raise(PyExc_ValueError, "assign: start or stop lies outside the list");
  const Ref interned = interned_name(to.name);
  const auto run = [&](Values& values) -> Taken {
    const Py_ssize_t done = assign_each(objects, interned.get(), values, to.start, to.stop);
    return {done, taken_error()};
  };
  if (PyList_Check(to.given) != 0) {
    Listed values(to.given);
    return run(values);
  }
  Packed values(to.given, to.dims, to.places, to.made, count);
  return run(values);
}

PyObject* as_tuple(const Taken& taken) {
  return Py_BuildValue("(nO)", taken.done, taken.error ? taken.error.get() : Py_None);
}

PyObject* assign(PyObject*, PyObject* args) {
  return guarded(
      [&]() -> PyObject* { return as_tuple(assign_objects(arguments(args, "OUOOOOnn:assign"))); });
}

PyObject* assign_anew(PyObject*, PyObject* args) {
  return guarded([&] {
    const Assignment to = arguments(args, "OUOOOOnn:assign_anew");
    return as_tuple(assign_to(*found_objects(to.objects), to));
  });
}

PyMethodDef functions[] = {
    // CPython keeps pointers into it
    {"assign", assign, METH_VARARGS,
     PyDoc_STR("assign(objects, name, values, dims, places, made, start, stop, /)\n--\n\n"
               "setattr(objects[i], name, row i of the values) for start <= i < stop: (how many "
               "took it, the exception that ended it or None).")},
    {"assign_anew", assign_anew, METH_VARARGS,
     PyDoc_STR("assign_anew(finds, name, values, dims, places, made, start, stop, /)\n--\n\n"
               "As assign, for what a script's code may change meanwhile: each object is found "
               "right before it is assigned to, by the steps (kind, what) from a base and then by "
               "its index, or by a call. (base, steps, rows, whether the elements are one array, "
               "classes that must stay registered, each with its RNA type)")},
    {nullptr, nullptr, 0, nullptr},
};

} // namespace

Taken assign_objects(const Assignment& what) {
  if (PyList_Check(what.objects) == 0)
    raise(PyExc_TypeError, "assign: a list of objects is needed");
  return assign_to(*held_objects(what.objects), what);
}

int register_assign(PyObject* module) { return PyModule_AddFunctions(module, functions); }

} // namespace rnaslicer::runtime
