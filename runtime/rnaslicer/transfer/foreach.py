# runtime/rnaslicer/transfer/foreach.py: the foreach route: bpy's bulk call, plus a kernel where shapes differ.
"""Whole collections are read by foreach_get, whole arrays written by foreach_set. A region is written
element by element, so that only the region moves, and so are lists (see ForeachRoute.update)."""

import copy
import functools
import math
import operator

from .. import _core
from .kernels.dense import Dense
from .element import ElementRoute, given, numbers, read, rna_value, write
from ..errors import ShapeChangedError, SlicerError
from ..basis.records import replace
from ..supplier.identity import MainRoot, Path
from ..supplier.several import Listed, Several
from ..layout.storage import FORMAT, SIZE
from .kernels.lowering import bytes_before, is_packed_copy, packed
from .kernels.mover import move
from ..layout.elsewhere import Layer
from ..layout.places import sampled
from ..layout.leaf import path_key
from ..blender.hazards import frees_elements, may_free
from ..blender.rna import dynamic_dims, find
from .routes import EmptyRoute, Route
from .writing import partitions
from .writing.checks import topology
from .writing.noticing import may_derive, reassign, settle
from .writing.ready import is_assigned
from .writing.permission import let_write, probe_writing, translated

_agreed = {}
_LARGEST = 300  # bytes of an element; mask points have 272
_FEW = 16  # reading fewer than 1/16 of the rows one by one beats a foreach_get of all


def buffer_scalar(prop):
    """The element type with which foreach_get needs no conversion (bpy_rna.cc: the declared raw
    type, else by kind of property)."""
    if prop.raw is None or prop.type == "BOOLEAN":
        return prop.value
    return prop.storage_scalar


def flat(buffer, prop):
    """A buffer as foreach_get takes it without conversion."""
    return _core.Flat(buffer, flat_format(prop))


def flat_format(prop):
    """The format that foreach_get wants to hear of. Whether that is a signed one depends on the subtype and the declared
    type, not on the values."""
    declared = prop.value if prop.raw is None or prop.type == "BOOLEAN" else prop.raw.scalar
    format = FORMAT[declared]
    return format.upper() if prop.unsigned and declared[0] == "i" else format


def agreed():
    """(path key, whether foreach_get gave what getattr gives) of all that was compared in this session."""
    return list(_agreed.items())


def are_asked(routes):
    """Whether bpy's foreach_get tells the values of routes (composed/asked.py); some may have nothing to move."""
    return all(type(route) in (ForeachRoute, EnumRoute, EmptyRoute) for route in routes) and any(
        type(route) is not EmptyRoute for route in routes)


def are_ones(routes):
    """Whether bpy moves the values of the only element of one collection, or of a list, which native code may follow as it
    does a struct (own/single.py)."""
    return bool(routes) and all(type(route) in (ForeachRoute, EnumRoute, ElementRoute) and _is_one(route.leaf, route.view)
                                for route in routes)


def _is_one(leaf, view):
    rows, place = leaf.rows, leaf.place[:1]
    if rows is None:  # of a list each struct has a leaf of its own, or all have one
        return place == (("fixed", 0),) and view.shape[0] == 1
    return (type(leaf.path) in (Path, Several, Listed) and rows.length == 1 and rows.table is None and rows.is_all
            and place == (("own", 0),) and not _frees(leaf))


def _frees(leaf):
    """Whether bpy's bulk call is the only one that reads memory which Blender has not freed."""
    return may_free(leaf.path.steps) and frees_elements(leaf.path, leaf.path.follow())


def are_arrays(routes):
    """Whether a route is for the array of one struct, or all are for instances: native code may follow (own/arrays.py)."""
    return len(routes) == 1 and type(routes[0]) is ArrayRoute or {route.leaf.moved_by for route in routes} == {"instances"}


class Bulk(Route):
    """A route that moves whole values through one packed buffer."""

    name = "foreach"

    def __init__(self, leaf, view, scalar):
        self.scalar = scalar
        super().__init__(leaf, view, packed(leaf.property, self.scalar))
        self.straight = is_packed_copy(leaf, view, self.scalar)
        length = leaf.rows.length if leaf.rows is not None else 1
        self._count = length * leaf.property.length

    def buffer(self):
        """A packed buffer for all values, from the pool."""
        return _core.allocate((self._count,), FORMAT[self.scalar], None)

    def covers_components(self):
        """True if the leaf names every component of each value."""
        comps = self.leaf.components
        named = math.prod(loop.count for loop in comps.loops) * len(set(comps.flat))
        return named == self.leaf.property.length and all(loop.table is None for loop in comps.loops)


class ForeachRoute(Bulk):
    """foreach_get and foreach_set of one property of a collection."""

    same_storage = True

    def __init__(self, leaf, view):
        scalar, asked = buffer_scalar(leaf.property), leaf
        if leaf.property.raw is None and not leaf.property.dims:
            # A setter of its own clamps as it likes (ShapeKey.value: to its sliders). Where there is
            # none, foreach_set may store unclamped; and it never clamps arrays, as assigning does.
            leaf = replace(leaf, property=leaf.property._replace(clamp=None))
        super().__init__(leaf, view, scalar)
        self.asked, self.assigns = asked, leaf.property.runtime
        in_main_list = isinstance(leaf.path.root, MainRoot) and len(leaf.path.steps) == 1
        self.has_slots = not in_main_list and (not leaf.exact or leaf.element.endswith("Slot"))  # which may be empty

    @staticmethod
    def agrees(leaf, coll):
        """True if foreach_get gives what getattr gives; asked once per path type in a session (and once more of what may
        not be written: hazards.FOREACH_LINKED_ENUMS), each time of elements of several types."""
        if frees_elements(leaf.path, coll):
            return True  # with what could it be compared?
        if not leaf.uniform:
            return _compare(leaf, coll)
        key = path_key(leaf, coll)
        if leaf.property.type == "ENUM" and len(coll) and coll[0].is_property_readonly(leaf.property.identifier):
            key = *key, "readonly"
        if key not in _agreed:
            _agreed[key] = _compare(leaf, coll)
        return _agreed[key]

    def refresh(self, cache, region):
        """Blender to cache."""
        nothing, spans = self.spans(region)
        if nothing:
            self.follow()
        elif spans is not None and spans[0][2] * _FEW < self.leaf.rows.length and not _frees(self.leaf):
            read(self.leaf, self.follow(), Dense(self.leaf, self.view, spans), cache)
        elif self.straight and spans is None:
            self.get(cache)
        else:
            values = self.buffer()
            self.get(values)
            self.mover.refresh(cache, values, spans)

    def get(self, values):
        """foreach_get of the whole collection; ShapeChangedError if its length is another now."""
        # foreach_get fills what fits: too few elements go unnoticed, too many only at the end.
        coll = self.follow()
        if self.has_slots and None in coll.values():  # hazards.FOREACH_SKIPS_NONE
            raise ShapeChangedError(f"{self.leaf.path}[{coll.values().index(None)}] is None now, so that bpy's "
                                    "foreach_get would give it the values of the next")
        try:
            coll.foreach_get(self.leaf.property.identifier, flat(values, self.leaf.property))
        except (AttributeError, TypeError, RuntimeError) as error:
            raise ShapeChangedError(f"bpy cannot read {self.leaf.path} in bulk any more: {error}") from error

    def update(self, cache, region):
        """Cache to Blender. Only arrays are written in bulk: in lists and tables setters and update
        callbacks matter (Lattice.points_u), and some elements may be read-only. Nor are properties that
        a script registered: foreach_set leaves out their update callbacks."""
        nothing, spans = self.spans(region)
        coll = self.follow()
        if nothing:
            return
        rows = self.leaf.rows
        if not self.leaf.property.runtime and not may_derive(self.leaf, coll[0].id_data):
            self.store(cache, spans)
            return
        if spans is not None or self.leaf.property.runtime or not rows.is_all or not is_array(coll):
            self.held = write(self.leaf, coll, self.dense(spans), cache, self.held)
            return
        name = self.leaf.property.identifier
        values = self.buffer()
        if not self.covers_components():
            self.get(values)
        self.mover.update(cache, values)
        reassign(self.leaf, coll[0])  # bpy may refuse writes here: before anything is written
        try:
            self.follow().foreach_set(name, flat(values, self.leaf.property))
        except (TypeError, RuntimeError, AttributeError) as error:
            raise translated(error, self.leaf, 0, rows.length) from error
        # Not its own value again: a setter that rounds (color_srgb) would round twice.
        coll = self.follow()
        if may_derive(self.leaf, coll[0].id_data):
            count = self.leaf.property.length
            first = self.leaf, coll[0], range(count), values[:count].tolist()
            setattr(coll[0], name, rna_value(*first))
            settle(self.leaf, coll)


    def store(self, cache, spans):
        """Cache to Blender by foreach_set alone, which tags and updates nothing: geometry is not whole yet."""
        coll = self.follow()
        let_write(self.leaf, coll[0].id_data)
        values = self.buffer()
        self.get(values)
        self.mover.update(cache, values, spans)
        try:
            self.follow().foreach_set(self.leaf.property.identifier, flat(values, self.leaf.property))
        except (TypeError, RuntimeError, AttributeError) as error:
            raise translated(error, self.leaf, 0, self.leaf.rows.length) from error
        settle(self.leaf, self.follow())  # these values may have made it whole


def is_array(coll):
    """True if the elements look like one block of memory. Allocations of a list may lie in a row, too
    (hazards.BONES_IN_A_ROW): no array has elements so large, nor begins them with a pointer to
    the next."""
    count = len(coll)
    if count < 8:
        return False
    base, second = coll[0].as_pointer(), coll[1].as_pointer()
    stride = second - base
    if not 0 < stride <= _LARGEST or _core.read_memory(base, 8) == second.to_bytes(8, "little"):
        return False
    return all(coll[i].as_pointer() - base == i * stride for i in (2, count // 2, count - 2, count - 1))


class ArrayRoute(Bulk):
    """A dynamic array of one struct, such as image.pixels, through its own bulk calls. They know
    int32 and float32 only (bpy_rna_array.cc)."""

    may_enter_again = all_is_told = True

    def __init__(self, leaf, view):
        super().__init__(leaf, view, leaf.property.value)

    def copied(self):
        """One for another context, which may change it."""
        route = copy.copy(self)
        route.kinds = copy.copy(self.kinds)
        return route

    def enter_again(self, cache):
        """Fills a cache as the first refresh does, in another context than the route was chosen in. False, or an error,
        where choosing one might give another now: the struct's class, its array's length and dimensions are asked for."""
        self.refresh(cache, None)
        return True

    def same_length(self, reached):
        """The struct's array must have the length it had at enter."""
        self._member()

    def _flat(self, buffer):
        return _core.Flat(buffer, FORMAT[self.scalar])

    def refresh(self, cache, region):
        """Blender to cache."""
        nothing, spans = self.spans(region)
        member = self._member()
        if nothing:
            return
        if self.straight and spans is None:
            member.foreach_get(self._flat(cache))
        else:
            values = self.buffer()
            member.foreach_get(self._flat(values))
            self.mover.refresh(cache, values, spans)

    def update(self, cache, region):
        """Cache to Blender; the rest of the array is written back as it was."""
        nothing, spans = self.spans(region)
        member = self._member()
        if nothing:
            return
        probe_writing(self.leaf, self.leaf.path.follow())
        values = cache
        if spans is not None or not self.straight or memoryview(cache).readonly:  # bpy takes no buffer that it could not write
            values = self.buffer()
            if spans is not None or not self.covers_components():
                member.foreach_get(self._flat(values))
            self.mover.update(cache, values, spans)
        try:
            member.foreach_set(self._flat(values))
        except (TypeError, RuntimeError, AttributeError) as error:
            raise translated(error, self.leaf, 0, 1) from error
        settle(self.leaf, self.leaf.path.follow())

    def _member(self):
        struct = self.leaf.path.follow()
        self.same_type(struct)
        member = getattr(struct, self.leaf.property.identifier)
        dims = self.leaf.property.dims
        if len(member) != self._count or dynamic_dims(struct, self.leaf.property.identifier,
                                                      len(dims) == 1) != dims:
            raise ShapeChangedError(f"{self.leaf.path}.{self.leaf.property.identifier} had {self._count} "
                                    f"elements when the context was entered and has {len(member)} now; enter again")
        return member


def _compare(leaf, coll):
    prop, length = leaf.property, leaf.rows.length
    if not length:
        return True
    values = _core.allocate((length * prop.length,), FORMAT[buffer_scalar(prop)], None)
    raw = memoryview(values).cast("B")
    # Twice, over different bytes: hazards.FOREACH_SMALL_ENUMS.
    for sentinel in (b"\x55", b"\xaa"):
        raw[:] = sentinel * len(raw)
        try:
            coll.foreach_get(prop.identifier, flat(values, prop))
            for i in sampled(leaf, coll):
                found = values[i * prop.length : (i + 1) * prop.length].tolist()
                wanted = numbers(leaf, coll[i])
                if not all(a == b or a != a and b != b for a, b in zip(found, wanted)):
                    return False
        except (AttributeError, TypeError, RuntimeError, SlicerError):
            return False
    return True


def other_bits(items, scalar):
    """The bits of an enum's word that none of its items has: bpy's getter hides such."""
    own = functools.reduce(operator.or_, (item.value for item in items), 0)
    return ~own & (1 << 8 * SIZE[scalar]) - 1


class EnumRoute(ForeachRoute):
    """The foreach route of an enum whose word in memory may hold other bits too, as long as none of these is set.

    foreach reads and writes the whole stored word (rna_access.cc, raw arrays), while bpy's getter masks it
    (hazards.FOREACH_ENUM_WORD). So each bulk call is checked: where another bit is set bpy moves the values one by one.
    """

    def __init__(self, leaf, view, items):
        super().__init__(leaf, view)
        self.others = other_bits(items, self.scalar)
        self._one_by_one = ElementRoute(leaf, view)

    def refresh(self, cache, region):
        """Blender to cache."""
        nothing, spans = self.spans(region)
        if nothing:
            self.follow()
            return
        values = self.buffer()
        self.get(values)
        if _core.int_bits(values) & self.others:
            self._one_by_one.refresh(cache, region)
        else:
            self.mover.refresh(cache, values, spans)

    def update(self, cache, region):
        """Cache to Blender."""
        values = self.buffer()
        self.get(values)
        if _core.int_bits(values) & self.others:
            self._one_by_one.update(cache, region)
        else:
            super().update(cache, region)


def array_of(route, view, axes=0):
    """What `_core.Trail` reads of an array that bpy fills, and that it takes, for a foreach route."""
    leaf, prop = route.leaf, route.leaf.property
    stride = SIZE[route.scalar] * prop.length
    how = move(route.mover, route, stride)
    how["cache_offset"] -= bytes_before(leaf, view, axes)
    return {"move": how, "stride": stride, "width": prop.length, "format": FORMAT[route.scalar], "flat": flat_format(prop),
            "others": getattr(route, "others", 0), "is_enum": prop.type == "ENUM",
            "is_covered": route.covers_components()}


def given_direct(route, coll, axes):
    """(what bpy writes one by one, what it writes at once) of a direct route whose kernel may not write; None for what is
    for the routes."""
    import bpy

    leaf, view, storage = route.leaf, route.view, route.layout.storage
    divides = partitions.kept_by(leaf, coll) if topology(leaf, coll) == "" and view.scalar == "i32" else None
    if (storage.writes and divides is None or isinstance(route.layout.place, Layer) or isinstance(coll.id_data, bpy.types.NodeTree)
            or coll.id_data is None or type(coll.id_data).__name__.startswith("Grease") or not leaf.path.root.in_main
            or not is_assigned(leaf, coll, readies=True, divides=divides is not None)):
        return None, None
    found = given(leaf, view, coll[0], axes)
    if found is not None and divides is not None:
        found["divides"] = divides
        may_derive(leaf, coll.id_data)  # looks, and so learns: later on that would end the trail
        return (found, array_of(ForeachRoute(leaf, view), view, axes)) if ForeachRoute.agrees(leaf, coll) else (None, None)
    if found is None or leaf.property.type != "ENUM" or not ForeachRoute.agrees(leaf, coll):
        return found, None
    return found, array_of(EnumRoute(leaf, view, find(coll[0].bl_rna, leaf.property.identifier).enum_items), view, axes)
