// runtime/transfer/lookup_python.cpp: the Python type Lookup: 256 values, 255 thresholds, what a
// NaN becomes.
#include "runtime/transfer/lookup_python.hpp"

#include "runtime/bindings.hpp"
#include "runtime/pyref.hpp"

#include <cstring>
#include <memory>
#include <string_view>

namespace rnaslicer::runtime {

namespace {

struct LookupObject {
  PyObject_HEAD std::unique_ptr<const jit::Lookup> table;
};

PyObject* lookup_type = nullptr; // made once per process, never freed

const jit::Lookup& table_of(PyObject* self) {
  return *reinterpret_cast<LookupObject*>(self)->table;
}

template <std::size_t count>
std::array<float, count> floats_of(PyObject* object, const std::string& what) {
  Buffer buffer;
  if (!buffer.acquire(object, PyBUF_ND | PyBUF_FORMAT))
    throw PythonError();
  std::string_view format = buffer->format != nullptr ? buffer->format : "B";
  if (format.size() == 2 && std::string_view("@=<").find(format[0]) != std::string_view::npos)
    format.remove_prefix(1);
  std::array<float, count> numbers{};
  if (format != "f" || buffer->len != static_cast<Py_ssize_t>(sizeof(numbers)))
    raise(PyExc_ValueError,
          what + " must be a contiguous buffer of " + std::to_string(count) + " float32 ('f')");
  std::memcpy(numbers.data(), buffer->buf, sizeof(numbers));
  return numbers;
}

PyObject* lookup_new(PyTypeObject* type, PyObject* args, PyObject* kwargs) {
  return guarded([&]() -> PyObject* {
    static const char* const keywords[] = {"decode", "thresholds", "nan", nullptr};
    PyObject* decode = nullptr;
    PyObject* thresholds = nullptr;
    int nan = 0;
    if (PyArg_ParseTupleAndKeywords(args, kwargs, "OO|i:Lookup", const_cast<char**>(keywords),
                                    &decode, &thresholds, &nan) == 0)
      return nullptr;
    if (nan < 0 || nan > 255)
      raise(PyExc_ValueError, "nan must be a byte, 0 to 255, not " + std::to_string(nan));
    const auto values = floats_of<256>(decode, "decode");
    const auto limits = floats_of<255>(thresholds, "thresholds");
    auto table =
        std::make_unique<const jit::Lookup>(values, limits, static_cast<std::uint8_t>(nan));
    Ref self = checked(PyType_GenericAlloc(type, 0));
    new (&reinterpret_cast<LookupObject*>(self.get())->table)
        std::unique_ptr<const jit::Lookup>(std::move(table));
    return self.release();
  });
}

void lookup_dealloc(PyObject* self) {
  const Ref type = Ref::steal(reinterpret_cast<PyObject*>(Py_TYPE(self)));
  std::destroy_at(&reinterpret_cast<LookupObject*>(self)->table);
  PyObject_Free(self);
}

PyObject* lookup_encode(PyObject* self, PyObject* value) {
  return guarded([&]() -> PyObject* {
    const double number = PyFloat_AsDouble(value);
    if (number == -1.0 && PyErr_Occurred() != nullptr)
      return nullptr;
    return PyLong_FromLong(table_of(self).encode(static_cast<float>(number)));
  });
}

PyObject* lookup_decode(PyObject* self, PyObject* value) {
  return guarded([&]() -> PyObject* {
    const long byte = PyLong_AsLong(value);
    if (byte == -1 && PyErr_Occurred() != nullptr)
      return nullptr;
    if (byte < 0 || byte > 255)
      raise(PyExc_ValueError, "a byte is 0 to 255, not " + std::to_string(byte));
    return PyFloat_FromDouble(
        static_cast<double>(table_of(self).decode()[static_cast<std::size_t>(byte)]));
  });
}

PyObject* lookup_fast(PyObject* self, void*) {
  return PyBool_FromLong(table_of(self).has_buckets() ? 1 : 0);
}

PyMethodDef lookup_methods[] = {
    // CPython keeps pointers into it
    {"encode", lookup_encode, METH_O,
     PyDoc_STR("encode($self, value, /)\n--\n\nThe byte that an update stores for the value, "
               "rounded to float32 first.")},
    {"decode", lookup_decode, METH_O, PyDoc_STR("decode($self, byte, /)\n--\n\nThe byte's value.")},
    {nullptr, nullptr, 0, nullptr},
};

PyGetSetDef lookup_getset[] = {
    // CPython keeps pointers into it
    {"compiled", lookup_fast, nullptr,
     PyDoc_STR("False if its thresholds lie so close or so far out that updates are interpreted."),
     nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

PyType_Slot lookup_slots[] = {
    {Py_tp_doc, const_cast<char*>("Lookup(decode, thresholds, nan=0)\n--\n\n"
                                  "What the bytes of 'lookup' storage mean, and which byte a value "
                                  "is stored as.")},
    {Py_tp_new, reinterpret_cast<void*>(lookup_new)},
    {Py_tp_dealloc, reinterpret_cast<void*>(lookup_dealloc)},
    {Py_tp_methods, lookup_methods},
    {Py_tp_getset, lookup_getset},
    {0, nullptr},
};
PyType_Spec lookup_spec = {RNASLICER_TYPE_NAME("Lookup"), sizeof(LookupObject), 0,
                           Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE, lookup_slots};

} // namespace

const jit::Lookup* lookup_of(PyObject* object) {
  if (reinterpret_cast<PyObject*>(Py_TYPE(object)) != lookup_type)
    return nullptr;
  return &table_of(object);
}

int register_lookup(PyObject* module) {
  if (lookup_type == nullptr)
    lookup_type = PyType_FromSpec(&lookup_spec);
  return lookup_type != nullptr ? PyModule_AddObjectRef(module, "Lookup", lookup_type) : -1;
}

} // namespace rnaslicer::runtime
