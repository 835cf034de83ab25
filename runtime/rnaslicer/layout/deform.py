# runtime/rnaslicer/layout/deform.py: where a mesh or lattice keeps its vertex weights.
"""Vertex weights are the items of small arrays, one for each vertex: an array of MDeformVert, found by
walking the running build's SDNA from the ID (a layer of a CustomData in a Mesh, a pointer in a Lattice).
Which layer it is tells its data: bpy's `vertices[i].groups[k].as_pointer()` must be what the layer says.
The layer's type number and place are remembered for the session, by type of ID.

Asking bpy for a vertex's groups, even for how many, makes Blender copy shared arrays with all their
items (4.3, 5.2; measured). So each ID is compared with bpy when it is first met and after writes;
other reads go through the layer alone.
"""

from __future__ import annotations

import bisect
import functools
import struct

from .. import _core
from ..basis.records import Record
from ..blender.customdata import all_layers, copies_on_write, layers, number, places_of_layers
from ..supplier.uids import id_places, session_uid
from .places import spread
from ..blender.hazards import refuse_crash
from ..blender.sdna import sdna

_proven = {}  # RNA type of ID -> Place
_met = set()  # (RNA type, session uid) of IDs that agreed with bpy


class Build(Record):
    """How this build lays out MDeformVert and MDeformWeight, in bytes."""

    stride: int
    array_at: int
    count_at: int
    size: int
    offsets: dict  # RNA property -> place in an item


class Place(Record):
    """Where an ID has the array's address: `offset` of a pointer, or of a CustomData with a layer of
    type number `layer`."""

    offset: int
    layer: int | None


@functools.cache
def build():
    """The `Build` of the running Blender, or None if its SDNA has no such structs."""
    found = sdna()
    if found is None:
        return None
    vertex, item = found.structs.get("MDeformVert"), found.structs.get("MDeformWeight")
    if vertex is None or item is None:
        return None
    array, count = vertex.fields.get("dw"), vertex.fields.get("totweight")
    group, weight = item.fields.get("def_nr"), item.fields.get("weight")
    if not (array and count and group and weight) or not array.is_pointer or (
            (array.type, count.type, count.size, weight.type, weight.size, group.size)
            != (item.name, "int", 4, "float", 4, 4)):
        return None
    return Build(vertex.size, array.offset, count.offset, item.size,
                 {"group": group.offset, "weight": weight.offset})


def _candidates(owner):
    """(Place, address) of everything in an ID that may be the array."""
    yield from ((Place(offset, kind), data) for offset, kind, data, _ in all_layers(owner))
    dna = sdna().structs.get(owner.bl_rna.identifier)
    base = owner.as_pointer()
    for field in dna.fields.values() if dna else ():
        if field.type == "MDeformVert" and field.is_pointer:
            data = number("Q", base + field.offset)
            if data:
                yield Place(field.offset, None), data


def _address(owner, place):
    """The array's address now; 0 if there is none, None if the ID is not what it was."""
    if place.layer is None:
        return number("Q", owner.as_pointer() + place.offset)
    found = [data for kind, data, _ in layers(owner.as_pointer() + place.offset) if kind == place.layer]
    return None if len(found) > 1 else found[0] if found else 0


def shares(place):
    """Whether this array may be another's too, so that looking at it through bpy copies it."""
    return place.layer is not None and copies_on_write()


class Rows(Record):
    """Selected elements of an array of MDeformVert: arguments for `_core.rows_of`."""

    base: int  # of the first row; 0 where there is no array, so that all rows are empty
    stride: int
    count: int
    table: object

    def arguments(self):
        """The positional ones."""
        form = build()
        return self.base, self.stride, self.count, form.array_at, form.count_at


def _rows(base, picks):
    """`picks` (leaf.Rows) of the array at `base`."""
    stride = build().stride
    if picks.table is not None:
        import array

        return Rows(base, stride, picks.count, array.array("q", picks.table))
    return Rows(base + picks.start * stride, picks.step * stride, picks.count, None)


def locate(coll, picks, samples=None):
    """The selected elements' `Rows` now, or None where bpy does not confirm what is in memory.

    `coll` is what Mesh.vertices or Lattice.points gives, `picks` a leaf.Rows of it. ContextError
    for a lattice in edit mode. With `samples`
    (element indices) only those are compared, and only where that copies nothing; without, the first
    time that an ID is met, all that `_agrees` looks at.
    """
    owner, form = coll.data, build()
    if form is None or owner is None:
        return None
    if owner.bl_rna.identifier != "Mesh":  # hazards.LATTICE_WEIGHTS_IN_EDIT_MODE
        refuse_crash("LatticePoint", "groups", coll)
    kind = owner.bl_rna.identifier
    place, met = _proven.get(kind), (kind, session_uid(owner))
    if place is None:
        base = _search(kind, owner, coll)
    elif samples is not None and not shares(place):
        base = confirmed(coll, samples)
    elif met in _met:
        base = _address(owner, place)
    else:
        base = confirmed(coll, spread(len(coll)))
        if base and not _agrees(coll, base):
            base = None
    if base is None:
        return None
    if kind in _proven:
        _met.add(met)
    return _rows(base, picks) if base else Rows(0, 0, picks.count, None)


def described(owner):
    """What native code reads weights by (runtime/trail/composed/portions.hpp): (places in vertices and items, places of
    layers, type number of the layer, byte place of the session uid, whether bpy copies what is shared, IDs that agreed
    with it, their type). None where it is not known, or in no layer."""
    form, kind, uid = build(), owner.bl_rna.identifier, id_places()
    place = _proven.get(kind)
    if None in (form, place, uid) or place.layer is None:
        return None
    return ((form.stride, form.array_at, form.count_at, form.size, form.offsets["group"], form.offsets["weight"]),
            places_of_layers(place.offset), place.layer, uid[0], shares(place), _met, kind)


def is_proven(owner):
    """Whether this session has seen where IDs of the type keep weights. Else a mesh without any is looked through
    element by element."""
    return owner.bl_rna.identifier in _proven


def confirmed(coll, samples):
    """The address of the array in a proven place if bpy agrees on these elements, 0 for none, or None.
    Makes Blender copy what is shared."""
    owner, form = coll.data, build()
    place = _proven.get(owner.bl_rna.identifier)
    groups = [coll[i].groups for i in samples]
    counts = [len(g) for g in groups]  # if anything moves, then now
    base = place and _address(owner, place)
    if not base:
        return base if base is None or not any(counts) else None
    for i, group, count in zip(samples, groups, counts):
        array_at = number("Q", base + i * form.stride + form.array_at)
        if number("i", base + i * form.stride + form.count_at) != count:
            return None
        if count and not _same(group, [array_at + k * form.size for k in range(count)]):
            return None
    return base


def _search(kind, owner, coll):
    """Finds the place by its data. What is nowhere is proven by bpy alone: no vertex has any group."""
    len(coll[0].groups)
    for place, base in _candidates(owner):
        if _agrees(coll, base, some=True):
            _proven[kind] = place
            return base
    return None if any(len(element.groups) for element in coll) else 0


def _agrees(coll, base, some=False):
    """True if rows, addresses and values in memory are bpy's for sampled elements, empty and not.
    `some` wants at least one that is not: zeros would agree with anything."""
    form, count = build(), len(coll)
    found = _core.rows_of(base, form.stride, count, form.array_at, form.count_at, form.size, safe=True)
    if found is None or some and not len(found[1]):
        return False
    offsets, addresses = found
    rows = set(spread(count))
    if len(addresses):
        rows.update(bisect.bisect_right(offsets, i) - 1 for i in spread(len(addresses)))
    return all(_same(coll[i].groups, addresses[offsets[i] : offsets[i + 1]]) for i in sorted(rows))


def _same(groups, addresses):
    if len(groups) != len(addresses):
        return False
    for element, address in zip(groups, addresses):
        if element.as_pointer() != address:
            return False
        for name, format in (("group", "i"), ("weight", "f")):
            memory = _core.read_memory(address + build().offsets[name], 4)
            value = getattr(element, name)
            if memory != struct.pack(format, value) and not (
                    memory and value != value and struct.unpack("f", memory)[0] != value):
                return False
    return True


def forget():
    """Forgets what this session proved; for tests."""
    _proven.clear()
    _met.clear()
