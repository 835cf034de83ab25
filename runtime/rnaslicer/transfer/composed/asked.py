# runtime/rnaslicer/transfer/composed/asked.py: trails of values that bpy's foreach_get tells.
"""Values that Blender computes (areas, normals of polygons), elements that lie in no array, list or table (bones within
bones), properties whose storage nobody has proven: `ForeachRoute` reads them by bpy's own bulk call, and native code does
the same (trail/composed/asked.hpp). Updates are for the routes. Unless values are always computed, their place in memory
may be told later on, by discovery or by values that differ: native code declines now and then, so that Python looks."""

import functools
from typing import Any, NamedTuple, Optional

from ... import _core
from ...blender.hazards import MAY_CRASH
from ...layout.leaf import View
from ...layout.storage import FORMAT, SIZE
from ...layout.whole import needs_edges
from ...supplier.identity import Path
from ..described import asks_first, is_derivable, move, passed_by, surface_for
from ..foreach import ForeachRoute, flat_format
from ..scripts import is_built_in
from ..trails import remember, tells_no_step, way_of


class KnownAsked(NamedTuple):
    """A trail of one collection's values by foreach_get."""

    trail: Any  # native code reads these three, in this order (runtime/trail/python/context.hpp)
    beyond: tuple  # steps from the supplier to the collection
    signatures: tuple
    view: View  # as first resolved
    owner: Optional[type]  # of the collection; None: the datablock

    @property
    def leaf(self):
        """The first leaf, for errors."""
        return self.view.leaves[0]

    def fits(self, shape):
        """Whether a buffer has the cache's shape, as far as the trail knows it."""
        return shape[1:] == self.view.shape[1:] and len(shape) > 0

    def lacks(self, routes):
        """Whether memory tells the values by now."""
        return not are_asked(routes)

    def enter(self, path, wrapper, _more, _items, into=None):
        """(run, MemCache, None), or None where the trail declines. into: the MemCache to fill."""
        return self.trail.enter(path.root, path.steps + self.beyond, wrapper, into)

    def read(self, path, _more, _items, out, rows):
        """True if a caller's packed buffer was filled. rows: how many there must be, or -1."""
        return self.trail.read(path.root, path.steps + self.beyond, out, rows)

    def write(self, *_):
        """False: the routes write."""
        return False

    def adopt(self, path, _more, _items, shape):
        """The run of a cache of that shape that was filled already, or None."""
        return self.trail.adopt(path.root, path.steps + self.beyond, shape[0]) if self.fits(shape) else None

    def differing(self, view, run):
        """(path, length then, length now) if the collection had another length when the run entered, else None."""
        leaf = view.leaves[0]
        return None if leaf.rows.length == run.length else (leaf.path, run.length, leaf.rows.length)

    def note(self, _view, routes, run):
        """Tells routes that were made anew what was at enter."""
        for route in routes if self.owner is not None else ():
            route.kinds.noted(self.owner, run.domain)


def are_asked(routes):
    """Whether routes are of this kind."""
    return bool(routes) and all(type(route) is ForeachRoute for route in routes)


def learn_asked(key, path, view, routes):
    """Remembers the trail; None where native code could not follow."""
    import bpy

    way, leaf = way_of(key, path, view, routes), routes[0].leaf
    if way is None or view.strides is not None or not all(_is_followed(route, leaf.path.steps) for route in routes):
        return None
    beyond, rows = way
    if tells_no_step(leaf, rows) or asks_first(leaf.path):
        return None
    coll, derived = leaf.path.follow(), next((route.leaf for route in routes if route.leaf.derived), None)
    surface = derived and surface_for(derived, coll.id_data)
    if derived and surface is None:  # to ask Python first costs more than bpy's own call
        return None
    steps = path.steps + beyond
    owner = None if type(coll.data) is type(coll.id_data) and len(steps) == 1 and leaf.of_root else type(coll.data)
    description = {
        "steps": steps, "rows": rows, "inner": tuple(view.shape[1:]), "passed": passed_by(leaf.path, steps), "element": None,
        "owner": owner, "is_layers": issubclass(type(coll.data), bpy.types.Attribute), "format": FORMAT[view.scalar],
        "packed": True, "legs": tuple(map(_leg, routes)), "counts": leaf.path.counts, "stays": False, "modes": (),
        "sculpted": None, "whole": None, "tags_at": -1, "surface": surface,
        "derivable": functools.partial(is_derivable, derived) if derived else None,
        "needs_edges": derived is not None and needs_edges(derived.element, type(coll.id_data).__name__, steps[-1][1])}
    asked = tuple((route.leaf.property.length, FORMAT[route.scalar], flat_format(route.leaf.property), route.straight)
                  for route in routes)
    trail = _core.AskedTrail(description, asked, any(route.why != "computed" for route in routes))
    return remember(key, KnownAsked(trail, beyond, tuple(route.mover.kernel.signature for route in routes), view, owner))


def _is_followed(route, steps):
    """Whether bpy's call tells what the route reads, whoever the datablock is. Of enums it depends on more (enums.py,
    hazards.FOREACH_LINKED_ENUMS); empty slots are compared in Python."""
    leaf = route.leaf
    return (type(route) is ForeachRoute and not route.has_slots and type(leaf.path) is Path and leaf.path.steps == steps
            and leaf.path.steps[-1][0] == "attr" and leaf.exact and leaf.uniform and leaf.rows.table is None
            and leaf.place[:1] == (("own", 0),) and leaf.property.type != "ENUM" and not leaf.property.dynamic
            and is_built_in(leaf)
            and (leaf.path.root.in_main or (leaf.element, leaf.property.identifier) not in MAY_CRASH))


def _leg(route):
    """What `_core.Trail` reads of an array that bpy fills."""
    prop = route.leaf.property
    stride = SIZE[route.scalar] * prop.length
    return {"property": prop.identifier, "place": "own", "name": None, "data_type": None, "domain": None, "layer": None,
            "stride": stride, "move": move(route.mover, route, stride), "missing": None, "through": None, "lookups": (),
            "check": None, "doubtful": False,
            "writing": {"possible": False, "indexed": None, "shares": False, "touches_layer": False, "allowed": (),
                        "bounds": (), "tags": False, "told": None, "remakes": False, "moves": False}}
