// runtime/trail/python/settings.cpp: dtype, ragged, width, fill, transform and normalized without
// Python. Only what is plain: what is wrong, or spelled in another way, is for slicer.py.
#include "runtime/trail/python/settings.hpp"

#include "runtime/blender/names.hpp"
#include "runtime/trail/python/matrices.hpp"

#include <array>
#include <string_view>

namespace rnaslicer::runtime {

namespace {

/// Format and name of a scalar (layout/storage.py), and whether integers of it may be normalised.
struct Scalar {
  char format = 0;
  const char* name = nullptr;
  bool may_be_normalized = false;
};
constexpr std::array scalars{
    Scalar{'?', "b1"},        Scalar{'b', "i8", true},  Scalar{'B', "u8", true},
    Scalar{'h', "i16", true}, Scalar{'H', "u16", true}, Scalar{'i', "i32", true},
    Scalar{'I', "u32", true}, Scalar{'q', "i64"},       Scalar{'Q', "u64"},
    Scalar{'e', "f16"},       Scalar{'f', "f32"},       Scalar{'d', "f64"}};

const Scalar* scalar_of(PyObject* dtype) {
  Py_ssize_t size = 0;
  const char* const text =
      PyUnicode_CheckExact(dtype) != 0 ? PyUnicode_AsUTF8AndSize(dtype, &size) : nullptr;
  if (text == nullptr || size != 1)
    return PyErr_Clear(), nullptr;
  for (const Scalar& one : scalars)
    if (one.format == *text)
      return &one;
  return nullptr;
}

/// What is given by these names; borrowed, null where it is not.
struct Named {
  PyObject* dtype = nullptr;
  PyObject* ragged = nullptr;
  PyObject* width = nullptr;
  PyObject* fill = nullptr;
  PyObject* transform = nullptr;
  PyObject* normalized = nullptr;
};

std::optional<Named> named_in(PyObject* dict) {
  Named found;
  Py_ssize_t at = 0;
  PyObject* key = nullptr;
  PyObject* value = nullptr;
  while (PyDict_Next(dict, &at, &key, &value) != 0) {
    const auto is = [&](PyObject* name) {
      return PyUnicode_Compare(key, name) == 0; // names of arguments are strings
    };
    PyObject** const place = is(names().dtype)        ? &found.dtype
                             : is(names().ragged)     ? &found.ragged
                             : is(names().width)      ? &found.width
                             : is(names().fill)       ? &found.fill
                             : is(names().transform)  ? &found.transform
                             : is(names().normalized) ? &found.normalized
                                                      : nullptr;
    if (place == nullptr)
      return std::nullopt;
    *place = value;
  }
  return found;
}

bool is_text(PyObject* object, std::string_view text) {
  return PyUnicode_CheckExact(object) != 0 &&
         PyUnicode_CompareWithASCIIString(object, text.data()) == 0;
}

/// None, or an int from 0 on below 2**31.
bool is_width(PyObject* width) {
  if (width == Py_None)
    return true;
  const long long value = PyLong_CheckExact(width) != 0 ? PyLong_AsLongLong(width) : -1;
  return PyErr_Clear(), value >= 0 && value < (1LL << 31);
}

/// As `_more` has it: None, 'WORLD' or a Given; null where Python has to look at it.
Ref transform_in(PyObject* given, PyObject* given_class) {
  if (given == Py_None || is_text(given, "WORLD"))
    return Ref::borrow(given);
  const Ref quick = PyUnicode_Check(given) != 0 ? Ref() : checked(module_matrices(nullptr, given));
  if (!quick || quick.get() == Py_None)
    return {};
  return named_tuple(given_class, quick);
}

} // namespace

Ref named_tuple(PyObject* kind, const Ref& items) {
  static const auto make =
      reinterpret_cast<newfunc>(PyType_GetSlot(&PyTuple_Type, Py_tp_new)); // as Python's own does
  const Ref arguments = checked(PyTuple_Pack(1, items.get()));
  return checked(make(reinterpret_cast<PyTypeObject*>(kind), arguments.get(), nullptr));
}

std::optional<Settings> settings_in(PyObject* named, PyObject* given_class) {
  const auto given = named_in(named);
  if (!given)
    return std::nullopt;
  const Ref ragged =
      Ref::borrow(given->ragged != nullptr ? given->ragged : names().error); // these are held: a
  const Ref fill = Ref::borrow(given->fill); // transform may run code, which has the dict
  const Ref width = Ref::borrow(given->width != nullptr ? given->width : Py_None);
  const Ref dtype = Ref::borrow(given->dtype != nullptr ? given->dtype : Py_None);
  const Ref wanted = Ref::borrow(given->transform != nullptr ? given->transform : Py_None);
  const bool normalized = given->normalized == Py_True;
  if (!normalized && given->normalized != nullptr && given->normalized != Py_False)
    return std::nullopt;
  const bool pads = is_text(ragged.get(), "pad");
  if (!pads && !is_text(ragged.get(), "error") && !is_text(ragged.get(), "flat"))
    return std::nullopt;
  if (pads ? !is_width(width.get()) : width.get() != Py_None || fill)
    return std::nullopt;
  const Scalar* const scalar = dtype.get() != Py_None ? scalar_of(dtype.get()) : nullptr;
  if ((dtype.get() != Py_None && scalar == nullptr) ||
      (normalized && (scalar == nullptr || !scalar->may_be_normalized)))
    return std::nullopt;
  const Ref transform = transform_in(wanted.get(), given_class);
  if (!transform)
    return std::nullopt;
  Settings found{scalar != nullptr ? checked(PyUnicode_InternFromString(scalar->name))
                                   : Ref::borrow(Py_None),
                 Ref::borrow(ragged.get()), Ref::borrow(Py_None)};
  if (!pads && !normalized && transform.get() == Py_None)
    return found;
  const Ref zero = checked(PyLong_FromLong(0));
  found.more = checked(PyDict_New());
  const auto put = [&](PyObject* name, PyObject* value) {
    if (PyDict_SetItem(found.more.get(), name, value) < 0)
      throw PythonError();
  };
  put(names().width, width.get());
  put(names().fill, fill ? fill.get() : zero.get());
  put(names().transform, transform.get());
  put(names().normalized, normalized ? Py_True : Py_False);
  return found;
}

} // namespace rnaslicer::runtime
