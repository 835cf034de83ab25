# runtime/rnaslicer/transfer/writing/sharing.py: whether a layer's array belongs to others, too.
"""Where Blender gives a layer no array of its own before a write (hazards.SKIN_SHARED), only the count of owners tells whether the write would reach a copy, an evaluated mesh or
an undo step. A layer points to the record that counts them; SDNA says where
(CustomDataLayer.sharing_info), but not where in the record the count lies. That is seen on two
scratch meshes that share an array and then do not: the one number that drops by one (once a session,
and only for a build whose layers have such a record)."""

import functools
import struct

from ... import _core
from ...blender.sdna import sdna

_RECORD = 32  # bytes of the record that are searched
_LAYER = 128  # bytes of a layer that are searched
_OWNERS = 3


def record_at():
    """Byte place of the pointer to the record in a CustomDataLayer; None if layers of this build
    have none. LookupError where the build does not tell."""
    layer = (sdna() or _nothing).structs.get("CustomDataLayer")
    if layer is None:
        raise LookupError("this build does not tell how its layers are made")
    field = layer.fields.get("sharing_info")
    return field.offset if field is not None else None


class _nothing:
    structs = {}


def _words(address, nbytes):
    memory = _core.read_memory(address, nbytes)
    return struct.unpack(f"{nbytes // 8}q", memory) if memory else ()


def _numbers(address):
    memory = address > 0 and _core.read_memory(address, _RECORD)
    return struct.unpack(f"{_RECORD // 4}i", memory) if memory else ()


@functools.cache
def count_at():
    """Byte place of the number of owners in a record, or None where watching did not tell."""
    import bpy

    meshes = [bpy.data.meshes.new("scratch")]
    try:
        meshes[0].vertices.add(16)
        meshes += [meshes[0].copy() for _ in range(_OWNERS - 1)]
        return _watch(meshes[0])
    finally:
        for mesh in meshes:
            bpy.data.meshes.remove(mesh)


def _watch(mesh):
    """Lets bpy give a mesh its own positions and watches what becomes of the record of the old."""
    attribute = mesh.attributes.get("position")
    if attribute is None:
        return None
    before = _words(attribute.as_pointer(), _LAYER)
    records = [_numbers(word) for word in before]
    base = mesh.attributes["position"].data[0].as_pointer()
    after = _words(mesh.attributes["position"].as_pointer(), _LAYER)
    found = set()
    for old, new, seen in zip(before, after, records):
        if old == new or new == base or not seen:
            continue
        found |= {4 * i for i, numbers in enumerate(zip(seen, _numbers(old), _numbers(new)))
                  if numbers == (_OWNERS, _OWNERS - 1, 1)}
    return found.pop() if len(found) == 1 else None


def is_shared(layer):
    """Whether others own the array of a layer (a CustomDataLayer in this build), too. LookupError
    where that cannot be found out."""
    at = record_at()
    if at is None:
        return False
    words = _words(layer.as_pointer() + at, 8)
    if not words:
        raise LookupError("what this build says of its layers is not there to be read")
    (record,) = words
    if not record:
        return False  # the array is empty or the layer's own
    numbers = _numbers(record)
    place = count_at()
    if place is None or not numbers or numbers[place // 4] < 1:
        raise LookupError("this build does not tell who owns the array")
    return numbers[place // 4] > 1
