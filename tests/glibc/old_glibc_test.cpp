// tests/glibc/old_glibc_test.cpp: what stands in for functions that older systems lack does what
// they do.
#include <array>
#include <atomic>
#include <cmath>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <dlfcn.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <link.h>
#include <mutex>
#include <pthread.h>
#include <set>
#include <shared_mutex>
#include <stdexcept>
#include <string>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace rnaslicer::test {
namespace {

struct Counted {
  explicit Counted(std::atomic<int>& counter) : counter_(counter) {}
  ~Counted() { ++counter_; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  std::atomic<int>& counter_;
};

__attribute__((noinline)) int deep(int depth, std::atomic<int>& destroyed) {
  const Counted counted(destroyed);
  if (depth == 0)
    throw std::runtime_error("from the depth");
  return deep(depth - 1, destroyed) + 1;
}

TEST(OldGlibc, ExceptionsRunDestructors) {
  std::atomic<int> destroyed{0};
  EXPECT_THROW(deep(20, destroyed), std::runtime_error);
  EXPECT_EQ(destroyed, 21);
}

/// Frames of libc's lie between throw and catch, and what describes them is in another file.
TEST(OldGlibc, ExceptionsPassThroughAnotherLibrary) {
  std::array<int, 3> numbers{3, 1, 2};
  const auto refuse = [](const void*, const void*) -> int {
    throw std::domain_error("not to be compared");
  };
  EXPECT_THROW(std::qsort(numbers.data(), numbers.size(), sizeof(int), refuse), std::domain_error);
}

TEST(OldGlibc, ExceptionsInManyThreadsAtOnce) {
  std::atomic<int> caught{0}, destroyed{0};
  std::vector<std::thread> threads;
  threads.reserve(8);
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      for (int repeat = 0; repeat < 200; ++repeat)
        try {
          deep(5, destroyed);
        } catch (const std::runtime_error&) {
          ++caught;
        }
    });
  for (auto& thread : threads)
    thread.join();
  EXPECT_EQ(caught, 1600);
  EXPECT_EQ(destroyed, 9600);
}

TEST(OldGlibc, ThreadsStartOnceLockAndEnd) {
  std::once_flag once;
  std::shared_mutex lock;
  std::atomic<int> started{0}, ended{0};
  int written = 0;
  std::vector<std::thread> threads;
  threads.reserve(8);
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      thread_local const Counted at_end(ended);
      std::call_once(once, [&] { ++started; });
      for (int repeat = 0; repeat < 100; ++repeat) {
        const std::unique_lock writer(lock);
        ++written;
      }
      const std::shared_lock reader(lock);
      EXPECT_GE(written, 100);
    });
  for (auto& thread : threads)
    thread.join();
  EXPECT_EQ(started, 1);
  EXPECT_EQ(written, 800);
  EXPECT_EQ(ended, 8);
}

TEST(OldGlibc, SignalsAreMasked) {
  sigset_t one, before, now;
  sigemptyset(&one);
  sigaddset(&one, SIGUSR1);
  ASSERT_EQ(pthread_sigmask(SIG_BLOCK, &one, &before), 0);
  ASSERT_EQ(pthread_sigmask(SIG_SETMASK, &before, &now), 0);
  EXPECT_TRUE(sigismember(&now, SIGUSR1));
}

TEST(OldGlibc, FilesTellTheirSize) {
  std::string path = testing::TempDir() + "old_glibc_XXXXXX";
  const int file = mkstemp(path.data());
  ASSERT_GE(file, 0);
  ASSERT_EQ(write(file, "12345", 5), 5);
  const std::string link = path + ".link";
  ASSERT_EQ(symlink(path.c_str(), link.c_str()), 0);
  struct stat by_path, by_file, by_link, of_link, at{};
  EXPECT_EQ(stat(path.c_str(), &by_path), 0);
  EXPECT_EQ(fstat(file, &by_file), 0);
  EXPECT_EQ(stat(link.c_str(), &by_link), 0);
  EXPECT_EQ(lstat(link.c_str(), &of_link), 0);
  EXPECT_EQ(fstatat(AT_FDCWD, path.c_str(), &at, 0), 0);
  struct stat64 wide {};
  EXPECT_EQ(stat64(path.c_str(), &wide), 0);
  EXPECT_EQ(wide.st_size, 5);
  for (const auto& one : {by_path, by_file, by_link, at}) {
    EXPECT_EQ(one.st_size, 5);
    EXPECT_EQ(one.st_ino, by_path.st_ino);
    EXPECT_TRUE(S_ISREG(one.st_mode));
  }
  EXPECT_TRUE(S_ISLNK(of_link.st_mode));
  unlink(link.c_str());
  unlink(path.c_str());
  close(file);
  EXPECT_EQ(stat(path.c_str(), &by_path), -1);
  EXPECT_EQ(errno, ENOENT);
}

TEST(OldGlibc, MathsIsMaths) {
  volatile double x = 2.5, y = 3.0;
  EXPECT_NEAR(std::exp(x), 12.182493960703473, 1e-14);
  EXPECT_NEAR(std::log(x), 0.9162907318741551, 1e-15);
  EXPECT_NEAR(std::log2(x), 1.3219280948873623, 1e-15);
  EXPECT_EQ(std::pow(x, y), 15.625);
  EXPECT_TRUE(std::isnan(std::log(-x)));
}

TEST(OldGlibc, RandomNumbersDiffer) {
  std::set<std::uint32_t> seen;
  for (int i = 0; i < 64; ++i)
    seen.insert(arc4random());
  EXPECT_GT(seen.size(), 60U);
}

TEST(OldGlibc, FindsTheFileOfAnAddress) {
  dl_find_object own{}, libc{}, none{};
  ASSERT_EQ(_dl_find_object(reinterpret_cast<void*>(&deep), &own), 0);
  EXPECT_LE(own.dlfo_map_start, reinterpret_cast<void*>(&deep));
  EXPECT_GT(own.dlfo_map_end, reinterpret_cast<void*>(&deep));
  EXPECT_NE(own.dlfo_eh_frame, nullptr);
  void* const qsort_there = dlsym(RTLD_DEFAULT, "qsort");
  ASSERT_NE(qsort_there, nullptr);
  ASSERT_EQ(_dl_find_object(qsort_there, &libc), 0);
  EXPECT_NE(libc.dlfo_eh_frame, own.dlfo_eh_frame);
  EXPECT_EQ(_dl_find_object(nullptr, &none), -1);
}

/// Every symbol but Python's is found in this system's libraries, at once, as the module demands.
TEST(OldGlibc, LoadsTheModule) {
  ASSERT_NE(dlopen(PYTHON_NAMES, RTLD_NOW | RTLD_GLOBAL), nullptr) << dlerror();
  void* const module = dlopen(MODULE_FILE, RTLD_NOW);
  ASSERT_NE(module, nullptr) << dlerror();
  EXPECT_NE(dlsym(module, "PyInit__core"), nullptr) << dlerror();
  EXPECT_EQ(dlsym(module, "pthread_create"), dlsym(RTLD_DEFAULT, "pthread_create"))
      << "hidden, as all of ours";
  EXPECT_EQ(dlclose(module), 0);
}

} // namespace
} // namespace rnaslicer::test
