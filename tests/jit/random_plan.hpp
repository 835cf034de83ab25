// tests/jit/random_plan.hpp: random access plans with memory to run them on, and broken ones.
//
//   const Case c = random_case(seed);                      // same seed, same case
//   EXPECT_EQ(compare(c, Direction::update, interpret, run_my_kernel), "");
//
// The memory of a run ends or begins at an inaccessible page, so that reading past the last or
// before the first element crashes (the seed is printed then); the rest is checked guard bytes.
#pragma once

#include "jit/transfer.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace rnaslicer::jit::test {

/// Small seeded generator (splitmix64): the same numbers on every platform.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next();
  /// Uniform in [lo, hi].
  std::int64_t between(std::int64_t lo, std::int64_t hi);
  bool chance(int percent) { return between(1, 100) <= percent; }
  template <typename Range> auto pick(const Range& range) {
    return std::data(range)[between(0, static_cast<std::int64_t>(std::size(range)) - 1)];
  }

 private:
  std::uint64_t state_;
};

/// What random_case may make.
struct Options {
  std::optional<LoopKind> innermost = {}; ///< makes at least one loop
  std::int64_t max_extent = 3000;         ///< of the innermost loop
  std::int64_t max_items = 20000;         ///< product of extents and lanes
  std::int64_t lanes = 32;                ///< at most
  bool aliasing = true;                   ///< source elements may coincide or overlap
  std::optional<Storage> storage = {};    ///< with `value`: just this one
  std::optional<Scalar> value = {};
  std::optional<Scalar> format = {};
  int normalized = 40;  ///< per cent of the plans that can be
  int transforms = 15;  ///< likewise
  int throughs = 10;    ///< likewise
  bool special = false; ///< only lookup, difference, flags with masks for each lane; many indices
};

/// The entries of an indexed or pointers loop, laid out as a Table; pointers are byte offsets from
/// the source base here. Entries the step jumps over hold what no one may read.
struct TableEntries {
  std::vector<std::int64_t> raw;
  std::int64_t first = 0; ///< position of entry 0 in `raw`
  std::int64_t step = 1;
};

/// A verified plan and everything to run it. Buffers reach from `low` (relative to the base) for as
/// long as their bytes are: not a byte more than the plan touches at its ends.
struct Case {
  struct Bytes {
    std::int64_t low = 0;
    std::vector<std::byte> bytes;
  };
  std::uint64_t seed = 0;
  Plan plan;
  std::vector<std::int64_t> extents;
  std::vector<TableEntries> tables; ///< one per loop
  Bytes source, cache;
  std::vector<std::shared_ptr<const Lookup>> lookups; ///< as many as the lanes name
  Bytes target;                                       ///< what indices lead into
  std::int64_t target_count = 0;
  std::vector<double> matrices; ///< of a transform, one for all or for each step of the first loop
  std::int64_t matrix_step = 0;

  [[nodiscard]] std::string text() const;
};
Case random_case(std::uint64_t seed, const Options& options = {});

/// Offsets of all elements from the bases, in C order (pointer targets as in TableEntries).
std::vector<Lane> elements(const Plan& plan, const std::vector<std::int64_t>& extents,
                           const std::vector<TableEntries>& tables);

/// Executes a transfer; what is compared.
using Runner = std::function<void(const Plan&, Direction, const Transfer&)>;

/// The buffers after a run. `guard_damage` is empty or tells what was written outside of them.
struct Outcome {
  std::vector<std::byte> source, cache, target;
  std::string guard_damage;
  std::string error; ///< BadIndex, if it was thrown
};

/// Runs on fresh copies of the case's buffers; `at_end` puts them at the end of their pages.
Outcome run(const Case& c, Direction direction, const Runner& runner, bool at_end);

/// Runs both at both ends of pages and compares all bytes. Empty if equal, else the first
/// difference and the case's text.
std::string compare(const Case& c, Direction direction, const Runner& expected,
                    const Runner& actual);

/// A plan that verify() must refuse, with a part of the sentence it must say.
struct Broken {
  Plan plan;
  std::string sentence;
  std::string mutation; ///< its name
};
Broken random_broken(std::uint64_t seed);

/// How many kinds of mutation random_broken picks from: seed % count chooses.
std::uint64_t mutation_count();

} // namespace rnaslicer::jit::test
