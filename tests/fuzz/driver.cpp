// tests/fuzz/driver.cpp: mutates seeds at random, where there is no libFuzzer; its options, ours.
//
//   fuzz_plan FOLDER... -max_total_time=20 [-seed=N] [-artifact_prefix=PATH]
//   fuzz_plan FILE...                        runs just these
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/common_interface_defs.h>
#endif

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::size_t longest = 4096;

/// What runs, for whoever dies of it; and where to keep it.
std::string running;
std::string artifact;

/// Also called from signal handlers: only system calls.
void keep_running() {
  const int file = open(artifact.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0)
    return;
  const auto put = [](int to, std::string_view text) {
    return write(to, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  };
  if (put(file, running) && put(STDERR_FILENO, "Test unit written to ") &&
      put(STDERR_FILENO, artifact))
    put(STDERR_FILENO, "\n");
  close(file);
}

void on_signal(int signal) {
  keep_running();
  std::signal(signal, SIG_DFL); // NOLINT(bugprone-signal-handler): dies of it again
  std::raise(signal);           // NOLINT(bugprone-signal-handler)
}

void run(std::string input) {
  running = std::move(input);
  // A copy of exactly its size, so that ASan sees every byte beyond.
  const std::vector<std::uint8_t> exact(running.begin(), running.end());
  LLVMFuzzerTestOneInput(exact.data(), exact.size());
}

std::string content(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

class Mutator {
 public:
  Mutator(std::vector<std::string> seeds, std::uint64_t seed)
      : seeds_(std::move(seeds)), random_(seed) {}

  std::string next() {
    auto bytes = pick(seeds_);
    for (auto count = 1 + below(6); count > 0; --count)
      mutate(bytes);
    bytes.resize(std::min(bytes.size(), longest));
    return bytes;
  }

 private:
  std::size_t below(std::size_t count) { return count == 0 ? 0 : random_() % count; }
  const std::string& pick(const std::vector<std::string>& from) { return from[below(from.size())]; }
  std::string piece(const std::string& of) {
    const auto begin = below(of.size());
    return of.substr(begin, 1 + below(24));
  }

  void mutate(std::string& bytes) {
    const auto at = below(bytes.size() + 1);
    switch (below(7)) {
    case 0:
      if (at < bytes.size())
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8)));
      break;
    case 1:
      if (at < bytes.size())
        bytes[at] = static_cast<char>(random_());
      break;
    case 2:
      bytes.erase(at, 1 + below(8));
      break;
    case 3:
      bytes.insert(at, piece(pick(seeds_)));
      break;
    case 4: { // another number where one stands
      const auto digit = bytes.find_first_of("0123456789", at);
      if (digit != std::string::npos)
        bytes.replace(digit, 1 + below(3),
                      std::to_string(static_cast<std::int64_t>(random_()) >> below(64)));
      break;
    }
    case 5:
      bytes = bytes.substr(0, at) + piece(pick(seeds_)) + pick(seeds_).substr(0, below(200));
      break;
    default:
      bytes.insert(at, below(5), static_cast<char>(random_()));
    }
  }

  std::vector<std::string> seeds_;
  std::mt19937_64 random_;
};

} // namespace

int main(int argc, char** argv) {
  double seconds = 20;
  std::uint64_t seed = std::random_device()();
  std::string prefix = "./";
  std::vector<std::string> seeds{""};
  bool folders = false;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    const auto value = argument.substr(argument.find('=') + 1);
    if (argument.starts_with("-max_total_time="))
      seconds = std::stod(value);
    else if (argument.starts_with("-seed="))
      seed = std::stoull(value);
    else if (argument.starts_with("-artifact_prefix="))
      prefix = value;
    else if (fs::is_directory(argument)) {
      folders = true;
      for (const auto& entry : fs::directory_iterator(argument))
        seeds.push_back(content(entry.path()));
    } else if (argument.front() != '-') {
      run(content(argument));
    }
  }
  if (!folders)
    return 0;
  artifact = prefix + "crash-" + std::to_string(seed);
#ifdef __SANITIZE_ADDRESS__
  __sanitizer_set_death_callback(keep_running);
#endif
  std::signal(SIGABRT, on_signal); // NOLINT(cert-err33-c)
  for (const auto& input : seeds)
    run(input);
  Mutator mutator(seeds, seed);
  const auto until = Clock::now() + std::chrono::duration<double>(seconds);
  std::uint64_t runs = 0;
  do {
    for (int i = 0; i < 100; ++i)
      run(mutator.next());
    runs += 100;
  } while (Clock::now() < until);
  std::printf("Done %llu runs, seed %llu\n", static_cast<unsigned long long>(runs),
              static_cast<unsigned long long>(seed));
  return 0;
}
