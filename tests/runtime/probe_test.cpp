// tests/runtime/probe_test.cpp: reads that must fail instead of crashing.
#include "jit/faults.hpp"
#include "runtime/blender/probe.hpp"

#include <array>
#include <atomic>
#include <cstring>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <numeric>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

using namespace rnaslicer::runtime;

std::uint64_t address_of(const void* pointer) { return reinterpret_cast<std::uint64_t>(pointer); }

class Probe : public testing::TestWithParam<ProbeKind> {
 protected:
  void SetUp() override {
    if (!self_test(GetParam())) // containers may forbid the system call
      GTEST_SKIP() << name(GetParam()) << " does not work here";
  }
  static bool read(std::uint64_t address, std::span<std::byte> out) {
    return read_by(GetParam(), address, out);
  }
};

TEST_P(Probe, ReadsOwnMemoryAcrossManyPages) {
  std::vector<std::uint32_t> values(100'000);
  std::iota(values.begin(), values.end(), 7U);
  std::vector<std::uint32_t> copy(values.size());
  ASSERT_TRUE(read(address_of(values.data()), std::as_writable_bytes(std::span(copy))));
  EXPECT_EQ(copy, values);
}

TEST_P(Probe, EmptyReadsSucceed) { EXPECT_TRUE(read(address_of(this), {})); }

TEST_P(Probe, RefusesUnmappedPages) {
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  void* const base =
      mmap(nullptr, 3 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(base, MAP_FAILED);
  auto* const bytes = static_cast<std::byte*>(base);
  std::memset(base, 0x5a, 3 * page);
  ASSERT_EQ(munmap(bytes + page, page), 0);
  std::byte copy[64];
  EXPECT_TRUE(read(address_of(bytes + page - 64), copy));
  EXPECT_EQ(copy[63], std::byte{0x5a});
  EXPECT_FALSE(read(address_of(bytes + page - 63), copy)); // its last byte is gone
  EXPECT_FALSE(read(address_of(bytes + page), copy));
  EXPECT_FALSE(read(address_of(bytes + 2 * page - 1), copy));
  EXPECT_TRUE(read(address_of(bytes + 2 * page), copy)); // and nothing stale comes out
  EXPECT_EQ(copy[0], std::byte{0x5a});
  std::vector<std::byte> all(3 * page);
  EXPECT_FALSE(read(address_of(bytes), all)); // a hole inside
  munmap(bytes, page);
  munmap(bytes + 2 * page, page);
}

TEST_P(Probe, RefusesWhatIsNoAddress) {
  std::byte copy[16];
  for (const std::uint64_t address : {0ULL, 1ULL, 4095ULL, 0x7fff'ffff'f000ULL, 1ULL << 47U,
                                      0x8000'0000'0000'0000ULL, ~0ULL, ~0ULL - 15})
    EXPECT_FALSE(read(address, copy)) << std::hex << address;
}

TEST_P(Probe, WorksInAChildProcess) {
  const std::uint64_t value = 0x1234'5678'9abc'def0;
  const pid_t child = fork();
  if (child == 0) {
    std::uint64_t copy = 0;
    const bool ok = read(address_of(&value), std::as_writable_bytes(std::span(&copy, 1)));
    _exit(ok && copy == value ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  std::uint64_t copy = 0;
  EXPECT_TRUE(read(address_of(&value), std::as_writable_bytes(std::span(&copy, 1))));
  EXPECT_EQ(copy, value);
}

TEST_P(Probe, ThreadsReadAtTheSameTime) {
  std::vector<std::uint32_t> values(20'000);
  std::iota(values.begin(), values.end(), 7U);
  std::vector<std::thread> threads;
  threads.reserve(4);
  std::atomic<int> good = 0;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      std::vector<std::uint32_t> copy(values.size());
      for (int round = 0; round < 20; ++round) {
        std::byte nothing[16];
        good += read(address_of(values.data()), std::as_writable_bytes(std::span(copy))) &&
                        copy == values && !read(4095, nothing)
                    ? 1
                    : 0;
      }
    });
  for (auto& thread : threads)
    thread.join();
  EXPECT_EQ(good, 80);
}

INSTANTIATE_TEST_SUITE_P(Kinds, Probe,
                         testing::Values(ProbeKind::process_vm_readv, ProbeKind::pipe),
                         [](const auto& kind) { return std::string(name(kind.param)); });

TEST(ProbeChoice, OneWayWorksHere) {
  EXPECT_NE(probe_kind(), ProbeKind::none);
  EXPECT_TRUE(self_test(probe_kind()));
}

TEST(ProbeChoice, ReadsTwoPlacesOrNone) {
  const std::array<std::uint32_t, 2> values{17, 4};
  std::array<std::uint32_t, 2> copy{};
  const auto part = [&](std::size_t i) {
    return std::as_writable_bytes(std::span(copy).subspan(i, 1));
  };
  const auto one = address_of(values.data());
  const auto other = address_of(&values[1]);
  for (const bool by_pipe : {false, true}) {
    if (by_pipe)
      rnaslicer::jit::inject(rnaslicer::jit::Fault::process_vm_readv, 0, 1000);
    forget_probe_kind();
    copy = {};
    EXPECT_TRUE(read_pair({other, part(0)}, {one, part(1)}));
    EXPECT_EQ(copy, (std::array<std::uint32_t, 2>{4, 17}));
    EXPECT_TRUE(read_pair({one, part(0)}, {other, {}}));
    EXPECT_EQ(copy[0], 17U);
    for (const std::uint64_t nowhere : {0ULL, 4095ULL, 1ULL << 47U, ~0ULL, ~0ULL - 3}) {
      EXPECT_FALSE(read_pair({one, part(0)}, {nowhere, part(1)})) << std::hex << nowhere;
      EXPECT_FALSE(read_pair({nowhere, part(0)}, {one, part(1)})) << std::hex << nowhere;
    }
  }
  rnaslicer::jit::inject(rnaslicer::jit::Fault::process_vm_readv, 0, 0);
  forget_probe_kind();
}

TEST(ProbeChoice, FindsAnotherWayForEachFault) {
  using rnaslicer::jit::Fault;
  using rnaslicer::jit::inject;
  if (!self_test(ProbeKind::process_vm_readv) || !self_test(ProbeKind::pipe))
    GTEST_SKIP() << "something is forbidden here already";
  inject(Fault::process_vm_readv, 0, 1000);
  forget_probe_kind();
  EXPECT_EQ(probe_kind(), ProbeKind::pipe);
  inject(Fault::pipe, 0, 1000);
  forget_probe_kind();
  EXPECT_EQ(probe_kind(), ProbeKind::none);
  std::byte copy[1];
  EXPECT_FALSE(read_memory(address_of(copy), copy));
  inject(Fault::process_vm_readv, 0, 0);
  inject(Fault::pipe, 0, 0);
  forget_probe_kind();
  EXPECT_EQ(probe_kind(), ProbeKind::process_vm_readv);
}

/// From now on these system calls fail with EPERM, as in a container that forbids them.
bool forbid(std::initializer_list<unsigned> calls) {
  std::vector<sock_filter> program{BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr))};
  for (const unsigned call : calls) {
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1));
    program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM));
  }
  program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

/// 0 if a process with these calls forbidden probes so, 2 if nothing can be forbidden here.
int kind_without(std::initializer_list<unsigned> calls, ProbeKind expected) {
  const pid_t child = fork();
  if (child == 0) {
    if (!forbid(calls))
      _exit(2);
    forget_probe_kind();
    const std::uint64_t value = 7;
    std::uint64_t copy = 0;
    const bool read = read_memory(address_of(&value), std::as_writable_bytes(std::span(&copy, 1)));
    const bool fits = expected == ProbeKind::none ? !read : read && copy == value;
    _exit(probe_kind() == expected && fits ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(ProbeChoice, FindsAnotherWayWhereTheSystemForbidsOne) {
  if (kind_without({}, probe_kind()) == 2)
    GTEST_SKIP() << "seccomp is not to be had";
  EXPECT_EQ(kind_without({SYS_process_vm_readv}, ProbeKind::pipe), 0);
  EXPECT_EQ(kind_without({SYS_process_vm_readv, SYS_pipe2, SYS_pipe}, ProbeKind::none), 0);
}

TEST(ProbeChoice, NoneReadsNothingAndFailsItsTest) {
  std::byte copy[1];
  EXPECT_FALSE(read_by(ProbeKind::none, address_of(copy), copy));
  EXPECT_FALSE(self_test(ProbeKind::none));
}

} // namespace
