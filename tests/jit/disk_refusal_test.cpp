// tests/jit/disk_refusal_test.cpp: the disk cache as an attack surface: what it does not believe,
// and does not use.
#include "tests/jit/disk_folder.hpp"

#include <sys/stat.h>

namespace rnaslicer::jit {
namespace {

TEST_F(DiskCacheTest, IsPrivateWhateverTheUmask) {
  const auto before = umask(0);
  store();
  umask(before);
  EXPECT_EQ(fs::status(folder).permissions(), fs::perms::owner_all);
  EXPECT_EQ(fs::status(file()).permissions(), fs::perms::owner_read | fs::perms::owner_write);
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

} // namespace
} // namespace rnaslicer::jit
