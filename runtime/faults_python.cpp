// runtime/faults_python.cpp: failures on demand for Python's tests.
#include "jit/faults.hpp"
#include "runtime/bindings.hpp"
#include "runtime/blender/probe.hpp"
#include "runtime/pyref.hpp"

namespace rnaslicer::runtime {

namespace {

PyObject* inject(PyObject*, PyObject* args) {
  return guarded([&]() -> PyObject* {
    const char* name = nullptr;
    long long good = 0;
    long long bad = 1;
    if (PyArg_ParseTuple(args, "s|LL:inject", &name, &good, &bad) == 0)
      return nullptr;
    const auto fault = jit::fault_from_name(name);
    if (!fault || good < 0 || bad < 0)
      raise(PyExc_ValueError, "inject: no such point, or negative counts");
    jit::inject(*fault, good, bad);
    forget_probe_kind(); // what the system allows has changed
    Py_RETURN_NONE;
  });
}

PyMethodDef functions[] = {
    // CPython keeps pointers into it
    {"inject", inject, METH_VARARGS,
     PyDoc_STR("inject(point, good=0, bad=1, /)\n--\n\nFor tests: after `good` more passes the "
               "point fails `bad` times. Points: allocate, compile, transfer, process_vm_readv, "
               "pipe.")},
    {nullptr, nullptr, 0, nullptr},
};

} // namespace

int register_faults(PyObject* module) { return PyModule_AddFunctions(module, functions); }

} // namespace rnaslicer::runtime
