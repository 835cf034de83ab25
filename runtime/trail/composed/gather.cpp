// runtime/trail/composed/gather.cpp: values that indices lead to.
#include "runtime/trail/composed/gather.hpp"

#include "runtime/memcache/memcache.hpp"
#include "runtime/trail/composed/indices.hpp"
#include "runtime/trail/composed/transform.hpp"
#include "runtime/transfer/kernel_python.hpp"
#include "runtime/transfer/reach.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

namespace rnaslicer::runtime {

namespace {

/// Bytes of ours, or a MemCache's.
struct Block {
  std::byte* data = nullptr;
  std::int64_t bytes = 0;
  bool fresh = false; ///< nobody has seen it yet (jit/transfer.hpp)
};

/// Indices: in Blender's memory, or packed in a buffer that is kept as long.
struct Indices {
  std::byte* data = nullptr;
  bool walked = false;
  Ref cache;
  std::unique_ptr<std::byte[]> own;
};

/// A collection as it is now.
struct Spot {
  Reached reached;
  std::vector<Located> places;
};

/// What this call has asked of the indices' mesh.
const Looked* looked_in(const std::vector<Spot>& spots) {
  return spots.empty() ? nullptr : &spots.front().reached.looked;
}

std::int64_t count_of(const Rows& rows, const Move& how) {
  std::int64_t count = rows.count;
  for (const std::int64_t extent : how.extents)
    count *= extent;
  return count;
}

/// Runs a kernel between what indices lead to and a cache.
void run(const Move& how, jit::Direction direction, const Leg& leg, std::byte* indices,
         const jit::IndexTarget& target, const Rows& rows, const Block& cache,
         std::span<const jit::Span> region, const jit::Matrices& matrices = {}) {
  const jit::Plan& plan = *kernel_plan_of(how.kernel.get());
  std::array<std::int64_t, jit::max_loops> extents{rows.count};
  std::ranges::copy(how.extents, extents.begin() + 1);
  const std::array<jit::Table, jit::max_loops> tables{};
  const std::size_t loops = how.extents.size() + 1;
  const auto reach = cache_reach(plan, {extents.data(), loops});
  if (!reach || reach->low + how.cache_offset < 0 || reach->high + how.cache_offset > cache.bytes)
    raise(PyExc_SystemError, "a gather's plan leaves the cache");
  jit::Transfer transfer;
  transfer.source = indices + how.source_offset;
  transfer.target = target;
  transfer.cache = cache.data + how.cache_offset;
  transfer.extents = {extents.data(), loops};
  transfer.tables = {tables.data(), loops};
  transfer.lookups = {leg.lookup_tables.data(), leg.lookup_tables.size()};
  transfer.matrices = matrices;
  transfer.fresh = cache.fresh;
  run_kernel(how.kernel.get(), direction, transfer, region);
}

/// What a kernel does to vectors, if it takes a matrix.
jit::Transform kind_of(const GatherLeg& leg) {
  return kernel_plan_of(leg.packed.kernel.get())->transform.value();
}

class GatherRun : public GatheredRun {
 public:
  GatherRun(std::shared_ptr<const Gathered> how, std::vector<Start> starts, const Matrices& given)
      : GatheredRun(how->index), how_(std::move(how)), seen_(now()) {
    if (!given.empty())
      take(given);
    for (Start& start : starts) {
      roots_.push_back(Ref::borrow(start.root));
      steps_.push_back(std::move(start.steps));
    }
  }

  bool refresh(PyObject* cache, PyObject* view) override;
  bool update(PyObject* cache, PyObject* view) override;
  bool fill_part(PyObject* cache, const std::vector<jit::Span>& region) override;
  bool write_rows(PyObject* values, const std::vector<std::int64_t>* rows) override {
    return write(values, {}, rows);
  }
  [[nodiscard]] Moment seen() const override { return seen_; }
  [[nodiscard]] Ref domain() const override;
  [[nodiscard]] std::vector<Py_ssize_t> counted() const override;

  /// Notes the collections, and fills the cache (made here if it is null) unless it is `filled`
  /// with so many rows. False where a trail declines.
  bool begin(PyObject* wrapper, Ref& cache, Py_ssize_t filled);

 private:
  [[nodiscard]] Watched* root(std::size_t at) const { return as_watched(roots_[at].get()); }
  [[nodiscard]] const Trail& trail_at(std::size_t at) const {
    return at == 0 ? *how_->index : *how_->levels[at - 1].target;
  }
  [[nodiscard]] std::optional<Reached> reach(std::size_t at, const Looked* looked) const {
    return follow(trail_at(at), steps_[at], root(at), looked);
  }
  std::optional<std::vector<Spot>> again();
  void take(const Matrices& matrices);
  bool ask_world();
  [[nodiscard]] Indices first_indices(const Spot& spot, bool may_walk) const;
  [[nodiscard]] Indices last_indices(const std::vector<Spot>& spots, bool may_walk) const;
  bool fill(const std::vector<Spot>& spots, PyObject* cache, const std::vector<jit::Span>& region,
            bool fresh = false) const;
  bool write(PyObject* cache, const std::vector<jit::Span>& region,
             const std::vector<std::int64_t>* some);
  /// Whether there is a matrix for each row, or one for all, as the kernels take them.
  [[nodiscard]] bool fit_matrices(Py_ssize_t rows) const {
    return !how_->transforms ||
           static_cast<Py_ssize_t>(back_.size()) == (how_->each ? rows : Py_ssize_t{1});
  }
  [[nodiscard]] Rows rows() const { return rows_of(*how_->index, segments_.front().length); }

  std::shared_ptr<const Gathered> how_;
  std::vector<Ref> roots_; // Watched: of the indices, then of each level
  std::vector<std::vector<Step>> steps_;
  std::vector<Segment> segments_; // the same
  std::vector<Matrices> there_;   // for a refresh, by leg of the last level; empty: no transform
  Matrices back_;                 // for an update
  Moment seen_;
};

/// The matrices for the next kernels.
void GatherRun::take(const Matrices& matrices) {
  const std::vector<GatherLeg>& legs = how_->levels.back().legs;
  there_.clear();
  for (const GatherLeg& leg : legs)
    there_.push_back(there(kind_of(leg), matrices));
  back_ = back(kind_of(legs.front()), matrices);
}

/// Takes the object's matrix of now, if it is an object's. False where Python has to say what is
/// wrong with it.
bool GatherRun::ask_world() {
  if (how_->world_after < 0)
    return true;
  const auto matrix =
      world_matrix(how_->world_after, how_->object_class.get(), struct_of(root(0)), steps_.front());
  if (matrix)
    take({*matrix});
  return matrix.has_value();
}

Ref GatherRun::domain() const {
  Ref all = checked(PyTuple_New(static_cast<Py_ssize_t>(segments_.size())));
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    PyObject* const domain = segments_[i].domain.get();
    PyTuple_SetItem(all.get(), static_cast<Py_ssize_t>(i),
                    Ref::borrow(domain != nullptr ? domain : Py_None).release());
  }
  return all;
}

std::vector<Py_ssize_t> GatherRun::counted() const {
  std::vector<Py_ssize_t> lengths;
  for (const Segment& segment : segments_)
    lengths.push_back(segment.length);
  return lengths;
}

/// All collections, if they are as at enter, and where their values lie.
std::optional<std::vector<Spot>> GatherRun::again() {
  std::vector<Spot> spots;
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    auto reached = as_at_enter(trail_at(i), segments_[i], reach(i, looked_in(spots)));
    auto places = reached ? locate_segment(trail_at(i), segments_[i], *reached) : std::nullopt;
    if (!places)
      return std::nullopt;
    spots.push_back({std::move(*reached), std::move(*places)});
  }
  seen_ = root(0)->ref != nullptr ? root(0)->seen : now();
  return spots;
}

/// Packed, unless the first level's kernels may read them where they lie.
Indices GatherRun::first_indices(const Spot& spot, bool may_walk) const {
  const Trail& index = *how_->index;
  Indices indices;
  const Located& place = spot.places.front();
  if (may_walk && how_->levels.front().legs.front().walked && !place.missing) {
    indices.data = place.base + rows().start * index.legs.front().stride + how_->walk_offset;
    indices.walked = true;
    return indices;
  }
  indices.cache = allocate_cache(index, {rows().count}, Py_None);
  Target all{indices.cache.get(), 0, {}};
  all.fresh = true;
  fill_segment(index, spot.places, spot.reached.length, all);
  indices.data = memcache_storage(indices.cache.get()).data;
  return indices;
}

/// The indices into the last level's collection.
Indices GatherRun::last_indices(const std::vector<Spot>& spots, bool may_walk) const {
  const std::size_t last = how_->levels.size() - 1;
  Indices indices = first_indices(spots.front(), may_walk || last > 0);
  for (std::size_t i = 0; i < last; ++i) {
    const GatherLeg& leg = how_->levels[i].legs.front();
    const Move& how = indices.walked ? *leg.walked : leg.packed;
    // As many as the next level's kernel reads.
    const std::int64_t bytes = count_of(rows(), how_->levels[i + 1].legs.front().packed) *
                               static_cast<std::int64_t>(sizeof(std::int32_t));
    std::unique_ptr<std::byte[]> next(new std::byte[static_cast<std::size_t>(bytes)]);
    const Spot& spot = spots[i + 1];
    run(how, jit::Direction::refresh, trail_at(i + 1).legs.front(), indices.data,
        {spot.places.front().base + leg.base, spot.reached.length}, rows(),
        {next.get(), bytes, true}, {});
    indices = {};
    indices.own = std::move(next);
    indices.data = indices.own.get();
  }
  return indices;
}

/// Blender to cache. False where an index leads nowhere: the routes say which.
bool GatherRun::fill(const std::vector<Spot>& spots, PyObject* cache,
                     const std::vector<jit::Span>& region, bool fresh) const {
  for (std::size_t i = 1; i < spots.size(); ++i)
    for (const Located& place : spots[i].places)
      if (place.missing)
        return false;
  try {
    const Indices indices = last_indices(spots, true);
    const GatherLevel& level = how_->levels.back();
    const Spot& spot = spots.back();
    for (std::size_t i = 0; i < level.legs.size(); ++i) {
      const GatherLeg& leg = level.legs[i];
      const StorageView storage =
          memcache_storage(cache); // now: a warning's code may have ended it
      if (!storage)
        throw PythonError();
      run(indices.walked ? *leg.walked : leg.packed, jit::Direction::refresh, level.target->legs[i],
          indices.data, {spot.places[i].base + leg.base, spot.reached.length}, rows(),
          {storage.data, storage.nbytes, fresh}, region,
          there_.empty() ? jit::Matrices() : for_kernel(there_[i]));
    }
  } catch (const PythonError&) {
    if (PyErr_ExceptionMatches(PyExc_IndexError) == 0)
      throw;
    return PyErr_Clear(), false;
  }
  return true;
}

bool GatherRun::begin(PyObject* wrapper, Ref& cache, Py_ssize_t filled) {
  if (!ask_world())
    return false;
  std::vector<Spot> spots;
  segments_.clear();
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    auto reached = reach(i, looked_in(spots));
    const Rows picked = reached ? rows_of(trail_at(i), reached->length) : Rows();
    auto entered = picked.count > 0 ? enter_segment(trail_at(i), *reached) : std::nullopt;
    if (!entered || (i == 0 && filled >= 0 && picked.count != filled) ||
        (i == 0 && !fit_matrices(picked.count)))
      return false;
    if (i > 0 && std::ranges::any_of(entered->places, &Located::missing))
      return false; // the routes give each what stands for a layer
    segments_.push_back(std::move(entered->segment));
    spots.push_back({std::move(*reached), std::move(entered->places)});
  }
  if (filled >= 0 && !cache)
    return true;
  const bool fresh = !cache;
  if (fresh) {
    std::vector<Py_ssize_t> shape{rows().count};
    shape.insert(shape.end(), how_->inner.begin(), how_->inner.end());
    cache = allocate_cache(how_->format, shape, wrapper);
  }
  return fill(spots, cache.get(), {}, fresh);
}

/// Whether the kernel can move that region: the routes know some better.
bool can_move(const Gathered& how, const std::vector<jit::Span>& region) {
  const auto some = [](std::int64_t count) { return count != 0; };
  return region.empty() || (how.regions && std::ranges::all_of(region, some, &jit::Span::count));
}

bool GatherRun::refresh(PyObject* cache, PyObject* view) {
  return !stale(*how_) && is_free() && fill_part(cache, region_of(cache, view));
}

bool GatherRun::fill_part(PyObject* cache, const std::vector<jit::Span>& region) {
  const auto spots = can_move(*how_, region) && ask_world() ? again() : std::nullopt;
  return spots && fill(*spots, cache, region);
}

bool GatherRun::update(PyObject* cache, PyObject* view) {
  return how_->store && !stale(*how_) && is_free() && write(cache, region_of(cache, view), nullptr);
}

/// `some`: the rows that the cache has, in their order; null: all.
bool GatherRun::write(PyObject* cache, const std::vector<jit::Span>& region,
                      const std::vector<std::int64_t>* some) {
  if (!how_->store || !can_move(*how_, region) ||
      (!region.empty() && how_->transforms && region.back().count != 3))
    return false; // where components are missing, those that are there count
  const std::size_t last = steps_.size() - 1;
  const Trail& target = trail_at(last);
  auto spots = ask_world() ? again() : std::nullopt;
  if (!spots || !is_own(spots->back().reached, root(last)) || !no_mode_overwrites(target))
    return false;
  const Leg& leg = target.legs.front();
  const Move& store = *how_->store;
  const Py_ssize_t count = spots->back().reached.length;
  Rows these = rows();
  Indices indices;
  try {
    indices = last_indices(*spots, false);
  } catch (const PythonError&) {
    if (PyErr_ExceptionMatches(PyExc_IndexError) == 0)
      throw;
    return PyErr_Clear(), false;
  }
  if (some != nullptr) {
    Indices own;
    own.own = rows_alone(indices.data, *some, count_of({0, 1, 1}, store));
    indices = std::move(own);
    indices.data = indices.own.get();
    these = {0, 1, std::ssize(*some)};
  }
  std::vector<std::int64_t> extents{these.count};
  extents.insert(extents.end(), store.extents.begin(), store.extents.end());
  const auto at = first_of(reinterpret_cast<const std::int32_t*>(indices.data), extents,
                           std::span(region).first(region.empty() ? 0 : extents.size()), count);
  const std::int64_t base = how_->levels.back().legs.front().base;
  const Writer writer{at.value_or(0), [&](const Located& place) {
                        // Now: what an assignment or a question runs may have ended the cache.
                        const StorageView storage = memcache_storage(cache);
                        if (!storage)
                          throw PythonError();
                        run(store, jit::Direction::update, leg, indices.data,
                            {place.base + base, count}, these, {storage.data, storage.nbytes},
                            region, back_.empty() ? jit::Matrices() : for_kernel(back_));
                      }};
  Target where{cache, 0, {}};
  where.writer = &writer;
  if (!at || !may_write(target, spots->back().reached, where))
    return false;
  const Follow follow_it = [&] { return reach(last, nullptr); };
  return write_segment(target, segments_.back(), std::move(spots->back().reached), follow_it,
                       where);
}

std::unique_ptr<GatherRun> begun(std::shared_ptr<const Gathered> how, std::vector<Start> starts,
                                 PyObject* wrapper, PyObject* numbers, Ref& cache,
                                 Py_ssize_t filled) {
  if (stale(*how) || starts.size() != how->levels.size() + 1 || !is_free())
    return nullptr;
  for (const Start& start : starts)
    if (as_watched(start.root) == nullptr)
      return nullptr;
  const auto given =
      how->transforms && how->world_after < 0 ? matrices_in(numbers) : std::optional(Matrices());
  if (!given)
    return nullptr;
  auto run = std::make_unique<GatherRun>(std::move(how), std::move(starts), *given);
  return run->begin(wrapper, cache, filled) ? std::move(run) : nullptr;
}

} // namespace

bool stale(const Gathered& how) {
  return stale(*how.index) || std::ranges::any_of(how.levels, [](const GatherLevel& level) {
           return stale(*level.target);
         });
}

std::unique_ptr<GatheredRun> enter(std::shared_ptr<const Gathered> how, std::vector<Start> starts,
                                   PyObject* wrapper, PyObject* numbers, Ref& cache) {
  const Py_ssize_t rows = cache ? memcache_storage(cache.get()).shape[0] : -1;
  return begun(std::move(how), std::move(starts), wrapper, numbers, cache, rows);
}

std::unique_ptr<GatheredRun> adopt(std::shared_ptr<const Gathered> how, std::vector<Start> starts,
                                   PyObject* numbers, Py_ssize_t rows) {
  Ref none;
  return begun(std::move(how), std::move(starts), Py_None, numbers, none, rows);
}

} // namespace rnaslicer::runtime
