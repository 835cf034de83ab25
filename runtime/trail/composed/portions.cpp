// runtime/trail/composed/portions.cpp: how values that a collection's elements divide among them
// lie in a cache.
#include "runtime/trail/composed/portions.hpp"

#include "jit/clones.hpp"
#include "runtime/memcache/memcache.hpp"
#include "runtime/memory/item.hpp"

#include <algorithm>
#include <new>

namespace rnaslicer::runtime {

namespace {

/// Ends what a call has found, however it ends.
class ForThisCall {
 public:
  explicit ForThisCall(Portions& portions) : portions_(portions) {}
  ForThisCall(const ForThisCall&) = delete;
  ForThisCall& operator=(const ForThisCall&) = delete;
  ForThisCall(ForThisCall&&) = delete;
  ForThisCall& operator=(ForThisCall&&) = delete;
  ~ForThisCall() { portions_.forget(); }

 private:
  Portions& portions_;
};

/// How many values each row has, and both ends of these.
struct Lengths {
  std::vector<Py_ssize_t> all; // not empty
  Py_ssize_t shortest = 0;
  Py_ssize_t longest = 0;
};

/// Of what differs as vectors, and of the ends as numbers: no processor guesses which one is
/// longer.
RNASLICER_CLONES Lengths lengths_in(const Offsets& offsets) {
  Lengths lengths{std::vector<Py_ssize_t>(offsets.size() - 1)};
  Py_ssize_t* const all = lengths.all.data();
  const std::int64_t* const at = offsets.data();
  Py_ssize_t shortest = at[1] - at[0];
  Py_ssize_t longest = shortest;
  for (std::size_t i = 0; i + 1 < offsets.size(); ++i) {
    const Py_ssize_t length = at[i + 1] - at[i];
    all[i] = length;
    shortest = length < shortest ? length : shortest;
    longest = length > longest ? length : longest;
  }
  lengths.shortest = shortest;
  lengths.longest = longest;
  return lengths;
}

class PortionsRun : public Run {
 public:
  PortionsRun(std::unique_ptr<Portions> portions, Form form, Offsets offsets, Lengths lengths)
      : Run(portions->trail()), portions_(std::move(portions)), form_(std::move(form)),
        offsets_(std::move(offsets)), lengths_(std::move(lengths.all)), longest_(lengths.longest) {}

  bool refresh(PyObject* cache, PyObject* view) override;
  bool update(PyObject* cache, PyObject* view) override;
  [[nodiscard]] Moment seen() const override { return portions_->seen(); }
  [[nodiscard]] std::vector<Py_ssize_t> lengths() const override { return lengths_; }
  [[nodiscard]] Ref domain() const override {
    const Run* const beyond = portions_->beyond();
    return beyond != nullptr ? beyond->domain() : Run::domain();
  }
  [[nodiscard]] std::vector<Py_ssize_t> counted() const override {
    const Run* const beyond = portions_->beyond();
    return beyond != nullptr ? beyond->counted() : portions_->counted();
  }

  /// A cache of its shape.
  [[nodiscard]] std::vector<Py_ssize_t> shape() const;
  /// Blender to cache, once everything is found. False where that cannot be told.
  bool fill(PyObject* cache, const std::vector<jit::Span>& region);

 private:
  [[nodiscard]] bool is_flat() const { return form_.kind == Form::Kind::flat; }
  [[nodiscard]] bool is_padded() const { return form_.kind == Form::Kind::padded; }
  /// Whether all rows of the cache are full: then they are the values one behind the other.
  [[nodiscard]] bool is_full() const {
    return !is_padded() ||
           offsets_.back() == static_cast<std::int64_t>(lengths_.size()) * form_.width;
  }
  [[nodiscard]] Rectangle rectangle() const {
    return {is_padded() ? form_.width : longest_, row_bytes_of(portions_->value())};
  }
  [[nodiscard]] Ref packed(std::int64_t count) const;
  enum class Way : std::uint8_t { apart, together };
  void move(PyObject* cache, PyObject* values, Way way) const;
  bool write(PyObject* cache, const std::vector<jit::Span>& region);

  std::unique_ptr<Portions> portions_;
  Form form_;
  Offsets offsets_;
  std::vector<Py_ssize_t> lengths_; // not empty
  Py_ssize_t longest_;
};

std::vector<Py_ssize_t> PortionsRun::shape() const {
  const auto count = static_cast<Py_ssize_t>(lengths_.size());
  std::vector<Py_ssize_t> found{count, static_cast<Py_ssize_t>(rectangle().width)};
  if (is_flat())
    found = {static_cast<Py_ssize_t>(offsets_.back())};
  const Value& value = portions_->value();
  found.insert(found.end(), value.inner.begin(), value.inner.end());
  return found;
}

/// A cache of so many values, one behind the other.
Ref PortionsRun::packed(std::int64_t count) const {
  const Value& value = portions_->value();
  std::vector<Py_ssize_t> extents{static_cast<Py_ssize_t>(count)};
  extents.insert(extents.end(), value.inner.begin(), value.inner.end());
  return allocate_cache(value.format, extents, Py_None);
}

void PortionsRun::move(PyObject* cache, PyObject* values, Way way) const {
  const StorageView rows = memcache_storage(cache);
  const StorageView flat = memcache_storage(values);
  if (!rows || !flat)
    throw PythonError();
  const Rectangle how = rectangle();
  if (!rows.c_contiguous ||
      rows.nbytes != static_cast<std::int64_t>(lengths_.size()) * how.width * how.bytes ||
      flat.nbytes != offsets_.back() * how.bytes || longest_ > how.width ||
      form_.fill.size() != static_cast<std::size_t>(how.bytes))
    raise(PyExc_SystemError, "padded rows leave the cache");
  move_padded(rows.data, flat.data, offsets_, how,
              {way == Way::apart ? form_.fill.data() : nullptr});
}

bool PortionsRun::fill(PyObject* cache, const std::vector<jit::Span>& region) {
  if (is_flat() || (region.empty() && is_full()))
    return portions_->fill(cache, region);
  const Ref values = packed(offsets_.back());
  if (!portions_->fill(values.get(), {}))
    return false;
  note_write(cache);
  const Ref rows = region.empty() ? Ref::borrow(cache)
                   : is_padded()  ? allocate_cache(portions_->value().format, shape(), Py_None)
                                  : Ref::borrow(values.get());
  if (is_padded())
    move(rows.get(), values.get(), Way::apart);
  if (region.empty())
    return true;
  const StorageView all = memcache_storage(rows.get());
  const StorageView some = memcache_storage(cache);
  if (!all || !some)
    throw PythonError();
  const std::vector<Py_ssize_t> extents = shape();
  const std::vector<std::int64_t> axes(extents.begin(), extents.end());
  if (region.size() != axes.size() || !some.c_contiguous || all.nbytes != some.nbytes)
    raise(PyExc_SystemError, "a region is not that of the cache");
  copy_region(all.data, some.data, axes, native_size(portions_->value().format.front()), region);
  return true;
}

bool PortionsRun::refresh(PyObject* cache, PyObject* view) {
  if (portions_->is_stale() || !is_free())
    return false;
  const std::vector<jit::Span> region = region_of(cache, view);
  for (const jit::Span& span : region)
    if (span.count == 0)
      return false; // the routes look whether all is as it was
  const ForThisCall found(*portions_);
  return portions_->again(offsets_) && fill(cache, region);
}

/// Writes all, or the real values of a region and nothing beside them.
bool PortionsRun::write(PyObject* cache, const std::vector<jit::Span>& region) {
  if (region.empty() && is_full())
    return portions_->write(cache, offsets_, nullptr);
  if (region.empty()) {
    const Ref values = packed(offsets_.back());
    move(cache, values.get(), Way::together);
    return portions_->write(values.get(), offsets_, nullptr);
  }
  const StorageView rows = memcache_storage(cache);
  if (!rows)
    throw PythonError();
  const Value& value = portions_->value();
  std::vector<jit::Span> spans = region;
  Offsets borders = offsets_;
  Rectangle how = rectangle();
  if (is_flat()) { // as one row
    spans.insert(spans.begin(), {0, 1, 1});
    borders = {0, offsets_.back()};
    how.width = offsets_.back();
  }
  const auto picked = picked_of(rows.data, borders, how, value.inner, spans);
  if (!picked || picked->numbers.empty() || !rows.c_contiguous)
    return false; // the routes know which of the values that is
  const Ref values = packed(std::ssize(picked->numbers));
  std::ranges::copy(picked->values, memcache_storage(values.get()).data);
  return portions_->write(values.get(), offsets_, &picked->numbers);
}

bool PortionsRun::update(PyObject* cache, PyObject* view) {
  if (portions_->is_stale() || !is_free())
    return false;
  const std::vector<jit::Span> region = region_of(cache, view);
  const ForThisCall found(*portions_);
  return write(cache, region);
}

/// The run of what is found now; null where it does not fit the form.
std::unique_ptr<PortionsRun> begun(std::unique_ptr<Portions> portions, Form form,
                                   std::optional<Offsets> offsets) {
  if (!offsets || offsets->size() < 2 || offsets->back() == 0)
    return nullptr;
  Lengths lengths = lengths_in(*offsets);
  if (form.kind == Form::Kind::equal && lengths.shortest != lengths.longest)
    return nullptr;
  if (form.kind == Form::Kind::padded) {
    if (form.width >= 0 && form.width < lengths.longest)
      return nullptr;
    form.width = form.width < 0 ? lengths.longest : form.width;
  }
  return std::make_unique<PortionsRun>(std::move(portions), std::move(form), std::move(*offsets),
                                       std::move(lengths));
}

} // namespace

std::int64_t row_bytes_of(const Value& value) {
  std::int64_t bytes = native_size(value.format.front());
  for (const std::int64_t extent : value.inner)
    bytes *= extent;
  return bytes;
}

std::unique_ptr<Run> enter(std::unique_ptr<Portions> portions, Form form, PyObject* wrapper,
                           ManyCache& made) {
  Portions& found = *portions;
  if (found.is_stale() || !is_free())
    return nullptr;
  auto offsets = found.enter();
  if (offsets && form.kind == Form::Kind::flat)
    made.offsets.assign(offsets->begin(), offsets->end());
  auto run = begun(std::move(portions), std::move(form), std::move(offsets));
  if (!run)
    return nullptr;
  const ForThisCall ends(found);
  made.cache = allocate_cache(found.value().format, run->shape(), wrapper);
  const bool is_done = made.cache && (!fills(wrapper) || run->fill(made.cache.get(), {}));
  return is_done ? std::move(run) : nullptr;
}

std::unique_ptr<Run> adopt(std::unique_ptr<Portions> portions, Form form,
                           const std::vector<Py_ssize_t>& shape) {
  Portions& found = *portions;
  if (found.is_stale() || !is_free())
    return nullptr;
  auto offsets = found.enter();
  auto run = begun(std::move(portions), std::move(form), std::move(offsets));
  if (!run)
    return nullptr;
  const ForThisCall ends(found);
  return run->shape() == shape ? std::move(run) : nullptr;
}

} // namespace rnaslicer::runtime
