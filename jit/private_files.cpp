// jit/private_files.cpp: reads what is private, writes atomically.
#include "jit/private_files.hpp"

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <ctime>
#include <fcntl.h>
#include <system_error>

namespace rnaslicer::jit {
namespace {

constexpr std::uint64_t largest_file = 16ULL << 20U; // kernels take some 20 KB

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR)
      continue;
    if (written <= 0)
      return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

/// The whole file, or nothing if it is not exactly `size` long.
std::optional<std::string> read_all(int fd, std::size_t size) {
  std::string bytes(size + 1, '\0'); // one more, to see that nothing follows
  std::size_t done = 0;
  while (done < bytes.size()) {
    const auto got = read(fd, bytes.data() + done, bytes.size() - done);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return std::nullopt;
    if (got == 0)
      break;
    done += static_cast<std::size_t>(got);
  }
  if (done != size)
    return std::nullopt;
  bytes.resize(size);
  return bytes;
}

} // namespace

std::string reason(const std::string& what) {
  return what + ": " + std::generic_category().message(errno);
}

bool is_private(const struct stat& info) {
  return info.st_uid == geteuid() && (info.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

void make_folders(const std::string& path) {
  for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    mkdir(path.substr(0, end).c_str(), S_IRWXU); // what went wrong shows when it is opened
    if (end == std::string::npos)
      return;
  }
}

int open_to_read(int folder, const std::string& file) {
  // NONBLOCK: somebody may have put a pipe there.
  return openat(folder, file.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
}

std::optional<std::string> read_private(int fd) {
  struct stat info {};
  if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode) || !is_private(info))
    return std::nullopt;
  const auto size = static_cast<std::uint64_t>(info.st_size);
  return size > largest_file ? std::nullopt : read_all(fd, size);
}

bool write_file(int folder, std::string_view prefix, const std::string& name,
                std::string_view bytes) {
  static std::atomic<unsigned> counter; // temporaries of one process differ
  const auto temporary = std::string(prefix) + std::to_string(getpid()) + "_" +
                         std::to_string(counter++) + "_" + std::to_string(time(nullptr));
  const Descriptor fd(openat(folder, temporary.c_str(),
                             O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                             S_IRUSR | S_IWUSR));
  if (!fd)
    return false;
  // No fsync: after a power cut the checksum finds a torn file.
  if (write_all(fd.get(), bytes) && renameat(folder, temporary.c_str(), folder, name.c_str()) == 0)
    return true;
  const int why = errno;
  unlinkat(folder, temporary.c_str(), 0);
  errno = why;
  return false;
}

} // namespace rnaslicer::jit
