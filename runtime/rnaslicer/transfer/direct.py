# runtime/rnaslicer/transfer/direct.py: the direct route: a kernel on Blender's own memory.
"""Addresses are asked of bpy right before each copy and forgotten after it."""

import array
import struct

from .. import _core, discovery
from .kernels.dense import Dense
from .element import rna_value, write
from ..errors import StorageChanged
from ..basis.records import replace
from .foreach import EnumRoute, ForeachRoute
from ..layout.storage import FORMAT, Storage
from .kernels.lowering import lower
from .kernels.mover import Mover
from ..layout.places import Attribute, Linked
from ..layout.elsewhere import Layer
from ..layout.values import as_fractions, lookup_tables, target_array
from ..blender.rna import find
from .routes import Route
from .scripts import may_run
from .writing.bulk import hears_nobody, may_be_bulk
from .writing.checks import topology
from .writing.noticing import finish, may_derive, notice, reassign
from .writing.permission import translated
from .writing.ready import OF_LAYERS

# (element type, property, type) of lists -> whether the kernel was seen to store what bpy's assignment stores.
AS_ASSIGNED = {}

_PART = 4096  # values that are compared at once


class DirectRoute(Route):
    """A kernel between the cache and values whose layout is proven."""

    name = "direct"
    by_memory = same_storage = True

    def __init__(self, leaf, view, layout):
        coll, asked = leaf.path.follow(), leaf
        if topology(leaf, coll) is not None:  # checked before; what passes is in range
            leaf = replace(leaf, property=leaf.property._replace(clamp=None))
        storage = as_fractions(layout.storage) if view.item == "u8 normalized" else layout.storage
        super().__init__(leaf, view, storage)
        self.asked = asked
        self.layout = layout
        self.lookups = lookups(storage)
        self.absent = layout.place.default is not None and layout.place.array(coll) is None  # its default was proven,
        self.beside = self.absent and _has_namesake(layout.place, coll)  # beside a layer that 5.x converts
        # The first write, of an element's own value, tells as well, unless something is made ready before.
        self.probes = (not layout.storage.writes or leaf.element in OF_LAYERS or isinstance(layout.place, Linked))
        self.assigns = isinstance(layout.place, Linked) or not layout.storage.writes
        self._constant = None  # made when a layer is missing
        self._addresses = None  # of a list's elements when last seen: they guide the next walk

    def written_by(self):
        """How bpy takes part in an update beyond an assignment or two: a key of inspection/seen.py; '' for not."""
        if self.leaf.property.readonly:
            return ""
        if isinstance(self.layout.place, Layer):
            return "written in bulk"
        if not self.layout.storage.writes or isinstance(self.layout.place, Linked) and not may_be_bulk(self.leaf):
            return "assigned each"
        return ""

    def same_length(self, reached):
        """The length of a list is compared by walking it, not by counting first."""
        if not isinstance(self.layout.place, Linked):
            super().same_length(reached)

    def where(self, coll, writing):
        """Where the values lie now; None if a layer is missing that would hold them."""
        place, storage = self.layout.place, self.layout.storage
        if not isinstance(place, Linked):
            found = place.find(coll, storage, writing, self.leaf.rows.length)
            # Else nothing has compared the default with bpy's values yet.
            if found is None and (not self.absent or _has_namesake(place, coll) != self.beside):
                raise StorageChanged(f"{place!r} of {self.leaf.path} is gone")
            return found
        where = place.find(coll, storage, writing, self.leaf.rows.length, self._addresses)
        self._addresses = where.addresses
        return where

    def run(self, move, cache, coll, where, spans):
        """Calls `mover.refresh` or `mover.update` with what the storage needs."""
        storage, tables, target = self.layout.storage, None, None
        if where.addresses is not None:
            tables = (self._selected(where.addresses),) + (None,) * len(self.leaf.components.loops)
        if storage.through:
            target = target_array(coll, storage.through)
        move(cache, where.address, spans, tables=tables, lookups=self.lookups, target=target)

    def _selected(self, addresses):
        rows, hop = self.leaf.rows, self.layout.storage.hop
        if not (rows.is_all and rows.table is None and rows.step == 1):
            addresses = array.array("q", [addresses[i] for i in rows.indices()])
        if hop is not None:
            addresses = _core.follow_pointers(addresses, hop)
            if addresses is None:
                raise StorageChanged(f"{self.leaf.path}: an element lacks what its values lie behind")
        return addresses

    def refresh(self, cache, region):
        """Blender to cache."""
        nothing, spans = self.spans(region)
        if nothing:
            coll = self.follow()
            self.leaf.check_length(coll)
            return
        coll = self.follow()
        where = self.where(coll, writing=False)
        if where is None:
            mover, value = self._default()
            mover.refresh(cache, value, spans)
        else:
            self.run(self.mover.refresh, cache, coll, where, spans)

    def _default(self):
        """(mover, buffer) that give each element the value of a missing layer."""
        if self._constant is None:
            scalar = self.leaf.property.value
            storage = Storage(scalar, 0, 0)
            value = bytearray(struct.pack(FORMAT[scalar], self.layout.place.default))
            self._constant = Mover(lower(self.leaf, self.view, storage)), value
        return self._constant

    def update(self, cache, region):
        """Cache to Blender, between two assignments through bpy (writing/noticing.py)."""
        nothing, spans = self.spans(region)
        coll = self.leaf.path.follow()
        self.same_type(coll)
        if not nothing and isinstance(self.layout.place, Linked):
            if not self._written_at_once(coll, cache, spans):
                self.held = write(self.leaf, coll, self.dense(spans), cache, self.held)  # it compares their number
            return
        self.leaf.check_length(coll)
        if nothing:
            return
        # hazards.NORMAL_SETTER. What divides corners and points is bpy's to store.
        if isinstance(self.layout.place, Layer) or topology(self.leaf, coll) == "":
            ForeachRoute(self.leaf, self.view).update(cache, region)
            return
        if not self.layout.storage.writes and self.leaf.property.type == "ENUM" and (
                self.layout.storage.stride is not None and ForeachRoute.agrees(self.leaf, coll)):
            # A setter that does more (Bezier handle types move handles) does it for all points each time.
            items = find(coll[0].bl_rna, self.leaf.property.identifier).enum_items
            EnumRoute(self.leaf, self.view, items).update(cache, region)
            return
        if not self.layout.storage.writes or self._beyond(cache, spans):
            write(self.leaf, coll, Dense(self.leaf, self.view, spans), cache)
            return
        at = self.leaf.rows.at(spans[0][0] if spans else 0)
        whole = reassign(self.leaf, coll[at])
        coll = self.again(coll)
        where = self.where(coll, writing=True)
        if where is None and self._create(cache, spans):
            coll = self.again(coll)
            where = self.where(coll, writing=True)
            if where is None:
                raise StorageChanged(f"{self.layout.place!r} of {self.leaf.path} is not to be found by its name")
        if where is not None:
            self.run(self.mover.update, cache, coll, where, spans)
        finish(self.leaf, coll, at, whole)

    def _written_at_once(self, coll, cache, spans):
        """Has the kernel write the elements of a list, and bpy assign the last one, where that leaves what assigning
        each leaves (writing/bulk.py). False if nothing was done."""
        leaf = self.leaf
        if not self.layout.storage.writes or not may_be_bulk(leaf):
            return False
        where = self.where(coll, writing=True)  # it compares the length by walking
        every = spans or tuple((0, 1, extent) for extent in leaf.axes)
        start, step, count = every[0]
        at = leaf.rows.at(start + step * (count - 1))
        element = coll[at]
        if may_run(leaf, element) or not hears_nobody(leaf, element, self.kinds.seen(element), where.addresses):
            return False
        key = leaf.element, leaf.property.identifier, type(element)
        if key not in AS_ASSIGNED:
            AS_ASSIGNED[key] = self._as_assigned(cache, every, at)
            coll = self.follow()
            element, where = coll[at], self.where(coll, writing=True)
        if not AS_ASSIGNED[key]:
            return False
        self.run(self.mover.update, cache, coll, where, spans)
        notice(leaf, element)
        return True

    def _as_assigned(self, cache, spans, at):
        """Whether the kernel stores in the last element of a region, at `at`, what bpy's assignment stored there:
        once a session, as discovery saw it."""
        leaf, storage = self.leaf, self.layout.storage
        start, step, count = spans[0]
        one = ((start + step * (count - 1), 1, 1), *spans[1:])
        dense, element, name = Dense(leaf, self.view, one), self.follow()[at], leaf.property.identifier
        try:
            setattr(element, name, rna_value(leaf, element, dense.components, dense.values_of(cache).tolist()))
        except (AttributeError, TypeError, ValueError, RuntimeError) as error:
            raise translated(error, leaf, 0, 1) from error
        coll = self.follow()
        where, seen = self.where(coll, writing=True), []
        for _ in range(2):
            address = where.addresses[at]
            if storage.hop is not None:
                address = int.from_bytes(_core.read_memory(address + storage.hop, 8), "little")
            seen.append(_core.read_memory(address + storage.offset, storage.span(leaf.property.length)))
            self.run(self.mover.update, cache, coll, where, one)
        return seen[0] is not None and seen[0] == seen[1]

    def again(self, coll):
        """The collection after a write, as long as before: a layer that bpy adds may move the one that it
        belongs to, but no datablock."""
        if not self.leaf.of_root:
            return self.follow()
        self.leaf.check_length(coll)
        return coll

    def _beyond(self, cache, spans):
        """Whether integers in a layer found by its name are outside the range that RNA declares, and it is not
        known that bpy's setter clamps them to it, as the kernel would (hazards.UNCLAMPED)."""
        prop, known = self.leaf.property, discovery.known()
        if prop.clamp is None or prop.value != "i32" or not isinstance(self.layout.place, Attribute):
            return False
        if known is not None and f"{self.leaf.element}.{prop.identifier}" in known.clamped:
            return False
        low, high = _core.int_range(self.integers(cache, spans, ("i32", "i64")))
        return low < prop.clamp[0] or high > prop.clamp[1]

    def _create(self, cache, spans):
        """Has bpy's own setter make the missing layer, by the first value that is not its default. False if
        there is no such value, so that nothing is to be written."""
        dense = Dense(self.leaf, self.view, spans)
        values, default = dense.values_of(cache), self.layout.place.default
        at = _first_other(values, default)
        if at is None:
            return False
        if not may_derive(self.leaf, self.follow()[0].id_data):  # assigning would have it evaluated
            ForeachRoute(self.leaf, self.view).store(cache, spans)
            return False
        coll, width = self.follow(), len(dense.components)
        row = dense.rows[at // width]
        part = values[at // width * width : (at // width + 1) * width]
        setattr(coll[row], self.leaf.property.identifier,
                rna_value(self.leaf, coll[row], dense.components, part))
        return True


def _first_other(values, usual):
    """Index of the first value that is not the usual one, or None."""
    same = struct.pack(values.format, usual)
    for start in range(0, len(values), _PART):
        part = values[start : start + _PART]
        if part.tobytes() != same * len(part):
            for i, value in enumerate(part, start):
                if value != usual:
                    return i
    return None


def lookups(storage):
    """The `_core.Lookup` of each table that a storage's lanes number, or None."""
    if not storage.lookups:
        return None
    tables = lookup_tables(storage)
    return tuple(_lookup(*tables[name]) for name in storage.lookup_names)


def _lookup(decode, thresholds, nan):
    return _core.Lookup(array.array("f", decode), array.array("f", thresholds), nan)


def _has_namesake(place, coll):
    """Whether a layer of another kind has the name of one that is missing."""
    names = place.named(coll) if isinstance(place, Attribute) else None
    attributes = getattr(coll.id_data, "attributes", ())
    return any(name in attributes for name in names or ())
