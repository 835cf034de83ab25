# runtime/rnaslicer/transfer/composed/gather.py: the route of values that are reached through indices.
"""Moves a `GatherLeaf` (expression/gather.py): the indices by a route of their own or where they lie, the values by a
plan that goes through them. An update scatters; of several indices that are the same the last in C order wins."""

import array
import math

from ... import _core
from ...errors import ValueRangeError
from ...basis.records import replace
from ...layout.leaf import Rows, View
from ...layout.places import Attribute, Linked
from ...layout.storage import FORMAT, SIZE, Storage, strides_of
from ...layout.elsewhere import Layer
from ..direct import DirectRoute
from ..kernels.lowering import Lowered, cache_strides, head, lane_offsets
from ..kernels.mover import Mover
from ..routes import Route
from ..writing.checks import topology
from ..writing.noticing import finish, reassign

_INDEX = 4  # bytes
_MOST_LANES = 16


class GatherRoute(Route):
    """Indices and target have routes of their own; here is what lies between them."""

    composed = leads = True

    def __init__(self, leaf, view, choose):
        super().__init__(leaf, view, None)
        index = choose(leaf.index, View(leaf.index.axes, "i32", (leaf.index,), ()))
        target = choose(leaf.target, View(leaf.target.axes, leaf.property.value, (leaf.target,), ()))
        self._stand_between(index, target, choose)

    def _stand_between(self, index, target, choose):
        self.index, self.target, self.choose = index, target, choose
        self.name = target.name
        self._movers = {}
        walk = self.walk()
        self._last = self.mover_to(self.storage(), walk and walk[1])
        if self.storage() is not None:  # a trail may do the same (gathered.py)
            self.absent = self.target.absent

    @property
    def kernel(self):
        """The kernel that goes through the indices in a refresh."""
        return self._last.kernel

    def parts(self):
        """Those of the indices and of what they name."""
        return self.index, self.target

    def own_kernels(self):
        """One for each way in which indices lay so far."""
        return [mover.kernel for mover in self._movers.values()]

    def follow(self):
        """The target's collection, once both collections are as long as they were."""
        self.index.follow()
        return self.target.follow()

    def ready(self):
        """As for the target."""
        self.target.ready()

    # Where the numbers are.

    def _width(self):
        """Bytes of an element in a packed copy."""
        return SIZE[self.leaf.property.value] * math.prod(self.leaf.target.components.axes)

    def storage(self):
        """The target's storage where its elements lie side by side in Blender's memory, else None: a packed copy."""
        layout = getattr(self.target, "layout", None)
        if isinstance(self.target, DirectRoute) and not isinstance(layout.place, Linked):
            storage = layout.storage
            if storage.stride is not None and storage.hop is None and storage.through is None and (
                    storage.decode != "difference"):
                return storage
        return None

    def _values(self):
        """All of the target's values, packed."""
        target = self.leaf.target
        values = _core.allocate(target.axes, FORMAT[self.leaf.property.value], None)
        self.target.refresh(values, None)
        return values

    def _indices(self):
        """All indices, packed."""
        indices = _core.allocate(self.leaf.index.axes, "i", None)
        self.index.refresh(indices, None)
        return indices

    def walk(self):
        """(byte offset, byte stride of each axis) of indices that a kernel can read where they lie, or None."""
        route, leaf = self.index, self.leaf.index
        if type(route) is not DirectRoute or isinstance(route.layout.place, Linked) or leaf.rows.table is not None:
            return None
        storage, comps = route.layout.storage, leaf.components
        if (storage.scalar, storage.decode) != ("i32", "plain") or not storage.stride or storage.hop is not None:
            return None
        steps = [storage.step(flat) for flat in comps.flat]
        if comps.loops or len(comps.shape) > 1 or not steps:
            return None
        between = steps[1] - steps[0] if len(steps) > 1 else _INDEX
        if any(b - a != between for a, b in zip(steps, steps[1:])):
            return None
        offset = storage.offset + leaf.rows.start * storage.stride + steps[0]
        return offset, (storage.stride * leaf.rows.step, *((between,) * len(comps.shape)))

    def mover_to(self, storage, strides=None):
        """The mover through indices that lie `strides` bytes apart (None: packed) to a target stored so (None: as
        a packed copy has it)."""
        key = storage, strides
        if key not in self._movers:
            leaf, is_copy = self.leaf, storage is None
            if is_copy:
                storage = Storage(leaf.property.value, 0, self._width())
                leaf = replace(leaf, property=leaf.property._replace(clamp=None))  # whoever writes clamps
            self._movers[key] = Mover(self.lower(leaf, storage, strides, is_copy))
        return self._movers[key]

    def lower(self, leaf, storage, strides, is_copy):
        """The plan from a target that is stored so to the view's cache. `is_copy`: only the picked components are
        there."""
        return lowered(leaf, self.view, storage, strides,
                       [f"{storage.suffix(flat)} at {storage.step(i if is_copy else flat)}"
                        for i, flat in enumerate(leaf.components.flat)])

    def base(self, storage):
        """Bytes from an element to the first component."""
        return storage.offset + self.leaf.components.base * SIZE[storage.scalar]

    # Moving.

    def look(self, region):
        """Raises ValueRangeError where an index leads nowhere: asked where other parts move before this one."""
        _look(self, *self.spans(region))

    def refresh(self, cache, region, matrix=None):
        """Blender to cache. matrix: of a kernel that takes one (gather_transform.py)."""
        nothing, spans = self.spans(region)
        if nothing:
            self.follow()
            return
        count = self.leaf.target.rows.length
        storage, where = self.storage(), None
        if storage is not None:
            where = self.target.where(self.target.follow(), writing=False)
        if where is None:  # bpy's own calls, or a layer that is missing
            storage, target = None, (self._values(), count)
        else:
            target = where.address + self.base(storage), count
        indices, strides = self._where_indices()
        self._last = self.mover_to(storage, strides)
        self._run(self._last.refresh, cache, indices, spans, target, storage, matrix)

    def _where_indices(self):
        """(address or packed buffer, strides or None)."""
        walk = self.walk()
        if walk is not None:
            where = self.index.where(self.index.follow(), writing=False)
            if where is not None and where.addresses is None:
                return where.address + walk[0], walk[1]
        return self._indices(), None

    def _run(self, move, cache, indices, spans, target, storage, matrix):
        lookups = self.target.lookups if storage is not None else None
        try:
            move(cache, indices, spans, lookups=lookups, target=target, matrix=matrix)
        except IndexError as error:
            raise self._bad(error) from None

    def _bad(self, error):
        """The error for what a kernel has met: the element with the index, and what it is."""
        _, index, count, place = error.args
        leaf, owner = self.leaf.index, ""
        if getattr(leaf, "index", None) is None:
            at = [place[0]] if leaf.rows is None else [leaf.rows.at(place[0])]
            owner = f"{leaf.path}[{at[0]}].{leaf.property.identifier}" if leaf.rows is not None else (
                f"{leaf.path}.{leaf.property.identifier}")
        else:
            owner = f"{leaf.path}: {leaf.property.name} reached by {list(place[: len(leaf.axes)])}"
        return ValueRangeError(f"{owner} is {index}, but {self.leaf.path} has {count} elements")

    def check(self, cache, region, matrix=None):
        """Raises where an update of the region must not even start."""
        nothing, spans = self.spans(region)
        self.index.follow()
        if nothing or not math.prod(self.leaf.axes):
            return
        self._touched(self._indices(), spans)
        if self.stores():
            self.target.check(None, None)
        else:
            route, values = self._staged(cache, spans, matrix)
            route.check(values, None)

    def update(self, cache, region, matrix=None):
        """Cache to Blender; what no index names stays untouched."""
        nothing, spans = self.spans(region)
        if nothing or not math.prod(self.leaf.axes):
            self.follow()
            return
        if not self.stores():
            route, values = self._staged(cache, spans, matrix)
            route.ready()
            route.update(values, None)
            return
        route, indices = self.target, self._indices()
        at = self._touched(indices, spans)[0]
        coll = route.follow()
        whole = reassign(route.leaf, coll[at])
        coll = route.again(coll)
        where = route.where(coll, writing=True)
        if where is None:  # bpy must make the layer
            staged, values = self._staged(cache, spans, matrix)
            staged.update(values, None)
            return
        storage = self.storage()
        target = where.address + self.base(storage), self.leaf.target.rows.length
        self._run(self.mover_to(storage).update, cache, indices, spans, target, storage, matrix)
        finish(route.leaf, coll, at, whole)

    def stores(self):
        """Whether a kernel may write the target's memory."""
        route, prop = self.target, self.leaf.property
        if self.storage() is None or not route.layout.storage.writes or isinstance(route.layout.place, Layer):
            return False
        if prop.type == "ENUM" or topology(route.leaf, route.leaf.path.follow()) is not None:
            return False
        return prop.value == "f32" or prop.clamp is None or not isinstance(route.layout.place, Attribute)

    def _touched(self, indices, spans):
        """The indices of a region in C order, as a list. ValueRangeError if one is bad."""
        axes = self.leaf.index.axes
        picked = indices
        if spans is not None and axes:
            picked = indices[tuple(_slice(*span) for span in spans[: len(axes)])]
        found = memoryview(picked.tobytes()).cast("i").tolist()
        count = self.leaf.target.rows.length
        if found and not (0 <= min(found) and max(found) < count):
            at = next(i for i, index in enumerate(found) if not 0 <= index < count)
            place = []
            for extent in reversed(picked.shape):
                at, rest = divmod(at, extent)
                place.insert(0, rest)
            bad = picked[tuple(place)] if place else found[0]
            if spans is not None:
                place = [start + i * step for i, (start, step, _) in zip(place, spans)]
            raise self._bad(IndexError("", bad, count, tuple(place) or (0,)))
        return found

    def _staged(self, cache, spans, matrix):
        """(route, values) of just the elements that a region's indices name, with what an update gives them."""
        leaf, target, indices = self.leaf, self.leaf.target, self._indices()
        rows = sorted(set(self._touched(indices, spans)))
        scalar, values = leaf.property.value, self._values()
        width = self._width()
        self._run(self.mover_to(None).update, cache, indices, spans, (values, target.rows.length), None, matrix)
        part = replace(target, rows=Rows(target.rows.length, 0, 1, len(rows), tuple(rows)))
        view = View(part.axes, scalar, (part,), ())
        some, all_bytes = _core.allocate(part.axes, FORMAT[scalar], None), memoryview(values).cast("B")
        memoryview(some).cast("B")[:] = b"".join(all_bytes[at * width : (at + 1) * width] for at in rows)
        return self.choose(part, view), some


def _look(route, nothing, spans):
    if nothing or not math.prod(route.leaf.index.axes):
        return
    indices = route._indices()
    low, high = _core.int_range(indices)
    if low < 0 or high >= route.leaf.target.rows.length:
        route._touched(indices, spans)


class SomeRows(GatherRoute):
    """A gather's update of rows that no region names, one behind the other, in that order."""

    def __init__(self, route, rows):
        self.__dict__.update(route.__dict__)
        indices = memoryview(route._indices()).cast("B").cast("i")
        self._given = _core.allocate(route.leaf.index.axes, "i", None)  # only as many count as there are rows
        picked = array.array("i", [indices[row] for row in rows])
        memoryview(self._given).cast("B")[:_INDEX * len(picked)] = picked.tobytes()
        self.is_good = 0 <= min(picked) and max(picked) < route.leaf.target.rows.length  # else the route says which is bad

    def walk(self):
        """None: they are packed."""

    def _indices(self):
        return self._given


def _slice(start, step, count):
    stop = start + step * count
    return slice(start, stop if stop >= 0 else None, step)


def lowered(leaf, view, storage, strides, lanes, then=()):
    """The plan through indices `strides` bytes apart (None: packed). lanes: what each names in the target's element.
    then: lines behind the value's."""
    cache_offset, own = cache_strides(leaf, view)
    counts, shape = leaf.index.axes, leaf.components.shape
    few = ()  # indices of an element that are lanes: as a loop they would be too short for vectors
    if strides is not None and not then and len(counts) == 2 and counts[1] * len(lanes) <= _MOST_LANES:
        few = [k * strides[1] for k in range(counts[1])]
        strides, counts, shape = strides[:1], counts[:1], (len(few), *shape)
    strides = strides_of(counts, _INDEX) if strides is None else strides
    top = head(leaf.property, storage, view.item)
    lines = [*top[:2], f"through stride {storage.stride}", top[2], *then, *top[3:]]
    lines += [f"loop strided source {stride} cache {own[i]}" for i, stride in enumerate(strides)]
    lines.append("lanes" + (" " + "x".join(map(str, shape)) if shape else ""))
    named = [(source, lane) for source in few or (0,) for lane in lanes]
    lines += [f"lane {source} -> {cache}{lane}"
              for (source, lane), cache in zip(named, lane_offsets(shape, own[len(counts) :]))]
    return Lowered("\n".join(lines) + "\n", 0, cache_offset, tuple(counts))
