# runtime/rnaslicer/transfer/own/instanced.py: the trail of a depsgraph's instances.
"""`Slicer(depsgraph.object_instances)[:, 'matrix_world']`: native code has Blender evaluate what waits, asks the depsgraph for
its instances, has bpy's foreach_get fill a packed copy and counts them by that, as `InstancesRoute` does
(runtime/trail/own/instances.cpp). What a chain of pointers leads to stays with the route."""

from __future__ import annotations

from typing import Any

from ... import _core
from ...basis.records import Record
from ...errors import ShapeChangedError
from ...layout.leaf import View
from ...layout.storage import FORMAT
from ..described import around_writes
from ..foreach import array_of
from ..kernels.lowering import axes_within
from ..laid import PICKED, way_of
from ..trails import COMPOSED, remember, signatures
from ..writing.ready import NO_LAYER
from .arrays import UNWRITTEN


class KnownInstances(Record):
    """A trail of instances."""

    trail: Any  # native code reads these three, in this order (runtime/trail/python/context.hpp)
    beyond: tuple  # steps from the supplier to the instances
    signatures: tuple
    view: View  # as first resolved

    @property
    def route(self):
        """Of whoever does the same without a trail."""
        return "foreach"

    @property
    def leaf(self):
        """The first leaf, for errors."""
        return self.view.leaves[0]

    def fits(self, shape):
        """Whether a buffer has the cache's shape, as far as the trail knows it."""
        return shape[1:] == self.view.shape[1:] and len(shape) > 0

    def lacks(self, _routes):
        """All instances are of one type, which has the same properties for ever."""
        return False

    def enter(self, path, wrapper, _more, _items, into=None):
        """(run, filled MemCache, None), or None where the trail declines. into: the MemCache to fill."""
        return self.trail.enter(path.root, path.steps + self.beyond, wrapper, into)

    def read(self, *_):
        """A caller's buffer is filled as a MemCache is."""
        return False

    def write(self, *_):
        """Nothing can be written."""
        return False

    def adopt(self, path, _more, _items, shape):
        """The run of a cache of that shape that was filled already, or None."""
        return self.trail.adopt(path.root, path.steps + self.beyond, shape[0]) if self.fits(shape) else None

    def compare(self, view, run):
        """Raises ShapeChangedError if there are more or fewer than when the run entered."""
        leaf, (before,) = view.leaves[0], run.counted
        if leaf.length != before:
            raise ShapeChangedError(f"{leaf.path} had {before} instances when the context was entered and has {leaf.length} "
                                    "now; enter again")

    def differing(self, _view, _run):
        """`compare` has told."""

    def note(self, *_):
        """Routes that were made anew compare what they count."""


COMPOSED.add(KnownInstances)
_core.follow_instances(KnownInstances)


def learn_instances(key, path, view, routes):
    """Remembers the trail; None where native code could not follow."""
    import bpy

    way = key[1] is not None and (PICKED,) not in key[2] and way_of(key, path, view, routes)
    leaf = routes[0].leaf
    if not way or not path.root.evaluates or view.strides is not None or leaf.path.root is not path.root or not all(
            route.is_bulk() and route.leaf.only < 0 and route.leaf.rows.table is None for route in routes):
        return None
    beyond, rows = way
    steps = path.steps + beyond
    description = {"steps": steps, "passed": None, "rows": rows, "element": None, "owner": bpy.types.Depsgraph, "is_layers": False,
                   "inner": tuple(view.shape[1:]), "format": FORMAT[view.scalar], "packed": True, "derivable": None, "surface": None,
                   "stays": False, "legs": tuple(_leg(route, view) for route in routes), **around_writes(leaf, None)}
    return remember(key, KnownInstances(_core.InstancesTrail(description), beyond, signatures(routes), view))


def _leg(route, view):
    """What native code reads of an array that bpy fills."""
    array = array_of(route, view)
    return {"property": route.leaf.property.identifier, "place": "asked", "array": array, **NO_LAYER, "layer": None,
            "stride": array["stride"], "move": array["move"], "missing": None, "through": None, "lookups": (), "check": None,
            "doubtful": False, "axes": axes_within(route.leaf, view, 0), "writing": UNWRITTEN}
