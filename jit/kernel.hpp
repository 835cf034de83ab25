// jit/kernel.hpp: kernels by layout signature: compiled when needed, cached, counted, inspectable.
#pragma once

#include "jit/transfer.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace rnaslicer::jit {

/// Where the code that runs came from.
enum class Origin : std::uint8_t { interpreter, compiled, memory, disk };

struct Statistics {
  std::uint64_t calls = 0;
  std::uint64_t bytes = 0; ///< cache bytes moved
  double seconds = 0;
  double fastest = 0, slowest = 0, last = 0; ///< seconds of single runs; 0 before the first
  std::uint64_t best_bytes = 0;              ///< what the run with the most bytes a second moved
  double best_seconds = 0;                   ///< and what it took; 0 before the first
  double compile_seconds = 0;                ///< 0 until compiled; load time if from disk
  Origin origin = Origin::interpreter;
};

/// One compiled function, as inspection sees it.
struct EntryInfo {
  std::string symbol;
  std::string tier;
  Origin origin = Origin::interpreter;
  bool streaming = false; ///< non-temporal stores, for large outputs
  std::int64_t min_count = 1;
  double compile_seconds = 0;
  std::string ir;
  std::string object;
};

/// One layout signature. Shared by all wrappers whose plans have it. Main thread only.
class Kernel {
 public:
  virtual ~Kernel() = default;

  /// The plan reduced to what is compiled in.
  [[nodiscard]] virtual const Plan& plan() const = 0;
  [[nodiscard]] virtual Signature signature() const = 0;

  /// Compiles or loads the entry now; `memory` if it was there already. Never throws: what cannot
  /// be compiled stays interpreted, and `trouble()` says why. Does nothing with JIT off.
  virtual Origin prepare(Direction direction) = 0;

  /// Runs `plan` (same signature as this kernel, else std::invalid_argument) on the transfer.
  /// Compiles on first need, which a few hundred items are not: those are interpreted until then.
  void run(const Plan& plan, Direction direction, const Transfer& transfer) {
    run(plan, direction, std::span(&transfer, 1));
  }
  /// The same of several, as one run: all are checked before the first moves.
  virtual void run(const Plan& plan, Direction direction, std::span<const Transfer> transfers) = 0;

  [[nodiscard]] virtual Statistics statistics(Direction direction) const = 0;
  /// What is compiled; compiles nothing.
  [[nodiscard]] virtual std::vector<EntryInfo> entries(Direction direction) const = 0;
  [[nodiscard]] virtual std::string ir(Direction direction) = 0;       ///< LLVM IR text, "" if none
  [[nodiscard]] virtual std::string assembly(Direction direction) = 0; ///< Intel syntax, "" if none
  [[nodiscard]] virtual std::string trouble() const = 0; ///< why it is interpreted; "" if it is not
};

/// Process-wide settings; effective from the next run, also for kernels already handed out.
struct Configuration {
  bool jit = true;
  bool disk_cache = true;
  std::string cache_directory;             ///< "" = $XDG_CACHE_HOME/rnaslicer/kernels
  std::uint64_t disk_limit = 64ULL << 20U; ///< bytes
  std::uint32_t threads = 0;               ///< copy workers; 0 = as many as cores, 1 = none
  std::string tier;                        ///< "" = by CPU; "baseline", "avx2", "avx512"
  std::string perf;                        ///< "" = off; "map", "jitdump" (jit/perf.hpp)
};
/// Throws std::invalid_argument for a tier that does not exist or that this CPU cannot run.
void configure(const Configuration& configuration);
const Configuration& configuration();

/// Threads that a large copy may use, the caller's included: as configured, or as many as cores.
unsigned copy_threads();

/// The kernel for this plan's signature; made if new (not compiled yet). Plan must be verified.
std::shared_ptr<Kernel> find_kernel(const Plan& plan);

/// True if a kernel with this signature is already in the memory cache.
bool has_kernel(Signature signature);

/// All kernels in the memory cache, oldest first.
std::vector<std::shared_ptr<Kernel>> kernels();

struct CacheInfo {
  std::uint64_t memory_kernels = 0, memory_hits = 0, memory_misses = 0;
  std::uint64_t disk_files = 0, disk_bytes = 0, disk_hits = 0, disk_misses = 0, disk_rejected = 0;
  std::string directory;
  std::string disk_trouble; ///< why the disk cache is not used; "" if all is well
  std::string tier;
  std::string cpu;
  std::string perf_file;    ///< what is written for perf
  std::string perf_trouble; ///< why it is not
};

/// The disk cache's folder, without looking into it; "" if there is none.
const std::string& cache_directory();
CacheInfo cache_info();

/// A kernel entry on disk, of any version and tier. Its texts are a stranger's.
struct DiskKernel {
  std::string file, key;
  bool current = false; ///< this version would run it
  std::uint64_t bytes = 0;
  std::int64_t modified = 0; ///< seconds since 1970: when it was last used
  std::int64_t min_count = 1;
  std::string ir;
  std::string object;
};
/// All that can be read, and how many files of that name cannot.
std::vector<DiskKernel> disk_kernels(std::uint64_t& refused);

/// Starts LLVM and compiles a first kernel on a background thread, so that the first real one finds
/// the code warm. Returns at once; needs nothing from the caller. Does nothing with JIT off, nor
/// the second time. The thread is joined at fork and at process exit.
void warm_up();

/// Forgets kernels in memory (those in use live on with their holders) and, if asked, on disk.
void clear_cache(bool memory, bool disk);

} // namespace rnaslicer::jit
