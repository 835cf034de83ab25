# tests/glibc/python_names.cmake: a source file that defines each of Python's names that the module asks for.
execute_process(COMMAND ${NM} -D --undefined-only ${MODULE} OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "_?Py[A-Za-z0-9_]+" names "${symbols}")
list(JOIN names "[64], *" names)
file(WRITE ${TO} "extern \"C\" {\nvoid *${names}[64];\n}\n")
