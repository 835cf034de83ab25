// runtime/trail/whole.cpp: whether geometry is whole.
#include "runtime/trail/whole.hpp"

#include "runtime/blender/bpy.hpp"
#include "runtime/blender/names.hpp"
#include "runtime/memory/range.hpp"
#include "runtime/trail/kept.hpp"
#include "runtime/trail/layers.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <string>

namespace rnaslicer::runtime {

namespace {

WholeCount counts;

std::int32_t int_at(const char* place) {
  std::int32_t value = 0;
  std::memcpy(&value, place, sizeof value);
  return value;
}

/// Some of the starts of `count` polygons: memory that was freed is given to the next mesh of that
/// size, so that lengths and address may be those of before.
void append_starts(std::string& now, const Whole& whole, std::uint64_t base, std::int64_t count) {
  constexpr std::int64_t most = 64;
  constexpr int bits = 32; // of a fraction: to divide for each takes longer than all else
  const std::int64_t picked = std::min(count, most);
  const std::int64_t gaps = std::max<std::int64_t>(picked - 1, 1);
  const std::int64_t step = (((count - 1) << bits) + gaps - 1) / gaps; // the last is the last
  const auto* const first =
      reinterpret_cast<const char*>(base); // NOLINT(performance-no-int-to-ptr)
  std::array<std::int32_t, most> starts{};
  for (std::int64_t i = 0; i < picked; ++i)
    starts[static_cast<std::size_t>(i)] =
        int_at(first + ((i * step) >> bits) * whole.stride + whole.start_at);
  now.append(reinterpret_cast<const char*>(starts.data()),
             static_cast<std::size_t>(picked) * sizeof(std::int32_t));
}

/// What changes when a mesh is made anew; empty where nothing tells.
std::string stamp_of(const Whole& whole, PyObject* id) {
  const auto address = whole.stamp.empty() ? std::nullopt : address_of(id);
  if (!address)
    return PyErr_Clear(), std::string();
  std::string now(bytes_at(*address, whole.uid_at, sizeof(std::uint32_t)));
  for (std::size_t i = 0; i < whole.stamp.size(); i += 2)
    now.append(bytes_at(*address, whole.stamp[i], whole.stamp[i + 1]));
  const std::int64_t polygons_told =
      whole.count_at < 0 ? 0
                         : int_at(bytes_at(*address, whole.count_at, sizeof(std::int32_t)).data());
  if (whole.pointer_at >= 0 && polygons_told > 0) {
    std::uint64_t base = 0;
    std::memcpy(&base, bytes_at(*address, whole.pointer_at, sizeof base).data(), sizeof base);
    if (base != 0)
      append_starts(now, whole, base, polygons_told);
  }
  if (!whole.borders)
    return now;
  const Ref polygons = attr(id, names().polygons);
  const Py_ssize_t count = polygons ? PyObject_Size(polygons.get()) : -1;
  const auto first = count > 0 ? element_at(polygons.get(), 0) : std::nullopt;
  if (count < 0 || (count > 0 && !first))
    return PyErr_Clear(), std::string();
  const std::uint64_t borders = first ? first->address : 0;
  now.append(reinterpret_cast<const char*>(&borders), sizeof borders);
  if (first && count == polygons_told)
    append_starts(now, whole, borders, count);
  return now;
}

/// Elements of a datablock, and how many; negative, without an error, where it does not tell.
struct Elements {
  Ref collection;
  std::int64_t count = -1;

  Elements(PyObject* owner, PyObject* name) : collection(attr(owner, name)) {
    count = collection ? PyObject_Size(collection.get()) : -1;
    PyErr_Clear();
  }
};

const char* as_memory(const Surface& how, std::uint64_t base, std::int64_t bytes) {
  if (!both_ends_are_memory(how.seen, base, base, bytes))
    return nullptr;
  return reinterpret_cast<const char*>(base); // NOLINT(performance-no-int-to-ptr)
}

/// The first of a collection's structs, if they lie in a row.
const char* structs_of(const Surface& how, const Elements& elements, std::int64_t stride) {
  const auto first = element_at(elements.collection.get(), 0);
  const auto last =
      first ? element_at(elements.collection.get(), elements.count - 1) : std::nullopt;
  PyErr_Clear();
  const std::int64_t bytes = elements.count * stride;
  if (!last || last->address - first->address != static_cast<std::uint64_t>(bytes - stride))
    return nullptr;
  return as_memory(how, first->address, bytes);
}

/// What a pointer in the datablock leads to.
const char* borders_of(const Surface& how, PyObject* owner, std::int64_t count) {
  const auto address = address_of(owner);
  PyErr_Clear();
  std::uint64_t base = 0;
  if (address)
    std::memcpy(&base, bytes_at(*address, how.borders_at, sizeof base).data(), sizeof base);
  return as_memory(how, base, count * how.stride);
}

/// Corners of a polygon: Blender makes as many triangles, less two (layout/whole.py).
constexpr std::int32_t least_corners = 2;

/// Whether polygons divide the corners among them.
bool divide(const Surface& how, const char* numbers, std::int64_t count, std::int64_t corners) {
  if (how.total_at < 0 && how.stride == sizeof(std::int32_t)) { // starts in a row
    const std::span starts(reinterpret_cast<const std::int32_t*>(numbers + how.start_at),
                           static_cast<std::size_t>(count));
    return starts.front() == 0 && starts.back() <= corners - least_corners &&
           ascends(starts, least_corners);
  }
  std::int64_t wrong = 0; // below 0 once a polygon is: without a branch for each
  std::int64_t divided = 0;
  if (how.total_at < 0)
    wrong = -std::int64_t{int_at(numbers + how.start_at) != 0};
  for (std::int64_t i = 0; i < count; ++i) {
    const char* const at = numbers + i * how.stride;
    const std::int64_t start = int_at(at + how.start_at);
    const bool is_last = i + 1 == count;
    const std::int64_t stop = how.total_at >= 0 ? start + int_at(at + how.total_at)
                              : is_last         ? corners
                                                : int_at(at + how.stride + how.start_at);
    wrong |= start | (stop - start - least_corners) | (corners - stop);
    divided += stop - start;
  }
  // Blender counts triangles by corners and polygons, and fills those of polygons (whole.py).
  return wrong >= 0 && (how.total_at < 0 || divided == corners);
}

/// The array of a mesh's layer, as it lies: of one that bpy gave before and the mesh still has,
/// nothing else is asked.
std::optional<Located> array_of(const Surface& how, const Indices& to, PyObject* mesh,
                                Py_ssize_t length) {
  constexpr std::size_t kinds = 3; // of indices
  auto* const seen = how.keeps ? kept_of(*how.keeps, kinds, mesh) : nullptr;
  auto* const layer = seen == nullptr ? nullptr : &seen->at(to.number);
  if (layer != nullptr)
    if (const auto told = layer->told(how.keeps.get(), mesh, length))
      return is_true(mesh, names().is_editmode) ? std::nullopt : told; // then that is a stale copy
  Ref attribute;
  auto found = untouched_layer(*to.layer, mesh, length, &attribute);
  if (found && layer != nullptr)
    layer->note(how.keeps.get(), *to.layer, mesh, attribute.get(), *found, length);
  return found;
}

/// Whether all indices of the elements are below `most`; false where they are not found.
bool lead(const Surface& how, const Indices& to, PyObject* mesh, const Elements& elements,
          std::int64_t most) {
  if (elements.count <= 0)
    return elements.count == 0;
  if (to.layer) {
    const auto found = array_of(how, to, mesh, static_cast<Py_ssize_t>(elements.count));
    if (!found)
      return false;
    const auto width = to.layer->layer_item / static_cast<std::int64_t>(sizeof(std::int32_t));
    const auto [low, high] = range_of_indices({reinterpret_cast<const std::int32_t*>(found->base),
                                               static_cast<std::size_t>(elements.count * width)});
    return low >= 0 && high < most;
  }
  const char* const numbers = structs_of(how, elements, to.stride);
  constexpr std::int64_t size = sizeof(std::int32_t);
  if (numbers == nullptr || to.stride % size != 0)
    return false;
  const std::int64_t step = to.stride / size;
  return std::ranges::all_of(to.at, [&](std::int64_t at) {
    return largest_of_each({reinterpret_cast<const std::int32_t*>(numbers + at),
                            static_cast<std::size_t>((elements.count - 1) * step + 1)},
                           static_cast<std::size_t>(step)) < most;
  });
}

bool is_for(const Surface& how, PyObject* owner) {
  return Py_TYPE(owner) == how.of && how.generation == trail_generation();
}

/// So many borders of hair curves, if they divide so many points: from 0 on, none ends before it
/// begins.
std::span<const std::int32_t> divided_by(const Surface& how, PyObject* curves, std::int64_t borders,
                                         std::int64_t points) {
  const char* const found = borders > 1 ? borders_of(how, curves, borders) : nullptr;
  if (found == nullptr)
    return {};
  const std::span starts(reinterpret_cast<const std::int32_t*>(found),
                         static_cast<std::size_t>(borders));
  const bool divide =
      starts.front() == 0 && starts.back() == points && std::ranges::is_sorted(starts);
  return divide ? starts : std::span<const std::int32_t>();
}

bool divides_points(const Surface& how, PyObject* curves) {
  const Elements borders(curves, names().curve_offset_data);
  if (borders.count <= 1)
    return borders.count >= 0;
  const Elements points(curves, names().points);
  return points.count >= 0 && !divided_by(how, curves, borders.count, points.count).empty();
}

bool has_surface(const Surface& how, PyObject* mesh, Looked& looked) {
  if (!is_for(how, mesh) || !how.is_mesh)
    return false;
  ++counts.looked;
  const Elements polygons(mesh, names().polygons);
  Elements corners(mesh, names().loops);
  Elements vertices(mesh, names().vertices);
  if (polygons.count <= 0 || corners.count <= 0 || vertices.count <= 0)
    return polygons.count == 0 && corners.count == 0 && vertices.count >= 0;
  const char* const borders = how.borders_at >= 0 ? borders_of(how, mesh, polygons.count)
                                                  : structs_of(how, polygons, how.stride);
  if (borders == nullptr || !divide(how, borders, polygons.count, corners.count))
    return false;
  if (!how.vertices.layer && how.vertices.stride == 0)
    return true; // it was not told where corners say what they lead to: they may lead anywhere
  if (!lead(how, how.vertices, mesh, corners, vertices.count))
    return false;
  looked = {Ref::borrow(mesh), std::move(corners.collection), std::move(vertices.collection),
            corners.count, vertices.count};
  return true;
}

} // namespace

WholeCount whole_count() { return counts; }

std::span<const std::int32_t> borders_of_curves(const Surface& how, PyObject* curves,
                                                std::int64_t points) {
  if (!is_for(how, curves) || how.is_mesh)
    return {};
  return divided_by(how, curves, Elements(curves, names().curve_offset_data).count, points);
}

bool has_surface(const Surface& how, PyObject* mesh) {
  Looked looked;
  return has_surface(how, mesh, looked);
}

bool has_edges(const Surface& how, PyObject* owner) {
  if (!how.is_mesh)
    return is_for(how, owner) && divides_points(how, owner);
  if (!has_surface(how, owner))
    return false;
  const Elements corners(owner, names().loops);
  const Elements edges(owner, names().edges);
  const Elements vertices(owner, names().vertices);
  return lead(how, how.edges, owner, corners, edges.count) &&
         lead(how, how.ends, owner, edges, vertices.count);
}

bool is_whole(const Trail& trail, PyObject* id) {
  return !trail.whole || is_whole(*trail.whole, id);
}

bool is_whole(const Whole& whole, PyObject* id) {
  std::string now = Py_TYPE(id) == whole.of ? stamp_of(whole, id) : std::string();
  if (!now.empty() && whole.seen.contains(now))
    return ++counts.remembered, true;
  if (!whole.look || !has_edges(*whole.look, id)) {
    if (!whole.ask)
      return false;
    const Ref answer = checked(PyObject_CallFunctionObjArgs(whole.ask.get(), id, nullptr));
    if (answer.get() != Py_True)
      return false;
  }
  constexpr std::size_t most = 4096;
  if (whole.seen.size() >= most)
    whole.seen.clear();
  if (!now.empty())
    whole.seen.insert(std::move(now));
  return true;
}

bool may_derive(const Trail& trail, PyObject* id, Looked& looked) {
  if (!trail.derivable || id == nullptr)
    return id != nullptr || (drop_error(), false);
  if (trail.surface &&
      (trail.needs_edges ? has_edges(*trail.surface, id) : has_surface(*trail.surface, id, looked)))
    return true;
  const Ref answer = Ref::steal(PyObject_CallFunctionObjArgs(trail.derivable.get(), id, nullptr));
  drop_error();
  return answer.get() == Py_True;
}

} // namespace rnaslicer::runtime
