// runtime/trail/own/arrays.hpp: the array of one struct, by its own foreach_get and
// foreach_set.
//
// An image's pixels have no address and may be as many as an image likes: what is compiled for an
// array of one shape is a form (transfer/own/arrays.py, the route ArrayRoute of
// transfer/foreach.py).
#pragma once

#include "runtime/trail/run.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace rnaslicer::runtime {

/// What is known of an array of one shape.
struct ArrayForm {
  std::vector<Py_ssize_t> dims;  ///< as the struct tells them
  std::vector<Py_ssize_t> shape; ///< of the cache
  Move move;                     ///< between all values, packed, and the cache
  bool straight = false;         ///< the cache is all values, packed
  bool covers = false;           ///< the cache names every value
  bool writes = false;           ///< native code asks all that an update asks, and tells all
  std::optional<Move> asked; ///< of indices: to the numbers that an update asks for, not clamped
};

struct Arrays {
  std::shared_ptr<const Trail> trail; ///< its collection is the array
  std::string format;                 ///< of its values
  bool sized = false; ///< its dimensions are the struct's `size` and `channels`, not one length
  std::vector<ArrayForm> forms;
};

/// Reads a trail's description and what it has beside: 'array_format', 'sized', 'forms'. Throws
/// PythonError.
std::shared_ptr<const Arrays> read_arrays(PyObject* description);

/// A filled cache; `cache` is filled if there is one. Null where the trail declines.
std::unique_ptr<Run> enter_array(std::shared_ptr<const Arrays> how, Start start, PyObject* wrapper,
                                 Ref& cache);

/// The same of a cache of that shape that was filled already.
std::unique_ptr<Run> adopt_array(std::shared_ptr<const Arrays> how, Start start,
                                 const std::vector<Py_ssize_t>& shape);

} // namespace rnaslicer::runtime
