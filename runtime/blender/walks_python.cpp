// runtime/blender/walks_python.cpp: walks over linked lists and nested arrays for Python.
#include "runtime/bindings.hpp"
#include "runtime/blender/probe.hpp"
#include "runtime/blender/walks.hpp"
#include "runtime/memcache/object.hpp"
#include "runtime/pyref.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <string_view>

namespace rnaslicer::runtime {

namespace {

/// A new MemCache of int64 on storage from the pool, of no wrapper.
class Int64s {
 public:
  explicit Int64s(std::int64_t count) : count_(static_cast<std::size_t>(count)) {
    const Ref owner = lease_storage(count_ * sizeof(std::int64_t), Py_None);
    if (!owner)
      throw PythonError();
    Lease* const lease = as_lease(owner.get());
    data_ = reinterpret_cast<std::int64_t*>(lease->block.data);
    Py_ssize_t shape = count;
    Py_ssize_t stride = sizeof(std::int64_t);
    const Grid grid{reinterpret_cast<char*>(data_), stride, 1, &shape, &stride, nullptr};
    cache_ = new_memcache(lease, grid, "q", false);
    if (!cache_)
      throw PythonError();
  }
  [[nodiscard]] std::span<std::int64_t> span() const { return {data_, count_}; }
  PyObject* release() { return cache_.release(); }

 private:
  std::size_t count_;
  std::int64_t* data_ = nullptr;
  Ref cache_;
};

/// A contiguous buffer of int64, held.
class Int64Buffer {
 public:
  /// False for None.
  bool acquire(PyObject* exporter, const char* name) {
    if (exporter == Py_None)
      return false;
    if (!buffer_.acquire(exporter, PyBUF_ND | PyBUF_FORMAT))
      throw PythonError();
    const std::string_view format = buffer_->format != nullptr ? buffer_->format : "B";
    if (buffer_->itemsize != 8 || (format != "q" && format != "l"))
      raise(PyExc_TypeError, std::string(name) + ": a contiguous buffer of format 'q' is needed");
    return true;
  }
  [[nodiscard]] std::span<const std::int64_t> span() const {
    return {static_cast<const std::int64_t*>(buffer_->buf),
            static_cast<std::size_t>(buffer_->len / 8)};
  }

 private:
  Buffer buffer_;
};

void check_offset(std::int64_t at, const char* name) {
  if (at < 0 || at > std::numeric_limits<std::int32_t>::max())
    raise(PyExc_ValueError, std::string(name) + " is no offset in a struct");
}

void check_count(std::int64_t count) {
  if (count < 0 || count > most_items)
    raise(PyExc_ValueError, "count is negative, or more than memory can have");
}

Reads reads_of(int safe) { return safe != 0 ? Reads::safe : Reads::plain; }

PyObject* walk_list_python(PyObject*, PyObject* args, PyObject* kwargs) {
  static const char* const names[] = {"first",   "next_at", "count", "last",
                                      "prev_at", "known",   "safe",  nullptr};
  return guarded([&]() -> PyObject* {
    unsigned long long first = 0;
    unsigned long long last = 0;
    Links links;
    long long next_at = 0;
    long long prev_at = -1;
    long long count = 0;
    PyObject* known_object = Py_None;
    int safe = 0;
    if (PyArg_ParseTupleAndKeywords(args, kwargs, "KLLK|L$Op:walk_list", const_cast<char**>(names),
                                    &first, &next_at, &count, &last, &prev_at, &known_object,
                                    &safe) == 0)
      return nullptr;
    check_offset(next_at, "next_at");
    if (prev_at >= 0)
      check_offset(prev_at, "prev_at");
    check_count(count);
    links = {next_at, prev_at};
    Int64Buffer known;
    const bool is_known = known.acquire(known_object, "known") &&
                          known.span().size() == static_cast<std::size_t>(count);
    Int64s found(count);
    if (!walk_list(first, last, links, reads_of(safe),
                   is_known ? known.span() : std::span<const std::int64_t>(), found.span()))
      Py_RETURN_NONE;
    return found.release();
  });
}

PyObject* same_list_python(PyObject*, PyObject* args) {
  return guarded([&]() -> PyObject* {
    unsigned long long first = 0;
    unsigned long long last = 0;
    long long next_at = 0;
    long long prev_at = 0;
    long long number_at = 0;
    PyObject* known_object = nullptr;
    PyObject* numbers_object = nullptr;
    if (PyArg_ParseTuple(args, "KLKLOLO:same_list", &first, &next_at, &last, &prev_at,
                         &known_object, &number_at, &numbers_object) == 0)
      return nullptr;
    check_offset(next_at, "next_at");
    if (prev_at >= 0)
      check_offset(prev_at, "prev_at");
    check_offset(number_at, "number_at");
    Int64Buffer known;
    if (!known.acquire(known_object, "known"))
      raise(PyExc_TypeError, "known: a contiguous buffer of format 'q' is needed");
    Buffer numbers;
    if (!numbers.acquire(numbers_object, PyBUF_SIMPLE))
      return nullptr;
    if (numbers->len % 4 != 0)
      raise(PyExc_ValueError, "numbers: four bytes for each are needed");
    return PyBool_FromLong(same_list(first, last, {next_at, prev_at}, known.span(), number_at,
                                     {static_cast<const std::int32_t*>(numbers->buf),
                                      static_cast<std::size_t>(numbers->len / 4)})
                               ? 1
                               : 0);
  });
}

PyObject* follow_pointers_python(PyObject*, PyObject* args, PyObject* kwargs) {
  static const char* const names[] = {"addresses", "at", "safe", nullptr};
  return guarded([&]() -> PyObject* {
    PyObject* exporter = nullptr;
    long long at = 0;
    int safe = 0;
    if (PyArg_ParseTupleAndKeywords(args, kwargs, "OL|$p:follow_pointers",
                                    const_cast<char**>(names), &exporter, &at, &safe) == 0)
      return nullptr;
    check_offset(at, "at");
    Int64Buffer addresses;
    if (!addresses.acquire(exporter, "addresses"))
      raise(PyExc_TypeError, "addresses: a contiguous buffer of format 'q' is needed");
    Int64s found(static_cast<std::int64_t>(addresses.span().size()));
    if (!follow_pointers(addresses.span(), at, reads_of(safe), found.span()))
      Py_RETURN_NONE;
    return found.release();
  });
}

PyObject* are_null_python(PyObject*, PyObject* args, PyObject* kwargs) {
  static const char* const names[] = {"addresses", "at", "safe", nullptr};
  return guarded([&]() -> PyObject* {
    PyObject* exporter = nullptr;
    long long at = 0;
    int safe = 0;
    if (PyArg_ParseTupleAndKeywords(args, kwargs, "OL|$p:are_null", const_cast<char**>(names),
                                    &exporter, &at, &safe) == 0)
      return nullptr;
    check_offset(at, "at");
    Int64Buffer addresses;
    if (!addresses.acquire(exporter, "addresses"))
      raise(PyExc_TypeError, "addresses: a contiguous buffer of format 'q' is needed");
    return PyBool_FromLong(are_null(addresses.span(), at, reads_of(safe)) ? 1 : 0);
  });
}

PyObject* is_subscribed_python(PyObject*, PyObject* args) {
  return guarded([&]() -> PyObject* {
    unsigned long long head = 0;
    unsigned long long told = 0;
    long long next_at = 0;
    long long prev_at = 0;
    long long type_at = 0;
    long long data_at = 0;
    PyObject* addresses_object = nullptr;
    PyObject* types_object = nullptr;
    if (PyArg_ParseTuple(args, "KLLLLOOK:is_subscribed", &head, &next_at, &prev_at, &type_at,
                         &data_at, &addresses_object, &types_object, &told) == 0)
      return nullptr;
    for (const long long at : {next_at, prev_at, type_at, data_at})
      check_offset(at, "a place");
    Int64Buffer addresses;
    Int64Buffer types;
    if (!addresses.acquire(addresses_object, "addresses") ||
        !types.acquire(types_object, "types") || addresses.span().empty())
      raise(PyExc_TypeError, "addresses, types: contiguous buffers of format 'q' are needed");
    std::array<std::uint64_t, 2> ends{};
    if (!read_memory(head, std::as_writable_bytes(std::span(ends))))
      Py_RETURN_TRUE;
    return PyBool_FromLong(is_subscribed(ends[0], ends[1], {{next_at, prev_at}, type_at, data_at},
                                         addresses.span(), types.span(), told)
                               ? 1
                               : 0);
  });
}

/// The arguments that rows_of and row_addresses share.
struct RowArguments {
  ArrayRows rows;
  Int64Buffer table;

  RowArguments(unsigned long long base, long long stride, long long count, long long pointer_at,
               long long count_at, PyObject* table_object) {
    check_offset(pointer_at, "pointer_at");
    check_offset(count_at, "count_at");
    check_count(count);
    rows = {base, stride, count, nullptr, pointer_at, count_at};
    if (!table.acquire(table_object, "table"))
      return;
    if (table.span().size() != static_cast<std::size_t>(count))
      raise(PyExc_ValueError, "table: one index for each of the rows is needed");
    rows.table = table.span().data();
  }
};

PyObject* rows_of(PyObject*, PyObject* args, PyObject* kwargs) {
  static const char* const names[] = {"base", "stride", "count", "pointer_at", "count_at",
                                      "size", "table",  "safe",  nullptr};
  return guarded([&]() -> PyObject* {
    unsigned long long base = 0;
    long long stride = 0;
    long long count = 0;
    long long pointer_at = 0;
    long long count_at = 0;
    long long size = 0;
    PyObject* table = Py_None;
    int safe = 0;
    if (PyArg_ParseTupleAndKeywords(args, kwargs, "KLLLLL|$Op:rows_of", const_cast<char**>(names),
                                    &base, &stride, &count, &pointer_at, &count_at, &size, &table,
                                    &safe) == 0)
      return nullptr;
    const RowArguments arguments(base, stride, count, pointer_at, count_at, table);
    Int64s offsets(count + 1);
    if (!row_offsets(arguments.rows, reads_of(safe), offsets.span()) ||
        too_many(arguments.rows, offsets.span().back(), size))
      Py_RETURN_NONE;
    Int64s addresses(offsets.span().back());
    if (row_items(arguments.rows, size, reads_of(safe), offsets.span(), addresses.span()))
      Py_RETURN_NONE;
    const Ref first = Ref::steal(offsets.release());
    const Ref second = Ref::steal(addresses.release());
    return PyTuple_Pack(2, first.get(), second.get());
  });
}

/// Whether they rise: then what row_items writes stays inside.
bool are_offsets(std::span<const std::int64_t> offsets) {
  for (std::size_t i = 1; i < offsets.size(); ++i)
    if (offsets[i] < offsets[i - 1])
      return false;
  return offsets.front() >= 0 && offsets.back() <= most_items;
}

PyObject* row_addresses(PyObject*, PyObject* args, PyObject* kwargs) {
  static const char* const names[] = {"base", "stride",  "count", "pointer_at", "count_at",
                                      "size", "offsets", "table", "safe",       nullptr};
  return guarded([&]() -> PyObject* {
    unsigned long long base = 0;
    long long stride = 0;
    long long count = 0;
    long long pointer_at = 0;
    long long count_at = 0;
    long long size = 0;
    PyObject* offsets_object = nullptr;
    PyObject* table = Py_None;
    int safe = 0;
    if (PyArg_ParseTupleAndKeywords(args, kwargs, "KLLLLLO|$Op:row_addresses",
                                    const_cast<char**>(names), &base, &stride, &count, &pointer_at,
                                    &count_at, &size, &offsets_object, &table, &safe) == 0)
      return nullptr;
    const RowArguments arguments(base, stride, count, pointer_at, count_at, table);
    Int64Buffer offsets;
    if (!offsets.acquire(offsets_object, "offsets") ||
        offsets.span().size() != static_cast<std::size_t>(count) + 1 ||
        !are_offsets(offsets.span()))
      raise(PyExc_ValueError, "offsets: count + 1 rising numbers are needed");
    Int64s addresses(size != 0 ? offsets.span().back() - offsets.span().front() : count);
    const auto differs =
        size != 0
            ? row_items(arguments.rows, size, reads_of(safe), offsets.span(), addresses.span())
            : row_arrays(arguments.rows, reads_of(safe), offsets.span(), addresses.span());
    return differs ? PyLong_FromLongLong(*differs) : addresses.release();
  });
}

PyObject* row_difference_python(PyObject*, PyObject* args, PyObject* kwargs) {
  static const char* const names[] = {"base",    "stride", "count", "pointer_at", "count_at",
                                      "offsets", "table",  "safe",  nullptr};
  return guarded([&]() -> PyObject* {
    unsigned long long base = 0;
    long long stride = 0;
    long long count = 0;
    long long pointer_at = 0;
    long long count_at = 0;
    PyObject* offsets_object = nullptr;
    PyObject* table = Py_None;
    int safe = 0;
    if (PyArg_ParseTupleAndKeywords(args, kwargs, "KLLLLO|$Op:row_difference",
                                    const_cast<char**>(names), &base, &stride, &count, &pointer_at,
                                    &count_at, &offsets_object, &table, &safe) == 0)
      return nullptr;
    const RowArguments arguments(base, stride, count, pointer_at, count_at, table);
    Int64Buffer offsets;
    if (!offsets.acquire(offsets_object, "offsets") ||
        offsets.span().size() != static_cast<std::size_t>(count) + 1)
      raise(PyExc_ValueError, "offsets: count + 1 numbers are needed");
    const auto differs = row_difference(arguments.rows, reads_of(safe), offsets.span());
    if (!differs)
      Py_RETURN_NONE;
    return PyLong_FromLongLong(*differs);
  });
}

template <class Function> PyCFunction with_keywords(Function function) {
  return reinterpret_cast<PyCFunction>(reinterpret_cast<void*>(function));
}

PyMethodDef functions[] = {
    // CPython keeps pointers into it
    {"walk_list", with_keywords(walk_list_python), METH_VARARGS | METH_KEYWORDS,
     PyDoc_STR(
         "walk_list(first, next_at, count, last, prev_at=-1, *, known=None, safe=False)\n--\n\n"
         "Addresses of a linked list's elements (int64), or None if it is not that list.")},
    {"same_list", same_list_python, METH_VARARGS,
     PyDoc_STR("same_list(first, next_at, last, prev_at, known, number_at, numbers, /)\n--\n\n"
               "Whether a linked list has these elements, and each its number.")},
    {"follow_pointers", with_keywords(follow_pointers_python), METH_VARARGS | METH_KEYWORDS,
     PyDoc_STR("follow_pointers(addresses, at, *, safe=False)\n--\n\nThe pointer `at` bytes into "
               "each, or None if one is null.")},
    {"are_null", with_keywords(are_null_python), METH_VARARGS | METH_KEYWORDS,
     PyDoc_STR("are_null(addresses, at, *, safe=False)\n--\n\nWhether the pointers `at` bytes into "
               "each are all null.")},
    {"is_subscribed", is_subscribed_python, METH_VARARGS,
     PyDoc_STR("is_subscribed(head, next_at, prev_at, type_at, data_at, addresses, types, told, "
               "/)\n--\n\nWhether the message bus has a key for one of the structs, or for one of "
               "the types but `told`.")},
    {"rows_of", with_keywords(rows_of), METH_VARARGS | METH_KEYWORDS,
     PyDoc_STR("rows_of(base, stride, count, pointer_at, count_at, size, *, table=None, "
               "safe=False)\n--\n\n(offsets, addresses) of the items of elements that each own an "
               "array, or None.")},
    {"row_addresses", with_keywords(row_addresses), METH_VARARGS | METH_KEYWORDS,
     PyDoc_STR("row_addresses(base, stride, count, pointer_at, count_at, size, offsets, *, "
               "table=None, safe=False)\n--\n\nAddresses of all items, or the first row that has "
               "not as many as the offsets say.")},
    {"row_difference", with_keywords(row_difference_python), METH_VARARGS | METH_KEYWORDS,
     PyDoc_STR("row_difference(base, stride, count, pointer_at, count_at, offsets, *, table=None, "
               "safe=False)\n--\n\nThe first row that has not as many items as the offsets say, or "
               "None.")},
    {nullptr, nullptr, 0, nullptr},
};

} // namespace

int register_walks(PyObject* module) { return PyModule_AddFunctions(module, functions); }

} // namespace rnaslicer::runtime
