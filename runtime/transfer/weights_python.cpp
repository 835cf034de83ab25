// runtime/transfer/weights_python.cpp: assignments of vertices to groups: which are missing, and
// where the weights of all go.
//
// Rows are what Slicer(mesh.vertices)[:, 'groups', ...] gives with ragged='flat': row v of `groups`
// and `weights` is offsets[v] to offsets[v + 1].
#include "runtime/bindings.hpp"
#include "runtime/pyref.hpp"

#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <vector>

namespace rnaslicer::runtime {

namespace {

/// A contiguous buffer as a span of items of this size; throws where it is none.
template <class Item> std::span<Item> items_of(Buffer& buffer, PyObject* object, bool writable) {
  const int flags = PyBUF_C_CONTIGUOUS | (writable ? PyBUF_WRITABLE : 0);
  if (!buffer.acquire(object, flags))
    throw PythonError();
  if (buffer->itemsize != sizeof(Item))
    raise(PyExc_ValueError, "a buffer's items have another size");
  return {static_cast<Item*>(buffer->buf), static_cast<std::size_t>(buffer->len) / sizeof(Item)};
}

/// Assignments and the rows that there are, with every index compared with what it indexes.
struct Assignments {
  Buffer buffers[4];
  std::span<const std::int32_t> vertex, group, groups;
  std::span<const std::int64_t> offsets;

  Assignments(PyObject* vertices, PyObject* named, PyObject* starts, PyObject* present) {
    vertex = items_of<const std::int32_t>(buffers[0], vertices, false);
    group = items_of<const std::int32_t>(buffers[1], named, false);
    offsets = items_of<const std::int64_t>(buffers[2], starts, false);
    groups = items_of<const std::int32_t>(buffers[3], present, false);
    if (vertex.size() != group.size() || offsets.empty())
      raise(PyExc_ValueError, "there are not as many vertices as groups, or no offsets");
    std::int64_t before = 0;
    for (const std::int64_t offset : offsets) {
      if (offset < before || offset > static_cast<std::int64_t>(groups.size()))
        raise(PyExc_ValueError, "the offsets do not ascend within the rows");
      before = offset;
    }
    for (const std::int32_t one : vertex)
      if (one < 0 || static_cast<std::size_t>(one) + 1 >= offsets.size())
        raise(PyExc_IndexError, "a vertex has no row");
  }

  /// Where assignment `i` is; nothing where it is missing.
  [[nodiscard]] std::optional<std::size_t> find(std::size_t i) const {
    const auto row = static_cast<std::size_t>(vertex[i]);
    for (auto at = offsets[row]; at < offsets[row + 1]; ++at)
      if (groups[static_cast<std::size_t>(at)] == group[i])
        return static_cast<std::size_t>(at);
    return {};
  }
};

PyObject* missing_assignments(PyObject*, PyObject* arguments) {
  return guarded([&] {
    PyObject *vertices = nullptr, *named = nullptr, *starts = nullptr, *present = nullptr;
    Py_ssize_t count = 0;
    if (PyArg_ParseTuple(arguments, "OOOOn", &vertices, &named, &starts, &present, &count) == 0)
      throw PythonError();
    const Assignments all(vertices, named, starts, present);
    std::vector<Py_ssize_t> counts(static_cast<std::size_t>(count < 0 ? 0 : count));
    std::vector<char> used(counts.size());
    std::vector<char> missing(all.vertex.size());
    for (std::size_t i = 0; i < missing.size(); ++i) {
      if (all.group[i] < 0 || static_cast<std::size_t>(all.group[i]) >= counts.size())
        raise(PyExc_IndexError, "there is no such group");
      const auto group = static_cast<std::size_t>(all.group[i]);
      used[group] = 1;
      missing[i] = all.find(i) ? 0 : 1;
      counts[group] += missing[i];
    }
    // One int for each vertex, however many groups it is in: making them is what takes time.
    std::vector<Ref> numbers(all.offsets.size());
    std::vector<Ref> tuples;
    tuples.reserve(counts.size());
    for (const Py_ssize_t one : counts)
      tuples.push_back(checked(PyTuple_New(one)));
    std::vector<Py_ssize_t> filled(counts.size());
    for (std::size_t i = 0; i < missing.size(); ++i) {
      if (missing[i] == 0)
        continue;
      Ref& number = numbers[static_cast<std::size_t>(all.vertex[i])];
      if (!number)
        number = checked(PyLong_FromLong(all.vertex[i]));
      const auto group = static_cast<std::size_t>(all.group[i]);
      PyTuple_SetItem(tuples[group].get(), filled[group]++, Ref::borrow(number.get()).release());
    }
    Ref result = checked(PyDict_New());
    for (std::size_t g = 0; g < tuples.size(); ++g) {
      const Ref key = checked(PyLong_FromSize_t(g));
      if (used[g] != 0 && PyDict_SetItem(result.get(), key.get(), tuples[g].get()) < 0)
        throw PythonError();
    }
    return result.release();
  });
}

/// As bpy's function clamps what it is given; NaN stays.
float clamped(float weight) { return weight < 0 ? 0.0F : weight > 1 ? 1.0F : weight; }

PyObject* put_weights(PyObject*, PyObject* arguments) {
  return guarded([&] {
    PyObject *vertices = nullptr, *named = nullptr, *starts = nullptr, *present = nullptr;
    PyObject *given = nullptr, *target = nullptr;
    int adds = 0;
    if (PyArg_ParseTuple(arguments, "OOOOOOp", &vertices, &named, &given, &starts, &present,
                         &target, &adds) == 0)
      throw PythonError();
    const Assignments all(vertices, named, starts, present);
    Buffer from;
    Buffer to;
    const auto weight = items_of<const float>(from, given, false);
    const auto weights = items_of<float>(to, target, true);
    if (weight.size() != all.vertex.size() || weights.size() != all.groups.size())
      raise(PyExc_ValueError, "there are not as many weights as assignments");
    Py_ssize_t absent = 0;
    for (std::size_t i = 0; i < weight.size(); ++i) {
      const auto at = all.find(i);
      if (!at) {
        ++absent;
        continue;
      }
      float& one = weights[*at];
      one = adds != 0 ? one + clamped(weight[i]) : clamped(weight[i]);
      if (one > 1)
        one = 1;
    }
    return PyLong_FromSsize_t(absent);
  });
}

PyMethodDef functions[] = {
    // CPython keeps pointers into it
    {"missing_assignments", missing_assignments, METH_VARARGS,
     PyDoc_STR(
         "missing_assignments(vertex, group, offsets, groups, count, /)\n--\n\nFor each group "
         "that is named, of `count`, the vertices that are assigned to it and not in it yet.")},
    {"put_weights", put_weights, METH_VARARGS,
     PyDoc_STR("put_weights(vertex, group, weight, offsets, groups, weights, adds, /)\n--\n\n"
               "Writes (or adds) each weight where its assignment is in the rows; gives how many "
               "have no place there.")},
    {nullptr, nullptr, 0, nullptr},
};

} // namespace

int register_weights(PyObject* module) { return PyModule_AddFunctions(module, functions); }

} // namespace rnaslicer::runtime
