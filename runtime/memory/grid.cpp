// runtime/memory/grid.cpp: loops over N-d strided memory.
#include "runtime/memory/grid.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <functional>

namespace rnaslicer::runtime {
namespace {

bool is_row_packed(const Grid& grid) {
  return grid.suboffsets == nullptr && grid.strides[0] == grid.itemsize;
}

/// A line of items that touches more than the nearest caches hold asks for each item's place some
/// time before: stores that leave gaps wait for what lies between. A quarter to a half less time
/// for what lies in memory, as much for what is in a cache.
constexpr Py_ssize_t asks_from = Py_ssize_t{2} << 20;
constexpr Py_ssize_t cache_line = 64;
constexpr Py_ssize_t narrow = 24; // below, a cache line has too many items to ask for each

/// Bytes to ask ahead; where lines are left out, whole steps, that those between are not asked for.
Py_ssize_t ahead_along(Py_ssize_t stride) {
  constexpr Py_ssize_t bytes = 4096;
  constexpr Py_ssize_t steps = 32; // as much where they are long
  if (std::abs(stride) <= cache_line)
    return stride < 0 ? -bytes : bytes;
  return stride * std::max(steps, bytes / std::abs(stride));
}

/// Item by item along the only axis, with the size known to the compiler.
template <std::size_t size>
void copy_items(char* to, Py_ssize_t to_stride, const char* from, Py_ssize_t from_stride,
                Py_ssize_t count) {
  const auto each = [&](auto ask) {
    for (Py_ssize_t i = 0; i < count; ++i, to += to_stride, from += from_stride) {
      ask();
      std::memcpy(to, from, size);
    }
  };
  constexpr Py_ssize_t least = std::max(narrow, static_cast<Py_ssize_t>(size) + 1);
  const auto touches_much = [&](Py_ssize_t stride) {
    const Py_ssize_t step = std::abs(stride);
    return step >= least && count >= asks_from / std::min(step, cache_line);
  };
  // Of fewer, strides may be any numbers.
  const bool many = count >= asks_from / cache_line;
  const Py_ssize_t to_ahead = many && touches_much(to_stride) ? ahead_along(to_stride) : 0;
  // Lines far apart are read as fast without.
  const Py_ssize_t from_ahead =
      many && std::abs(from_stride) <= cache_line && touches_much(from_stride)
          ? ahead_along(from_stride)
          : 0;
  if (to_ahead != 0 && from_ahead != 0)
    each([&] {
      __builtin_prefetch(to + to_ahead, 1);
      __builtin_prefetch(from + from_ahead);
    });
  else if (to_ahead != 0)
    each([&] { __builtin_prefetch(to + to_ahead, 1); });
  else if (from_ahead != 0)
    each([&] { __builtin_prefetch(from + from_ahead); });
  else
    each([] {});
}

void copy_line(const Grid& to, const Grid& from) {
  const Py_ssize_t count = to.shape[0];
  const auto itemsize = static_cast<std::size_t>(to.itemsize);
  if (is_row_packed(to) && is_row_packed(from)) {
    std::memcpy(to.data, from.data, static_cast<std::size_t>(count) * itemsize);
    return;
  }
  if (to.suboffsets != nullptr || from.suboffsets != nullptr) {
    for (Py_ssize_t i = 0; i < count; ++i)
      std::memcpy(to.row(i).data, from.row(i).data, itemsize);
    return;
  }
  const Py_ssize_t ts = to.strides[0];
  const Py_ssize_t fs = from.strides[0];
  switch (itemsize) {
  case 1:
    copy_items<1>(to.data, ts, from.data, fs, count);
    break;
  case 2:
    copy_items<2>(to.data, ts, from.data, fs, count);
    break;
  case 4:
    copy_items<4>(to.data, ts, from.data, fs, count);
    break;
  case 8:
    copy_items<8>(to.data, ts, from.data, fs, count);
    break;
  case 12: // three floats, which fold() makes of a vector
    copy_items<12>(to.data, ts, from.data, fs, count);
    break;
  case 16:
    copy_items<16>(to.data, ts, from.data, fs, count);
    break;
  default:
    for (Py_ssize_t i = 0; i < count; ++i)
      std::memcpy(to.data + i * ts, from.data + i * fs, itemsize);
  }
}

/// Makes one large item of the last axes that are packed in both: one copy for each, not one for
/// each row.
void fold(Grid& to, Grid& from) {
  if (to.suboffsets != nullptr || from.suboffsets != nullptr)
    return;
  for (int last = to.ndim - 1; last > 0; --last) {
    const Py_ssize_t count = to.shape[last];
    if (count > 1 && (to.strides[last] != to.itemsize || from.strides[last] != from.itemsize))
      return;
    to.ndim = from.ndim = last;
    to.itemsize = from.itemsize = to.itemsize * count;
  }
}

/// A grid without suboffsets, its last axis first.
struct Turned {
  std::array<Py_ssize_t, max_ndim> shape{};
  std::array<Py_ssize_t, max_ndim> strides{};

  Grid of(const Grid& grid) {
    std::rotate_copy(grid.shape, grid.shape + grid.ndim - 1, grid.shape + grid.ndim, shape.begin());
    std::rotate_copy(grid.strides, grid.strides + grid.ndim - 1, grid.strides + grid.ndim,
                     strides.begin());
    return {grid.data, grid.itemsize, grid.ndim, shape.data(), strides.data(), nullptr};
  }
};

} // namespace

Py_ssize_t Grid::items() const {
  Py_ssize_t count = 1;
  for (int axis = 0; axis < ndim; ++axis)
    count *= shape[axis];
  return count;
}

Grid Grid::row(Py_ssize_t index) const {
  char* at = data + strides[0] * index;
  if (suboffsets != nullptr && suboffsets[0] >= 0)
    at = follow_pointer(at) + suboffsets[0];
  return {at,        itemsize,    ndim - 1,
          shape + 1, strides + 1, suboffsets != nullptr ? suboffsets + 1 : nullptr};
}

bool BufferGrid::set(const Py_buffer& view) {
  if (view.ndim > max_ndim) {
    PyErr_SetString(PyExc_ValueError, "MemCache: number of dimensions must not exceed 64");
    return false;
  }
  format_ = view.format != nullptr ? view.format : "B";
  grid_ = {static_cast<char*>(view.buf),
           view.itemsize,
           view.ndim,
           view.shape,
           view.strides,
           view.suboffsets};
  if (view.shape == nullptr && view.ndim != 0) { // a plain run of bytes
    length_ = view.itemsize > 0 ? view.len / view.itemsize : view.len;
    grid_.ndim = 1;
    grid_.shape = &length_;
    grid_.strides = nullptr;
  }
  if (grid_.strides == nullptr && grid_.ndim > 0) {
    packed_strides(strides_.data(), grid_.shape, grid_.ndim, grid_.itemsize);
    grid_.strides = strides_.data();
  }
  return true;
}

void packed_strides(Py_ssize_t* strides, const Py_ssize_t* shape, int ndim, Py_ssize_t itemsize,
                    bool fortran) {
  Py_ssize_t stride = itemsize;
  for (int i = 0; i < ndim; ++i) {
    const int axis = fortran ? i : ndim - 1 - i;
    strides[axis] = stride;
    stride *= shape[axis];
  }
}

bool same_shape(const Grid& a, const Grid& b) {
  if (a.ndim != b.ndim)
    return false;
  for (int axis = 0; axis < a.ndim; ++axis) {
    if (a.shape[axis] != b.shape[axis])
      return false;
    if (a.shape[axis] == 0)
      return true; // nothing to tell apart further in, as in memoryview
  }
  return true;
}

bool is_packed(const Grid& grid, bool fortran) {
  if (grid.suboffsets != nullptr)
    return false;
  if (grid.ndim == 0)
    return true;
  // memoryview's own rule for one axis, where an empty strided slice is not contiguous.
  if (grid.ndim == 1)
    return grid.shape[0] == 1 || grid.strides[0] == grid.itemsize;
  if (std::find(grid.shape, grid.shape + grid.ndim, 0) != grid.shape + grid.ndim)
    return true;
  Py_ssize_t expected = grid.itemsize;
  for (int i = 0; i < grid.ndim; ++i) {
    const int axis = fortran ? i : grid.ndim - 1 - i;
    if (grid.shape[axis] > 1 && grid.strides[axis] != expected)
      return false;
    expected *= grid.shape[axis];
  }
  return true;
}

Span span_of(const Grid& grid) {
  const char* first = grid.data;
  const char* last = grid.data + grid.itemsize;
  for (int axis = 0; axis < grid.ndim; ++axis) {
    if (grid.shape[axis] == 0)
      return {grid.data, grid.data};
    const Py_ssize_t reach = (grid.shape[axis] - 1) * grid.strides[axis];
    (reach < 0 ? first : last) += reach;
  }
  return {first, last};
}

void copy_apart(const Grid& whole_to, const Grid& whole_from) {
  Grid to = whole_to;
  Grid from = whole_from;
  fold(to, from);
  if (to.ndim == 0) {
    std::memcpy(to.data, from.data, static_cast<std::size_t>(to.itemsize));
    return;
  }
  if (to.ndim == 1) {
    copy_line(to, from);
    return;
  }
  // A short last axis, as of a transpose, would make a loop of its few items for each row.
  const int last = to.ndim - 1;
  if (to.suboffsets == nullptr && from.suboffsets == nullptr && to.shape[last] < to.shape[0] &&
      (to.strides[last] != to.itemsize || from.strides[last] != to.itemsize)) {
    Turned to_turned;
    Turned from_turned;
    const Grid a = to_turned.of(to);
    const Grid b = from_turned.of(from);
    for (Py_ssize_t i = 0; i < a.shape[0]; ++i)
      copy_apart(a.row(i), b.row(i));
    return;
  }
  for (Py_ssize_t i = 0; i < to.shape[0]; ++i)
    copy_apart(to.row(i), from.row(i));
}

bool copy_grid(const Grid& to, const Grid& from) {
  const Py_ssize_t items = to.items();
  if (items == 0)
    return true;
  bool overlapping = true; // what pointers lead to is not known
  if (to.suboffsets == nullptr && from.suboffsets == nullptr) {
    const Span a = span_of(to);
    const Span b = span_of(from);
    const std::less<> before;
    overlapping = before(a.first, b.last) && before(b.first, a.last);
  }
  if (!overlapping) {
    copy_apart(to, from);
    return true;
  }
  const Scratch scratch(items * to.itemsize);
  if (!scratch)
    return false;
  pack_grid(scratch.get(), from);
  std::array<Py_ssize_t, max_ndim> strides{};
  packed_strides(strides.data(), to.shape, to.ndim, to.itemsize);
  copy_apart(to, {scratch.get(), to.itemsize, to.ndim, to.shape, strides.data(), nullptr});
  return true;
}

void pack_grid(char* out, const Grid& from, bool fortran) {
  if (from.items() == 0)
    return;
  std::array<Py_ssize_t, max_ndim> strides{};
  packed_strides(strides.data(), from.shape, from.ndim, from.itemsize, fortran);
  copy_apart({out, from.itemsize, from.ndim, from.shape, strides.data(), nullptr}, from);
}

void fill_grid(const Grid& to, const char* item) {
  if (to.ndim == 0) {
    std::memcpy(to.data, item, static_cast<std::size_t>(to.itemsize));
    return;
  }
  if (to.items() == 0)
    return;
  if (is_packed(to, false)) {
    // What is written already is copied behind itself, twice as much each time.
    const auto nbytes = static_cast<std::size_t>(to.items() * to.itemsize);
    auto done = static_cast<std::size_t>(to.itemsize);
    std::memcpy(to.data, item, done);
    for (std::size_t chunk = 0; done < nbytes; done += chunk) {
      chunk = std::min({done, nbytes - done, std::size_t{1} << 16});
      std::memcpy(to.data + done, to.data, chunk);
    }
    return;
  }
  if (to.ndim == 1 && to.suboffsets == nullptr) {
    // A stride of 0 reads the one item again and again.
    const Py_ssize_t still = 0;
    copy_line(to, {const_cast<char*>(item), to.itemsize, 1, to.shape, &still, nullptr});
    return;
  }
  for (Py_ssize_t i = 0; i < to.shape[0]; ++i)
    fill_grid(to.row(i), item);
}

} // namespace rnaslicer::runtime
