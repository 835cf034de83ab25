# runtime/rnaslicer/proof.py: storage that is verified against bpy before it is trusted.
"""Finds the storage of a property in an array of elements, or says that there is none proven.

Two sources propose (DESIGN 4.3): what RNA declares, and "the element is the value" where the
element is exactly as wide as the property. bpy decides: addresses and values of first, last and
sampled elements must agree bit for bit. What was proven is remembered for the session per path
type; later enters compare three elements.
"""

import functools
import math
import struct

from . import _core
from .calibrate import raw
from .lowering import FORMAT, SIZE, Storage
from .rna import describe, numeric
from .sdna import sdna

_proven = {}
_SAMPLES = 11


def storage(leaf, coll):
    """A proven `Storage` for a leaf on the elements of `coll`, or None. May un-share the array."""
    rows, prop = leaf.rows, leaf.property
    if rows is None or not leaf.uniform or not rows.length or prop.type == "ENUM" or prop.dims is None:
        return None
    key = path_key(leaf, coll)
    known = _proven.get(key)
    if known is not None:
        return known if _agrees(known, prop, coll, _three(rows.length)) else None
    if rows.length < 2:
        return None
    found = _prove(leaf, coll)
    if found is not None:
        _proven[key] = found
    return found


def forget():
    """Forgets what this session proved; for tests."""
    _proven.clear()


def path_key(leaf, coll):
    """What a proof holds for: owner type, collection, element type, property."""
    kind, name = leaf.path.steps[-1]
    owner = coll.data.bl_rna.identifier if coll.data is not None else None
    return owner, name if kind == "attr" else kind, leaf.element, leaf.property.identifier


def _three(length):
    return sorted({0, length // 2, length - 1})


def spread(length):
    """Indices of the elements that are compared: both ends and evenly between."""
    step = max(1, (length - 1) // (_SAMPLES - 1))
    found = {0, 1, length - 2, length - 1, *range(0, length, step)}
    return sorted(i for i in found if 0 <= i < length)


def _prove(leaf, coll):
    length = leaf.rows.length
    stride = _array_stride(coll, length)
    if stride is None:
        return None
    prop = leaf.property
    samples = spread(length)
    for candidate in _hypotheses(prop, coll[0].bl_rna, stride):
        if not _agrees(candidate, prop, coll, samples):
            continue
        if candidate.proof == "declared" or _told_apart(candidate, prop, coll, samples):
            return candidate
    return None


def _array_stride(coll, length):
    """The distance of neighbouring elements if index and iteration both give an array, else None."""
    first, second = coll[0], coll[1]
    base, kind = first.as_pointer(), type(first)
    stride = second.as_pointer() - base
    if stride <= 0:
        return None
    for i in spread(length):
        element = coll[i]
        if type(element) is not kind or element.as_pointer() != base + i * stride:
            return None
    # Index and iteration can disagree (5.2: uv_layers[].pin).
    for start, part in ((0, coll[0:2]), (length - 2, coll[length - 2 : length])):
        for i, element in enumerate(part, start):
            if type(element) is not kind or element.as_pointer() != base + i * stride:
                return None
    return stride


def _hypotheses(prop, rna, stride):
    """Storages that a source proposes, best first."""
    if prop.raw is not None:
        scalar = _storage_scalar(prop, prop.storage_scalar)
        if scalar and (SIZE[scalar] * prop.length == stride and prop.raw.offset == 0
                       or _is_struct(rna.identifier, stride, _Declared(rna))):
            yield Storage(scalar, prop.raw.offset, stride, "declared")
    elif prop.raw is None and SIZE[prop.value] * prop.length == stride:
        if not any(r.offset == 0 for _, r in _Declared(rna).items()):
            yield Storage(prop.value, 0, stride, "whole element")


def _storage_scalar(prop, declared):
    """The scalar to read for a declared one: RNA's BOOLEAN in a byte is `byte != 0`."""
    if prop.type == "FLOAT":
        return declared if declared in ("f32", "f64") else None
    if prop.type == "INT":
        return declared if declared[0] in "iu" else None
    return "b1" if declared in ("i8", "u8", "b1") else declared if declared[0] in "iu" else None


class _Declared:
    """The declared storage of all properties of an RNA struct."""

    def __init__(self, rna):
        self.rna = rna

    def items(self):
        return [(p, r) for p in self.rna.properties if numeric(p) for r in (raw(p),) if r]

    def __hash__(self):
        return 0

    def __eq__(self, other):
        return True


@functools.cache
def _is_struct(_identifier, stride, declared):
    """True if some DNA struct of exactly `stride` bytes has a field at every declared place."""
    found = sdna()
    wanted = [(r.offset, SIZE[r.scalar]) for _, r in declared.items()]
    if found is None or not wanted:
        return False
    for dna in found.by_size(stride):
        places = {f.offset + i * (f.size // f.count): f.size // f.count
                  for f in dna.fields.values() if not f.is_pointer for i in range(f.count)}
        if all(places.get(offset) == size for offset, size in wanted):
            return True
    return False


def _agrees(candidate, prop, coll, samples):
    """True if addresses and values of the sampled elements are what the candidate says."""
    base = coll[0].as_pointer()
    kind = type(coll[0])
    for i in samples:
        element = coll[i]
        if type(element) is not kind or element.as_pointer() != base + i * candidate.stride:
            return False
        memory = _core.read_memory(base + i * candidate.stride + candidate.offset, candidate.width(prop))
        if memory is None or not same_value(memory, candidate.scalar, prop, element):
            return False
    return True


def same_value(memory, scalar, prop, element):
    """True if the bytes hold what getattr gives, bit for bit; any NaN equals any NaN."""
    wanted = flat_value(prop, getattr(element, prop.identifier))
    count = len(wanted)
    found = struct.unpack(f"{count}{FORMAT[scalar]}", memory) if scalar != "b1" else tuple(memory)
    if prop.value == "b1":
        return [bool(x) for x in found] == list(wanted)
    if prop.value == "i32":
        return list(found) == list(wanted)
    if struct.pack(f"{count}f", *found) == struct.pack(f"{count}f", *wanted):
        return True
    return all(a == b and math.copysign(1, a) == math.copysign(1, b) or a != a and b != b
               for a, b in zip(found, wanted))


def flat_value(prop, value):
    """A value as getattr gives it, flat and in RNA's order of storage."""
    if not prop.dims:
        return (value,)
    if len(prop.dims) == 1:
        return tuple(value)
    if prop.is_matrix:
        return tuple(x for column in zip(*value) for x in column)
    flat = list(value)
    for _ in prop.dims[1:]:
        flat = [x for part in flat for x in part]
    return tuple(flat)


def _told_apart(candidate, prop, coll, samples):
    """True if the values vary and no other writable property of the same shape has them too."""
    values = [flat_value(prop, getattr(coll[i], prop.identifier)) for i in samples]
    if len(set(values)) < 2:
        return False
    for other in coll[0].bl_rna.properties:
        if other.identifier == prop.identifier or not numeric(other) or other.type == "ENUM":
            continue
        rival = describe(coll[0].bl_rna, other.identifier)
        if rival.readonly and not prop.readonly:
            continue
        if rival.dims == prop.dims and rival.value == prop.value and _agrees(candidate, rival, coll, samples):
            return False
    return True
