// runtime/memcache/changes.cpp: the module function changed_rows.
#include "runtime/memcache/functions.hpp"
#include "runtime/pyref.hpp"

#include <cstring>
#include <vector>

namespace rnaslicer::runtime {

PyObject* module_changed_rows(PyObject* /*module*/, PyObject* args) {
  PyObject* before_object = nullptr;
  PyObject* after_object = nullptr;
  Py_ssize_t rows = 0;
  if (PyArg_ParseTuple(args, "OOn:changed_rows", &before_object, &after_object, &rows) == 0)
    return nullptr;
  Buffer before;
  Buffer after;
  if (!before.acquire(before_object, PyBUF_SIMPLE) || !after.acquire(after_object, PyBUF_SIMPLE))
    return nullptr;
  if (before->len != after->len || rows < 0 || (rows > 0 && before->len % rows != 0)) {
    PyErr_SetString(PyExc_ValueError, "changed_rows: the buffers are not of one size, or no whole "
                                      "number of rows");
    return nullptr;
  }
  const auto width = static_cast<std::size_t>(rows > 0 ? before->len / rows : 0);
  const auto* old_bytes = static_cast<const char*>(before->buf);
  const auto* new_bytes = static_cast<const char*>(after->buf);
  // Blocks in which nothing differs are passed over at the speed of memcmp.
  const Py_ssize_t block = width == 0 ? 1 : static_cast<Py_ssize_t>(std::size_t{4096} / width + 1);
  std::vector<std::int64_t> ranges;
  for (Py_ssize_t first = 0; width > 0 && first < rows; first += block) {
    const Py_ssize_t end = first + block < rows ? first + block : rows;
    const std::size_t at = static_cast<std::size_t>(first) * width;
    if (std::memcmp(old_bytes + at, new_bytes + at,
                    static_cast<std::size_t>(end - first) * width) == 0)
      continue;
    for (Py_ssize_t row = first; row < end; ++row) {
      const std::size_t here = static_cast<std::size_t>(row) * width;
      if (std::memcmp(old_bytes + here, new_bytes + here, width) == 0)
        continue;
      if (!ranges.empty() && ranges.back() == row) {
        ++ranges.back();
      } else {
        ranges.push_back(row);
        ranges.push_back(row + 1);
      }
    }
  }
  const Ref shape = Ref::steal(Py_BuildValue("((nn)sO)", static_cast<Py_ssize_t>(ranges.size() / 2),
                                             Py_ssize_t{2}, "q", Py_None));
  if (!shape)
    return nullptr;
  Ref result = Ref::steal(module_allocate(nullptr, shape.get()));
  if (result && !ranges.empty())
    std::memcpy(as_memcache(result.get())->data, ranges.data(),
                ranges.size() * sizeof(std::int64_t));
  return result.release();
}

} // namespace rnaslicer::runtime
