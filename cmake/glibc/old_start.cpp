// cmake/glibc/old_start.cpp: starts a program on glibc before 2.34, which left constructors to the
// program. For unit tests; a module needs no such thing.

using Constructor = void (*)(int, char**, char**);
using Destructor = void (*)();
using Main = int (*)(int, char**, char**);

extern "C" {
#define FROM_THE_LINKER extern __attribute__((visibility("hidden")))
FROM_THE_LINKER Constructor __preinit_array_start[];
FROM_THE_LINKER Constructor __preinit_array_end[];
FROM_THE_LINKER Constructor __init_array_start[];
FROM_THE_LINKER Constructor __init_array_end[];
FROM_THE_LINKER Destructor __fini_array_start[];
FROM_THE_LINKER Destructor __fini_array_end[];
void _init();
void _fini();

int old_start_main(Main, int, char**, Constructor, Destructor, Destructor, void*);
__asm__(".symver old_start_main, __libc_start_main@GLIBC_2.2.5");

static void construct(int count, char** arguments, char** environment) {
  for (Constructor* call = __preinit_array_start; call != __preinit_array_end; ++call) {
    (*call)(count, arguments, environment);
  }
  _init();
  for (Constructor* call = __init_array_start; call != __init_array_end; ++call)
    (*call)(count, arguments, environment);
}

static void destroy() {
  for (Destructor* call = __fini_array_end; call != __fini_array_start;)
    (*--call)();
  _fini();
}

int __libc_start_main(Main main, int count, char** arguments, Constructor, Destructor,
                      Destructor loader, void* stack) {
  return old_start_main(main, count, arguments, construct, destroy, loader, stack);
}
}
