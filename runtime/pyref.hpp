// runtime/pyref.hpp: owners for Python references and buffers, and the way from C++ to Python
// errors.
//
// Everything here needs the GIL and stays inside the stable ABI of Python 3.11.
#pragma once

#include <Python.h>
#include <exception>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>

namespace rnaslicer::runtime {

/// Owns one strong reference, or nothing.
class PyRef {
 public:
  PyRef() = default;
  /// Takes over a new reference (may be null: then a Python error is set).
  static PyRef steal(PyObject* object) { return PyRef(object); }
  /// Adds a reference to a borrowed one.
  static PyRef borrow(PyObject* object) {
    Py_XINCREF(object);
    return PyRef(object);
  }
  PyRef(const PyRef& other) : object_(other.object_) { Py_XINCREF(object_); }
  PyRef(PyRef&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  PyRef& operator=(PyRef other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~PyRef() { Py_XDECREF(object_); }

  [[nodiscard]] PyObject* get() const { return object_; }
  /// Gives the reference to the caller.
  [[nodiscard]] PyObject* release() { return std::exchange(object_, nullptr); }
  explicit operator bool() const { return object_ != nullptr; }

 private:
  explicit PyRef(PyObject* object) : object_(object) {}
  PyObject* object_ = nullptr;
};

/// Holds another object's buffer while it lives.
class BufferGuard {
 public:
  BufferGuard() = default;
  BufferGuard(const BufferGuard&) = delete;
  BufferGuard& operator=(const BufferGuard&) = delete;
  ~BufferGuard() { release(); }

  /// False with the exporter's Python error set.
  [[nodiscard]] bool acquire(PyObject* object, int flags) {
    release();
    held_ = PyObject_GetBuffer(object, &view_, flags) == 0;
    return held_;
  }
  void release() {
    if (std::exchange(held_, false))
      PyBuffer_Release(&view_);
  }
  [[nodiscard]] bool held() const { return held_; }
  const Py_buffer* operator->() const { return &view_; }
  const Py_buffer& operator*() const { return view_; }

 private:
  Py_buffer view_{};
  bool held_ = false;
};

/// Saves the pending Python error and puts it back: for clean-up that runs Python code.
class ErrorGuard {
 public:
  ErrorGuard() { PyErr_Fetch(&type_, &value_, &traceback_); }
  ErrorGuard(const ErrorGuard&) = delete;
  ErrorGuard& operator=(const ErrorGuard&) = delete;
  ~ErrorGuard() { PyErr_Restore(type_, value_, traceback_); }

 private:
  PyObject *type_ = nullptr, *value_ = nullptr, *traceback_ = nullptr;
};

/// Thrown when a Python error is already set; guarded() lets it through.
struct PythonError : std::exception {
  [[nodiscard]] const char* what() const noexcept override { return "a Python error is set"; }
};

/// Wraps a new reference; throws PythonError if it is null.
inline PyRef checked(PyObject* object) {
  if (object == nullptr)
    throw PythonError();
  return PyRef::steal(object);
}

/// Sets the error `name` of rnaslicer.errors, or `fallback` where the package is not importable.
inline void set_error(const char* name, PyObject* fallback, const std::string& message) {
  const PyRef module = PyRef::steal(PyImport_ImportModule("rnaslicer.errors"));
  const PyRef type = module ? PyRef::steal(PyObject_GetAttrString(module.get(), name)) : PyRef();
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

/// Runs `body`; no C++ exception gets past it. `failed` is what tells Python that an error is set.
template <typename Result, typename Body> Result guarded(Result failed, Body&& body) noexcept {
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
