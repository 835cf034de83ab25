# runtime/rnaslicer/foreach.py: the foreach route: bpy's bulk call, plus a kernel where shapes differ.
"""Whole collections go through foreach_get and foreach_set; a region is written element by element,
so that only the region moves."""

import math

from . import _core
from .dense import Dense
from .element import numbers, read, write
from .errors import ShapeChangedError
from .lowering import FORMAT, is_packed_copy, packed
from .proof import path_key, spread
from .routes import Route
from .writing import check_enum, check_topology, finish, translated

_agreed = {}
_FEW = 16  # reading fewer than 1/16 of the rows one by one beats a foreach_get of all


def buffer_scalar(prop):
    """The element type with which foreach_get needs no conversion (bpy_rna.cc: the declared raw
    type, else by kind of property)."""
    if prop.raw is None:
        return prop.value
    scalar = prop.raw.scalar
    if prop.type == "BOOLEAN":
        return "b1"
    return scalar


class _Bulk(Route):
    """A route that moves whole values through one packed buffer."""

    name = "foreach"

    def __init__(self, leaf, view):
        self.scalar = buffer_scalar(leaf.property)
        super().__init__(leaf, view, packed(leaf.property, self.scalar))
        self.straight = is_packed_copy(leaf, view, self.scalar)
        length = leaf.rows.length if leaf.rows is not None else 1
        self._count = length * leaf.property.length

    def prepare(self):
        if not self.straight:
            super().prepare()

    def buffer(self):
        """A packed buffer for all values, from the pool."""
        return memoryview(_core.allocate((self._count,), FORMAT[self.scalar], None))

    def flat(self, cache):
        """The cache's own storage as the flat buffer that bpy wants."""
        return memoryview(cache).cast("B").cast(FORMAT[self.scalar])

    def covers_components(self):
        """True if the leaf names every component of each value."""
        comps = self.leaf.components
        return math.prod(comps.axes) >= self.leaf.property.length and (
            bool(comps.loops) or len(set(comps.flat)) == self.leaf.property.length)

    def check_values(self, values, struct):
        """Refuses enum numbers and indices that bpy's setter would not store."""
        if self.leaf.property.type == "ENUM":
            check_enum(self.leaf, struct.bl_rna.properties[self.leaf.property.identifier], values)
        elif self.leaf.property.value == "i32":
            check_topology(self.leaf, values)


class ForeachRoute(_Bulk):
    """foreach_get and foreach_set of one property of a collection."""

    @staticmethod
    def agrees(leaf, coll):
        """True if foreach_get gives what getattr gives; asked once per path type in a session."""
        key = path_key(leaf, coll)
        if not leaf.uniform:
            return False
        if key not in _agreed:
            _agreed[key] = _compare(leaf, coll)
        return _agreed[key]

    def refresh(self, cache, region):
        """Blender to cache."""
        nothing, spans = self.spans(region)
        coll = self.follow()
        if nothing:
            return
        if spans is not None and spans[0][2] * _FEW < self.leaf.rows.length:
            read(self.leaf, coll, Dense(self.leaf, self.view, spans), cache)
        elif self.straight and spans is None:
            coll.foreach_get(self.leaf.property.identifier, self.flat(cache))
        else:
            values = self.buffer()
            coll.foreach_get(self.leaf.property.identifier, values)
            self.mover.refresh(cache, values, spans)

    def update(self, cache, region):
        """Cache to Blender."""
        nothing, spans = self.spans(region)
        coll = self.follow()
        if nothing:
            return
        rows = self.leaf.rows
        if spans is not None or len(set(rows.indices())) != rows.length:
            dense = Dense(self.leaf, self.view, spans)
            write(self.leaf, coll, dense, cache)
            return
        name = self.leaf.property.identifier
        values = self.buffer()
        if not self.covers_components():
            coll.foreach_get(name, values)
        self.mover.update(cache, values)
        self.check_values(values, coll[0])
        try:
            coll.foreach_set(name, values)
        except (TypeError, RuntimeError, AttributeError) as error:
            raise translated(error, self.leaf, 0, rows.length) from error
        finish(self.leaf, self.follow()[0])


class ArrayRoute(_Bulk):
    """A large array of one struct, such as image.pixels, through its own bulk calls."""

    def refresh(self, cache, region):
        """Blender to cache."""
        nothing, spans = self.spans(region)
        member = self._member()
        if nothing:
            return
        if self.straight and spans is None:
            member.foreach_get(self.flat(cache))
        else:
            values = self.buffer()
            member.foreach_get(values)
            self.mover.refresh(cache, values, spans)

    def update(self, cache, region):
        """Cache to Blender; the rest of the array is written back as it was."""
        nothing, spans = self.spans(region)
        member = self._member()
        if nothing:
            return
        values = self.buffer()
        if spans is not None or not self.covers_components():
            member.foreach_get(values)
        self.mover.update(cache, values, spans)
        try:
            member.foreach_set(values)
        except (TypeError, RuntimeError, AttributeError) as error:
            raise translated(error, self.leaf, 0, 1) from error
        id_ = self.leaf.path.root.find()
        if hasattr(id_, "update"):
            id_.update()
        id_.update_tag()

    def _member(self):
        member = getattr(self.leaf.path.follow(), self.leaf.property.identifier)
        if len(member) != self._count:
            raise ShapeChangedError(f"{self.leaf.path}.{self.leaf.property.identifier} had {self._count} "
                                    f"values when the context was entered and has {len(member)} now")
        return member


def _compare(leaf, coll):
    prop = leaf.property
    if not leaf.rows.length:
        return True
    values = memoryview(_core.allocate((leaf.rows.length * prop.length,), FORMAT[buffer_scalar(prop)], None))
    try:
        coll.foreach_get(prop.identifier, values)
    except (TypeError, RuntimeError, AttributeError):
        return False
    for i in spread(leaf.rows.length):
        found = values[i * prop.length : (i + 1) * prop.length].tolist()
        wanted = numbers(leaf, coll[i])
        if not all(a == b or a != a and b != b for a, b in zip(found, wanted)):
            return False
    return True
