// jit/registry.cpp: finds kernels by signature, keeps settings and caches.
#include "jit/registry.hpp"

#include "jit/kernel_key.hpp"
#include "jit/perf.hpp"

#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <thread>
#include <utility>

namespace rnaslicer::jit {
namespace {

/// Kernels kept in memory though nobody uses them.
constexpr std::size_t kept_kernels = 1024;
/// More workers than this only wait for the memory.
constexpr unsigned most_threads = 8;

std::shared_ptr<KernelImpl> lookup(Signature signature, const Plan* plan) {
  for (const auto& kernel : state().kernels)
    if (kernel->signature() == signature && (plan == nullptr || same_code(kernel->plan(), *plan)))
      return kernel;
  return nullptr;
}

} // namespace

State::State() : disk({}, configuration.disk_limit) {
  count_threads();
  const char* perf = std::getenv("RNASLICER_PERF"); // NOLINT(concurrency-mt-unsafe)
  if (perf != nullptr && (std::string_view(perf) == "map" || std::string_view(perf) == "jitdump"))
    configuration.perf = perf;
}

void State::count_threads() {
  const auto wanted =
      configuration.threads != 0 ? configuration.threads : std::thread::hardware_concurrency();
  threads = std::clamp(wanted, 1U, most_threads);
}

State& state() {
  static auto* state = new State; // the one state
  return *state;
}

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

const std::string& cache_directory() { return state().disk.directory(); }

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
    const bool current = is_current(found.key);
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
