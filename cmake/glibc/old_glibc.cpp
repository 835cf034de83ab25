// cmake/glibc/old_glibc.cpp: what newer glibc versions added, made of what glibc 2.17 has.
//
// The compiler's and LLVM's static libraries ask for the newest version of each function that the
// build system's glibc has, and so could only be loaded there. The functions here have the same
// names and are linked first; each forwards to the version that all have. OldGlibc.cmake links
// them, check_glibc.cmake tells which ones are missing.
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <malloc.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// FORWARD(result, name, version, (parameters), (arguments)): `name` calls `name` as of
// GLIBC_`version`.
#define FORWARD(result, name, version, parameters, arguments)                                      \
  extern "C" result old_##name parameters;                                                         \
  __asm__(".symver old_" #name ", " #name "@GLIBC_" version);                                      \
  extern "C" result name parameters { return old_##name arguments; }

// 2.27 and 2.29: which no longer report through matherr
FORWARD(float, powf, "2.2.5", (float x, float y), (x, y))
FORWARD(double, exp, "2.2.5", (double x), (x))
FORWARD(double, log, "2.2.5", (double x), (x))
FORWARD(double, log2, "2.2.5", (double x), (x))
FORWARD(double, pow, "2.2.5", (double x, double y), (x, y))

// 2.32: whether a process has one thread only. Ours never counts on that.
extern "C" char __libc_single_threaded;
char __libc_single_threaded = 0;
FORWARD(int, pthread_sigmask, "2.2.5", (int how, const sigset_t* set, sigset_t* old),
        (how, set, old))

// 2.33: the calls of <sys/stat.h> were inline functions around these; 1 is x86-64's layout of
// `struct stat`.
extern "C" int __xstat(int layout, const char* path, struct stat* status);
extern "C" int __lxstat(int layout, const char* path, struct stat* status);
extern "C" int __fxstat(int layout, int file, struct stat* status);
extern "C" int __fxstatat(int layout, int folder, const char* path, struct stat* status, int flags);
__asm__(".symver __xstat, __xstat@GLIBC_2.2.5");
__asm__(".symver __lxstat, __lxstat@GLIBC_2.2.5");
__asm__(".symver __fxstat, __fxstat@GLIBC_2.2.5");
__asm__(".symver __fxstatat, __fxstatat@GLIBC_2.4");
extern "C" int stat(const char* path, struct stat* status) noexcept {
  return __xstat(1, path, status);
}
extern "C" int lstat(const char* path, struct stat* status) noexcept {
  return __lxstat(1, path, status);
}
extern "C" int fstat(int file, struct stat* status) noexcept { return __fxstat(1, file, status); }
extern "C" int fstatat(int folder, const char* path, struct stat* status, int flags) noexcept {
  return __fxstatat(1, folder, path, status, flags);
}
static_assert(sizeof(struct stat) == sizeof(struct stat64));
extern "C" int stat64(const char* path, struct stat64* status) noexcept {
  return __xstat(1, path, reinterpret_cast<struct stat*>(status));
}
extern "C" int lstat64(const char* path, struct stat64* status) noexcept {
  return __lxstat(1, path, reinterpret_cast<struct stat*>(status));
}
extern "C" int fstat64(int file, struct stat64* status) noexcept {
  return __fxstat(1, file, reinterpret_cast<struct stat*>(status));
}
// LLVM counts the heap with it when it is asked for statistics, which we never do.
extern "C" struct mallinfo2 mallinfo2() noexcept { return {}; }

// 2.34: moved from libpthread and libdl into libc. The libraries of those names are still there,
// empty.
FORWARD(int, pthread_create, "2.2.5",
        (pthread_t * thread, const pthread_attr_t* attributes, void* (*start)(void*),
         void* argument),
        (thread, attributes, start, argument))
FORWARD(int, pthread_detach, "2.2.5", (pthread_t thread), (thread))
FORWARD(int, pthread_join, "2.2.5", (pthread_t thread, void** result), (thread, result))
FORWARD(int, pthread_once, "2.2.5", (pthread_once_t * once, void (*call)()), (once, call))
FORWARD(int, pthread_rwlock_rdlock, "2.2.5", (pthread_rwlock_t * lock), (lock))
FORWARD(int, pthread_rwlock_wrlock, "2.2.5", (pthread_rwlock_t * lock), (lock))
FORWARD(int, pthread_rwlock_unlock, "2.2.5", (pthread_rwlock_t * lock), (lock))
FORWARD(int, __pthread_key_create, "2.2.5", (pthread_key_t * key, void (*destroy)(void*)),
        (key, destroy))
FORWARD(int, pthread_key_create, "2.2.5", (pthread_key_t * key, void (*destroy)(void*)),
        (key, destroy))
FORWARD(int, pthread_key_delete, "2.2.5", (pthread_key_t key), (key))
FORWARD(void*, pthread_getspecific, "2.2.5", (pthread_key_t key), (key))
FORWARD(int, pthread_setspecific, "2.2.5", (pthread_key_t key, const void* value), (key, value))
FORWARD(void*, dlopen, "2.2.5", (const char* path, int mode), (path, mode))
FORWARD(void*, dlsym, "2.2.5", (void* library, const char* name), (library, name))
FORWARD(int, dlclose, "2.2.5", (void* library), (library))
FORWARD(char*, dlerror, "2.2.5", (), ())

// 2.35: which loaded file a frame belongs to, for exceptions.
namespace {

struct Search {
  std::uintptr_t address;
  dl_find_object* found;
};

bool look_in(std::uintptr_t base, const ElfW(Phdr) * headers, std::size_t count,
             const Search& search) {
  std::uintptr_t start = UINTPTR_MAX, end = 0, frames = 0;
  bool inside = false;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uintptr_t first = base + headers[i].p_vaddr, last = first + headers[i].p_memsz;
    if (headers[i].p_type == PT_GNU_EH_FRAME)
      frames = first;
    if (headers[i].p_type != PT_LOAD)
      continue;
    inside = inside || (first <= search.address && search.address < last);
    start = first < start ? first : start;
    end = last > end ? last : end;
  }
  if (!inside || frames == 0)
    return false;
  *search.found = {};
  search.found->dlfo_map_start = reinterpret_cast<void*>(start);
  search.found->dlfo_map_end = reinterpret_cast<void*>(end);
  search.found->dlfo_eh_frame = reinterpret_cast<void*>(frames);
  return true;
}

int look_in_loaded(dl_phdr_info* file, std::size_t, void* search) {
  return look_in(file->dlpi_addr, file->dlpi_phdr, file->dlpi_phnum,
                 *static_cast<const Search*>(search))
             ? 1
             : 0;
}

} // namespace

extern "C" __attribute__((visibility("hidden")))
const ElfW(Ehdr) __ehdr_start; // this file's; from the linker

extern "C" int _dl_find_object(void* address, dl_find_object* found) noexcept {
  Search search{reinterpret_cast<std::uintptr_t>(address), found};
  // Most frames are of this file itself; that needs no lock and no walk over all that Blender has
  // loaded.
  const auto base = reinterpret_cast<std::uintptr_t>(&__ehdr_start);
  const auto* headers = reinterpret_cast<const ElfW(Phdr)*>(base + __ehdr_start.e_phoff);
  if (look_in(base, headers, __ehdr_start.e_phnum, search))
    return 0;
  return dl_iterate_phdr(look_in_loaded, &search) != 0 ? 0 : -1;
}

// 2.36, and getrandom() itself is of 2.25
extern "C" std::uint32_t arc4random() noexcept {
  std::uint32_t number = 0;
  while (syscall(SYS_getrandom, &number, sizeof number, 0) != sizeof number) {
    if (errno == ENOSYS)
      return static_cast<std::uint32_t>(std::time(nullptr)); // Linux before 3.17
  }
  return number;
}
