// runtime/blender/groups_python.cpp: values in groups of ID properties for Python.
#include "runtime/bindings.hpp"
#include "runtime/blender/groups.hpp"
#include "runtime/pyref.hpp"

#include <array>

namespace rnaslicer::runtime {

namespace {

constexpr std::int64_t widest = 8;           // bytes of a number
constexpr std::int64_t most_width = 1 << 20; // bytes of an array's numbers

/// Whether each row of a part is one of those that there are, and no element lies before the first.
bool is_within(const GroupPart& part, const GroupRows& rows, std::int64_t count) {
  if (part.count <= 0)
    return part.count == 0;
  const std::int64_t last = part.first + (part.count - 1) * part.step;
  const std::int64_t end = rows.start + (count - 1) * rows.step;
  return part.first >= 0 && part.first < count && last >= 0 && last < count && rows.start >= 0 &&
         end >= 0;
}

/// The arguments as Python gives them.
struct Asked {
  PyObject* out = nullptr;
  PyObject* table = nullptr;
  PyObject* absent = nullptr;
  PyObject* name = nullptr;
  unsigned long long base = 0;
  long long start = 0;
  long long step = 0;
  long long first = 0;
  long long part_step = 0;
  long long part_count = 0;
  long long type = 0;
  long long subtype = 0;
  long long length = 0;
  long long alike = 0;
  int safe = 0;
  long long width = 0;
  std::array<long long, 11> at{};
};

bool parse(PyObject* args, Asked& a) {
  return PyArg_ParseTuple(args, "O(LLLLLLLLLLL)S(LLL)K(LLO)(LLL)OLpL:group_values", &a.out,
                          a.at.data(), &a.at[1], &a.at[2], &a.at[3], &a.at[4], &a.at[5], &a.at[6],
                          &a.at[7], &a.at[8], &a.at[9], &a.at[10], &a.name, &a.type, &a.subtype,
                          &a.length, &a.base, &a.start, &a.step, &a.table, &a.first, &a.part_step,
                          &a.part_count, &a.absent, &a.alike, &a.safe, &a.width) != 0;
}

PyObject* group_values_python(PyObject*, PyObject* args) {
  return guarded([&]() -> PyObject* {
    Asked asked;
    char* name = nullptr;
    Py_ssize_t name_length = 0;
    if (!parse(args, asked) || PyBytes_AsStringAndSize(asked.name, &name, &name_length) < 0)
      return nullptr;
    const auto& at = asked.at;
    const GroupPlaces places{at[0], at[1], at[2], at[3], at[4], at[5],
                             at[6], at[7], at[8], at[9], at[10]};
    if (!are_within(places, static_cast<std::size_t>(name_length)))
      raise(PyExc_ValueError, "a place is not in the struct");
    Buffer out;
    Buffer table;
    Buffer absent;
    if (!out.acquire(asked.out, PyBUF_ND | PyBUF_WRITABLE))
      return nullptr;
    GroupRows rows{asked.base, asked.start, asked.step, {}};
    if (asked.table != Py_None && !table.acquire(asked.table, PyBUF_ND))
      return nullptr;
    if (table)
      rows.table = {static_cast<const std::int64_t*>(table->buf),
                    static_cast<std::size_t>(table->len / widest)};
    if (asked.absent != Py_None && !absent.acquire(asked.absent, PyBUF_SIMPLE))
      return nullptr;
    const long long width = asked.width;
    if (width < 0 || width > most_width)
      raise(PyExc_ValueError, "width: bytes of a value, or 0 for addresses");
    const GroupPart part{asked.first, asked.part_step, asked.part_count};
    const std::int64_t count = out->len / (width != 0 ? width : widest);
    if (!is_within(part, rows, count) || asked.alike >= count || (absent && absent->len < width) ||
        (table && (table->itemsize != widest || table->len / widest != count)))
      raise(PyExc_ValueError, "rows beyond those that there is a place for");
    const auto found = group_values(
        places,
        {{name, static_cast<std::size_t>(name_length)}, asked.type, asked.subtype, asked.length},
        rows, part, absent ? reinterpret_cast<std::uint64_t>(absent->buf) : 0, asked.alike,
        asked.safe != 0 ? Reads::safe : Reads::plain,
        {static_cast<std::byte*>(out->buf), static_cast<std::size_t>(width)});
    if (!found)
      Py_RETURN_NONE;
    return PyLong_FromLongLong(*found);
  });
}

PyMethodDef functions[] = {
    // CPython keeps pointers into it
    {"group_values", group_values_python, METH_VARARGS,
     PyDoc_STR(
         "group_values(out, places, name, kind, base, rows, part, absent, alike, safe, "
         "width, /)\n--\n\nThe address of the value of that name in each group of an array; gives "
         "the first row without one, -1, or None where a child is something else.")},
    {nullptr, nullptr, 0, nullptr},
};

} // namespace

int register_groups(PyObject* module) { return PyModule_AddFunctions(module, functions); }

} // namespace rnaslicer::runtime
