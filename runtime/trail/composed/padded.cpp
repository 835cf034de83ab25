// runtime/trail/composed/padded.cpp: rows of different lengths, and their parts.
#include "runtime/trail/composed/padded.hpp"

#include "runtime/memory/range.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace rnaslicer::runtime {

namespace {

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
template <typename Item, std::size_t width, bool fills>
void move_narrow(Item* padded, Item* real, std::int64_t length, Item fill) {
  std::array<Item, width> items;
  std::memcpy(items.data(), fills ? real : padded, sizeof items);
  if constexpr (fills) {
    const auto& mask = real_bits<Item, width>[static_cast<std::size_t>(length)];
    for (std::size_t k = 0; k < width; ++k)
      items[k] = static_cast<Item>((items[k] & mask[k]) | (fill & ~mask[k]));
  }
  std::memcpy(fills ? padded : real, items.data(), sizeof items);
}

/// The rows behind which there is as much as they are wide, from the first on; how many these are.
template <typename Item, std::size_t width, bool fills>
std::size_t move_narrow_rows(Item* padded, Item* values, const Offsets& offsets, Item fill) {
  const std::int64_t last = offsets.back() - static_cast<std::int64_t>(width);
  const std::int64_t* const begins = offsets.data();
  std::size_t row = 0;
  for (; row + 1 < offsets.size() && begins[row] <= last; ++row, padded += width)
    move_narrow<Item, width, fills>(padded, values + begins[row], begins[row + 1] - begins[row],
                                    fill);
  return row;
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
  std::size_t row = 0;
  if constexpr (narrow != 0) {
    row = fill != nullptr ? move_narrow_rows<Item, narrow, true>(padded, values, offsets, filled)
                          : move_narrow_rows<Item, narrow, false>(padded, values, offsets, filled);
    padded += static_cast<std::int64_t>(row) * width;
  }
  for (; row + 1 < offsets.size(); ++row, padded += width) {
    Item* const real = values + offsets[row];
    const std::int64_t length = offsets[row + 1] - offsets[row];
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

/// The same of items of any size.
void move_bytes(std::byte* rows, std::byte* flat, const Offsets& offsets, const Rectangle& how,
                const std::byte* fill) {
  const auto size = static_cast<std::size_t>(how.bytes);
  for (std::size_t row = 0; row + 1 < offsets.size(); ++row, rows += how.width * how.bytes) {
    std::byte* const real = flat + offsets[row] * how.bytes;
    const std::int64_t length = offsets[row + 1] - offsets[row];
    const std::size_t some = static_cast<std::size_t>(length) * size;
    if (some != 0)
      std::memcpy(fill != nullptr ? rows : real, fill != nullptr ? real : rows, some);
    for (std::int64_t k = length; fill != nullptr && k < how.width; ++k)
      std::memcpy(rows + k * how.bytes, fill, size);
  }
}

void copy_axes(const std::byte* from, std::byte* to, std::span<const std::int64_t> shape,
               std::int64_t bytes, std::span<const jit::Span> region) {
  if (shape.empty()) {
    std::memcpy(to, from, static_cast<std::size_t>(bytes));
    return;
  }
  const jit::Span& span = region.front();
  std::int64_t each = bytes;
  bool is_whole = span.step == 1;
  for (std::size_t axis = 1; axis < shape.size(); ++axis) {
    each *= shape[axis];
    is_whole = is_whole && region[axis].start == 0 && region[axis].step == 1 &&
               region[axis].count == shape[axis];
  }
  if (is_whole) {
    if (span.count > 0)
      std::memcpy(to + span.start * each, from + span.start * each,
                  static_cast<std::size_t>(span.count * each));
    return;
  }
  for (std::int64_t i = 0; i < span.count; ++i) {
    const std::int64_t at = (span.start + i * span.step) * each;
    copy_axes(from + at, to + at, shape.subspan(1), bytes, region.subspan(1));
  }
}

} // namespace

void move_padded(std::byte* rows, std::byte* flat, const Offsets& offsets, const Rectangle& how,
                 const Padding& padding) {
  const auto numbers = static_cast<std::size_t>(how.bytes & -how.bytes); // a vector's are smaller
  if (!is_aligned(rows, numbers) || !is_aligned(flat, numbers))          // a caller's buffer
    return move_bytes(rows, flat, offsets, how, padding.fill);
  switch (how.bytes) {
  case 1:
    return move_rows_of<std::uint8_t>(rows, flat, offsets, how.width, padding.fill);
  case 2:
    return move_rows_of<std::uint16_t>(rows, flat, offsets, how.width, padding.fill);
  case 4:
    return move_rows_of<std::uint32_t>(rows, flat, offsets, how.width, padding.fill);
  case 8:
    return move_rows_of<std::uint64_t>(rows, flat, offsets, how.width, padding.fill);
  case 12: // vectors
    return move_rows<std::array<std::uint32_t, 3>, 0>(rows, flat, offsets, how.width, padding.fill);
  case 24:
    return move_rows<std::array<std::uint64_t, 3>, 0>(rows, flat, offsets, how.width, padding.fill);
  default:
    return move_bytes(rows, flat, offsets, how, padding.fill);
  }
}

void copy_region(const std::byte* from, std::byte* to, std::span<const std::int64_t> shape,
                 std::int64_t bytes, std::span<const jit::Span> region) {
  copy_axes(from, to, shape, bytes, region);
}

std::optional<Picked> picked_of(const std::byte* rows, const Offsets& offsets, const Rectangle& how,
                                std::span<const std::int64_t> inner,
                                std::span<const jit::Span> region) {
  if (region.size() != inner.size() + 2)
    return std::nullopt;
  for (std::size_t axis = 0; axis < inner.size(); ++axis)
    if (const jit::Span& span = region[axis + 2];
        span.start != 0 || span.step != 1 || span.count != inner[axis])
      return std::nullopt;
  const jit::Span& some = region[0];
  const jit::Span& places = region[1];
  Picked picked;
  for (std::int64_t i = 0; i < some.count; ++i) {
    const std::int64_t row = some.start + i * some.step;
    const std::int64_t first = offsets[static_cast<std::size_t>(row)];
    const std::int64_t length = offsets[static_cast<std::size_t>(row) + 1] - first;
    for (std::int64_t k = 0; k < places.count; ++k) {
      const std::int64_t place = places.start + k * places.step;
      if (place >= length)
        continue;
      picked.numbers.push_back(first + place);
      const std::byte* const value = rows + (row * how.width + place) * how.bytes;
      picked.values.insert(picked.values.end(), value, value + how.bytes);
    }
  }
  return picked;
}

} // namespace rnaslicer::runtime
