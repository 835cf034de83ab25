// runtime/calls/geometry.cpp: looks at geometry where the session knows how, else through bpy.
#include "runtime/calls/geometry.hpp"

#include "runtime/blender/names.hpp"
#include "runtime/memory/range.hpp"

#include <algorithm>
#include <span>

namespace rnaslicer::runtime {

namespace {

/// int32s that bpy gives of all elements of a collection.
class Numbers {
 public:
  Numbers(PyObject* collection, PyObject* name, Py_ssize_t count) {
    const Ref module = checked(PyImport_ImportModule("array"));
    const Ref type = checked(PyObject_GetAttrString(module.get(), "array"));
    const Ref zeros = checked(PyBytes_FromStringAndSize(
        std::string(static_cast<std::size_t>(count) * sizeof(std::int32_t), '\0').data(),
        count * static_cast<Py_ssize_t>(sizeof(std::int32_t))));
    const Ref numbers = checked(PyObject_CallFunction(type.get(), "sO", "i", zeros.get()));
    checked(
        PyObject_CallMethodObjArgs(collection, names().foreach_get, name, numbers.get(), nullptr));
    if (!buffer_.acquire(numbers.get(), PyBUF_SIMPLE))
      throw PythonError();
  }
  [[nodiscard]] std::span<const std::int32_t> all() const {
    return {static_cast<const std::int32_t*>(buffer_->buf),
            static_cast<std::size_t>(buffer_->len) / sizeof(std::int32_t)};
  }
  [[nodiscard]] bool lie_below(Py_ssize_t bound) const {
    const auto [low, high] = range_of_indices(all());
    return all().empty() || (low >= 0 && high < bound);
  }

 private:
  Buffer buffer_;
};

/// A collection of the owner, and its length.
struct Part {
  Part(PyObject* owner, PyObject* name) : elements(asked(owner, name)) {
    count = PyObject_Size(elements.get());
    if (count < 0)
      throw PythonError();
  }
  Ref elements;
  Py_ssize_t count = 0;
};

/// Bpy gives the numbers one by one: of more than these Python learns where they lie in memory.
constexpr Py_ssize_t small = 2000;

/// Whether polygons divide the corners among them, one after the other: else Python looks, too.
bool are_borders_right(const Part& polygons, const Part& corners) {
  const Numbers starts(polygons.elements.get(), interned("loop_start").get(), polygons.count);
  const Numbers totals(polygons.elements.get(), interned("loop_total").get(), polygons.count);
  std::int64_t next = 0;
  for (std::size_t i = 0; i < starts.all().size(); ++i) {
    if (starts.all()[i] != next || totals.all()[i] < 2) // whole.py: LEAST
      return false;
    next += totals.all()[i];
  }
  return next == corners.count;
}

/// Whether a small mesh is seen to be whole through bpy (whole.py: borders_fault, surface_fault,
/// fault).
bool is_seen(PyObject* mesh, Need need) {
  const Part polygons(mesh, names().polygons);
  const Part corners(mesh, names().loops);
  const Part edges(mesh, names().edges);
  const Part vertices(mesh, names().vertices);
  if (polygons.count + corners.count + edges.count > small)
    return false;
  if (polygons.count == 0 && corners.count != 0) // not yet; need borders: nothing to look up
    return need == Need::borders;
  if (polygons.count > 0 && !are_borders_right(polygons, corners))
    return false;
  if (need == Need::borders)
    return true;
  const Ref vertex = interned("vertex_index");
  if (polygons.count > 0 && corners.count > 0 &&
      !Numbers(corners.elements.get(), vertex.get(), corners.count).lie_below(vertices.count))
    return false;
  if (need == Need::surface)
    return true;
  if (polygons.count > 0 &&
      (edges.count == 0 ||
       !Numbers(corners.elements.get(), interned("edge_index").get(), corners.count)
            .lie_below(edges.count)))
    return false;
  return edges.count == 0 ||
         Numbers(edges.elements.get(), names().vertices, 2 * edges.count).lie_below(vertices.count);
}

/// The same of hair curves, whose offsets divide their points.
bool is_divided(PyObject* curves) {
  const Part offsets(curves, names().curve_offset_data);
  const Part points(curves, names().points);
  if (offsets.count > small)
    return false;
  if (offsets.count <= 1)
    return true;
  const Numbers numbers(offsets.elements.get(), interned("value").get(), offsets.count);
  const auto starts = numbers.all();
  return starts.front() == 0 && starts.back() == points.count && std::ranges::is_sorted(starts);
}

} // namespace

std::vector<std::int32_t> all_of(PyObject* collection, PyObject* name, Py_ssize_t count) {
  const Numbers numbers(collection, name, count);
  return {numbers.all().begin(), numbers.all().end()};
}

std::optional<Need> need_of(const Call& call, const Kind& kind, PyObject* element,
                            bool is_readonly) {
  const bool is_polygon = PyUnicode_CompareWithASCIIString(element, "MeshPolygon") == 0;
  const bool is_corners = PyUnicode_CompareWithASCIIString(call.name, "vertices") == 0;
  const Ref mesh = interned("Mesh");
  const bool is_part = PyUnicode_Tailmatch(element, mesh.get(), 0, 4, -1) > 0 &&
                       PyUnicode_Compare(element, mesh.get()) != 0;
  if (!contains(table(call, "derived"), element) && !(is_polygon && is_corners) &&
      !(is_part && is_readonly && !contains(table(call, "stored"), call.name)))
    return std::nullopt;
  if ((kind.owner && is_named(kind.owner.get(), "Curves")) ||
      contains(table(call, "of_edges"), element) ||
      (kind.member && PyUnicode_CompareWithASCIIString(kind.member.get(), "corner_normals") == 0))
    return Need::edges;
  return is_polygon && is_corners ? Need::borders : Need::surface;
}

namespace {

/// Whether a look of the session's says so; nothing where there is none that can tell.
std::optional<bool> looked(const Call& call, PyObject* owner, const char* how) {
  PyObject* const looks = table(call, "looks");
  const Ref look =
      Ref::borrow(PyDict_GetItemString(looks, is_named(owner, "Mesh") ? "Mesh" : "Curves"));
  if (!look)
    return std::nullopt;
  const Ref seen =
      checked(PyObject_CallMethodObjArgs(look.get(), interned(how).get(), owner, nullptr));
  return seen.get() == Py_True;
}

/// Python's answer.
bool python_says(const Call& call, PyObject* owner, long need) {
  const Ref number = checked(PyLong_FromLong(need));
  const Ref answer = checked(
      PyObject_CallFunctionObjArgs(table(call, "computable"), owner, number.get(), nullptr));
  return answer.get() == Py_True;
}

} // namespace

bool is_computable(const Call& call, PyObject* owner, Need need) {
  const bool is_mesh = is_named(owner, "Mesh");
  if (!is_mesh && !is_named(owner, "Curves"))
    return true;
  const auto seen = looked(call, owner, need == Need::edges ? "whole" : "surface");
  return seen == true || (!seen && (is_mesh ? is_seen(owner, need) : is_divided(owner))) ||
         python_says(call, owner, static_cast<long>(need));
}

bool is_still_whole(const Call& call, PyObject* mesh) {
  constexpr long written = 3; // whole.py: fault_of_written
  const auto seen = looked(call, mesh, "still_whole");
  return seen == true || (!seen && is_seen(mesh, Need::edges)) || python_says(call, mesh, written);
}

} // namespace rnaslicer::runtime
