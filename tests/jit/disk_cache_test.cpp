// tests/jit/disk_cache_test.cpp: the disk cache as an attack surface, as a shared place.
#include "tests/jit/disk_sample.hpp"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace rnaslicer::jit {
namespace {

namespace fs = std::filesystem;

/// A folder of its own for each test, gone afterwards.
class DiskCacheTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "rnaslicer_test_XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    root = pattern;
    folder = root / "kernels";
  }
  void TearDown() override { fs::remove_all(root); }

  DiskCache open(std::uint64_t limit = 1 << 20) const { return {folder.string(), limit}; }
  fs::path file() const { return folder / DiskCache::file_name(name, key); }
  void store() const { open().store(name, key, sample); }
  /// Loads, and expects a refusal.
  void expect_rejected(const std::string& why) const {
    auto cache = open();
    EXPECT_EQ(cache.load(name, key), std::nullopt) << why;
    EXPECT_EQ(cache.counts.hits, 0U) << why;
    EXPECT_EQ(cache.counts.rejected, 1U) << why;
  }

  static std::string content(const fs::path& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  std::ptrdiff_t files() const {
    return std::distance(fs::directory_iterator(folder), fs::directory_iterator());
  }

  fs::path root, folder;
};

/// Runs work in a child process; its exit code.
template <class Work> int in_child(Work work) {
  const auto child = fork();
  if (child == 0)
    std::_Exit(work());
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
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

TEST_F(DiskCacheTest, IsPrivateWhateverTheUmask) {
  const auto before = umask(0);
  store();
  umask(before);
  EXPECT_EQ(fs::status(folder).permissions(), fs::perms::owner_all);
  EXPECT_EQ(fs::status(file()).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(DiskCacheTest, LeavesNoTemporaries) {
  store();
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), fs::directory_iterator()), 1);
}

TEST_F(DiskCacheTest, RejectsEveryFlippedByteAndEveryLengthOnDisk) {
  const Stored small{16, std::string(150, 'o') + '\0' + "end", "define void @f()\n"};
  open().store(name, key, small);
  const auto good = content(file());
  const auto rejects = [&](const std::string& bytes, const std::string& what) {
    std::ofstream(file(), std::ios::binary) << bytes;
    expect_rejected(what);
  };
  for (std::size_t at = 0; at < good.size(); ++at) {
    auto bad = good;
    bad[at] = static_cast<char>(~bad[at]);
    rejects(bad, "byte " + std::to_string(at));
    rejects(good.substr(0, at), "length " + std::to_string(at));
  }
  rejects(good + '\0', "one byte more");
  std::ofstream(file(), std::ios::binary) << good;
  EXPECT_EQ(open().load(name, key), small);
}

TEST_F(DiskCacheTest, RejectsWhatWasMadeForAnother) {
  store();
  for (const std::string other : {"another tier", "another cpu", "another version"}) {
    fs::copy_file(file(), folder / DiskCache::file_name(name, other));
    auto cache = open();
    EXPECT_EQ(cache.load(name, other), std::nullopt);
    EXPECT_EQ(cache.counts.rejected, 1U) << "an intact file, under a name that is not its own";
  }
}

TEST_F(DiskCacheTest, RejectsATruncatedFileAndRepairsIt) {
  store();
  fs::resize_file(file(), fs::file_size(file()) / 2);
  expect_rejected("half");
  fs::resize_file(file(), 0);
  expect_rejected("empty");
  store();
  EXPECT_EQ(open().load(name, key), sample);
}

TEST_F(DiskCacheTest, RejectsAFileThatOthersMayWrite) {
  store();
  for (auto bad : {fs::perms::group_write, fs::perms::others_write}) {
    fs::permissions(file(), bad, fs::perm_options::add);
    expect_rejected("mode");
    fs::permissions(file(), bad, fs::perm_options::remove);
  }
  fs::permissions(file(), fs::perms::others_read, fs::perm_options::add);
  EXPECT_EQ(open().load(name, key), sample) << "reading is harmless";
}

TEST_F(DiskCacheTest, RejectsAFileOfAnotherUser) {
  if (geteuid() != 0)
    GTEST_SKIP() << "only root can give files away";
  store();
  ASSERT_EQ(chown(file().c_str(), 12345, 12345), 0);
  expect_rejected("another user's file");
}

TEST_F(DiskCacheTest, RejectsASymlinkAndWhateverIsNoFile) {
  store();
  fs::rename(file(), root / "elsewhere");
  fs::create_symlink(root / "elsewhere", file());
  expect_rejected("symlink");
  fs::remove(file());
  ASSERT_EQ(mkfifo(file().c_str(), 0600), 0);
  expect_rejected("pipe");
  fs::remove(file());
  fs::create_directory(file());
  expect_rejected("directory");
}

TEST_F(DiskCacheTest, DoesNotUseAFolderThatOthersMayWrite) {
  store();
  for (auto bad : {fs::perms::group_write, fs::perms::others_write}) {
    fs::permissions(folder, bad, fs::perm_options::add);
    auto cache = open();
    EXPECT_EQ(cache.load(name, key), std::nullopt);
    EXPECT_NE(cache.trouble(), "");
    cache.store("rnaslicer_new", key, sample);
    fs::permissions(folder, bad, fs::perm_options::remove);
    EXPECT_EQ(cache.usage().files, 1U) << "nothing was written there";
  }
  EXPECT_EQ(open().load(name, key), sample);
}

TEST_F(DiskCacheTest, DoesNotUseAFolderOfAnotherUser) {
  if (geteuid() != 0)
    GTEST_SKIP() << "only root can give folders away";
  store();
  ASSERT_EQ(chown(folder.c_str(), 12345, 12345), 0);
  auto cache = open();
  EXPECT_EQ(cache.load(name, key), std::nullopt);
  EXPECT_NE(cache.trouble(), "");
}

TEST_F(DiskCacheTest, DoesNotUseRootsFilesForAnotherUser) {
  if (geteuid() != 0)
    GTEST_SKIP() << "only root can become somebody else";
  store();
  fs::permissions(root, fs::perms::others_all, fs::perm_options::add);
  fs::permissions(folder, fs::perms::others_read | fs::perms::others_exec, fs::perm_options::add);
  fs::permissions(file(), fs::perms::others_read, fs::perm_options::add);
  EXPECT_EQ(in_child([&] {
              if (setgid(12345) != 0 || setuid(12345) != 0)
                return 1;
              auto cache = open();
              if (cache.load(name, key) || cache.trouble().empty())
                return 2;
              cache.store("rnaslicer_new", key, sample);
              return cache.trouble().empty() ? 3 : 0;
            }),
            0);
  EXPECT_EQ(files(), 1);
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

TEST_F(DiskCacheTest, DoesNotFollowASymlinkToTheFolder) {
  store();
  fs::rename(folder, root / "real");
  fs::create_directory_symlink(root / "real", folder);
  auto cache = open();
  EXPECT_EQ(cache.load(name, key), std::nullopt);
  EXPECT_NE(cache.trouble(), "");
  cache.clear();
  EXPECT_EQ(std::distance(fs::directory_iterator(root / "real"), fs::directory_iterator()), 1);
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
