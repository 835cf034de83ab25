# runtime/rnaslicer/transfer/own/each.py: the trail of one struct behind each of many.
"""`[:, 'constraints', 0, 'influence']`, `[:, 'modifiers', '["Name"]', 'levels']`, `[:, 'data', 'energy']`, bones by their
names: native code goes to each struct, asks bpy where it lies, compares its class, and runs one kernel along all
(runtime/trail/several/lists.cpp)."""

from ...blender.registered import BUILT_IN
from ...blender.hazards import MAY_CRASH
from ...layout.places import Apart
from ...layout.storage import FORMAT
from ...supplier.identity import Path
from ...supplier.several import Several
from ..described import around_writes, asks_first
from ..direct import DirectRoute
from ..kinds import classes_on
from ..laid import KEYED, Laid, between, counted_steps, is_walked, named_steps, selection, steps_within, takes_all
from ..scripts import is_built_in
from . import listed


def is_each(routes):
    """Whether routes are for numbers of the same structs, each of which has a way of its own."""
    return bool(routes) and all(map(_is_followed, routes)) and all(
        _same_paths(route.leaf.path.paths, routes[0].leaf.path.paths) for route in routes[1:])


def laid_each(key, view, routes):
    """A `Laid` of them; None where native code could not follow."""
    paths = routes[0].leaf.path.paths
    outer, items = named_steps(*key[1:3], paths[0].steps)
    rows = selection(items)
    if rows in (None, KEYED) or view.offsets is not None or not takes_all(items) or any(
            item[0] in ("keys", "slice") for item in between(items)):
        return None
    start = steps_within(key) if outer is None else len(outer) + 1
    steps = paths[0].steps[start:]
    if not all(path.steps[start:] == steps and (outer is None or path.steps[:start - 1] == outer) for path in paths):
        return None
    if any(kind not in ("attr", "item", "key") for kind, _ in steps) or asks_first(paths[0]) or not is_walked(
            key, view, outer, steps, (start,), (len(paths),)):
        return None
    own = {"steps": counted_steps(steps), "rows": slice(None), "inner": tuple(view.shape[1:]), "axes": 0}
    return Laid(outer, rows, "equal", start, routes, own, (start,), (), 0,
                outer and (*key[1], *counted_steps(outer[len(key[1]):])), len(key[2]) - len(items))


def described(laid, view, routes, older):
    """What `_core.Trail` reads of them. For the classes of an older trail's elements (`KnownMany`; None), too."""
    path, structs = routes[0].leaf.path.paths[0], routes[0].leaf.path.follow()
    kinds = dict.fromkeys([*(older.kinds if older else ()), *map(type, structs)])
    names = {route.leaf.property.identifier for route in routes}
    owner = structs[0].id_data
    if view.strides is not None or type(owner).__name__ == "Mesh" or len({type(one.id_data) for one in structs}) > 1 or any(
            kind.__module__ not in BUILT_IN for kind in kinds) or not all(listed.is_one(kinds, name) for name in names):
        return None
    steps = laid.own["steps"]
    legs = [listed.leg_of(route, structs, owner, 0) for route in routes]
    if None in legs:
        return None
    before = Path(path.root, path.steps[:-1]).follow() if steps else None
    passed = (*classes_on(path, len(path.steps) - len(steps), len(path.steps) - 1), None) if steps else ()
    return {**laid.own, "passed": passed, "element": None, "owner": before and type(before), "is_layers": False,
            "format": FORMAT[view.scalar], "packed": True, "by_user": type(owner).__name__ == "Key", "derivable": None,
            "surface": None, "stays": False, "legs": tuple(legs), **around_writes(routes[0].leaf, owner),
            "list": listed.asked(routes[0].leaf, tuple(kinds), "itself")}


def _is_followed(route):
    if type(route) is not DirectRoute or type(route.leaf.path) is not Several or type(route.layout.place) is not Apart:
        return False
    leaf, storage = route.leaf, route.layout.storage
    return (storage.stride is None and storage.through is None and not leaf.derived and not leaf.moved_by
            and not leaf.property.dynamic and is_built_in(leaf) and leaf.rows.is_all and leaf.rows.table is None
            and leaf.place[:1] == (("own", 0),) and all(type(path) is Path for path in leaf.path.paths)
            and (leaf.path.in_main or (leaf.element, leaf.property.identifier) not in MAY_CRASH))


def _same_paths(some, others):
    return len(some) == len(others) and all(
        one.root is other.root and one.steps == other.steps for one, other in zip(some, others))
