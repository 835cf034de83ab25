# A shared object that exports one symbol and hides LLVM, the C++ runtime and everything else, so
# that it lives beside any other LLVM in Blender's process. It needs only libc, libm and the loader.
function(rnaslicer_hidden_module target symbol)
  set(script ${CMAKE_CURRENT_BINARY_DIR}/${target}.map)
  file(CONFIGURE OUTPUT ${script} CONTENT "{ global: @symbol@; local: *; };\n" @ONLY)
  set_target_properties(${target} PROPERTIES LINK_DEPENDS ${script})
  target_link_options(${target} PRIVATE
    -static-libstdc++ -static-libgcc
    LINKER:--version-script=${script}
    LINKER:--gc-sections,--exclude-libs,ALL,-Bsymbolic,--as-needed,-z,defs,-z,relro,-z,now
    $<$<CONFIG:Release>:LINKER:-s>)
endfunction()
