// tests/jit/guarded_run.cpp: runs a case between inaccessible pages and compares what is left.
#include "tests/jit/random_plan.hpp"

#include <csignal>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <sys/mman.h>
#include <unistd.h>

namespace rnaslicer::jit::test {

namespace {

/// What runs, for the message of a crash. Written before each run, read by the signal handler.
std::uint64_t running_seed = 0;
Direction running_direction = Direction::refresh;

void report_crash(int signal) {
  std::array<char, 128> text{};
  const int length =
      std::snprintf(text.data(), text.size(), "crash (signal %d) in the %s of random case %llu\n",
                    signal, running_direction == Direction::refresh ? "refresh" : "update",
                    static_cast<unsigned long long>(running_seed));
  if (length > 0 && write(STDERR_FILENO, text.data(), static_cast<std::size_t>(length)) < 0)
    _exit(3);
  std::signal(signal, SIG_DFL); // NOLINT(bugprone-signal-handler): raises the crash again
}

void watch_for_crashes() {
  static const bool installed = [] {
    struct sigaction action {};
    action.sa_handler = report_crash;
    sigaction(SIGSEGV, &action, nullptr);
    sigaction(SIGBUS, &action, nullptr);
    return true;
  }();
  static_cast<void>(installed);
}

/// Pages of our own between two that nobody may touch.
class Pages {
 public:
  explicit Pages(const Case::Bytes& content, bool at_end) {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    usable_ = (content.bytes.size() + slack + page - 1) / page * page;
    size_ = usable_ + 2 * page;
    void* memory = mmap(nullptr, size_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
      throw std::bad_alloc();
    all_ = static_cast<std::byte*>(memory);
    pages_ = all_ + page;
    if (mprotect(pages_, usable_, PROT_READ | PROT_WRITE) != 0)
      throw std::bad_alloc();
    std::memset(pages_, guard, usable_);
    start_ = at_end ? pages_ + usable_ - content.bytes.size() : pages_;
    length_ = content.bytes.size();
    base_ = start_ - content.low;
    if (length_ != 0)
      std::memcpy(start_, content.bytes.data(), length_);
  }
  ~Pages() { munmap(all_, size_); }
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;
  Pages(Pages&&) = delete;
  Pages& operator=(Pages&&) = delete;

  [[nodiscard]] std::byte* base() const { return base_; }
  [[nodiscard]] std::vector<std::byte> content() const { return {start_, start_ + length_}; }
  [[nodiscard]] bool guards_whole() const {
    for (const std::byte* byte = pages_; byte != pages_ + usable_; ++byte) {
      if (byte == start_)
        byte += length_;
      if (byte == pages_ + usable_)
        break;
      if (*byte != static_cast<std::byte>(guard))
        return false;
    }
    return true;
  }

 private:
  static constexpr int guard = 0xa5;
  static constexpr std::size_t slack = 256;
  std::byte* all_;
  std::byte* pages_;
  std::byte* start_;
  std::byte* base_;
  std::size_t size_;
  std::size_t usable_;
  std::size_t length_;
};

std::string first_difference(const std::vector<std::byte>& expected,
                             const std::vector<std::byte>& actual, const Case::Bytes& bytes,
                             const std::string& what) {
  for (std::size_t i = 0; i < expected.size(); ++i)
    if (expected[i] != actual[i]) {
      std::array<char, 160> text{};
      std::snprintf(text.data(), text.size(),
                    "%s differs at offset %lld from the base: expected %02x, is %02x, was %02x",
                    what.c_str(), static_cast<long long>(bytes.low) + static_cast<long long>(i),
                    static_cast<unsigned>(expected[i]), static_cast<unsigned>(actual[i]),
                    static_cast<unsigned>(bytes.bytes[i]));
      return text.data();
    }
  return {};
}

std::string differences(const Case& c, const Outcome& expected, const Outcome& actual) {
  if (!expected.guard_damage.empty())
    return "the expected run: " + expected.guard_damage;
  if (!actual.guard_damage.empty())
    return actual.guard_damage;
  if (expected.error != actual.error)
    return "expected error '" + expected.error + "', got '" + actual.error + "'";
  std::string source = first_difference(expected.source, actual.source, c.source, "source");
  if (source.empty())
    source = first_difference(expected.cache, actual.cache, c.cache, "cache");
  return source.empty() ? first_difference(expected.target, actual.target, c.target, "target")
                        : source;
}

} // namespace

Outcome run(const Case& c, Direction direction, const Runner& runner, bool at_end) {
  watch_for_crashes();
  const Pages source(c.source, at_end);
  const Pages cache(c.cache, at_end);
  std::vector<std::vector<std::int64_t>> entries;
  std::vector<Table> tables;
  for (std::size_t i = 0; i < c.tables.size(); ++i) {
    std::vector<std::int64_t>& raw = entries.emplace_back(c.tables[i].raw);
    if (c.plan.loops[i].kind == LoopKind::pointers)
      for (std::int64_t j = 0; j < c.extents[i]; ++j)
        raw[static_cast<std::size_t>(c.tables[i].first + j * c.tables[i].step)] +=
            reinterpret_cast<std::intptr_t>(source.base());
    tables.push_back({raw.data() + c.tables[i].first, c.tables[i].step});
  }
  running_seed = c.seed;
  running_direction = direction;
  const Pages target(c.target, at_end);
  std::vector<const Lookup*> lookups;
  for (const auto& lookup : c.lookups)
    lookups.push_back(lookup.get());
  std::string error;
  try {
    runner(c.plan, direction,
           {source.base(),
            cache.base(),
            c.extents,
            tables,
            lookups,
            {target.base(), c.target_count},
            {c.matrices.data(), c.matrix_step}});
  } catch (const BadIndex& bad) {
    error = bad.what();
  }
  Outcome outcome{source.content(), cache.content(), target.content(), {}, error};
  if (!target.guards_whole())
    outcome.guard_damage = "bytes outside of the target were written";
  if (direction == Direction::refresh && target.content() != c.target.bytes)
    outcome.guard_damage = "the target was written";
  if (c.plan.target_stride && source.content() != c.source.bytes)
    outcome.guard_damage = "the indices were written";
  if (!source.guards_whole())
    outcome.guard_damage = "bytes outside of the source were written";
  if (!cache.guards_whole())
    outcome.guard_damage = "bytes outside of the cache were written";
  return outcome;
}

std::string compare(const Case& c, Direction direction, const Runner& expected,
                    const Runner& actual) {
  if (!refuse(c.plan, direction).empty())
    return {}; // nothing to compare
  const Outcome reference = run(c, direction, expected, true);
  for (const bool at_end : {true, false}) {
    const std::string difference = differences(c, reference, run(c, direction, actual, at_end));
    if (!difference.empty())
      return std::string(direction == Direction::refresh ? "refresh: " : "update: ") + difference +
             (at_end ? " (buffers at the end of their pages)\n" : " (at the start)\n") + c.text();
  }
  return {};
}

} // namespace rnaslicer::jit::test
