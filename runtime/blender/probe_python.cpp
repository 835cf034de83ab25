// runtime/blender/probe_python.cpp: fault-safe reads and the main-thread question for Python.
#include "runtime/bindings.hpp"
#include "runtime/blender/probe.hpp"
#include "runtime/pyref.hpp"

#include <array>
#include <cstdint>
#include <limits>
#include <span>
#include <sys/syscall.h>
#include <unistd.h>
#include <utility>

namespace rnaslicer::runtime {

namespace {

PyObject* is_main_thread(PyObject*, PyObject*) {
  // Not Python's idea of it: Blender's main thread is the process's first.
  return PyBool_FromLong(static_cast<long>(syscall(SYS_gettid) == getpid()));
}

PyObject* read_memory_bytes(PyObject*, PyObject* args) {
  return guarded([&]() -> PyObject* {
    PyObject* address_object = nullptr;
    Py_ssize_t nbytes = 0;
    if (PyArg_ParseTuple(args, "On:read_memory", &address_object, &nbytes) == 0)
      return nullptr;
    if (nbytes < 0)
      raise(PyExc_ValueError, "read_memory: nbytes must not be negative");
    const Ref index = checked(PyNumber_Index(address_object));
    const auto address = PyLong_AsUnsignedLongLong(index.get());
    if (PyErr_Occurred() != nullptr) {
      if (PyErr_ExceptionMatches(PyExc_OverflowError) == 0)
        return nullptr;
      PyErr_Clear(); // no address at all
      Py_RETURN_NONE;
    }
    Ref bytes = checked(PyBytes_FromStringAndSize(nullptr, nbytes));
    auto* const data = reinterpret_cast<std::byte*>(PyBytes_AsString(bytes.get()));
    if (!runtime::read_memory(address, {data, static_cast<std::size_t>(nbytes)}))
      Py_RETURN_NONE;
    return bytes.release();
  });
}

PyObject* array_in(PyObject*, PyObject* args) {
  return guarded([&]() -> PyObject* {
    unsigned long long holder = 0;
    long long pointer_at = 0;
    long long count_at = 0;
    unsigned long long length = 0;
    unsigned long long itemsize = 0;
    if (PyArg_ParseTuple(args, "KLLKK:array_in", &holder, &pointer_at, &count_at, &length,
                         &itemsize) == 0)
      return nullptr;
    const auto base = runtime::array_in({holder, pointer_at, count_at}, length, itemsize);
    if (!base)
      Py_RETURN_NONE;
    return PyLong_FromUnsignedLongLong(*base);
  });
}

PyObject* probe_kind_text(PyObject*, PyObject*) {
  const std::string_view text = name(probe_kind());
  return PyUnicode_FromStringAndSize(text.data(), static_cast<Py_ssize_t>(text.size()));
}

PyObject* add_reference(PyObject*, PyObject* object) {
  Py_INCREF(object);
  Py_RETURN_NONE;
}

PyMethodDef functions[] = {
    // CPython keeps pointers into it
    {"add_reference", add_reference, METH_O,
     PyDoc_STR("add_reference(object, /)\n--\n\nOne more, which nobody lets go of, for who was "
               "given an object without (hazards.TEMPORARY_DATA).")},
    {"is_main_thread", is_main_thread, METH_NOARGS,
     PyDoc_STR("is_main_thread()\n--\n\nWhether this is the process's first thread, Blender's.")},
    {"read_memory", read_memory_bytes, METH_VARARGS,
     PyDoc_STR("read_memory(address, nbytes, /)\n--\n\nThe bytes there, or None if they cannot be "
               "read. Safe for any address.")},
    {"array_in", array_in, METH_VARARGS,
     PyDoc_STR(
         "array_in(holder, pointer_at, count_at, length, itemsize, /)\n--\n\n"
         "The address that is stored `pointer_at` bytes into `holder`, if both ends of `length` "
         "items of `itemsize` bytes can be read there and the int64 at `count_at` (if not "
         "negative) is `length`; else None. Safe for any address.")},
    {"probe_kind", probe_kind_text, METH_NOARGS,
     PyDoc_STR("probe_kind()\n--\n\nHow read_memory reads: 'process_vm_readv', 'pipe' or 'none'.")},
    {nullptr, nullptr, 0, nullptr},
};

} // namespace

int register_probe(PyObject* module) { return PyModule_AddFunctions(module, functions); }

} // namespace rnaslicer::runtime
