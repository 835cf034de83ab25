// runtime/blender/told_value.cpp: bpy's value of one struct as numbers.
#include "runtime/blender/told_value.hpp"

#include "runtime/blender/bpy.hpp"
#include "runtime/blender/names.hpp"
#include "runtime/memory/item.hpp"

#include <algorithm>
#include <utility>

namespace rnaslicer::runtime {

namespace {

/// Packs a number of a component.
bool pack_one(const ToldValue& how, PyObject* number, std::size_t row, std::byte* to) {
  const char format = native_format(how.format.c_str());
  return pack_item(reinterpret_cast<char*>(to) +
                       row * static_cast<std::size_t>(native_size(format)),
                   format, number);
}

/// What bpy gave as a sequence of `count` numbers, as a tuple or list; null, perhaps with an error,
/// of another. All at once: a vector of mathutils asks Blender anew for each item.
Ref items_of(PyObject* value, Py_ssize_t count) {
  Ref part = Ref::steal(PySequence_GetSlice(value, 0, count + 1));
  if (part && PyTuple_Check(part.get()) == 0)
    part = Ref::steal(PySequence_Tuple(part.get()));
  return part && PyTuple_Size(part.get()) == count ? std::move(part) : Ref();
}

/// The components of what has two axes, told by rows; a matrix lies by columns.
bool pack_rows(const ToldValue& how, PyObject* value, std::byte* to) {
  const std::int64_t columns = how.length / how.rows;
  std::vector<Ref> rows;
  for (std::int64_t r = 0; r < how.rows; ++r) {
    const Ref row = Ref::steal(PySequence_GetItem(value, r));
    rows.push_back(row ? items_of(row.get(), columns) : Ref());
    if (!rows.back())
      return false;
  }
  for (std::size_t i = 0; i < how.components.size(); ++i) {
    const std::int64_t at = how.components[i];
    const Ref& row = rows[static_cast<std::size_t>(how.is_matrix ? at % how.rows : at / columns)];
    const std::int64_t column = how.is_matrix ? at / how.rows : at % columns;
    if (!pack_one(how, PyTuple_GetItem(row.get(), column), i, to))
      return false;
  }
  return true;
}

/// False, perhaps with an error, where a value is none of that kind.
bool pack(const ToldValue& how, PyObject* value, std::byte* to) {
  if (how.numbers) {
    PyObject* const number = PyDict_GetItemWithError(how.numbers.get(), value);
    return number != nullptr && pack_one(how, number, 0, to);
  }
  if (!how.is_array)
    return pack_one(how, value, 0, to);
  if (how.rows != 0)
    return PyObject_Size(value) == how.rows && pack_rows(how, value, to);
  const Ref items = items_of(value, how.length);
  for (std::size_t i = 0; items && i < how.components.size(); ++i)
    if (!pack_one(how, PyTuple_GetItem(items.get(), how.components[i]), i, to))
      return false;
  return static_cast<bool>(items);
}

} // namespace

Ref item_of(const Item& item, PyObject* one, Ref* holder) {
  Ref reached = Ref::borrow(one);
  const Py_ssize_t count = PyTuple_Size(item.keys.get());
  for (Py_ssize_t i = 0; reached && i < count; ++i) {
    if (i + 1 == count && holder != nullptr)
      *holder = Ref::borrow(reached.get());
    reached = Ref::steal(PyObject_GetItem(reached.get(), PyTuple_GetItem(item.keys.get(), i)));
  }
  if (!reached || PyType_Check(item.form.get()) != 0)
    return reached && reinterpret_cast<PyObject*>(Py_TYPE(reached.get())) == item.form.get()
               ? std::move(reached)
               : Ref();
  const Ref code = attr(reached.get(), names().typecode);
  return code && PyObject_RichCompareBool(code.get(), item.form.get(), Py_EQ) > 0 &&
                 PyObject_Size(reached.get()) == item.length
             ? std::move(reached)
             : Ref();
}

namespace {

/// False with an error.
bool set_item(const Item& item, PyObject* one, PyObject* numbers) {
  Ref holder;
  const Ref before = item_of(item, one, &holder);
  if (!before) {
    if (PyErr_Occurred() == nullptr)
      PyErr_SetString(PyExc_TypeError, "a custom property has another form");
    return false;
  }
  const Ref all = checked(PySlice_New(nullptr, nullptr, nullptr));
  if (PyType_Check(item.form.get()) == 0)
    return PyObject_SetItem(before.get(), all.get(), numbers) == 0;
  PyObject* const key = PyTuple_GetItem(item.keys.get(), PyTuple_Size(item.keys.get()) - 1);
  const Ref number = Ref::steal(PySequence_GetItem(numbers, 0));
  return number && PyObject_SetItem(holder.get(), key, number.get()) == 0;
}

} // namespace

Ref set_items(const Item& item, PyObject* objects, PyObject* packed, Py_ssize_t width,
              std::pair<Py_ssize_t, Py_ssize_t> which, Py_ssize_t& done) {
  for (Py_ssize_t i = which.first; i < which.second; ++i, ++done) {
    const Ref row = Ref::steal(PySequence_GetSlice(packed, i * width, (i + 1) * width));
    const Ref numbers = row ? Ref::steal(PySequence_List(row.get())) : Ref();
    if (numbers && set_item(item, PyList_GetItem(objects, i), numbers.get()))
      continue;
    PyObject* kind = nullptr;
    PyObject* error = nullptr;
    PyObject* traceback = nullptr;
    PyErr_Fetch(&kind, &error, &traceback);
    PyErr_NormalizeException(&kind, &error, &traceback);
    const Ref others[] = {Ref::steal(kind), Ref::steal(traceback)};
    return Ref::steal(error);
  }
  return {};
}

std::optional<Item> read_item(PyObject* pair) {
  if (pair == nullptr || pair == Py_None)
    return std::nullopt;
  PyObject* keys = nullptr;
  PyObject* form = nullptr;
  Py_ssize_t length = 0;
  if (PyArg_ParseTuple(pair, "O!On", &PyTuple_Type, &keys, &form, &length) == 0)
    throw PythonError();
  if (PyTuple_Size(keys) == 0)
    raise(PyExc_ValueError, "a custom property has a name");
  return Item{Ref::borrow(keys), Ref::borrow(form), length};
}

std::shared_ptr<const ToldValue> read_told(PyObject* tuple) {
  if (tuple == Py_None)
    return nullptr;
  ToldValue value;
  PyObject* components = nullptr;
  PyObject* numbers = nullptr;
  const char* format = nullptr;
  int is_array = 0;
  int is_matrix = 0;
  long long rows = 0;
  long long length = 0;
  PyObject* item = nullptr;
  if (PyArg_ParseTuple(tuple, "pLpLO!sO|O", &is_array, &rows, &is_matrix, &length, &PyTuple_Type,
                       &components, &format, &numbers, &item) == 0)
    throw PythonError();
  value.item = read_item(item);
  value.is_array = is_array != 0;
  value.rows = rows;
  value.is_matrix = is_matrix != 0;
  value.length = length;
  for (Py_ssize_t i = 0; i < PyTuple_Size(components); ++i)
    value.components.push_back(PyLong_AsLongLong(PyTuple_GetItem(components, i)));
  if (PyErr_Occurred() != nullptr)
    throw PythonError();
  if (std::ranges::any_of(value.components,
                          [&](std::int64_t at) { return at < 0 || at >= value.length; }))
    raise(PyExc_ValueError, "a struct's component is none of its value's");
  value.format = format;
  value.numbers = numbers == Py_None ? Ref() : Ref::borrow(numbers);
  return std::make_shared<const ToldValue>(std::move(value));
}

bool pack_told(const ToldValue& how, PyObject* property, PyObject* one, std::byte* to) {
  const Ref value = how.item ? item_of(*how.item, one) : attr(one, property);
  const bool packed = value && pack(how, value.get(), to);
  drop_error(); // an interrupt goes on
  return packed;
}

} // namespace rnaslicer::runtime
