// tests/headers.cpp: nothing but what CMake needs to precompile GoogleTest's headers
