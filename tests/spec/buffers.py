# tests/spec/buffers.py: the meaning of read and write: which bytes of a buffer are which value
"""A buffer is a `bytearray`, the byte of its first item, and byte strides, one for each axis: what NumPy and memoryview
say of theirs. Everything is written down item by item."""
import struct

from .convert import FORMATS
from .errors import ExpressionError
from .evaluate import assign, evaluate

SPELLED = {"b1": "?", "i1": "b", "i2": "h", "i4": "i", "i8": "q", "u1": "B", "u2": "H", "u4": "I", "u8": "Q", "f2": "e",
           "f4": "f", "f8": "d"}  # NumPy's names of the formats


def format_of(spelled, itemsize=None):
    """The format that a buffer's item format, or NumPy's name of a dtype, stands for. Only native byte order
    (little-endian here)."""
    bare = spelled[1:] if len(spelled) > 1 and spelled[0] in "@=<|" else spelled
    bare = SPELLED.get(bare, bare)
    if bare in ("l", "L", "i", "I", "q", "Q") and itemsize is not None:
        bare = {4: "i", 8: "q"}[itemsize] if bare.islower() else {4: "I", 8: "Q"}[itemsize]
    if len(bare) != 1 or bare not in FORMATS or itemsize not in (None, struct.calcsize("=" + bare)):
        raise ExpressionError(f"{spelled!r} is no format")
    return bare


def places(shape, first, strides):
    """The byte of each item, in C order."""
    if not shape:
        return [first]
    return [at for i in range(shape[0]) for at in places(shape[1:], first + i * strides[0], strides[1:])]


def check_shape(wanted, shape):
    if tuple(wanted) != tuple(shape):
        raise ExpressionError(f"the buffer has the shape {shape}, the view {wanted}")


def read(supplier, subscript, format, memory, shape, first, strides, **options):
    """What `Slicer(supplier, …)[subscript].read(out)` does to the bytes of `out`: each item's, and no other."""
    result = evaluate(supplier, subscript, dtype=format_of(format), **options)
    check_shape(result.shape, shape)
    for at, value in zip(places(shape, first, strides), result.values()):
        struct.pack_into("=" + result.format, memory, at, value)


def write(supplier, subscript, format, memory, shape, first, strides, **options):
    """What `Slicer(supplier, …)[subscript].write(values)` does: the same as an update of those values."""
    bare = format_of(format)
    check_shape(evaluate(supplier, subscript, dtype=bare, **options).shape, shape)
    values = [struct.unpack_from("=" + bare, memory, at)[0] for at in places(shape, first, strides)]
    assign(supplier, subscript, values, dtype=bare, **options)
