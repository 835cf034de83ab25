# runtime/rnaslicer/transfer/own/nested.py: the trail of datablocks in the collection behind each of many structs.
"""`Slicer(bpy.data.collections)[:, 'objects', :, 'location']`: what `_core.Trail.enter_nested`
(runtime/trail/several/nested.cpp) follows. Collections may have no datablock where their rows are joined."""

from ...layout.places import Apart
from ...supplier.identity import Path
from ...supplier.several import Members
from ..described import asks_first
from ..kinds import classes_on
from ..laid import KEYED, Laid, Level, counted_steps, named_steps, selection, steps_within
from ..routes import EmptyRoute
from . import apart

_ALL = "slice", None, None, None


def is_nested(routes, view):
    """Whether routes are for numbers of the datablocks of several collections, all of each."""
    filled = [route for route in routes if type(route) is not EmptyRoute]
    return bool(filled) and all(
        type(route.leaf.path) is Members and hasattr(route, "layout") and apart.is_followed(route)
        and type(route.layout.place) is Apart and route.leaf.rows.is_all and route.leaf.rows.table is None
        for route in filled) and (
            view.offsets is not None or len({_path(route).steps for route in filled}) > 1 or bool(
                len({id(_path(route).root) for route in filled}) > 1))


def laid_nested(key, view, routes):
    """A `Laid` of them; None where native code could not follow."""
    flat = view.offsets is not None
    first = next(route for route in routes if type(route) is not EmptyRoute)
    outer, items = named_steps(*key[1:3], _path(first).steps)
    rows, start = selection(items), steps_within(key) if outer is None else len(outer) + 1
    steps = _path(first).steps[start:]
    if rows in (None, KEYED) or not steps or items[1:len(steps) + 2] != (*(("name", what) for _, what in steps), _ALL):
        return None
    count = len(view.offsets) - 1 if flat else view.shape[0]
    legs = len(routes) // count if count else 0
    if not legs or legs * count != len(routes) or flat and legs > 1 or asks_first(_path(first)):
        return None
    at = routes.index(first)
    described_by = routes[at:at + legs]
    if at % legs or not all(_is_like(route, described_by[i % legs], start, steps, outer, None if flat else i // legs)
                            for i, route in enumerate(routes)) or not _is_walked(view, routes[::legs], outer):
        return None
    own = {"inner": tuple(view.shape[1 if flat else 2:])}
    return Laid(outer, rows, "flat" if flat else "equal", start, described_by, own, (start,),
                (Level(counted_steps(steps), classes_on(_path(first), start, len(_path(first).steps))),), 0,
                outer and (*key[1], *counted_steps(outer[len(key[1]):])), len(key[2]) - len(items))


def described(laid, view, routes, check):
    """What `_core.Trail` reads of them. check: as for apart.described."""
    if view.strides is not None:
        return None
    kinds = {type(one) for route in routes if type(route) is not EmptyRoute for one in route.leaf.path.follow()}
    return apart.of_kind(*kinds, laid.legs, view, check, laid.own["inner"], 1) if len(kinds) == 1 else None


def _path(route):
    return getattr(route.leaf.path, "path", route.leaf.path)


def _is_like(route, first, start, steps, outer, number):
    """Whether a route does for its struct, of that number on an axis of the cache, what another one does for that."""
    path, leaf, other = _path(route), route.leaf, first.leaf
    if type(path) is not Path or path.steps[start:] != steps or outer is not None and path.steps[:start - 1] != outer:
        return False
    if type(route) is EmptyRoute:
        return number is None
    return ((leaf.place[0][0] == "own" if number is None else leaf.place[0] == ("fixed", number))
            and leaf.place[1:] == other.place[1:] and leaf.components == other.components
            and (leaf.property, leaf.element) == (other.property, other.element)
            and route.layout.storage == first.layout.storage)


def _is_walked(view, routes, outer):
    """Whether the view's collections are those of the datablocks, in turn, and at last that of the structs."""
    known = [one for one in view.walked if one.length is not None or one.order]  # not a list's that are not picked
    if outer is not None:
        if not known or known[-1].path.steps != outer:
            return False
        known = known[:-1]
    filled = [_path(route) for route in routes if type(route) is not EmptyRoute]
    return len(known) == len(filled) and all(
        one.path.root is path.root and one.path.steps == path.steps and one.order for one, path in zip(known, filled))
