// runtime/transfer/kernel_cache_python.cpp: the process's kernels and settings for Python.
#include "jit/perf.hpp"
#include "runtime/pyref.hpp"
#include "runtime/transfer/kernel_python.hpp"
#include "runtime/transfer/plan_python.hpp"

#include <algorithm>
#include <array>
#include <dlfcn.h>
#include <limits>

namespace rnaslicer::runtime {

namespace {

using CountsBySignature = std::unordered_map<std::uint64_t, std::shared_ptr<RegionCounts>>;

CountsBySignature& all_counts() {
  static CountsBySignature counts; // as long-lived as the kernels it belongs to
  return counts;
}

PyObject* kernels(PyObject*, PyObject*) {
  return guarded([&] {
    Ref list = checked(PyList_New(0));
    for (auto& kernel : jit::kernels())
      if (PyList_Append(list.get(), checked(new_kernel(kernel)).get()) < 0)
        throw PythonError();
    return list.release();
  });
}

PyObject* number(std::uint64_t value) { return PyLong_FromUnsignedLongLong(value); }

PyObject* cache_info(PyObject*, PyObject*) {
  return guarded([&] {
    const jit::CacheInfo info = jit::cache_info();
    return Py_BuildValue(
        "{sNsNsNsNsNsNsNsNsNsNsNsNsNsN}", "memory_kernels", number(info.memory_kernels),
        "memory_hits", number(info.memory_hits), "memory_misses", number(info.memory_misses),
        "disk_files", number(info.disk_files), "disk_bytes", number(info.disk_bytes), "disk_hits",
        number(info.disk_hits), "disk_misses", number(info.disk_misses), "disk_rejected",
        number(info.disk_rejected), "directory", new_text(info.directory), "disk_trouble",
        new_text(info.disk_trouble), "tier", new_text(info.tier), "cpu", new_text(info.cpu),
        "perf_file", new_text(info.perf_file), "perf_trouble", new_text(info.perf_trouble));
  });
}

PyObject* cache_directory(PyObject*, PyObject*) {
  return guarded([&] { return new_text(jit::cache_directory()); });
}

PyObject* warm_up(PyObject*, PyObject*) {
  return guarded([&] {
    jit::warm_up();
    Py_RETURN_NONE;
  });
}

PyObject* clear_cache(PyObject*, PyObject* args, PyObject* kwargs) {
  return guarded([&]() -> PyObject* {
    static const char* const keywords[] = {"memory", "disk", nullptr};
    int memory = 1;
    int disk = 0;
    if (PyArg_ParseTupleAndKeywords(args, kwargs, "|pp:clear_cache", const_cast<char**>(keywords),
                                    &memory, &disk) == 0)
      return nullptr;
    jit::clear_cache(memory != 0, disk != 0);
    if (memory != 0)
      all_counts().clear();
    Py_RETURN_NONE;
  });
}

bool truth(PyObject* value) {
  const int result = PyObject_IsTrue(value);
  if (result < 0)
    throw PythonError();
  return result != 0;
}

std::uint64_t unsigned_of(const char* key, PyObject* value, std::uint64_t most) {
  const Ref index = checked(PyNumber_Index(value));
  const unsigned long long result = PyLong_AsUnsignedLongLong(index.get());
  const bool failed = PyErr_Occurred() != nullptr;
  if (failed && PyErr_ExceptionMatches(PyExc_OverflowError) == 0)
    throw PythonError();
  if (failed || result > most)
    raise(PyExc_ValueError, std::string(key) + " must be from 0 to " + std::to_string(most));
  return result;
}

std::string text_of(const char* key, PyObject* value) {
  if (!PyUnicode_Check(value))
    raise(PyExc_TypeError, std::string(key) + " must be a str");
  const Ref path = checked(PyUnicode_EncodeFSDefault(value)); // keeps undecodable file names
  char* text = nullptr;
  Py_ssize_t size = 0;
  if (PyBytes_AsStringAndSize(path.get(), &text, &size) < 0)
    throw PythonError();
  return {text, static_cast<std::size_t>(size)};
}

std::string tier_of(const char* key, PyObject* value) {
  std::string tier = text_of(key, value);
  constexpr std::array<const char*, 4> known{"", "baseline", "avx2", "avx512"};
  if (std::find(known.begin(), known.end(), tier) == known.end())
    raise(PyExc_ValueError, "tier must be '' (by CPU), 'baseline', 'avx2' or 'avx512'");
  return tier;
}

using Setter = void (*)(jit::Configuration&, const char* key, PyObject* value);
struct Setting {
  const char* key;
  Setter set;
};

constexpr std::array<Setting, 7> settings{{
    {"jit", [](jit::Configuration& to, const char*, PyObject* value) { to.jit = truth(value); }},
    {"disk_cache",
     [](jit::Configuration& to, const char*, PyObject* value) { to.disk_cache = truth(value); }},
    {"cache_directory", [](jit::Configuration& to, const char* key,
                           PyObject* value) { to.cache_directory = text_of(key, value); }},
    {"disk_limit",
     [](jit::Configuration& to, const char* key, PyObject* value) {
       to.disk_limit = unsigned_of(key, value, std::numeric_limits<std::int64_t>::max());
     }},
    {"threads",
     [](jit::Configuration& to, const char* key, PyObject* value) {
       to.threads = static_cast<std::uint32_t>(unsigned_of(key, value, 256));
     }},
    {"tier", [](jit::Configuration& to, const char* key,
                PyObject* value) { to.tier = tier_of(key, value); }},
    {"perf", [](jit::Configuration& to, const char* key,
                PyObject* value) { to.perf = text_of(key, value); }},
}};

void apply(jit::Configuration& to, PyObject* key, PyObject* value) {
  for (const Setting& setting : settings)
    if (PyUnicode_CompareWithASCIIString(key, setting.key) == 0)
      return setting.set(to, setting.key, value);
  PyErr_Format(PyExc_TypeError,
               "unknown setting '%U'; there are jit, disk_cache, cache_directory, disk_limit, "
               "threads, tier and perf",
               key);
  throw PythonError();
}

PyObject* configure(PyObject*, PyObject* args, PyObject* kwargs) {
  return guarded([&]() -> PyObject* {
    if (PyTuple_Size(args) != 0)
      raise(PyExc_TypeError, "configure takes settings by name only");
    if (kwargs != nullptr && PyDict_Size(kwargs) != 0) {
      jit::Configuration changed = jit::configuration();
      Py_ssize_t at = 0;
      PyObject* key = nullptr;
      PyObject* value = nullptr;
      while (PyDict_Next(kwargs, &at, &key, &value) != 0)
        apply(changed, key, value);
      jit::configure(changed); // all or nothing
    }
    const jit::Configuration& now = jit::configuration();
    return Py_BuildValue(
        "{sNsNsNsNsNsNsN}", "jit", PyBool_FromLong(static_cast<long>(now.jit)), "disk_cache",
        PyBool_FromLong(static_cast<long>(now.disk_cache)), "cache_directory",
        PyUnicode_DecodeFSDefaultAndSize(now.cache_directory.data(),
                                         static_cast<Py_ssize_t>(now.cache_directory.size())),
        "disk_limit", number(now.disk_limit), "threads", number(now.threads), "tier",
        new_text(now.tier), "perf", new_text(now.perf));
  });
}

PyCFunction as_function(PyCFunctionWithKeywords function) {
  return reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(function));
}

PyMethodDef functions[] = {
    // CPython keeps pointers into it
    {"kernels", kernels, METH_NOARGS,
     PyDoc_STR("kernels()\n--\n\nAll kernels in the memory cache, oldest first.")},
    {"cache_info", cache_info, METH_NOARGS,
     PyDoc_STR("cache_info()\n--\n\nDict of the memory and disk cache's counters and places.")},
    {"cache_directory", cache_directory, METH_NOARGS,
     PyDoc_STR("cache_directory()\n--\n\nThe disk cache's folder, without looking into it; '' "
               "if there is none.")},
    {"clear_cache", as_function(clear_cache), METH_VARARGS | METH_KEYWORDS,
     PyDoc_STR(
         "clear_cache(memory=True, disk=False)\n--\n\nForgets kernels; those in use live on.")},
    {"warm_up", warm_up, METH_NOARGS,
     PyDoc_STR("warm_up()\n--\n\nStarts LLVM on a background thread, so that the first kernel is "
               "there sooner. Returns at once.")},
    {"configure", as_function(configure), METH_VARARGS | METH_KEYWORDS,
     PyDoc_STR(
         "configure(**settings)\n--\n\nChanges what is given, returns all settings. Effective "
         "from the next transfer.")},
    {nullptr, nullptr, 0, nullptr},
};

} // namespace

std::shared_ptr<RegionCounts> region_counts(jit::Signature signature) {
  auto& counts = all_counts()[signature.hash];
  if (!counts)
    counts = std::make_shared<RegionCounts>();
  return counts;
}

int register_kernel_cache(PyObject* module) {
  // CPython's own, from 3.12 on: it writes the same file. Not part of the stable ABI.
  jit::use_perf_map_writer(
      reinterpret_cast<jit::PerfMapWriter>(dlsym(RTLD_DEFAULT, "PyUnstable_WritePerfMapEntry")));
  return PyModule_AddFunctions(module, functions);
}

} // namespace rnaslicer::runtime
