// runtime/memcache/dlpack.cpp: MemCache as an exporter of DLPack tensors on the CPU.
//
// The structures are those of dlpack.h (github.com/dmlc/dlpack), whose layout is its interface.
#include "runtime/memcache/functions.hpp"

#include <array>
#include <memory>
#include <string_view>

namespace rnaslicer::runtime {
namespace {

struct Device {
  std::int32_t type;
  std::int32_t id;
};
constexpr std::int32_t cpu = 1;

struct DataType {
  std::uint8_t code;
  std::uint8_t bits;
  std::uint16_t lanes;
};

struct Tensor {
  void* data;
  Device device;
  std::int32_t ndim;
  DataType type;
  std::int64_t* shape;
  std::int64_t* strides; ///< in items
  std::uint64_t byte_offset;
};

/// Before version 1, and since.
struct Managed {
  Tensor tensor;
  void* context;
  void (*deleter)(Managed*);
};
struct ManagedVersioned {
  std::uint32_t major, minor;
  void* context;
  void (*deleter)(ManagedVersioned*);
  std::uint64_t flags;
  Tensor tensor;
};
constexpr std::uint64_t read_only = 1;
constexpr std::uint64_t is_copied = 2;

static_assert(sizeof(Tensor) == 48 && sizeof(Managed) == 64 && sizeof(ManagedVersioned) == 80);

/// What a tensor keeps: the exported buffer, its axes, and the form that was asked for.
struct Export {
  Py_buffer view{};
  std::array<std::int64_t, max_ndim> shape{};
  std::array<std::int64_t, max_ndim> strides{};
  Managed managed{};
  ManagedVersioned versioned{};
};

/// Called by whoever took the tensor, on any thread.
void end(void* context) {
  if (Py_IsInitialized() == 0)
    return; // the buffer went with the interpreter
  const PyGILState_STATE state = PyGILState_Ensure();
  auto* done = static_cast<Export*>(context);
  PyBuffer_Release(&done->view);
  delete done;
  PyGILState_Release(state);
}

void end_managed(Managed* managed) { end(managed->context); }
void end_versioned(ManagedVersioned* managed) { end(managed->context); }

/// A capsule that nobody took ends the tensor; one that was taken has another name.
template <typename Form> void end_capsule(PyObject* capsule, const char* name) {
  if (PyCapsule_IsValid(capsule, name) == 0)
    return;
  auto* managed = static_cast<Form*>(PyCapsule_GetPointer(capsule, name));
  managed->deleter(managed);
}
constexpr char plain_name[] = "dltensor";
constexpr char versioned_name[] = "dltensor_versioned";
void end_plain_capsule(PyObject* capsule) { end_capsule<Managed>(capsule, plain_name); }
void end_versioned_capsule(PyObject* capsule) {
  end_capsule<ManagedVersioned>(capsule, versioned_name);
}

/// Code 0 is signed, 1 unsigned, 2 floating, 6 bool; nothing for characters and pointers.
bool type_of(const char* format, Py_ssize_t itemsize, DataType& type) {
  const std::string_view text(format);
  if (text.size() != 1)
    return false;
  constexpr std::array<std::string_view, 3> kinds{"bhilqn", "BHILQN", "efd"};
  for (std::size_t code = 0; code < kinds.size(); ++code)
    if (kinds[code].find(text[0]) != std::string_view::npos) {
      type = {static_cast<std::uint8_t>(code), static_cast<std::uint8_t>(8 * itemsize), 1};
      return true;
    }
  type = {6, 8, 1};
  return text[0] == '?';
}

PyObject* refuse(const char* reason) {
  PyErr_SetString(PyExc_BufferError, reason);
  return nullptr;
}

/// Whether `device` is absent or this one.
bool is_here(PyObject* device) {
  if (device == Py_None)
    return true;
  int type = 0;
  int id = 0;
  if (!PyTuple_Check(device)) {
    PyErr_SetString(PyExc_TypeError, "dl_device is (type, id)");
    return false;
  }
  if (PyArg_ParseTuple(device, "ii;dl_device is (type, id)", &type, &id) == 0)
    return false;
  if (type == cpu && id == 0)
    return true;
  refuse("MemCache: its memory is the CPU's, device (1, 0)");
  return false;
}

/// The first of (major, minor), 0 if there is none or it is below that; -1 with an error.
int major_of(PyObject* version) {
  if (version == Py_None)
    return 0;
  int major = 0;
  int minor = 0;
  if (!PyTuple_Check(version)) {
    PyErr_SetString(PyExc_TypeError, "max_version is (major, minor)");
    return -1;
  }
  if (PyArg_ParseTuple(version, "ii;max_version is (major, minor)", &major, &minor) == 0)
    return -1;
  return major > 0 ? major : 0; // -1 would be an error without one
}

/// A MemCache of its own with the same items, packed; null with an error.
Ref copy_of(MemCache* cache) {
  const Ref shape = Ref::steal(PyObject_GetAttrString(as_object(cache), "shape"));
  if (!shape)
    return {};
  const Ref args = Ref::steal(Py_BuildValue("(OsO)", shape.get(), cache->format, Py_None));
  if (!args)
    return {};
  Ref made = Ref::steal(module_allocate(nullptr, args.get()));
  if (!made || !check_usable(cache))
    return {};
  pack_grid(as_memcache(made.get())->data, cache->grid());
  return made;
}

PyObject* capsule_of(std::unique_ptr<Export> owned, const Tensor& tensor, bool versioned,
                     std::uint64_t flags) {
  Export* one = owned.get();
  if (versioned) {
    if (one->view.readonly != 0)
      flags |= read_only;
    one->versioned = {1, 0, one, end_versioned, flags, tensor};
    PyObject* capsule = PyCapsule_New(&one->versioned, versioned_name, end_versioned_capsule);
    if (capsule == nullptr)
      PyBuffer_Release(&one->view);
    else
      owned.release(); // NOLINT(bugprone-unused-return-value): the capsule has it
    return capsule;
  }
  one->managed = {tensor, one, end_managed};
  PyObject* capsule = PyCapsule_New(&one->managed, plain_name, end_plain_capsule);
  if (capsule == nullptr)
    PyBuffer_Release(&one->view);
  else
    owned.release(); // NOLINT(bugprone-unused-return-value): the capsule has it
  return capsule;
}

} // namespace

PyObject* memcache_dlpack(PyObject* self, PyObject* args, PyObject* kwargs) {
  static const char* const names[] = {"stream", "max_version", "dl_device", "copy", nullptr};
  PyObject* stream = Py_None;
  PyObject* version = Py_None;
  PyObject* device = Py_None;
  PyObject* copy = Py_None;
  if (PyArg_ParseTupleAndKeywords(args, kwargs, "|$OOOO:__dlpack__", const_cast<char**>(names),
                                  &stream, &version, &device, &copy) == 0)
    return nullptr;
  if (stream != Py_None)
    return refuse("MemCache: the CPU has no streams; stream must be None");
  const int major = major_of(version);
  if (major < 0 || !is_here(device))
    return nullptr;
  const int copies = copy == Py_None ? 0 : PyObject_IsTrue(copy);
  if (copies < 0)
    return nullptr;
  Ref source = Ref::borrow(self);
  if (copies == 1) {
    if (!check_usable(as_memcache(self)))
      return nullptr;
    source = copy_of(as_memcache(self));
    if (!source)
      return nullptr;
  }
  auto one = std::make_unique<Export>();
  if (PyObject_GetBuffer(source.get(), &one->view, PyBUF_STRIDES | PyBUF_FORMAT) != 0)
    return nullptr;
  const Py_buffer& view = one->view;
  const auto refuse_view = [&](const char* reason) {
    PyBuffer_Release(&one->view);
    return refuse(reason);
  };
  DataType type{};
  if (!type_of(view.format, view.itemsize, type))
    return refuse_view("MemCache: DLPack has no type for this format");
  if (view.readonly != 0 && major < 1)
    return refuse_view("MemCache: it is read-only, which only DLPack 1.0 and later can say; "
                       "ask with max_version=(1, 0)");
  for (int axis = 0; axis < view.ndim; ++axis) {
    const auto at = static_cast<std::size_t>(axis);
    if (view.strides[axis] % view.itemsize != 0)
      return refuse_view("MemCache: an axis' stride is no multiple of its items' size");
    one->shape[at] = view.shape[axis];
    one->strides[at] = view.strides[axis] / view.itemsize;
  }
  const Tensor tensor{view.buf, {cpu, 0}, view.ndim, type, one->shape.data(), one->strides.data(),
                      0};
  return capsule_of(std::move(one), tensor, major >= 1, copies == 1 ? is_copied : 0);
}

PyObject* memcache_dlpack_device(PyObject* self, PyObject* /*unused*/) {
  if (!check_usable(as_memcache(self)))
    return nullptr;
  return Py_BuildValue("(ii)", static_cast<int>(cpu), 0);
}

} // namespace rnaslicer::runtime
