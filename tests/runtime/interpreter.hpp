// tests/runtime/interpreter.hpp: an embedded Python that has the built package on its path.
#pragma once

namespace rnaslicer::test {

/// Runs Python statements in a fresh namespace that holds `core` (rnaslicer._core), `array`, and
/// `refused(error, part, function, *args, **kwargs)`, which asserts that the call raises an error
/// of this name with `part` in its message. A Python exception fails the test with its traceback.
void run_python(const char* code);

} // namespace rnaslicer::test
