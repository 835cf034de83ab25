// runtime/trail/drawings.cpp: the borders between a drawing's curves.
#include "runtime/trail/drawings.hpp"

#include "runtime/blender/bpy.hpp"
#include "runtime/blender/names.hpp"
#include "runtime/blender/probe.hpp"
#include "runtime/trail/whole.hpp"

#include <array>
#include <cstring>
#include <span>

namespace rnaslicer::runtime {

namespace {

/// How many points a drawing has; -1, perhaps with an error, where it does not tell.
Py_ssize_t points_of(PyObject* drawing) {
  const Ref attributes = attr(drawing, names().attributes);
  const Ref position =
      attributes ? Ref::steal(PyObject_GetItem(attributes.get(), names().position)) : Ref();
  const Ref data = position ? attr(position.get(), names().data) : Ref();
  return data ? PyObject_Size(data.get()) : -1;
}

/// Whether both ends of an array can be read. Asked through the kernel, so not again where the last
/// answer was about the same array.
bool are_memory(const Divided& how, std::uint64_t drawing, std::uint64_t base, std::int64_t size) {
  constexpr std::size_t most = 1U << 16U;
  const std::pair array{base, size};
  if (const auto known = how.seen.find(drawing); known != how.seen.end() && known->second == array)
    return true;
  std::array<std::byte, 2> ends{};
  const std::uint64_t last = base + static_cast<std::uint64_t>(size) - 1;
  if (base == 0 || last < base ||
      !read_pair({base, std::span(ends).first(1)}, {last, std::span(ends).last(1)}))
    return false;
  if (how.seen.size() >= most)
    how.seen.clear();
  how.seen[drawing] = array;
  return true;
}

/// Whether each curve begins where the one before ends, the first at 0, and the last ends at `end`.
bool divide(const std::byte* borders, std::int64_t curves, std::int64_t end) {
  std::int32_t before = 0;
  for (std::int64_t i = 0; i <= curves; ++i) {
    std::int32_t border = 0;
    std::memcpy(&border, borders + i * static_cast<std::int64_t>(sizeof border), sizeof border);
    if (border < before || (i == 0 && border != 0))
      return false;
    before = border;
  }
  return before == end;
}

} // namespace

bool is_divided(const Trail& trail, const Reached& reached) {
  if (!trail.divided)
    return true;
  const Divided& how = *trail.divided;
  PyObject* const drawing = reached.drawing.get();
  const Ref offsets = drawing != nullptr ? attr(drawing, names().curve_offsets) : Ref();
  const Py_ssize_t curves = offsets ? PyObject_Size(offsets.get()) - 1 : -2;
  const Py_ssize_t points = curves > 0 && !how.points ? points_of(drawing) : reached.length;
  const auto address = curves > 0 && points >= 0 ? address_of(drawing) : std::nullopt;
  PyErr_Clear();
  if (curves == 0 || curves == -1)
    return true;
  if (!address)
    return false;
  std::uint64_t base = 0;
  std::memcpy(&base, bytes_at(*address, how.borders_at, sizeof base).data(), sizeof base);
  const std::int64_t size = (curves + 1) * static_cast<std::int64_t>(sizeof(std::int32_t));
  return are_memory(how, *address, base, size) && divide(pointer(base), curves, points);
}

} // namespace rnaslicer::runtime
