# runtime/rnaslicer/transfer/own/single.py: the trail of one struct's numbers.
"""`Slicer(ob)['location']`, `Slicer(mesh.vertices)[5, 'co']`, `['modifiers', '["Name"]', 'levels']`: native code follows the
steps, compares the struct's class and the lengths that indices count, and asks and assigns by bpy's own getattr and
setattr, as `ElementRoute` does (runtime/trail/several/single.cpp); and so it does for the only element of a collection,
or of a list, which alone proves no storage: `Slicer(ob.modifiers)[:, 'levels']`. What scripts registered, what Blender computes from
geometry, and where an update has more to do than to assign, stays with that route."""

from __future__ import annotations

import itertools
from typing import Any

from ... import _core
from ...basis.records import Record, replace
from ...blender.hazards import may_crash
from ...blender.registered import BUILT_IN
from ...blender.rna import COMPUTED
from ...layout.elsewhere import equivalent
from ...layout.findings import made_before
from ...layout.leaf import View
from ...layout.places import Attribute
from ...layout.storage import FORMAT
from ...supplier.identity import Path
from ...supplier.several import Several
from ...supplier.uids import id_places
from ..described import around_writes, asks_first, drawing_in, passed_by
from ..element import ElementRoute, axes_told, given, told_value
from ..laid import way_of
from ..routes import are_nothing
from ..scripts import is_plain, registered_for
from ..trails import COMPOSED, find_known, remember
from ..writing.checks import topology
from ..writing.noticing import GEOMETRY, may_derive, settles, told_of_tags
from ..writing.ready import is_assigned, is_touched
from . import listed

_ALL = "slice", None, None, None
_BY_KIND = GEOMETRY | {"Mesh", "Key"}  # datablocks of which more is asked around a write


class KnownSingle(Record):
    """A trail of one struct's numbers."""

    trail: Any  # native code reads these three, in this order (runtime/trail/python/context.hpp)
    beyond: tuple  # steps from the supplier to the struct
    signatures: tuple
    view: View  # as first resolved
    kinds: tuple  # classes that the struct may be of
    owners: tuple  # classes that its datablock may be of
    passed: tuple | None  # classes of what pointers on the way lead to
    alone: bool = False  # the struct is the only element of a collection, or of a list: the view's one row
    nothing: bool = False  # it is a collection that is empty (nothing.py)

    @property
    def route(self):
        """Of whoever does the same without a trail."""
        return "element"

    @property
    def leaf(self):
        """The first leaf, for errors."""
        return self.view.leaves[0]

    def fits(self, shape):
        """Whether a buffer has the cache's shape."""
        return tuple(shape) == self.view.shape

    def lacks(self, routes):
        """Whether a struct, or its datablock, is of a class that the trail does not know yet, but may. What a pointer leads
        to, of another class with another such property, has a trail of its own (entered/variants.py)."""
        leaf = routes[0].leaf
        if self.nothing or are_nothing(routes):  # what is not is another's
            return False
        if self.alone and leaf.rows is not None and leaf.rows.length != 1:
            return True
        path = _first_of(leaf) if self.alone else leaf.path
        struct = path.follow()
        kinds, owners = (type(struct),), (type(struct.id_data),)
        if kinds[0] in self.kinds and owners[0] in self.owners:
            return False
        return _widened(self, kinds, owners, routes) != (kinds, owners) or (
            self.passed is None or passed_by(path, self.passed) == self.passed)

    def enter(self, path, wrapper, _more, _items, into=None):
        """(run, filled MemCache, None), or None where the trail declines. into: the MemCache to fill."""
        way = self._way(path)
        return way and self.trail.enter(*way, wrapper, into)

    def read(self, path, _more, _items, out, _rows):
        """True if a caller's packed buffer was filled."""
        way = self._way(path)
        return way is not None and self.trail.read(*way, out)

    def write(self, path, _more, _items, values, _rows):
        """True if it was written."""
        way = self._way(path)
        return way is not None and self.trail.write(*way, values)

    def adopt(self, path, _more, _items, shape):
        """The run of a cache of that shape that was filled already, or None."""
        way = self._way(path) if self.fits(shape) else None
        return way and self.trail.adopt(*way)

    def _way(self, path):
        """(root, steps) to the struct; None of a list of others than one."""
        if type(path) is not Path:
            if len(path) != 1:
                return None
            path = path[0]
        return path.root, path.steps + self.beyond

    def differing(self, view, run):
        """(path, length then, length now) of a collection that an index counts and that had another length when the run
        entered, else None."""
        lengths = iter(run.counted)
        for one, then in zip(reversed(view.walked), lengths):
            if one.length != then:
                return one.path, then, one.length
        leaf = view.leaves[0]
        was = 0 if self.nothing else 1
        is_other = (self.alone or self.nothing) and leaf.rows is not None and leaf.rows.length != was
        return (leaf.path, was, leaf.rows.length) if is_other else None

    def note(self, view, routes, run):
        """Tells routes that were made anew what was at enter."""
        for route in routes if not self.nothing else ():
            route.kinds.noted_elements(run.kinds)
        for one in view.walked:
            if one.order is not None:
                one.order.recall(run.uids)

    def is_order_of(self, view, run):
        """Whether a run has entered the datablock that an index counted when the view was made."""
        return all(one.order.is_of(run.uids) for one in view.walked if one.order is not None)


COMPOSED.add(KnownSingle)
_core.follow_single(KnownSingle)


def learn_single(key, path, view, routes):
    """Remembers the trail; None where native code could not follow."""
    way = key[1] is not None and way_of(key, path, view, routes, counts=True, ones=True)
    return _learnt(key, path, view, view, routes, way[0], False) if way else None


def learn_one(key, path, view, routes):
    """The same of the only element of a collection, or of a list. A trail of more, which may be one, stays."""
    older = find_known(key)
    beyond = _beyond(key, path, view, routes) if older is None or type(older) is KnownSingle else None
    if beyond is None:
        return None
    leaves = tuple(replace(route.leaf, path=_first_of(route.leaf), rows=None, place=route.leaf.place[1:])
                   for route in routes)
    one = replace(view, shape=view.shape[1:], leaves=leaves)
    return _learnt(key, path, view, one, [ElementRoute(leaf, one) for leaf in leaves], beyond, True)


def _beyond(key, path, view, routes):
    """The steps from a collection's owner, or a list's only struct, to the struct; None where these are other than names,
    or than all of one."""
    leaf = routes[0].leaf
    if type(path) is Path:
        is_row = key[1] is not None and leaf.rows is not None and type(leaf.path) is Path
        way = is_row and way_of(key, path, view, routes, counts=True)
        return way[0] + (("counted", 0),) if way and way[1] == slice(None) else None
    items = key[2][1:] if key[2][:1] == (_ALL,) else key[2]
    steps = _first_of(leaf).steps[len(path[0].steps):] if len(path) == 1 else None
    if steps is None or any(one.length is not None or one.order for one in view.walked) or len(items) <= len(steps) or any(
            kind != "attr" or item != ("name", what) for (kind, what), item in zip(steps, items)):
        return None
    return steps


def _first_of(leaf):
    """The path to the only struct."""
    path = leaf.path
    if isinstance(path, Several):
        return path.paths[0]
    return path if leaf.rows is None else Path(path.root, (*path.steps, ("item", 0)))


def _learnt(key, path, view, one, routes, beyond, alone):
    """The trail of one struct. one: the view without a row for it, if it is `alone`."""
    if view.strides is not None or not all(is_told(route.leaf) for route in routes) or any(
            route.leaf.path.steps != routes[0].leaf.path.steps for route in routes):
        return None
    leaf = routes[0].leaf
    if any(what in COMPUTED for _, what in leaf.path.steps if type(what) is str):
        return None
    struct, picked = leaf.path.follow(), [one.path for one in view.walked if one.order is not None]
    if picked and (len(picked) > 1 or not _is_picked(picked[0], leaf.path, struct)):
        return None
    kinds, owners = (type(struct),), (type(struct.id_data),)
    registered = [registered_for(route.leaf, struct, leaf.path) for route in routes]
    older = find_known(key)
    if None in registered:
        return None
    registered = tuple(itertools.chain(*registered))
    if type(older) is KnownSingle and not older.nothing and not registered:
        kinds, owners = _widened(older, kinds, owners, routes)
    if struct.id_data is None or not registered and any(kind.__module__ not in BUILT_IN for kind in kinds):
        return None
    values = tuple(told_value(route, struct) for route in routes)
    if None in values:
        return None
    steps = (path if type(path) is Path else path[0]).steps + beyond
    passed = passed_by(leaf.path, steps)
    description = _described(steps, passed, one, routes, struct, kinds, owners, values)
    if alone:
        description["inner"] = tuple(view.shape)
        for leg in description["legs"]:
            leg["axes"] = ((0, -1), *(leg["axes"] or tuple((0, extent) for extent in one.shape)))
    trail = _core.SingleTrail({**description, "registered": registered, "places": id_places() if picked else None, "picks": bool(picked),
                               "alone": alone and type(path) is Path})
    return remember(key, KnownSingle(trail, beyond, tuple(route.kernel.signature for route in routes), view, kinds, owners,
                                     passed, alone))


def _is_picked(collection, path, struct):
    """Whether the datablock that a step beyond a collection picks is that of the struct: native code compares no other."""
    found = Path(path.root, path.steps[:len(collection.steps) + 1]).follow()
    return found == struct.id_data


def _widened(older, kinds, owners, routes):
    """Classes of structs and datablocks for an older trail's, too, where these have the very same properties and as much
    is asked of them around a write."""
    all_kinds, all_owners = tuple(dict.fromkeys(older.kinds + kinds)), tuple(dict.fromkeys(older.owners + owners))
    same = all(listed.is_one(all_kinds, route.leaf.property.identifier) for route in routes) and (
        len(all_owners) == 1 or not {kind.__name__ for kind in all_owners} & _BY_KIND)
    return (all_kinds, all_owners) if same else (kinds, owners)


def is_told(leaf):
    """Whether bpy's value of one struct says all, whoever the datablock is."""
    prop = leaf.property
    if leaf.moved_by == "custom":
        return type(leaf.path) is Path and not asks_first(leaf.path)
    return (type(leaf.path) is Path and not leaf.moved_by and not leaf.derived and not prop.dynamic and not prop.is_flag
            and not prop.is_flat and prop.value in ("b1", "i32", "f32") and len(prop.dims) < 3
            and is_plain(leaf) and drawing_in(leaf.path.steps) is None
            and not may_crash(leaf.element, prop.identifier))


def _described(steps, passed, view, routes, struct, kinds, owners, values):
    """What `_core.SingleTrail` reads."""
    leaf, owner = routes[0].leaf, struct.id_data
    legs = tuple(_leg(route, view, struct) for route in routes)
    if any(leg["writing"]["given"] for leg in legs):
        may_derive(leaf, owner)  # looks, and so learns: later on that would end the trail
    before = Path(leaf.path.root, leaf.path.steps[:-1]).follow() if steps else None
    return {"steps": steps, "passed": passed and (*passed[:-1], None), "rows": slice(None), "element": None,
            "owner": before and type(before) if steps else None, "is_layers": False, "inner": tuple(view.shape),
            "format": FORMAT[view.scalar], "packed": True, "by_user": type(owner).__name__ == "Key", "derivable": None,
            "surface": None, "stays": False, "legs": legs,
            **around_writes(leaf, owner), "list": listed.asked(leaf, kinds, "itself"), "values": values,
            "owners": owners}


def _leg(route, view, struct):
    """What native code reads of a property's kernel, and of what follows an assignment."""
    leaf, owner, lowered = route.leaf, struct.id_data, route.dense(None).mover.lowered
    remakes, moves = settles(leaf, struct, owner)
    move = {"kernel": route.kernel, "source_offset": 0, "cache_offset": lowered.cache_offset, "extents": lowered.extents,
            "tables": (None,) * len(lowered.extents)}
    layer, how, is_custom = layer_of(leaf), None, leaf.moved_by == "custom"  # of which bpy tags and updates nothing
    if layer is not None and leaf.path.root.in_main and is_assigned(leaf, struct, asks_names=False, readies=True, leads=True):
        how = leading(given(leaf, view, struct), leaf, struct)
    return {"property": leaf.property.identifier, **(layer or _NO_LAYER),
            "layer": None, "stride": 0, "move": move, "missing": None, "through": None, "lookups": (), "check": None,
            "doubtful": False, "axes": axes_told(leaf, view),
            "writing": {"possible": False, "given": how, "indexed": topology(leaf, struct) if how and not is_custom else None, "shares": False, "touches_layer": is_touched(leaf, owner), "allowed": (),
                        "bounds": (), "tags": type(owner).__name__ in GEOMETRY and not is_custom,
                        "told": told_of_tags(leaf, owner), "remakes": remakes and not is_custom,
                        "moves": moves and not is_custom}}


def leading(how, leaf, struct):
    """What native code assigns. Of indices each is looked at that an update has: none where of two only one is assigned."""
    twice = how is not None and len(set(how["components"])) < len(how["components"])
    return None if twice and not leaf.moved_by and topology(leaf, struct) is not None else how


_NO_LAYER = {"place": "own", "name": None, "data_type": None, "domain": None}


def layer_of(leaf):
    """The layer that holds the value by its name, which nothing else may have before an update; None where that cannot be
    told for every datablock."""
    place, _ = equivalent(leaf.element, leaf.property.identifier) or (None, None)
    if not isinstance(place, Attribute) or place.default is None:
        return _NO_LAYER
    names = place.named(Path(leaf.path.root, leaf.path.steps[:-1]).follow())
    if names is None or len(names) > 1 and made_before() is None:
        return None
    if len(names) != 1:  # which this build does not make: bits of the elements (3.4)
        return _NO_LAYER
    return {"place": "layer", "name": names[0], "data_type": place.data_type, "domain": place.domain}
