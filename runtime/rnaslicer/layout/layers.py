# runtime/rnaslicer/layout/layers.py: an attribute's array without making Blender copy it first.
"""Copies, evaluated meshes and undo steps share arrays, and whoever asks bpy for an element gets an
array of his own: megabytes and milliseconds for a mere look (BLENDER-ATLAS 3.1). The layer itself
holds the same address, and reading that moves nothing.

Where in the layer it lies is learnt in each session, from layers whose elements bpy just gave: the
one word that is the address of element 0, and (where `storage_type` exists, so that the array may be
a single value) the one that is its length. What was learnt is watched: one layer that says otherwise
ends the shortcut for the session. Sources: BKE_attribute.h, DNA_customdata_types.h for what a layer
holds; no place in it is taken from there.
"""

import functools
import struct

from .. import _core
from ..basis.records import Record
from ..blender.customdata import copies_on_write
from ..blender.sdna import sdna

_SPAN = 128  # bytes of a layer that are searched; more than any has
_LEAST = 9  # elements: smaller numbers occur in a layer for other reasons, too

# Item sizes in bytes by Attribute.data_type, to see that both ends of an array are memory.
_SIZES = {"FLOAT": 4, "INT": 4, "FLOAT_VECTOR": 12, "FLOAT_COLOR": 16, "BYTE_COLOR": 4, "BOOLEAN": 1,
          "FLOAT2": 8, "INT8": 1, "INT16_2D": 4, "INT32_2D": 8, "QUATERNION": 16, "FLOAT4X4": 64}


class _Places:
    """What the layers seen so far agree on: byte places of the address and of the length."""

    def __init__(self):
        self.data = self.count = None  # sets of byte places; None before the first layer
        self.has_count = False
        self.wrong = False

    @property
    def known(self):
        """Whether one place of each kind is left."""
        return (not self.wrong and self.data is not None and len(self.data) == 1
                and (not self.has_count or len(self.count) == 1))

    def add(self, layer, base, length):
        """A layer's bytes, the address of its element 0 and its length as bpy gives them."""
        words = struct.unpack(f"{len(layer) // 8}q", layer)
        data = {8 * i for i, word in enumerate(words) if word == base}
        count = {8 * i for i, word in enumerate(words) if word == length}
        self.data = data if self.data is None else self.data & data
        self.count = count if self.count is None else self.count & count
        if not self.data or self.has_count and not self.count:
            self.wrong = True


_places = {}  # by type of ID: a build may keep the layers of meshes and curves differently


def forget():
    """Forgets what this session learnt; for tests."""
    _places.clear()
    _core.forget_trails()


def _declared():
    """The place of CustomDataLayer.data in this build's SDNA, or None."""
    found = sdna()
    layer = found and found.structs.get("CustomDataLayer")
    field = layer and layer.fields.get("data")
    return field.offset if field and field.is_pointer else None


def places_of(kind, data_type):
    """(byte place of the address, that of the length or -1, bytes of an item) in the layers of datablocks of a
    Python class; None where this session has not learnt it."""
    places = _places.get(kind)
    if places is None or not places.known:
        return None
    (at,), count_at = places.data, -1
    if places.has_count:
        (count_at,) = places.count
    return at, count_at, _SIZES.get(data_type, 1)


def attribute_of(owner, name, data_type, domain):
    """The attribute of an ID if it is what the caller takes it for, else None; None in edit mode, too, where
    the layers are bmesh's and the arrays a stale copy."""
    if getattr(owner, "is_editmode", False):
        return None
    attributes = getattr(owner, "attributes", None)
    attribute = attributes.get(name) if attributes is not None else None
    if attribute is None or attribute.data_type != data_type or attribute.domain != domain:
        return None
    return attribute


def learn(owner, name):
    """Learns from an attribute where layers hold their address. Touches its elements (un-shares): for
    callers who have just done that themselves. True if the place is known now."""
    attribute = owner.attributes.get(name) if hasattr(owner, "attributes") else None
    if attribute is None or getattr(owner, "is_editmode", False):
        return False
    places = _places.setdefault(type(owner), _Places())
    known = places.known
    try:
        return _learn(owner, name, attribute, places)
    finally:
        if places.known != known:  # trails go another way now
            _core.forget_trails()


def _learn(owner, name, attribute, places):
    length = len(attribute.data)
    if length < _LEAST:
        return places.known
    base = attribute.data[0].as_pointer()
    # Asked again: touching the elements may have made an array out of a single value.
    attribute = owner.attributes[name]
    has_count = hasattr(attribute, "storage_type")
    if has_count and attribute.storage_type != "ARRAY":
        return places.known
    layer = _core.read_memory(attribute.as_pointer(), _SPAN) or _core.read_memory(attribute.as_pointer(), 64)
    if layer is None:  # reads can fail for a while: it tells nothing of the build
        return False
    places.has_count = has_count
    places.add(layer, base, length)
    if places.data and len(places.data) > 1 and not has_count:  # SDNA may tell them apart
        places.data = places.data & {_declared()} or places.data
    return places.known


def array_of(owner, attribute, length):
    """Address of element 0 of the array that an attribute of `owner` (a Mesh, Curves, PointCloud) holds now,
    for reading only: copies, evaluated meshes and undo steps may own it as well. None where it is a single
    value, has not `length` elements, or where this session has not learnt the place yet (`learn`).
    """
    places = _places.get(type(owner))
    if places is None or not places.known:
        return None
    (at,), count_at = places.data, -1
    if not places.has_count:
        if len(attribute.data) != length:
            return None
    elif attribute.storage_type != "ARRAY":
        return None
    else:
        (count_at,) = places.count
    return _core.array_in(attribute.as_pointer(), at, count_at, length, _SIZES.get(attribute.data_type, 1))


def address_without_unsharing(owner, name, data_type, domain, length):
    """`array_of` the attribute of that name, type and domain; None where there is none."""
    attribute = attribute_of(owner, name, data_type, domain)
    return attribute and array_of(owner, attribute, length)


# ---- where native code looks whether geometry is whole: it says that all numbers lead somewhere, or nothing, and then
# whole.py looks, and says which do not

pointers = {}  # RNA type -> byte place of the pointer to the borders in its struct; None where none is told

looks = {}  # "Mesh", "Curves" -> _core.Look

_NUMBERED = ((".corner_vert", "INT", "CORNER"), (".corner_edge", "INT", "CORNER"), (".edge_verts", "INT32_2D", "EDGE"))


def forget_looks():
    """Forgets what this session saw of borders; for tests."""
    pointers.clear()
    looks.clear()


def sees_surface(mesh):
    """True if a mesh's polygons and their corners are seen to lead to vertices."""
    look = _look_at(mesh)
    return look is not None and look.surface(mesh)


def sees_all(owner):
    """True if that is seen of a mesh's edges, too, or that hair curves divide their points."""
    look = _look_at(owner)
    return look is not None and look.whole(owner)


def still_sees_all(owner):
    """True if that is seen, or was of a mesh that has not been made anew since."""
    look = _look_at(owner)
    return look is not None and look.still_whole(owner)


def _look_at(owner):
    kind = type(owner).__name__
    if kind not in ("Mesh", "Curves"):
        return None
    look = looks.get(kind)
    return _look(kind) if look is None or look.stale else look


def _look(kind):
    stamp = stamp_for(kind)
    if stamp["look"] is None:
        return None
    found = looks[kind] = _core.Look({**stamp, "ask": None})
    return found


def places_for(kind):
    """What native code reads for a datablock's class ("Mesh" or "Curves"), as `_core.Look` takes it; None where nothing
    tells it, or not yet."""
    import bpy

    found = sdna()
    if found is None:
        return None
    if kind == "Curves":
        at = _pointer(kind, "curve_offsets", found)
        return None if at is None else (bpy.types.Curves, (at, 4, 0, -1))
    if not copies_on_write():
        return _structs(bpy.types.Mesh, found)
    at, indices = offsets(found), []
    for name, data_type, domain in _NUMBERED:
        layer = places_of(bpy.types.Mesh, data_type)
        if layer is None:
            return None
        indices.append({"name": name, "data_type": data_type, "domain": domain, "layer": layer})
    return None if at is None else (bpy.types.Mesh, (at, 4, 0, -1), *indices)


def offsets(found):
    """The byte place in a Mesh of the pointer to where polygons begin, if they are but that."""
    at = _pointer("Mesh", "poly_offset_indices", found)
    return _pointer("Mesh", "face_offset_indices", found) if at is None else at


def _pointer(kind, name, found):
    """The byte place of a pointer in a datablock, as bpy's answers told it, or by SDNA."""
    if pointers.get(kind) is not None:
        return pointers[kind]
    at, struct = 0, found.structs.get(kind)
    if struct and "geometry" in struct.fields and "CurvesGeometry" in found.structs:
        at, struct = struct.fields["geometry"].offset, found.structs["CurvesGeometry"]
    field = struct and struct.fields.get(name)
    return at + field.offset if field and field.is_pointer else None


def _structs(kind, found):
    polygon, corner, edge = (found.structs.get(name) for name in ("MPoly", "MLoop", "MEdge"))
    if not polygon or not corner or not edge:
        return None
    vertex, along, first, last = (struct.fields[name].offset for struct, name in (
        (corner, "v"), (corner, "e"), (edge, "v1"), (edge, "v2")))
    borders = -1, polygon.size, polygon.fields["loopstart"].offset, polygon.fields["totloop"].offset
    return kind, borders, (corner.size, vertex, vertex), (corner.size, along, along), (edge.size, first, last)


class _Span(Record):
    start: int
    size: int
    has_borders: bool


_LENGTHS = (("totvert", "verts_num"), ("totedge", "edges_num"), ("totpoly", "faces_num"), ("totloop", "corners_num"))
_BORDERS = "poly_offset_indices", "face_offset_indices"


@functools.cache
def counts():
    """Where a Mesh has its lengths, and the address of its borders if they are but that, in one short piece, by
    SDNA; None where that does not tell."""
    dna = sdna() and sdna().structs.get("Mesh")
    if dna is None:
        return None
    found = [dna.fields[name] for names in (*_LENGTHS, _BORDERS) for name in names if name in dna.fields]
    if len(found) < len(_LENGTHS):
        return None
    start = min(field.offset for field in found)
    size = max(field.offset + field.size for field in found) - start
    return _Span(start, size, len(found) > len(_LENGTHS)) if size <= 64 else None


_NO_STAMP = {"stamp": (), "borders": False, "pointer_at": -1, "count_at": -1, "stride": 0, "start_at": 0}


def _stamp_of_mesh():
    """How native code tells that a mesh was not made anew, by the names of trail.hpp: byte places and sizes, in turns, of
    what changes in a Mesh; whether the address of its first polygon is to be asked of bpy as well; and where some of the
    places lie at which polygons begin. No stamp where SDNA does not tell."""
    form = counts()
    if form is None:
        return _NO_STAMP
    fields = sdna().structs["Mesh"].fields
    count = next(fields[name].offset for name in _LENGTHS[2] if name in fields)
    if copies_on_write():
        pointer = next((fields[name].offset for name in _BORDERS if name in fields), -1)
        where = {"pointer_at": pointer, "count_at": count, "stride": 4, "start_at": 0}
    else:
        polygon = sdna().structs.get("MPoly")
        where = {"pointer_at": -1, "count_at": count if polygon else -1, "stride": polygon.size if polygon else 0,
                 "start_at": polygon.fields["loopstart"].offset if polygon else 0}
    return {"stamp": (form.start, form.size), "borders": not form.has_borders and not copies_on_write(), **where}


def place_of_polygons(element, stride):
    """The byte place in a Mesh of the pointer to its polygons, if they are but where each begins (4.3, 5.2); else None, as
    for other elements."""
    at = _stamp_of_mesh()["pointer_at"] if (element, stride) == ("MeshPolygon", 4) else -1
    return at if at >= 0 else None


def stamp_for(kind):
    """How native code tells that a datablock of a class ("Mesh" or "Curves") is whole before it writes, by the names of
    trail.hpp, without whom it asks else."""
    import bpy

    told = _stamp_of_mesh() if kind == "Mesh" else _NO_STAMP
    fields = sdna().structs["ID"].fields if told["stamp"] else {}
    uid = fields.get("session_uid") or fields.get("session_uuid")  # 3.4
    return {**(told if uid else _NO_STAMP), "of": getattr(bpy.types, kind), "uid_at": uid.offset if uid else 0,
            "look": places_for(kind)}
