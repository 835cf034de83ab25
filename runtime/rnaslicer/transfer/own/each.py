# runtime/rnaslicer/transfer/own/each.py: the trail of one struct behind each of many.
"""`[:, 'constraints', 0, 'influence']`, `[:, 'modifiers', '["Name"]', 'levels']`, `[:, 'data', 'energy']`, bones by their
names, a Python list of vertices: native code goes to each struct, asks bpy where it lies, compares its class, and runs one
kernel along all; where nobody has proven how memory has the values it asks for each by getattr
(runtime/trail/several/lists.cpp)."""

import itertools

from ...basis.records import replace
from ...blender.registered import BUILT_IN
from ...blender.hazards import may_crash
from ...layout.places import Apart
from ...layout.storage import FORMAT, SIZE
from ...supplier.identity import Path
from ...supplier.several import Several
from .. import element
from ..described import around_writes
from ..direct import DirectRoute
from ..kernels.lowering import bytes_before
from ..kinds import classes_on
from ..laid import KEYED, Laid, between, counted_steps, is_walked, named_steps, selection, steps_within, takes_all
from ..scripts import is_built_in, registered_for
from ..writing.checks import topology
from ..writing.noticing import may_derive, settles, told_of_tags
from . import apart, listed, single


def is_each(routes):
    """Whether routes are for numbers of the same structs, each of which has a way of its own; told by memory, or by bpy,
    not some by one and some by the other."""
    return bool(routes) and all(map(_is_followed, routes)) and len(set(map(type, routes))) == 1 and all(
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
    if any(kind not in ("attr", "item", "key") for kind, _ in steps) or ("attr", "groups") in paths[0].steps or not is_walked(
            key, view, outer, steps, (start,), (len(paths),)):
        return None
    own = {"steps": counted_steps(steps), "rows": slice(None), "inner": tuple(view.shape[1:]), "axes": 0}
    return Laid(outer, rows, "equal", start, routes, own, (start,), (), 0,
                outer and (*key[1], *counted_steps(outer[len(key[1]):])), len(key[2]) - len(items))


def described(laid, view, routes, older):
    """What `_core.Trail` reads of them. For the classes of an older trail's elements (`KnownMany`; None), too."""
    import bpy

    path, structs = routes[0].leaf.path.paths[0], routes[0].leaf.path.follow()
    names = {route.leaf.property.identifier for route in routes}
    owner, registered = structs[0].id_data, [registered_for(route.leaf, structs[0], path) for route in routes]
    if view.strides is not None or owner is None or None in registered or len({type(one.id_data) for one in structs}) > 1:
        return None
    registered = tuple(itertools.chain(*registered))
    kinds = dict.fromkeys([*(older.kinds if older and not registered else ()), *map(type, structs)])  # else it may be gone
    if not (len(kinds) == 1 if registered else all(kind.__module__ in BUILT_IN for kind in kinds)) or not all(
            listed.is_one(kinds, name) for name in names):
        return None
    above = path.steps[-2:-1] == (("attr", "data"),) and Path(path.root, path.steps[:-2]).follow()
    if isinstance(above, bpy.types.Attribute):  # whose type and domain have to stay
        return None
    steps = laid.own["steps"]
    legs = [_leg(route, structs, owner, view) for route in routes]
    if None in legs:
        return None
    before = Path(path.root, path.steps[:-1]).follow() if steps else None
    passed = (*classes_on(path, len(path.steps) - len(steps), len(path.steps) - 1), None) if steps else ()
    return {**laid.own, "passed": passed, "element": None, "owner": before and type(before), "is_layers": False,
            "format": FORMAT[view.scalar], "packed": True, "by_user": type(owner).__name__ == "Key", "derivable": None,
            "surface": None, "stays": False, "legs": tuple(legs), **around_writes(routes[0].leaf, owner),
            "registered": registered, "list": listed.asked(routes[0].leaf, tuple(kinds), "itself"),
            "for_now": any(type(route) is element.ElementRoute and route.why != "computed" and not route.leaf.property.runtime
                           for route in routes)}


def _leg(route, structs, owner, view):
    leaf, is_told = route.leaf, type(route) is element.ElementRoute
    leg = _told_leg(route, structs, view) if is_told else listed.leg_of(route, structs, owner, 0)
    tags = type(owner).__name__ in single.GEOMETRY
    if leg is None or not is_told and type(owner).__name__ != "Mesh":
        return leg and {**leg, "writing": {**leg["writing"], "tags": tags}}
    one = _one_of(leaf)
    layer, how = single.layer_of(one), None
    remakes, moves = settles(one, structs[0], owner)
    if layer is not None and leaf.path.in_main and single.is_assigned(one, structs[0], asks_names=False, leads=True):
        how = single.leading(element.given(leaf, view, structs[0]), one, structs[0])
    if how is not None:
        may_derive(one, owner)  # looks, and so learns: later on that would end the trail
    return {**leg, **(layer or {}), "place": leg["place"], "writing": {**leg["writing"], "possible": False, "given": how,
                                                "tags": tags, "told": told_of_tags(one, owner), "remakes": remakes,
                                                "moves": moves, "indexed": topology(one, structs[0]) if how else None}}


def _told_leg(route, structs, view):
    """Where bpy tells the values; None of those that native code does not understand."""
    leaf, dense, value = route.leaf, route.dense(None), element.told_value(route, structs[0])
    low = dense.mover.lowered
    move = {"kernel": dense.mover.kernel, "source_offset": 0, "extents": low.extents[1:],
            "cache_offset": low.cache_offset - view.first - bytes_before(leaf, view, 0), "tables": (None,) * len(low.extents[1:])}
    return value and {
        "property": leaf.property.identifier, "place": "asked", "name": None, "data_type": None, "domain": None, "other": None,
        "layer": None, "value": value, "stride": SIZE[dense.scalar] * len(dense.components), "move": move, "missing": None,
        "through": None, "lookups": (), "check": None, "doubtful": False, "axes": element.axes_told(leaf, view),
        "writing": apart.NO_WRITING}


def _one_of(leaf):
    """The same of the first struct alone."""
    return replace(leaf, path=leaf.path.paths[0], rows=None, place=leaf.place[1:])


def _is_followed(route):
    leaf = route.leaf
    if type(leaf.path) is not Several or leaf.moved_by or not all(type(path) is Path for path in leaf.path.paths) or not (
            leaf.rows.is_all and leaf.rows.table is None and leaf.place[:1] == (("own", 0),)):
        return False
    if type(route) is element.ElementRoute:
        return single.is_told(_one_of(leaf)) and (leaf.uniform or leaf.shared)
    if type(route) is not DirectRoute or type(route.layout.place) is not Apart:
        return False
    storage = route.layout.storage
    return (storage.stride is None and storage.through is None and not leaf.derived and not leaf.property.dynamic
            and is_built_in(leaf) and (leaf.path.in_main or not may_crash(leaf.element, leaf.property.identifier)))


def asks(routes):
    """The route by which bpy tells the values of such; False where memory does."""
    return "element" if any(type(route) is element.ElementRoute for route in routes) else False


def _same_paths(some, others):
    return len(some) == len(others) and all(
        one.root is other.root and one.steps == other.steps for one, other in zip(some, others))
