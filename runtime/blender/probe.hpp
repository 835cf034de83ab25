// runtime/blender/probe.hpp: reads of this process's own memory that fail instead of crashing.
//
// An address that was not proven is read through the kernel, which checks it: process_vm_readv on
// ourselves, else write() of the bytes into a pipe. Each way is tested on readable and unreadable
// pages before it is trusted (containers may forbid the first). The read is only a snapshot: that
// it succeeded says nothing about a later access.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace rnaslicer::runtime {

enum class ProbeKind : std::uint8_t { process_vm_readv, pipe, none };
std::string_view name(ProbeKind kind);

/// True and `out` filled if all of [address, address + out.size()) could be read by this way; `out`
/// is garbage otherwise. `none` reads nothing. Any address is safe. Callable from any thread.
bool read_by(ProbeKind kind, std::uint64_t address, std::span<std::byte> out);

/// True if the way reads what is readable and refuses what is not, across page borders.
bool self_test(ProbeKind kind);

/// The first way that passes its self-test; found at the first call.
ProbeKind probe_kind();

/// For tests that change what works: the next call finds it anew.
void forget_probe_kind();

/// read_by(probe_kind(), …).
bool read_memory(std::uint64_t address, std::span<std::byte> out);

/// One of two reads.
struct Read {
  std::uint64_t address;
  std::span<std::byte> out;
};

/// read_memory of both, by one call of the system where that can be.
bool read_pair(Read one, Read other);

/// Where a struct keeps the address of an array, and its length as an int64 (negative: nowhere).
struct Holder {
  std::uint64_t address = 0;
  std::int64_t pointer_at = 0;
  std::int64_t count_at = -1;
};

/// The array's address, if the holder says that it has `length` items, and both ends of so many of
/// `itemsize` bytes can be read. Safe for any holder.
std::optional<std::uint64_t> array_in(const Holder& holder, std::uint64_t length,
                                      std::uint64_t itemsize);

} // namespace rnaslicer::runtime
