// runtime/memory/grid.hpp: N-d strided memory: walking, copying, contiguity. Sizes and strides in
// bytes.
#pragma once

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <array>
#include <cstring>
#include <memory>

namespace rnaslicer::runtime {

inline constexpr int max_ndim = 64; // PyBUF_MAX_NDIM

/// Strided memory that somebody else keeps alive. `suboffsets` is null unless the exporter needs
/// pointers followed (PIL style): then each entry >= 0 means "follow, then add".
struct Grid {
  char* data = nullptr;
  Py_ssize_t itemsize = 1;
  int ndim = 0;
  const Py_ssize_t* shape = nullptr;
  const Py_ssize_t* strides = nullptr;
  const Py_ssize_t* suboffsets = nullptr;

  /// Items in all axes together.
  [[nodiscard]] Py_ssize_t items() const;
  /// The sub-grid at step `index` of the first axis (ndim >= 1).
  [[nodiscard]] Grid row(Py_ssize_t index) const;
};

/// The address that lies at an address (not aligned).
inline char* follow_pointer(const char* at) {
  char* target = nullptr;
  std::memcpy(&target, at, sizeof target);
  return target;
}

/// The grid of an exporter's buffer, also where it left out format, shape or strides.
class BufferGrid {
 public:
  /// `view` must outlive this. ValueError (false) if it has more than 64 dimensions.
  bool set(const Py_buffer& view);
  [[nodiscard]] const Grid& grid() const { return grid_; }
  [[nodiscard]] const char* format() const { return format_; }

 private:
  Grid grid_;
  const char* format_ = "B";
  Py_ssize_t length_ = 0;
  std::array<Py_ssize_t, max_ndim> strides_{};
};

/// Strides of a packed array, last axis fastest (C) or first (Fortran).
void packed_strides(Py_ssize_t* strides, const Py_ssize_t* shape, int ndim, Py_ssize_t itemsize,
                    bool fortran = false);

bool same_shape(const Grid& a, const Grid& b);

/// Whether the items lie packed in C or Fortran order, judged as memoryview judges.
bool is_packed(const Grid& grid, bool fortran);

/// Address range [first, last) that the items occupy; empty for no items. No suboffsets.
struct Span {
  const char* first = nullptr;
  const char* last = nullptr;
};
Span span_of(const Grid& grid);

/// Copies items as bytes between grids of one shape and item size that do not overlap.
void copy_apart(const Grid& to, const Grid& from);

/// The same for any two grids, as if `from` had been copied away first. False: MemoryError.
bool copy_grid(const Grid& to, const Grid& from);

/// All items as packed bytes in C (or Fortran) order to `out`.
void pack_grid(char* out, const Grid& from, bool fortran = false);

/// Writes one item's bytes to every item of the grid.
void fill_grid(const Grid& to, const char* item);

/// Bytes owned for the length of a scope; null data with MemoryError set if there are none.
class Scratch {
 public:
  explicit Scratch(Py_ssize_t nbytes)
      : data_(static_cast<char*>(PyMem_Malloc(static_cast<size_t>(nbytes > 0 ? nbytes : 1)))) {
    if (!data_)
      PyErr_NoMemory();
  }
  [[nodiscard]] char* get() const { return data_.get(); }
  explicit operator bool() const { return static_cast<bool>(data_); }

 private:
  struct Free {
    void operator()(char* data) const { PyMem_Free(data); }
  };
  std::unique_ptr<char, Free> data_;
};

} // namespace rnaslicer::runtime
