// tests/jit/kernel_testing.hpp: kernels with caches of their own, compared with the interpreter.
#pragma once

#include "jit/engine.hpp"
#include "jit/kernel.hpp"

#include <cstdlib>
#include <filesystem>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

namespace rnaslicer::jit {

namespace fs = std::filesystem;
using Bytes = std::vector<std::byte>;

inline const std::string positions = "plan 1\nstorage f32\nvalue f32\nformat f32\n"
                                     "loop strided source 16 cache 12\n"
                                     "lanes 3\nlane 0 -> 0\nlane 4 -> 4\nlane 8 -> 8\n";

inline Bytes pattern(std::size_t size, unsigned seed) {
  Bytes result(size);
  for (std::size_t i = 0; i < size; ++i)
    result[i] = static_cast<std::byte>((i * 37 + std::size_t{seed} * 101 + (i >> 8U)) & 0x3fU);
  return result;
}

/// Runs kernel and interpreter on equal memory; both sides must end equal, guard bytes included.
inline void expect_same(Kernel& kernel, const Plan& plan, Direction direction,
                        const std::vector<std::int64_t>& extents, std::size_t source_size,
                        std::size_t cache_size, const std::vector<Table>& tables = {}) {
  Bytes source = pattern(source_size, 1);
  Bytes cache = pattern(cache_size, 2);
  Bytes expected_source = source;
  Bytes expected_cache = cache;
  interpret(plan, direction, {expected_source.data(), expected_cache.data(), extents, tables});
  kernel.run(plan, direction, {source.data(), cache.data(), extents, tables});
  EXPECT_TRUE(source == expected_source) << print(plan);
  EXPECT_TRUE(cache == expected_cache) << print(plan);
}

/// Settings and caches as new, with a disk folder of its own.
class KernelTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "rnaslicer_test_XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    root = pattern;
    settings.cache_directory = (root / "kernels").string();
    configure(settings);
    clear_cache(true, false);
  }
  void TearDown() override {
    configure({});
    clear_cache(true, false);
    fs::remove_all(root);
  }
  /// As a new process would: nothing in memory.
  static std::shared_ptr<Kernel> fresh(const Plan& plan) {
    clear_cache(true, false);
    return find_kernel(plan);
  }

  fs::path root;
  Configuration settings;
};

} // namespace rnaslicer::jit
