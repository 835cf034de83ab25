# runtime/rnaslicer/blender/customdata.py: a mesh's layers as they lie in memory, also those that no attribute lists.
"""A DNA struct CustomData has an array of layers, each with a type number and the address of its values. SDNA of
the running build tells where (sdna.py); no number of a type is known here: a layer is told by its values.
"""

import functools
import struct
from typing import NamedTuple

from .. import _core
from ..layout.storage import Storage
from ..layout.places import Own
from .sdna import sdna

_MOST_LAYERS = 1 << 12  # more than any mesh has: what was read is no CustomData

# (element, property) -> (bytes of a layer's item, place of the value in it): what the getters of rna_mesh.cc take
# from layers that only calc_normals_split (3.4) and calc_tangents make. They give zeros where there is none; 3.4's
# setter normalises.
_UNLISTED = {("MeshLoop", "normal"): (12, 0), ("MeshLoop", "tangent"): (16, 0),
             ("MeshLoop", "bitangent_sign"): (16, 12)}


class _Form(NamedTuple):
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


class Layer(Own):
    """A layer that no attribute lists, of the CustomData at `offset` in the ID, of type number `kind`: items of
    `size` bytes with the values of property `name` at byte `at`."""

    def __init__(self, offset, kind, name, size, at):
        self.offset, self.kind, self.name, self.size, self.at = offset, kind, name, size, at
        self.key = f"{name}: type {kind} of @{offset}"  # as the discovery run names it

    def array(self, coll):
        """None: bpy shows the values one by one only."""
        return None

    def untouched(self, coll, length):
        address = self._address(coll)
        for i in (0, length - 1) if address else ():
            memory = _core.read_memory(address + i * self.size, self.size)
            if memory is None or not copies_on_write() and not self._is(memory, coll[i]):
                return None
        return address

    def _address(self, coll):
        found = [data for kind, data, _ in layers(coll.id_data.as_pointer() + self.offset) if kind == self.kind]
        return found[0] if len(found) == 1 and found[0] else None

    def _is(self, item, element):
        """Whether an item holds bpy's value of an element; any NaN equals any NaN."""
        value = getattr(element, self.name)
        value = (value,) if isinstance(value, float) else tuple(value)
        return all(struct.pack("f", a) == struct.pack("f", b) or a != a and b != b
                   for a, b in zip(struct.unpack_from(f"{len(value)}f", item, self.at), value))

    def samples(self, coll, storage, indices):
        address = self._address(coll)
        return [address + i * self.size for i in indices] if address else None

    def __repr__(self):
        return "layer that no attribute lists"


def unlisted(leaf, coll):
    """(`Layer`, `Storage`) of all layers that may hold what only the getter of a leaf's property gives."""
    prop, owner = leaf.property, coll.id_data
    if (leaf.element, prop.identifier) in _UNLISTED and not owner.is_editmode:  # then others are listed
        size, at = _UNLISTED[leaf.element, prop.identifier]
        listed = {attribute.as_pointer() for attribute in owner.attributes}  # a script may keep copies there
        for offset, kind, _, layer in all_layers(owner):
            if layer not in listed:
                place = Layer(offset, kind, prop.identifier, size, at)
                yield place, Storage(prop.value, at, size, writes=False)
