// runtime/transfer/flat_python.cpp: the Python type Flat: any contiguous buffer as bpy's foreach
// calls want it.
//
// They ask for PyBUF_FORMAT without PyBUF_ND up to 3.4 (bpy_rna.c, foreach_getset), which
// memoryview and MemCache refuse as CPython does, and they want len() to be the number of items.
#include "runtime/transfer/flat_python.hpp"

#include "runtime/bindings.hpp"
#include "runtime/memory/item.hpp"

#include <cstring>
#include <memory>
#include <string>

namespace rnaslicer::runtime {

namespace {

struct FlatState {
  Buffer buffer;
  std::string format; // what we say it is; of the same size
};

struct FlatObject {
  PyObject_HEAD FlatState state;
};

PyObject* flat_type = nullptr; // made once per process, never freed

FlatState& state_of(PyObject* self) { return reinterpret_cast<FlatObject*>(self)->state; }

PyObject* flat_new(PyTypeObject* type, PyObject* args, PyObject*) {
  return guarded([&]() -> PyObject* {
    PyObject* exporter = nullptr;
    const char* format = nullptr;
    if (PyArg_ParseTuple(args, "Os:Flat", &exporter, &format) == 0)
      return nullptr;
    Ref self = checked(PyType_GenericAlloc(type, 0));
    auto* const state = new (&state_of(self.get())) FlatState();
    if (!state->buffer.acquire(exporter, PyBUF_ND | PyBUF_FORMAT | PyBUF_WRITABLE))
      return nullptr;
    state->format = format;
    if (native_size(native_format(format)) != state->buffer->itemsize)
      raise(PyExc_ValueError, "Flat: the format must have the buffer's item size");
    return self.release();
  });
}

void flat_dealloc(PyObject* self) {
  const Ref type = Ref::steal(reinterpret_cast<PyObject*>(Py_TYPE(self)));
  std::destroy_at(&state_of(self));
  PyObject_Free(self);
}

Py_ssize_t flat_length(PyObject* self) {
  const Buffer& buffer = state_of(self).buffer;
  return buffer->itemsize != 0 ? buffer->len / buffer->itemsize : 0;
}

/// Where an item lies, for bpy's slow way, which the format does not suit; null with IndexError.
char* item_at(PyObject* self, Py_ssize_t i) {
  const Buffer& buffer = state_of(self).buffer;
  if (i < 0 || i >= flat_length(self))
    return PyErr_SetString(PyExc_IndexError, "Flat: there is no such item"), nullptr;
  return static_cast<char*>(buffer->buf) + i * buffer->itemsize;
}

PyObject* flat_item(PyObject* self, Py_ssize_t i) {
  const char* const at = item_at(self, i);
  return at != nullptr ? unpack_item(at, native_format(state_of(self).format.c_str())) : nullptr;
}

int flat_assign_item(PyObject* self, Py_ssize_t i, PyObject* value) {
  char* const at = item_at(self, i);
  if (at == nullptr)
    return -1;
  if (value == nullptr)
    return PyErr_SetString(PyExc_TypeError, "Flat: items stay"), -1;
  char item[sizeof(double)] = {}; // packing may run Python code
  if (!pack_item(item, native_format(state_of(self).format.c_str()), value))
    return -1;
  std::memcpy(at, item, static_cast<std::size_t>(state_of(self).buffer->itemsize));
  return 0;
}

int flat_getbuffer(PyObject* self, Py_buffer* view, int flags) {
  FlatState& state = state_of(self);
  if (PyBuffer_FillInfo(view, self, state.buffer->buf, state.buffer->len, 0, flags) < 0)
    return -1;
  view->itemsize = state.buffer->itemsize;
  view->format = (flags & PyBUF_FORMAT) != 0 ? state.format.data() : nullptr;
  if (view->shape != nullptr) {
    // One dimension of items: the item count has to live as long as the view.
    view->shape = static_cast<Py_ssize_t*>(PyMem_Malloc(sizeof(Py_ssize_t)));
    if (view->shape == nullptr) {
      PyBuffer_Release(view);
      PyErr_NoMemory();
      return -1;
    }
    *view->shape = flat_length(self);
    view->internal = view->shape;
  }
  return 0;
}

void flat_releasebuffer(PyObject*, Py_buffer* view) { PyMem_Free(view->internal); }

PyType_Slot flat_slots[] = {
    // CPython keeps pointers into it
    {Py_tp_new, reinterpret_cast<void*>(flat_new)},
    {Py_tp_dealloc, reinterpret_cast<void*>(flat_dealloc)},
    {Py_sq_length, reinterpret_cast<void*>(flat_length)},
    {Py_sq_item, reinterpret_cast<void*>(flat_item)},
    {Py_sq_ass_item, reinterpret_cast<void*>(flat_assign_item)},
    {Py_bf_getbuffer, reinterpret_cast<void*>(flat_getbuffer)},
    {Py_bf_releasebuffer, reinterpret_cast<void*>(flat_releasebuffer)},
    {Py_tp_doc,
     const_cast<char*>("Flat(buffer, format, /)\n--\n\nA contiguous, writable buffer as one "
                       "dimension of `format`, for foreach_get and foreach_set of bpy.")},
    {0, nullptr},
};

PyType_Spec flat_spec = {RNASLICER_TYPE_NAME("Flat"), sizeof(FlatObject), 0, Py_TPFLAGS_DEFAULT,
                         flat_slots};

} // namespace

Ref flat_of(PyObject* buffer, const char* format) {
  return checked(PyObject_CallFunction(flat_type, "Os", buffer, format));
}

int register_flat(PyObject* module) {
  if (flat_type == nullptr)
    flat_type = PyType_FromSpec(&flat_spec);
  return flat_type == nullptr ? -1 : PyModule_AddObjectRef(module, "Flat", flat_type);
}

} // namespace rnaslicer::runtime
