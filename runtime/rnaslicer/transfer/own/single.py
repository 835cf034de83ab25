# runtime/rnaslicer/transfer/own/single.py: the trail of one struct's numbers.
"""`Slicer(ob)['location']`, `Slicer(mesh.vertices)[5, 'co']`, `['modifiers', '["Name"]', 'levels']`: native code follows the
steps, compares the struct's class and the lengths that indices count, and asks and assigns by bpy's own getattr and
setattr, as `ElementRoute` does (runtime/trail/several/single.cpp). What scripts registered, what Blender computes from
geometry, and where an update has more to do than to assign, stays with that route."""

from typing import Any, Optional

from ... import _core
from ...basis.records import Record
from ...blender.hazards import MAY_CRASH
from ...blender.registered import BUILT_IN
from ...blender.rna import COMPUTED, find
from ...layout.elsewhere import equivalent
from ...layout.leaf import View
from ...layout.places import Attribute
from ...layout.storage import FORMAT
from ...supplier.identity import Path
from ...supplier.uids import id_places
from ..described import around_writes, asks_first, drawing_in, passed_by
from ..element import given, told_value
from ..kernels.lowering import axes_within
from ..laid import led, way_of
from ..scripts import is_built_in
from ..trails import COMPOSED, find_known, remember
from ..writing.noticing import GEOMETRY, may_derive, settles, told_of_tags
from ..writing.ready import is_assigned
from . import listed

_BY_KIND = GEOMETRY | {"Mesh", "Key"}  # datablocks of which more is asked around a write


class KnownSingle(Record):
    """A trail of one struct's numbers."""

    trail: Any  # native code reads these three, in this order (runtime/trail/python/context.hpp)
    beyond: tuple  # steps from the supplier to the struct
    signatures: tuple
    view: View  # as first resolved
    kinds: tuple  # classes that the struct may be of
    owners: tuple  # classes that its datablock may be of
    passed: Optional[tuple]  # classes of what pointers on the way lead to

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
        path = routes[0].leaf.path
        struct = path.follow()
        kinds, owners = (type(struct),), (type(struct.id_data),)
        if kinds[0] in self.kinds and owners[0] in self.owners:
            return False
        return _widened(self, kinds, owners, routes) != (kinds, owners) or (
            self.passed is None or passed_by(path, self.passed) == self.passed)

    def enter(self, path, wrapper, _more, _items, into=None):
        """(run, filled MemCache, None), or None where the trail declines. into: the MemCache to fill."""
        return self.trail.enter(path.root, path.steps + self.beyond, wrapper, into)

    def read(self, path, _more, _items, out, _rows):
        """True if a caller's packed buffer was filled."""
        return self.trail.read(path.root, path.steps + self.beyond, out)

    def write(self, path, _more, _items, values, _rows):
        """True if it was written."""
        return self.trail.write(path.root, path.steps + self.beyond, values)

    def adopt(self, path, _more, _items, shape):
        """The run of a cache of that shape that was filled already, or None."""
        return self.trail.adopt(path.root, path.steps + self.beyond) if self.fits(shape) else None

    def differing(self, view, run):
        """(path, length then, length now) of a collection that an index counts and that had another length when the run
        entered, else None."""
        lengths = iter(run.counted)
        for one, then in zip(reversed(view.walked), lengths):
            if one.length != then:
                return one.path, then, one.length
        return None

    def note(self, view, routes, run):
        """Tells routes that were made anew what was at enter."""
        for route in routes:
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
    if not way or view.strides is not None or not all(map(_is_followed, routes)) or any(
            route.leaf.path.steps != routes[0].leaf.path.steps for route in routes):
        return None
    leaf, beyond = routes[0].leaf, way[0]
    if asks_first(leaf.path) or any(what in COMPUTED for _, what in leaf.path.steps if type(what) is str):
        return None
    struct, picked = leaf.path.follow(), [one.path for one in view.walked if one.order is not None]
    if picked and (len(picked) > 1 or not _is_picked(picked[0], leaf.path, struct)):
        return None
    kinds, owners = (type(struct),), (type(struct.id_data),)
    older = find_known(key)
    if type(older) is KnownSingle:
        kinds, owners = _widened(older, kinds, owners, routes)
    if struct.id_data is None or any(kind.__module__ not in BUILT_IN for kind in kinds):
        return None
    values = tuple(told_value(route, struct) for route in routes)
    if None in values:
        return None
    steps = path.steps + beyond
    passed = passed_by(leaf.path, steps)
    description = _described(steps, passed, view, routes, struct, kinds, owners, values)
    trail = _core.SingleTrail({**description, "places": id_places() if picked else None, "picks": bool(picked)})
    return remember(key, KnownSingle(trail, beyond, tuple(route.kernel.signature for route in routes), view, kinds, owners,
                                     passed))


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


def _is_followed(route):
    """Whether bpy's value says all, whoever the datablock is."""
    leaf, prop = route.leaf, route.leaf.property
    return (type(leaf.path) is Path and not leaf.derived and not prop.runtime and not prop.dynamic and not prop.is_flag
            and not prop.is_flat and prop.value in ("b1", "i32", "f32") and (len(prop.dims) < 2 or prop.is_matrix)
            and is_built_in(leaf) and drawing_in(leaf.path.steps) is None
            and (leaf.element, prop.identifier) not in MAY_CRASH)


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
    layer, how = _layer(leaf), None
    if layer is not None and leaf.path.root.in_main and is_assigned(leaf, struct, asks_names=False):
        how = given(leaf, view, struct)
    return {"property": leaf.property.identifier, **(layer or _NO_LAYER),
            "layer": None, "stride": 0, "move": move, "missing": None, "through": None, "lookups": (), "check": None,
            "doubtful": False, "axes": axes_within(leaf, view),
            "writing": {"possible": False, "given": how, "indexed": None, "shares": False, "touches_layer": False, "allowed": (),
                        "bounds": (), "tags": type(owner).__name__ in GEOMETRY, "told": told_of_tags(leaf, owner),
                        "remakes": remakes, "moves": moves}}


_NO_LAYER = {"place": "own", "name": None, "data_type": None, "domain": None}


def _layer(leaf):
    """The layer that holds the value by its name, which nothing else may have before an update; None where that cannot be
    told for every datablock."""
    place, _ = equivalent(leaf.element, leaf.property.identifier) or (None, None)
    if not isinstance(place, Attribute) or place.default is None:
        return _NO_LAYER
    names = place.named(Path(leaf.path.root, leaf.path.steps[:-1]).follow())
    if names is None or len(names) > 1:
        return None
    return {"place": "layer", "name": names[0], "data_type": place.data_type, "domain": place.domain} if names else _NO_LAYER
