# runtime/rnaslicer/transfer/composed/grouped.py: tables of scripts' groups, described for native code.
"""As trails.py, for `GroupRoute` (trail/groups/groups.hpp). What a trail depends on beside its key is what scripts have
registered: classes and properties, on the way and in the groups. Native code compares these at each call, and of each
group how it holds the value. Properties that it cannot compare with bpy (flags, tables) are for the routes."""

import functools
import math
from typing import Any

from ... import _core
from ...blender.callbacks import has_callbacks
from ...blender.groups import idproperties
from ...blender.registered import type_at
from ...blender.rna import describe, find
from ...errors import ShapeChangedError
from ...basis.records import Record
from ...layout.storage import FORMAT, SIZE, Storage
from ...supplier.identity import IDRoot, Path
from ..described import around_writes, check_of
from ..groups import GroupRoute, stored
from ..kinds import form_of
from ..known import read_by_enter, written_by_enter
from ..laid import laid_out
from ..trails import remember, way_of

_FOLLOWED = {"attr", "item", "key"}  # steps


class KnownGroups(Record):
    """A trail of scripts' properties."""

    trail: Any  # native code reads these three, in this order (runtime/trail/python/context.hpp)
    beyond: tuple  # steps from the supplier to the groups
    signatures: tuple
    view: Any  # as first resolved
    owner: type  # of the collection
    registered: tuple  # `_registered`
    rows: slice

    @property
    def leaf(self):
        """The first one, for errors."""
        return self.view.leaves[0]

    def read(self, path, more, items, out, rows):
        """As KnownMany has it."""
        return rows < 0 and read_by_enter(self, path, more, items, out)

    def write(self, path, more, items, values, rows):
        """As KnownMany has it."""
        return rows < 0 and written_by_enter(self, path, more, items, values)

    def enter(self, path, wrapper, _more, _items):
        """(run, MemCache, None), or None where the trail declines."""
        return self.trail.enter(path.root, path.steps + self.beyond, wrapper)

    def adopt(self, path, _more, _items, shape):
        """The run of a cache of that shape that was filled already, or None."""
        return self.trail.adopt(path.root, path.steps + self.beyond, shape)

    def lacks(self, routes):
        """Whether something was registered, or is held, in another way than when it was made."""
        return _registered(routes) != self.registered

    def compare(self, view, _run):
        """Raises ShapeChangedError where a property is another one than when the run entered."""
        for then, leaf, known in zip(self.view.leaves, view.leaves, self.registered):
            if form_of(then.property) != form_of(leaf.property):
                raise ShapeChangedError(f"{leaf.path}: {leaf.property.identifier!r} of {known[0].__name__} is registered "
                                        "as another property than when the context was entered; enter again")

    def differing(self, view, run):
        """(path, length then, length now) if there were more or fewer groups when the run entered, else None."""
        leaf, (was,) = view.leaves[0], run.counted
        return None if leaf.rows.length == was else (leaf.path, was, leaf.rows.length)

    def note(self, _view, routes, _run):
        """Tells routes that were made anew what was at enter."""
        for route in routes:
            route.kinds.noted(self.owner, None)


class KnownGroupsEach(KnownGroups):
    """The same of a collection of groups behind each of a Python list's structs."""

    def enter(self, path, wrapper, _more, _items):
        """(run, MemCache, None), or None where the trail declines."""
        return self.trail.enter_each(path, self.beyond, wrapper)

    def adopt(self, path, _more, _items, shape):
        """The run of a cache of that shape that was filled already, or None."""
        return self.trail.adopt_each(path, self.beyond, shape)

    def lacks(self, routes):
        """As KnownGroups; all are like those of the first struct."""
        return super().lacks(routes[:len(self.registered)])

    def differing(self, view, run):
        """As KnownGroups, of the first that has another length; (what, structs then, now) of another number of them."""
        leaves, lengths = view.leaves[::len(self.registered)], run.counted
        if len(leaves) != len(lengths):
            return "the supplier", len(lengths), len(leaves)
        return next(((leaf.path, was, leaf.rows.length) for leaf, was in zip(leaves, lengths) if leaf.rows.length != was), None)


def are_groups(routes):
    """Whether routes are of this kind."""
    return any(type(route) is GroupRoute for route in routes)


def learn_groups(key, path, view, routes):
    """Remembers the trail; None where native code could not follow."""
    each = type(path) is list and laid_out(key, view, routes, lambda route: type(route) is GroupRoute)
    if each and (each.form != "equal" or each.rows != slice(None) or len(each.depths) > 1 or each.ones or each.before
                 or any(type(one.root) is not IDRoot for one in path) or not _are_alike(routes, each.legs)):
        return None
    way, routes = ((each.own["steps"], each.own["rows"]), each.legs) if each else (way_of(key, path, view, routes), routes)
    if not way or view.strides is not None or type(routes[0].leaf.path.root) is not IDRoot or any(
            type(route) is not GroupRoute or route.leaf.path.steps != routes[0].leaf.path.steps for route in routes):
        return None
    beyond, rows = way
    coll, known, registered = routes[0].leaf.path.follow(), idproperties.known(), _registered(routes)
    steps = _steps(routes[0].leaf.path)
    if not len(coll) or known is None or steps is None or None in registered:
        return None
    cls, owner = type(coll[0]), coll[0].id_data
    legs, groups = [], []
    for route in routes:
        check = check_of(route.asked.property, Storage(route.layout.place.kind.scalar, 0, None), cls.bl_rna)
        if check is None:
            return None
        store = _store(route, view, coll)
        legs.append(_leg(route, view, check, store is not None))
        place, prop = route.layout.place, route.asked.property
        ask = functools.partial(_is_same, prop, place, place.default_in(cls.bl_rna), _items(prop, cls))
        groups.append((*place.described(coll), route.kinds.registered[-1], ask, store))
    inner = tuple(view.shape[2 if each else 1:])
    description = {"steps": routes[0].leaf.path.steps, "rows": rows, "inner": inner, "element": cls,
                   "owner": type(coll.data), "whose": False, "is_layers": False, "format": FORMAT[view.scalar], "packed": True,
                   "legs": tuple(legs), "stays": False, "derivable": None, "surface": None,
                   **around_writes(routes[0].leaf, owner)}
    trail = _core.GroupTrail(description, known.places, steps, (cls, vars(cls)["bl_rna"]), tuple(groups))
    signatures = tuple(route.kernel.signature for route in routes)
    known_as = KnownGroupsEach if each else KnownGroups
    return remember(key, known_as(trail, beyond, signatures, view, type(coll.data), registered, rows))


def _are_alike(routes, legs):
    """Whether all routes found registered, and held, what those of one struct did."""
    return all(_registered([route]) == _registered([legs[i % len(legs)]]) for i, route in enumerate(routes))


def _registered(routes):
    """What routes found registered, its default and their layouts; None among it where that is not told."""
    coll = routes[0].leaf.path.follow()
    return tuple((*route.kinds.registered[:2], route.asked.property, route.layout, route.layout.place.described(coll),
                  _items(route.asked.property, route.kinds.registered[0]))
                 if type(route) is GroupRoute and route.kinds.registered and route.kinds.registered[-1] else None
                 for route in routes)


def _items(prop, cls):
    """What an enum of a class names, in order; nothing for others."""
    return tuple((item.identifier, item.value) for item in find(cls.bl_rna, prop.identifier).enum_items) if (
        prop.type == "ENUM") else ()


def _is_same(prop, place, default, items, cls):
    """Whether a class has a property of groups as it was, with its default and items and without functions."""
    now = find(cls.bl_rna, prop.identifier)
    return now is not None and not has_callbacks(now) and (
        describe(cls.bl_rna, prop.identifier) == prop and place.default_in(cls.bl_rna) == default) and (
            _items(prop, cls) == items)


def _steps(path):
    """((step, place of the type in PropertyRNA, class, its bl_rna), ...) of the steps by properties that scripts
    registered; None where native code cannot tell what one leads to."""
    found, steps = [], path.steps
    for i, (kind, what) in enumerate(steps):
        if kind not in _FOLLOWED or what == "groups":
            return None
        if kind != "attr":
            continue
        prop = find(type(Path(path.root, steps[:i]).follow()).bl_rna, what)
        if prop is None or not prop.is_runtime:
            continue
        reached = Path(path.root, steps[: i + 1]).follow()
        cls, at = type(reached[0] if prop.type == "COLLECTION" else reached), type_at(prop.type)
        if at is None or "bl_rna" not in vars(cls):
            return None
        found.append((i, at, cls, vars(cls)["bl_rna"]))
    return tuple(found)


def _leg(route, view, check, stores):
    """What `_core.Trail` reads of the values side by side."""
    prop, low = route.leaf.property, route.packed.lowered
    allowed = tuple(sorted(set(check["numbers"].values()))) if prop.type == "ENUM" else ()
    writing = {"possible": stores, "indexed": None, "shares": False, "touches_layer": False, "allowed": allowed,
               "bounds": (), "tags": False, "told": None, "remakes": False, "moves": False}
    return {"property": prop.identifier, "place": "own", "name": None, "data_type": None, "domain": None, "layer": None,
            "stride": SIZE[route.layout.place.kind.scalar] * prop.length, "move": _move(route.packed, low, view),
            "missing": None, "through": None, "lookups": (), "check": check, "doubtful": False, "writing": writing}


def _move(mover, low, view):
    tables = low.tables or (None,) * len(low.extents)
    return {"kernel": mover.kernel, "source_offset": low.source_offset, "cache_offset": low.cache_offset - view.first,
            "extents": low.extents[1:], "tables": tuple(table and tuple(table) for table in tables[1:])}


def _store(route, view, coll):
    """What native code writes by (GroupRoute._written); None where only the route writes."""
    leaf, prop = route.leaf, route.leaf.property
    axes, lanes = leaf.axes[1:], leaf.components.flat
    is_all = math.prod(axes) == prop.length and len(set(lanes)) == len(lanes)
    if prop.readonly or prop.is_matrix or prop.is_flat or not (is_all or prop.clamp is None) or (
            prop.type == "ENUM" and view.scalar != "i32"):
        return None
    return (_move(route.mover, route.mover.lowered, view), prop.clamp is None, _items(prop, type(coll[0])),
            *stored(route, coll))
