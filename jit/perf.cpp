// jit/perf.cpp: an own jitdump writer: some records, one file, and one mapping as perf's marker.
#include "jit/perf.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <stdexcept>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <system_error>
#include <unistd.h>

namespace rnaslicer::jit {
namespace {

constexpr std::uint32_t code_load = 0, debug_info = 2, code_close = 3;

void append(std::string& to, const void* bytes, std::size_t size) {
  to.append(static_cast<const char*>(bytes), size);
}
template <class Number> void number(std::string& to, Number value) {
  append(to, &value, sizeof value); // native order, as perf reads it
}
void text(std::string& to, std::string_view value) {
  to.append(value);
  to += '\0';
}

std::string record(std::uint32_t id, std::uint64_t time, const std::string& body) {
  constexpr std::uint32_t prefix = 16;
  std::string result;
  number(result, id);
  number(result, static_cast<std::uint32_t>(prefix + body.size()));
  number(result, time);
  return result + body;
}

std::uint64_t now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000U +
         static_cast<std::uint64_t>(time.tv_nsec);
}

std::uint32_t thread_id() { return static_cast<std::uint32_t>(syscall(SYS_gettid)); }

/// What is being written.
struct Output {
  Perf mode = Perf::off;
  int file = -1;
  std::string path, trouble;
  void* marker = MAP_FAILED;
  std::uint64_t index = 0;
  pid_t process = 0; ///< a forked child must not write into its parent's file
};

Output& output() {
  static auto* output = new Output; // leaked: written until the process ends
  return *output;
}

PerfMapWriter map_writer = nullptr;

void fail(Output& out, const std::string& what) {
  out.trouble = what + " " + out.path + ": " + std::generic_category().message(errno);
  if (out.file >= 0)
    close(out.file);
  out.file = -1;
}

void write_all(Output& out, std::string_view bytes) {
  while (!bytes.empty() && out.file >= 0) {
    const auto written = write(out.file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR)
      continue;
    if (written <= 0)
      return fail(out, "cannot write");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void make_folders(const std::string& path) {
  for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    mkdir(path.substr(0, end).c_str(), S_IRWXU); // what went wrong shows when the file is opened
    if (end == std::string::npos)
      return;
  }
}

/// Opens without following what somebody may have put there; it must be ours.
bool open_file(Output& out, int flags) {
  out.file = open(out.path.c_str(), flags | O_NOFOLLOW | O_CLOEXEC | O_CREAT, S_IRUSR | S_IWUSR);
  struct stat info {};
  if (out.file >= 0 && fstat(out.file, &info) == 0 && S_ISREG(info.st_mode) &&
      info.st_uid == geteuid())
    return true;
  if (out.file >= 0)
    errno = EPERM;
  fail(out, "cannot open");
  return false;
}

void open_map(Output& out) {
  out.path = "/tmp/perf-" + std::to_string(getpid()) + ".map";
  if (map_writer == nullptr)
    open_file(out, O_WRONLY | O_APPEND);
}

void open_jitdump(Output& out, const std::string& folder) {
  const char* chosen = std::getenv("JITDUMPDIR"); // NOLINT(concurrency-mt-unsafe)
  const std::string where = chosen != nullptr && *chosen != '\0' ? chosen : folder;
  make_folders(where);
  // perf knows it by this name.
  out.path = where + "/jit-" + std::to_string(getpid()) + ".dump";
  unlink(out.path.c_str()); // of an older process with our number
  if (!open_file(out, O_RDWR | O_EXCL))
    return;
  write_all(out, jitdump_header(static_cast<std::uint32_t>(getpid()), now()));
  if (out.file < 0)
    return;
  // perf records this mapping, and finds the file by it.
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  out.marker = mmap(nullptr, page, PROT_READ | PROT_EXEC, MAP_PRIVATE, out.file, 0);
  if (out.marker == MAP_FAILED)
    fail(out, "cannot map");
}

} // namespace

Perf perf_from_name(std::string_view name) {
  if (name.empty())
    return Perf::off;
  if (name == "map")
    return Perf::map;
  if (name == "jitdump")
    return Perf::jitdump;
  throw std::invalid_argument("perf must be '' (off), 'map' or 'jitdump'");
}

std::string jitdump_header(std::uint32_t process, std::uint64_t time) {
  constexpr std::uint32_t magic = 0x4A695444, version = 1, size = 40, x86_64 = 62, none = 0;
  std::string result;
  for (const auto value : {magic, version, size, x86_64, none, process})
    number(result, value);
  number(result, time);
  number(result, std::uint64_t{0}); // flags: the clock is CLOCK_MONOTONIC
  return result;
}

std::string jitdump_code(const PerfCode& code, std::uint32_t process, std::uint32_t thread,
                         std::uint64_t index, std::uint64_t time) {
  const auto address = reinterpret_cast<std::uintptr_t>(code.address);
  std::string lines;
  std::uint64_t count = 0;
  for (const auto& [offset, line] : code.lines) {
    if (line == 0)
      continue;
    ++count;
    number(lines, std::uint64_t{address + offset});
    number(lines, std::uint32_t{line});
    number(lines, std::uint32_t{0}); // discriminator
    text(lines, code.source);
  }
  std::string result;
  if (count != 0) {
    std::string head;
    number(head, std::uint64_t{address});
    number(head, count);
    result = record(debug_info, time, head + lines);
  }
  std::string load;
  number(load, process);
  number(load, thread);
  for (const std::uint64_t value :
       {std::uint64_t{address}, std::uint64_t{address}, std::uint64_t{code.bytes.size()}, index})
    number(load, value);
  text(load, code.symbol);
  load.append(code.bytes);
  return result + record(code_load, time, load);
}

std::string jitdump_close(std::uint64_t time) { return record(code_close, time, {}); }

void perf_write(Perf mode, const std::string& folder, const PerfCode& code) {
  if (mode == Perf::off)
    return;
  auto& out = output();
  if (out.mode != mode || out.process != getpid()) {
    if (out.process != getpid()) { // the parent's
      if (out.file >= 0)
        close(out.file);
      if (out.marker != MAP_FAILED)
        munmap(out.marker, static_cast<std::size_t>(sysconf(_SC_PAGESIZE)));
      out = Output{};
    }
    perf_close();
    out.mode = mode;
    out.process = getpid();
    out.trouble.clear();
    if (mode == Perf::map)
      open_map(out);
    else
      open_jitdump(out, folder);
  }
  if (mode == Perf::jitdump) {
    if (out.file >= 0)
      write_all(out, jitdump_code(code, static_cast<std::uint32_t>(getpid()), thread_id(),
                                  ++out.index, now()));
    return;
  }
  if (map_writer != nullptr) {
    if (map_writer(code.address, static_cast<unsigned>(code.bytes.size()), code.symbol.c_str()) < 0)
      out.trouble = "Python cannot write " + out.path;
    return;
  }
  std::array<char, 64> numbers{};
  std::snprintf(numbers.data(), numbers.size(), "%lx %zx ",
                reinterpret_cast<unsigned long>(code.address), code.bytes.size());
  write_all(out, numbers.data() + code.symbol + "\n");
}

void perf_close() {
  auto& out = output();
  if (out.mode == Perf::jitdump && out.file >= 0)
    write_all(out, jitdump_close(now()));
  if (out.file >= 0)
    close(out.file);
  if (out.marker != MAP_FAILED)
    munmap(out.marker, static_cast<std::size_t>(sysconf(_SC_PAGESIZE)));
  out = Output{};
}

std::string perf_file() { return output().path; }
std::string perf_trouble() { return output().trouble; }
void use_perf_map_writer(PerfMapWriter writer) { map_writer = writer; }

} // namespace rnaslicer::jit
