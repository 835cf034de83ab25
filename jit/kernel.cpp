// jit/kernel.cpp: the registry of kernels, their entries and their statistics.
#include "jit/kernel.hpp"

#include "jit/disk_cache.hpp"
#include "jit/engine.hpp"
#include "jit/faults.hpp"
#include "jit/inspect.hpp"
#include "jit/inspect/object.hpp"
#include "jit/perf.hpp"
#include "jit/walk.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <set>
#include <stdexcept>
#include <thread>
#include <utility>

namespace rnaslicer::jit {
namespace {

using Clock = std::chrono::steady_clock;

/// Output from which non-temporal stores pay (KERNEL-FACTS), and what does not pay a compilation.
constexpr std::int64_t streaming_bytes = 16LL << 20U;
constexpr std::int64_t interpreted_items = 256;
/// Kernels kept in memory though nobody uses them.
constexpr std::size_t kept_kernels = 1024;
/// More workers than this only wait for the memory.
constexpr unsigned most_threads = 8;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

class KernelImpl;

/// All process-wide state of this file.
struct State {
  Configuration configuration;
  Tier tier = host_tier();
  unsigned threads = 1;
  DiskCache disk;
  std::vector<std::shared_ptr<KernelImpl>> kernels; // oldest first
  std::set<KernelImpl*> alive;                      // also those that only wrappers hold
  std::uint64_t hits = 0, misses = 0;

  State() : disk({}, configuration.disk_limit) {
    count_threads();
    const char* perf = std::getenv("RNASLICER_PERF"); // NOLINT(concurrency-mt-unsafe)
    if (perf != nullptr && (std::string_view(perf) == "map" || std::string_view(perf) == "jitdump"))
      configuration.perf = perf;
  }
  void count_threads() {
    const auto wanted =
        configuration.threads != 0 ? configuration.threads : std::thread::hardware_concurrency();
    threads = std::clamp(wanted, 1U, most_threads);
  }
};

/// Never destroyed: the process is Blender's, and wrappers may outlive any order of destruction.
State& state() {
  static auto* state = new State; // the one state
  return *state;
}

/// One compiled function, or why there is none.
struct Entry {
  bool tried = false;
  Tier tier = Tier::baseline;
  Origin origin = Origin::interpreter;
  std::string symbol;
  std::string ir;
  std::string object;
  std::string trouble;
  std::int64_t min_count = 1;
  double seconds = 0;
  std::unique_ptr<Code> code;
};

bool same_code(const Plan& a, const Plan& b) {
  if (a.loops.empty() != b.loops.empty())
    return false;
  return a.storage == b.storage && a.target_stride == b.target_stride &&
         a.transform == b.transform && a.component_step == b.component_step && a.value == b.value &&
         a.format == b.format && a.normalized == b.normalized && a.clamp == b.clamp &&
         a.lanes == b.lanes && (a.loops.empty() || a.loops.back() == b.loops.back());
}

/// Do the steps' outputs fill the memory without gaps, and is there more to do than a memcpy?
bool can_stream(const Plan& plan, Direction direction) {
  if (plan.loops.empty())
    return false;
  const auto dense = [&](bool source) {
    const auto& loop = plan.loops.back();
    if (source && (loop.kind != LoopKind::strided || plan.target_stride))
      return false;
    const auto size = size_of(source ? plan.storage.type : plan.format);
    const auto stride = source ? loop.source_stride : loop.cache_stride;
    return stride == size * static_cast<std::int64_t>(plan.lanes.size());
  };
  const bool converts = plan.storage.type != plan.format || plan.value != plan.format ||
                        plan.storage.decode != Decode::plain || plan.storage.inverted ||
                        plan.transform.has_value();
  const bool to_source = direction == Direction::update;
  return dense(to_source) && (converts || !dense(!to_source));
}

/// RNASLICER_CODE is a hash of the sources that shape code; see CMakeLists.txt.
constexpr std::string_view version_line =
    "rnaslicer " RNASLICER_VERSION " code " RNASLICER_CODE "\nllvm ";

std::string disk_key(const Plan& plan, const std::string& symbol, Tier tier) {
  std::string key(version_line);
  key.append(llvm_version()).append(" tier ").append(tier_name(tier));
  key.append(" cpu ").append(target(tier).cpu).append(" features ").append(target(tier).features);
  return key.append("\nentry ").append(symbol).append("\n").append(print(plan));
}

class KernelImpl final : public Kernel {
 public:
  KernelImpl(Plan plan, Signature signature) : plan_(std::move(plan)), signature_(signature) {
    state().alive.insert(this);
  }
  KernelImpl(const KernelImpl&) = delete;
  KernelImpl& operator=(const KernelImpl&) = delete;
  ~KernelImpl() override { state().alive.erase(this); }

  [[nodiscard]] const Plan& plan() const override { return plan_; }
  [[nodiscard]] Signature signature() const override { return signature_; }

  Origin prepare(Direction direction) override {
    if (!state().configuration.jit)
      return Origin::interpreter;
    const auto& known = entry(direction, false);
    const bool there = known.tried && known.tier == state().tier;
    const auto& ready = obtain(direction, false);
    if (!ready.code)
      return Origin::interpreter;
    return there ? Origin::memory : ready.origin;
  }

  void run(const Plan& plan, Direction direction, const Transfer& transfer) override;

  [[nodiscard]] Statistics statistics(Direction direction) const override {
    auto result = statistics_.at(static_cast<std::size_t>(direction));
    for (bool streaming : {true, false}) {
      const auto& one = entry(direction, streaming);
      result.compile_seconds += one.seconds;
      if (one.code && state().configuration.jit)
        result.origin = one.origin;
    }
    return result;
  }

  [[nodiscard]] std::vector<EntryInfo> entries(Direction direction) const override {
    std::vector<EntryInfo> result;
    for (bool streaming : {false, true}) {
      const auto& one = entry(direction, streaming);
      if (one.code)
        result.push_back({one.symbol, std::string(tier_name(one.tier)), one.origin, streaming,
                          one.min_count, one.seconds, one.ir, one.object});
    }
    return result;
  }

  /// Tells perf of all code that there is.
  void tell_perf() const {
    for (const auto& one : entries_)
      tell_perf(one);
  }

  [[nodiscard]] std::string ir(Direction direction) override {
    return both(direction, [](const Entry& entry) { return entry.ir; });
  }

  [[nodiscard]] std::string assembly(Direction direction) override {
    return both(direction, [](const Entry& entry) {
      return "# " + entry.symbol + " " + std::string(tier_name(entry.tier)) + "\n" +
             disassemble(entry.object, entry.symbol, entry.tier);
    });
  }

  [[nodiscard]] std::string trouble() const override {
    if (!state().configuration.jit)
      return "JIT is off";
    for (const auto& one : entries_)
      if (one.tried && !one.code)
        return one.trouble;
    return {};
  }

 private:
  [[nodiscard]] const Entry& entry(Direction direction, bool streaming) const {
    return entries_.at(static_cast<std::size_t>(direction) * 2 + (streaming ? 1 : 0));
  }
  [[nodiscard]] Entry& entry(Direction direction, bool streaming) {
    return entries_.at(static_cast<std::size_t>(direction) * 2 + (streaming ? 1 : 0));
  }
  void tell_perf(const Entry& entry) const;
  const Entry& obtain(Direction direction, bool streaming);
  void make(Entry& entry, Direction direction, bool streaming);
  const Entry* choose(Direction direction, std::int64_t items, std::int64_t output);
  /// False if an index was bad.
  static bool run_code(const Entry& chosen, const Plan& plan, Direction direction,
                       const Transfer& transfer);

  /// The texts of the plain and the streaming entry, as far as there are any.
  template <class Text> std::string both(Direction direction, Text text) {
    std::string result;
    for (bool streaming : {false, true}) {
      const auto& one = entry(direction, streaming);
      if (!one.code)
        continue;
      try {
        result += (result.empty() ? "" : "\n") + text(one);
      } catch (const std::runtime_error&) { // unreadable object: no text
      }
    }
    return result;
  }

  Plan plan_;
  Signature signature_;
  std::array<Entry, 4> entries_; // direction x streaming
  std::array<Statistics, 2> statistics_;
};

void KernelImpl::tell_perf(const Entry& entry) const {
  if (!entry.code || state().configuration.perf.empty())
    return;
  try {
    const auto mode = perf_from_name(state().configuration.perf);
    const auto code = read_function(entry.object, entry.symbol);
    const auto* address = reinterpret_cast<const char*>(entry.code->function());
    const auto& folder = state().disk.directory();
    perf_write(mode, folder + "/perf",
               {entry.symbol,
                address,
                {address, code.bytes.size()}, // as it was linked
                folder + "/" + signature_.hex() + ".plan",
                code.lines});
  } catch (const std::runtime_error&) { // unreadable object: perf does without
  }
}

/// The entry for the current tier, made on first need; without code if that failed.
const Entry& KernelImpl::obtain(Direction direction, bool streaming) {
  auto& wanted = entry(direction, streaming);
  if (wanted.tried && wanted.tier == state().tier)
    return wanted;
  wanted = Entry{};
  wanted.tried = true;
  wanted.tier = state().tier;
  const auto start = Clock::now();
  try {
    make(wanted, direction, streaming);
  } catch (const std::exception& error) {
    wanted.code.reset();
    wanted.trouble = error.what();
  }
  wanted.seconds = seconds_since(start);
  tell_perf(wanted);
  return wanted;
}

void KernelImpl::make(Entry& entry, Direction direction, bool streaming) {
  const auto link_into = [&entry](Compiled compiled, Origin origin) {
    entry.code = link(compiled.object, entry.symbol);
    entry.min_count = compiled.min_count;
    entry.object = std::move(compiled.object);
    entry.ir = std::move(compiled.ir);
    entry.origin = origin;
  };
  entry.symbol = "rnaslicer_" + signature_.hex() +
                 (direction == Direction::refresh ? "_refresh" : "_update") +
                 (streaming ? "_stream" : "");
  auto& disk = state().disk;
  const auto source = signature_.hex() + ".plan";
  const bool use_disk = state().configuration.disk_cache;
  const auto key = use_disk ? disk_key(plan_, entry.symbol, entry.tier) : std::string();
  if (use_disk) {
    if (auto stored = disk.load(entry.symbol, key)) {
      try {
        link_into({std::move(stored->object), std::move(stored->ir), stored->min_count},
                  Origin::disk);
        disk.keep_text(source, print(plan_));
        return;
      } catch (const std::runtime_error&) { // compile it anew
      }
    }
  }
  if (fails(Fault::compile))
    throw std::runtime_error("a test wants compilation to fail");
  link_into(compile(plan_, direction, entry.tier, streaming, entry.symbol, disk.directory()),
            Origin::compiled);
  if (use_disk) {
    disk.store(entry.symbol, key, {entry.min_count, entry.object, entry.ir});
    disk.keep_text(source, print(plan_));
  }
}

/// The entry to run, or none for the interpreter.
const Entry* KernelImpl::choose(Direction direction, std::int64_t items, std::int64_t output) {
  if (!state().configuration.jit)
    return nullptr;
  if (output >= streaming_bytes && can_stream(plan_, direction)) {
    const auto& stream = obtain(direction, true);
    if (stream.code)
      return &stream;
  }
  const auto& known = entry(direction, false);
  if (items <= interpreted_items && !known.tried)
    return nullptr;
  const auto& plain = obtain(direction, false);
  return plain.code ? &plain : nullptr;
}

void KernelImpl::run(const Plan& plan, Direction direction, const Transfer& transfer) {
  if (!same_code(plan, plan_))
    throw std::invalid_argument("the plan has another signature");
  if (transfer.extents.size() != plan.loops.size())
    throw std::invalid_argument("one extent per loop is needed");
  check_transfer(plan, direction, transfer);
  auto& statistics = statistics_.at(static_cast<std::size_t>(direction));
  ++statistics.calls;
  if (std::any_of(transfer.extents.begin(), transfer.extents.end(),
                  [](std::int64_t extent) { return extent <= 0; }))
    return;

  const Nest nest(plan, transfer);
  const auto items = nest.steps() * static_cast<std::int64_t>(plan.lanes.size());
  const auto written = direction == Direction::refresh ? plan.format : plan.storage.type;
  const auto* chosen = choose(direction, items, items * size_of(written));

  const auto start = Clock::now();
  if (chosen == nullptr || !fits_kernels(plan, direction, transfer)) {
    interpret(plan, direction, transfer);
  } else if (plan.transform && transfer.matrices.step != 0) {
    std::array<std::int64_t, max_loops> extents;
    std::array<Table, max_loops> tables;
    bool good = true;
    for (std::int64_t i = 0; i < transfer.extents[0]; ++i)
      good &= run_code(*chosen, plan, direction, one_step(plan, transfer, i, extents, tables));
    if (!good)
      refuse_bad_index(plan, transfer);
  } else if (!run_code(*chosen, plan, direction, transfer)) {
    refuse_bad_index(plan, transfer);
  }
  const auto seconds = seconds_since(start);
  statistics.fastest = statistics.seconds == 0 ? seconds : std::min(statistics.fastest, seconds);
  statistics.slowest = std::max(statistics.slowest, seconds);
  statistics.last = seconds;
  const auto moved = static_cast<std::uint64_t>(items * size_of(plan.format));
  if (statistics.best_seconds == 0 || static_cast<double>(moved) * statistics.best_seconds >
                                          static_cast<double>(statistics.best_bytes) * seconds) {
    statistics.best_bytes = moved;
    statistics.best_seconds = seconds;
  }
  statistics.seconds += seconds;
  statistics.bytes += moved;
}

bool KernelImpl::run_code(const Entry& chosen, const Plan& plan, Direction direction,
                          const Transfer& transfer) {
  const Nest nest(plan, transfer);
  if (nest.inner().extent < chosen.min_count)
    return interpret_all(plan, direction, transfer);
  const auto function = chosen.code->function();
  auto side = side_data(plan, direction, transfer);
  const auto parts =
      parallelism(nest, plan, direction, transfer, chosen.min_count, state().threads);
  if (parts > 1)
    run_parallel(nest, function, transfer, &side, chosen.min_count, parts);
  else
    nest.run(function, transfer.source, transfer.cache, &side);
  return side.bad_index == 0;
}

std::shared_ptr<KernelImpl> lookup(Signature signature, const Plan* plan) {
  for (const auto& kernel : state().kernels)
    if (kernel->signature() == signature && (plan == nullptr || same_code(kernel->plan(), *plan)))
      return kernel;
  return nullptr;
}

} // namespace

void configure(const Configuration& configuration) {
  auto tier = host_tier();
  if (!configuration.tier.empty()) {
    const auto named = tier_from_name(configuration.tier);
    if (!named)
      throw std::invalid_argument("no tier is called " + configuration.tier);
    if (*named > tier)
      throw std::invalid_argument("this CPU cannot run the tier " + configuration.tier);
    tier = *named;
  }
  perf_from_name(configuration.perf); // refuses
  auto& now = state();
  const bool perf_changed = configuration.perf != now.configuration.perf;
  if (configuration.cache_directory != now.configuration.cache_directory ||
      configuration.disk_limit != now.configuration.disk_limit) {
    const auto counts = now.disk.counts;
    now.disk = DiskCache(configuration.cache_directory, configuration.disk_limit);
    now.disk.counts = counts;
  }
  now.configuration = configuration;
  now.tier = tier;
  now.count_threads();
  if (!perf_changed)
    return;
  perf_close();
  for (const auto* kernel : now.alive)
    kernel->tell_perf();
}

const Configuration& configuration() { return state().configuration; }

unsigned copy_threads() { return state().threads; }

std::shared_ptr<Kernel> find_kernel(const Plan& plan) {
  auto& now = state();
  const auto wanted = signature(plan);
  if (auto known = lookup(wanted, &plan)) {
    ++now.hits;
    return known;
  }
  ++now.misses;
  if (now.kernels.size() >= kept_kernels) {
    const auto unused = std::find_if(now.kernels.begin(), now.kernels.end(),
                                     [](const auto& kernel) { return kernel.use_count() == 1; });
    if (unused != now.kernels.end())
      now.kernels.erase(unused);
  }
  auto made = std::make_shared<KernelImpl>(compiled_part(plan), wanted);
  now.kernels.push_back(made);
  return made;
}

bool has_kernel(Signature signature) { return lookup(signature, nullptr) != nullptr; }

std::vector<std::shared_ptr<Kernel>> kernels() {
  return {state().kernels.begin(), state().kernels.end()};
}

CacheInfo cache_info() {
  const auto& now = state();
  CacheInfo info;
  info.memory_kernels = now.kernels.size();
  info.memory_hits = now.hits;
  info.memory_misses = now.misses;
  const auto usage = now.disk.usage();
  info.disk_files = usage.files;
  info.disk_bytes = usage.bytes;
  info.disk_hits = now.disk.counts.hits;
  info.disk_misses = now.disk.counts.misses;
  info.disk_rejected = now.disk.counts.rejected;
  info.directory = now.disk.directory();
  info.disk_trouble = now.disk.trouble();
  info.tier = tier_name(now.tier);
  info.cpu = host_cpu();
  info.perf_file = perf_file();
  info.perf_trouble = perf_trouble();
  return info;
}

std::vector<DiskKernel> disk_kernels(std::uint64_t& refused) {
  std::vector<DiskKernel> result;
  for (auto& found : state().disk.contents(refused)) {
    const bool current =
        found.key.starts_with(std::string(version_line).append(llvm_version()) + " ");
    result.push_back({std::move(found.name), std::move(found.key), current, found.bytes,
                      found.modified, found.stored.min_count, std::move(found.stored.ir),
                      std::move(found.stored.object)});
  }
  return result;
}

void clear_cache(bool memory, bool disk) {
  if (memory)
    state().kernels.clear();
  if (disk)
    state().disk.clear();
}

} // namespace rnaslicer::jit
