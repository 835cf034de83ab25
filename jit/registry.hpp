// jit/registry.hpp: all kernels of the process and what they share; for entries.cpp and
// registry.cpp only.
#pragma once

#include "jit/disk_cache.hpp"
#include "jit/engine.hpp"
#include "jit/kernel.hpp"

#include <array>
#include <set>

namespace rnaslicer::jit {

class KernelImpl;

/// All process-wide state of kernels.
struct State {
  Configuration configuration;
  Tier tier = host_tier();
  unsigned threads = 1;
  DiskCache disk;
  std::vector<std::shared_ptr<KernelImpl>> kernels; // oldest first
  std::set<KernelImpl*> alive;                      // also those that only wrappers hold
  std::uint64_t hits = 0, misses = 0;

  State();
  void count_threads();
};

/// Never destroyed: the process is Blender's, and wrappers may outlive any order of destruction.
State& state();

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

class KernelImpl final : public Kernel {
 public:
  KernelImpl(Plan plan, Signature signature);
  KernelImpl(const KernelImpl&) = delete;
  KernelImpl& operator=(const KernelImpl&) = delete;
  ~KernelImpl() override;

  [[nodiscard]] const Plan& plan() const override { return plan_; }
  [[nodiscard]] Signature signature() const override { return signature_; }
  Origin prepare(Direction direction) override;
  using Kernel::run;
  void run(const Plan& plan, Direction direction, std::span<const Transfer> transfers) override;
  [[nodiscard]] Statistics statistics(Direction direction) const override;
  [[nodiscard]] std::vector<EntryInfo> entries(Direction direction) const override;
  [[nodiscard]] std::string ir(Direction direction) override;
  [[nodiscard]] std::string assembly(Direction direction) override;
  [[nodiscard]] std::string trouble() const override;

  /// Tells perf of all code that there is.
  void tell_perf() const;

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
  /// `chosen`: the entry, or none for the interpreter.
  static void run_one(const Entry* chosen, const Plan& plan, Direction direction,
                      const Transfer& transfer);
  /// False if an index was bad.
  static bool run_steps(const Entry& chosen, const Plan& plan, Direction direction,
                        const Transfer& transfer);
  static bool run_code(const Entry& chosen, const Plan& plan, Direction direction,
                       const Transfer& transfer);
  static bool run_alike(const Entry& chosen, const Plan& plan, std::span<const Transfer> transfers);

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

} // namespace rnaslicer::jit
