# runtime/rnaslicer/blender/customdata.py: a mesh's layers as they lie in memory.
"""A DNA struct CustomData has an array of layers, each with a type number and the address of its values. SDNA of
the running build tells where (sdna.py); no number of a type is known here: a layer is told by its values.
"""

import functools
import struct

from .. import _core
from ..basis.records import Record
from .sdna import sdna

_MOST_LAYERS = 1 << 12  # more than any mesh has: what was read is no CustomData


class _Form(Record):
    """Places in a CustomData and in a CustomDataLayer, in bytes."""

    layers: int
    count: int
    size: int
    kind: int
    data: int


@functools.cache
def _form():
    structs = sdna().structs
    data, layer = structs["CustomData"].fields, structs["CustomDataLayer"]
    return _Form(data["layers"].offset, data["totlayer"].offset, layer.size, layer.fields["type"].offset,
                 layer.fields["data"].offset)


def number(format, address):
    """The number at an address; None where no memory is."""
    memory = _core.read_memory(address, struct.calcsize(format))
    return None if memory is None else struct.unpack(format, memory)[0]


def layers(address):
    """(type number, data address, own address) of each layer of the CustomData there; nothing if it is none."""
    form = _form()
    first, count = number("Q", address + form.layers), number("i", address + form.count)
    if not first or count is None or not 0 < count < _MOST_LAYERS:
        return []
    memory = _core.read_memory(first, count * form.size)
    if memory is None:
        return []
    return [(struct.unpack_from("i", memory, at + form.kind)[0], struct.unpack_from("Q", memory, at + form.data)[0],
             first + at)
            for at in range(0, len(memory), form.size)]


def places_of_layers(at):
    """(places of the layers' address and number in the struct that has a CustomData at `at`; size of a layer; in it its
    type number and data's address)."""
    form = _form()
    return at + form.layers, at + form.count, form.size, form.kind, form.data


def copies_on_write():
    """Whether this build's layers share arrays, so that looking at elements through bpy copies them."""
    return "sharing_info" in sdna().structs["CustomDataLayer"].fields


def all_layers(owner):
    """(byte place of the CustomData in the ID, type number, data address, own address) of all layers of an ID."""
    found = sdna()
    dna = found and found.structs.get(owner.bl_rna.identifier)
    for field in dna.fields.values() if dna else ():
        if field.type == "CustomData" and not field.is_pointer:
            yield from ((field.offset, *layer) for layer in layers(owner.as_pointer() + field.offset) if layer[1])
