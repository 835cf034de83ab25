# runtime/rnaslicer/layout/whole.py: whether geometry is whole, so that Blender may read it.
"""A mesh being built (vertices.add, loops.add, polygons.add) has polygons whose `loop_start` is whatever lay in
memory, corners and edges of vertex 0, and no edges at all. Blender reads through these numbers unchecked where it
derives something (hazards.HALF_BUILT): new edges in mesh.update(), normals, triangles, an evaluation that a tag
asks for. Until they lead somewhere, nothing of that may be called. The same holds for the points of curves.

The numbers are read in memory, at the place that SDNA names or that holds the address bpy gives; else in bulk
through bpy. A mesh that was whole is looked at again when a length or the borders' address is another; where its
polygons begin is looked at each time (by native code at some of them): freed memory is given to the next array of
that size.
"""

import array
import struct

from .. import _core
from ..basis.records import Record
from ..blender.customdata import copies_on_write, number
from ..blender.rna import COMPUTED
from ..blender.sdna import sdna
from ..supplier.uids import session_uid
from . import layers
from .layers import address_without_unsharing, learn

_COLLECTIONS = ("vertices", "edges", "loops", "polygons")
_MOST = 1 << 12  # meshes that are remembered

_whole = {}  # session uid -> `_stamp` of a mesh when it was whole


def forget():
    """Forgets what this session saw; for tests."""
    _whole.clear()
    layers.forget_looks()


def fault(struct_):
    """Why Blender must not derive anything from a datablock's (or a drawing's) geometry now, or None."""
    return None if layers.sees_all(struct_) else _fault(struct_)


def fault_of_written(struct_):
    """The same for writes, after which an evaluation may derive something: what was whole and has not been made anew
    since is not looked at again, as trails have it."""
    return None if layers.still_sees_all(struct_) else _fault(struct_)


def _fault(struct_):
    if type(struct_).__name__ == "Mesh":
        return _mesh_fault(struct_)
    for name in ("curve_offset_data", "curve_offsets"):
        if hasattr(struct_, name):
            return _curves_fault(struct_, name)
    return None


LEAST = 2  # corners of a polygon: Blender makes as many triangles, less two; of one corner it took memory for -1 of them


def borders_fault(mesh):
    """Why the corners of a mesh's polygons must not be looked up, or None."""
    polygons, corners = mesh.polygons, len(mesh.loops)
    count = len(polygons)
    if not count:
        return None
    try:
        found = _polygons(mesh, polygons, count) or _in_bulk(polygons, count)
        at = _core.borders_fault(*found, corners, LEAST, found[2] < 0)
    except LookupError:  # no memory can be read here
        at = _core.borders_fault(*_in_bulk(polygons, count), corners, LEAST, copies_on_write())
    return None if at is None else _told(mesh, "polygon", at, polygons[at].loop_start, corners, "corners")


def _undivided(mesh):
    """Why all corners are not those of polygons, or None: Blender before 4.x makes as many triangles as corners and polygons
    say, and fills those that polygons have. (Else the last polygon's corners end where all do.)"""
    if copies_on_write():
        return None
    count, corners = len(mesh.polygons), len(mesh.loops)
    totals = array.array("i", bytes(4 * count))
    mesh.polygons.foreach_get("loop_total", totals)
    return None if sum(totals) == corners else (
        f"{mesh.name!r} has {corners} corners, but its polygons have {sum(totals)}")


def _told(owner, kind, at, start, end, places):
    return f"{kind} {at} of {owner.name!r} begins at {start} and does not fit among its {end} {places}"


def _mesh_fault(mesh):
    if (why := borders_fault(mesh)) or _whole.get(session_uid(mesh)) == (now := _stamp(mesh)):
        return why
    vertices, edges, corners, polygons = (len(getattr(mesh, name)) for name in _COLLECTIONS)
    why = polygons and _undivided(mesh) or polygons and _CORNER_VERT.fault(mesh, corners, vertices) or (
        polygons and not edges and f"{mesh.name!r} has polygons, but no edges yet: mesh.update() makes them when all "
        "else is there") or (
        polygons and _CORNER_EDGE.fault(mesh, corners, edges)) or _EDGE_VERTS.fault(mesh, edges, vertices) or None
    if why is None:
        if len(_whole) >= _MOST:
            _whole.clear()
        _whole[session_uid(mesh)] = now
    return why


def _polygons_are_due(mesh):
    """Between loops.add and polygons.add: who derives normals then looks for borders that are not there."""
    if len(mesh.polygons) or not len(mesh.loops):
        return None
    return f"{mesh.name!r} has corners, but no polygons yet"


def surface_fault(mesh):
    """Why a mesh's polygons and their corners' vertices must not be looked up, or None."""
    if layers.sees_surface(mesh):
        return None
    why = _polygons_are_due(mesh) or borders_fault(mesh)
    if why or not len(mesh.polygons):
        return why
    return _undivided(mesh) or _CORNER_VERT.fault(mesh, len(mesh.loops), len(mesh.vertices))


def _stamp(mesh):
    """What is another when a mesh's geometry was made anew: its lengths and the address of its borders."""
    form = layers.counts()
    memory = form and _core.read_memory(mesh.as_pointer() + form.start, form.size)
    if memory and form.has_borders:
        return memory
    return (memory or tuple(len(getattr(mesh, name)) for name in _COLLECTIONS),
            mesh.polygons[0].as_pointer() if len(mesh.polygons) and not copies_on_write() else 0)


def _polygons(mesh, polygons, count):
    """(address, place of the first start, of the first total or -1, stride, count) of all polygons' borders; None
    where SDNA does not tell."""
    if copies_on_write():
        first = _offsets(mesh, polygons)
        if first is not None:
            return first, 0, -1, 4, count
    else:
        dna = sdna().structs.get("MPoly")
        if dna is not None:
            return (_array(polygons, dna.size), dna.fields["loopstart"].offset, dna.fields["totloop"].offset, dna.size,
                    count)
    return None


def _array(elements, stride):
    """The address of the first of elements `stride` bytes apart; LookupError if the last lies elsewhere."""
    first = elements[0].as_pointer()
    if elements[len(elements) - 1].as_pointer() != first + (len(elements) - 1) * stride:
        raise LookupError(f"{elements!r} is no array of {stride} bytes each")
    return first


def _in_bulk(polygons, count):
    """The same through bpy."""
    both = array.array("i", bytes(8 * count))
    for at, name in ((0, "loop_start"), (count, "loop_total")):
        part = array.array("i", bytes(4 * count))
        polygons.foreach_get(name, part)
        both[at : at + count] = part
    return both, 0, 4 * count, 4, count


def place_of_borders(drawing):
    """Where a drawing's struct has the pointer to the borders of its curves, in bytes; None where none is told."""
    offsets = getattr(drawing, "curve_offsets", ())
    if len(offsets):
        _offsets(drawing, offsets)
    return layers.pointers.get(drawing.bl_rna.identifier)


def _offsets(owner, elements):
    """The address of the first of the starts that a struct's pointer leads to, without making Blender copy what is
    shared; None where no such pointer is known."""
    kind = owner.bl_rna.identifier
    if kind not in layers.pointers:
        dna = sdna() and sdna().structs.get(kind)
        base = elements[0].as_pointer()
        memory = dna and _core.read_memory(owner.as_pointer(), dna.size)
        words = struct.unpack(f"{len(memory) // 8}Q", memory[: len(memory) // 8 * 8]) if memory else ()
        places = [8 * i for i, word in enumerate(words) if word == base]
        layers.pointers[kind] = places[0] if len(places) == 1 else None
    at = layers.pointers[kind]
    return number("Q", owner.as_pointer() + at) or None if at is not None else None


class _Indices(Record):
    """Indices of a mesh: the collection and property, what they count, the attribute that may hold the same, and
    the fields of older structs."""

    collection: str
    name: str
    width: int
    target: str
    attribute: tuple
    struct: str
    fields: tuple

    def fault(self, mesh, length, bound):
        """Which of the elements has an index that is none of 0 to `bound`, or None."""
        at = self._first_beyond(mesh, length * self.width, bound) if length else None
        return at if at is None else (f"{self.collection}[{at // self.width}].{self.name} of {mesh.name!r} is none "
                                      f"of its {bound} {self.target}")

    def _first_beyond(self, mesh, count, bound):
        elements, length = getattr(mesh, self.collection), count // self.width
        try:
            if not copies_on_write():
                return self._in_structs(elements, length, bound)
            address = address_without_unsharing(mesh, *self.attribute, length)
            if address is None and learn(mesh, self.attribute[0]):
                address = address_without_unsharing(mesh, *self.attribute, length)
            if address is not None:
                return _core.first_beyond(address, 0, 4, count, bound)
        except LookupError:  # no memory can be read here, or SDNA has no such struct
            pass
        values = array.array("i", bytes(4 * count))
        elements.foreach_get(self.name, values)
        return _core.first_beyond(values, 0, 4, count, bound)

    def _in_structs(self, elements, length, bound):
        dna = sdna().structs[self.struct]
        address = _array(elements, dna.size)
        found = [(i, _core.first_beyond(address, dna.fields[field].offset, dna.size, length, bound))
                 for i, field in enumerate(self.fields)]
        return min((at * self.width + i for i, at in found if at is not None), default=None)


_CORNER_VERT = _Indices("loops", "vertex_index", 1, "vertices", (".corner_vert", "INT", "CORNER"), "MLoop", ("v",))
_CORNER_EDGE = _Indices("loops", "edge_index", 1, "edges", (".corner_edge", "INT", "CORNER"), "MLoop", ("e",))
_EDGE_VERTS = _Indices("edges", "vertices", 2, "vertices", (".edge_verts", "INT32_2D", "EDGE"), "MEdge", ("v1", "v2"))


def _curves_fault(owner, name):
    """Of curves (hair) and of Grease Pencil's drawings, whose points the offsets divide."""
    offsets = getattr(owner, name)
    count = len(offsets) - 1
    if count <= 0:
        return None
    points, starts = points_of(owner), _offsets(owner, offsets) or _starts_in_bulk(offsets)
    try:
        at = _core.borders_fault(starts, 0, -1, 4, count, points, 0, True)
    except LookupError:  # no memory can be read here
        starts = _starts_in_bulk(offsets)
        at = _core.borders_fault(starts, 0, -1, 4, count, points, 0, True)
    if at is None and _start(starts, count) != points:
        at = count - 1
    if at is None:
        return None
    who = owner if hasattr(owner, "name") else owner.id_data
    return _told(who, "curve", at, _start(starts, at), points, "points")


def _start(starts, i):
    """One of the starts at an address, or in a buffer."""
    return number("i", starts + 4 * i) if isinstance(starts, int) else number_at(starts, i)


def number_at(memory, i):
    """Number `i` of int32s in a row."""
    return struct.unpack_from("i", memory, 4 * i)[0]


def starts_of_points(curves):
    """Where the points of each of a Curves' curves begin, and where the last ends: int32s as bytes."""
    return bytes(_starts(curves, curves.curve_offset_data))


def _starts(owner, offsets):
    first = _offsets(owner, offsets)
    return first and _core.read_memory(first, 4 * len(offsets)) or _starts_in_bulk(offsets)


def _starts_in_bulk(offsets):
    """The same through bpy."""
    starts = array.array("i", bytes(4 * len(offsets)))
    offsets.foreach_get("value", starts)
    return starts


def points_of(owner):
    """How many points the curves of a Curves or a drawing divide among them."""
    if hasattr(owner, "points"):
        return len(owner.points)
    attributes = owner.attributes
    position = attributes.get("position")
    return len(position.data) if position is not None else 0


# What a leaf's values are derived from, if from anything.

DERIVED = {"MeshLoopTriangle", "MeshNormalValue", "ReadOnlyInteger", "FloatVectorValueReadOnly"}
STORED = {"index", "loop_total"}  # read-only, but of the element alone
OF_EDGES = {"MeshLoop", "MeshEdge"}  # corner normals go from edge to edge


def is_derived(element, prop):
    """Whether a property is computed from the whole geometry, or looked up through it."""
    return element in DERIVED or (element, prop.identifier) == ("MeshPolygon", "vertices") or (
        element.startswith("Mesh") and element != "Mesh" and prop.readonly and prop.identifier not in STORED)


def needs_edges(element, kind, collection=None):
    """Whether what is derived of the elements (of `collection`) of a mesh or curves needs all of their geometry."""
    return kind == "Curves" or element in OF_EDGES or collection == "corner_normals"


def why_underivable(element, prop, owner, collection=None):
    """Why bpy must not be asked for a property of the elements (of `collection`) of a mesh or curves now, for it
    would crash; None where it may."""
    kind = type(owner).__name__
    if kind not in ("Mesh", "Curves") or not is_derived(element, prop):
        return None
    if needs_edges(element, kind, collection):
        return _derived_fault(owner)
    return borders_fault(owner) if prop.identifier == "vertices" and element == "MeshPolygon" else surface_fault(owner)


def _derived_fault(owner):
    """As `fault`, where something is derived at once."""
    return type(owner).__name__ == "Mesh" and _polygons_are_due(owner) or fault(owner)


# By the numbers of runtime/calls/geometry.hpp.
_LOOKS = surface_fault, _derived_fault, borders_fault, fault_of_written


def is_computable(owner, need):
    """Whether what is computed of the surface, edges or borders of a mesh or curves may be asked for now, or after a write."""
    return _LOOKS[need](owner) is None


def why_untouchable(coll, name):
    """Why bpy must not be asked for an element of the collection `name` now, for it would crash; None where it may."""
    owner = coll.data
    if name not in COMPUTED or type(owner).__name__ not in ("Mesh", "Curves"):
        return None
    return surface_fault(owner) if type(owner).__name__ == "Mesh" and name != "corner_normals" else _derived_fault(owner)
