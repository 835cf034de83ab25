# runtime/rnaslicer/transfer/own/arrays.py: the trail of an image's pixels.
"""`Slicer(image)['pixels', :, :, :]`: native code asks the image for its size, has bpy's own foreach_get fill the cache or a
packed copy, and foreach_set take it, as `ArrayRoute` does (runtime/trail/several/arrays.cpp). What is compiled depends on
how large the image is: of each size that was met there is a form. Other arrays of this kind stay with the route."""

from __future__ import annotations

import math
from typing import Any

from ... import _core
from ...basis.records import Record
from ...layout.leaf import View
from ...layout.storage import FORMAT
from ...supplier.identity import Path
from ..described import around_writes, asks_first, passed_by
from ..laid import told
from ..trails import COMPOSED, find_known, remember

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
    leaf, beyond = route.leaf, _beyond(key, path, route)
    if (beyond is None or view.walked or view.strides is not None or view.offsets is not None or leaf.derived
            or not leaf.path.root.in_main or asks_first(leaf.path)):
        return None
    image = leaf.path.follow()
    if type(image) is not type(image.id_data) or type(image).__name__ != "Image":
        return None
    older = find_known(key)
    forms = older.forms if type(older) is KnownArray and older.beyond == beyond else ()
    if older is None or not any(_is_form(form, route) for form in forms):
        forms = (*forms[1 - _MOST:], _form(route, view))
    steps = path.steps + beyond
    passed = passed_by(leaf.path, steps[:-1])
    trail = _core.ArrayTrail(_described(steps, passed, route, view, image, forms))
    return remember(key, KnownArray(trail, beyond, (route.kernel.signature,), view, forms, passed))


def _beyond(key, path, route):
    """The steps from the supplier to the pixels; None where they are reached otherwise than by names."""
    if type(path) is not Path or key[1] is None:
        return None
    steps = (*route.leaf.path.steps, ("attr", route.leaf.property.identifier))
    beyond = steps[len(path.steps):]
    if steps[:len(path.steps)] != path.steps or any(
            kind not in ("attr", "key") or len(key[2]) <= i or told((kind, what), key[2][i]) is None
            for i, (kind, what) in enumerate(beyond)):
        return None
    return beyond


def _is_form(form, route):
    return (form["dims"], form["shape"]) == (route.leaf.property.dims, route.view.shape)


def _form(route, view):
    low = route.mover.lowered
    tables = low.tables or (None,) * len(low.extents)
    move = {"kernel": route.kernel, "source_offset": low.source_offset, "cache_offset": low.cache_offset,
            "extents": low.extents, "tables": tuple(table and tuple(table) for table in tables)}
    return {"dims": route.leaf.property.dims, "shape": view.shape, "move": move, "straight": route.straight,
            "covers": route.covers_components()}


def _described(steps, passed, route, view, image, forms):
    """What `_core.ArrayTrail` reads."""
    leaf = route.leaf
    leg = {"property": leaf.property.identifier, "place": "own", "name": None, "data_type": None, "domain": None,
           "layer": None, "stride": 0, "move": forms[-1]["move"], "missing": None, "through": None, "lookups": (),
           "check": None, "doubtful": False, "axes": (), "writing": UNWRITTEN}
    return {"steps": steps, "passed": None if passed is None else (*passed, None), "rows": slice(None), "element": None,
            "owner": type(image), "is_layers": False, "inner": (), "format": FORMAT[view.scalar], "packed": True,
            "derivable": None, "surface": None, "stays": False, "legs": (leg,), **around_writes(leaf, image),
            "array_format": FORMAT[route.scalar], "sized": len(leaf.property.dims) > 1, "forms": forms}
