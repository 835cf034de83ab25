// runtime/trail/several/padding.cpp: the fill of padded rows.
#include "runtime/trail/several/padding.hpp"

#include "runtime/memcache/memcache.hpp"

#include <algorithm>
#include <cstring>
#include <span>

namespace rnaslicer::runtime {

namespace {

/// One row's bytes, of axes of `shape`, where the spans say so.
void put(std::byte* to, const std::byte* from, std::span<const Py_ssize_t> shape,
         std::span<const jit::Span> spans, std::int64_t bytes) {
  if (spans.empty()) {
    std::memcpy(to, from, static_cast<std::size_t>(bytes));
    return;
  }
  const std::int64_t each = bytes / shape.front();
  for (std::int64_t i = 0; i < spans.front().count; ++i) {
    const std::int64_t at = (spans.front().start + i * spans.front().step) * each;
    put(to + at, from + at, shape.subspan(1), spans.subspan(1), each);
  }
}

} // namespace

void pad(PyObject* cache, const std::vector<Py_ssize_t>& lengths, const std::vector<std::byte>& row,
         const std::vector<jit::Span>& region) {
  const StorageView storage = memcache_storage(cache);
  if (!storage)
    throw PythonError();
  const std::span<const Py_ssize_t> shape(storage.shape, static_cast<std::size_t>(storage.ndim));
  const Py_ssize_t width = shape[1];
  const auto bytes = static_cast<std::int64_t>(row.size());
  if (shape[0] != static_cast<Py_ssize_t>(lengths.size()) ||
      bytes * shape[0] * width != storage.nbytes)
    raise(PyExc_SystemError, "padded rows leave the cache");
  note_write(cache);
  const jit::Span structs = region.empty() ? jit::Span{0, 1, shape[0]} : region[0];
  const jit::Span places = region.empty() ? jit::Span{0, 1, width} : region[1];
  const auto inner = region.empty() ? std::span<const jit::Span>() : std::span(region).subspan(2);
  for (std::int64_t i = 0; i < structs.count; ++i) {
    const std::int64_t at = structs.start + i * structs.step;
    const std::int64_t ahead =
        std::max<std::int64_t>(lengths[static_cast<std::size_t>(at)] - places.start, 0);
    for (std::int64_t k = (ahead + places.step - 1) / places.step; k < places.count; ++k)
      put(storage.data + (at * width + places.start + k * places.step) * bytes, row.data(),
          shape.subspan(2), inner, bytes);
  }
}

} // namespace rnaslicer::runtime
