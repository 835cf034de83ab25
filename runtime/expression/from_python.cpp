// runtime/expression/from_python.cpp: from a Python subscript to items, and from items to tuples.
#include "runtime/bindings.hpp"
#include "runtime/expression/expression.hpp"
#include "runtime/pyref.hpp"

#include <bit>
#include <cstring>
#include <limits>

namespace rnaslicer::runtime {

namespace {

static_assert(std::endian::native == std::endian::little, "buffer formats are read as native");

/// Entries of a list that an error message shows.
constexpr std::size_t shown_entries = 6;

constexpr auto advice =
    "use an int, a slice, a name like 'co', a tuple of names ('co', 'normal'), a "
    "list of keys ['Col'], a list or buffer of ints or bools, or ...";

/// Why one object is no item; the caller adds the expression and the item's number.
struct ItemError {
  std::string reason;
};

std::string type_name(PyObject* object) {
  const Ref name =
      checked(PyObject_GetAttrString(reinterpret_cast<PyObject*>(Py_TYPE(object)), "__name__"));
  const char* const text = PyUnicode_AsUTF8AndSize(name.get(), nullptr);
  if (text == nullptr)
    throw PythonError();
  return text;
}

/// True, False, and NumPy's scalars of the same meaning, which have no __index__.
bool is_bool(PyObject* object) {
  if (PyBool_Check(object))
    return true;
  if (PyLong_Check(object) || PyUnicode_Check(object))
    return false;
  const std::string name = type_name(object);
  return name == "bool_" || name == "bool";
}

std::string string_of(PyObject* object) {
  Py_ssize_t size = 0;
  const char* const text = PyUnicode_AsUTF8AndSize(object, &size);
  if (text != nullptr) {
    std::string found(text, static_cast<std::size_t>(size));
    if (found.find('\0') !=
        std::string::npos) // Blender's names end there: another's would be found
      throw ItemError{"is a str with a zero character; no name in Blender has any"};
    return found;
  }
  PyErr_Clear();
  throw ItemError{"is a str with lone surrogates; no name in Blender has any"};
}

/// `overflow` tells the sign of a number beyond 64 bits, else 0.
std::int64_t int_of(PyObject* object, int& overflow) {
  const Ref number = checked(PyNumber_Index(object));
  const long long value = PyLong_AsLongLongAndOverflow(number.get(), &overflow);
  if (value == -1 && overflow == 0 && PyErr_Occurred() != nullptr)
    throw PythonError();
  return value;
}

std::int64_t int_of(PyObject* object) {
  int overflow = 0;
  const std::int64_t value = int_of(object, overflow);
  if (overflow != 0)
    throw ItemError{"is an int beyond 64 bits; no collection is that long"};
  return value;
}

/// A bound of a slice. As in Python, one beyond all extents is as good as the largest.
std::optional<std::int64_t> bound_of(PyObject* slice, const char* which) {
  const Ref bound = checked(PyObject_GetAttrString(slice, which));
  if (bound.get() == Py_None)
    return std::nullopt;
  if (is_bool(bound.get()) || PyIndex_Check(bound.get()) == 0)
    throw ItemError{"has a " + std::string(which) + " of type " + type_name(bound.get()) +
                    "; use ints or leave it out"};
  int overflow = 0;
  const std::int64_t value = int_of(bound.get(), overflow);
  if (overflow > 0)
    return std::numeric_limits<std::int64_t>::max();
  if (overflow < 0)
    return -std::numeric_limits<std::int64_t>::max();
  return value;
}

Item from_tuple(PyObject* tuple) {
  NamesItem names;
  const Py_ssize_t size = PyTuple_Size(tuple);
  for (Py_ssize_t i = 0; i < size; ++i) {
    PyObject* const entry = PyTuple_GetItem(tuple, i);
    if (!PyUnicode_Check(entry))
      throw ItemError{PyIndex_Check(entry) != 0
                          ? "is a tuple with an int; use a list, as in [0, 2], to gather elements"
                          : "is a tuple with a " + type_name(entry) + "; use names only"};
    names.names.push_back(string_of(entry));
  }
  return names;
}

Item from_list(PyObject* list) {
  KeysItem keys;
  IndicesItem indices;
  MaskItem mask;
  const Py_ssize_t size = PyList_Size(list);
  for (Py_ssize_t i = 0; i < size && i < PyList_Size(list); ++i) {
    const Ref entry = Ref::borrow(PyList_GetItem(list, i)); // __index__ may change the list
    if (PyUnicode_Check(entry.get())) {
      keys.keys.push_back(string_of(entry.get()));
    } else if (is_bool(entry.get())) {
      const int truth = PyObject_IsTrue(entry.get());
      if (truth < 0)
        throw PythonError();
      mask.mask.push_back(truth != 0 ? 1 : 0);
    } else if (PyIndex_Check(entry.get()) != 0) {
      indices.indices.push_back(int_of(entry.get()));
    } else {
      throw ItemError{"is a list with a " + type_name(entry.get()) +
                      "; use only str (keys), only ints or only bools"};
    }
  }
  const int kinds =
      (keys.keys.empty() ? 0 : 1) + (indices.indices.empty() ? 0 : 1) + (mask.mask.empty() ? 0 : 1);
  if (kinds > 1)
    throw ItemError{"is a list of mixed types; use only str (keys), only ints or only bools"};
  if (!keys.keys.empty())
    return keys;
  if (!mask.mask.empty())
    return mask;
  return indices;
}

/// One integer of a buffer, by its format.
template <typename Number> std::int64_t load(const char* at) {
  Number number{};
  std::memcpy(&number, at, sizeof number);
  if constexpr (std::is_same_v<Number, std::uint64_t>)
    if (number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
      throw ItemError{"is a buffer with an int beyond 64 bits; no collection is that long"};
  return static_cast<std::int64_t>(number);
}

using Load = std::int64_t (*)(const char*);

/// The loader of an integer format of this size, or null.
Load loader(char format, Py_ssize_t itemsize) {
  const bool is_signed = std::strchr("bhilqn", format) != nullptr;
  if (!is_signed && std::strchr("BHILQN", format) == nullptr)
    return nullptr;
  switch (itemsize) {
  case 1:
    return is_signed ? load<std::int8_t> : load<std::uint8_t>;
  case 2:
    return is_signed ? load<std::int16_t> : load<std::uint16_t>;
  case 4:
    return is_signed ? load<std::int32_t> : load<std::uint32_t>;
  case 8:
    return is_signed ? load<std::int64_t> : load<std::uint64_t>;
  default:
    return nullptr;
  }
}

/// A buffer of one dimension: a mask if its items are bools, else indices.
Item from_buffer(const Py_buffer& view) {
  std::string format = view.format != nullptr ? view.format : "B";
  if (format.size() == 2 && std::strchr("@=<", format[0]) != nullptr)
    format.erase(0, 1);
  if (view.ndim != 1)
    throw ItemError{"is a buffer of " + std::to_string(view.ndim) +
                    " dimensions; use one of 1 dimension"};
  const auto* at = static_cast<const char*>(view.buf);
  const Py_ssize_t count = view.shape[0];
  const Py_ssize_t stride = view.strides != nullptr ? view.strides[0] : view.itemsize;
  if (format == "?" && view.itemsize == 1) {
    MaskItem mask;
    for (Py_ssize_t i = 0; i < count; ++i, at += stride)
      mask.mask.push_back(*at != 0 ? 1 : 0);
    return mask;
  }
  const Load load_one = format.size() == 1 ? loader(format[0], view.itemsize) : nullptr;
  if (load_one == nullptr)
    throw ItemError{"is a buffer of '" + format + "' items; use integers or bools"};
  IndicesItem indices;
  indices.indices.reserve(static_cast<std::size_t>(count));
  for (Py_ssize_t i = 0; i < count; ++i, at += stride)
    indices.indices.push_back(load_one(at));
  return indices;
}

/// False for scalars that show their bytes as a buffer (numpy.datetime64).
bool is_as_long(PyObject* object, const Py_buffer& view) {
  const Py_ssize_t size = PyObject_Size(object);
  if (size < 0)
    PyErr_Clear();
  return size == view.shape[0];
}

Item from_object(PyObject* object) {
  if (PyUnicode_Check(object))
    return NameItem{string_of(object)};
  if (object == Py_Ellipsis)
    return EllipsisItem{};
  if (Py_IS_TYPE(object, &PySlice_Type))
    return SliceItem{bound_of(object, "start"), bound_of(object, "stop"), bound_of(object, "step")};
  if (PyTuple_Check(object))
    return from_tuple(object);
  if (PyList_Check(object))
    return from_list(object);
  if (object == Py_None)
    throw ItemError{"is None; axes cannot be added here, reshape the result instead"};
  if (is_bool(object))
    throw ItemError{"is a bool; use an int, or a list or buffer of bools as a mask"};
  if (PyBytes_Check(object) || PyByteArray_Check(object))
    throw ItemError{"is " + type_name(object) + "; use a str for a name"};
  if (PyObject_CheckBuffer(object) != 0) {
    Buffer buffer;
    if (!buffer.acquire(object, PyBUF_STRIDED_RO | PyBUF_FORMAT))
      throw PythonError();
    if (buffer->ndim > 0 && !is_as_long(object, buffer.view()))
      throw ItemError{"is a single " + type_name(object) + "; use an int"};
    if (buffer->ndim > 0)
      return from_buffer(buffer.view());
  }
  if (PyIndex_Check(object) != 0)
    return IntItem{int_of(object)};
  throw ItemError{"is of type " + type_name(object) + "; " + advice};
}

/// The items of a subscript: its own if it is a tuple, else itself alone. References are held, for
/// an __index__ may do anything.
std::vector<Ref> objects_of(PyObject* subscript) {
  std::vector<Ref> objects;
  if (!PyTuple_Check(subscript)) {
    objects.push_back(Ref::borrow(subscript));
    return objects;
  }
  const Py_ssize_t size = PyTuple_Size(subscript);
  for (Py_ssize_t i = 0; i < size; ++i)
    objects.push_back(Ref::borrow(PyTuple_GetItem(subscript, i)));
  return objects;
}

/// What the user wrote, as far as it can be shown: for messages, so it never fails.
std::string describe(PyObject* object) {
  constexpr std::size_t longest = 60;
  try {
    return print(from_object(object), shown_entries);
  } catch (const ItemError&) { // no item: its repr
  } catch (const PythonError&) {
    PyErr_Clear();
  }
  const Ref repr = Ref::steal(PyObject_Repr(object));
  const Ref bytes =
      repr ? Ref::steal(PyUnicode_AsEncodedString(repr.get(), "utf-8", "replace")) : Ref();
  char* text = nullptr;
  Py_ssize_t size = 0;
  if (!bytes || PyBytes_AsStringAndSize(bytes.get(), &text, &size) < 0) {
    PyErr_Clear();
    return "?";
  }
  std::string shown(text, static_cast<std::size_t>(size));
  if (shown.size() <= longest)
    return shown;
  std::size_t cut = longest;
  while (cut > 0 && (static_cast<unsigned char>(shown[cut]) & 0xc0U) == 0x80U)
    --cut;
  return shown.substr(0, cut) + "…";
}

std::string describe(const std::vector<Ref>& objects) {
  if (objects.empty())
    return "[()]";
  std::string text = "[";
  for (const Ref& object : objects) {
    if (text.size() > 1)
      text += ", ";
    text += describe(object.get());
  }
  return text + "]";
}

[[noreturn]] void refuse(const std::vector<Ref>& objects, const ExpressionProblem& problem) {
  std::string message = describe(objects);
  if (problem.item == 0)
    message += " " + problem.reason;
  else
    message += ": item " + std::to_string(problem.item) + " (" +
               describe(objects[problem.item - 1].get()) + ") " + problem.reason;
  set_error("ExpressionError", PyExc_TypeError, message);
  throw PythonError();
}

Expression to_expression(PyObject* subscript) {
  const std::vector<Ref> objects = objects_of(subscript);
  Expression expression;
  for (const Ref& object : objects) {
    try {
      expression.push_back(from_object(object.get()));
    } catch (const ItemError& error) {
      refuse(objects, {expression.size() + 1, error.reason});
    }
  }
  if (const auto problem = verify(expression))
    refuse(objects, *problem);
  return expression;
}

PyObject* optional_int(const std::optional<std::int64_t>& value) {
  if (value)
    return PyLong_FromLongLong(*value);
  Py_RETURN_NONE;
}

Ref unicode(const std::string& text) {
  return checked(PyUnicode_FromStringAndSize(text.data(), static_cast<Py_ssize_t>(text.size())));
}

Ref unicode_tuple(const std::vector<std::string>& texts) {
  Ref tuple = checked(PyTuple_New(static_cast<Py_ssize_t>(texts.size())));
  for (std::size_t i = 0; i < texts.size(); ++i)
    PyTuple_SetItem(tuple.get(), static_cast<Py_ssize_t>(i), unicode(texts[i]).release());
  return tuple;
}

/// A read-only memoryview over a copy of the entries.
template <typename Entry> Ref memory(const std::vector<Entry>& entries, const char* format) {
  const Ref bytes =
      checked(PyBytes_FromStringAndSize(reinterpret_cast<const char*>(entries.data()),
                                        static_cast<Py_ssize_t>(entries.size() * sizeof(Entry))));
  const Ref view = checked(PyMemoryView_FromObject(bytes.get()));
  return checked(PyObject_CallMethod(view.get(), "cast", "s", format));
}

Ref to_tuple(const SliceItem& slice) {
  return checked(Py_BuildValue("(sNNN)", "slice", optional_int(slice.start),
                               optional_int(slice.stop), optional_int(slice.step)));
}
Ref to_tuple(const IntItem& item) {
  return checked(Py_BuildValue("(sL)", "int", static_cast<long long>(item.index)));
}
Ref to_tuple(const NameItem& item) {
  return checked(Py_BuildValue("(sN)", "name", unicode(item.name).release()));
}
Ref to_tuple(const NamesItem& item) {
  return checked(Py_BuildValue("(sN)", "names", unicode_tuple(item.names).release()));
}
Ref to_tuple(const KeysItem& item) {
  return checked(Py_BuildValue("(sN)", "keys", unicode_tuple(item.keys).release()));
}
Ref to_tuple(const IndicesItem& item) {
  return checked(Py_BuildValue("(sN)", "indices", memory(item.indices, "q").release()));
}
Ref to_tuple(const MaskItem& item) {
  return checked(Py_BuildValue("(sN)", "mask", memory(item.mask, "?").release()));
}
Ref to_tuple(const EllipsisItem&) { return checked(Py_BuildValue("(s)", "ellipsis")); }

PyObject* parse(PyObject*, PyObject* subscript) {
  return guarded([&] {
    const Expression expression = to_expression(subscript);
    Ref items = checked(PyTuple_New(static_cast<Py_ssize_t>(expression.size())));
    for (std::size_t i = 0; i < expression.size(); ++i) {
      Ref item = std::visit([](const auto& of) { return to_tuple(of); }, expression[i]);
      PyTuple_SetItem(items.get(), static_cast<Py_ssize_t>(i), item.release());
    }
    return items.release();
  });
}

PyObject* expression_text(PyObject*, PyObject* subscript) {
  return guarded([&] { return unicode(describe(objects_of(subscript))).release(); });
}

PyMethodDef functions[] = {
    // CPython keeps pointers into it
    {"parse", parse, METH_O,
     PyDoc_STR("parse(subscript, /)\n--\n\nThe items of a slice expression as tagged tuples.")},
    {"expression_text", expression_text, METH_O,
     PyDoc_STR(
         "expression_text(subscript, /)\n--\n\nA slice expression as it was typed; long lists "
         "are shortened. Shows invalid ones too.")},
    {nullptr, nullptr, 0, nullptr},
};

} // namespace

int register_expression(PyObject* module) { return PyModule_AddFunctions(module, functions); }

} // namespace rnaslicer::runtime
