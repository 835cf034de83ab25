// runtime/supplier/moment.cpp: the count of events, and the contexts in which nothing may be done.
#include "runtime/supplier/moment.hpp"

#include "runtime/bindings.hpp"
#include "runtime/blender/bpy.hpp"
#include "runtime/pyref.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <ctime>
#include <sys/syscall.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace rnaslicer::runtime {

namespace {

std::int64_t event_number = 0; // of the last event; grows only
std::int64_t return_count = 0; // undos and redos
bool stopped = false;          // switched off, or Blender exits

bool on_main_thread() {
  // Blender's main thread is the process's first. A thread stays what it is, also across fork().
  thread_local const bool first = syscall(SYS_gettid) == getpid();
  return first;
}

/// What is_free() asks with, made at its first call.
struct Asked {
  Ref is_job_running, render, bake, back, filename, bpy, data, data_type; // two are argument tuples
};

const Asked& asked() {
  static Asked* found = nullptr; // never freed: bpy's own objects outlive us
  if (found == nullptr) {
    const Ref bpy = checked(PyImport_ImportModule("bpy"));
    const Ref app = checked(PyObject_GetAttrString(bpy.get(), "app"));
    const Ref types = checked(PyObject_GetAttrString(bpy.get(), "types"));
    found = new Asked{checked(PyObject_GetAttrString(app.get(), "is_job_running")),
                      checked(Py_BuildValue("(s)", "RENDER")),
                      checked(Py_BuildValue("(s)", "OBJECT_BAKE")),
                      interned("f_back"),
                      interned("co_filename"),
                      Ref::borrow(bpy.get()),
                      interned("data"),
                      checked(PyObject_GetAttrString(types.get(), "BlendData"))};
  }
  return *found;
}

bool job_runs(PyObject* arguments) {
  const Ref answer = checked(PyObject_Call(asked().is_job_running.get(), arguments, nullptr));
  return answer.get() != Py_False;
}

/// While Blender registers add-ons something else stands for bpy.data.
bool is_restricted() {
  const Ref data = checked(PyObject_GetAttr(asked().bpy.get(), asked().data.get()));
  return reinterpret_cast<PyObject*>(Py_TYPE(data.get())) != asked().data_type.get();
}

/// Code that is no driver's, as asked before: the same few stand below every call of a script. They
/// are held, so that no other code is where one of them was; never freed, as all of asked().
std::array<PyObject*, 64> known_code{};

/// Blender compiles drivers under this file name and evaluates them on any thread.
bool is_driver(PyObject* code) {
  PyObject*& known = known_code[(reinterpret_cast<std::uintptr_t>(code) / 64) % known_code.size()];
  if (known == code)
    return false;
  const Ref file = checked(PyObject_GetAttr(code, asked().filename.get()));
  if (PyUnicode_Check(file.get()) &&
      PyUnicode_CompareWithASCIIString(file.get(), "<bpy driver>") == 0)
    return true;
  Py_INCREF(code);
  PyObject* const old = std::exchange(known, code); // whose end may run code of scripts
  Py_XDECREF(old);
  return false;
}

bool in_driver() {
  Ref frame = Ref::borrow(reinterpret_cast<PyObject*>(PyEval_GetFrame()));
  while (frame && frame.get() != Py_None) {
    const Ref code = checked(reinterpret_cast<PyObject*>(
        PyFrame_GetCode(reinterpret_cast<PyFrameObject*>(frame.get()))));
    if (is_driver(code.get()))
      return true;
    frame = checked(PyObject_GetAttr(frame.get(), asked().back.get()));
  }
  return false;
}

PyObject* tick(PyObject*, PyObject*) { return PyLong_FromLongLong(++event_number); }

PyObject* tick_return(PyObject*, PyObject*) { return PyLong_FromLongLong(++return_count); }
PyObject* returns_number(PyObject*, PyObject*) { return PyLong_FromLongLong(return_count); }

PyObject* now_tuple(PyObject*, PyObject*) { return moment_tuple(now()); }

PyObject* set_stopped(PyObject*, PyObject* value) {
  const int is = PyObject_IsTrue(value);
  if (is < 0)
    return nullptr;
  stopped = is != 0;
  Py_RETURN_NONE;
}

PyObject* is_stopped_bool(PyObject*, PyObject*) {
  return PyBool_FromLong(static_cast<long>(stopped));
}

PyObject* is_free_bool(PyObject*, PyObject*) {
  return PyBool_FromLong(static_cast<long>(is_free()));
}

/// One of Blender's lists of handlers, and ours in it.
struct Handler {
  Ref list, function;
};

std::vector<Handler>& handlers() {
  static auto* const all = new std::vector<Handler>; // never freed: the process is Blender's
  return *all;
}

PyObject* set_handlers(PyObject*, PyObject* pairs) {
  return guarded([&]() -> PyObject* {
    if (PyTuple_Check(pairs) == 0)
      raise(PyExc_TypeError, "set_handlers: a tuple of (list, function) is needed");
    std::vector<Handler> given;
    for (Py_ssize_t i = 0; i < PyTuple_Size(pairs); ++i) {
      PyObject* list = nullptr;
      PyObject* function = nullptr;
      if (PyArg_ParseTuple(PyTuple_GetItem(pairs, i), "O!O", &PyList_Type, &list, &function) == 0)
        return nullptr;
      given.push_back({Ref::borrow(list), Ref::borrow(function)});
    }
    std::swap(handlers(), given);
    Py_RETURN_NONE;
  });
}

PyObject* is_hearing_bool(PyObject*, PyObject*) {
  return PyBool_FromLong(static_cast<long>(is_hearing()));
}

PyMethodDef functions[] = {
    // CPython keeps pointers into it
    {"tick", tick, METH_NOARGS,
     PyDoc_STR("tick()\n--\n\nCounts an event; returns its number, 1 and up.")},
    {"tick_return", tick_return, METH_NOARGS,
     PyDoc_STR("tick_return()\n--\n\nCounts an undo or redo.")},
    {"returns", returns_number, METH_NOARGS,
     PyDoc_STR("returns()\n--\n\nHow many undos and redos were counted.")},
    {"now", now_tuple, METH_NOARGS,
     PyDoc_STR("now()\n--\n\nThis moment: (number of the last event, time.time()).")},
    {"set_stopped", set_stopped, METH_O,
     PyDoc_STR("set_stopped(is_stopped, /)\n--\n\nWhile True, nothing of Blender may be touched.")},
    {"is_stopped", is_stopped_bool, METH_NOARGS,
     PyDoc_STR("is_stopped()\n--\n\nWhat set_stopped said last.")},
    {"set_handlers", set_handlers, METH_O,
     PyDoc_STR("set_handlers(pairs, /)\n--\n\nBlender's lists of handlers, and ours in each.")},
    {"is_hearing", is_hearing_bool, METH_NOARGS,
     PyDoc_STR("is_hearing()\n--\n\nWhether ours is the first of every list: not before "
               "set_handlers, nor after a script has cleared the lists.")},
    {"is_free", is_free_bool, METH_NOARGS,
     PyDoc_STR(
         "is_free()\n--\n\nTrue if Blender's data may be touched here and now: on its main "
         "thread, not while a render job runs or add-ons are registered, not in a driver, not "
         "while stopped.")},
    {nullptr, nullptr, 0, nullptr},
};

} // namespace

Moment now() {
  timespec time{};
  clock_gettime(CLOCK_REALTIME, &time);
  return {event_number,
          static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec)};
}

PyObject* moment_tuple(const Moment& moment) {
  if (moment.when == 0)
    Py_RETURN_NONE;
  return Py_BuildValue("(Ld)", static_cast<long long>(moment.number), moment.when);
}

bool read_moment(PyObject* value, Moment& moment) {
  long long number = 0;
  double when = 0;
  if (value != Py_None && (value == nullptr || PyTuple_Check(value) == 0 ||
                           PyArg_ParseTuple(value, "Ld", &number, &when) == 0)) {
    if (PyErr_Occurred() == nullptr)
      PyErr_SetString(PyExc_TypeError, "a moment is (number, seconds)");
    return false;
  }
  moment = {number, when};
  return true;
}

std::int64_t returns() { return return_count; }

bool is_hearing() {
  return !handlers().empty() && std::ranges::all_of(handlers(), [](const Handler& one) {
    return PyList_Size(one.list.get()) > 0 &&
           PyList_GetItem(one.list.get(), 0) == one.function.get();
  });
}

bool is_stopped() { return stopped; }

bool is_free() {
  if (stopped || !on_main_thread())
    return false;
  try {
    return !job_runs(asked().render.get()) && !job_runs(asked().bake.get()) && !is_restricted() &&
           !in_driver();
  } catch (const PythonError&) {
    PyErr_Clear();
    return false;
  }
}

int register_moment(PyObject* module) { return PyModule_AddFunctions(module, functions); }

} // namespace rnaslicer::runtime
