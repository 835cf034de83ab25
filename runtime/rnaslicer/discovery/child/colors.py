# runtime/rnaslicer/discovery/child/colors.py: floats that are kept in bytes, and the tables of their values.
"""bpy turns bytes into colours by tables and formulas whose last bits cannot be guessed (4.1): all 256
values are read while the byte is poked, and the setter's 255 thresholds are bisected."""

import math
import struct

from ..found import Found
from .memory import read
from .values import f32, same

UNORM = f32(1 / 255)


class Tables:
    """The tables found so far, by name; equal ones share a name."""

    def __init__(self):
        self.by_name = {}

    def __getitem__(self, name):
        return self.by_name[name]

    def name(self, decode, thresholds, nan):
        """The name of a table, which says what it is."""
        table = decode, thresholds, nan
        for name, known in self.by_name.items():
            if known == table:
                return name
        # Another child after a crash must come to the same names.
        wanted = "srgb" if all(abs(x - linear(i / 255)) < 1e-4 for i, x in enumerate(decode)) else "table"
        if _is_unorm(*table):
            wanted = "unorm"
        elif all(x == f32(i / 255) for i, x in enumerate(decode)):
            wanted = "unorm_div"
        name, number = wanted, 1
        while name in self.by_name:
            number += 1
            name = f"{wanted}{number}"
        self.by_name[name] = table
        return name


def linear(x):
    """About what sRGB makes of x; only to give tables telling names."""
    return x / 12.92 if x < 0.04045 else ((x + 0.055) / 1.055) ** 2.4


def find(probe, handles, value, hop, moved):
    """Storage of floats in a byte each, or None."""
    if len(moved) != value.count or max(moved) - min(moved) != value.count - 1 or value.count > 4:
        return None
    first, handle = min(moved), handles[0]
    original = value.read(handle.element)
    names = []
    for i in range(value.count):
        address = handle.place(hop)[0] + first + i
        decode = _decode(probe.pokes, handle, value, i, address)
        if decode is None:
            return None
        thresholds = _known_thresholds(probe.tables, decode, handle, value, i, address)
        thresholds = thresholds or _thresholds(handle, value, i, address)
        nan = _stored(handle, value, i, address, math.nan)
        names.append(probe.tables.name(decode, thresholds, nan))
    value.write(handle.element, original)
    if set(names) == {"unorm"} and _is_unorm(*probe.tables["unorm"]):
        return Found("u8", first, "unorm", steps=tuple(range(value.count)), hop=hop)
    lookup = names[0] if len(set(names)) == 1 else " ".join(names)
    return Found("u8", first, "lookup", steps=tuple(range(value.count)), hop=hop, lookup=lookup)


def _decode(pokes, handle, value, i, address):
    """The 256 values of a component while its byte is poked; None if other components move too."""
    usual, result = value.read(handle.element), []
    for byte in range(256):
        got = pokes.moved(address, bytes([byte]), lambda: value.read(handle.element))
        if got is None or not same(got[:i] + got[i + 1 :], usual[:i] + usual[i + 1 :]):
            return None
        result.append(got[i])
    return result if result == sorted(set(result)) else None


def _stored(handle, value, i, address, x):
    """The byte that bpy's setter makes of x; the other components stay in the middle."""
    flat = [0.5] * value.count
    flat[i] = x
    value.write(handle.element, flat)
    return read(address, 1)[0]


def _known_thresholds(tables, decode, handle, value, i, address):
    """Those of a table found before, if the setter keeps to them here, too; else None."""
    for known, thresholds, _ in tables.by_name.values():
        if known == decode and all(_stored(handle, value, i, address, t) == k + 1
                                   and _stored(handle, value, i, address, _before(t)) == k
                                   for k, t in enumerate(thresholds)):
            return thresholds
    return None


def _thresholds(handle, value, i, address):
    """The smallest float32 that is stored as byte k + 1 or more, for each k. Positive floats are in
    the order of their bits, so bits are bisected."""
    result, low = [], 0
    one = struct.unpack("I", struct.pack("f", 1.0))[0]
    for k in range(255):
        below, above = low, one  # stored as at most k; as more than k
        if _stored(handle, value, i, address, _float(below)) > k:
            result.append(_float(below))
            continue
        while above - below > 1:
            middle = (below + above) // 2
            if _stored(handle, value, i, address, _float(middle)) > k:
                above = middle
            else:
                below = middle
        result.append(_float(above))
        low = below
    return result


def _float(bits):
    return struct.unpack("f", struct.pack("I", bits))[0]


def encoded(table, x):
    """The byte stored for x by a table."""
    _, thresholds, nan = table
    return nan if x != x else sum(t <= x for t in thresholds)


def _is_unorm(decode, thresholds, nan):
    """True if this is exactly what the kernels' `unorm` does: byte * float32(1/255) rounded, and back
    to the nearest of x * 255, rounded to float32 first; NaN is 0."""
    return (nan == 0 and all(x == f32(i * UNORM) for i, x in enumerate(decode))
            and all(round(f32(t * 255)) == k + 1 and round(f32(_before(t) * 255)) == k
                    for k, t in enumerate(thresholds)))


def _before(x):
    return _float(struct.unpack("I", struct.pack("f", x))[0] - 1)


def stored(handle, found, flat, tables):
    """True if assigning `flat` stored the bytes that the tables say."""
    memory = handle.memory(found.hop)
    names = found.lookups or ("unorm",) * len(found.steps)
    return all(memory[found.offset + step] == encoded(tables[name], f32(x))
               for step, name, x in zip(found.steps, names, flat))
