# cmake/check_symbols.cmake: what the module leaves to its process. -DNM=nm -DLIBRARY=_core.abi3.so
# Python's symbols must stay undefined, so the linker's -z defs cannot tell a missing part of ours
# from them; without this check it would show only when somebody imports the module.
cmake_minimum_required(VERSION 3.25)
execute_process(COMMAND ${NM} -D --undefined-only ${LIBRARY}
  OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL " U [^\n]+" symbols "${symbols}") # weak ones may be absent
list(FILTER symbols EXCLUDE REGEX "^ U _?Py")        # the process's Python
list(FILTER symbols EXCLUDE REGEX "@GLIBC_")          # the system's C library
if(symbols)
  list(JOIN symbols "\n" text)
  message(FATAL_ERROR "${LIBRARY} lacks:\n${text}")
endif()
