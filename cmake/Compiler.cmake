# Compiler settings for every target: C++20, warnings are errors, nothing exported by default.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

find_program(RNASLICER_CCACHE ccache)
if(RNASLICER_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${RNASLICER_CCACHE})
endif()

option(RNASLICER_SANITIZE "Build with ASan and UBSan" OFF)
option(RNASLICER_TSAN "Build with TSan" OFF)
option(RNASLICER_FUZZ "Build for libFuzzer, with ASan and UBSan; needs clang" OFF)

add_library(rnaslicer_options INTERFACE)
target_compile_options(rnaslicer_options INTERFACE
  -Wall -Wextra -Wconversion -Wshadow -Werror -ffunction-sections -fdata-sections)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # GCC 12 warns falsely of std::string's operator+ at -O3 (GCC bug 105651).
  target_compile_options(rnaslicer_options INTERFACE -Wno-restrict)
endif()
if(RNASLICER_SANITIZE OR RNASLICER_TSAN)
  set(CMAKE_CXX_FLAGS_DEBUG "-g1") # reports name functions and lines; all else a tenth of the time
endif()
if(RNASLICER_SANITIZE OR RNASLICER_FUZZ)
  target_compile_options(rnaslicer_options INTERFACE
    -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(rnaslicer_options INTERFACE -fsanitize=address,undefined)
endif()
if(RNASLICER_TSAN)
  target_compile_options(rnaslicer_options INTERFACE -fsanitize=thread -fno-omit-frame-pointer)
  target_link_options(rnaslicer_options INTERFACE -fsanitize=thread)
endif()
if(RNASLICER_FUZZ)
  # Another compiler's opinions are not what this build is for.
  target_compile_options(rnaslicer_options INTERFACE -fsanitize=fuzzer-no-link -Wno-error)
endif()

# rnaslicer_precompiled(TARGET HEADER...): headers that many files include are read once; or those of another target:
# rnaslicer_precompiled(TARGET REUSE_FROM OTHER).
function(rnaslicer_precompiled target)
  if(ARGV1 STREQUAL REUSE_FROM)
    target_precompile_headers(${target} ${ARGN})
  else()
    target_precompile_headers(${target} PRIVATE <algorithm> <array> <functional> <map> <memory> <optional> <span>
      <string> <string_view> <unordered_map> <vector> ${ARGN})
  endif()
endfunction()
# The same, but not in release: for the product, which shows there that every file includes what it needs.
function(rnaslicer_precompiled_watched target)
  if(RNASLICER_SANITIZE OR RNASLICER_TSAN OR RNASLICER_FUZZ)
    rnaslicer_precompiled(${target} ${ARGN})
  endif()
endfunction()

# rnaslicer_hot(TARGET): in which sanitized tests spend their time: what -O1 costs the compiler is won many times.
function(rnaslicer_hot target)
  if(RNASLICER_SANITIZE OR RNASLICER_TSAN)
    target_compile_options(${target} PRIVATE -O1)
  endif()
endfunction()
