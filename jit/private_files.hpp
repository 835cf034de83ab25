// jit/private_files.hpp: files that are ours alone, relative to an open folder.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace rnaslicer::jit {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0)
      close(fd_);
  }
  [[nodiscard]] int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

/// `what` with errno's words.
std::string reason(const std::string& what);

/// Ours, and nobody else may write it. An ACL's rights show up in the group bits.
bool is_private(const struct stat& info);

/// Makes the folder and its parents, all private.
void make_folders(const std::string& path);

/// A descriptor, or -1; follows no link.
int open_to_read(int folder, const std::string& file);

/// The whole of a file that is ours alone.
std::optional<std::string> read_private(int fd);

/// Whole or not at all, under a name that nobody else writes meanwhile, which begins with `prefix`
/// until it is done. False leaves errno.
bool write_file(int folder, std::string_view prefix, const std::string& name,
                std::string_view bytes);

} // namespace rnaslicer::jit
