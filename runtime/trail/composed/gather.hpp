// runtime/trail/composed/gather.hpp: values that indices lead to, along trails
// (transfer/composed/gather.py).
//
// The indices are the values of a trail of their own; each level has the trail of what they name. A
// kernel reads the indices where they lie, where it can, else a packed copy; an update writes along
// the trail of what the last indices name, so that all that holds for its values holds here. The
// last kernels may go through matrices, too, that were given, or through an object's own.
#pragma once

#include "runtime/trail/python/matrices.hpp"
#include "runtime/trail/run.hpp"

namespace rnaslicer::runtime {

/// How a property of what indices name is moved.
struct GatherLeg {
  Move packed;                ///< by indices that lie one behind the other
  std::optional<Move> walked; ///< by indices where Blender has them
  std::int64_t base = 0;      ///< bytes from an element to its first component
};

/// One collection that indices name.
struct GatherLevel {
  std::shared_ptr<const Trail> target; ///< of its properties: all elements
  std::vector<GatherLeg> legs;         ///< as many as the trail has; one but for the last level
};

struct Gathered {
  std::shared_ptr<const Trail> index; ///< of the first indices: one leg
  std::int64_t walk_offset = 0;       ///< bytes from an element to its first index
  std::vector<GatherLevel> levels;
  std::optional<Move> store; ///< packed indices to the last level's one property; none: Python does
  bool regions = false;      ///< the cache's axes are those of the kernel
  bool transforms = false;   ///< the last level's kernels take matrices; `store` whole vectors
  bool each = false;         ///< a matrix is given for each row, not one for all
  /// As Transformed has it, on the way to the first indices.
  std::ptrdiff_t world_after = -1;
  Ref object_class;
  std::vector<std::int64_t> inner; ///< the cache's shape below the rows
  std::string format;              ///< of its items
};

/// Whether one of its trails is stale.
bool stale(const Gathered& how);

/// A gather that was entered.
class GatheredRun : public Run {
 public:
  using Run::Run;
  /// As refresh, of a region of the cache (empty: all).
  virtual bool fill_part(PyObject* cache, const std::vector<jit::Span>& region) = 0;
  /// As update, of some of its rows (null: all), which are all that `values` has, in that order.
  virtual bool write_rows(PyObject* values, const std::vector<std::int64_t>* rows) = 0;
};

/// Enters. `starts`: of the indices, then of each level. `numbers`: of the given matrices, else
/// None. `cache`: to be filled if it is not null, else made. Null where the trails decline.
std::unique_ptr<GatheredRun> enter(std::shared_ptr<const Gathered> how, std::vector<Start> starts,
                                   PyObject* wrapper, PyObject* numbers, Ref& cache);

/// Takes over an enter of so many rows that Python did. Null where the trails do not lead there.
std::unique_ptr<GatheredRun> adopt(std::shared_ptr<const Gathered> how, std::vector<Start> starts,
                                   PyObject* numbers, Py_ssize_t rows);

} // namespace rnaslicer::runtime
