// runtime/trail/groups/each.cpp: a collection of groups behind each of many structs.
#include "runtime/memcache/memcache.hpp"
#include "runtime/trail/groups/run.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace rnaslicer::runtime {

namespace {

using Runs = std::vector<std::unique_ptr<GroupsRun>>;

/// Which structs a part of the cache is for, and which part of each one's it is.
struct Part {
  jit::Span structs;
  std::vector<jit::Span> region; ///< empty: all
};

class EachRun : public Run {
 public:
  EachRun(std::shared_ptr<const Trail> trail, Runs runs)
      : Run(std::move(trail)), runs_(std::move(runs)) {}

  bool refresh(PyObject* cache, PyObject* view) override;
  bool update(PyObject* cache, PyObject* view) override;
  [[nodiscard]] Moment seen() const override { return runs_.back()->seen(); }
  [[nodiscard]] std::vector<Py_ssize_t> counted() const override {
    std::vector<Py_ssize_t> found;
    for (const auto& run : runs_)
      found.push_back(run->counted().front());
    return found;
  }
  /// Blender to the cache of all; false with nothing changed.
  bool fill(PyObject* cache, const Part& part);
  [[nodiscard]] Part whole() const { return {{0, 1, std::ssize(runs_)}, {}}; }

 private:
  std::optional<Part> part_of(PyObject* cache, PyObject* view) const;
  /// Whether all collections are as long as at enter, those of which no part is meant, too.
  [[nodiscard]] bool are_there() const {
    return std::ranges::all_of(runs_, [](const auto& run) { return run->again().has_value(); });
  }
  [[nodiscard]] GroupsRun& run_of(const Part& part, std::int64_t i) const {
    return *runs_[static_cast<std::size_t>(part.structs.start + i * part.structs.step)];
  }

  Runs runs_;
};

/// The cache of one struct.
Ref cache_of(PyObject* cache, const Part& part, std::int64_t i) {
  return checked(PySequence_GetItem(
      cache, static_cast<Py_ssize_t>(part.structs.start + i * part.structs.step)));
}

/// Nothing for a part that the routes know better.
std::optional<Part> EachRun::part_of(PyObject* cache, PyObject* view) const {
  if (stale(trail()) || !is_free())
    return std::nullopt;
  std::vector<jit::Span> region = region_of(cache, view);
  if (region.empty())
    return whole();
  if (trail().legs.size() != 1 ||
      std::ranges::any_of(region, [](const jit::Span& span) { return span.count == 0; }))
    return std::nullopt;
  Part part{region.front(), {}};
  part.region.assign(region.begin() + 1, region.end());
  return part;
}

bool EachRun::fill(PyObject* cache, const Part& part) {
  std::vector<GroupsRun::Values> all(static_cast<std::size_t>(part.structs.count));
  for (std::int64_t i = 0; i < part.structs.count; ++i) {
    const auto table = run_of(part, i).again();
    if (!table || !run_of(part, i).gather(*table, all[static_cast<std::size_t>(i)]))
      return false;
  }
  for (std::int64_t i = 0; i < part.structs.count; ++i)
    run_of(part, i).put(all[static_cast<std::size_t>(i)], cache_of(cache, part, i).get(),
                        part.region);
  return true;
}

bool EachRun::refresh(PyObject* cache, PyObject* view) {
  const auto part = part_of(cache, view);
  return part && are_there() && fill(cache, *part);
}

bool EachRun::update(PyObject* cache, PyObject* view) {
  const auto part = part_of(cache, view);
  if (!part || !runs_.front()->takes(part->region) || !are_there())
    return false;
  for (std::int64_t i = 0; i < part->structs.count; ++i)
    if (!run_of(*part, i).may_update(cache_of(cache, *part, i).get(), part->region))
      return false;
  try { // else the routes write all of them again, and say how far that went
    for (std::int64_t i = 0; i < part->structs.count; ++i)
      if (!run_of(*part, i).store(run_of(*part, i).again(), cache_of(cache, *part, i).get(),
                                  part->region))
        return false;
  } catch (const PythonError&) {
    return drop_error(), false; // an interrupt goes on
  } catch (const std::bad_alloc&) {
    return false;
  }
  return true;
}

/// The collections as they are now, if they are alike; else none.
std::unique_ptr<EachRun> begin_each(const std::shared_ptr<const Grouped>& how,
                                    std::vector<Start> starts) {
  Runs runs;
  if (stale(*how->values) || !is_free())
    return nullptr;
  for (Start& start : starts) {
    if (as_watched(start.root) == nullptr)
      return nullptr;
    runs.push_back(std::make_unique<GroupsRun>(how, std::move(start)));
    if (!runs.back()->begin() || runs.back()->shape() != runs.front()->shape())
      return nullptr;
  }
  return runs.empty() ? nullptr : std::make_unique<EachRun>(how->values, std::move(runs));
}

/// The shape of the cache.
std::vector<Py_ssize_t> shape_of(const Trail& trail, const EachRun& run) {
  const auto lengths = run.counted();
  std::vector<Py_ssize_t> shape{std::ssize(lengths), rows_of(trail, lengths.front()).count};
  shape.insert(shape.end(), trail.inner.begin(), trail.inner.end());
  return shape;
}

} // namespace

std::unique_ptr<Run> enter_each(const std::shared_ptr<const Grouped>& how,
                                std::vector<Start> starts, PyObject* wrapper, Ref& cache) {
  auto run = begin_each(how, std::move(starts));
  if (!run)
    return nullptr;
  cache = allocate_cache(how->values->format, shape_of(*how->values, *run), wrapper);
  const bool is_done = cache && (!fills(wrapper) || run->fill(cache.get(), run->whole()));
  return is_done ? std::move(run) : nullptr;
}

std::unique_ptr<Run> adopt_each(const std::shared_ptr<const Grouped>& how,
                                std::vector<Start> starts, const std::vector<Py_ssize_t>& shape) {
  auto run = begin_each(how, std::move(starts));
  return run && shape_of(*how->values, *run) == shape ? std::move(run) : nullptr;
}

} // namespace rnaslicer::runtime
