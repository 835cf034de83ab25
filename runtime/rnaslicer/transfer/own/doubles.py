# runtime/rnaslicer/transfer/own/doubles.py: doubles to the cache's format and back, as kernels convert.
"""Plans have no values of 64 bits: RNA has none. Custom properties have."""

import array
import math
import struct

from ...layout.storage import FORMAT

_RANGES = {"i8": (-(1 << 7), (1 << 7) - 1), "u8": (0, (1 << 8) - 1), "i16": (-(1 << 15), (1 << 15) - 1),
           "u16": (0, (1 << 16) - 1), "i32": (-(1 << 31), (1 << 31) - 1), "u32": (0, (1 << 32) - 1),
           "i64": (-(1 << 63), (1 << 63) - 1), "u64": (0, (1 << 64) - 1)}
_CODES = {"b1": "B", "i8": "b", "u8": "B", "i16": "h", "u16": "H", "i32": "i", "u32": "I", "i64": "q", "u64": "Q",
          "f32": "f", "f64": "d"}


def converted(numbers, scalar):
    """Doubles as bytes in the format `scalar`: to nearest even, saturating, NaN to 0."""
    if scalar in _RANGES:
        low, high = _RANGES[scalar]
        numbers = [_to_int(number, low, high) for number in numbers]
    elif scalar == "b1":
        numbers = [number == number and number != 0 for number in numbers]
    elif scalar == "f16":
        return b"".join(map(_half, numbers))
    return array.array(_CODES[scalar], numbers).tobytes()


def _half(number):
    try:
        return struct.pack("e", number)
    except OverflowError:
        return struct.pack("e", math.copysign(math.inf, number))


def _to_int(number, low, high):
    if number != number:
        return 0
    if math.isinf(number):
        return high if number > 0 else low
    return min(max(round(number), low), high)


def doubles(values, scalar):
    """A flat buffer in the format `scalar` as doubles."""
    values = memoryview(values).cast("B")
    if scalar == "f16":  # Python 3.11 has no memoryviews of such
        return struct.unpack(f"{len(values) // 2}e", values)
    return [float(value) for value in values.cast(FORMAT[scalar])]
