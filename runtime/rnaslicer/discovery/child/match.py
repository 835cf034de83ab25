# runtime/rnaslicer/discovery/child/match.py: storages that explain values by bytes, without bpy.
"""A sample is (bytes, flat values). Hypotheses are made from the first and tested on all."""

import re
import struct

from ..found import FORMAT, SIZE, Found
from .values import f32, same

UNORM = f32(1 / 255)
_NOT_NULL = re.compile(rb"[^\0]")


def decoded(found, memory, count, tables=None):
    """The flat values that a storage gives in an element's bytes; None outside of them."""
    values = []
    size = SIZE[found.scalar]
    names = found.lookups
    for i in range(count):
        at = found.offset + found.steps[i]
        if at < 0 or at + size > len(memory):
            return None
        (raw,) = struct.unpack_from(FORMAT[found.scalar] if found.scalar != "b1" else "B", memory, at)
        if found.decode == "flag":
            raw = bool(raw & (found.masks[i] if found.masks else found.mask))
        elif found.decode == "field":
            raw &= found.mask
        elif found.decode == "unorm":
            raw = f32(raw * UNORM)
        elif found.decode == "lookup":
            raw = tables[names[i]][0][raw]
        values.append(not raw if found.inverted else raw)
    return tuple(values)


def explains(found, samples, kind, count, tables=None):
    """True if the storage gives every sample's values."""
    for memory, values in samples:
        got = decoded(found, memory, count, tables)
        if got is None:
            return False
        if kind == "BOOLEAN":
            if tuple(map(bool, got)) != tuple(map(bool, values)):
                return False
        elif not same(got, values):
            return False
    return True


def stores(found, memory, values):
    """True if exactly these values stand in an element's bytes, as a kernel would write them."""
    size = SIZE[found.scalar]
    for i, (step, x) in enumerate(zip(found.steps, values)):
        at = found.offset + step
        (raw,) = struct.unpack_from(FORMAT[found.scalar] if found.scalar != "b1" else "B", memory, at)
        if found.inverted:
            x = not x
        if found.decode == "flag":
            mask = found.masks[i] if found.masks else found.mask
            right = raw & mask == (mask if x else 0)
        elif found.decode == "field":
            right = raw & found.mask == x
        elif type(raw) is float:
            right = same((raw,), (x,))
        else:
            right = raw & (1 << 8 * size) - 1 == int(x) & (1 << 8 * size) - 1
        if not right:
            return False
    return True


def steps(count, scalar):
    """Components one behind the other."""
    return tuple(i * SIZE[scalar] for i in range(count))


def numbers(samples, kind, count, offsets=None):
    """Plain storages of FLOAT, INT and ENUM values that explain all samples; at `offsets` only, if
    given. Components apart are looked for where nothing explains them side by side."""
    memory, values = samples[0]
    result = []
    for scalar in ("f32", "f64") if kind == "FLOAT" else ("i8", "u8", "i16", "u16", "i32", "i64"):
        size = SIZE[scalar]
        try:
            pattern = struct.pack(f"{count}{FORMAT[scalar]}", *values)
        except (struct.error, OverflowError):
            continue
        for at in _places(memory, pattern, size, offsets):
            found = Found(scalar, at, steps=steps(count, scalar))
            if explains(found, samples, kind, count):
                result.append(found)
    if not result and count > 1 and kind == "FLOAT":
        apart = [[f.offset for f in numbers([(m, v[i : i + 1]) for m, v in samples], kind, 1, offsets)
                  if f.scalar == "f32"] for i in range(count)]
        if all(len(places) == 1 for places in apart):
            first = apart[0][0]
            result.append(Found("f32", first, steps=tuple(places[0] - first for places in apart)))
    return result


def _places(memory, pattern, size, offsets):
    if offsets is not None:
        return [at for at in offsets if at % size == 0 and memory[at : at + len(pattern)] == pattern]
    found, at = [], memory.find(pattern)
    while at >= 0:
        if at % size == 0:
            found.append(at)
        at = memory.find(pattern, at + 1)
    return found


def bits(samples):
    """(byte offset, mask, inverted) of every bit that is, or never is, what a BOOLEAN says."""
    length = min(len(memory) for memory, _ in samples)
    always = (1 << 8 * length) - 1
    like, unlike = always, always
    for memory, values in samples:
        word = int.from_bytes(memory[:length], "little")
        other = always ^ word
        like &= word if values[0] else other
        unlike &= other if values[0] else word
    for candidates, inverted in ((like, False), (unlike, True)):
        while candidates:
            lowest = candidates & -candidates
            at = lowest.bit_length() - 1
            yield at // 8, 1 << at % 8, inverted
            candidates ^= lowest


def changed(before, after):
    """Byte offset -> mask of the bits that differ."""
    if before == after:
        return {}
    length = min(len(before), len(after))
    word = int.from_bytes(before[:length], "little") ^ int.from_bytes(after[:length], "little")
    bits = word.to_bytes(length, "little")
    return {m.start(): bits[m.start()] for m in _NOT_NULL.finditer(bits)}


def from_bits(matter, kind, count, resting):
    """The storage that a map of sensitive bits speaks of, or None.

    matter: per component a dict from byte offset to mask. resting: (bytes, values) while the map was
    made; for BOOLEAN it tells inverted storage. kind: BOOLEAN, INT or ENUM (never negative here).
    """
    if any(not m for m in matter):
        return None
    whole = [_whole(m) for m in matter]
    if all(whole):
        first, size = whole[0]
        if any(s != size for _, s in whole):
            return None
        scalar = {1: "u8", 2: "i16", 4: "i32"}[size]
        if kind == "BOOLEAN" and size == 1:
            scalar = "b1"
        found = Found(scalar, first, steps=tuple(at - first for at, _ in whole))
    else:
        found = _masked(matter, kind, count)
    if found is not None and kind == "BOOLEAN":
        memory, values = resting
        plain = decoded(found, memory, count)
        if plain is None:
            return None
        found = found._replace(inverted=tuple(map(bool, plain)) != tuple(map(bool, values)))
    return found


def _whole(matter):
    """(offset, size) if the bits are all those of one aligned number, else None."""
    first, size = min(matter), len(matter)
    if size in (1, 2, 4) and first % size == 0 and max(matter) == first + size - 1:
        if all(mask == 0xFF for mask in matter.values()):
            return first, size
    return None


def _masked(matter, kind, count):
    used = sorted({at for m in matter for at in m})
    for scalar in ("u8", "u16", "i32"):  # the smallest aligned number that holds all bits
        size = SIZE[scalar]
        first = used[0] - used[0] % size
        if used[-1] < first + size:
            break
    else:
        return None
    masks = tuple(sum(mask << 8 * (at - first) for at, mask in m.items()) for m in matter)
    if kind == "BOOLEAN" and count > 1:
        return Found(scalar, first, "flag", masks[0], steps=(0,) * count, masks=masks)
    if count > 1:
        return None
    return Found(scalar, first, "flag" if kind == "BOOLEAN" else "field", masks[0])
