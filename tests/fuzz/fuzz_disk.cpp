// tests/fuzz/fuzz_disk.cpp: kernel files of any content through the disk cache's reader.
//
// Each input is read three times: as it is, with a checksum that fits (an attacker can compute one,
// too), and from a real file in a folder of the cache.
#include "jit/disk_cache.hpp"
#include "tests/fuzz/input.hpp"

#include <fcntl.h>
#include <llvm/Support/BLAKE3.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

using namespace rnaslicer::jit;
using rnaslicer::fuzz::expect;

const std::string key = "key";
const std::string name = "rnaslicer_0123456789abcdef_refresh";

/// Nothing, or exactly what the file was made of.
bool check(std::string_view bytes) {
  const auto stored = decode(bytes, key);
  if (stored)
    expect(encode(key, *stored) == bytes, "read what was never written");
  return stored.has_value();
}

std::string with_checksum(std::string_view bytes) {
  std::string whole(bytes);
  FileHeader header{};
  if (whole.size() < sizeof header)
    return whole;
  std::memcpy(&header, whole.data(), sizeof header);
  std::fill(std::begin(header.checksum), std::end(header.checksum), std::uint8_t{0});
  std::memcpy(whole.data(), &header, sizeof header);
  llvm::BLAKE3 hasher;
  hasher.update(llvm::StringRef(whole));
  const auto sum = hasher.final();
  std::copy(sum.begin(), sum.end(), header.checksum);
  std::memcpy(whole.data(), &header, sizeof header);
  return whole;
}

/// A folder for this process, gone with it.
class Folder {
 public:
  Folder() {
    expect(mkdtemp(path_.data()) != nullptr, "no temporary folder");
    file_ = path_ + "/" + DiskCache::file_name(name, key);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    unlink(file_.c_str());
    rmdir(path_.c_str());
  }
  [[nodiscard]] const std::string& path() const { return path_; }
  void fill(std::string_view bytes) const {
    const int file = open(file_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    const auto written = write(file, bytes.data(), bytes.size());
    expect(file >= 0 && written == static_cast<ssize_t>(bytes.size()), "no temporary file");
    close(file);
  }

 private:
  std::string path_ =
      (access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp") + std::string("/rnaslicer_fuzz_XXXXXX");
  std::string file_;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Folder folder;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check(bytes);
  const auto fitting = with_checksum(bytes);
  const bool good = check(fitting);
  folder.fill(fitting);
  DiskCache cache(folder.path(), 1 << 20);
  expect(cache.load(name, key).has_value() == good, "file and memory are read differently");
  expect(cache.counts.hits + cache.counts.rejected == 1, "a file that counts as none");
  return 0;
}
