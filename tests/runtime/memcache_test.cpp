// tests/runtime/memcache_test.cpp: MemCache in the embedded interpreter, so that ASan sees it:
// hostile exporters, and all of tests/memcache once more.
#include "tests/runtime/interpreter.hpp"

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <gtest/gtest.h>
#include <numeric>
#include <string>

namespace {

using rnaslicer::test::run_python;

/// An exporter of eight bytes, in Python `hostile.Exporter(callback)`: its getbuffer calls back
/// before it answers, its releasebuffer after.
struct Exporter {
  PyObject_HEAD PyObject* callback;
  char bytes[8];
};

int call_back(PyObject* self, const char* when) {
  PyObject* result = PyObject_CallFunction(reinterpret_cast<Exporter*>(self)->callback, "s", when);
  Py_XDECREF(result);
  return result == nullptr ? -1 : 0;
}

int get_buffer(PyObject* self, Py_buffer* view, int flags) {
  view->obj = nullptr;
  if (call_back(self, "get") < 0)
    return -1;
  return PyBuffer_FillInfo(view, self, reinterpret_cast<Exporter*>(self)->bytes, 8, 0, flags);
}

void release_buffer(PyObject* self, Py_buffer* /*view*/) {
  if (call_back(self, "release") < 0)
    PyErr_WriteUnraisable(self);
}

PyObject* new_exporter(PyTypeObject* type, PyObject* args, PyObject* /*kwargs*/) {
  PyObject* callback = nullptr;
  if (PyArg_ParseTuple(args, "O", &callback) == 0)
    return nullptr;
  PyObject* self = PyType_GenericAlloc(type, 0);
  if (self == nullptr)
    return nullptr;
  Py_INCREF(callback);
  reinterpret_cast<Exporter*>(self)->callback = callback;
  std::iota(reinterpret_cast<Exporter*>(self)->bytes, reinterpret_cast<Exporter*>(self)->bytes + 8,
            char{0});
  return self;
}

void free_exporter(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  Py_CLEAR(reinterpret_cast<Exporter*>(self)->callback);
  type->tp_free(self);
  Py_DECREF(type);
}

void make_hostile_module() {
  PyType_Slot slots[] = {
      {Py_tp_new, reinterpret_cast<void*>(new_exporter)},
      {Py_tp_dealloc, reinterpret_cast<void*>(free_exporter)},
      {Py_bf_getbuffer, reinterpret_cast<void*>(get_buffer)},
      {Py_bf_releasebuffer, reinterpret_cast<void*>(release_buffer)},
      {0, nullptr},
  };
  PyType_Spec spec = {"hostile.Exporter", sizeof(Exporter), 0, Py_TPFLAGS_DEFAULT, slots};
  PyObject* type = PyType_FromSpec(&spec);
  ASSERT_NE(type, nullptr);
  ASSERT_EQ(PyModule_AddObject(PyImport_AddModule("hostile"), "Exporter", type), 0);
}

/// CTest runs each test in a process of its own: each needs the module.
class HostileExporter : public testing::Test {
 protected:
  static void SetUpTestSuite() { make_hostile_module(); }
};

TEST_F(HostileExporter, EndsTheMemCache) {
  run_python(R"py(
import gc
from hostile import Exporter

uses = {
    'assign': lambda m, e: m.__setitem__(..., e),
    'assign part': lambda m, e: m[::2].__setitem__(..., e),
    'equal': lambda m, e: m == e,
    'unequal': lambda m, e: e != m,
    'region': lambda m, e: core.region(m, e),
}
ends = {
    'disable': core.disable,
    'release': lambda m: m.release(),
    'both': lambda m: (core.disable(m), m.release()),
}

def attack(use, end, moment):
    m = core.allocate((8,), 'B', object())
    others = []

    def strike(when):
        if when == moment and not others:
            end(m)
            others.append(core.allocate((8,), 'B', None))
            others[0][...] = 255

    refused = False
    try:
        use(m, Exporter(strike))
    except ValueError:
        refused = True
    assert len(others) == 1
    assert refused or use is not uses['assign'] or moment == 'release'
    assert others[0].tolist() == [255] * 8, others[0].tolist()

for name, use in uses.items():
    for end in ends.values():
        for moment in ('get', 'release'):
            attack(use, end, moment)
)py");
}

TEST_F(HostileExporter, Fails) {
  run_python(R"py(
from hostile import Exporter

def fail(when):
    raise ZeroDivisionError(when)

m = core.allocate((8,), 'B', None)
refused('ZeroDivisionError', 'get', m.__setitem__, ..., Exporter(fail))
refused('ZeroDivisionError', 'get', core.region, m, Exporter(fail))
refused('ZeroDivisionError', 'get', core.from_buffer, Exporter(fail))
assert m != Exporter(fail)
)py");
}

TEST_F(HostileExporter, EndsTheMemCacheThatViewsIt) {
  run_python(R"py(
import gc
from hostile import Exporter

# The last reference goes while the exporter is being released, which looks at the view again.
views = []
def look(when):
    if when == 'release':
        for view in views:
            refused('ValueError', 'released', view.tolist)

views.append(core.from_buffer(Exporter(look)))
assert views[0].tolist() == list(range(8))
part = views[0][::2]
core.disable(part)
refused('ValueError', 'released', views[0].tolist)
views.clear()
gc.collect()
)py");
}

TEST(MemCache, PythonTests) {
  const std::string folder = "folder = '" MEMCACHE_TESTS "'\n";
  run_python((folder + R"py(
import os, unittest
sys.path.insert(0, folder)
names = sorted(path[:-3] for path in os.listdir(folder) if path.startswith('test_'))
suite = unittest.defaultTestLoader.loadTestsFromNames(names)
result = unittest.TextTestRunner(sys.stdout, verbosity=0).run(suite)
assert result.testsRun > 200 and result.wasSuccessful()
)py")
                 .c_str());
}

} // namespace
