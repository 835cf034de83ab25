// runtime/trail/whole.cpp: whether geometry is whole.
#include "runtime/trail/whole.hpp"

#include "runtime/blender/bpy.hpp"
#include "runtime/blender/names.hpp"
#include "runtime/memory/range.hpp"
#include "runtime/trail/layers.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <string>

namespace rnaslicer::runtime {

namespace {

std::int32_t int_at(const char* place) {
  std::int32_t value = 0;
  std::memcpy(&value, place, sizeof value);
  return value;
}

/// Some of the starts of `count` polygons: memory that was freed is given to the next mesh of that
/// size, so that lengths and address may be those of before.
void append_starts(std::string& now, const Whole& whole, std::uint64_t base, std::int64_t count) {
  constexpr std::int64_t most = 64;
  const std::int64_t picked = std::min(count, most);
  const auto* const first =
      reinterpret_cast<const char*>(base); // NOLINT(performance-no-int-to-ptr)
  for (std::int64_t i = 0; i < picked; ++i) {
    const std::int64_t at = picked == 1 ? 0 : i * (count - 1) / (picked - 1);
    now.append(first + at * whole.stride + whole.start_at, sizeof(std::int32_t));
  }
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

/// The address that a pointer in the mesh leads to, or of the first of a collection's structs if
/// they lie in a row.
const char* numbers_of(const Surface& how, PyObject* mesh, std::int64_t pointer_at,
                       PyObject* collection, std::int64_t count, std::int64_t stride) {
  std::uint64_t base = 0;
  if (pointer_at >= 0) {
    const auto address = address_of(mesh);
    if (address)
      std::memcpy(&base, bytes_at(*address, pointer_at, sizeof base).data(), sizeof base);
  } else {
    const auto first = element_at(collection, 0);
    const auto last = first ? element_at(collection, count - 1) : std::nullopt;
    if (last && last->address - first->address == static_cast<std::uint64_t>((count - 1) * stride))
      base = first->address;
  }
  PyErr_Clear();
  if (!both_ends_are_memory(how.seen, base, base, count * stride))
    return nullptr;
  return reinterpret_cast<const char*>(base); // NOLINT(performance-no-int-to-ptr)
}

/// Whether polygons divide the corners among them.
bool divide(const Surface& how, const char* numbers, std::int64_t count, std::int64_t corners) {
  if (how.total_at < 0 && how.stride == sizeof(std::int32_t)) { // starts in a row
    const std::span starts(reinterpret_cast<const std::int32_t*>(numbers + how.start_at),
                           static_cast<std::size_t>(count));
    return starts.front() == 0 && starts.back() < corners && ascends(starts);
  }
  for (std::int64_t i = 0; i < count; ++i) {
    const char* const at = numbers + i * how.stride;
    const std::int64_t start = int_at(at + how.start_at);
    const bool is_last = i + 1 == count;
    const std::int64_t stop = how.total_at >= 0 ? start + int_at(at + how.total_at)
                              : is_last         ? corners
                                                : int_at(at + how.stride + how.start_at);
    if (start < 0 || stop <= start || stop > corners || (how.total_at < 0 && i == 0 && start != 0))
      return false;
  }
  return true;
}

/// Whether all corners have vertices.
bool lead_to_vertices(const Surface& how, const char* numbers, std::int64_t corners,
                      std::int64_t vertices) {
  if (how.corner_stride == sizeof(std::int32_t)) {
    const auto [low, high] =
        range_of_indices({reinterpret_cast<const std::int32_t*>(numbers + how.vertex_at),
                          static_cast<std::size_t>(corners)});
    return low >= 0 && high < vertices;
  }
  for (std::int64_t i = 0; i < corners; ++i) {
    const std::int32_t vertex = int_at(numbers + i * how.corner_stride + how.vertex_at);
    if (vertex < 0 || vertex >= vertices)
      return false;
  }
  return true;
}

/// How many a mesh has of something; negative, without an error, where it does not tell.
std::int64_t count_in(PyObject* mesh, PyObject* name, Ref& collection) {
  collection = attr(mesh, name);
  const Py_ssize_t count = collection ? PyObject_Size(collection.get()) : -1;
  PyErr_Clear();
  return count;
}

/// Whether a mesh's polygons and their corners are seen to lead somewhere (`surface_fault`); false
/// where Python has to look, too.
bool has_surface(const Surface& how, PyObject* mesh) {
  Ref polygons;
  Ref loops;
  Ref vertices;
  const std::int64_t count = count_in(mesh, names().polygons, polygons);
  const std::int64_t corners = count_in(mesh, names().loops, loops);
  const std::int64_t most = count_in(mesh, names().vertices, vertices);
  if (count <= 0 || corners <= 0 || most <= 0)
    return count == 0 && corners == 0 && most >= 0;
  const char* const borders =
      numbers_of(how, mesh, how.borders_at, polygons.get(), count, how.stride);
  if (borders == nullptr || !divide(how, borders, count, corners))
    return false;
  const char* numbers = nullptr;
  if (how.corners) {
    const auto found = untouched_layer(*how.corners, mesh, static_cast<Py_ssize_t>(corners));
    numbers = found ? reinterpret_cast<const char*>(found->base) : nullptr;
  } else {
    numbers = numbers_of(how, mesh, -1, loops.get(), corners, how.corner_stride);
  }
  return numbers != nullptr && lead_to_vertices(how, numbers, corners, most);
}

} // namespace

bool is_whole(const Trail& trail, PyObject* id) {
  if (!trail.whole)
    return true;
  const Whole& whole = *trail.whole;
  std::string now = Py_TYPE(id) == whole.of ? stamp_of(whole, id) : std::string();
  if (!now.empty() && whole.seen.contains(now))
    return true;
  const Ref answer = checked(PyObject_CallFunctionObjArgs(whole.ask.get(), id, nullptr));
  if (answer.get() != Py_True)
    return false;
  constexpr std::size_t most = 4096;
  if (whole.seen.size() >= most)
    whole.seen.clear();
  if (!now.empty())
    whole.seen.insert(std::move(now));
  return true;
}

bool may_derive(const Trail& trail, PyObject* id) {
  if (!trail.derivable || id == nullptr)
    return id != nullptr || (PyErr_Clear(), false);
  if (trail.surface && has_surface(*trail.surface, id))
    return true;
  const Ref answer = Ref::steal(PyObject_CallFunctionObjArgs(trail.derivable.get(), id, nullptr));
  PyErr_Clear();
  return answer.get() == Py_True;
}

} // namespace rnaslicer::runtime
