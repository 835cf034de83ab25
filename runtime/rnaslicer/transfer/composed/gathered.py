# runtime/rnaslicer/transfer/composed/gathered.py: gathers, described for native code.
"""As trails.py, for `GatherRoute`: the indices are one trail, each collection that they name another
(trail/composed/gather.hpp). Described where all of it lies in memory; else the routes do it each time. With matrices
the last kernels go through those, too: given ones, or that of an object, asked at each call."""

from typing import Any

from ... import _core
from ...basis.records import Record, replace
from ...layout.leaf import View
from ...layout.matrices import numbers_in
from ...layout.storage import FORMAT
from ...supplier.identity import Path
from ..described import described, fits
from ..direct import DirectRoute
from ..laid import rows_in, told
from ..trails import remember, tells_no_step
from .corners import CornerRoute
from .each import object_type
from .gather import GatherRoute
from .transform import TransformRoute, gives_vectors


class KnownGather(Record):
    """A trail of what indices lead to."""

    trail: Any  # native code reads these three, in this order (runtime/trail/python/context.hpp)
    beyond: tuple  # steps from the supplier to the indices' collection
    signatures: tuple
    view: View  # as first resolved
    owners: tuple  # class of the owner of the indices, then of each collection that they name; None: the datablock

    @property
    def leaf(self):
        """The values' leaf, for errors."""
        return self.view.leaves[0]

    def fits(self, shape):
        """Whether a buffer has the cache's shape, as far as the trail knows it."""
        return shape[1:] == self.view.shape[1:] and len(shape) > 0

    def enter(self, path, wrapper, more, items, into=None):
        """(run, MemCache, None), or None where the trail declines. into: the MemCache to fill."""
        starts = ((path.root, path.steps + self.beyond),)
        for item in items:
            if item[0] == "gather":
                starts += ((item[1].root, item[1].steps),)
        return self.trail.enter(starts, wrapper, numbers_in(more), into)

    def read(self, path, more, items, out, rows):
        """True if a caller's packed buffer was filled. rows: how many there must be, or -1."""
        return self.trail.read(self._starts(path, items), numbers_in(more), out, rows)

    def write(self, path, more, items, values, rows):
        """True if it was written."""
        return self.trail.write(self._starts(path, items), numbers_in(more), values, rows)

    def adopt(self, path, more, items, shape):
        """The run of a cache of that shape that was filled already, or None."""
        return self.trail.adopt(self._starts(path, items), numbers_in(more), shape[0]) if self.fits(shape) else None

    def _starts(self, path, items):
        named = [(item[1].root, item[1].steps) for item in items if item[0] == "gather"]
        return ((path.root, path.steps + self.beyond), *named)

    def differing(self, view, run):
        """The first collection that had another length when the run entered: (path, length then, length now), or
        None."""
        leaves, leaf = [], view.leaves[0]
        leaf = leaf.inner if leaf.moved_by == "transform" else leaf
        while leaf.moved_by == "gather":
            leaves.insert(0, leaf.target)
            leaf = leaf.index
        first, *targets = run.counted
        return next(((one.path, was, one.rows.length) for one, was in zip((*leaves, leaf), (*targets, first))
                     if one.rows.length != was), None)  # as a view walks: from what is reached

    def note(self, _view, routes, run):
        """Tells routes that were made anew what was at enter."""
        for route in routes:
            note_owners(route, self.owners, run.domain)


def _gather_in(route):
    """The gather that a route is, or that it has for its vectors; None for another."""
    if type(route) is TransformRoute:
        return route.gather
    return route if type(route) is GatherRoute else None


def _levels(route):
    """The gathers that lead to a route's values, the first indices' first."""
    inner = _levels(route.index) if type(route.index) is GatherRoute else []
    return [*inner, route]


def _indices(route):
    """What tells which indices lead to a route's values."""
    leaves = (level.index.leaf for level in _levels(route))
    return [(leaf.path.steps, leaf.property, leaf.components) for leaf in leaves]


class Gather(Record):
    """What native code is told of a gather."""

    trail: Any
    signatures: tuple
    owners: tuple  # as KnownGather has them


def learn_gather(key, path, view, routes):
    """Remembers the trail of gathers by one index to properties of one collection; None where native code could not
    follow."""
    if type(path) is not Path or view.offsets is not None or None in map(_gather_in, routes):
        return None
    way = _way(key, path, _levels(_gather_in(routes[0]))[0].index)
    told_of = way and described_gather(key, path.steps + way[0], way[1], view, routes)
    return told_of and remember(key, KnownGather(told_of.trail, way[0], told_of.signatures, view, told_of.owners))


def described_gather(key, steps, rows, view, routes):
    """The `Gather` of routes by one index that `rows` of a collection, which `steps` lead to, have; None where native code
    could not follow."""
    transforms, gathers = type(routes[0]) is TransformRoute, list(map(_gather_in, routes))
    each = transforms and key[5][1] is False
    after = {len(one.steps) for route in routes for one in route.leaf.objects} if transforms else set()
    if len(after) > 1 or each and len(view.shape) == 1:
        return None
    whole, routes = not transforms or gives_vectors(routes[0].leaf), gathers
    levels = _levels(routes[0])
    index, named = levels[0].index, [item for item in key[2] if item[0] == "gather"]
    if len(named) != len(levels) or len(view.walked) != len(levels):
        return None
    targets = [[level.target] for level in levels[:-1]] + [[route.target for route in routes]]
    if any(_indices(route) != _indices(routes[0]) for route in routes) or (
            not all(map(_is_in_memory, (*levels, *routes)))):
        return None
    for collection, some, walked in zip(named, targets, view.walked):
        if walked.order is not None or any(route.leaf.path.steps != collection[2] for route in some):
            return None
    own = {"steps": steps, "rows": rows, "inner": tuple(index.leaf.axes[1:])}
    parts = [described(own, index.view, [index])]
    for some in targets:
        leaf = some[0].leaf
        own = {"steps": leaf.path.steps, "rows": slice(None), "inner": tuple(leaf.axes[1:])}
        parts.append(described(own, some[0].view, some))
    if None in parts:
        return None
    last, walk = routes[-1], levels[0].walk()
    alone = len(routes) == 1 and all(place == ("own", 0) for place in last.leaf.place)
    store = _move(last.mover_to(last.storage()), last) if alone and whole and last.stores() else None
    with_walk = [walk and walk[1] if level is levels[0] else None for level in levels]
    legs = [tuple(_leg(route, strides) for route in (routes if level is levels[-1] else [level]))
            for level, strides in zip(levels, with_walk)]
    signatures = tuple((walked or packed)["kernel"].signature for packed, walked, _ in legs[-1])
    trail = _core.GatherTrail(parts[0], walk[0] - index.leaf.rows.start * index.layout.storage.stride if walk else 0,
                              tuple(zip(parts[1:], legs)), store, alone, transforms, each,
                              tuple(view.shape[1:]), FORMAT[view.scalar], after.pop() if after else -1, object_type())
    return Gather(trail, signatures, tuple(part["owner"] for part in parts))


def of_corners(route):
    """The route of the corners of polygons that indices lead on from, and whose own these indices are; None for
    others."""
    gather = _gather_in(route)
    first = _levels(gather)[0].index if gather is not None else None
    return first if type(first) is CornerRoute else None


def along_corners(leaf):
    """A leaf of what polygons' corners lead to as that of the mesh's own corners, one behind the other."""
    if leaf.moved_by == "corners":
        return leaf.corners
    below = "inner" if leaf.moved_by == "transform" else "index"
    found = replace(leaf, **{below: along_corners(getattr(leaf, below))})
    return replace(found, place=(("own", 0),) * len(found.axes))


def anew(route, leaf, view):
    """A route as this one, of another leaf."""
    return _gather_in(route).choose(leaf, view)


def note_owners(route, owners, domains):
    """Tells a route that was made anew what was at enter of the collections that have layers."""
    levels = _levels(_gather_in(route))
    for i, one in enumerate((levels[0].index, *(level.target for level in levels))):
        if owners[i] is not None:
            one.kinds.noted(owners[i], domains[i])


def _way(key, path, index):
    """(steps from the supplier to the first indices' collection, slice of its elements), or None."""
    if type(index) is not DirectRoute or not fits(index, index.leaf.path):
        return None
    steps, at = index.leaf.path.steps, len(path.steps)
    beyond = tuple(map(told, steps[at:], key[2]))  # names and keys, as they are
    if steps[:at] != path.steps or beyond != steps[at:]:
        return None
    rows = rows_in(key[2][len(beyond):], ranges=True)
    return None if rows is None or tells_no_step(index.leaf, rows) else (beyond, rows)


def _is_in_memory(route):
    """Whether a kernel reaches what a gather's indices name where it lies."""
    target = route.target
    return route.storage() is not None and fits(target, target.leaf.path)


def _leg(route, strides):
    """What moves one property: by packed indices, and by those that lie `strides` apart if given."""
    storage = route.storage()
    return (_move(route.mover_to(storage), route), strides and _move(route.mover_to(storage, strides), route),
            route.base(storage))


def _move(mover, route):
    low = mover.lowered
    return {"kernel": mover.kernel, "source_offset": low.source_offset,
            "cache_offset": low.cache_offset - route.view.first, "extents": low.extents[1:],
            "tables": (None,) * len(low.extents[1:])}
