// tests/jit/perf_test.cpp: what is written for perf, parsed back record by record.
#include "jit/perf.hpp"

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <stdexcept>
#include <unistd.h>
#include <vector>

namespace rnaslicer::jit {
namespace {

/// Takes numbers and texts from the front of bytes.
struct Reader {
  std::string_view left;
  template <class Number> Number number() {
    Number value{};
    EXPECT_GE(left.size(), sizeof value);
    std::memcpy(&value, left.data(), sizeof value);
    left.remove_prefix(sizeof value);
    return value;
  }
  std::string text() {
    std::string value(left.data());
    left.remove_prefix(value.size() + 1);
    return value;
  }
};

struct Record {
  std::uint32_t id;
  std::uint64_t time;
  Reader body;
};

std::vector<Record> records(std::string_view bytes) {
  std::vector<Record> result;
  Reader reader{bytes};
  while (!reader.left.empty()) {
    const auto id = reader.number<std::uint32_t>();
    const auto size = reader.number<std::uint32_t>();
    const auto time = reader.number<std::uint64_t>();
    EXPECT_GE(size, 16U);
    EXPECT_LE(size - 16, reader.left.size());
    result.push_back({id, time, {reader.left.substr(0, size - 16)}});
    reader.left.remove_prefix(size - 16);
  }
  return result;
}

const std::string code_bytes = "machine code" + std::string(1, '\0') + "with a zero" + '\xc3';

PerfCode sample() {
  return {"rnaslicer_0123456789abcdef_refresh",
          code_bytes.data(),
          code_bytes,
          "/cache/0123456789abcdef.plan",
          {{0, 1}, {4, 2}, {9, 0}, {11, 6}}};
}

void expect_code(const std::vector<Record>& all, std::size_t first) {
  const auto address = reinterpret_cast<std::uintptr_t>(code_bytes.data());
  ASSERT_GE(all.size(), first + 2);
  auto lines = all[first].body;
  EXPECT_EQ(all[first].id, 2U) << "lines come right before their code";
  EXPECT_EQ(lines.number<std::uint64_t>(), address);
  ASSERT_EQ(lines.number<std::uint64_t>(), 3U);
  const std::vector<std::pair<std::uint64_t, std::uint32_t>> expected{{0, 1}, {4, 2}, {11, 6}};
  for (const auto& [offset, line] : expected) {
    EXPECT_EQ(lines.number<std::uint64_t>(), address + offset);
    EXPECT_EQ(lines.number<std::uint32_t>(), line);
    EXPECT_EQ(lines.number<std::uint32_t>(), 0U);
    EXPECT_EQ(lines.text(), "/cache/0123456789abcdef.plan");
  }
  EXPECT_TRUE(lines.left.empty());
  auto load = all[first + 1].body;
  EXPECT_EQ(all[first + 1].id, 0U);
  EXPECT_EQ(load.number<std::uint32_t>(), static_cast<std::uint32_t>(getpid()));
  EXPECT_NE(load.number<std::uint32_t>(), 0U);
  EXPECT_EQ(load.number<std::uint64_t>(), address);
  EXPECT_EQ(load.number<std::uint64_t>(), address);
  EXPECT_EQ(load.number<std::uint64_t>(), code_bytes.size());
  EXPECT_GT(load.number<std::uint64_t>(), 0U);
  EXPECT_EQ(load.text(), "rnaslicer_0123456789abcdef_refresh");
  EXPECT_EQ(load.left, code_bytes);
}

std::string content(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

class PerfTest : public testing::Test {
 protected:
  void SetUp() override {
    unsetenv("JITDUMPDIR"); // NOLINT(concurrency-mt-unsafe)
    std::string pattern = (std::filesystem::temp_directory_path() / "rnaslicer_XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder = pattern;
  }
  void TearDown() override {
    perf_close();
    std::filesystem::remove_all(folder);
  }
  std::string folder;
};

TEST_F(PerfTest, NamesAreRefusedUnlessKnown) {
  EXPECT_EQ(perf_from_name(""), Perf::off);
  EXPECT_EQ(perf_from_name("map"), Perf::map);
  EXPECT_EQ(perf_from_name("jitdump"), Perf::jitdump);
  EXPECT_THROW(perf_from_name("vtune"), std::invalid_argument);
}

TEST_F(PerfTest, WritesAJitdumpThatParsesBack) {
  perf_write(Perf::jitdump, folder + "/new/folder", sample());
  perf_write(Perf::jitdump, folder + "/new/folder", sample());
  const auto path = perf_file();
  EXPECT_EQ(path, folder + "/new/folder/jit-" + std::to_string(getpid()) + ".dump");
  EXPECT_EQ(perf_trouble(), "");
  EXPECT_NE(content("/proc/self/maps").find("r-xp 00000000"), std::string::npos);
  EXPECT_NE(content("/proc/self/maps").find(path), std::string::npos) << "perf's marker";
  perf_close();
  EXPECT_EQ(content("/proc/self/maps").find(path), std::string::npos);

  const auto bytes = content(path);
  Reader header{bytes};
  EXPECT_EQ(header.number<std::uint32_t>(), 0x4A695444U);
  EXPECT_EQ(header.number<std::uint32_t>(), 1U);
  EXPECT_EQ(header.number<std::uint32_t>(), 40U);
  EXPECT_EQ(header.number<std::uint32_t>(), 62U) << "x86-64";
  EXPECT_EQ(header.number<std::uint32_t>(), 0U);
  EXPECT_EQ(header.number<std::uint32_t>(), static_cast<std::uint32_t>(getpid()));
  const auto start = header.number<std::uint64_t>();
  EXPECT_EQ(header.number<std::uint64_t>(), 0U) << "flags";
  const auto all = records(header.left);
  ASSERT_EQ(all.size(), 5U);
  expect_code(all, 0);
  expect_code(all, 2);
  EXPECT_EQ(all[4].id, 3U);
  auto before = start;
  for (const auto& record : all) {
    EXPECT_GE(record.time, before);
    before = record.time;
  }
  const auto rights = std::filesystem::status(path).permissions();
  EXPECT_EQ(rights & (std::filesystem::perms::group_all | std::filesystem::perms::others_all),
            std::filesystem::perms::none);
}

TEST_F(PerfTest, CodeWithoutLinesHasNoLineRecord) {
  auto code = sample();
  code.lines = {{0, 0}};
  const auto text = jitdump_code(code, 1, 1, 1, 1);
  const auto all = records(text);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].id, 0U);
}

TEST_F(PerfTest, FollowsNoLinkAndSaysWhy) {
  const auto path = folder + "/jit-" + std::to_string(getpid()) + ".dump";
  std::ofstream(folder + "/precious") << "precious";
  std::filesystem::create_symlink(folder + "/precious", path);
  perf_write(Perf::jitdump, folder, sample());
  EXPECT_EQ(content(folder + "/precious"), "precious");
  perf_close();
  std::ofstream(folder + "/file") << "";
  perf_write(Perf::jitdump, folder + "/file", sample());
  EXPECT_NE(perf_trouble().find("cannot open"), std::string::npos) << perf_trouble();
  perf_write(Perf::jitdump, folder + "/file", sample()); // and goes on
}

TEST_F(PerfTest, WritesTheMapOfNames) {
  perf_write(Perf::map, folder, sample());
  const auto path = perf_file();
  EXPECT_EQ(path, "/tmp/perf-" + std::to_string(getpid()) + ".map");
  perf_close();
  std::array<char, 64> numbers{};
  std::snprintf(numbers.data(), numbers.size(), "%lx %zx ",
                reinterpret_cast<unsigned long>(code_bytes.data()), code_bytes.size());
  EXPECT_EQ(content(path), numbers.data() + std::string("rnaslicer_0123456789abcdef_refresh\n"));
  std::filesystem::remove(path);
}

} // namespace
} // namespace rnaslicer::jit
