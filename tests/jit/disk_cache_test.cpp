// tests/jit/disk_cache_test.cpp: the disk cache as a shared place, on disks that are full or cannot
// be written.
#include "tests/jit/disk_folder.hpp"

#include <csignal>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>

namespace rnaslicer::jit {
namespace {

constexpr int skipped = 77;

TEST_F(DiskCacheTest, StoresAndLoads) {
  auto cache = open();
  EXPECT_EQ(cache.load(name, key), std::nullopt);
  EXPECT_EQ(cache.counts.misses, 1U);
  EXPECT_FALSE(fs::exists(folder)) << "a look-up makes no folder";
  cache.store(name, key, sample);
  EXPECT_EQ(cache.load(name, key), sample);
  EXPECT_EQ(cache.load(name, "another key"), std::nullopt);
  EXPECT_EQ(cache.load("rnaslicer_other", key), std::nullopt);
  EXPECT_EQ(cache.counts.hits, 1U);
  EXPECT_EQ(cache.counts.misses, 3U);
  EXPECT_EQ(cache.counts.rejected, 0U);
  EXPECT_EQ(cache.trouble(), "");
  EXPECT_EQ(cache.usage().files, 1U);
  EXPECT_EQ(cache.usage().bytes, fs::file_size(file()));
  EXPECT_EQ(file().filename().string().find(name), 0U) << "named after the symbol";
}

TEST_F(DiskCacheTest, LeavesNoTemporaries) {
  store();
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), fs::directory_iterator()), 1);
}

TEST_F(DiskCacheTest, SurvivesAFullAndThenReadOnlyDisk) {
  // 64 KB of our own, in a mount namespace that ends with the child.
  const auto code = in_child([&] {
    fs::create_directory(folder);
    if (unshare(CLONE_NEWNS) != 0 ||
        mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        mount("tmpfs", folder.c_str(), "tmpfs", 0, "size=64k,mode=700") != 0)
      return skipped;
    auto cache = open(1 << 30);
    std::uint64_t stored = 0;
    for (int i = 0; i < 60; ++i) {
      cache.store("rnaslicer_" + std::to_string(i), key, sample);
      stored += cache.trouble().empty() ? 1U : 0U;
    }
    if (cache.trouble().empty() || stored == 0 || stored >= 60)
      return 1;
    for (int i = 0; i < 60; ++i)
      cache.load("rnaslicer_" + std::to_string(i), key);
    if (cache.counts.rejected != 0 || cache.counts.hits != stored ||
        static_cast<std::uint64_t>(files()) != stored)
      return 2; // torn or temporary files
    if (mount("tmpfs", folder.c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, nullptr) != 0)
      return skipped;
    cache.clear();
    cache.store("rnaslicer_0", key, sample);
    return cache.load("rnaslicer_0", key) && !cache.trouble().empty() ? 0 : 3;
  });
  if (code == skipped)
    GTEST_SKIP() << "mounting is not allowed here";
  EXPECT_EQ(code, 0);
}

TEST_F(DiskCacheTest, IsHarmlessWhereNothingCanBeWritten) {
  std::ofstream(folder) << "a file where the folder should be";
  auto cache = open();
  cache.store(name, key, sample);
  EXPECT_EQ(cache.load(name, key), std::nullopt);
  EXPECT_NE(cache.trouble(), "");
  DiskCache nowhere("/proc/rnaslicer/kernels", 1 << 20);
  nowhere.store(name, key, sample);
  EXPECT_EQ(nowhere.load(name, key), std::nullopt);
  EXPECT_NE(nowhere.trouble(), "");
  EXPECT_EQ(nowhere.usage().files, 0U);
}

TEST_F(DiskCacheTest, IsHarmlessOnAFullDisk) {
  store();
  auto cache = open();
  const auto child = fork();
  if (child == 0) {                // a limit on file sizes fails the write as a full disk does
    std::signal(SIGXFSZ, SIG_IGN); // NOLINT(cert-err33-c)
    const rlimit limit{1000, 1000};
    setrlimit(RLIMIT_FSIZE, &limit);
    cache.store("rnaslicer_other", key, sample);
    std::_Exit(cache.trouble().empty() ? 1 : 0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), fs::directory_iterator()), 1)
      << "no torn file is left";
  EXPECT_EQ(open().load(name, key), sample);
}

TEST_F(DiskCacheTest, TroubleEndsWhenTheDiskWorksAgain) {
  std::ofstream(folder) << "in the way";
  auto cache = open();
  cache.store(name, key, sample);
  EXPECT_NE(cache.trouble(), "");
  fs::remove(folder);
  cache.store(name, key, sample);
  EXPECT_EQ(cache.trouble(), "");
  EXPECT_EQ(cache.load(name, key), sample);
}

TEST_F(DiskCacheTest, EvictsTheLongestUnused) {
  const auto size = encode(key, sample).size();
  auto cache = open(10 * size);
  const auto entry = [](int i) { return "rnaslicer_" + std::to_string(i); };
  for (int i = 0; i < 10; ++i) {
    cache.store(entry(i), key, sample);
    const auto path = folder / DiskCache::file_name(entry(i), key);
    fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::hours(100 - i));
  }
  EXPECT_EQ(cache.usage().files, 10U);
  ASSERT_TRUE(cache.load(entry(0), key)) << "and thereby makes it the youngest";
  cache.store(entry(10), key, sample);
  EXPECT_LE(cache.usage().bytes, 10 * size);
  EXPECT_TRUE(cache.load(entry(0), key));
  EXPECT_FALSE(cache.load(entry(1), key));
  EXPECT_TRUE(cache.load(entry(9), key));
  EXPECT_TRUE(cache.load(entry(10), key));
}

TEST_F(DiskCacheTest, StaysBoundedOverManyStores) {
  const auto size = encode(key, sample).size();
  auto cache = open(10 * size);
  for (int i = 0; i < 200; ++i) {
    cache.store("rnaslicer_" + std::to_string(i), key, sample);
    ASSERT_LE(cache.usage().bytes, 10 * size);
  }
  EXPECT_TRUE(cache.load("rnaslicer_199", key));
}

TEST_F(DiskCacheTest, StoresNothingLargerThanTheLimit) {
  auto cache = open(100);
  cache.store(name, key, sample);
  EXPECT_EQ(cache.usage().files, 0U);
  EXPECT_EQ(cache.trouble(), "");
}

TEST_F(DiskCacheTest, ClearsOnlyItsOwnFiles) {
  store();
  std::ofstream(folder / "rnaslicer_notes.txt") << "a user's";
  std::ofstream(folder / ".rnaslicer_1_2_3") << "an orphan";
  open().clear();
  EXPECT_TRUE(fs::exists(folder / "rnaslicer_notes.txt"));
  EXPECT_FALSE(fs::exists(folder / ".rnaslicer_1_2_3"));
  EXPECT_FALSE(fs::exists(file()));
}

TEST_F(DiskCacheTest, RemovesOldOrphans) {
  fs::create_directory(folder);
  fs::permissions(folder, fs::perms::owner_all);
  std::ofstream(folder / ".rnaslicer_1_2_3") << "left by a crash";
  std::ofstream(folder / ".rnaslicer_4_5_6") << "being written";
  fs::last_write_time(folder / ".rnaslicer_1_2_3",
                      fs::file_time_type::clock::now() - std::chrono::hours(1));
  store();
  EXPECT_FALSE(fs::exists(folder / ".rnaslicer_1_2_3"));
  EXPECT_TRUE(fs::exists(folder / ".rnaslicer_4_5_6"));
}

TEST_F(DiskCacheTest, SharesWithOtherProcesses) {
  constexpr int writers = 4;
  constexpr int rounds = 200;
  const auto limit = 20 * encode(key, sample).size();
  for (int writer = 0; writer < writers; ++writer) {
    if (fork() != 0)
      continue;
    auto cache = open(limit); // and evicts meanwhile
    for (int i = 0; i < rounds; ++i) {
      const auto entry = "rnaslicer_" + std::to_string(i % 30);
      const Stored mine{1 + writer,
                        std::string(2000 + static_cast<std::size_t>(writer) * 500,
                                    static_cast<char>('a' + writer)),
                        entry};
      cache.store(entry, key, mine);
      const auto got = cache.load(entry, key); // anybody's, but whole
      if (got &&
          (got->ir != entry || got->object.find_first_not_of(got->object[0]) != std::string::npos))
        std::_Exit(1);
    }
    // Between two looks at the folder each of the others may add 32 files.
    if (cache.usage().bytes > limit + std::uint64_t{writers - 1} * 32 * 3700)
      std::_Exit(3);
    std::_Exit(cache.counts.rejected == 0 && cache.trouble().empty() ? 0 : 2);
  }
  for (int writer = 0; writer < writers; ++writer) {
    int status = 0;
    wait(&status);
    EXPECT_EQ(status, 0);
  }
  auto last = open(limit);
  for (int i = 0; i < 40; ++i)
    last.store("rnaslicer_last", key, sample);
  EXPECT_LE(last.usage().bytes, limit) << "what others left counts, too";
  for (const auto& entry : fs::directory_iterator(folder))
    EXPECT_EQ(entry.path().filename().string().find("rnaslicer_"), 0U) << "a temporary is left";
}

TEST_F(DiskCacheTest, SurvivesClearingByAnotherProcess) {
  store();
  const auto child = fork();
  if (child == 0) {
    auto cache = open();
    for (;;)
      cache.clear(); // until it is killed
  }
  auto cache = open();
  std::uint64_t found = 0;
  for (int i = 0; i < 2000; ++i) {
    cache.store(name, key, sample);
    found += cache.load(name, key) == sample ? 1U : 0U;
  }
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  EXPECT_EQ(cache.counts.rejected, 0U);
  EXPECT_EQ(cache.counts.hits, found);
  store();
  EXPECT_EQ(open().load(name, key), sample);
}

TEST_F(DiskCacheTest, FindsTheUsersFolder) {
  setenv("XDG_CACHE_HOME", root.c_str(), 1); // NOLINT(concurrency-mt-unsafe)
  EXPECT_EQ(DiskCache("", 1).directory(), root / "rnaslicer/kernels");
  setenv("XDG_CACHE_HOME", "relative", 1);      // NOLINT(concurrency-mt-unsafe)
  const std::string home = std::getenv("HOME"); // NOLINT(concurrency-mt-unsafe)
  EXPECT_EQ(DiskCache("", 1).directory(), home + "/.cache/rnaslicer/kernels");
  unsetenv("XDG_CACHE_HOME"); // NOLINT(concurrency-mt-unsafe)
  EXPECT_EQ(DiskCache("", 1).directory(), home + "/.cache/rnaslicer/kernels");
}

} // namespace
} // namespace rnaslicer::jit
