// runtime/pyref.hpp: guards around Python references, buffers and errors; C++ exceptions to errors.
//
// Everything here needs the GIL and stays inside the stable ABI of Python 3.11.
#pragma once

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <cstddef>
#include <exception>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace rnaslicer::runtime {

/// Owns one reference; null means "an exception is set" wherever a function returns it.
class Ref {
 public:
  Ref() = default;
  /// Takes over a new reference (the usual result of an API call).
  static Ref steal(PyObject* object) { return Ref(object); }
  /// Adds a reference to a borrowed object.
  static Ref borrow(PyObject* object) {
    Py_XINCREF(object);
    return Ref(object);
  }
  Ref(const Ref&) = delete;
  Ref& operator=(const Ref&) = delete;
  Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  Ref& operator=(Ref&& other) noexcept {
    // The old object goes last: its destructor may run any Python code.
    PyObject* old = std::exchange(object_, std::exchange(other.object_, nullptr));
    Py_XDECREF(old);
    return *this;
  }
  ~Ref() { Py_XDECREF(object_); }

  [[nodiscard]] PyObject* get() const { return object_; }
  /// Gives the reference away, as functions called from Python return it.
  PyObject* release() { return std::exchange(object_, nullptr); }
  explicit operator bool() const { return object_ != nullptr; }

 private:
  explicit Ref(PyObject* object) : object_(object) {}
  PyObject* object_ = nullptr;
};

/// Sets a pending exception aside, so that clean-up may call Python, and puts it back.
class StashedError {
 public:
  StashedError() { PyErr_Fetch(&type_, &value_, &traceback_); }
  StashedError(const StashedError&) = delete;
  StashedError& operator=(const StashedError&) = delete;
  StashedError(StashedError&&) = delete;
  StashedError& operator=(StashedError&&) = delete;
  ~StashedError() { PyErr_Restore(type_, value_, traceback_); }

 private:
  PyObject* type_ = nullptr;
  PyObject* value_ = nullptr;
  PyObject* traceback_ = nullptr;
};

/// While one of ours runs that Python calls, objects stay alive that are given to `staying` and
/// whose end may run a script's code: that may free what lies at addresses that are known already.
/// They go when all is moved. One for each thread: others run while a kernel moves.
class Staying {
 public:
  Staying() : before_(std::exchange(current, &objects_)) {}
  Staying(const Staying&) = delete;
  Staying& operator=(const Staying&) = delete;
  Staying(Staying&&) = delete;
  Staying& operator=(Staying&&) = delete;
  ~Staying() {
    current = before_;
    if (objects_.empty())
      return;
    const StashedError stashed;
    objects_.clear();
  }

  static void add(PyObject* object) {
    if (current != nullptr && object != nullptr &&
        PyType_GetSlot(Py_TYPE(object), Py_tp_finalize) != nullptr)
      current->push_back(Ref::borrow(object));
  }

 private:
  static inline thread_local std::vector<Ref>* current = nullptr;
  std::vector<Ref> objects_;
  std::vector<Ref>* before_;
};

inline Ref staying(Ref object) {
  Staying::add(object.get());
  return object;
}

/// A Python object of references, each null until it is set, and the slots that its type needs:
/// that is collected, and has PyObject_HEAD and these first.
template <std::size_t count> struct Fields {
  PyObject_HEAD PyObject* at[count];

  static Fields* of(PyObject* self) { return reinterpret_cast<Fields*>(self); }
  static int traverse(PyObject* self, visitproc visit, void* arg) {
    Py_VISIT(Py_TYPE(self));
    for (PyObject* const one : of(self)->at)
      Py_VISIT(one);
    return 0;
  }
  static int clear(PyObject* self) {
    for (PyObject*& one : of(self)->at)
      Py_CLEAR(one);
    return 0;
  }
  static void dealloc(PyObject* self) {
    PyObject_GC_UnTrack(self);
    {
      const StashedError stashed;
      clear(self);
    }
    PyTypeObject* const type = Py_TYPE(self);
    reinterpret_cast<freefunc>(PyType_GetSlot(type, Py_tp_free))(self);
    Py_DECREF(reinterpret_cast<PyObject*>(type));
  }
};

/// Holds an exporter's buffer until the end of the scope.
class Buffer {
 public:
  Buffer() = default;
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  Buffer(Buffer&&) = delete;
  Buffer& operator=(Buffer&&) = delete;
  ~Buffer() {
    if (view_.obj == nullptr)
      return;
    const StashedError stashed; // the exporter may run Python code, which must not meet an error
    release();
  }

  /// Asks for the buffer; false with the exporter's exception set. Where PyBUF_ND is asked for,
  /// there is a shape.
  bool acquire(PyObject* exporter, int flags) {
    release();
    if (PyObject_GetBuffer(exporter, &view_, flags) != 0) {
      view_.obj = nullptr; // what a failed exporter left there is nobody's
      return false;
    }
    if ((flags & PyBUF_ND) == 0 || view_.ndim == 0 || view_.shape != nullptr)
      return true;
    if (view_.ndim != 1 || view_.itemsize <= 0) {
      release();
      PyErr_SetString(PyExc_BufferError, "the buffer's exporter tells no shape");
      return false;
    }
    length_ =
        view_.len / view_.itemsize; // as memoryview does: mathutils tells vectors' shape to nobody
    view_.shape = &length_;
    return true;
  }
  [[nodiscard]] const Py_buffer& view() const { return view_; }
  [[nodiscard]] const Py_buffer* operator->() const { return &view_; }
  explicit operator bool() const { return view_.obj != nullptr; }

 private:
  void release() {
    if (view_.shape == &length_)
      view_.shape = nullptr; // the exporter is to see what it gave
    PyBuffer_Release(&view_);
  }

  Py_buffer view_{};
  Py_ssize_t length_ = 0;
};

/// Thrown when a Python error is already set; guarded() lets it through.
struct PythonError : std::exception {
  [[nodiscard]] const char* what() const noexcept override { return "a Python error is set"; }
};

/// Forgets an error that only says how things are; throws PythonError for an interrupt.
inline void drop_error() {
  if (PyErr_Occurred() != nullptr && PyErr_ExceptionMatches(PyExc_Exception) == 0)
    throw PythonError();
  PyErr_Clear();
}

/// While it lives no garbage is collected. Up to Python 3.11 any object that is made may begin
/// that, and so a script's finalizer, which may free the memory whose address was just asked for.
class Uncollected {
 public:
  Uncollected() : was_on_(Py_Version < 0x030C0000 && PyGC_Disable() != 0) {}
  Uncollected(const Uncollected&) = delete;
  Uncollected(Uncollected&&) = delete;
  Uncollected& operator=(const Uncollected&) = delete;
  Uncollected& operator=(Uncollected&&) = delete;
  ~Uncollected() {
    if (was_on_)
      PyGC_Enable();
  }

 private:
  bool was_on_;
};

/// Wraps a new reference; throws PythonError if it is null.
inline Ref checked(PyObject* object) {
  if (object == nullptr)
    throw PythonError();
  return Ref::steal(object);
}

/// Sets the error `name` of rnaslicer.errors, or `fallback` where the package is not importable.
inline void set_error(const char* name, PyObject* fallback, const std::string& message) {
  const Ref module = Ref::steal(PyImport_ImportModule("rnaslicer.errors"));
  const Ref type = module ? Ref::steal(PyObject_GetAttrString(module.get(), name)) : Ref();
  if (!type)
    PyErr_Clear();
  PyErr_SetString(type ? type.get() : fallback, message.c_str());
}

/// Sets a built-in error and throws PythonError.
[[noreturn]] inline void raise(PyObject* type, const std::string& message) {
  PyErr_SetString(type, message.c_str());
  throw PythonError();
}

/// Turns the C++ exception in flight into a Python error. Call inside catch (...).
inline void set_error_from_exception() noexcept {
  try {
    throw;
  } catch (const PythonError&) {
    if (PyErr_Occurred() == nullptr)
      PyErr_SetString(PyExc_SystemError, "error without a reason");
  } catch (const std::bad_alloc&) {
    PyErr_NoMemory();
  } catch (const std::logic_error& error) { // invalid_argument, out_of_range, length_error
    PyErr_SetString(PyExc_ValueError, error.what());
  } catch (const std::exception& error) {
    PyErr_SetString(PyExc_RuntimeError, error.what());
  } catch (...) {
    PyErr_SetString(PyExc_SystemError, "unknown C++ exception");
  }
}

/// What lasts as long as a function that Python calls.
struct Undisturbed {
  Uncollected until_done;
  Staying until_moved;
};

/// Runs `body`; no C++ exception gets past it. `failed` is what tells Python that an error is set.
template <typename Result, typename Body> Result guarded(Result failed, Body&& body) noexcept {
  const Undisturbed undisturbed;
  try {
    return std::forward<Body>(body)();
  } catch (...) {
    set_error_from_exception();
    return failed;
  }
}

/// The same for functions that return a new reference.
template <typename Body> PyObject* guarded(Body&& body) noexcept {
  return guarded(static_cast<PyObject*>(nullptr), std::forward<Body>(body));
}

} // namespace rnaslicer::runtime
