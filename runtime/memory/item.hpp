// runtime/memory/item.hpp: one item between memory and Python, by struct format character.
#pragma once

#define PY_SSIZE_T_CLEAN
#include <Python.h>

namespace rnaslicer::runtime {

/// The format's type character (`f` for "f" and "@f"), or 0 if the format is not one native item
/// of `? c b B h H i I l L q Q n N e f d P`.
char native_format(const char* format);

/// Size in bytes of a native item; 0 for an unknown character.
Py_ssize_t native_size(char format);

/// The same format as a string that lives for ever ("f" or "@f"); null if it is not native.
const char* static_format(const char* format);

/// What a format's bits mean, whatever it is called: `l`, `q` and `n` are one on Linux, as are "f"
/// and "@f". Equal for formats whose items may be copied as bytes.
bool same_representation(const char* a, Py_ssize_t a_size, const char* b, Py_ssize_t b_size);

/// The item at `data` as a Python object; new reference, null with an exception.
PyObject* unpack_item(const char* data, char format);

/// Converts `value` and writes it to `data` (not aligned). False with TypeError (wrong kind) or
/// ValueError (out of range) and `data` unchanged. May run Python code (`__index__`, `__float__`,
/// `__bool__`): write to a buffer of your own, then check that the target is still there.
bool pack_item(char* data, char format, PyObject* value);

/// Converts packed items of one format to another, as NumPy's assignment does where nothing is cut
/// and nothing wraps around. False with ValueError, which says what to write instead.
bool convert_items(char* to, char to_format, const char* from, const char* from_format,
                   Py_ssize_t from_size, Py_ssize_t count);

/// Whether two items of one format are equal as Python values (NaN is not).
bool equal_items(const char* a, const char* b, char format);

/// IEEE half precision, to nearest even; overflow gives infinity.
double half_to_double(unsigned short bits);
unsigned short double_to_half(double value);

} // namespace rnaslicer::runtime
