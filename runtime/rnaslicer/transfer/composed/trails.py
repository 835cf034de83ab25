# runtime/rnaslicer/transfer/composed/trails.py: what composed routes do, described for native code.
"""As transfer/trails.py, for routes with a kernel of their own between values and cache. They are followed for one
collection where the values lie in memory, behind each of many structs (each.py), through indices (gathered.py), and where
one array is divided among elements (portions.py). What is not described, so that those routes do it each time: what
bpy's own calls move, and updates of a vector's components alone, which need what it lacks."""

from __future__ import annotations

from typing import Any

from ... import _core
from ...basis.records import Record
from ...layout.leaf import Leaf, View
from ...layout.matrices import numbers_in
from .. import trails
from ..described import fits
from ..laid import PICKED
from ..trails import remember, tells_no_step, way_of
from .each import are_divided, is_direct, learn_divided, learn_each, moved, transform_trail
from .gather import GatherRoute
from .gathered import KnownGather, learn_gather
from .grouped import KnownGroups, KnownGroupsEach, are_groups, learn_groups
from .pad import PadRoute
from .picked import KnownPicked, learn_picked
from .portions import KnownPortions, are_portions, learn_portions
from .transform import TransformRoute


class KnownTransform(Record):
    """A trail of vectors through a matrix."""

    trail: Any  # native code reads these three, in this order (runtime/trail/python/context.hpp)
    beyond: tuple  # steps from the supplier to the collection
    signatures: tuple
    view: View  # as first resolved
    owner: type | None  # of the collection; None: the datablock

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

    def note(self, _view, routes, run):
        """Tells routes that were made anew what was at enter."""
        for route in routes if self.owner is not None else ():
            route.inner.kinds.noted(self.owner, run.domain)


trails.COMPOSED.update((KnownTransform, KnownGather, KnownPortions, KnownGroups, KnownGroupsEach, KnownPicked))
_core.follow_composed(KnownTransform, KnownGather, KnownPortions, KnownGroups)  # native code enters along these, too


def learn(key, path, view, routes, name=None):
    """As `trails.learn`, of composed routes, too."""
    if key[1] is not None and (PICKED,) in key[2]:
        found = learn_picked(key, path, view, routes) if name is None else None
        if found is not None:  # else each that is picked leads on, perhaps
            return found
    if (PICKED,) in key[2]:  # the others take a key's first item for the rows
        is_plain = not key[5] and all(type(route.leaf) is Leaf for route in routes)
        return trails.learn(key, path, view, routes, name) if is_plain else None
    if are_divided(routes):
        return learn_divided(key, view, routes) if name is None else None
    if are_portions(routes):
        return learn_portions(key, path, view, routes) if name is None else None
    if any(type(route) is TransformRoute and route.gather is not None for route in routes):
        return learn_gather(key, path, view, routes) if name is None else None
    if are_groups(routes):
        return learn_groups(key, path, view, routes) if name is None else None
    if any(type(route) is PadRoute or type(route) is TransformRoute for route in routes):
        return (_of_transform(key, path, view, routes) or learn_each(key, view, routes)) if name is None else None
    if any(type(route) is GatherRoute for route in routes):
        return learn_gather(key, path, view, routes) if name is None else None
    return trails.learn(key, path, view, routes, name)


def _of_transform(key, path, view, routes):
    """One matrix, or one for each element. What is behind each of many structs is for `learn_each`."""
    way, transform = way_of(key, path, view, routes), key[5][1]
    if way is None or not all(map(is_direct, routes)):
        return None
    (beyond, rows), vectors = way, [route.inner for route in routes]
    if any(not fits(inner, routes[0].leaf.path) for inner in vectors) or tells_no_step(vectors[0].leaf, rows):
        return None
    own = {"steps": path.steps + beyond, "rows": rows, "inner": tuple(view.shape[1:])}
    trail, owner = transform_trail(own, view, routes, [moved(route, view) for route in routes], transform is False)
    return trail and remember(key, KnownTransform(trail, beyond, _signatures(routes), view, owner))


def _signatures(routes):
    return tuple(route.direct.kernel.signature for route in routes)
