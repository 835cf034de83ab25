// tests/runtime/interpreter.cpp: starts Python once per test program and runs snippets in it.
#include "tests/runtime/interpreter.hpp"

#include <Python.h>
#include <gtest/gtest.h>

namespace rnaslicer::test {

namespace {

/// What every snippet starts with. The disk cache stays off: tests leave nothing behind.
constexpr auto prelude = R"py(
import array, importlib.machinery, importlib.util, sys
sys.path.insert(0, PACKAGE_FOLDER)
import rnaslicer.errors
import rnaslicer._core as core
core.configure(disk_cache=False)

def refused(error, part, function, *args, **kwargs):
    try:
        result = function(*args, **kwargs)
    except BaseException as caught:
        names = [base.__name__ for base in type(caught).__mro__]
        assert error in names, f"{type(caught).__name__}: {caught}, expected {error}"
        assert part in str(caught), f"{caught!s} has no {part!r}"
    else:
        raise AssertionError(f"not refused: {result!r}")
)py";

/// Clears the error and returns its traceback as text.
std::string take_traceback() {
  PyObject *type = nullptr, *value = nullptr, *traceback = nullptr;
  PyErr_Fetch(&type, &value, &traceback);
  PyErr_NormalizeException(&type, &value, &traceback);
  std::string text = "Python failed, and its traceback too";
  PyObject* const module = PyImport_ImportModule("traceback");
  PyObject* const lines = module == nullptr
                              ? nullptr
                              : PyObject_CallMethod(module, "format_exception", "OOO", type, value,
                                                    traceback == nullptr ? Py_None : traceback);
  PyObject* const joined = lines == nullptr
                               ? nullptr
                               : PyObject_CallMethod(PyUnicode_FromString(""), "join", "O", lines);
  if (joined != nullptr)
    text = PyUnicode_AsUTF8(joined);
  PyErr_Clear();
  return text;
}

void execute(const char* code, PyObject* names) {
  PyObject* const result = PyRun_String(code, Py_file_input, names, names);
  if (result == nullptr)
    ADD_FAILURE() << take_traceback();
  Py_XDECREF(result);
}

class Interpreter : public testing::Environment {
 public:
  void SetUp() override {
    // Every Python object a block of malloc's, so that AddressSanitizer sees its end.
    PyPreConfig before;
    PyPreConfig_InitIsolatedConfig(&before);
    before.allocator = PYMEM_ALLOCATOR_MALLOC;
    const PyStatus prepared = Py_PreInitialize(&before);
    ASSERT_FALSE(PyStatus_Exception(prepared)) << prepared.err_msg;
    PyConfig config;
    PyConfig_InitIsolatedConfig(&config);
    PyConfig_SetBytesString(&config, &config.program_name, PYTHON_PROGRAM);
    const PyStatus status = Py_InitializeFromConfig(&config);
    PyConfig_Clear(&config);
    ASSERT_FALSE(PyStatus_Exception(status)) << status.err_msg;
  }
  void TearDown() override { EXPECT_EQ(Py_FinalizeEx(), 0); }
};

} // namespace

void run_python(const char* code) {
  PyObject* const names = PyDict_New();
  PyDict_SetItemString(names, "PACKAGE_FOLDER", PyUnicode_FromString(PACKAGE_FOLDER));
  execute(prelude, names);
  if (!testing::Test::HasFailure())
    execute(code, names);
  Py_DECREF(names);
}

} // namespace rnaslicer::test

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  testing::AddGlobalTestEnvironment(new rnaslicer::test::Interpreter);
  return RUN_ALL_TESTS();
}
