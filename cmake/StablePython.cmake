# Python's stable ABI: Debian's headers, never another interpreter's that may come first in PATH.
find_path(PYTHON_INCLUDE_DIR Python.h PATHS /usr/include/python3.11 NO_DEFAULT_PATH REQUIRED)
find_library(PYTHON_LIBRARY python3.11 REQUIRED)

# For the extension module: headers only, symbols come from the host process (Blender).
add_library(rnaslicer_python INTERFACE)
target_include_directories(rnaslicer_python SYSTEM INTERFACE ${PYTHON_INCLUDE_DIR})
target_compile_definitions(rnaslicer_python INTERFACE Py_LIMITED_API=0x030B0000)
