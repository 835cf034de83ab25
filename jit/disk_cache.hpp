// jit/disk_cache.hpp: compiled kernels on disk: one checksummed, private file per kernel entry.
//
// A file is untrusted input. It is used only if the folder and the file belong to us and nobody
// else may write them, its size is exact, the checksum over every byte fits, and the key inside is
// the key asked for; anything else counts as `rejected` and is compiled anew. Nothing here throws
// for the disk's sake: a disk that cannot be used costs its benefit and leaves one note.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rnaslicer::jit {

/// What a file carries.
struct Stored {
  std::int64_t min_count = 1; ///< fewest steps the kernel accepts
  std::string object;         ///< relocatable ELF file
  std::string ir;             ///< LLVM IR text
  bool operator==(const Stored&) const = default;
};

/// The first bytes of a file, native byte order. Then follow key, object and IR without gaps.
struct FileHeader {
  char magic[8];
  std::uint32_t version;
  std::uint32_t header_size;
  std::uint64_t key_size;
  std::uint64_t object_size;
  std::uint64_t ir_size;
  std::int64_t min_count;
  std::uint8_t checksum[32]; ///< BLAKE3 of the whole file with this field zero
};
static_assert(sizeof(FileHeader) == 80, "changing the header needs a new version");

/// The bytes of a file, and back. `decode` refuses whatever `encode(key, ...)` cannot have made.
std::string encode(std::string_view key, const Stored& stored);
std::optional<Stored> decode(std::string_view bytes, std::string_view key);
/// Whatever the key inside is, which is handed out; for inspection only.
std::optional<Stored> decode_any(std::string_view bytes, std::string& key);

class DiskCache {
 public:
  /// `directory` "" stands for $XDG_CACHE_HOME/rnaslicer/kernels. `limit` in bytes.
  DiskCache(std::string directory, std::uint64_t limit);

  /// `name` says what it is (the kernel's symbol), `key` everything that shaped the code.
  std::optional<Stored> load(const std::string& name, std::string_view key);
  void store(const std::string& name, std::string_view key, const Stored& stored);
  /// Keeps a text beside the kernels for debuggers to read, unless it is there.
  void keep_text(const std::string& name, std::string_view text);
  /// Removes all our files.
  void clear();

  /// A file that load() would take for its own key.
  struct Found {
    std::string name, key;
    std::uint64_t bytes = 0;
    std::int64_t modified = 0; ///< seconds since 1970: when it was last used
    Stored stored;
  };
  /// All of them, and how many others bear a name of ours. For inspection: counts nothing.
  std::vector<Found> contents(std::uint64_t& refused);

  struct Usage {
    std::uint64_t files = 0, bytes = 0;
  };
  [[nodiscard]] Usage usage() const;
  [[nodiscard]] const std::string& directory() const { return directory_; }
  /// Why the disk is not used, or was not the last time; "" if all is well.
  [[nodiscard]] const std::string& trouble() const { return trouble_; }

  /// What load() found so far: a usable file, none, one that was refused.
  struct Counts {
    std::uint64_t hits = 0, misses = 0, rejected = 0;
  };
  Counts counts;

  /// File name of an entry: the name, and a hash of the key, so that machines can share a home.
  static std::string file_name(const std::string& name, std::string_view key);

 private:
  void trim(int folder);
  int open_folder(bool create);

  std::string directory_;
  std::uint64_t limit_;
  std::uint64_t estimate_ = 0; ///< bytes in the folder, as far as this process knows
  unsigned stores_until_scan_ = 0;
  std::string trouble_;
};

} // namespace rnaslicer::jit
