# LLVM 19, static. Debian's llvm-19-dev; KERNEL-FACTS: without --system-libs, only z and zstd are needed.
find_program(LLVM_CONFIG NAMES llvm-config-19 REQUIRED)

function(rnaslicer_llvm_config result)
  execute_process(COMMAND ${LLVM_CONFIG} --link-static ${ARGN}
    OUTPUT_VARIABLE output OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  separate_arguments(output)
  set(${result} ${output} PARENT_SCOPE)
endfunction()

rnaslicer_llvm_config(LLVM_INCLUDE_DIR --includedir)
rnaslicer_llvm_config(LLVM_LIB_DIR --libdir)
rnaslicer_llvm_config(LLVM_LIBS --libs orcjit x86codegen x86disassembler debuginfodwarf mca)

add_library(rnaslicer_llvm INTERFACE)
target_include_directories(rnaslicer_llvm SYSTEM INTERFACE ${LLVM_INCLUDE_DIR})
# The system's static z and zstd, so that nothing but libc is needed at run time.
target_link_libraries(rnaslicer_llvm INTERFACE
  -L${LLVM_LIB_DIR} ${LLVM_LIBS} -l:libzstd.a -l:libz.a -ldl -lm -lpthread)
# LLVM's archives are large: lld links them some times faster than bfd, which will do; unused
# sections are dropped.
find_program(RNASLICER_LLD NAMES ld.lld)
if(RNASLICER_LLD)
  target_link_options(rnaslicer_llvm INTERFACE -fuse-ld=lld)
endif()
target_link_options(rnaslicer_llvm INTERFACE LINKER:--gc-sections)
