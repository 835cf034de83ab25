# runtime/rnaslicer/transfer/composed/asked.py: trails of values that bpy's foreach_get tells.
"""Values that Blender computes (areas, normals of polygons), elements that lie in no array, list or table (bones within
bones), properties whose storage nobody has proven: `ForeachRoute` reads them by bpy's own bulk call, and native code does
the same (PlaceKind::asked), and has bpy write them as that route does. Unless values are always computed, their place in
memory may be told later on, by discovery or by values that differ: native code declines now and then, so that Python looks."""

from __future__ import annotations

import functools
from typing import Any

from ... import _core
from ...basis.records import Record
from ...blender.hazards import may_crash
from ...blender.registered import BUILT_IN
from ...layout.leaf import Rows, View
from ...layout.storage import FORMAT
from ...layout.whole import needs_edges
from ...supplier.identity import Path
from ..described import around_writes, asks_first, drawing_in, is_derivable, passed_by, surface_for
from ..element import given
from ..foreach import EnumRoute, ForeachRoute, are_asked, array_of
from ..kernels.lowering import axes_within
from ..laid import PICKED, laid_out
from ..own.listed import is_one, kinds_of, listing
from ..scripts import is_built_in
from ..trails import COMPOSED, known_of, look_up, remember, signatures, tells_no_step, way_of
from ..writing.noticing import GEOMETRY, settles, told_of_tags
from ..writing.ready import NO_LAYER, is_assigned, is_touched, named_layer


class KnownAsked(Record):
    """A trail of one collection's values by foreach_get."""

    trail: Any  # native code reads these three, in this order (runtime/trail/python/context.hpp)
    beyond: tuple  # steps from the supplier to the collection
    signatures: tuple
    view: View  # as first resolved
    rows: slice
    owner: type | None  # of the collection; None: the datablock
    kinds: tuple = ()  # classes that elements may be of; none: the collection declares one

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

    def lacks(self, routes):
        """Whether memory tells the values by now, or an element is of a class that the trail does not know yet."""
        return not are_asked(routes) or bool(self.kinds) and not set(kinds_of(routes[0].leaf)) <= set(self.kinds)

    def enter(self, path, wrapper, _more, _items, into=None):
        """(run, MemCache), or None where the trail declines. into: the MemCache to fill; then True."""
        if into is not None:
            return self.trail.read(path.root, path.steps + self.beyond, into, into.shape[0], 0) or None
        return self.trail.enter(path.root, path.steps + self.beyond, wrapper)

    def read(self, path, _more, _items, out, rows):
        """True if a caller's packed buffer was filled. rows: how many there must be, or -1."""
        return self.trail.read_packed(path.root, path.steps + self.beyond, out, rows)

    def write(self, path, _more, _items, values, rows):
        """The same to Blender."""
        return self.trail.write_packed(path.root, path.steps + self.beyond, values, rows)

    def adopt(self, path, _more, _items, shape):
        """The run of a cache of that shape that was filled already, or None."""
        path = Path(path.root, path.steps + self.beyond)
        length = len(path.follow())
        if not self.fits(shape) or Rows.sliced(length, self.rows).count != shape[0]:
            return None
        return self.trail.adopt(path.root, path.steps, length, (False,) * len(self.view.leaves))

    def differing(self, view, run):
        """(path, length then, length now) if the collection had another length when the run entered, else None."""
        leaf = view.leaves[0]
        return None if leaf.rows.length == run.length else (leaf.path, run.length, leaf.rows.length)

    def note(self, _view, routes, run):
        """Tells routes that were made anew what was at enter."""
        for route in routes if self.owner is not None and not self.kinds else ():
            route.kinds.noted(self.owner, run.domain)
        for route in routes if run.kinds else ():
            route.kinds.noted_elements(run.kinds)


COMPOSED.add(KnownAsked)
_core.follow_one(KnownAsked)


def learn_asked(key, path, view, routes):
    """Remembers the trail; None where native code could not follow."""
    if view.strides is not None or (PICKED,) in key[2] or any(asks_first(one.leaf.path) for one in routes[:1]):
        return None
    for_now = any(route.why != "computed" for route in routes)
    way = key[1] is not None and way_of(key, path, view, routes)
    if not way:
        laid = laid_out(key, view, routes, _is_followed)
        if laid is None or laid.form == "pad" or not all(map(_is_followed, laid.legs)):
            return None
        description = _described(laid.own, view, laid.legs, for_now)
        return description and remember(key, known_of(laid, _core.Trail(description), passed=description["passed"],
                                                      asked="foreach"))
    (beyond, rows), leaf = way, routes[0].leaf
    if tells_no_step(leaf, rows) or not all(
            one.place[:1] == (("own", 0),) and one.path.steps == leaf.path.steps for one in (route.leaf for route in routes)):
        return None
    own = {"steps": path.steps + beyond, "rows": rows, "inner": tuple(view.shape[1:])}
    as_list = any(route.has_slots or not route.leaf.uniform for route in routes)
    description, kinds = None, ()
    if all(_is_followed(route, as_list) for route in routes):
        description = _described_list(own, view, routes, for_now, key) if as_list else _described(own, view, routes, for_now)
        kinds = description.get("list", {}).get("kinds", ()) if description else ()
    if description is None:
        description, kinds = _described_of_kinds(own, view, routes, for_now, key)
    return description and remember(key, KnownAsked(_core.Trail(description), beyond, signatures(routes), view, rows,
                                                    description["owner"], kinds))


def _described_of_kinds(own, view, routes, for_now, key):
    """(the same of elements that are in no list, of which each tells its class, these classes), or (None, ())."""
    leaf = routes[0].leaf
    if not all(_is_followed_of_kinds(route) for route in routes):
        return None, ()
    kinds, older = kinds_of(leaf), look_up(key)
    if type(older) is KnownAsked and kinds:
        kinds = tuple(dict.fromkeys((*older.kinds, *kinds)))
    if any(kind.__module__ not in BUILT_IN for kind in kinds) or not all(
            is_one(kinds, route.leaf.property.identifier) for route in routes):
        return None, ()
    return _described(own, view, routes, for_now, kinds=kinds or None), kinds


def described_picked(own, view, routes):
    """What `_core.PickedTrail` reads of elements that indices or a mask name; None where native code could not follow."""
    if asks_first(routes[0].leaf.path) or not all(_is_followed(route, picked=True) for route in routes):
        return None
    return _described(own, view, routes, any(route.why != "computed" for route in routes))


def _is_followed(route, as_list=False, picked=False):
    """Whether bpy's call tells what the route reads, whoever the datablock is. as_list: elements may be of several classes,
    and slots empty, which native code compares. picked: of elements that are named one by one."""
    leaf = route.leaf
    return (_is_followed_of_kinds(route, as_list, picked)
            and (as_list or not route.has_slots and leaf.exact and leaf.uniform))


def _is_followed_of_kinds(route, as_list=False, picked=False):
    """The same of elements of which each tells its type, so that none may be missing."""
    leaf = route.leaf
    return (type(route) in (ForeachRoute, EnumRoute) and not leaf.alike and (as_list or leaf.uniform or leaf.shared)
            and (type(leaf.path) is Path or isinstance(leaf.path, Path) and leaf.path.counts)
            and leaf.path.steps[-1][0] == "attr" and (leaf.rows.table is not None) == picked
            and not leaf.property.dynamic
            and drawing_in(leaf.path.steps) is None and is_built_in(leaf)
            and (leaf.path.root.in_main or not may_crash(leaf.element, leaf.property.identifier)))


def _described(own, view, routes, for_now, holder=None, kinds=None):
    """What `_core.Trail` reads: steps, rows and inner shape as in `own`; None where native code could not follow. holder:
    what has elements of several classes, as the steps lead to it. kinds: classes of such that are in no list."""
    import bpy

    leaf, derived = routes[0].leaf, next((route.leaf for route in routes if route.leaf.derived), None)
    coll = leaf.path.follow()
    surface = derived and surface_for(derived, coll.id_data)
    if derived and surface is None:  # to ask Python first costs more than bpy's own call
        return None
    owner, as_list = type(coll.data if holder is None else holder), holder is not None
    is_of_root = owner is type(coll.id_data) and len(own["steps"]) == 1 and leaf.of_root
    return {**own, "passed": passed_by(leaf.path, own["steps"]), "element": kinds, "owner": None if is_of_root else owner,
            "is_layers": issubclass(owner, bpy.types.Attribute), "format": FORMAT[view.scalar], "packed": True,
            "legs": tuple(_leg(route, view, own.get("axes", 0), coll, as_list) for route in routes), "counts": leaf.path.counts,
            "for_now": for_now, "stays": False, **around_writes(leaf, coll.id_data), "edits": leaf.element == "EditBone",
            "by_user": isinstance(coll.id_data, bpy.types.Key),
            "whose": issubclass(owner, bpy.types.ID) and coll.id_data == coll.data, "surface": surface,
            "derivable": functools.partial(is_derivable, derived) if derived else None,
            "needs_edges": derived is not None and needs_edges(derived.element, type(coll.id_data).__name__,
                                                               derived.path.steps[-1][1])}


def _described_list(own, view, routes, for_now, key):
    """The same of elements that may be of several classes; those of an older trail count, too."""
    leaf = routes[0].leaf
    coll, name = leaf.path.follow(), leaf.path.steps[-1][1]
    holder = Path(leaf.path.root, leaf.path.steps[:-1]).follow()
    found = listing(leaf, coll, name, holder)
    if found is None or leaf.derived or type(coll.id_data).__name__ in ("Mesh", "Curves"):
        return None
    older = look_up(key)
    if type(older) is KnownAsked and older.kinds:
        kinds = tuple(dict.fromkeys(older.kinds + found["kinds"]))
        found = {**found, "kinds": kinds}
    if not all(is_one(found["kinds"], route.leaf.property.identifier) for route in routes):
        return None
    description = _described(own, view, routes, for_now, holder)
    return description and {**description, "list": found}


def _leg(route, view, axes, coll, as_list):
    """What `_core.Trail` reads of an array that bpy fills."""
    leaf, owner, array, layer = route.leaf, coll.id_data, array_of(route, view, axes), named_layer(route.leaf, coll)
    remakes, moves = settles(leaf, coll, owner)
    return {"property": leaf.property.identifier, "place": "asked", "array": array, **(layer or NO_LAYER), "layer": None,
            "stride": array["stride"], "move": array["move"], "missing": None, "through": None, "lookups": (), "check": None,
            "doubtful": False, "axes": axes_within(leaf, view, axes),
            "writing": {"possible": False, "given": layer and _given(leaf, view, coll, axes, as_list), "indexed": None,
                        "shares": False, "touches_layer": is_touched(leaf, owner), "allowed": (), "bounds": (),
                        "tags": type(owner).__name__ in GEOMETRY, "told": told_of_tags(leaf, owner), "remakes": remakes,
                        "moves": moves}}


def _given(leaf, view, coll, axes, as_list):
    """How an update is bpy's own; None where it is for the routes: nodes may call scripts (scripts.py; of lists native
    code looks), and what follows depends on an attribute's name, which an index does not tell."""
    import bpy

    may_call = isinstance(coll.id_data, bpy.types.NodeTree) and not as_list
    if may_call or coll.id_data is None or not len(coll) or (
            not is_assigned(leaf, coll, asks_names=False, readies=True)):
        return None
    return given(leaf, view, coll[0], axes) if leaf.path.root.in_main else None
