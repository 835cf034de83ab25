// runtime/transfer/kernel_arguments.hpp: checks the arguments of Kernel.refresh and Kernel.update.
//
// After parse() nothing that the kernel does can leave the cache, a source or target that is a
// buffer, or the tables. Source and target given as an address are trusted (the target with its
// count), and so are the entries of a pointer table.
#pragma once

#include "jit/transfer.hpp"
#include "runtime/pyref.hpp"

#include <array>
#include <memory>
#include <vector>

namespace rnaslicer::runtime {

/// One call's arguments. Holds the buffers it reads until it goes.
class KernelArguments {
 public:
  /// Raises (as PythonError) TypeError, ValueError, BufferError or RegionError, naming the
  /// argument.
  void parse(const jit::Plan& plan, jit::Direction direction, PyObject* const* args,
             Py_ssize_t nargs, PyObject* kwnames);

  /// Bases, extents and tables of the whole plan; spans point into this object.
  [[nodiscard]] const jit::Transfer& transfer() const { return transfer_; }
  /// One span per axis if a region was given, else empty.
  [[nodiscard]] const std::vector<jit::Span>& region() const { return region_; }
  [[nodiscard]] bool has_region() const { return has_region_; }
  /// Items that this call moves.
  [[nodiscard]] std::int64_t items() const { return items_; }

 private:
  void parse_extents(const jit::Plan& plan, PyObject* extents);
  void parse_tables(const jit::Plan& plan, PyObject* tables);
  void parse_lookups(const jit::Plan& plan, PyObject* lookups);
  void parse_target(const jit::Plan& plan, jit::Direction direction, PyObject* target);
  void parse_matrix(const jit::Plan& plan, PyObject* matrix);
  void parse_cache(const jit::Plan& plan, jit::Direction direction, PyObject* cache,
                   std::int64_t offset);
  void parse_source(const jit::Plan& plan, jit::Direction direction, PyObject* source,
                    std::int64_t offset);
  void parse_region(const jit::Plan& plan, PyObject* region);

  jit::Transfer transfer_;
  std::array<std::int64_t, jit::max_loops> extents_;
  std::array<jit::Table, jit::max_loops> tables_;
  std::unique_ptr<Buffer[]> table_buffers_; // most plans have none
  Buffer source_buffer_;
  Buffer cache_buffer_;
  Buffer target_buffer_;
  Buffer matrix_buffer_;
  Ref lookups_;
  std::array<const jit::Lookup*, jit::max_lookups> lookup_tables_;
  std::vector<jit::Span> region_;
  std::int64_t items_ = 0;
  bool has_region_ = false;
};

} // namespace rnaslicer::runtime
