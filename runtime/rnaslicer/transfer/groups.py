# runtime/rnaslicer/transfer/groups.py: the direct route of scripts' properties, in collections of their groups.
"""Each value lies for itself, so a table of addresses is filled anew for each call (layout/groups.py). Where bpy's setter
does more than to store (it makes a value that a group has not yet, calls a script, marks as set) each element is
assigned, as on the foreach route. Else the kernel stores, after one assignment by bpy, which would refuse what bpy
does not allow."""

import array
import math

from .. import _core
from ..blender.callbacks import has_callbacks
from ..blender.rna import describe, find
from ..errors import SlicerError, StorageChanged
from ..basis.records import replace
from ..layout.leaf import Components, Rows, View, path_key
from ..layout.places import Where
from ..layout.storage import FORMAT
from .direct import DirectRoute
from .element import numbers, read, rna_value
from .foreach import ForeachRoute, flat, other_bits
from .kernels.dense import Dense
from .kernels.lowering import lower, packed
from .kernels.mover import Mover
from .writing.noticing import finish, reassign
from .writing.permission import translated

_whole = set()  # (path key, layout) of which all values of a collection were what bpy gives
_mixed = set()  # the same, root and steps of collections of which they were not
_stored = set()  # path key, layout and range of which the kernel was seen to store what bpy's assignment stores
_MOST = 1024  # of each: scripts may register classes without end
_LARGEST = 3.4028234663852886e38  # of floats


class GroupRoute(DirectRoute):
    """A kernel on the values of groups of ID properties."""

    composed = True

    def __init__(self, leaf, view, layout):
        prop = leaf.property
        if prop.value == "f32" and prop.clamp is None:  # bpy clamps what scripts register in any case
            prop = prop._replace(clamp=(-_LARGEST, _LARGEST))
        super().__init__(replace(leaf, property=prop), view, layout)
        self.asked = leaf
        self.probes = True  # the first assignment by bpy may come after a walk that ends on another route
        # The walk puts the values side by side: going to each a second time took as long as the walk.
        rows = Rows(self.leaf.rows.count, 0, 1, self.leaf.rows.count)
        storage = packed(self.leaf.property, layout.place.kind.scalar)
        self.packed = Mover(lower(replace(self.leaf, rows=rows), view, storage))
        self._is_told = False  # that bpy's value is the default where none is set
        self._seen = None  # of the property, when it was last seen to be as the leaf says

    @staticmethod
    def agrees(leaf, coll, layout):
        """Whether memory has all that bpy gives; asked once a session for each layout."""
        key = path_key(leaf, coll), layout
        if key in _whole:
            return True
        mixed = *key, leaf.path.root, leaf.path.steps
        if mixed in _mixed:
            return False
        is_whole = _is_whole(leaf, coll, layout)
        verdicts = _whole if is_whole else _mixed
        if len(verdicts) >= _MOST:
            verdicts.clear()
        verdicts.add(key if is_whole else mixed)
        return is_whole

    @property
    def kernel(self):
        """The kernel of refreshes."""
        return self.packed.kernel

    @property
    def updating(self):
        """The kernel of updates."""
        return self.mover.kernel

    def follow(self):
        """The collection now, with the length, types and property that it had at enter."""
        coll = super().follow()
        self._same_property(coll)
        return coll

    def _same_property(self, coll):
        """Raises StorageChanged where the property was registered anew, with functions or with another range."""
        seen = self.kinds.registered
        if seen is self._seen or not len(coll):
            return
        rna, name = type(coll[0]).bl_rna, self.leaf.property.identifier
        self._is_told = False
        if has_callbacks(find(rna, name)) or describe(rna, name).clamp != self.asked.property.clamp:
            raise StorageChanged(f"{self.leaf.property.name} was registered anew")
        self._seen = seen

    def _to_write(self, coll, spans, alike=-1):
        """Where the values of a region's rows lie now, to be written."""
        rows = self.leaf.rows
        found = self.layout.place.values(coll, rows, spans[0] if spans else (0, 1, rows.count), True, alike)
        return Where(addresses=found.addresses)

    def _selected(self, addresses):
        return addresses  # of the selected rows, in their order

    def refresh(self, cache, region):
        """Blender to cache."""
        nothing, spans = self.spans(region)
        coll = self.follow()
        if not nothing:
            self._read(cache, coll, spans)

    def _read(self, cache, coll, spans):
        rows, place = self.leaf.rows, self.layout.place
        values = _core.allocate((rows.count * self.leaf.property.length,), FORMAT[place.kind.scalar], None)
        found = place.values(coll, rows, spans[0] if spans else (0, 1, rows.count), False, out=values)
        if found.absent >= 0 and not self._is_told:
            place.check_default(coll, rows, found)
            self._is_told = True
        prop = self.leaf.property
        items = find(coll[0].bl_rna, prop.identifier).enum_items if prop.is_flag else None
        if items and _core.int_bits(values) & other_bits(items, prop.value):
            read(self.asked, coll, Dense(self.asked, self.view, spans), cache)  # what was registered before had more items
        else:
            self.packed.refresh(cache, values, spans)

    def update(self, cache, region):
        """Cache to Blender: by the kernel and one assignment, else by one assignment for each element."""
        nothing, spans = self.spans(region)
        coll = self.follow()
        if not nothing and not self._written(coll, cache, spans):
            ForeachRoute(self.asked, self.view).update(cache, region)

    def _written(self, coll, cache, spans):
        """Whether the kernel could write. Where bpy refuses, nothing was written."""
        row = spans[0][0] if spans else 0  # bpy counts to an element's index: none near the end
        at = self.leaf.rows.at(row)
        if not self._may_store(coll[at], spans):
            return False
        try:
            whole = reassign(self.leaf, coll[at])
            coll = self.again(coll)
            if not self._stores(coll, cache, spans, row):
                return False
            coll = self.again(coll)
            where = self._to_write(coll, spans, row)
        except StorageChanged:
            return False
        self.run(self.mover.update, cache, coll, where, spans)
        finish(self.leaf, coll, at, whole)
        return True

    def _may_store(self, element, spans):
        """Whether the kernel and an assignment to one element leave the same as an assignment to each. Not always: bpy also
        clamps a vector's other components, clamps nothing of a Matrix, and refuses elements whose number is no item."""
        prop, axes, lanes = self.leaf.property, self.leaf.axes[1:], self.leaf.components.flat
        if prop.is_matrix and not prop.is_flat:
            return False
        if prop.type == "ENUM":
            return prop.is_flag or getattr(element, prop.identifier) != ""
        is_all = math.prod(axes) == prop.length and len(set(lanes)) == len(lanes) and (
            not spans or tuple(spans[1:]) == tuple((0, 1, extent) for extent in axes))
        return is_all or prop.clamp is None

    def _stores(self, coll, cache, spans, row):
        """Whether the kernel stores in a row of the region what bpy's assignment stores there: seen once a session, on
        the values that are to be written."""
        leaf = self.leaf
        _, key = stored(self, coll)
        if key not in _stored:
            every = spans or tuple((0, 1, extent) for extent in leaf.axes)
            one = ((row, 1, 1), *every[1:])
            dense, element, name = Dense(leaf, self.view, one), coll[leaf.rows.at(row)], leaf.property.identifier
            try:
                setattr(element, name, rna_value(leaf, element, dense.components, dense.values_of(cache).tolist()))
            except (AttributeError, TypeError, ValueError, RuntimeError) as error:
                raise translated(error, leaf, 0, 1) from error
            coll, seen = self.again(coll), []
            for _ in range(2):
                where = self._to_write(coll, one)
                span = self.layout.storage.span(leaf.property.length)
                seen.append(_core.read_memory(memoryview(where.addresses)[row], span))
                self.run(self.mover.update, cache, coll, where, one)
            if seen[0] is None or seen[0] != seen[1]:
                return False
            if len(_stored) >= _MOST:
                _stored.clear()
            _stored.add(key)
        return True


def stored(route, coll):
    """(keys of what was seen to be stored as bpy stores it, that of a route's values)."""
    return _stored, (path_key(route.leaf, coll), route.layout, route.leaf.property.clamp)


def _is_whole(leaf, coll, layout):
    """Whether memory has what bpy gives, in every element and component; in bulk where its bulk call is right."""
    prop, length = leaf.property, len(coll)
    rows = Rows(length, 0, 1, length)
    places = (("own", 0),) * (2 if prop.dims else 1)
    shape = (prop.length,) if prop.dims else ()
    every = replace(leaf, rows=rows, components=Components(0, (), shape, tuple(range(prop.length))), place=places)
    view = View((length, *shape), prop.value, (every,), ())
    theirs, ours = (_core.allocate((length * prop.length,), FORMAT[prop.value], None) for _ in range(2))
    try:
        if ForeachRoute.agrees(leaf, coll):
            coll.foreach_get(prop.identifier, flat(theirs, prop))
        else:
            theirs[:] = array.array(FORMAT[prop.value], [value for one in coll for value in numbers(leaf, one)])
        where = layout.place.values(coll, rows, (0, 1, length), False)
    except (AttributeError, TypeError, RuntimeError, SlicerError):
        return False
    Mover(lower(every, view, layout.storage)).refresh(ours, 0, tables=(where.addresses,))
    return bytes(theirs) == bytes(ours)
