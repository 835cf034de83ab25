# runtime/rnaslicer/layout/groups.py: scripts' properties: a child of that name in each group of ID properties.
"""The groups of a collection are one array, their values lie each for itself (blender/groups/idproperties.py). A walk
finds the child of the name in each group, of one kind in all; what a group has not reads as the property's default."""

from __future__ import annotations

import functools
import struct
from array import array as packed_array

from .. import _core
from ..blender.callbacks import has_callbacks
from ..blender.groups import idproperties
from ..blender.rna import Property, enum_number, find
from ..errors import StorageChanged
from ..basis.records import Frozen, Record
from .leaf import Rows
from .places import Where
from .storage import FORMAT, SIZE, Layout, Storage
from .values import same_value

_FITTING = {"FLOAT": ("f32", "f64"), "INT": ("i32",), "ENUM": ("i32",), "BOOLEAN": ("i32", "b1")}


class Found(Record):
    """Values of some rows."""

    addresses: object  # int64, one for each row; of rows that were not asked for, none
    absent: int  # the first row that has no value and so the default's address, or -1
    default: bytes | None


class Groups(Frozen):
    """The children of a name, of one kind."""

    prop: Property
    kind: idproperties.Kind

    default = None  # no layer is missing as a whole

    def usable(self, coll):
        """Whether bpy reads what is kept, and no function of the script."""
        prop = find(coll[0].bl_rna, self.prop.identifier)
        return prop is not None and not has_callbacks(prop)

    def untouched(self, coll, length):
        """None: the groups are asked for."""
        return None

    def find(self, coll, storage, writing, length):
        """`Where` the values of all groups lie."""
        rows = Rows(length, 0, 1, length)
        found = self.values(coll, rows, (0, 1, length), writing)
        self.check_default(coll, rows, found)
        return Where(addresses=found.addresses)

    def values(self, coll, rows, part, writing, alike=-1, safe=False, out=None):
        """The `Found` of a part (first, step, count) of rows. alike: a row whose child all others must be like, as
        bpy's setter leaves it. out: a buffer for the values themselves, packed. StorageChanged where a child is of
        another kind, and where one is missing for writing."""
        known = idproperties.known()
        if known is None:
            raise StorageChanged("how ID properties are kept cannot be asked now")
        kind, prop, first = self.kind, self.prop, coll[0]
        default = None if writing else _default(find(first.bl_rna, prop.identifier), prop, kind.scalar)
        width = 0 if out is None else prop.length * SIZE[kind.scalar]
        out = _core.allocate((rows.count,), "q", None) if out is None else out
        table = None if rows.table is None else _indices(rows.table)
        length = prop.length if kind.is_array else -1
        absent = _core.group_values(out, known.places, prop.identifier.encode() + b"\0",
                                    (kind.type, kind.subtype, length), first.as_pointer(),
                                    (rows.start, rows.step, table), part, default, alike, safe, width)
        if absent is None:
            raise StorageChanged(f"{prop.name}: a group holds it in another way, or not at all")
        return Found(out, absent, default)

    def described(self, coll):
        """What native code finds the values by: (name with its null, (type, subtype, length or -1), bytes of a value,
        of the default)."""
        kind, prop = self.kind, self.prop
        return (prop.identifier.encode() + b"\0", (kind.type, kind.subtype, prop.length if kind.is_array else -1),
                prop.length * SIZE[kind.scalar], self.default_in(coll[0].bl_rna))

    def default_in(self, rna):
        """The bytes of the default, as a class has registered it."""
        return _default(find(rna, self.prop.identifier), self.prop, self.kind.scalar)

    def check_default(self, coll, rows, found):
        """Raises StorageChanged if bpy gives another value where none is set."""
        if found.absent < 0:
            return
        values = struct.unpack(f"{self.prop.length}{FORMAT[self.kind.scalar]}", found.default)
        if not same_value(values, self.prop, coll[rows.at(found.absent)]):
            raise StorageChanged(f"{self.prop.name}: what is not set has another value than its default")

    def samples(self, coll, storage, indices):
        """Addresses of the values at `indices`, or None where they are of another kind."""
        known, rows = idproperties.known(), Rows(len(coll), 0, 1, len(indices), tuple(indices))
        if known is None or len(coll) > 1 and coll[1].as_pointer() - coll[0].as_pointer() != known.size:
            return None
        try:
            found = self.values(coll, rows, (0, 1, len(indices)), False, safe=True)
        except StorageChanged:
            return None
        return found.addresses.tolist()

    def __repr__(self):
        return f"values of the groups' {self.prop.identifier!r}"


def few_of_groups(length):
    """Indices of the groups that are compared. bpy counts to each: none is far from the start. Of what holds a value in
    another way a walk tells, of all."""
    return sorted({0, min(8, length - 1), min(32, length - 1)})


@functools.lru_cache(maxsize=16)
def _indices(table):
    """Indices as a buffer."""
    return packed_array("q", table)


def _default(rna, prop, scalar):
    """The bytes of the default of an RNA property, as values of a scalar."""
    if prop.type == "ENUM":
        numbers = [enum_number(rna, rna.default_flag if prop.is_flag else rna.default) or 0]
    else:
        numbers = list(rna.default_array) if prop.dims else [rna.default]
    return _kept(struct.pack(f"{prop.length}{FORMAT[scalar]}", *numbers))


@functools.lru_cache(maxsize=1024)
def _kept(values):
    """The same bytes at the same address: kernels read them there."""
    return values


def of_groups(leaf, coll):
    """`Layout`s of a property that a script registered, the likeliest first."""
    import bpy

    prop, known = leaf.property, idproperties.known() if leaf.property.dims is not None else None
    if known is None or not isinstance(coll[0], bpy.types.PropertyGroup) or not _is_array(leaf, coll) or (
            len(prop.identifier.encode()) >= known.longest):
        return
    usual = known.usual.get((prop.type, bool(prop.dims)))
    fitting = [kind for kind in known.kinds if kind.is_array == bool(prop.dims) and kind.scalar in _FITTING[prop.type]]
    for kind in sorted(fitting, key=lambda one: one != usual):
        yield Layout(Groups(prop, kind), Storage(kind.scalar, 0, None), "ID properties", True)


def _is_array(leaf, coll):
    """Whether a script registered the collection, too: the elements of such are ID properties in one array."""
    kind, name = leaf.path.steps[-1] if leaf.path.steps else (None, None)
    prop = find(coll.data.bl_rna, name) if kind == "attr" and coll.data is not None else None
    return prop is not None and prop.is_runtime and prop.type == "COLLECTION"
