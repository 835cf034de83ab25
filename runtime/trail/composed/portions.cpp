// runtime/trail/composed/portions.cpp: how values that a collection's elements divide among them
// lie in a cache.
#include "runtime/trail/composed/portions.hpp"

#include "runtime/memcache/memcache.hpp"

#include <algorithm>
#include <array>
#include <cstring>
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

std::vector<Py_ssize_t> lengths_in(const Offsets& offsets) {
  std::vector<Py_ssize_t> lengths(offsets.size() - 1);
  for (std::size_t i = 0; i < lengths.size(); ++i)
    lengths[i] = static_cast<Py_ssize_t>(offsets[i + 1] - offsets[i]);
  return lengths;
}

class PortionsRun : public Run {
 public:
  PortionsRun(std::unique_ptr<Portions> portions, Form form, Offsets offsets,
              std::vector<Py_ssize_t> lengths)
      : Run(portions->trail()), portions_(std::move(portions)), form_(std::move(form)),
        offsets_(std::move(offsets)), lengths_(std::move(lengths)),
        longest_(*std::ranges::max_element(lengths_)) {}

  bool refresh(PyObject* cache, PyObject* view) override;
  bool update(PyObject* cache, PyObject* view) override;
  [[nodiscard]] Moment seen() const override { return portions_->seen(); }
  [[nodiscard]] std::vector<Py_ssize_t> lengths() const override { return lengths_; }

  /// The cache's shape.
  [[nodiscard]] std::vector<Py_ssize_t> shape() const;
  /// Blender to cache, once everything is found.
  void fill(PyObject* cache, const std::vector<jit::Span>& region);

 private:
  [[nodiscard]] bool is_padded() const { return form_.kind == Form::Kind::padded; }
  [[nodiscard]] Ref packed() const {
    return allocate_cache(trail(), {static_cast<Py_ssize_t>(offsets_.back())}, Py_None);
  }
  enum class Way : std::uint8_t { apart, together };
  void move(PyObject* cache, PyObject* values, Way way) const;

  std::unique_ptr<Portions> portions_;
  Form form_;
  Offsets offsets_;
  std::vector<Py_ssize_t> lengths_; // not empty
  Py_ssize_t longest_;
};

std::vector<Py_ssize_t> PortionsRun::shape() const {
  const auto count = static_cast<Py_ssize_t>(lengths_.size());
  if (is_padded())
    return {count, form_.width};
  if (form_.kind == Form::Kind::equal)
    return {count, lengths_.front()};
  return {static_cast<Py_ssize_t>(offsets_.back())};
}

/// By how many items of a row are real: all bits of these, none of the others'.
template <typename Item, std::size_t width>
constexpr std::array<std::array<Item, width>, width + 1> real_bits = [] {
  std::array<std::array<Item, width>, width + 1> masks{};
  for (std::size_t length = 0; length <= width; ++length)
    for (std::size_t k = 0; k < length; ++k)
      masks[length][k] = static_cast<Item>(~Item{0});
  return masks;
}();

/// So many items of a padded row, with the fill behind the real ones, or back (no fill). All are
/// moved, whatever is real: how many that is no processor guesses. Behind a row's own values lie
/// those of the next, which are read in vain, and which come to their place when it is their turn.
template <typename Item, std::size_t width>
void move_narrow(Item* padded, Item* real, std::int64_t length, const Item* fill) {
  std::array<Item, width> items;
  std::memcpy(items.data(), fill != nullptr ? real : padded, sizeof items);
  if (fill != nullptr) {
    const auto& mask = real_bits<Item, width>[static_cast<std::size_t>(length)];
    for (std::size_t k = 0; k < width; ++k)
      items[k] = static_cast<Item>((items[k] & mask[k]) | (*fill & ~mask[k]));
  }
  std::memcpy(fill != nullptr ? padded : real, items.data(), sizeof items);
}

/// Items of a size that is known here, row by row: from one behind the other to where they are
/// padded, with the fill behind them, or back. `narrow`: their width, where that is known, too.
template <typename Item, std::size_t narrow>
void move_rows(std::byte* rows, std::byte* flat, const Offsets& offsets, std::int64_t width,
               const std::byte* fill) {
  auto* padded = reinterpret_cast<Item*>(rows);
  auto* const values = reinterpret_cast<Item*>(flat);
  Item filled{};
  if (fill != nullptr)
    std::memcpy(&filled, fill, sizeof filled);
  for (std::size_t row = 0; row + 1 < offsets.size(); ++row, padded += width) {
    Item* const real = values + offsets[row];
    const std::int64_t length = offsets[row + 1] - offsets[row];
    if constexpr (narrow != 0)
      if (offsets[row] + width <= offsets.back()) {
        move_narrow<Item, narrow>(padded, real, length, fill != nullptr ? &filled : nullptr);
        continue;
      }
    if (fill == nullptr) // most rows are too short for a call of memcpy
      for (std::int64_t k = 0; k < length; ++k)
        real[k] = padded[k];
    else
      for (std::int64_t k = 0; k < width; ++k)
        padded[k] = k < length ? real[k] : filled;
  }
}

template <typename Item>
void move_rows_of(std::byte* rows, std::byte* flat, const Offsets& offsets, std::int64_t width,
                  const std::byte* fill) {
  switch (width) {
  case 2:
    return move_rows<Item, 2>(rows, flat, offsets, width, fill);
  case 3:
    return move_rows<Item, 3>(rows, flat, offsets, width, fill);
  case 4:
    return move_rows<Item, 4>(rows, flat, offsets, width, fill);
  case 5:
    return move_rows<Item, 5>(rows, flat, offsets, width, fill);
  case 6:
    return move_rows<Item, 6>(rows, flat, offsets, width, fill);
  case 7:
    return move_rows<Item, 7>(rows, flat, offsets, width, fill);
  case 8:
    return move_rows<Item, 8>(rows, flat, offsets, width, fill);
  default:
    return move_rows<Item, 0>(rows, flat, offsets, width, fill);
  }
}

void PortionsRun::move(PyObject* cache, PyObject* values, Way way) const {
  const StorageView rows = memcache_storage(cache);
  const StorageView flat = memcache_storage(values);
  if (!rows || !flat)
    throw PythonError();
  const std::int64_t bytes = row_bytes_of(trail());
  if (!rows.c_contiguous ||
      rows.nbytes != static_cast<std::int64_t>(lengths_.size()) * form_.width * bytes ||
      flat.nbytes != offsets_.back() * bytes ||
      form_.fill.size() != static_cast<std::size_t>(bytes) || longest_ > form_.width)
    raise(PyExc_SystemError, "padded rows leave the cache");
  const std::byte* const fill = way == Way::apart ? form_.fill.data() : nullptr;
  switch (bytes) {
  case 1:
    return move_rows_of<std::uint8_t>(rows.data, flat.data, offsets_, form_.width, fill);
  case 2:
    return move_rows_of<std::uint16_t>(rows.data, flat.data, offsets_, form_.width, fill);
  case 4:
    return move_rows_of<std::uint32_t>(rows.data, flat.data, offsets_, form_.width, fill);
  case 8:
    return move_rows_of<std::uint64_t>(rows.data, flat.data, offsets_, form_.width, fill);
  default:
    raise(PyExc_SystemError, "a padded value is one item");
  }
}

void PortionsRun::fill(PyObject* cache, const std::vector<jit::Span>& region) {
  if (!is_padded())
    return portions_->fill(cache, region);
  const Ref values = packed();
  portions_->fill(values.get(), {});
  move(cache, values.get(), Way::apart);
}

bool PortionsRun::refresh(PyObject* cache, PyObject* view) {
  if (portions_->is_stale() || !is_free())
    return false;
  const std::vector<jit::Span> region = region_of(cache, view);
  if (!region.empty() && (form_.kind != Form::Kind::flat || region.front().count == 0))
    return false; // the routes know which of the values that is
  const ForThisCall found(*portions_);
  if (!portions_->again(offsets_))
    return false;
  fill(cache, region);
  return true;
}

bool PortionsRun::update(PyObject* cache, PyObject* view) {
  if (portions_->is_stale() || !is_free() || !region_of(cache, view).empty())
    return false;
  const ForThisCall found(*portions_);
  if (!is_padded())
    return portions_->write(cache, offsets_);
  const Ref values = packed();
  move(cache, values.get(), Way::together);
  return portions_->write(values.get(), offsets_);
}

/// The run of what is found now; null where it does not fit the form.
std::unique_ptr<PortionsRun> begun(std::unique_ptr<Portions> portions, Form form,
                                   std::optional<Offsets> offsets) {
  if (!offsets || offsets->size() < 2 || offsets->back() == 0)
    return nullptr;
  std::vector<Py_ssize_t> lengths = lengths_in(*offsets);
  if (form.kind == Form::Kind::equal &&
      std::ranges::adjacent_find(lengths, std::not_equal_to<>()) != lengths.end())
    return nullptr;
  if (form.kind == Form::Kind::padded) {
    const Py_ssize_t longest = *std::ranges::max_element(lengths);
    if (form.width >= 0 && form.width < longest)
      return nullptr;
    form.width = form.width < 0 ? longest : form.width;
  }
  return std::make_unique<PortionsRun>(std::move(portions), std::move(form), std::move(*offsets),
                                       std::move(lengths));
}

} // namespace

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
  made.cache = allocate_cache(*found.trail(), run->shape(), wrapper);
  run->fill(made.cache.get(), {});
  return run;
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
