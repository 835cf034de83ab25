// runtime/memory/range.cpp: what many integers have in common.
#include "runtime/memory/range.hpp"

#include "jit/clones.hpp"
#include "jit/kernel.hpp"
#include "jit/parallel.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

namespace rnaslicer::runtime {

namespace {

/// What one thread looks at before it asks for more.
constexpr std::size_t block_bytes = std::size_t{1} << 19U;

/// Lanes that the compiler keeps in vectors; one chain of min and max would wait for itself.
constexpr std::size_t lanes = 64;

template <class Int> using Range = std::pair<Int, Int>;

template <class Int>
inline __attribute__((always_inline)) Range<Int> range_by_lanes(std::span<const Int> values) {
  std::array<Int, lanes> low{};
  std::array<Int, lanes> high{};
  low.fill(std::numeric_limits<Int>::max());
  high.fill(std::numeric_limits<Int>::min());
  const Int* at = values.data();
  std::size_t left = values.size();
  for (; left >= lanes; left -= lanes, at += lanes) {
    for (std::size_t i = 0; i < lanes; ++i) {
      low[i] = at[i] < low[i] ? at[i] : low[i];
      high[i] = at[i] > high[i] ? at[i] : high[i];
    }
  }
  for (std::size_t i = 0; i < left; ++i) {
    low[i] = at[i] < low[i] ? at[i] : low[i];
    high[i] = at[i] > high[i] ? at[i] : high[i];
  }
  for (std::size_t half = lanes / 2; half > 0; half /= 2)
    for (std::size_t i = 0; i < half; ++i) {
      low[i] = low[i + half] < low[i] ? low[i + half] : low[i];
      high[i] = high[i + half] > high[i] ? high[i + half] : high[i];
    }
  return {low.front(), high.front()};
}

/// At the speed of memory on the CPU's best instructions (baseline SSE2 has no 32-bit min).
RNASLICER_CLONES Range<std::int32_t> range_of(std::span<const std::int32_t> values) {
  return range_by_lanes(values);
}
RNASLICER_CLONES Range<std::int64_t> range_of(std::span<const std::int64_t> values) {
  return range_by_lanes(values);
}

/// The same of many, on several threads from where a second one pays for being started.
template <class Int> Range<Int> range_of_many(std::span<const Int> values) {
  constexpr std::size_t block = block_bytes / sizeof(Int);
  constexpr std::size_t enough = 8 * block;
  if (values.size() < enough)
    return range_of(values);
  const std::size_t blocks = (values.size() + block - 1) / block;
  std::vector<Range<Int>> ranges(blocks);
  jit::share_out(static_cast<std::int64_t>(blocks), jit::copy_threads(), [&](std::int64_t i) {
    const auto at = static_cast<std::size_t>(i);
    ranges[at] = range_of(values.subspan(at * block, std::min(block, values.size() - at * block)));
  });
  auto found = ranges.front();
  for (const auto& [low, high] : ranges)
    found = {std::min(found.first, low), std::max(found.second, high)};
  return found;
}

/// Whether each is by one more than the one before.
bool has_no_gaps(std::span<const std::int32_t> sorted) {
  for (std::size_t i = 1; i < sorted.size(); ++i)
    if (std::int64_t{sorted[i]} - sorted[i - 1] != 1)
      return false;
  return !sorted.empty();
}

std::uint32_t number_at(const std::int32_t* at, std::size_t i) {
  return static_cast<std::uint32_t>(at[i]);
}

/// `step` divides the lanes: those between are looked at with the others, and left out at the end.
RNASLICER_CLONES std::uint32_t largest_by_lanes(std::span<const std::int32_t> numbers,
                                                std::size_t step) {
  std::array<std::uint32_t, lanes> most{};
  const std::int32_t* at = numbers.data();
  std::size_t left = numbers.size();
  const auto look = [&](std::size_t i) { most[i] = std::max(most[i], number_at(at, i)); };
  for (; left >= lanes; left -= lanes, at += lanes)
    for (std::size_t i = 0; i < lanes; ++i)
      look(i);
  for (std::size_t i = 0; i < left; ++i)
    look(i);
  std::uint32_t found = 0;
  for (std::size_t i = 0; i < lanes; i += step)
    found = std::max(found, most[i]);
  return found;
}

RNASLICER_CLONES bool ascends_here(std::span<const std::int32_t> values, std::uint32_t least) {
  // Nothing is asked on the way, and each lane keeps a number as wide as those compared: a bool
  // would have to be packed each time. All of it stays in vectors.
  std::array<std::int32_t, lanes> wrong{};
  const std::int32_t* at = values.data();
  std::size_t left = values.empty() ? 0 : values.size() - 1;
  const auto look = [&](std::size_t i) {
    const auto step = static_cast<std::uint32_t>(at[i + 1]) - static_cast<std::uint32_t>(at[i]);
    wrong[i] |= (at[i + 1] <= at[i] ? -1 : 0) | (step < least ? -1 : 0);
  };
  for (; left >= lanes; left -= lanes, at += lanes)
    for (std::size_t i = 0; i < lanes; ++i)
      look(i);
  for (std::size_t i = 0; i < left; ++i)
    look(i);
  return std::ranges::all_of(wrong, [](std::int32_t one) { return one == 0; });
}

} // namespace

std::pair<std::int64_t, std::int64_t> range_of_indices(std::span<const std::int32_t> indices) {
  const auto [low, high] = range_of_many(indices);
  return {low, high};
}

std::pair<std::int64_t, std::int64_t> range_of_indices(std::span<const std::int64_t> indices) {
  return range_of_many(indices);
}

std::uint32_t largest_of_each(std::span<const std::int32_t> numbers, std::size_t step) {
  constexpr std::size_t few = 4; // beyond that most of what is read is in vain
  if (step <= few && lanes % step == 0)
    return largest_by_lanes(numbers, step);
  std::uint32_t found = 0;
  for (std::size_t i = 0; i < numbers.size(); i += step)
    found = std::max(found, number_at(numbers.data(), i));
  return found;
}

std::optional<std::int32_t> first_outside(std::span<const std::int32_t> values,
                                          std::span<const std::int32_t> allowed) {
  if (!values.empty() && has_no_gaps(allowed)) {
    const auto [low, high] = range_of_many(values);
    if (low >= allowed.front() && high <= allowed.back())
      return std::nullopt;
  }
  constexpr std::size_t longest_table = 4096;
  const std::int64_t low = allowed.empty() ? 0 : allowed.front();
  const std::int64_t high = allowed.empty() ? -1 : allowed.back();
  const auto length = static_cast<std::size_t>(high - low + 1);
  std::vector<char> is_allowed(length <= longest_table ? length : 0);
  if (!is_allowed.empty())
    for (const std::int32_t value : allowed)
      is_allowed[static_cast<std::size_t>(value - low)] = 1;
  for (const std::int32_t value : values) {
    const bool known = !is_allowed.empty()
                           ? value >= low && value <= high &&
                                 is_allowed[static_cast<std::size_t>(value - low)] != 0
                           : std::binary_search(allowed.begin(), allowed.end(), value);
    if (!known)
      return value;
  }
  return std::nullopt;
}

bool ascends(std::span<const std::int32_t> values, std::uint32_t least) {
  constexpr std::size_t block = block_bytes / sizeof(std::int32_t);
  const std::size_t blocks = (values.size() + block - 1) / block;
  std::vector<char> fine(blocks);
  const auto look = [&](std::int64_t i) {
    const auto at = static_cast<std::size_t>(i) * block; // one more: the next block's first
    fine[static_cast<std::size_t>(i)] = static_cast<char>(
        ascends_here(values.subspan(at, std::min(block + 1, values.size() - at)), least));
  };
  jit::share_out(static_cast<std::int64_t>(blocks), blocks <= 8 ? 1 : jit::copy_threads(), look);
  return std::ranges::all_of(fine, [](char one) { return one != 0; });
}

std::vector<std::int32_t> picked(std::span<const std::int32_t> rows,
                                 std::span<const std::int64_t> inner,
                                 std::span<const jit::Span> region) {
  std::vector<std::int64_t> places{0};
  std::int64_t stride = 1;
  for (std::size_t axis = region.size(); axis-- > 0;) {
    std::vector<std::int64_t> more;
    more.reserve(places.size() * static_cast<std::size_t>(region[axis].count));
    for (std::int64_t i = 0; i < region[axis].count; ++i)
      for (const std::int64_t place : places)
        more.push_back((region[axis].start + i * region[axis].step) * stride + place);
    places = std::move(more);
    if (axis > 0)
      stride *= inner[axis - 1];
  }
  std::vector<std::int32_t> numbers;
  numbers.reserve(places.size());
  for (const std::int64_t place : places)
    numbers.push_back(rows[static_cast<std::size_t>(place)]);
  return numbers;
}

} // namespace rnaslicer::runtime
