// jit/clones.hpp: a function compiled for each level of vector instructions; the loader takes the
// CPU's best.
#pragma once

/// Not under ThreadSanitizer: the loader chooses before that is ready, and its calls then crash.
#ifdef __SANITIZE_THREAD__
#define RNASLICER_CLONES
#else
#define RNASLICER_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#endif
