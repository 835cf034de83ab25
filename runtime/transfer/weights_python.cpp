// runtime/transfer/weights_python.cpp: assignments of vertices to groups: which are missing, and
// where the weights of all go.
//
// Row v is what Blender keeps for vertex v: an array of group numbers and weights. Where it is has
// been compared with bpy right before each call (layout/deform.py), and nothing of Blender's runs
// meanwhile.
#include "runtime/bindings.hpp"
#include "runtime/pyref.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

namespace rnaslicer::runtime {

namespace {

using Index = std::uint32_t; // of an assignment
constexpr Index none = std::numeric_limits<Index>::max();
constexpr std::size_t ahead = 12; // rows that are fetched before they are looked at

/// A contiguous buffer as a span of items of this size; throws where it is none.
template <class Item> std::span<Item> items_of(Buffer& buffer, PyObject* object) {
  if (!buffer.acquire(object, PyBUF_C_CONTIGUOUS))
    throw PythonError();
  if (buffer->itemsize != sizeof(Item))
    raise(PyExc_ValueError, "a buffer's items have another size");
  return {static_cast<Item*>(buffer->buf), static_cast<std::size_t>(buffer->len) / sizeof(Item)};
}

/// Elements that each own an array of group numbers and weights; offsets and sizes in bytes.
struct Rows {
  unsigned long long base = 0; ///< of the first element; 0: all rows are empty
  long long stride = 0;
  long long count = 0;
  long long array_at = 0; ///< in an element: the array's address
  long long count_at = 0; ///< in an element: how many items it has
  long long size = 0;     ///< of an item
  long long group_at = 0; ///< in an item

  template <class Value> static Value load(const std::byte* from) {
    Value value;
    std::memcpy(&value, from, sizeof value);
    return value;
  }
  [[nodiscard]] const std::byte* element(std::int32_t v) const {
    return reinterpret_cast<const std::byte*>(base) + // NOLINT(performance-no-int-to-ptr)
           stride * v;
  }
  [[nodiscard]] std::byte* array(std::int32_t v) const {
    return load<std::byte*>(element(v) + array_at);
  }
  void fetch(std::int32_t v) const { __builtin_prefetch(array(v)); }

  /// The item of a row that is of this group, or null.
  [[nodiscard]] std::byte* find(std::int32_t v, std::int32_t group) const {
    const auto items = load<std::int32_t>(element(v) + count_at);
    std::byte* at = array(v);
    if (at == nullptr)
      return nullptr;
    for (std::int32_t k = 0; k < items; ++k, at += size)
      if (load<std::int32_t>(at + group_at) == group)
        return at;
    return nullptr;
  }
};

/// Assignments, every index compared with what it indexes.
struct Assignments {
  Buffer buffers[2];
  std::span<const std::int32_t> vertex, group;
  std::int32_t first = 0; ///< vertex of all, and how many there are from there to the last
  std::size_t span = 0;

  Assignments(PyObject* vertices, PyObject* groups, const Rows& rows) {
    vertex = items_of<const std::int32_t>(buffers[0], vertices);
    group = items_of<const std::int32_t>(buffers[1], groups);
    if (vertex.size() != group.size() || vertex.size() >= none)
      raise(PyExc_ValueError, "there are not as many vertices as groups, or too many");
    const auto [low, high] = std::minmax_element(vertex.begin(), vertex.end());
    if (low == vertex.end())
      return;
    if (*low < 0 || *high >= rows.count)
      raise(PyExc_IndexError, "a vertex has no row");
    first = *low;
    span = static_cast<std::size_t>(*high - *low) + 1;
  }

  [[nodiscard]] std::size_t place(std::int32_t v) const {
    return static_cast<std::size_t>(v - first);
  }
};

/// Assignments that are not there yet, each once, in an order in which each vertex gets its groups
/// as they came.
struct Missing {
  std::vector<Index> order;      ///< by round
  std::vector<std::size_t> ends; ///< of the rounds. Within one the groups come in their own order

  Missing(const Assignments& all, const Rows& rows) {
    const auto vertex = all.vertex;
    const auto group = all.group;
    std::vector<Index> last(all.span, none);                                    // of a vertex
    const auto before = std::make_unique_for_overwrite<Index[]>(vertex.size()); // of its vertex
    order.reserve(vertex.size());
    bool ascending = true;
    for (std::size_t i = 0; i < vertex.size(); ++i) {
      if (rows.base != 0) {
        rows.fetch(vertex[std::min(i + ahead, vertex.size() - 1)]);
        if (rows.find(vertex[i], group[i]) != nullptr)
          continue;
      }
      Index& newest = last[all.place(vertex[i])];
      Index one = newest;
      while (one != none && group[one] != group[i])
        one = before[one];
      if (one != none)
        continue;
      ascending = ascending && (newest == none || group[newest] < group[i]);
      before[i] = newest;
      newest = static_cast<Index>(i);
      order.push_back(newest);
    }
    if (ascending) // all vertices at once
      ends = {order.size()};
    else
      by_rank(before.get(), vertex.size());
  }

 private:
  /// Sorts by how many groups the vertex gets before: that is the round.
  void by_rank(const Index* before, std::size_t count) {
    const auto rank = std::make_unique_for_overwrite<Index[]>(count);
    for (const Index one : order) {
      rank[one] = before[one] == none ? 0 : rank[before[one]] + 1;
      ends.resize(std::max(ends.size(), std::size_t{rank[one]} + 1));
      ++ends[rank[one]];
    }
    std::partial_sum(ends.begin(), ends.end(), ends.begin());
    std::vector<Index> sorted(order.size());
    auto starts = ends;
    for (std::size_t at = order.size(); at-- > 0;)
      sorted[--starts[rank[order[at]]]] = order[at];
    order = std::move(sorted);
  }
};

/// [(group, its vertices), ...] of what is missing.
class Calls {
 public:
  Calls(const Assignments& all, std::size_t groups)
      : all_(all), places_(all.span, unmet), groups_(groups) {}

  [[nodiscard]] Ref of(const Missing& missing) {
    std::size_t start = 0;
    for (const std::size_t end : missing.ends) {
      add({missing.order.begin() + static_cast<std::ptrdiff_t>(start), end - start});
      start = end;
    }
    return Ref::borrow(calls_.get());
  }

 private:
  static constexpr Py_ssize_t unmet = -1;

  /// What a round has of a group.
  struct Group {
    Py_ssize_t count = 0;
    Py_ssize_t first = 0; ///< place of its first vertex
    bool is_run = true;   ///< its vertices follow each other in the order in which they came
    Ref members;
  };

  void add(std::span<const Index> round) {
    std::vector<std::size_t> named;
    for (const Index one : round) {
      Group& group = groups_[number_of(one)];
      const Py_ssize_t place = place_of(all_.vertex[one]);
      if (group.count == 0) {
        named.push_back(number_of(one));
        group.first = place;
      }
      group.is_run = group.is_run && place == group.first + group.count;
      ++group.count;
    }
    std::sort(named.begin(), named.end());
    bool fills = false;
    for (const std::size_t one : named) {
      Group& group = groups_[one];
      fills = fills || !group.is_run;
      group.members = group.is_run ? run_of(group) : checked(PyTuple_New(group.count));
      group.count = 0;
    }
    if (fills)
      fill(round);
    for (const std::size_t one : named) {
      const Ref call =
          checked(Py_BuildValue("nO", static_cast<Py_ssize_t>(one), groups_[one].members.get()));
      if (PyList_Append(calls_.get(), call.get()) < 0)
        throw PythonError();
      groups_[one] = Group();
    }
  }

  void fill(std::span<const Index> round) {
    for (const Index one : round) {
      Group& group = groups_[number_of(one)];
      if (group.is_run)
        continue;
      const auto place = static_cast<std::size_t>(place_of(all_.vertex[one]));
      PyTuple_SetItem(group.members.get(), group.count++,
                      Ref::borrow(numbers_[place].get()).release());
    }
  }

  /// A piece of the tuple of all vertices, or that itself: where a group has all that came with the
  /// others, as in a table of weights, its vertices are there already.
  Ref run_of(const Group& group) {
    if (whole_size_ != numbers_.size()) {
      whole_ = checked(PyTuple_New(static_cast<Py_ssize_t>(numbers_.size())));
      for (std::size_t i = 0; i < numbers_.size(); ++i)
        PyTuple_SetItem(whole_.get(), static_cast<Py_ssize_t>(i),
                        Ref::borrow(numbers_[i].get()).release());
      whole_size_ = numbers_.size();
    }
    return checked(PyTuple_GetSlice(whole_.get(), group.first, group.first + group.count));
  }

  [[nodiscard]] std::size_t number_of(Index one) const {
    return static_cast<std::size_t>(all_.group[one]);
  }

  /// One int for each vertex, however many groups it is in: making them takes most of the time.
  Py_ssize_t place_of(std::int32_t vertex) {
    Py_ssize_t& place = places_[all_.place(vertex)];
    if (place == unmet) {
      numbers_.push_back(checked(PyLong_FromLong(vertex)));
      place = static_cast<Py_ssize_t>(numbers_.size()) - 1;
    }
    return place;
  }

  const Assignments& all_;
  std::vector<Py_ssize_t> places_; ///< in `numbers_`, of each vertex
  std::vector<Ref> numbers_;       ///< vertices as they came
  Ref whole_;                      ///< the same as a tuple
  std::size_t whole_size_ = 0;     ///< how many that has
  std::vector<Group> groups_;
  Ref calls_ = checked(PyList_New(0));
};

/// `count` groups, of which every number of `group` is one; raises IndexError.
void check_groups(std::span<const std::int32_t> group, Py_ssize_t count) {
  for (const std::int32_t one : group)
    if (one < 0 || one >= count)
      raise(PyExc_IndexError, "there is no such group");
}

PyObject* named_groups(PyObject*, PyObject* arguments) {
  return guarded([&] {
    PyObject* named = nullptr;
    Py_ssize_t count = 0;
    if (PyArg_ParseTuple(arguments, "On", &named, &count) == 0)
      throw PythonError();
    Buffer buffer;
    const auto group = items_of<const std::int32_t>(buffer, named);
    check_groups(group, count);
    std::vector<char> used(static_cast<std::size_t>(std::max<Py_ssize_t>(count, 0)));
    for (const std::int32_t one : group)
      used[static_cast<std::size_t>(one)] = 1;
    Ref groups = checked(PyList_New(0));
    for (std::size_t g = 0; g < used.size(); ++g) {
      const Ref number = checked(PyLong_FromSize_t(g));
      if (used[g] != 0 && PyList_Append(groups.get(), number.get()) < 0)
        throw PythonError();
    }
    return groups.release();
  });
}

PyObject* missing_assignments(PyObject*, PyObject* arguments) {
  return guarded([&] {
    PyObject *vertices = nullptr, *named = nullptr;
    Py_ssize_t count = 0;
    Rows rows;
    if (PyArg_ParseTuple(arguments, "OOnKLLLLLL", &vertices, &named, &count, &rows.base,
                         &rows.stride, &rows.count, &rows.array_at, &rows.count_at, &rows.size,
                         &rows.group_at) == 0)
      throw PythonError();
    const Assignments all(vertices, named, rows);
    check_groups(all.group, count);
    return Calls(all, static_cast<std::size_t>(count)).of(Missing(all, rows)).release();
  });
}

/// As bpy's function clamps what it is given; NaN stays.
float clamped(float weight) { return weight < 0 ? 0.0F : weight > 1 ? 1.0F : weight; }

PyObject* put_weights(PyObject*, PyObject* arguments) {
  return guarded([&] {
    PyObject *vertices = nullptr, *named = nullptr, *given = nullptr;
    int adds = 0;
    long long weight_at = 0;
    Rows rows;
    if (PyArg_ParseTuple(arguments, "OOOpLKLLLLLL", &vertices, &named, &given, &adds, &weight_at,
                         &rows.base, &rows.stride, &rows.count, &rows.array_at, &rows.count_at,
                         &rows.size, &rows.group_at) == 0)
      throw PythonError();
    const Assignments all(vertices, named, rows);
    Buffer from;
    const auto weight = items_of<const float>(from, given);
    if (weight.size() != all.vertex.size() || rows.base == 0)
      raise(PyExc_ValueError, "there are not as many weights as assignments, or no rows");
    Py_ssize_t absent = 0;
    for (std::size_t i = 0; i < weight.size(); ++i) {
      if (i + ahead < weight.size())
        rows.fetch(all.vertex[i + ahead]);
      std::byte* const item = rows.find(all.vertex[i], all.group[i]);
      if (item == nullptr) {
        ++absent;
        continue;
      }
      float one = clamped(weight[i]);
      if (adds != 0)
        one += Rows::load<float>(item + weight_at);
      if (one > 1)
        one = 1;
      std::memcpy(item + weight_at, &one, sizeof one);
    }
    return PyLong_FromSsize_t(absent);
  });
}

PyMethodDef functions[] = {
    // CPython keeps pointers into it
    {"missing_assignments", missing_assignments, METH_VARARGS,
     PyDoc_STR(
         "missing_assignments(vertex, group, groups, base, stride, count, array_at, count_at, "
         "size, group_at, /)\n--\n\nOf what is not there yet [(group, its vertices), ...]: in this "
         "order each vertex gets its groups as they came. There are `groups` groups.")},
    {"named_groups", named_groups, METH_VARARGS,
     PyDoc_STR("named_groups(group, count, /)\n--\n\nThe numbers that are named, each once.")},
    {"put_weights", put_weights, METH_VARARGS,
     PyDoc_STR("put_weights(vertex, group, weight, adds, weight_at, base, stride, count, array_at, "
               "count_at, size, group_at, /)\n--\n\nWrites (or adds) each weight where its "
               "assignment is; gives how many are not there.")},
    {nullptr, nullptr, 0, nullptr},
};

} // namespace

int register_weights(PyObject* module) { return PyModule_AddFunctions(module, functions); }

} // namespace rnaslicer::runtime
