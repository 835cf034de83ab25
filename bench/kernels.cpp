// bench/kernels.cpp: kernels against memcpy of the same traffic, strictly alternating.
//
// Each round times one memcpy of (bytes spanned by the reads + bytes spanned by the writes) / 2,
// then one kernel run, on separate memory: spans, for memory moves in whole cache lines. Reported:
// the kernel's minimum and median, and their ratios to memcpy's.
// --tier=baseline|avx2|avx512 chooses the code, --items=N,N the sizes; the rest is Google
// Benchmark's (--benchmark_filter, --benchmark_format=json).
#include "jit/engine.hpp"
#include "jit/transfer.hpp"

#include <algorithm>
#include <benchmark/benchmark.h>
#include <chrono>
#include <cmath>
#include <cstring>
#include <iostream>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>
#include <map>
#include <numeric>
#include <sys/mman.h>

namespace {

using namespace rnaslicer::jit;

struct Shape {
  const char* name;
  const char* types; ///< plan text: storage, value, clamp, format
  std::int64_t source_stride, cache_stride;
  std::vector<Lane> lanes;
  LoopKind kind = LoopKind::strided;
};

std::vector<Lane> run_of(std::int64_t count, std::int64_t source_size, std::int64_t cache_size) {
  std::vector<Lane> lanes;
  for (std::int64_t i = 0; i < count; ++i)
    lanes.push_back({i * source_size, i * cache_size});
  return lanes;
}

/// Whole vectors, each at a place of its own in the source.
std::vector<Lane> vectors_of(std::int64_t count, std::int64_t cache_size) {
  std::vector<Lane> lanes;
  for (std::int64_t i = 0; i < 3 * count; ++i)
    lanes.push_back({i / 3 * 4, i * cache_size, 0, 0, 0, static_cast<std::int32_t>(i % 3)});
  return lanes;
}

constexpr const char* floats = "storage f32\nvalue f32\nformat f32\n";
constexpr const char* ints = "storage i32\nvalue i32\nformat i32\n";

const std::vector<Shape>& shapes() {
  static const std::vector<Shape> all{
      {"packed f32x3", floats, 12, 12, run_of(3, 4, 4)},
      {"f32x3 at 16", floats, 16, 12, run_of(3, 4, 4)},
      {"f32x3 at 12 to f64", "storage f32\nvalue f32\nformat f64\n", 12, 24, run_of(3, 4, 8)},
      {"i32 at 12", ints, 12, 4, {{8, 0}}},
      {"xxx yyy zzz at 12",
       floats,
       12,
       36,
       {{0, 0}, {0, 4}, {0, 8}, {4, 12}, {4, 16}, {4, 20}, {8, 24}, {8, 28}, {8, 32}}},
      {"z at 12", floats, 12, 4, {{8, 0}}},
      {"zyx at 12", floats, 12, 12, {{8, 0}, {4, 4}, {0, 8}}},
      {"rgba u8 to f32", "storage u8 unorm\nvalue f32\nformat f32\n", 4, 16, run_of(4, 1, 4)},
      {"flag at 20 to bool", "storage u8 flag 0x1\nvalue b1\nformat b1\n", 20, 1, {{18, 0}}},
      {"flag packed to bool", "storage u8 flag 0x1\nvalue b1\nformat b1\n", 1, 1, {{0, 0}}},
      {"bool in structs of 24", "storage b1\nvalue b1\nformat b1\n", 1, 24, {{0, 4}}},
      {"f32x3 in structs of 24", floats, 12, 24, {{0, 4}, {4, 8}, {8, 12}}},
      {"bool inverted", "storage b1 inverted\nvalue b1\nformat b1\n", 1, 1, {{0, 0}}},
      {"field i16 at 12 to i32",
       "storage i16 field 0x310\nvalue i32\nformat i32\n",
       12,
       4,
       {{10, 0}}},
      {"i32 to i64", "storage i32\nvalue i32\nformat i64\n", 4, 8, {{0, 0}}},
      {"i16 to f32", "storage i16\nvalue i32\nformat f32\n", 2, 4, {{0, 0}}},
      {"f32x3 at 120", floats, 120, 12, run_of(3, 4, 4)},
      {"f32x3 at 72", floats, 72, 12, run_of(3, 4, 4)},
      {"f32x2 at 8 to f16", "storage f32\nvalue f32\nformat f16\n", 8, 4, run_of(2, 4, 2)},
      {"f32x4x4 to f64", "storage f32\nvalue f32\nformat f64\n", 64, 128, run_of(16, 4, 8)},
      {"f32x3 clamped", "storage f32\nvalue f32\nclamp 0 1\nformat f32\n", 12, 12, run_of(3, 4, 4)},
      {"f32 reversed", floats, -4, 4, {{0, 0}}},
      {"f32x3 indexed", floats, 12, 12, run_of(3, 4, 4), LoopKind::indexed},
      {"f32 at pointers", floats, 8, 4, {{4, 0}}, LoopKind::pointers},
      {"f32x3 at pointers", floats, 128, 12, run_of(3, 4, 4), LoopKind::pointers},
      {"flag i32 at 72", "storage i32 flag 0x1\nvalue b1\nformat b1\n", 72, 1, {{52, 0}}},
      {"flag i16 at 72", "storage i16 flag 0x1\nvalue b1\nformat b1\n", 72, 1, {{52, 0}}},
      {"three masks at 72",
       "storage i16 flag 0x1\nvalue b1\nformat b1\n",
       72,
       3,
       {{52, 0, 1}, {52, 1, 2}, {52, 2, 4}}},
      {"masks packed",
       "storage u8 flag 0x1\nvalue b1\nformat b1\n",
       3,
       3,
       {{0, 0, 1}, {1, 1, 2}, {2, 2, 4}}},
      {"rgba lookup",
       "storage u8 lookup\nvalue f32\nformat f32\n",
       4,
       16,
       {{0, 0}, {1, 4}, {2, 8}, {3, 12, 0, 1}}},
      {"rgba one lookup", "storage u8 lookup\nvalue f32\nformat f32\n", 4, 16, run_of(4, 1, 4)},
      {"difference", "storage i32 difference\nvalue i32\nformat i32\n", 4, 4, {{0, 0}}},
      {"i32x3 through", "storage i32\nthrough stride 4\nvalue i32\nformat i32\n", 12, 12,
       run_of(3, 4, 4)},
      {"f32x3 through",
       "storage f32\nthrough stride 12\nvalue f32\nformat f32\n",
       4,
       12,
       {{0, 0}, {0, 4, 0, 0, 4}, {0, 8, 0, 0, 8}}},
      {"three rows through",
       "storage f32\nthrough stride 12\nvalue f32\nformat f32\n",
       12,
       36,
       {{0, 0},
        {0, 4, 0, 0, 4},
        {0, 8, 0, 0, 8},
        {4, 12},
        {4, 16, 0, 0, 4},
        {4, 20, 0, 0, 8},
        {8, 24},
        {8, 28, 0, 0, 4},
        {8, 32, 0, 0, 8}}},
      {"point", "storage f32\nvalue f32\ntransform point step 4\nformat f32\n", 12, 12,
       vectors_of(1, 4)},
      {"normal", "storage f32\nvalue f32\ntransform normal step 4\nformat f32\n", 12, 12,
       vectors_of(1, 4)},
      {"point to f64", "storage f32\nvalue f32\ntransform point step 4\nformat f64\n", 12, 24,
       vectors_of(1, 8)},
      {"point at 16", "storage f32\nvalue f32\ntransform point step 4\nformat f32\n", 16, 12,
       vectors_of(1, 4)},
      {"point through",
       "storage f32\nthrough stride 12\nvalue f32\ntransform point step 4\nformat f32\n", 4, 12,
       vectors_of(1, 4)},
      {"three points through",
       "storage f32\nthrough stride 12\nvalue f32\ntransform point step 4\nformat f32\n", 12, 36,
       vectors_of(3, 4)},
      {"f32 normalized to u8", "storage f32\nvalue f32\nformat u8 normalized\n", 4, 1, {{0, 0}}},
      {"f32x4 normalized to u8", "storage f32\nvalue f32\nformat u8 normalized\n", 16, 4,
       run_of(4, 4, 1)},
      {"f32 normalized to u16", "storage f32\nvalue f32\nformat u16 normalized\n", 4, 2, {{0, 0}}},
  };
  return all;
}

Plan plan_of(const Shape& shape) {
  constexpr std::array kinds{"strided", "indexed", "pointers"};
  std::string text = "plan 1\n" + std::string(shape.types) + "loop " +
                     kinds.at(static_cast<std::size_t>(shape.kind)) + " source " +
                     std::to_string(shape.kind == LoopKind::pointers ? 0 : shape.source_stride) +
                     " cache " + std::to_string(shape.cache_stride) + "\nlanes " +
                     std::to_string(shape.lanes.size()) + "\n";
  for (const Lane& lane : shape.lanes)
    text += "lane " + std::to_string(lane.source) + " -> " + std::to_string(lane.cache) + "\n";
  Plan plan = parse(text);
  plan.lanes = shape.lanes;
  return plan;
}

/// Pages of its own, huge where the system allows, touched once.
class Memory {
 public:
  explicit Memory(std::size_t bytes)
      : m_bytes(bytes),
        m_start(mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) {
    if (m_start == MAP_FAILED)
      throw std::bad_alloc();
    madvise(m_start, bytes, MADV_HUGEPAGE);
    std::memset(m_start, 1, bytes);
  }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  ~Memory() { munmap(m_start, m_bytes); }
  [[nodiscard]] std::byte* data() const { return static_cast<std::byte*>(m_start); }

 private:
  std::size_t m_bytes;
  void* m_start;
};

double median(std::vector<double> times) {
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::nth_element(times.begin(), middle, times.end());
  return *middle;
}

/// Half-way thresholds, bent as sRGB's are.
Lookup bent_lookup(float power) {
  std::array<float, 256> decode{};
  std::array<float, 255> thresholds{};
  for (std::size_t i = 0; i < 256; ++i)
    decode.at(i) = std::pow(static_cast<float>(i) / 255, power);
  for (std::size_t i = 0; i < 255; ++i)
    thresholds.at(i) = std::pow((static_cast<float>(i) + 0.5F) / 255, power);
  return {decode, thresholds, 0};
}

/// Bytes of all values, floats from 0 to 1, indices that jump about as a mesh's do.
void fill(const Plan& plan, std::byte* source, std::byte* cache, std::int64_t items) {
  const auto count = items * static_cast<std::int64_t>(plan.lanes.size());
  if (plan.storage.decode == Decode::lookup)
    for (std::int64_t i = 0; i < count; ++i) {
      source[i] = static_cast<std::byte>(i * 7 + i / 256);
      const float value = static_cast<float>(i * 37 % 1000) / 1000;
      std::memcpy(cache + 4 * i, &value, 4);
    }
  if (plan.storage.type == Scalar::f32 && !plan.target_stride)
    for (std::int64_t i = 0; i < items * plan.loops[0].source_stride / 4; ++i) {
      const float value = static_cast<float>(i * 37 % 1000) / 1000;
      std::memcpy(source + 4 * i, &value, 4);
    }
  if (plan.target_stride)
    for (std::int64_t i = 0, each = plan.loops[0].source_stride / 4; i < items * each; ++i) {
      const auto index = static_cast<std::int32_t>(std::min(i / each ^ 5, items - 1));
      std::memcpy(source + 4 * i, &index, 4);
    }
}

struct Setting {
  Tier tier;
  bool streaming;
};

bool emits(const Plan& plan, Direction direction, Setting setting) {
  llvm::LLVMContext context;
  return emit(plan, direction, setting.tier, setting.streaming, "bench", context).module != nullptr;
}

void measure(benchmark::State& state, const Shape& shape, Direction direction, Setting setting,
             std::int64_t items) {
  using Clock = std::chrono::steady_clock;
  const auto seconds = [](auto duration) {
    return std::chrono::duration<double>(duration).count();
  };
  const Plan plan = plan_of(shape);
  const auto source_bytes = static_cast<std::size_t>(std::abs(shape.source_stride) * items);
  const auto cache_bytes = static_cast<std::size_t>(shape.cache_stride * items);
  const bool refresh = direction == Direction::refresh;
  const auto table_bytes =
      static_cast<std::size_t>(shape.kind == LoopKind::strided ? 0 : 8 * items);
  const auto read = table_bytes +
                    static_cast<std::size_t>(std::abs(plan.target_stride.value_or(0)) * items) +
                    (refresh ? source_bytes : cache_bytes);
  const auto written = refresh ? cache_bytes : source_bytes;
  const std::size_t copied = (read + written) / 2;

  if (!emits(plan, direction, setting)) {
    state.SkipWithError("declined: interpreted");
    return;
  }
  const auto begin = Clock::now();
  const auto compiled = compile(plan, direction, setting.tier, setting.streaming, "bench");
  const auto code = link(compiled.object, "bench");
  const double compile_seconds = seconds(Clock::now() - begin);

  const Memory source(source_bytes + 256);
  const Memory cache(cache_bytes + 256);
  const Memory from(copied + 64);
  const Memory to(copied + 64);
  std::vector<std::int64_t> table;
  if (shape.kind != LoopKind::strided) {
    table.resize(static_cast<std::size_t>(items));
    std::iota(table.begin(), table.end(), 0);
  }
  if (shape.kind == LoopKind::pointers)
    for (std::int64_t& entry : table)
      entry = reinterpret_cast<std::intptr_t>(source.data()) + entry * shape.source_stride;
  fill(plan, source.data(), cache.data(), items);
  const auto target_bytes =
      static_cast<std::size_t>(std::abs(plan.target_stride.value_or(0)) * items);
  const Memory target(target_bytes + 256);
  static const std::array lookups{bent_lookup(2.2F), bent_lookup(1)};
  const std::array<const Lookup*, 2> all_lookups{lookups.data(), &lookups[1]};
  const std::array extents{items};
  constexpr std::array<double, 12> matrix{0.6, -0.8, 0.1, 3, 0.8, 0.6, 0, -2, 0.2, 0, 1.5, 0.5};
  auto side = side_data(plan, direction,
                        {source.data(),
                         cache.data(),
                         extents,
                         {},
                         all_lookups,
                         {target.data(), items},
                         {matrix.data(), 0}});
  auto* first = source.data() + (shape.source_stride < 0 ? source_bytes - 4 : 0);

  // Short ones are timed in groups: the clock costs 20 ns.
  const int group = copied < 1'000'000 ? 20 : 1;
  std::vector<double> kernel_times;
  std::vector<double> memcpy_times;
  for (auto _ : state) { // NOLINT(clang-analyzer-deadcode.DeadStores)
    const auto start = Clock::now();
    for (int i = 0; i < group; ++i) {
      std::memcpy(to.data(), from.data(), copied);
      benchmark::ClobberMemory();
    }
    const auto between = Clock::now();
    for (int i = 0; i < group; ++i)
      code->function()(first, cache.data(), items, table.data(), 1, &side);
    const auto end = Clock::now();
    memcpy_times.push_back(seconds(between - start) / group);
    kernel_times.push_back(seconds(end - between) / group);
    state.SetIterationTime(seconds(end - between) / group);
  }
  const double kernel_min = *std::min_element(kernel_times.begin(), kernel_times.end());
  const double memcpy_min = *std::min_element(memcpy_times.begin(), memcpy_times.end());
  state.counters["min_us"] = kernel_min * 1e6;
  state.counters["median_us"] = median(kernel_times) * 1e6;
  state.counters["memcpy_us"] = memcpy_min * 1e6;
  state.counters["ratio"] = kernel_min / memcpy_min;
  state.counters["median_ratio"] = median(kernel_times) / median(memcpy_times);
  state.counters["compile_ms"] = compile_seconds * 1e3;
}

void register_all(Tier tier, const std::vector<std::int64_t>& sizes) {
  for (const auto items : sizes)
    for (const Shape& shape : shapes())
      for (const auto direction : {Direction::refresh, Direction::update})
        for (const bool streaming : {false, true}) {
          if (direction == Direction::update && shape.lanes.size() == 9)
            continue; // targets twice
          if (!refuse(plan_of(shape), direction).empty())
            continue;
          if (streaming && shape.cache_stride * items < 8'000'000)
            continue;
          const std::string name = std::string(shape.name) + "/" +
                                   (direction == Direction::refresh ? "refresh" : "update") +
                                   (streaming ? "/streaming/" : "/") + std::to_string(items);
          const double enough = items < 100'000 ? 0.02 : 0.25;
          benchmark::RegisterBenchmark(name.c_str(),
                                       [&shape, direction, tier, streaming, items](auto& state) {
                                         measure(state, shape, direction, {tier, streaming}, items);
                                       })
              ->UseManualTime()
              ->Unit(benchmark::kMicrosecond)
              ->MinTime(enough);
        }
}

std::vector<std::int64_t> numbers_in(std::string_view text) {
  std::vector<std::int64_t> numbers;
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    numbers.push_back(std::stoll(std::string(text.substr(0, comma))));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return numbers;
}

} // namespace

int main(int argc, char** argv) {
  Tier tier = host_tier();
  std::vector<std::int64_t> sizes{1000, 1'000'000};
  std::vector<char*> rest;
  for (int i = 0; i < argc; ++i) {
    const std::string_view argument = argv[i];
    constexpr std::string_view tier_flag = "--tier=";
    constexpr std::string_view items_flag = "--items=";
    if (argument.starts_with(tier_flag)) {
      const auto named = tier_from_name(argument.substr(tier_flag.size()));
      if (!named || *named > host_tier()) {
        std::cerr << "no such tier on this CPU\n";
        return 2;
      }
      tier = *named;
    } else if (argument.starts_with(items_flag)) {
      sizes = numbers_in(argument.substr(items_flag.size()));
    } else {
      rest.push_back(argv[i]);
    }
  }
  auto count = static_cast<int>(rest.size());
  benchmark::Initialize(&count, rest.data());
  if (benchmark::ReportUnrecognizedArguments(count, rest.data()))
    return 2;
  benchmark::AddCustomContext("tier", std::string(tier_name(tier)));
  register_all(tier, sizes);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
