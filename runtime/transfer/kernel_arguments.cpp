// runtime/transfer/kernel_arguments.cpp: one call's arguments, each checked before anything moves.
#include "runtime/transfer/kernel_arguments.hpp"

#include "runtime/memcache/memcache.hpp"
#include "runtime/memory/item.hpp"
#include "runtime/transfer/lookup_python.hpp"
#include "runtime/transfer/reach.hpp"

#include <cstring>
#include <string_view>

namespace rnaslicer::runtime {

namespace {

/// The arguments in the order of `argument_names`, borrowed; null if not given.
using Named = std::array<PyObject*, 10>;
enum Argument : std::size_t {
  cache_argument,
  source_argument,
  extents_argument,
  offset_argument,
  source_offset_argument,
  region_argument,
  tables_argument,
  lookups_argument,
  target_argument,
  matrix_argument
};

constexpr std::array<const char*, 10> argument_names{
    "cache",  "source", "extents", "offset", "source_offset",
    "region", "tables", "lookups", "target", "matrix"};
constexpr Py_ssize_t positional = 3;

void take_keywords(Named& named, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  const Py_ssize_t count = kwnames != nullptr ? PyTuple_Size(kwnames) : 0;
  for (Py_ssize_t i = 0; i < count; ++i) {
    PyObject* const key = PyTuple_GetItem(kwnames, i);
    std::size_t at = 0;
    while (at < argument_names.size() &&
           PyUnicode_CompareWithASCIIString(key, argument_names[at]) != 0)
      ++at;
    if (at == argument_names.size()) {
      PyErr_Format(PyExc_TypeError,
                   "unknown argument '%U'; there are cache, source, extents, "
                   "offset, source_offset, region, tables, lookups, target and matrix",
                   key);
      throw PythonError();
    }
    if (named[at] != nullptr)
      raise(PyExc_TypeError, std::string("argument '") + argument_names[at] + "' given twice");
    named[at] = args[nargs + i];
  }
}

Named take(PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  Named named{};
  if (nargs > positional)
    raise(PyExc_TypeError,
          "only cache, source and extents are given by position, all others by name");
  for (Py_ssize_t i = 0; i < nargs; ++i)
    named[static_cast<std::size_t>(i)] = args[i];
  take_keywords(named, args, nargs, kwnames);
  for (std::size_t i = 0; i < positional; ++i)
    if (named[i] == nullptr)
      raise(PyExc_TypeError, std::string("argument '") + argument_names[i] + "' is missing");
  return named;
}

bool is_given(PyObject* object) { return object != nullptr && object != Py_None; }

std::int64_t int_of(PyObject* object) {
  const long long value = PyLong_AsLongLong(object);
  if (value == -1 && PyErr_Occurred() != nullptr)
    throw PythonError();
  return value;
}

std::string numbered(const char* what, std::size_t i) {
  return std::string(what) + " " + std::to_string(i + 1);
}

std::string range_text(const Reach& reach) {
  return "bytes " + std::to_string(reach.low) + " to " + std::to_string(reach.high);
}

[[noreturn]] void raise_region(const std::string& message) {
  set_error("RegionError", PyExc_ValueError, message);
  throw PythonError();
}

/// The table of one loop: a contiguous buffer of 64-bit integers, as long as the loop at least.
jit::Table table_of(const jit::Loop& loop, std::int64_t extent, std::size_t at, PyObject* object,
                    Buffer& buffer) {
  if (loop.kind == jit::LoopKind::strided) {
    if (is_given(object))
      raise(PyExc_ValueError, numbered("loop", at) + " is strided and takes no table; give None");
    return {};
  }
  if (!is_given(object))
    raise(PyExc_ValueError, numbered("loop", at) + " needs a table of int64");
  if (!buffer.acquire(object, PyBUF_ND | PyBUF_FORMAT))
    throw PythonError();
  std::string_view format = buffer->format != nullptr ? buffer->format : "B";
  if (format.size() == 2 && std::string_view("@=<").find(format[0]) != std::string_view::npos)
    format.remove_prefix(1);
  const bool wide = buffer->itemsize == 8 && format.size() == 1 &&
                    std::string_view("qlnQLNP").find(format[0]) != std::string_view::npos;
  if (!wide)
    raise(PyExc_ValueError, numbered("table", at) + " must hold 64-bit integers ('q')");
  if (buffer->len / 8 < extent)
    raise(PyExc_BufferError, numbered("table", at) + " has " + std::to_string(buffer->len / 8) +
                                 " entries, its loop takes " + std::to_string(extent) + " steps");
  return {static_cast<const std::int64_t*>(buffer->buf), 1};
}

/// `(start, step, count)` within an axis.
jit::Span span_of(PyObject* object, std::int64_t extent, std::size_t axis) {
  if (!PyTuple_Check(object) || PyTuple_Size(object) != 3)
    raise(PyExc_TypeError, "region, " + numbered("axis", axis) + ": give (start, step, count)");
  jit::Span span{int_of(PyTuple_GetItem(object, 0)), int_of(PyTuple_GetItem(object, 1)),
                 int_of(PyTuple_GetItem(object, 2))};
  const auto refuse = [&](const std::string& reason) {
    raise_region("region, " + numbered("axis", axis) + ": start " + std::to_string(span.start) +
                 ", step " + std::to_string(span.step) + ", count " + std::to_string(span.count) +
                 " " + reason);
  };
  if (span.count < 0)
    refuse("has a negative count");
  if (span.count == 0)
    return {0, 1, 0};
  if (span.count == 1)
    span.step = 1;
  if (span.step == 0)
    refuse("takes one index more than once");
  std::int64_t last = 0;
  const bool overflow = __builtin_mul_overflow(span.count - 1, span.step, &last) ||
                        __builtin_add_overflow(last, span.start, &last);
  if (overflow || span.start < 0 || span.start >= extent || last < 0 || last >= extent)
    refuse("leaves the axis, which has " + std::to_string(extent) +
           (extent == 1 ? " index" : " indices"));
  return span;
}

} // namespace

void KernelArguments::parse(const jit::Plan& plan, jit::Direction direction, PyObject* const* args,
                            Py_ssize_t nargs, PyObject* kwnames) {
  const Named named = take(args, nargs, kwnames);
  if (const std::string refusal = jit::refuse(plan, direction); !refusal.empty())
    raise(PyExc_ValueError, refusal);
  parse_extents(plan, named[extents_argument]);
  parse_tables(plan, named[tables_argument]);
  if (is_given(named[region_argument]))
    parse_region(plan, named[region_argument]);
  parse_lookups(plan, named[lookups_argument]);
  parse_target(plan, direction, named[target_argument]);
  parse_matrix(plan, named[matrix_argument]);
  PyObject* const offset = named[offset_argument];
  const std::int64_t cache_offset = is_given(offset) ? int_of(offset) : 0;
  PyObject* const moved = named[source_offset_argument];
  parse_source(plan, direction, named[source_argument], is_given(moved) ? int_of(moved) : 0);
  // Last, for what comes before may run Python code, and that could release a MemCache.
  parse_cache(plan, direction, named[cache_argument], cache_offset);
}

void KernelArguments::parse_extents(const jit::Plan& plan, PyObject* extents) {
  const std::size_t loops = plan.loops.size();
  if (!PyTuple_Check(extents))
    raise(PyExc_TypeError, "extents must be a tuple of ints, one per loop");
  if (static_cast<std::size_t>(PyTuple_Size(extents)) != loops)
    raise(PyExc_ValueError, "the plan has " + std::to_string(loops) + " loops, extents has " +
                                std::to_string(PyTuple_Size(extents)) + " entries");
  for (std::size_t i = 0; i < loops; ++i) {
    extents_[i] = int_of(PyTuple_GetItem(extents, static_cast<Py_ssize_t>(i)));
    if (extents_[i] < 0)
      raise(PyExc_ValueError,
            numbered("extent", i) + " is negative: " + std::to_string(extents_[i]));
  }
  transfer_.extents = {extents_.data(), loops};
  const auto items = item_count(plan, transfer_.extents);
  if (!items)
    raise(PyExc_ValueError, "the extents' product is beyond 64 bits");
  items_ = *items;
}

void KernelArguments::parse_tables(const jit::Plan& plan, PyObject* tables) {
  const std::size_t loops = plan.loops.size();
  if (!is_given(tables)) {
    for (std::size_t i = 0; i < loops; ++i)
      if (plan.loops[i].kind != jit::LoopKind::strided)
        raise(PyExc_ValueError, numbered("loop", i) + " needs a table; give tables=(…)");
    return;
  }
  if (!PyTuple_Check(tables))
    raise(PyExc_TypeError, "tables must be a tuple with a buffer or None per loop");
  if (static_cast<std::size_t>(PyTuple_Size(tables)) != loops)
    raise(PyExc_ValueError, "the plan has " + std::to_string(loops) + " loops, tables has " +
                                std::to_string(PyTuple_Size(tables)) + " entries");
  table_buffers_ = std::make_unique<Buffer[]>(loops);
  for (std::size_t i = 0; i < loops; ++i)
    tables_[i] = table_of(plan.loops[i], extents_[i], i,
                          PyTuple_GetItem(tables, static_cast<Py_ssize_t>(i)), table_buffers_[i]);
  transfer_.tables = {tables_.data(), loops};
}

void KernelArguments::parse_lookups(const jit::Plan& plan, PyObject* lookups) {
  const std::int32_t needed = jit::lookup_count(plan);
  if (!is_given(lookups)) {
    if (needed != 0)
      raise(PyExc_ValueError,
            "the plan looks values up; give lookups=(…), " + std::to_string(needed) + " of them");
    return;
  }
  if (needed == 0)
    raise(PyExc_ValueError, "the plan looks nothing up; leave lookups away");
  if (PySequence_Check(lookups) == 0)
    raise(PyExc_TypeError, "lookups must be a sequence of Lookup objects");
  lookups_ = checked(PySequence_Tuple(lookups)); // they live as long as this object
  const Py_ssize_t count = PyTuple_Size(lookups_.get());
  if (count < needed)
    raise(PyExc_ValueError, "the plan's lanes name " + std::to_string(needed) +
                                " lookups, there are " + std::to_string(count));
  for (std::int32_t i = 0; i < needed; ++i) {
    const jit::Lookup* const table = lookup_of(PyTuple_GetItem(lookups_.get(), i));
    if (table == nullptr)
      raise(PyExc_TypeError,
            numbered("lookup", static_cast<std::size_t>(i)) + " is no Lookup object");
    lookup_tables_.at(static_cast<std::size_t>(i)) = table;
  }
  transfer_.lookups = {lookup_tables_.data(), static_cast<std::size_t>(needed)};
}

void KernelArguments::parse_target(const jit::Plan& plan, jit::Direction direction,
                                   PyObject* target) {
  const bool needed = plan.target_stride.has_value();
  if (!is_given(target)) {
    if (needed)
      raise(PyExc_ValueError, "the plan goes through an index; give target=(address, count)");
    return;
  }
  if (!needed)
    raise(PyExc_ValueError, "the plan goes through no index; leave target away");
  if (!PyTuple_Check(target) || PyTuple_Size(target) != 2)
    raise(PyExc_TypeError, "target must be (address or buffer, count)");
  PyObject* const place = PyTuple_GetItem(target, 0);
  const std::int64_t count = int_of(PyTuple_GetItem(target, 1));
  if (count < 0)
    raise(PyExc_ValueError, "the target's count is negative: " + std::to_string(count));
  const auto reach = target_reach(plan, count);
  if (!reach)
    raise(PyExc_BufferError, "the plan's reach in the target is beyond 64 bits");
  transfer_.target.count = count;
  if (PyLong_Check(place)) {
    const auto address = PyLong_AsUnsignedLongLong(place);
    if (address == static_cast<unsigned long long>(-1) && PyErr_Occurred() != nullptr)
      throw PythonError();
    if (address == 0 && count != 0)
      raise(PyExc_ValueError, "target is a null address");
    transfer_.target.data =
        reinterpret_cast<std::byte*>(address); // NOLINT(performance-no-int-to-ptr)
    return;
  }
  if (PyObject_CheckBuffer(place) == 0)
    raise(PyExc_TypeError, "target must be (address or buffer, count)");
  if (!target_buffer_.acquire(place,
                              direction == jit::Direction::update ? PyBUF_WRITABLE : PyBUF_SIMPLE))
    throw PythonError();
  if (reach->low < 0 || reach->high > target_buffer_->len)
    raise(PyExc_BufferError, "the plan takes " + range_text(*reach) + " of a target of " +
                                 std::to_string(target_buffer_->len) + " bytes");
  transfer_.target.data = static_cast<std::byte*>(target_buffer_->buf);
}

void KernelArguments::parse_matrix(const jit::Plan& plan, PyObject* matrix) {
  if (!is_given(matrix)) {
    if (plan.transform)
      raise(PyExc_ValueError, "the plan transforms vectors; give matrix=…, three rows of four");
    return;
  }
  if (!plan.transform)
    raise(PyExc_ValueError, "the plan transforms nothing; leave matrix away");
  if (!matrix_buffer_.acquire(matrix, PyBUF_ND | PyBUF_FORMAT))
    throw PythonError();
  const std::string_view format = matrix_buffer_->format != nullptr ? matrix_buffer_->format : "B";
  if (format != "d")
    raise(PyExc_ValueError, "matrix must hold doubles ('d')");
  constexpr std::int64_t size = 12 * sizeof(double);
  const std::int64_t steps = plan.loops.empty() ? 1 : extents_[0];
  if (matrix_buffer_->len != size && matrix_buffer_->len != size * steps)
    raise(PyExc_BufferError, "matrix has " + std::to_string(matrix_buffer_->len / 8) +
                                 " numbers; the plan takes 12, or 12 for each of its " +
                                 std::to_string(steps) + " steps");
  transfer_.matrices = {static_cast<const double*>(matrix_buffer_->buf),
                        matrix_buffer_->len == size ? 0 : 1};
}

void KernelArguments::parse_cache(const jit::Plan& plan, jit::Direction direction, PyObject* cache,
                                  std::int64_t offset) {
  std::byte* base = nullptr;
  std::int64_t nbytes = 0;
  if (memcache_check(cache)) {
    const StorageView storage = memcache_storage(cache);
    if (!storage)
      throw PythonError();
    if (!storage.c_contiguous)
      raise(PyExc_BufferError, "cache must be the wrapper's whole MemCache, not a part of it");
    const char format = jit::info(plan.format).format;
    if (!same_representation(storage.format, storage.itemsize, std::string(1, format).c_str(),
                             jit::size_of(plan.format)))
      raise(PyExc_ValueError, std::string("the plan's items are '") + format +
                                  "', the MemCache's are '" + storage.format + "'");
    if (storage.readonly && direction == jit::Direction::refresh)
      raise(PyExc_BufferError, "the MemCache is read-only");
    base = storage.data;
    nbytes = storage.nbytes;
  } else {
    const int flags = direction == jit::Direction::refresh ? PyBUF_WRITABLE : PyBUF_SIMPLE;
    if (PyObject_CheckBuffer(cache) == 0)
      raise(PyExc_TypeError, "cache must be a MemCache or a contiguous buffer");
    if (!cache_buffer_.acquire(cache, flags))
      throw PythonError();
    base = static_cast<std::byte*>(cache_buffer_->buf);
    nbytes = cache_buffer_->len;
  }
  const auto reach = cache_reach(plan, transfer_.extents);
  Reach moved;
  if (!reach || __builtin_add_overflow(reach->low, offset, &moved.low) ||
      __builtin_add_overflow(reach->high, offset, &moved.high))
    raise(PyExc_BufferError, "the plan's place in the cache is beyond 64 bits");
  if (reach->low != reach->high && (moved.low < 0 || moved.high > nbytes))
    raise(PyExc_BufferError, "the plan takes " + range_text(moved) + " of a cache of " +
                                 std::to_string(nbytes) + " bytes");
  transfer_.cache = reach->low != reach->high ? base + offset : base;
}

void KernelArguments::parse_source(const jit::Plan& plan, jit::Direction direction,
                                   PyObject* source, std::int64_t offset) {
  bool by_pointers = false;
  for (const jit::Loop& loop : plan.loops)
    by_pointers |= loop.kind == jit::LoopKind::pointers;
  if (PyLong_Check(source)) {
    const auto address = PyLong_AsUnsignedLongLong(source);
    if (address == static_cast<unsigned long long>(-1) && PyErr_Occurred() != nullptr)
      throw PythonError();
    if (address == 0 && items_ != 0 && !by_pointers)
      raise(PyExc_ValueError, "source is a null address");
    transfer_.source = reinterpret_cast<std::byte*>( // NOLINT(performance-no-int-to-ptr)
        address + static_cast<unsigned long long>(offset));
    return;
  }
  if (PyObject_CheckBuffer(source) == 0)
    raise(PyExc_TypeError, "source must be an address (int) or a contiguous buffer");
  if (by_pointers)
    raise(PyExc_ValueError, "the plan follows pointers, so its source is an address, not a buffer");
  const bool writes = direction == jit::Direction::update && !plan.target_stride;
  const int flags = writes ? PyBUF_WRITABLE : PyBUF_SIMPLE;
  if (!source_buffer_.acquire(source, flags))
    throw PythonError();
  const auto reach = source_reach(plan, transfer_.extents, transfer_.tables);
  Reach moved;
  if (!reach || __builtin_add_overflow(reach->low, offset, &moved.low) ||
      __builtin_add_overflow(reach->high, offset, &moved.high))
    raise(PyExc_BufferError, "the plan's reach in the source is beyond 64 bits");
  const bool touches = reach->low != reach->high;
  if (touches && (moved.low < 0 || moved.high > source_buffer_->len))
    raise(PyExc_BufferError, "the plan takes " + range_text(moved) + " of a source of " +
                                 std::to_string(source_buffer_->len) + " bytes");
  transfer_.source = static_cast<std::byte*>(source_buffer_->buf) + (touches ? offset : 0);
}

void KernelArguments::parse_region(const jit::Plan& plan, PyObject* region) {
  const std::size_t loops = plan.loops.size();
  const std::size_t axes = loops + plan.lane_shape.size();
  if (!PyTuple_Check(region))
    raise(PyExc_TypeError, "region must be a tuple of (start, step, count), one per axis");
  if (static_cast<std::size_t>(PyTuple_Size(region)) != axes)
    raise_region("the plan has " + std::to_string(axes) + " axes, the region has " +
                 std::to_string(PyTuple_Size(region)));
  items_ = 1;
  region_.reserve(axes);
  for (std::size_t i = 0; i < axes; ++i) {
    const std::int64_t extent = i < loops ? extents_[i] : plan.lane_shape[i - loops];
    region_.push_back(span_of(PyTuple_GetItem(region, static_cast<Py_ssize_t>(i)), extent, i));
    items_ *= region_.back().count; // at most the whole, which fits
  }
  has_region_ = true;
}

} // namespace rnaslicer::runtime
