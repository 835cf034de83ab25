// jit/disk_cache.cpp: reads and writes kernel files; everything is relative to one checked folder.
#include "jit/disk_cache.hpp"

#include "jit/private_files.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <dirent.h>
#include <fcntl.h>
#include <llvm/Support/BLAKE3.h>
#include <memory>
#include <pwd.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

namespace rnaslicer::jit {
namespace {

constexpr std::string_view magic = "RNASLICE";
constexpr std::uint32_t version = 1;
constexpr std::string_view prefix = "rnaslicer_";
constexpr std::string_view suffix = ".kernel";
constexpr std::string_view text_suffix = ".plan";
constexpr std::string_view temporary_prefix = ".rnaslicer_";
constexpr std::uint64_t largest_file = 16ULL << 20U; // kernels take some 20 KB
constexpr unsigned stores_between_scans = 32;        // other processes write, too
constexpr time_t temporary_age = 600;                // seconds until a temporary is an orphan

std::array<std::uint8_t, 32> checksum(FileHeader header, std::string_view rest) {
  std::fill(std::begin(header.checksum), std::end(header.checksum), std::uint8_t{0});
  llvm::BLAKE3 hasher;
  hasher.update(llvm::StringRef(reinterpret_cast<const char*>(&header), sizeof header));
  hasher.update(llvm::StringRef(rest.data(), rest.size()));
  return hasher.final();
}

std::string default_directory() {
  const char* cache = std::getenv("XDG_CACHE_HOME"); // NOLINT(concurrency-mt-unsafe)
  if (cache != nullptr && cache[0] == '/')
    return std::string(cache) + "/rnaslicer/kernels";
  const char* home = std::getenv("HOME"); // NOLINT(concurrency-mt-unsafe)
  if (home == nullptr || home[0] != '/') {
    const auto* user = getpwuid(geteuid()); // NOLINT(concurrency-mt-unsafe)
    home = user != nullptr ? user->pw_dir : nullptr;
  }
  if (home == nullptr || home[0] != '/')
    return {};
  return std::string(home) + "/.cache/rnaslicer/kernels";
}

struct Listed {
  std::string name;
  std::uint64_t bytes;
  timespec modified;
  bool temporary;
  bool text; ///< for debuggers
};

/// A signature's 16 digits and the suffix.
bool is_text(std::string_view name) {
  return name.size() == 16 + text_suffix.size() && name.ends_with(text_suffix) &&
         name.find_first_not_of("0123456789abcdef") == 16;
}

/// Our files in the folder; others are none of our business.
std::vector<Listed> list(int folder) {
  std::vector<Listed> result;
  const int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (copy < 0)
    return result;
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(fdopendir(copy), closedir);
  if (!stream) {
    close(copy);
    return result;
  }
  while (const auto* entry = readdir(stream.get())) { // NOLINT(concurrency-mt-unsafe)
    const std::string_view name = entry->d_name;
    const bool temporary = name.starts_with(temporary_prefix);
    const bool text = is_text(name);
    if (!temporary && !text && !(name.starts_with(prefix) && name.ends_with(suffix)))
      continue;
    struct stat info {};
    if (fstatat(folder, entry->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0)
      continue;
    if (!S_ISREG(info.st_mode))
      continue;
    result.push_back({std::string(name), static_cast<std::uint64_t>(info.st_size), info.st_mtim,
                      temporary, text});
  }
  return result;
}

} // namespace

std::string encode(std::string_view key, const Stored& stored) {
  FileHeader header{};
  std::copy(magic.begin(), magic.end(), header.magic);
  header.version = version;
  header.header_size = sizeof header;
  header.key_size = key.size();
  header.object_size = stored.object.size();
  header.ir_size = stored.ir.size();
  header.min_count = stored.min_count;
  std::string rest(key);
  rest += stored.object;
  rest += stored.ir;
  const auto sum = checksum(header, rest);
  std::copy(sum.begin(), sum.end(), header.checksum);
  return std::string(reinterpret_cast<const char*>(&header), sizeof header) + rest;
}

std::optional<Stored> decode(std::string_view bytes, std::string_view key) {
  std::string found;
  auto stored = decode_any(bytes, found);
  return found == key ? std::move(stored) : std::nullopt;
}

std::optional<Stored> decode_any(std::string_view bytes, std::string& key) {
  FileHeader header{};
  if (bytes.size() < sizeof header)
    return std::nullopt;
  std::memcpy(&header, bytes.data(), sizeof header);
  const auto rest = bytes.substr(sizeof header);
  if (std::string_view(header.magic, sizeof header.magic) != magic || header.version != version ||
      header.header_size != sizeof header)
    return std::nullopt;
  // Each size alone is bounded first, so that the sum cannot wrap.
  if (header.key_size > rest.size() || header.object_size > rest.size() ||
      header.ir_size > rest.size() ||
      header.key_size + header.object_size + header.ir_size != rest.size())
    return std::nullopt;
  const auto sum = checksum(header, rest);
  if (!std::equal(sum.begin(), sum.end(), header.checksum))
    return std::nullopt;
  if (header.object_size == 0 || header.min_count < 1)
    return std::nullopt;
  key = rest.substr(0, header.key_size);
  return Stored{header.min_count, std::string(rest.substr(header.key_size, header.object_size)),
                std::string(rest.substr(header.key_size + header.object_size))};
}

DiskCache::DiskCache(std::string directory, std::uint64_t limit)
    : directory_(directory.empty() ? default_directory() : std::move(directory)), limit_(limit) {}

std::string DiskCache::file_name(const std::string& name, std::string_view key) {
  llvm::BLAKE3 hasher;
  hasher.update(llvm::StringRef(key.data(), key.size()));
  std::string result = name + '-';
  for (auto byte : hasher.final<8>()) {
    constexpr std::string_view digits = "0123456789abcdef";
    result += digits[byte >> 4U];
    result += digits[byte & 15U];
  }
  return result.append(suffix);
}

/// The checked folder's descriptor, or -1 with the reason in `trouble_`.
int DiskCache::open_folder(bool create) {
  if (directory_.empty()) {
    trouble_ = "no home directory for the disk cache";
    return -1;
  }
  // A symlink may lead up to the folder, but must not be the folder.
  constexpr int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  int fd = open(directory_.c_str(), flags);
  if (fd < 0 && errno == ENOENT && create) {
    make_folders(directory_);
    fd = open(directory_.c_str(), flags);
  }
  if (fd < 0) {
    if (errno != ENOENT || create)
      trouble_ = reason("cannot open disk cache " + directory_);
    return -1;
  }
  Descriptor folder(fd);
  struct stat info {};
  if (fstat(fd, &info) != 0 || !is_private(info)) {
    trouble_ = "disk cache " + directory_ + " is not used: others may write it";
    return -1;
  }
  return folder.release();
}

std::optional<Stored> DiskCache::load(const std::string& name, std::string_view key) {
  const Descriptor folder(open_folder(false));
  if (!folder) {
    ++counts.misses;
    return std::nullopt;
  }
  const auto file = file_name(name, key);
  const Descriptor fd(open_to_read(folder.get(), file));
  if (!fd) {
    ++(errno == ENOENT ? counts.misses : counts.rejected);
    return std::nullopt;
  }
  ++counts.rejected; // until proven good
  const auto bytes = read_private(fd.get());
  if (!bytes)
    return std::nullopt;
  auto stored = decode(*bytes, key);
  if (!stored)
    return std::nullopt;
  --counts.rejected;
  ++counts.hits;
  futimens(fd.get(), nullptr); // the oldest used goes first; failure only costs that
  return stored;
}

void DiskCache::store(const std::string& name, std::string_view key, const Stored& stored) {
  const auto bytes = encode(key, stored);
  if (bytes.size() > std::min(limit_, largest_file))
    return;
  const Descriptor folder(open_folder(true));
  if (!folder)
    return;

  if (!write_file(folder.get(), temporary_prefix, file_name(name, key), bytes)) {
    trouble_ = reason("cannot write to disk cache " + directory_);
    return;
  }
  trouble_.clear();
  estimate_ += bytes.size();
  if (stores_until_scan_ == 0 || estimate_ > limit_)
    trim(folder.get());
  else
    --stores_until_scan_;
}

void DiskCache::keep_text(const std::string& name, std::string_view text) {
  const Descriptor folder(open_folder(false));
  if (!folder || faccessat(folder.get(), name.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0)
    return;
  if (write_file(folder.get(), temporary_prefix, name,
                 text)) // else debuggers show line numbers only
    estimate_ += text.size();
}

std::vector<DiskCache::Found> DiskCache::contents(std::uint64_t& refused) {
  std::vector<Found> result;
  const Descriptor folder(open_folder(false));
  if (!folder)
    return result;
  for (const auto& file : list(folder.get())) {
    if (file.temporary || file.text)
      continue;
    const Descriptor fd(open_to_read(folder.get(), file.name));
    const auto bytes = fd ? read_private(fd.get()) : std::nullopt;
    Found found{file.name, {}, file.bytes, file.modified.tv_sec, {}};
    auto stored = bytes ? decode_any(*bytes, found.key) : std::nullopt;
    const auto symbol = file.name.substr(0, file.name.rfind('-'));
    if (!stored || file_name(symbol, found.key) != file.name) {
      ++refused;
      continue;
    }
    found.stored = std::move(*stored);
    result.push_back(std::move(found));
  }
  return result;
}

/// Keeps the folder below the limit: the longest unused go, some more than needed at once.
void DiskCache::trim(int folder) {
  auto files = list(folder);
  const auto orphaned_before = time(nullptr) - temporary_age;
  std::uint64_t total = 0;
  std::erase_if(files, [&](const Listed& file) {
    if (file.temporary && file.modified.tv_sec < orphaned_before)
      return unlinkat(folder, file.name.c_str(), 0) == 0;
    total += file.bytes;
    return file.temporary;
  });
  if (total > limit_) {
    std::sort(files.begin(), files.end(), [](const Listed& a, const Listed& b) {
      return std::pair(a.modified.tv_sec, a.modified.tv_nsec) <
             std::pair(b.modified.tv_sec, b.modified.tv_nsec);
    });
    for (const auto& file : files) {
      if (total <= limit_ - limit_ / 4)
        break;
      if (unlinkat(folder, file.name.c_str(), 0) == 0 || errno == ENOENT)
        total -= file.bytes;
    }
  }
  estimate_ = total;
  stores_until_scan_ = stores_between_scans;
}

void DiskCache::clear() {
  const Descriptor folder(open_folder(false));
  if (!folder)
    return;
  for (const auto& file : list(folder.get()))
    unlinkat(folder.get(), file.name.c_str(), 0);
  estimate_ = 0;
}

DiskCache::Usage DiskCache::usage() const {
  Usage usage;
  const Descriptor folder(
      directory_.empty()
          ? -1
          : open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folder)
    return usage;
  for (const auto& file : list(folder.get())) {
    usage.files += file.text ? 0 : 1;
    usage.bytes += file.bytes;
  }
  return usage;
}

} // namespace rnaslicer::jit
