// tests/fuzz/fuzz_plan.cpp: plan text, verifier, reach, regions, and the interpreter.
//
// The text ends at the first NUL; the bytes behind it give extents, tables, data and a region. What
// passes the verifier and is small runs between guard pages, and must do what the oracle does.
#include "runtime/transfer/reach.hpp"
#include "tests/fuzz/input.hpp"
#include "tests/jit/oracle.hpp"
#include "tests/jit/random_plan.hpp"

#include <set>
#include <stdexcept>

namespace {

using namespace rnaslicer::jit;
using rnaslicer::fuzz::expect;
using rnaslicer::fuzz::Numbers;

constexpr std::int64_t most_items = 2000;
constexpr std::int64_t most_bytes = 1 << 16;
constexpr std::int64_t farthest = std::int64_t{1} << 45U; ///< from a base that is an address still

std::optional<Plan> read(std::string_view text) {
  Plan plan;
  try {
    plan = parse(text);
  } catch (const std::invalid_argument& error) {
    expect(std::string_view(error.what()).find("column") != std::string_view::npos,
           "an error without a column");
    return std::nullopt;
  }
  const auto printed = print(plan);
  expect(print(parse(printed)) == printed, "text does not read back");
  const auto refusal = verify(plan);
  if (!refusal.empty())
    return std::nullopt;
  expect(parse(printed) == plan, "a verified plan does not read back");
  expect(signature(parse(printed)) == signature(plan), "a signature that changes");
  expect(verify(compiled_part(plan)).empty(), "what is compiled in is no plan");
  return plan;
}

bool follows_pointers(const Plan& plan) {
  return std::any_of(plan.loops.begin(), plan.loops.end(),
                     [](const Loop& loop) { return loop.kind == LoopKind::pointers; });
}

/// Extents and tables; empty where all would be too many items.
bool add_arguments(Numbers& numbers, test::Case& c) {
  auto left = most_items / static_cast<std::int64_t>(c.plan.lanes.size());
  // Nobody can check the arithmetic of what follows pointers.
  const auto most = follows_pointers(c.plan) ? std::int64_t{1} << 40U : std::int64_t{1} << 62U;
  for (const Loop& loop : c.plan.loops) {
    const auto extent = std::min(numbers.between(0, 9), left);
    left /= std::max<std::int64_t>(extent, 1);
    c.extents.push_back(extent);
    test::TableEntries& table = c.tables.emplace_back();
    if (loop.kind == LoopKind::strided)
      continue;
    table.step = numbers.between(1, 3);
    for (std::int64_t i = 0; i < extent * table.step; ++i)
      table.raw.push_back(std::clamp(numbers.integer(), -most, most));
  }
  return left > 0;
}

/// The bytes from the first to the last that the elements touch; false if they are too many.
bool add_bytes(Numbers& numbers, const std::vector<Lane>& items, std::int64_t Lane::*side,
               std::int64_t item_bytes, test::Case::Bytes& bytes) {
  if (items.empty())
    return true;
  const auto [low, high] = std::minmax_element(
      items.begin(), items.end(), [&](const Lane& a, const Lane& b) { return a.*side < b.*side; });
  bytes.low = (*low).*side;
  std::int64_t size = 0;
  if (__builtin_sub_overflow((*high).*side, bytes.low, &size) || size > most_bytes ||
      item_bytes > most_bytes || std::abs(bytes.low) > farthest)
    return false;
  size += item_bytes;
  bytes.bytes.resize(static_cast<std::size_t>(size));
  test::Random random(numbers.take<std::uint64_t>());
  for (auto& byte : bytes.bytes)
    byte = static_cast<std::byte>(random.next());
  return true;
}

/// What indices lead into, and mostly such that do.
bool add_target(Numbers& numbers, test::Case& c, const std::vector<Lane>& items) {
  if (!c.plan.target_stride)
    return true;
  c.target_count = numbers.between(1, 5);
  std::vector<Lane> places;
  for (const Lane& lane : c.plan.lanes)
    for (const std::int64_t index : {std::int64_t{0}, c.target_count - 1})
      places.push_back({index * *c.plan.target_stride + lane.at, 0});
  const auto size = number_bytes(c.plan);
  if (!add_bytes(numbers, places, &Lane::source, size, c.target))
    return false;
  const auto reach = rnaslicer::runtime::target_reach(c.plan, c.target_count);
  expect(reach && reach->low == c.target.low &&
             reach->high - reach->low == static_cast<std::int64_t>(c.target.bytes.size()),
         "reach of the target");
  for (const Lane& item : items) {
    const auto index = static_cast<std::int32_t>(numbers.between(0, 255) % (c.target_count + 1));
    if (index < c.target_count)
      std::memcpy(c.source.bytes.data() + (item.source - c.source.low), &index, sizeof index);
  }
  return true;
}

void add_lookups(Numbers& numbers, test::Case& c) {
  for (auto count = lookup_count(c.plan); count > 0; --count) {
    test::Random random(numbers.take<std::uint64_t>());
    std::array<float, 256> values{};
    std::array<float, 255> thresholds{};
    for (float& value : values)
      value = static_cast<float>(random.between(-9, 9));
    for (float& threshold : thresholds)
      threshold = static_cast<float>(random.between(-999, 999)) / 500;
    std::sort(thresholds.begin(), thresholds.end());
    c.lookups.push_back(std::make_shared<const Lookup>(values, thresholds, 7));
  }
}

std::vector<Table> tables_of(const test::Case& c) {
  std::vector<Table> tables;
  for (const auto& table : c.tables)
    tables.push_back({table.raw.data() + table.first, table.step});
  return tables;
}

/// True if no address overflows: what the reach finds, elements() would stumble over.
bool in_reach(const test::Case& c, const std::vector<Table>& tables) {
  return rnaslicer::runtime::cache_reach(c.plan, c.extents) &&
         (follows_pointers(c.plan) || rnaslicer::runtime::source_reach(c.plan, c.extents, tables));
}

void check_reach(const test::Case& c, const std::vector<Table>& tables) {
  const auto same = [](const rnaslicer::runtime::Reach& reach, const test::Case::Bytes& bytes) {
    const auto size = static_cast<std::int64_t>(bytes.bytes.size());
    return reach.high - reach.low == size && (size == 0 || reach.low == bytes.low);
  };
  expect(same(*rnaslicer::runtime::cache_reach(c.plan, c.extents), c.cache), "reach of the cache");
  if (const auto source = rnaslicer::runtime::source_reach(c.plan, c.extents, tables))
    expect(same(*source, c.source), "reach of the source");
}

void check_region(Numbers& numbers, const test::Case& c, const std::vector<Table>& tables,
                  const std::vector<Lane>& items) {
  std::vector<Span> region;
  for (std::size_t i = 0; i < c.plan.loops.size() + c.plan.lane_shape.size(); ++i) {
    const auto start = numbers.integer();
    const auto step = numbers.integer();
    region.push_back({start, step, numbers.integer()});
  }
  Restricted part;
  try {
    part = restrict(c.plan, c.extents, tables, region);
  } catch (const std::out_of_range&) {
    return;
  } catch (const std::invalid_argument&) {
    return;
  }
  std::vector<test::TableEntries> entries;
  std::int64_t count = 1;
  for (std::size_t i = 0; i < part.plan.loops.size(); ++i) {
    auto& table = entries.emplace_back();
    if (part.plan.loops[i].kind != LoopKind::strided)
      for (std::int64_t j = 0; j < part.extents[i]; ++j)
        table.raw.push_back(part.tables[i].data[j * part.tables[i].step]);
  }
  for (const Span& span : region)
    count *= span.count;
  const auto chosen = test::elements(part.plan, part.extents, entries);
  expect(static_cast<std::int64_t>(chosen.size()) == count, "a region of another size");
  std::set<std::pair<std::int64_t, std::int64_t>> whole;
  for (const Lane& lane : items)
    whole.emplace(lane.source, lane.cache);
  const bool pointers = follows_pointers(c.plan);
  for (const Lane& lane : chosen)
    expect(whole.contains(
               {lane.source + (pointers ? 0 : part.source_offset), lane.cache + part.cache_offset}),
           "a region that leaves the whole");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto end = std::min(bytes.find('\0'), size);
  const auto plan = read(bytes.substr(0, end));
  if (!plan)
    return 0;
  Numbers numbers(bytes.substr(std::min(end + 1, size)));
  test::Case c;
  c.plan = *plan;
  if (!add_arguments(numbers, c))
    return 0;
  const auto tables = tables_of(c);
  if (!in_reach(c, tables))
    return 0;
  const auto items = test::elements(c.plan, c.extents, c.tables);
  if (!add_bytes(numbers, items, &Lane::source, source_bytes(c.plan), c.source) ||
      !add_bytes(numbers, items, &Lane::cache, size_of(c.plan.format), c.cache) ||
      !add_target(numbers, c, items))
    return 0;
  add_lookups(numbers, c);
  for (int i = 0; c.plan.transform && i < 12; ++i)
    c.matrices.push_back(static_cast<double>(numbers.between(-9, 9)) / 4);
  check_reach(c, tables);
  check_region(numbers, c, tables, items);
  for (const auto direction : {Direction::refresh, Direction::update}) {
    if (!refuse(c.plan, direction).empty())
      continue;
    // Where nothing is to do the oracle still walks, through addresses that are none.
    const auto& expected = items.empty() ? interpret : test::oracle;
    const auto difference = test::compare(c, direction, expected, interpret);
    if (!difference.empty())
      rnaslicer::fuzz::fail(difference);
  }
  return 0;
}
