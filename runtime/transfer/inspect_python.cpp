// runtime/transfer/inspect_python.cpp: machine code, predictions and the disk cache's content for
// Python. Everything here only reads.
#include "jit/inspect.hpp"
#include "jit/kernel.hpp"
#include "runtime/bindings.hpp"
#include "runtime/pyref.hpp"
#include "runtime/transfer/kernel_python.hpp"
#include "runtime/transfer/plan_python.hpp"

#include <chrono>
#include <cstring>

namespace rnaslicer::runtime {

namespace {

struct Arguments {
  std::string object, symbol;
  jit::Tier tier = jit::Tier::baseline;
};

Arguments parse(PyObject* args) {
  PyObject* object = nullptr;
  const char* symbol = nullptr;
  const char* tier = nullptr;
  char* bytes = nullptr;
  Py_ssize_t size = 0;
  if (PyArg_ParseTuple(args, "Oss", &object, &symbol, &tier) == 0 ||
      PyBytes_AsStringAndSize(object, &bytes, &size) < 0)
    throw PythonError();
  const auto named = jit::tier_from_name(tier);
  if (!named)
    raise(PyExc_ValueError, std::string("no tier is called ") + tier);
  return {std::string(bytes, static_cast<std::size_t>(size)), symbol, *named};
}

PyObject* range_or_none(const std::optional<jit::CodeRange>& range) {
  if (!range)
    Py_RETURN_NONE;
  return Py_BuildValue("(KK)", static_cast<unsigned long long>(range->begin),
                       static_cast<unsigned long long>(range->end));
}

PyObject* instructions(PyObject*, PyObject* args) {
  return guarded([&] {
    const Arguments given = parse(args);
    const auto all = jit::instructions(given.object, given.symbol, given.tier);
    Ref list = checked(PyList_New(static_cast<Py_ssize_t>(all.size())));
    Py_ssize_t index = 0;
    for (const auto& one : all) {
      Ref item = checked(Py_BuildValue(
          "(KNNNIN)", static_cast<unsigned long long>(one.address), new_bytes(one.bytes),
          new_text(one.text), new_text(one.note), one.line,
          one.target ? PyLong_FromUnsignedLongLong(*one.target) : Ref::borrow(Py_None).release()));
      PyList_SetItem(list.get(), index++, item.release());
    }
    return Py_BuildValue("(NN)", list.release(), range_or_none(jit::main_loop(all)));
  });
}

PyObject* predict(PyObject*, PyObject* args) {
  return guarded([&]() -> PyObject* {
    const Arguments given = parse(args);
    const auto prediction = jit::predict(given.object, given.symbol, given.tier);
    if (!prediction)
      Py_RETURN_NONE;
    return Py_BuildValue("(Nd)", new_text(prediction->cpu), prediction->cycles);
  });
}

PyObject* disk_kernels(PyObject*, PyObject*) {
  return guarded([&] {
    std::uint64_t refused = 0;
    const auto all = jit::disk_kernels(refused);
    Ref list = checked(PyList_New(0));
    for (const auto& one : all) {
      const Ref item = checked(Py_BuildValue(
          "{sNsNsNsKsLsLsNsN}", "file", new_text(one.file), "key", new_text(one.key), "current",
          PyBool_FromLong(static_cast<long>(one.current)), "bytes",
          static_cast<unsigned long long>(one.bytes), "modified",
          static_cast<long long>(one.modified), "min_count", static_cast<long long>(one.min_count),
          "ir", new_text(one.ir), "object", new_bytes(one.object)));
      if (PyList_Append(list.get(), item.get()) < 0)
        throw PythonError();
    }
    return Py_BuildValue("(NK)", list.release(), static_cast<unsigned long long>(refused));
  });
}

/// Two buffers of a caller's, as long as each other.
class Pair {
 public:
  Pair(PyObject* target, PyObject* source) {
    if (PyObject_GetBuffer(target, &to, PyBUF_WRITABLE) < 0)
      throw PythonError();
    if (PyObject_GetBuffer(source, &from, PyBUF_SIMPLE) < 0) {
      PyBuffer_Release(&to);
      throw PythonError();
    }
  }
  ~Pair() {
    PyBuffer_Release(&from);
    PyBuffer_Release(&to);
  }
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;
  Py_buffer to{}, from{};
};

PyObject* copy_seconds(PyObject*, PyObject* args) {
  return guarded([&]() -> PyObject* {
    PyObject* target = nullptr;
    PyObject* source = nullptr;
    Py_ssize_t repeats = 0;
    if (PyArg_ParseTuple(args, "OOn", &target, &source, &repeats) == 0)
      return nullptr;
    const Pair pair(target, source);
    if (pair.to.len != pair.from.len || repeats < 1)
      raise(PyExc_ValueError, "needs two buffers of one length, and one repeat or more");
    const auto start = std::chrono::steady_clock::now();
    for (Py_ssize_t i = 0; i < repeats; ++i) {
      std::memmove(pair.to.buf, pair.from.buf, static_cast<std::size_t>(pair.to.len));
      asm volatile("" : : "r"(pair.to.buf) : "memory"); // or only the last one were left
    }
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
    return PyFloat_FromDouble(spent.count() / static_cast<double>(repeats));
  });
}

PyMethodDef functions[] = {
    // CPython keeps pointers into it
    {"instructions", instructions, METH_VARARGS,
     PyDoc_STR("instructions(object, symbol, tier, /)\n--\n\n([(address, bytes, text, note, line "
               "of the plan or 0, branch target or None)], main loop as (begin, end) or None).")},
    {"predict", predict, METH_VARARGS,
     PyDoc_STR("predict(object, symbol, tier, /)\n--\n\n(CPU, cycles of one iteration of the main "
               "loop), or None where there is no loop or no model.")},
    {"copy_seconds", copy_seconds, METH_VARARGS,
     PyDoc_STR("copy_seconds(target, source, repeats, /)\n--\n\nSeconds that one copy from buffer "
               "to buffer takes, of so many, without Python's part.")},
    {"disk_kernels", disk_kernels, METH_NOARGS,
     PyDoc_STR("disk_kernels()\n--\n\n([dict of a kernel entry on disk], how many files could not "
               "be read).")},
    {nullptr, nullptr, 0, nullptr},
};

} // namespace

int register_inspect(PyObject* module) { return PyModule_AddFunctions(module, functions); }

} // namespace rnaslicer::runtime
