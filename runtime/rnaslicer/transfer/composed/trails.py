# runtime/rnaslicer/transfer/composed/trails.py: what composed routes do, described for native code.
"""As transfer/trails.py, for routes with a kernel of their own between values and cache. They are followed for one
collection where the values lie in memory, and through indices (gathered.py). What is not described, so that those
routes do it each time: what pads (whose rows are found by resolving), a matrix for each of many structs, what bpy's own
calls move, and updates of a vector's components alone, which need what it lacks."""

from typing import Any, NamedTuple, Optional

from ... import _core
from ...layout.leaf import Leaf, View
from ...layout.matrices import numbers_in
from .. import trails
from ..described import described, fits
from ..trails import remember, signatures, tells_no_step, way_of
from .gather import GatherRoute
from .gathered import KnownGather, learn_gather
from .transform import TransformRoute, gives_vectors


class KnownTransform(NamedTuple):
    """A trail of vectors through a matrix."""

    trail: Any
    view: View  # as first resolved
    signatures: tuple
    beyond: tuple  # steps from the supplier to the collection
    owner: Optional[type]  # of the collection; None: the datablock

    @property
    def leaf(self):
        """The vectors' leaf, for errors."""
        return self.view.leaves[0]

    def fits(self, shape):
        """Whether a buffer has the cache's shape, as far as the trail knows it."""
        return shape[1:] == self.view.shape[1:] and len(shape) > 0

    def enter(self, path, wrapper, more, _items, into=None):
        """(run, MemCache, None), or None where the trail declines. into: the MemCache to fill."""
        return self.trail.enter(path.root, path.steps + self.beyond, wrapper, numbers_in(more), into)

    def read(self, path, more, _items, out, rows):
        """True if a caller's packed buffer was filled. rows: how many there must be, or -1."""
        return self.trail.read(path.root, path.steps + self.beyond, numbers_in(more), out, rows)

    def write(self, path, more, _items, values, rows):
        """True if it was written."""
        return self.trail.write(path.root, path.steps + self.beyond, numbers_in(more), values, rows)

    def adopt(self, path, more, _items, shape):
        """The run of a cache of that shape that was filled already, or None."""
        if not self.fits(shape):
            return None
        return self.trail.adopt(path.root, path.steps + self.beyond, numbers_in(more), shape[0])

    def differing(self, view, run):
        """(path, length then, length now) if the collection had another length when the run entered, else None."""
        leaf = view.leaves[0].inner
        return None if leaf.rows.length == run.length else (leaf.path, run.length, leaf.rows.length)

    def note(self, routes, run):
        """Tells routes that were made anew what was at enter."""
        for route in routes if self.owner is not None else ():
            route.inner.kinds.noted(self.owner, run.domain)


Composed: tuple[type, ...] = (KnownTransform, KnownGather)  # for isinstance


class _Moved(NamedTuple):
    """What `described` reads of a route: the vectors as they lie, by the kernel with the matrix."""

    leaf: Leaf
    view: View
    layout: Any
    mover: Any
    lookups: None = None


def learn(key, path, view, routes, name=None):
    """As `trails.learn`, of composed routes, too."""
    if any(type(route) is TransformRoute and route.gather is not None for route in routes):
        return learn_gather(key, path, view, routes) if name is None else None
    if any(type(route) is TransformRoute for route in routes):
        return _of_transform(key, path, view, routes) if name is None else None
    if any(type(route) is GatherRoute for route in routes):
        return learn_gather(key, path, view, routes) if name is None else None
    return trails.learn(key, path, view, routes, name)


def _of_transform(key, path, view, routes):
    """One matrix, or one for each element; the object's that each of many structs passes through is for the routes."""
    way, transform = way_of(key, path, view, routes), key[5][1]
    if way is None or transform is False and len(view.shape) == 1 or not all(map(_is_direct, routes)):
        return None
    (beyond, rows), vectors = way, [route.inner for route in routes]
    if any(not fits(inner, routes[0].leaf.path) or inner.layout.place.default is not None for inner in vectors) or (
            tells_no_step(vectors[0].leaf, rows)):
        return None
    after = {len(one.steps) for route in routes for one in route.leaf.objects}
    steps = path.steps + beyond
    moved = [_Moved(route.inner.leaf, view, route.inner.layout, route.direct) for route in routes]
    direct = described({"steps": steps, "rows": rows, "inner": tuple(view.shape[1:])}, view, moved)
    plain = None
    if len(routes) == 1 and gives_vectors(routes[0].leaf):
        plain = described({"steps": steps, "rows": rows, "inner": (3,)}, vectors[0].view, vectors)
    if direct is None or len(after) > 1:
        return None
    trail = _core.TransformTrail(direct, plain, _copying(routes[0], view), after.pop() if after else -1, _object_type(),
                                 transform is False)
    return remember(key, KnownTransform(trail, view, signatures(moved), beyond, direct["owner"]))


def _is_direct(route):
    return type(route) is TransformRoute and route.gather is None and hasattr(route, "absent")


def _copying(route, view):
    low = route.copy.lowered
    return {"kernel": route.copy.kernel, "source_offset": low.source_offset,
            "cache_offset": low.cache_offset - view.first, "extents": (), "tables": ()}


def _object_type():
    import bpy

    return bpy.types.Object
