// tests/jit/disk_folder.hpp: a disk cache in a folder of its own, for the tests of it.
#pragma once

#include "tests/jit/disk_sample.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace rnaslicer::jit {

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

} // namespace rnaslicer::jit
