# runtime/rnaslicer/blender/rna.py: what RNA says of a property, in the terms that plans and errors need.
"""`Property` describes one numeric RNA property of one element type; made once per build."""

from __future__ import annotations

import functools
import math
import operator

from .. import _core
from ..basis.records import Record
from .calibrate import is_dynamic, is_guarded, raw
from .refining import all_types, refines, refines_as_ids_do
from .registered import bytes_of, find

VALUE_SCALAR = {"BOOLEAN": "b1", "INT": "i32", "ENUM": "i32", "FLOAT": "f32"}
FORMAT = {"b1": "?", "i32": "i", "f32": "f"}
_WXYZ = {"QUATERNION", "AXISANGLE"}
_RGBA = {"COLOR", "COLOR_GAMMA"}
_FLAT_MATRICES = {(9,): (3, 3), (16,): (4, 4)}  # FloatVectorProperty(size=16, subtype='MATRIX'): bpy gives a Matrix

# Properties that name other elements: struct, property -> the collection of the same ID that is
# indexed. From the meaning of the names (rna_mesh.cc); a value outside would crash Blender (hazards.TOPOLOGY).
TOPOLOGY = {
    ("MeshEdge", "vertices"): "vertices",
    ("MeshLoop", "vertex_index"): "vertices",
    ("MeshLoop", "edge_index"): "edges",
    ("MeshPolygon", "vertices"): "vertices",
}
# How corners and points are divided among polygons and curves (hazards.PARTITIONS).
PARTITIONS = {("MeshPolygon", "loop_start"), ("MeshPolygon", "loop_total")}
PARTITION_ARRAYS = {"curve_offset_data", "curve_offsets"}
# Values that the getter computes into the struct first, when somebody asks (rna_mesh.cc, rna_curve.cc): until then
# others lie there. Of all numbers of datablocks these are the only ones whose reading changes what is read
# (hazards.COMPUTED_WHEN_ASKED; compared in memory before and after the first getattr).
COMPUTED_WHEN_ASKED = {"texspace_location", "texspace_size"}
# Collections of a mesh or curves whose elements Blender computes, all of them, when somebody asks for one.
COMPUTED = frozenset({"loop_triangles", "loop_triangle_polygons", "vertex_normals", "polygon_normals", "corner_normals",
                      "normals"})
# The same topology under its attribute names (Blender 4.x, 5.x).
TOPOLOGY_ATTRIBUTES = {".edge_verts": "vertices", ".corner_vert": "vertices", ".corner_edge": "edges"}


class Property(Record):
    """One numeric property. `dims` is () for a scalar; a dynamic array has dims None."""

    struct: str
    identifier: str
    type: str  # BOOLEAN INT FLOAT ENUM
    value: str  # scalar name of RNA's value: b1 i32 f32
    dims: tuple | None
    is_matrix: bool  # stored by columns, indexed by rows
    letters: str | None  # swizzle letters, None where there are none
    readonly: bool
    clamp: tuple | None  # hard range that the setter enforces, or None
    raw: object | None  # declared storage, a hypothesis
    is_flag: bool  # an ENUM that is a set of items
    dynamic: bool  # each struct has its own length
    unsigned: bool  # an INT of subtype UNSIGNED
    nonnegative: bool  # an INT that is never negative: its narrow storage counts on
    guarded: bool  # structs may decide one by one whether it can be edited
    runtime: bool  # a script registered it, and may register another one in its place
    is_flat: bool = False  # a matrix that RNA keeps, and takes, as one run of numbers

    @property
    def length(self):
        """Number of components; 1 for a scalar."""
        return math.prod(self.dims)

    @property
    def storage_scalar(self):
        """The declared scalar; unsigned where the value is never negative (40000 in a short is no
        -25536)."""
        scalar = self.raw.scalar
        return "u" + scalar[1:] if self.nonnegative and scalar in ("i8", "i16") else scalar

    @property
    def name(self):
        """`Struct.property`, as errors and reports name it."""
        return f"{self.struct}.{self.identifier}"

    @property
    def format(self):
        """memoryview format of bpy's own value."""
        return FORMAT[self.value]


def numeric(prop):
    """True if an RNA property holds numbers."""
    return prop.type in VALUE_SCALAR


@functools.cache
def _refined():
    """Names of the RNA types that others are made of: an element declared as such may be another. Slow, so that a
    session's first enter asks `refining` before."""
    bases = list(map(operator.attrgetter("bl_rna.base"), all_types()))
    return frozenset(map(operator.attrgetter("identifier"), [one for one in bases if one is not None]))


def is_exact(rna):
    """True if elements declared as this RNA type can be of no other: built in, no ID, refined by none."""
    return not (refines(rna) is not False and rna.identifier in _refined() or rna.identifier == "UnknownType"
                or "session_uid" in rna.properties or "is_evaluated" in rna.properties)


def is_only_id(rna):
    """True if datablocks of this RNA type can be of no other: not so lights and textures, whose type changes."""
    if rna.base is None or rna.base.identifier != "ID":
        return False
    return refines_as_ids_do(rna) or rna.identifier not in _refined()


def is_points_of_key(coll):
    """Whether a collection holds a key block's points of a mesh or lattice, which are all of one type. RNA declares
    none for them: those of a curve may be of several (rna_key.cc)."""
    return type(coll.data).__name__ == "ShapeKey" and type(coll.id_data.user).__name__ in ("Mesh", "Lattice")


_MOST = 1024
_registered = {}  # (address of the StructRNA, name, struct) -> (the property's bytes, Property)
_described = {}  # of built-in properties, which never change: (address of the StructRNA, name) -> Property


def describe(struct_rna, identifier):
    """The `Property` of an RNA struct (its `bl_rna`), which must have it."""
    key = struct_rna.as_pointer(), identifier
    known, struct = _described.get(key), struct_rna.identifier
    if known is None or known.struct != struct:  # a class may be registered where another one's type was
        prop = find(struct_rna, identifier)
        if prop.is_runtime:
            return _describe_registered((*key, struct), prop)
        known = _described[key] = _describe(struct, prop)
    return known


def _describe_registered(key, prop):
    """The same of a property that a script registered: as before while all its bytes are the same."""
    memory = bytes_of(prop)
    known = _registered.get(key)
    if known is None or memory is None or known[0] != memory:
        if len(_registered) >= _MOST:  # scripts may register without end
            _registered.clear()
        known = _registered[key] = memory, _describe(key[-1], prop)
    return known[1]


def _describe(struct, prop):
    value = VALUE_SCALAR[prop.type]
    dims, subtype, clamp, is_flag, is_flat = (), "NONE", None, False, False
    if prop.type == "ENUM":
        is_flag = prop.is_enum_flag
    else:
        subtype = prop.subtype
        if prop.is_array:
            dims = tuple(d for d in prop.array_dimensions if d) or (prop.array_length,)
            if is_dynamic(prop) is not False:
                dims = None
        if prop.type != "BOOLEAN":
            clamp = _hard_range(prop, not dims)
    is_matrix = subtype == "MATRIX" and prop.type == "FLOAT"  # of others bpy gives nested arrays
    if is_matrix and dims in _FLAT_MATRICES:
        dims, is_flat = _FLAT_MATRICES[dims], True
    quaternion = subtype in _WXYZ or struct.startswith("Quaternion")
    letters = "wxyz" if quaternion else "rgba" if subtype in _RGBA else "xyzw"
    return Property(struct, prop.identifier, prop.type, value, dims,
                    is_matrix and dims in ((3, 3), (4, 4)), letters,
                    prop.is_readonly, clamp, raw(prop), is_flag, dims is None,
                    subtype == "UNSIGNED", prop.type == "INT" and prop.hard_min >= 0,
                    is_guarded(prop) is not False, prop.is_runtime, is_flat)


def _hard_range(prop, is_scalar):
    """The range to which bpy's assignment clamps; None where it does not.

    Generated setters clamp to a range that is not the type's whole (makesrna.cc). Assigning an array
    clamps each item once more (bpy_rna_array.cc), which turns infinities into the largest floats;
    not so the bulk calls of a dynamic array (pixels), which are what everyone uses there.
    """
    lo, hi = prop.hard_min, prop.hard_max
    if not is_scalar:
        return lo, hi
    if prop.type == "FLOAT":
        unbounded = lo <= -3.4028234663852886e38 and hi >= 3.4028234663852886e38
    else:
        unbounded = lo == -(1 << 31) and hi == (1 << 31) - 1
    return None if unbounded else (lo, hi)


def near(name, choices):
    """A clause that offers close names, or ''. Never starts a sentence."""
    import difflib  # slow to import, needed for errors only

    known = {}
    for choice in choices:
        known.setdefault(choice.lower(), choice)
    close = [known[one] for one in difflib.get_close_matches(name.lower(), list(known), n=3, cutoff=0.6)]
    if not close:
        return ""
    return "; did you mean " + " or ".join(repr(c) for c in close) + "?"


def enum_number(prop, value):
    """The number behind an enum value as getattr gives it: a name, '' or a set of names. None where bpy does not
    tell: it lists no items that a function makes."""
    total = 0
    for name in (value,) if isinstance(value, str) else value:
        item = prop.enum_items.get(name)
        if item is None:
            return None
        total |= item.value
    return total


def enum_value(prop, number, is_flag):
    """What setattr takes for an enum number; None where no item has it."""
    if not is_flag:
        for item in prop.enum_items:
            if item.value == number:
                return item.identifier
        return None
    names, rest = set(), number
    for item in prop.enum_items:
        if item.value and number & item.value == item.value:
            names.add(item.identifier)
            rest &= ~item.value
    return None if rest else names


def dynamic_dims(struct, name, flat):
    """The dimensions of a dynamic array; an image's pixels have three unless asked for flat."""
    length = len(getattr(struct, name))
    if name == "pixels" and struct.bl_rna.identifier == "Image" and not flat:
        width, height = struct.size
        return (height, width, struct.channels)
    return (length,)
