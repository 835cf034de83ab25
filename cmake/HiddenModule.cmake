# A shared object that exports one symbol and hides LLVM, the C++ runtime and everything else, so
# that it lives beside any other LLVM in Blender's process. It needs only libc, libm and the loader.
function(rnaslicer_hidden_module target symbol)
  set(script ${CMAKE_CURRENT_BINARY_DIR}/${target}.map)
  file(CONFIGURE OUTPUT ${script} CONTENT "{ global: @symbol@; local: *; };\n" @ONLY)
  set_target_properties(${target} PROPERTIES LINK_DEPENDS ${script})
  target_link_options(${target} PRIVATE
    -static-libstdc++ -static-libgcc
    LINKER:--version-script=${script}
    LINKER:--gc-sections,--exclude-libs,ALL,-Bsymbolic,--as-needed,-z,defs,-z,relro,-z,now)
  # All symbols go but the two by which gdb finds JIT-compiled code: it reads .symtab only.
  if(CMAKE_BUILD_TYPE STREQUAL Release)
    add_custom_command(TARGET ${target} POST_BUILD
      COMMAND ${CMAKE_OBJCOPY} --strip-all -K __jit_debug_register_code -K __jit_debug_descriptor
        $<TARGET_FILE:${target}>
      VERBATIM)
  endif()
endfunction()
