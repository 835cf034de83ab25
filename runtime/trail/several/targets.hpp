// runtime/trail/several/targets.hpp: which part of the cache each of many structs has.
#pragma once

#include "runtime/trail/segment.hpp"
#include "runtime/trail/several/structs.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace rnaslicer::runtime {

/// How the rows of all structs lie in the cache.
struct Form {
  enum class Kind : std::uint8_t {
    equal, ///< an axis of the structs, one of as many rows as each of them has
    flat,  ///< one behind the other
    padded ///< an axis of the structs, one as wide as the longest or wider
  };
  Kind kind = Kind::equal;
  Py_ssize_t width = -1;       ///< padded: of the rows; negative: that of the longest
  std::vector<std::byte> fill; ///< padded: a row that is not there
};

/// For each struct, of `counts` rows, its rows of the cache and their part; null where nothing of
/// it moves. Nothing at all for a part that the routes know better.
std::optional<std::vector<std::optional<Target>>>
targets_of(const Trail& trail, const Form& form, const Outer& outer,
           const std::vector<Py_ssize_t>& widths, const std::vector<Py_ssize_t>& counts,
           PyObject* cache, const std::vector<jit::Span>& region);

} // namespace rnaslicer::runtime
