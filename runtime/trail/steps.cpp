// runtime/trail/steps.cpp: reading steps, joining them, taking them.
#include "runtime/trail/steps.hpp"

#include "runtime/blender/bpy.hpp"
#include "runtime/blender/names.hpp"
#include "runtime/memcache/memcache.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>

namespace rnaslicer::runtime {

namespace {

bool is_of_slot(PyObject* bag, PyObject* handle) {
  const Ref own = attr(bag, names().slot_handle);
  return own && PyObject_RichCompareBool(own.get(), handle, Py_EQ) > 0;
}

/// The first element whose property has a value.
Ref first_with(PyObject* collection, PyObject* property, PyObject* value) {
  const Ref iterator = Ref::steal(PyObject_GetIter(collection));
  while (Ref one = iterator ? Ref::steal(PyIter_Next(iterator.get())) : Ref())
    if (const Ref own = attr(one.get(), property);
        own && PyObject_RichCompareBool(own.get(), value, Py_EQ) > 0)
      return one;
  return {};
}

Ref bag_of(PyObject* bags, PyObject* handle) {
  return first_with(bags, names().slot_handle, handle);
}

/// The bag of a joined step: most actions have one.
Ref bag_from(const Step& step, PyObject* id) {
  Ref first = resolved(id, step.likely.get());
  if (first && is_of_slot(first.get(), step.what.get()))
    return first;
  PyErr_Clear();
  const Ref all = resolved(id, step.more.get());
  return all ? bag_of(all.get(), step.what.get()) : Ref();
}

/// The RNA path of steps by name and by index; empty where one is another.
std::string path_of(const Step* first, const Step* last) {
  std::string path;
  for (; first != last; ++first) {
    Py_ssize_t size = 0;
    const bool is_name = first->kind == StepKind::attribute;
    if (first->is_counted ||
        (!is_name && (first->kind != StepKind::item || PyLong_CheckExact(first->what.get()) == 0)))
      return {};
    const Ref text = Ref::steal(PyObject_Str(first->what.get()));
    const char* const word = text ? PyUnicode_AsUTF8AndSize(text.get(), &size) : nullptr;
    if (word == nullptr)
      throw PythonError();
    path += is_name ? (path.empty() ? "" : ".") : "[";
    path.append(word, static_cast<std::size_t>(size));
    path += is_name ? "" : "]";
  }
  return path;
}

/// The way to a channelbag has five steps before it, each of which bpy makes an object for. It
/// takes a path in one go, to the same.
void join(std::vector<Step>& steps) {
  const auto bag = std::ranges::find(steps, StepKind::bag, &Step::kind);
  const auto before = static_cast<std::size_t>(bag - steps.begin());
  if (bag == steps.end() || before == 0)
    return;
  const std::string path = path_of(steps.data(), steps.data() + before);
  if (path.empty())
    return;
  bag->more = checked(PyUnicode_FromString(path.c_str()));
  bag->likely = checked(PyUnicode_FromString((path + "[0]").c_str()));
  steps.erase(steps.begin(), bag);
}

std::vector<Step> copied(const std::vector<Step>& steps) {
  std::vector<Step> found;
  found.reserve(steps.size());
  for (const Step& step : steps)
    found.push_back(copied(step));
  return found;
}

/// By the very tuple. Never freed.
struct Kept {
  Ref tuple;
  std::vector<Step> steps;
};
Kept& kept(PyObject* tuple) {
  static auto* const all = new std::array<Kept, 64>;
  return (*all)[(reinterpret_cast<std::uintptr_t>(tuple) / 64) % all->size()];
}

} // namespace

Step copied(const Step& step) {
  return {step.kind, Ref::borrow(step.what.get()), step.is_counted, Ref::borrow(step.more.get()),
          Ref::borrow(step.likely.get())};
}

bool stay_in_action(PyObject* start, const std::vector<Step>& steps) {
  static PyTypeObject* const action = [] { // never freed: Blender's outlive us
    const Ref types = checked(PyImport_ImportModule("bpy.types"));
    Ref found = checked(PyObject_GetAttrString(types.get(), "Action"));
    return reinterpret_cast<PyTypeObject*>(found.release());
  }();
  const std::size_t count = steps.size();
  return Py_TYPE(start) == action && count >= 3 && steps[count - 1].kind == StepKind::attribute &&
         steps[count - 2].kind == StepKind::fcurve &&
         steps[count - 3].kind == StepKind::attribute &&
         (count == 3 || (count == 4 && steps[0].likely));
}

Step read_step(PyObject* pair) {
  if (PyTuple_Check(pair) == 0 || PyTuple_Size(pair) != 2)
    raise(PyExc_TypeError, "a trail's step is (kind, what)");
  PyObject* const kind = PyTuple_GetItem(pair, 0);
  PyObject* const what = PyTuple_GetItem(pair, 1);
  const auto is = [&](const char* word) {
    return PyUnicode_CompareWithASCIIString(kind, word) == 0;
  };
  if (is("by") && (PyTuple_Check(what) == 0 || PyTuple_Size(what) != 2))
    raise(PyExc_TypeError, "a step by a property is (name, value)");
  if (is("fcurve")) {
    if (PyTuple_Check(what) == 0 || PyTuple_Size(what) != 2)
      raise(PyExc_TypeError, "an F-curve is (data path, array index)");
    Ref index = checked(PyDict_New());
    if (PyDict_SetItem(index.get(), names().index, PyTuple_GetItem(what, 1)) < 0)
      throw PythonError();
    return {StepKind::fcurve, checked(PyTuple_Pack(1, PyTuple_GetItem(what, 0))), false,
            std::move(index)}; // bpy takes what is not named in half the time
  }
  return {is("attr")  ? StepKind::attribute
          : is("bag") ? StepKind::bag
          : is("by")  ? StepKind::by
                      : StepKind::item,
          Ref::borrow(what), is("counted")};
}

namespace {

Ref taken(const Step& step, PyObject* from) {
  switch (step.kind) {
  case StepKind::attribute:
    return attr(from, step.what.get());
  case StepKind::item:
    return Ref::steal(PyObject_GetItem(from, step.what.get()));
  case StepKind::bag:
    return step.likely ? bag_from(step, from) : bag_of(from, step.what.get());
  case StepKind::by:
    return first_with(from, PyTuple_GetItem(step.what.get(), 0),
                      PyTuple_GetItem(step.what.get(), 1));
  case StepKind::fcurve:
    break;
  }
  const Ref find = attr(from, names().find);
  Ref found =
      find ? Ref::steal(PyObject_Call(find.get(), step.what.get(), step.more.get())) : Ref();
  return found.get() == Py_None ? Ref() : std::move(found);
}

} // namespace

Ref take_step(const Step& step, PyObject* from) { return staying(taken(step, from)); }

std::vector<Step> read_steps(PyObject* tuple) {
  if (PyTuple_Check(tuple) == 0)
    raise(PyExc_TypeError, "a trail's steps are a tuple");
  Kept& place = kept(tuple);
  if (place.tuple.get() == tuple)
    return copied(place.steps);
  std::vector<Step> steps;
  for (Py_ssize_t i = 0; i < PyTuple_Size(tuple); ++i)
    steps.push_back(read_step(PyTuple_GetItem(tuple, i)));
  join(steps);
  keep_steps(tuple, copied(steps));
  return steps;
}

void keep_steps(PyObject* tuple, std::vector<Step> steps) {
  const Kept old = std::exchange(kept(tuple), {Ref::borrow(tuple), std::move(steps)});
}

void read_rows(Trail& trail, PyObject* object) {
  if (PySlice_Check(object) != 0) {
    trail.rows = Ref::borrow(object);
    Rows rows;
    Py_ssize_t stop = 0;
    if (PySlice_Unpack(object, &rows.start, &stop, &rows.step) < 0)
      throw PythonError();
    trail.takes_all = rows.start == 0 && stop == PY_SSIZE_T_MAX && rows.step == 1;
    return;
  }
  const auto number = [&](PyObject* name) {
    const Ref value = checked(PyObject_GetAttr(object, name));
    const Py_ssize_t found = PyLong_AsSsize_t(value.get());
    if (PyErr_Occurred() != nullptr)
      throw PythonError();
    return found;
  };
  trail.numbered = {number(names().start), number(names().step), PyObject_Size(object)};
  if (trail.numbered.count <= 0 || trail.numbered.step == 0)
    raise(PyExc_ValueError, "a trail's range has numbers");
}

Rows rows_of(const Trail& trail, Py_ssize_t length) {
  if (trail.takes_all && length >= 0)
    return {0, 1, length};
  Rows rows = trail.numbered;
  if (trail.rows) {
    Py_ssize_t stop = 0;
    if (PySlice_Unpack(trail.rows.get(), &rows.start, &stop, &rows.step) < 0)
      throw PythonError();
    rows.count = PySlice_AdjustIndices(length, &rows.start, &stop, rows.step);
  } else {
    Py_ssize_t last = 0;
    if (__builtin_mul_overflow(rows.step, rows.count - 1, &last) ||
        __builtin_add_overflow(rows.start, last, &last))
      return {};
    const auto [least, most] = std::minmax(rows.start, last);
    if (least < -length || most >= length || (least < 0) != (most < 0))
      return {};
    rows.start += least < 0 ? length : 0;
  }
  if (rows.count < 2)
    rows.step = 1; // one that is not taken may be beyond all addresses
  return rows;
}

namespace {

/// The same of ("slice" or "range", start, stop, step); perhaps with an error where it names none.
std::optional<std::vector<std::int64_t>> numbers_of(PyObject* item, Py_ssize_t length) {
  const bool is_slice = PyUnicode_CompareWithASCIIString(PyTuple_GetItem(item, 0), "slice") == 0;
  PyObject* const from = PyTuple_GetItem(item, 1);
  PyObject* const to = PyTuple_GetItem(item, 2);
  PyObject* const by = PyTuple_GetItem(item, 3);
  Py_ssize_t start = 0;
  Py_ssize_t stop = 0;
  Py_ssize_t step = 1;
  Py_ssize_t count = 0;
  if (is_slice) {
    const Ref part = checked(PySlice_New(from, to, by));
    if (PySlice_Unpack(part.get(), &start, &stop, &step) < 0)
      return std::nullopt;
    count = PySlice_AdjustIndices(length, &start, &stop, step);
  } else {
    const Ref range = checked(PyObject_CallFunctionObjArgs(
        reinterpret_cast<PyObject*>(&PyRange_Type), from, to, by, nullptr));
    count = PyObject_Size(range.get());
    start = PyLong_AsSsize_t(from);
    step = PyLong_AsSsize_t(by);
  }
  if (PyErr_Occurred() != nullptr || count <= 0 || count > 2 * length)
    return std::nullopt;
  std::vector<std::int64_t> found;
  for (Py_ssize_t i = 0; i < count; ++i) {
    Py_ssize_t at = 0; // a step beyond what is there may be of any size
    if (__builtin_mul_overflow(i, step, &at) || __builtin_add_overflow(start, at, &at) ||
        at < -length || at >= length)
      return std::nullopt;
    found.push_back(at < 0 ? at + length : at);
  }
  return found;
}

} // namespace

std::optional<std::vector<std::int64_t>> picked_of(PyObject* item, Py_ssize_t length) {
  if (PyTuple_Check(item) != 0 && PyTuple_Size(item) == 4) {
    auto found = numbers_of(item, length);
    PyErr_Clear();
    return found;
  }
  if (PyTuple_Check(item) == 0 || PyTuple_Size(item) != 2)
    return std::nullopt;
  const bool is_mask = PyUnicode_CompareWithASCIIString(PyTuple_GetItem(item, 0), "mask") == 0;
  const Ref values = memcache_on(PyTuple_GetItem(item, 1), is_mask ? "?" : "q", false);
  if (!values)
    return std::nullopt;
  const StorageView storage = memcache_storage(values.get());
  if (storage.nbytes == 0)
    return std::nullopt; // no memory to copy from either
  std::vector<std::int64_t> found;
  if (is_mask) {
    if (storage.nbytes != length)
      return std::nullopt;
    found.reserve(static_cast<std::size_t>(std::count_if(
        storage.data, storage.data + length, [](std::byte one) { return one != std::byte{}; })));
    for (Py_ssize_t i = 0; i < length; ++i)
      if (storage.data[i] != std::byte{})
        found.push_back(i);
  } else {
    found.resize(static_cast<std::size_t>(storage.nbytes) / sizeof found.front());
    std::memcpy(found.data(), storage.data, found.size() * sizeof found.front());
    for (std::int64_t& one : found) {
      if (one < -length || one >= length)
        return std::nullopt;
      one += one < 0 ? length : 0;
    }
  }
  if (found.empty())
    return std::nullopt;
  return found;
}

} // namespace rnaslicer::runtime
