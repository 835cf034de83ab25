# runtime/rnaslicer/transfer/own/arrays.py: the trail of an image's pixels, or of another array of one struct.
"""`Slicer(image)['pixels', :, :, :]`: native code asks the image for its size, has bpy's own foreach_get fill the cache or a
packed copy, and foreach_set take it, as `ArrayRoute` does (runtime/trail/own/arrays.cpp). What is compiled depends on
how large the image is: of each size that was met there is a form. So it is of one polygon's vertices, which an update
compares with those of the mesh."""

from __future__ import annotations

import functools
import math
from typing import Any

from ... import _core
from ...basis.records import Record
from ...blender.customdata import copies_on_write
from ...blender.hazards import may_crash
from ...blender.rna import COMPUTED
from ...blender.sdna import sdna
from ...layout import layers
from ...layout.leaf import View
from ...layout.storage import FORMAT
from ...supplier.identity import Path
from ..described import around_writes, asks_first, drawing_in, is_derivable, passed_by
from ..laid import told
from ..scripts import is_built_in
from ..trails import COMPOSED, find_known, remember
from ..writing.checks import topology
from ..writing.noticing import GEOMETRY, may_derive, settles

_MOST = 64  # forms
UNWRITTEN = {"possible": False, "given": None, "indexed": None, "shares": False, "touches_layer": False, "allowed": (),
             "bounds": (), "tags": False, "told": None, "remakes": False, "moves": False}  # of a leg: by no kernel


class KnownArray(Record):
    """A trail of an image's pixels."""

    trail: Any  # native code reads these three, in this order (runtime/trail/python/context.hpp)
    beyond: tuple  # steps from the supplier to the pixels
    signatures: tuple
    view: View  # as last resolved
    forms: tuple  # what native code reads of each
    passed: tuple | None  # as Known has them

    @property
    def route(self):
        """Of whoever does the same without a trail."""
        return "foreach"

    @property
    def leaf(self):
        """The leaf, for errors."""
        return self.view.leaves[0]

    def fits(self, shape):
        """Whether a buffer has the shape of a cache."""
        return any(form["shape"] == tuple(shape) for form in self.forms)

    def lacks(self, routes):
        """Whether an image has another size than those that were met."""
        return not any(_is_form(form, routes[0]) for form in self.forms)

    def enter(self, path, wrapper, _more, _items, into=None):
        """(run, filled MemCache, None), or None where the trail declines. into: the MemCache to fill."""
        return self.trail.enter(path.root, path.steps + self.beyond, wrapper, into)

    def read(self, *_):
        """A caller's buffer is filled as a MemCache is."""
        return False

    def write(self, *_):
        """The same."""
        return False

    def adopt(self, path, _more, _items, shape):
        """The run of a cache of that shape that was filled already, or None."""
        return self.trail.adopt(path.root, path.steps + self.beyond, tuple(shape))

    def differing(self, view, run):
        """(what, values then, values now) of pixels that were not as many, or of another size, when the run entered; else
        None."""
        for one, then in zip(reversed(view.walked), memoryview(run.lengths or b"").cast("q")):
            if one.length != then:
                return one.path, then, one.length
        leaf, now, was = view.leaves[0], view.leaves[0].property.dims, run.counted
        if now == was:
            return None
        if math.prod(now) != math.prod(was):
            was, now = math.prod(was), math.prod(now)
        return f"{leaf.path}.{leaf.property.identifier}", was, now

    def note(self, _view, routes, run):
        """Tells routes that were made anew what was at enter."""
        for route in routes:
            route.kinds.noted_elements(run.kinds)


COMPOSED.add(KnownArray)
_core.follow_array(KnownArray)


def learn_array(key, path, view, routes):
    """Remembers the trail; None where native code could not follow."""
    route, = routes
    leaf, beyond = route.leaf, _beyond(key, path, route, view)
    if (beyond is None or view.strides is not None or view.offsets is not None or not is_built_in(leaf)
            or not leaf.path.root.in_main or asks_first(leaf.path) or drawing_in(leaf.path.steps) is not None
            or may_crash(leaf.element, leaf.property.identifier)):
        return None
    struct = leaf.path.follow()
    surface = leaf.derived and leaf.element == "MeshPolygon" and leaf.property.identifier == "vertices" and _borders() or None
    if struct.id_data is None or leaf.derived and surface is None:  # to ask Python first costs more than bpy's own call
        return None
    may_derive(leaf, struct.id_data)  # looks, and so learns: later on that would end the trail
    older = find_known(key)
    forms = older.forms if type(older) is KnownArray and older.beyond == beyond else ()
    if older is None or not any(_is_form(form, route) for form in forms):
        forms = (*forms[1 - _MOST:], _form(route, view, struct))
    steps = path.steps + beyond
    passed = passed_by(leaf.path, steps[:-1])
    trail = _core.ArrayTrail({**_described(steps, passed, route, view, struct, forms), **_derived(leaf, surface)})
    return remember(key, KnownArray(trail, beyond, (route.kernel.signature,), view, forms, passed))


def _beyond(key, path, route, view):
    """The steps from the supplier to the array; None where they are reached otherwise than by names and indices."""
    if type(path) is not Path or key[1] is None:
        return None
    steps, at = (*route.leaf.path.steps, ("attr", route.leaf.property.identifier)), len(path.steps)
    beyond = tuple(map(told, steps[at:], key[2]))
    picks = [at + i for i, step in enumerate(beyond) if step and step[0] == "counted"]
    if (steps[:at] != path.steps or len(beyond) != len(steps) - at or None in beyond or any(what in COMPUTED for _, what in steps)
            or picks != [len(one.path.steps) for one in reversed(view.walked)] or any(one.order for one in view.walked)):
        return None
    return beyond


def _is_form(form, route):
    return (form["dims"], form["shape"]) == (route.leaf.property.dims, route.view.shape)


def _form(route, view, struct):
    low = route.mover.lowered
    tables = low.tables or (None,) * len(low.extents)
    move = {"kernel": route.kernel, "source_offset": low.source_offset, "cache_offset": low.cache_offset,
            "extents": low.extents, "tables": tuple(table and tuple(table) for table in tables)}
    asked = _asked(route, struct)
    return {"dims": route.leaf.property.dims, "shape": view.shape, "move": move, "straight": route.straight,
            "covers": route.covers_components(), "writes": struct == struct.id_data or asked is not None, "asked": asked}


def _asked(route, struct):
    """How native code gets the numbers that an update has, to look at each; None of what indexes no vertices."""
    if topology(route.leaf, struct) != "vertices":
        return None
    mover = route.dense(None).mover
    low = mover.lowered
    return {"kernel": mover.kernel, "source_offset": 0, "cache_offset": low.cache_offset, "extents": low.extents,
            "tables": (None,) * len(low.extents)}


def _described(steps, passed, route, view, struct, forms):
    """What `_core.ArrayTrail` reads."""
    leaf, owner = route.leaf, struct.id_data
    indexed, (remakes, moves) = topology(leaf, struct) or None, settles(leaf, struct, owner)
    leg = {"property": leaf.property.identifier, "place": "own", "name": None, "data_type": None, "domain": None,
           "layer": None, "stride": 0, "move": forms[-1]["move"], "missing": None, "through": None, "lookups": (),
           "check": None, "doubtful": False, "axes": (), "writing": {
               **UNWRITTEN, "indexed": indexed, "tags": type(owner).__name__ in GEOMETRY, "remakes": remakes, "moves": moves}}
    return {"steps": steps, "passed": None if passed is None else (*passed, None), "rows": slice(None), "element": None,
            "owner": type(struct), "is_layers": False, "inner": (), "format": FORMAT[view.scalar], "packed": True,
            "stays": False, "legs": (leg,), **around_writes(leaf, owner),
            "array_format": FORMAT[route.scalar], "sized": len(leaf.property.dims) > 1, "forms": forms}


def _derived(leaf, surface):
    """What native code asks of the datablock before Blender makes the array from its geometry."""
    if not leaf.derived:
        return {"derivable": None, "surface": None}
    return {"derivable": functools.partial(is_derivable, leaf), "surface": surface}


def _borders():
    """Where native code looks whether a mesh's polygons divide its corners, wherever these lead; None where that is not known."""
    import bpy

    if copies_on_write():
        at = sdna() and layers.offsets(sdna())
        return None if at is None else (bpy.types.Mesh, (at, 4, 0, -1), None)
    places = layers.places_for("Mesh")
    return places and (bpy.types.Mesh, places[1], None)
