# runtime/rnaslicer/layout/values.py: values as memory has them and as bpy gives them, compared.
"""What a storage needs to be decoded, and the value of one element, flat and in RNA's order."""

import bisect
import functools
import math
import struct

from .. import _core
from ..blender.rna import enum_number, find
from .findings import known
from .storage import SIZE


def lookup_tables(storage):
    """name -> table of this build, for storages that look values up."""
    if not storage.lookups:
        return None
    found = known()
    return found.tables if found else {}


def as_fractions(storage):
    """The same storage without its tables where these are 256 fractions of 255, told from them both ways; else as it
    is. Then the bytes themselves are what normalized bytes are."""
    if storage.decode != "lookup" or storage.scalar != "u8":
        return storage
    tables = lookup_tables(storage)
    if all(_is_fractions(tuple(tables[name][0]), tuple(tables[name][1])) for name in storage.lookup_names):
        return storage._replace(decode="unorm", lookups=())
    return storage


@functools.lru_cache(maxsize=8)
def _is_fractions(values, thresholds):
    """Whether byte i is read as what rounds to i / 255, and i / 255 is stored as i."""
    fraction = struct.Struct("f")
    near = [fraction.unpack(fraction.pack(i / 255))[0] for i in range(256)]
    return (all(round(255 * value) == i for i, value in enumerate(values))
            and all(bisect.bisect_right(thresholds, value) == i for i, value in enumerate(near)))


def target_array(coll, through):
    """(address of element 0, count) of the collection that stored indices count."""
    target = getattr(coll.data, through.collection)
    return target[0].as_pointer(), len(target)


def target_reader(coll, through):
    """Function from an index to the bytes of that element of the target; None for an index outside."""
    base, count = target_array(coll, through)

    def read(index):
        if not 0 <= index < count:
            return None
        return _core.read_memory(base + index * through.stride, through.offset + SIZE[through.scalar])

    return read


def same_value(found, prop, element):
    """True if decoded values are what getattr gives, bit for bit; any NaN equals any NaN."""
    if found is None:
        return False
    try:
        value = getattr(element, prop.identifier)
    except AttributeError:  # a rival that only some types have
        return False
    if prop.type == "ENUM":
        return enum_number(find(element.bl_rna, prop.identifier), value) == found[0]
    wanted = flat_value(prop, value)
    if len(wanted) != len(found):
        return False
    if prop.value == "b1":
        return [bool(x) for x in found] == list(wanted)
    if prop.value == "i32":
        return list(found) == list(wanted)
    count = len(wanted)
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
