# What is shipped, and the unit tests that prove it, run on the glibc that blender.org's builds are made for,
# whatever they are built on. The true floor may be lower: the wheel's name and rnaslicer/system.py tell it.
set(RNASLICER_GLIBC_FLOOR 2.28)

# rnaslicer_for_old_glibc(TARGET): links the functions that older systems lack, and checks that none was missed.
# Not where a sanitizer watches these very functions.
if(RNASLICER_SANITIZE OR RNASLICER_TSAN OR RNASLICER_FUZZ)
  function(rnaslicer_for_old_glibc target)
  endfunction()
  return()
endif()

add_library(rnaslicer_old_glibc OBJECT ${CMAKE_CURRENT_LIST_DIR}/glibc/old_glibc.cpp)
add_library(rnaslicer_old_start OBJECT ${CMAKE_CURRENT_LIST_DIR}/glibc/old_start.cpp)
foreach(part rnaslicer_old_glibc rnaslicer_old_start)
  target_link_libraries(${part} PRIVATE rnaslicer_options)
  # GCC takes a forwarded pointer for read; the headers say of pthread_setspecific that it is not.
  target_compile_options(${part} PRIVATE -fno-builtin -Wno-maybe-uninitialized)
endforeach()

function(rnaslicer_for_old_glibc target)
  # Before 2.34 threads and dlopen are in libraries of their own; to the linker these look unused.
  target_link_options(${target} PRIVATE -static-libstdc++ -static-libgcc
    LINKER:--push-state,--no-as-needed -l:libpthread.so.0 -l:libdl.so.2 LINKER:--pop-state)
  target_sources(${target} PRIVATE $<TARGET_OBJECTS:rnaslicer_old_glibc>)
  get_target_property(kind ${target} TYPE)
  if(kind STREQUAL EXECUTABLE)
    target_sources(${target} PRIVATE $<TARGET_OBJECTS:rnaslicer_old_start>)
  endif()
  add_custom_command(TARGET ${target} POST_BUILD
    COMMAND ${CMAKE_COMMAND} -DNM=${CMAKE_NM} -DFILE=$<TARGET_FILE:${target}> -DFLOOR=${RNASLICER_GLIBC_FLOOR}
      -P ${PROJECT_SOURCE_DIR}/cmake/check_glibc.cmake
    VERBATIM)
endfunction()
