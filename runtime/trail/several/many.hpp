// runtime/trail/several/many.hpp: one collection behind each of many structs, along one trail.
//
// `Slicer(objects)[:, 'data', 'vertices', :, 'co']` and `Slicer(fcurves)[:, 'keyframe_points', :]`:
// a segment for each struct, their rows one behind the other in one cache. Update checks all before
// the first write, and ends each as an update of it alone does. With levels between (each map of
// each mesh, each F-curve of each action) there is a segment for each element of the last level.
#pragma once

#include "runtime/supplier/roster.hpp"
#include "runtime/trail/run.hpp"
#include "runtime/trail/several/targets.hpp"

namespace rnaslicer::runtime {

/// What stands between the values and the cache and is another thing for each struct: matrices
/// (trail/composed/each.hpp).
class Between {
 public:
  Between() = default;
  Between(const Between&) = delete;
  Between& operator=(const Between&) = delete;
  Between(Between&&) = delete;
  Between& operator=(Between&&) = delete;
  virtual ~Between() = default;

  /// Asks each struct for what it has now. False where Python has to say what is wrong.
  virtual bool look(const std::vector<Ref>& structs) = 0;
  /// By leg, of the struct that was asked as number `at`; good until the next call.
  virtual const jit::Matrices* of(std::size_t at) = 0;
  /// Along which an update writes; null: only the routes write.
  [[nodiscard]] virtual const Trail* written() const = 0;
  /// Whether it writes such a part of the cache.
  [[nodiscard]] virtual bool takes(const std::vector<jit::Span>& region) const = 0;
  /// What is to be written along that trail of so many rows, from those of the cache.
  virtual Target values(std::size_t at, const Target& from, Py_ssize_t count, Ref& holder) = 0;
};

/// What entering gave beside the run.
struct ManyCache {
  Ref cache;
  std::vector<Py_ssize_t> offsets; ///< of each segment's first row, were they flat, and the end
};

/// Enters. Null where the trail declines; where lengths do not fit the form, too.
/// `places`: how session uids are read of a collection's datablocks. `between`: or null.
std::unique_ptr<Run> enter(std::shared_ptr<const Trail> trail, Outer outer, Form form,
                           IdPlaces places, std::unique_ptr<Between> between, PyObject* wrapper,
                           ManyCache& made);

} // namespace rnaslicer::runtime
