// runtime/blender/probe.cpp: fault-safe reads by process_vm_readv or through a pipe.
#include "runtime/blender/probe.hpp"

#include "jit/faults.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <limits>
#include <mutex>
#include <span>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>
#include <utility>

namespace rnaslicer::runtime {

namespace {

/// An address as the kernel's interfaces want it. Never dereferenced here.
void* as_pointer(std::uint64_t address) {
  return reinterpret_cast<void*>(address); // NOLINT(performance-no-int-to-ptr)
}

bool read_by_syscall(std::uint64_t address, std::span<std::byte> out) {
  while (!out.empty()) {
    const iovec local{out.data(), out.size()};
    const iovec remote{as_pointer(address), out.size()};
    const ssize_t got = process_vm_readv(getpid(), &local, 1, &remote, 1, 0);
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      return false;
    out = out.subspan(static_cast<std::size_t>(got)); // very large reads come in parts
    address += static_cast<std::uint64_t>(got);
  }
  return true;
}

/// A pipe of this process; made anew after a fork, for parent and child would mix their bytes.
class Pipe {
 public:
  Pipe() = default;
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() { close_ends(); }

  bool read(std::uint64_t address, std::span<std::byte> out) {
    const std::lock_guard lock(mutex_);
    if (!open())
      return false;
    while (!out.empty()) {
      const std::size_t size = std::min(out.size(), chunk);
      const ssize_t put = write(ends_[1], as_pointer(address), size);
      if (put < 0 && errno == EINTR)
        continue;
      if (put <= 0)
        return false; // EFAULT; nothing is left in the pipe
      if (!drain(out.first(static_cast<std::size_t>(put))))
        return false;
      out = out.subspan(static_cast<std::size_t>(put));
      address += static_cast<std::uint64_t>(put);
    }
    return true;
  }

 private:
  /// What an empty pipe takes at once, whatever the system's page and pipe sizes.
  static constexpr std::size_t chunk = 4096;

  bool open() {
    if (owner_ == getpid())
      return true;
    close_ends();
    if (pipe2(ends_.data(), O_CLOEXEC | O_NONBLOCK) != 0)
      return false;
    owner_ = getpid();
    return true;
  }
  void close_ends() {
    for (int& end : ends_)
      if (end >= 0)
        ::close(std::exchange(end, -1));
    owner_ = 0;
  }
  bool drain(std::span<std::byte> out) {
    while (!out.empty()) {
      const ssize_t got = ::read(ends_[0], out.data(), out.size());
      if (got < 0 && errno == EINTR)
        continue;
      if (got <= 0) {
        close_ends(); // unknown content: start over next time
        return false;
      }
      out = out.subspan(static_cast<std::size_t>(got));
    }
    return true;
  }

  std::mutex mutex_;
  std::array<int, 2> ends_{-1, -1};
  pid_t owner_ = 0;
};

bool read_by_pipe(std::uint64_t address, std::span<std::byte> out) {
  static Pipe pipe; // one per process: opening costs more than reading
  return pipe.read(address, out);
}

/// Two pages, the second one unreadable but ours, so that no other thread's mapping can land there.
class TestPages {
 public:
  TestPages() {
    void* const base =
        mmap(nullptr, 2 * size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (base == MAP_FAILED)
      return;
    base_ = static_cast<std::byte*>(base);
    for (std::size_t i = 0; i < size_; ++i)
      base_[i] = static_cast<std::byte>(i % 251);
    if (mprotect(base_ + size_, size_, PROT_NONE) != 0)
      ok_ = false;
  }
  TestPages(const TestPages&) = delete;
  TestPages& operator=(const TestPages&) = delete;
  ~TestPages() {
    if (base_ != nullptr)
      munmap(base_, 2 * size_);
  }
  [[nodiscard]] bool ok() const { return ok_ && base_ != nullptr; }
  /// The last `count` readable bytes.
  [[nodiscard]] std::span<const std::byte> tail(std::size_t count) const {
    return {base_ + size_ - count, count};
  }

 private:
  std::size_t size_ = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  std::byte* base_ = nullptr;
  bool ok_ = true;
};

/// A ProbeKind, once it is found: what the system allows does not change.
constexpr int undecided = -1;
std::atomic<int> decided = undecided;

} // namespace

std::string_view name(ProbeKind kind) {
  switch (kind) {
  case ProbeKind::process_vm_readv:
    return "process_vm_readv";
  case ProbeKind::pipe:
    return "pipe";
  case ProbeKind::none:
    break;
  }
  return "none";
}

bool read_by(ProbeKind kind, std::uint64_t address, std::span<std::byte> out) {
  if (address > std::numeric_limits<std::uint64_t>::max() - out.size())
    return false;
  switch (kind) {
  case ProbeKind::process_vm_readv:
    return !jit::fails(jit::Fault::process_vm_readv) && read_by_syscall(address, out);
  case ProbeKind::pipe:
    return !jit::fails(jit::Fault::pipe) && read_by_pipe(address, out);
  case ProbeKind::none:
    break;
  }
  return false;
}

bool self_test(ProbeKind kind) {
  const TestPages pages;
  if (!pages.ok())
    return false;
  const auto tail = pages.tail(16);
  const auto address = reinterpret_cast<std::uint64_t>(tail.data());
  std::array<std::byte, 16> copy{};
  if (!read_by(kind, address, copy) || std::memcmp(copy.data(), tail.data(), 16) != 0)
    return false;
  if (read_by(kind, address + 1, copy))
    return false; // runs into the unreadable page
  if (read_by(kind, address + 16, copy))
    return false; // begins there
  if (read_by(kind, 16, copy))
    return false; // the null page
  if (read_by(kind, 0xffff'0000'0000'0000, copy))
    return false;                      // no user address at all
  return read_by(kind, address, copy); // and a failure leaves nothing behind
}

ProbeKind probe_kind() {
  if (const int known = decided; known != undecided)
    return static_cast<ProbeKind>(known);
  const ProbeKind found = [] {
    for (const ProbeKind candidate : {ProbeKind::process_vm_readv, ProbeKind::pipe})
      if (self_test(candidate))
        return candidate;
    return ProbeKind::none;
  }();
  decided = static_cast<int>(found);
  return found;
}

void forget_probe_kind() { decided = undecided; }

bool read_memory(std::uint64_t address, std::span<std::byte> out) {
  return read_by(probe_kind(), address, out);
}

bool read_pair(Read one, Read other) {
  constexpr auto last = std::numeric_limits<std::uint64_t>::max();
  const bool fits =
      one.address <= last - one.out.size() && other.address <= last - other.out.size();
  if (fits && probe_kind() == ProbeKind::process_vm_readv &&
      !jit::fails(jit::Fault::process_vm_readv)) {
    const std::array local{iovec{one.out.data(), one.out.size()},
                           iovec{other.out.data(), other.out.size()}};
    const std::array remote{iovec{as_pointer(one.address), one.out.size()},
                            iovec{as_pointer(other.address), other.out.size()}};
    const auto wanted = static_cast<ssize_t>(one.out.size() + other.out.size());
    if (process_vm_readv(getpid(), local.data(), 2, remote.data(), 2, 0) == wanted)
      return true;
  }
  return read_memory(one.address, one.out) && read_memory(other.address, other.out);
}

std::optional<std::uint64_t> array_in(const Holder& holder, std::uint64_t length,
                                      std::uint64_t itemsize) {
  constexpr auto most = std::uint64_t{1} << 48U; // beyond any address space: no product overflows
  if (length == 0 || length > most || itemsize == 0 || itemsize > most / length)
    return std::nullopt;
  std::uint64_t base = 0;
  std::uint64_t count = length;
  const auto bytes_of = [](std::uint64_t& word) {
    return std::as_writable_bytes(std::span(&word, 1));
  };
  const auto at = [&](std::int64_t offset) {
    return holder.address + static_cast<std::uint64_t>(offset);
  };
  const bool counted = holder.count_at >= 0;
  if (!read_pair({at(holder.pointer_at), bytes_of(base)},
                 {at(counted ? holder.count_at : holder.pointer_at),
                  counted ? bytes_of(count) : std::span<std::byte>{}}))
    return std::nullopt;
  if (base == 0 || base > std::numeric_limits<std::uint64_t>::max() - most || count != length)
    return std::nullopt;
  std::array<std::byte, 2> ends{};
  if (!read_pair({base, std::span(ends).first(1)},
                 {base + length * itemsize - 1, std::span(ends).last(1)}))
    return std::nullopt;
  return base;
}

} // namespace rnaslicer::runtime
