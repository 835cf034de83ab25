// jit/entries.cpp: one kernel: its entries, made when needed, and its statistics.
#include "jit/changes.hpp"
#include "jit/faults.hpp"
#include "jit/inspect.hpp"
#include "jit/inspect/object.hpp"
#include "jit/kernel_key.hpp"
#include "jit/perf.hpp"
#include "jit/registry.hpp"
#include "jit/rows.hpp"
#include "jit/walk.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <stdexcept>
#include <utility>

namespace rnaslicer::jit {
namespace {

using Clock = std::chrono::steady_clock;

/// Output from which non-temporal stores pay (KERNEL-FACTS), and what does not pay a compilation.
constexpr std::int64_t streaming_bytes = 16LL << 20U;
constexpr std::int64_t interpreted_items = 256;

/// Numbers that a transfer moves; its extents are as many as the plan's loops.
std::int64_t items_of(const Plan& plan, const Transfer& transfer) {
  auto items = static_cast<std::int64_t>(plan.lanes.size());
  for (const std::int64_t extent : transfer.extents)
    items *= std::max<std::int64_t>(extent, 0);
  return items;
}

/// Asks the processor for what lies there, while it has other things to do: from the second line on
/// it goes ahead by itself. Of no address this does any harm.
void fetch_ahead(const std::byte* place) {
  constexpr std::ptrdiff_t bytes = 512;
  constexpr std::ptrdiff_t line = 64;
  for (std::ptrdiff_t at = 0; at < bytes; at += line)
    __builtin_prefetch(place + at);
}

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

} // namespace

KernelImpl::KernelImpl(Plan plan, Signature signature)
    : plan_(std::move(plan)), signature_(signature) {
  state().alive.insert(this);
}

KernelImpl::~KernelImpl() { state().alive.erase(this); }

Origin KernelImpl::prepare(Direction direction) {
  if (!state().configuration.jit)
    return Origin::interpreter;
  const auto& known = entry(direction, false);
  const bool there = known.tried && known.tier == state().tier;
  const auto& ready = obtain(direction, false);
  if (!ready.code)
    return Origin::interpreter;
  return there ? Origin::memory : ready.origin;
}

Statistics KernelImpl::statistics(Direction direction) const {
  auto result = statistics_.at(static_cast<std::size_t>(direction));
  for (bool streaming : {true, false}) {
    const auto& one = entry(direction, streaming);
    result.compile_seconds += one.seconds;
    if (one.code && state().configuration.jit)
      result.origin = one.origin;
  }
  return result;
}

std::vector<EntryInfo> KernelImpl::entries(Direction direction) const {
  std::vector<EntryInfo> result;
  for (bool streaming : {false, true}) {
    const auto& one = entry(direction, streaming);
    if (one.code)
      result.push_back({one.symbol, std::string(tier_name(one.tier)), one.origin, streaming,
                        one.min_count, one.seconds, one.ir, one.object});
  }
  return result;
}

void KernelImpl::tell_perf() const {
  for (const auto& one : entries_)
    tell_perf(one);
}

std::string KernelImpl::ir(Direction direction) {
  return both(direction, [](const Entry& entry) { return entry.ir; });
}

std::string KernelImpl::assembly(Direction direction) {
  return both(direction, [](const Entry& entry) {
    return "# " + entry.symbol + " " + std::string(tier_name(entry.tier)) + "\n" +
           disassemble(entry.object, entry.symbol, entry.tier);
  });
}

std::string KernelImpl::trouble() const {
  if (!state().configuration.jit)
    return "JIT is off";
  for (const auto& one : entries_)
    if (one.tried && !one.code)
      return one.trouble;
  return {};
}

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

void KernelImpl::run(const Plan& plan, Direction direction, std::span<const Transfer> transfers) {
  if (!same_code(plan, plan_))
    throw std::invalid_argument("the plan has another signature");
  const auto written = size_of(direction == Direction::refresh ? plan.format : plan.storage.type);
  std::int64_t items = 0;
  std::int64_t output = 0; // of the largest
  bool is_plain = direction == Direction::refresh && transfers.size() > 1 && plan.loops.size() == 1;
  std::int64_t longest = 0;
  for (const Transfer& transfer : transfers) {
    if (transfer.extents.size() != plan.loops.size())
      throw std::invalid_argument("one extent per loop is needed");
    check_transfer(plan, direction, transfer);
    const auto own = items_of(plan, transfer);
    items += own;
    if (direction != Direction::refresh || Changes::watching(plan, transfer) == nullptr)
      output = std::max(output, own * written);
    else
      is_plain = false;
    longest = std::max(longest, is_plain ? transfer.extents.front() : 0);
  }
  auto& statistics = statistics_.at(static_cast<std::size_t>(direction));
  ++statistics.calls;
  if (items == 0)
    return;

  const auto* chosen = choose(direction, items, output);
  const auto start = Clock::now();
  const bool is_short = chosen == nullptr || longest < chosen->min_count;
  const bool is_done =
      is_plain && (is_short ? copy_rows(plan, transfers) : run_alike(*chosen, plan, transfers));
  for (std::size_t i = 0; !is_done && i < transfers.size(); ++i) {
    if (i + 1 < transfers.size())
      fetch_ahead(transfers[i + 1].source);
    if (items_of(plan, transfers[i]) != 0)
      run_one(chosen, plan, direction, transfers[i]);
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

void KernelImpl::run_one(const Entry* chosen, const Plan& plan, Direction direction,
                         const Transfer& transfer) {
  auto* const changes =
      direction == Direction::refresh ? Changes::watching(plan, transfer) : nullptr;
  const auto move = [&](const Transfer& part) {
    if (chosen == nullptr || !fits_kernels(plan, direction, part))
      return interpret_all(plan, direction, part);
    return run_steps(*chosen, plan, direction, part);
  };
  // The tables of a lookup are joined for one thread at a time.
  const bool shares = chosen != nullptr && plan.storage.decode != Decode::lookup;
  if (!(changes != nullptr ? changes->refresh(plan, transfer, shares ? state().threads : 1, move)
                           : move(transfer)))
    refuse_bad_index(plan, transfer);
}

/// Each step of the outermost loop by itself where it has a matrix of its own.
bool KernelImpl::run_steps(const Entry& chosen, const Plan& plan, Direction direction,
                           const Transfer& transfer) {
  if (!plan.transform || transfer.matrices.step == 0)
    return run_code(chosen, plan, direction, transfer);
  std::array<std::int64_t, max_loops> extents;
  std::array<Table, max_loops> tables;
  bool good = true;
  for (std::int64_t i = 0; i < transfer.extents[0]; ++i)
    good &= run_code(chosen, plan, direction, one_step(plan, transfer, i, extents, tables));
  return good;
}

/// Refreshes by a plan of one strided loop that looks nothing up, one after the other: only places
/// and lengths differ, and to look at all else anew for each took a tenth of short ones. False, and
/// nothing was done, where the plan is another or the longest is worth several threads.
bool KernelImpl::run_alike(const Entry& chosen, const Plan& plan,
                           std::span<const Transfer> transfers) {
  if (plan.loops.front().kind != LoopKind::strided || plan.transform || plan.target_stride ||
      lookup_count(plan) > 0)
    return false;
  const Transfer& longest = *std::ranges::max_element(
      transfers, {}, [](const Transfer& one) { return one.extents.front(); });
  if (parallelism(Nest(plan, longest), plan, Direction::refresh, longest, chosen.min_count,
                  state().threads) > 1)
    return false;
  const auto function = chosen.code->function();
  SideData side;
  for (std::size_t i = 0; i < transfers.size(); ++i) {
    if (i + 1 < transfers.size())
      fetch_ahead(transfers[i + 1].source);
    const Transfer& one = transfers[i];
    if (const auto count = one.extents.front(); count >= chosen.min_count)
      function(one.source, one.cache, count, nullptr, 1, &side);
    else if (count > 0)
      interpret_all(plan, Direction::refresh, one);
  }
  return true;
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

} // namespace rnaslicer::jit
