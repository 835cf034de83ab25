# runtime/rnaslicer/transfer/own/apart.py: the trail of a property of thousands of datablocks.
"""What `_core.Trail.enter_apart` (runtime/trail/several/apart.cpp) follows."""

import copy
import itertools

from ...basis.records import replace
from ...blender.lists import List, proven
from ...blender.refining import refines_as_ids_do
from ...layout.places import Apart, Linked
from ...layout.proof import is_doubtful
from ...layout.storage import FORMAT, SIZE
from ...supplier.identity import MAIN, Path
from ...supplier.several import Listed, Members, Several
from ..described import around_writes
from ..direct import DirectRoute
from ..element import ElementRoute, axes_told, given, is_custom, told_value
from ..foreach import EnumRoute, ForeachRoute, array_of
from ..kernels.lowering import axes_within, bytes_before, lower, packed
from ..kernels.mover import Mover
from ..scripts import is_built_in, is_plain, registered_for
from ..writing.noticing import GEOMETRY, told_of_tags
from ..writing.ready import NO_LAYER

NO_WRITING = {"tags": False, "shares": False, "touches_layer": False, "allowed": (), "remakes": False, "moves": False,
               "told": None, "bounds": (), "indexed": None}


def is_apart(routes, view):
    """Whether routes are for numbers of a roster's datablocks, or a collection's."""
    return bool(routes) and (all(isinstance(route.leaf.path, (Listed, Members)) for route in routes)
                             or _are_of_list(routes, view) or _are_by_name(routes))


def _are_by_name(routes):
    """The same of datablocks of a list of bpy.data that are asked for by their names each time."""
    path = routes[0].leaf.path
    if type(path) is not Several or path.root is not MAIN:
        return False
    steps, ways = path.paths[0].steps[:-1], [one.steps for one in path.paths]
    return len(steps) == 1 and all(way[:-1] == steps and way[-1][0] == "key" for way in ways) and all(
        [one.steps for one in route.leaf.path.paths] == ways for route in routes)


def _are_of_list(routes, view):
    """The same of some of a list of datablocks, of which the order counts."""
    path = routes[0].leaf.path
    return type(path) is Path and all(
        route.leaf.path.steps == path.steps and (_is_bulk(route) or is_custom(route) or type(route) is DirectRoute and (
            type(route.layout.place) is Linked and route.layout.place.unless is None)) for route in routes) and [
                one.path.steps for one in view.walked if one.order is not None] == [path.steps]


def suits(leaf, layout, check):
    """Whether native code may follow all of a list or table of datablocks so; else it is better walked as any other."""
    storage = layout.storage
    return (leaf.rows.is_all and storage.stride is None and storage.through is None
            and not leaf.property.dynamic and is_built_in(leaf) and check(leaf.property, storage) is not None)


def described(view, routes, check, picks):
    """What `_core.Trail` reads, or None where native code could not follow. check: how a property and its storage are
    compared with bpy (described.py). picks: native code is told the numbers of a collection's rows."""
    if view.strides is not None or not all(map(is_followed, routes)):
        return None
    path = routes[0].leaf.path
    kinds = {path.roster.type} if isinstance(path, Listed) else set(map(type, path.follow()))
    if len(kinds) != 1 or len({hasattr(route, "layout") for route in routes}) > 1:
        return None  # native code is told by memory, or by bpy: not some by one and some by the other
    kind, = kinds
    told = {} if hasattr(routes[0], "layout") else {"for_now": any(
        route.why not in ("computed", "custom") and not route.leaf.property.runtime for route in routes)}
    routes = [_by_numbers(route) if picks and _is_bulk(route) else route for route in routes]
    description = {**of_kind(kind, routes, view, check, tuple(view.shape[1:])), **_list(path, kind), **told}
    registered = [registered_for(route.leaf, next(iter(path.follow())), None) for route in routes]
    if None in description["legs"] or None in registered:
        return None
    first = next(iter(path.follow()))
    return {**description, **_around(routes, description["legs"], first, view), "registered": tuple(itertools.chain(*registered))}


def _around(routes, legs, first, view):
    """What an update asks and tells of datablocks with a mode of their own, or of geometry."""
    name = type(first).__name__
    if _is_plain(type(first)):
        return {}
    for route, leg in zip(routes, legs):
        leg["writing"].update(given=_given(route.leaf, type(first), view, 0), tags=name in GEOMETRY and not is_custom(route),
                              told=told_of_tags(route.leaf, first))
    return {**around_writes(routes[0].leaf, first), "by_user": name == "Key"}


def asks(routes):
    """The route by which bpy tells the values of such; False where memory does."""
    return False if hasattr(routes[0], "layout") else routes[0].name


def of_kind(kind, routes, view, check, inner, axes=0):
    """The same of datablocks of one class. inner: the cache's shape below the rows. axes: of the cache, above them."""
    return {"steps": (), "rows": slice(None), "element": kind, "owner": None, "is_layers": False,
            "format": FORMAT[view.scalar], "packed": True, "inner": inner, "sculpted": None,
            "modes": (), "whole": None, "derivable": None, "surface": None, "tags_at": -1, "stays": True,
            "divided": None, "by_user": False, "legs": tuple(_leg(route, kind, view, check, axes) for route in routes)}


def _list(path, kind):
    """How to walk along the links of a list of `bpy.data`; nothing for others, nor where the type of one may change
    (lights, textures): the links do not tell that, bpy's object of each does."""
    if path.root is not MAIN or isinstance(path, Listed) or type(path) is Several or not refines_as_ids_do(kind.bl_rna):
        return {}
    coll = getattr(path, "path", path).follow()
    found = proven(coll.data, path.steps[-1][1])
    if not isinstance(found, List):
        return {}
    return {"list": {"at": found.head, "next_at": found.next_at, "prev_at": found.prev_at, "how": "list",
                     "counted": False, "kinds": (), "type_at": -1, "names": (), "as_assigned": {}, "bus": [],
                     "script_bases": None, "script_names": frozenset(), "built_in": set()}}


def _is_bulk(route):
    """Whether bpy's foreach_get tells the values of all of a collection."""
    return type(route) in (ForeachRoute, EnumRoute) and route.leaf.alike


def _by_numbers(route):
    """The same with a kernel that follows such numbers: a slice's is compiled for how long the collection was."""
    rows = route.leaf.rows
    if rows.table is None:
        route = copy.copy(route)
        route.leaf = replace(route.leaf, rows=replace(rows, start=0, step=1, table=tuple(rows.indices())))
        route.mover = Mover(lower(route.leaf, route.view, packed(route.leaf.property, route.scalar)))
    return route


def is_followed(route):
    """Whether a route is for numbers of datablocks that lie apart, which native code may follow."""
    if is_custom(route):
        return route.leaf.path.in_main if isinstance(route.leaf.path, Several) else route.leaf.path.root.in_main
    if type(route) is ElementRoute or _is_bulk(route):
        leaf, prop = route.leaf, route.leaf.property
        in_main = leaf.path.in_main if isinstance(leaf.path, Several) else leaf.path.root.in_main
        return ((in_main or leaf.path.root.evaluates) and leaf.uniform and not leaf.derived and not leaf.moved_by
                and not prop.dynamic and not prop.is_flag and not prop.is_flat
                and prop.value in ("b1", "i32", "f32")
                and (len(prop.dims) < 2 or prop.is_matrix) and is_plain(leaf))
    if type(route) is not DirectRoute or type(route.layout.place) not in (Apart, Linked):
        return False
    leaf, storage = route.leaf, route.layout.storage
    return (storage.stride is None and storage.through is None and not leaf.derived
            and not leaf.moved_by and not leaf.property.dynamic and is_built_in(leaf))


def _leg(route, kind, view, check, axes):
    if not hasattr(route, "layout"):
        return _told_leg(route, kind, view, axes)
    low, leaf = route.mover.lowered, route.leaf
    tables, compared = low.tables or (None,) * len(low.extents), check(leaf.property, route.layout.storage)
    move = {"kernel": route.mover.kernel, "source_offset": 0, "extents": low.extents[1:],
            "cache_offset": low.cache_offset - bytes_before(leaf, view, axes), "tables": tuple(table and tuple(table) for table in tables[1:])}
    hop = route.layout.storage.hop
    return {"property": leaf.property.identifier, "place": "own" if hop is None else "listed", "hop": hop, "unless": -1,
            "unless_is_own": False, "is_copied": False, "name": None, "data_type": None, "domain": None,
            "layer": None, "stride": 0, "move": move, "missing": None, "through": None, "doubtful": is_doubtful(leaf, leaf.path.follow() if type(leaf.path) is Path else None, route.layout),
            "lookups": route.lookups or (),
            "check": compared,
            "axes": axes_within(leaf, view, axes), "writing": _writing(leaf, kind, view, axes)}


def _told_leg(route, kind, view, axes):
    """The same where bpy tells the values; None of those that native code does not understand."""
    leaf, value, array = route.leaf, None, None
    if _is_bulk(route):
        array = array_of(route, view, axes)
        stride, move = array["stride"], array["move"]
    else:
        value, dense = told_value(route, kind), route.dense(None)
        low, stride = dense.mover.lowered, SIZE[dense.scalar] * len(dense.components)
        move = {"kernel": dense.mover.kernel, "source_offset": 0, "extents": low.extents[1:],
                "cache_offset": low.cache_offset - view.first - bytes_before(leaf, view, axes),
                "tables": (None,) * len(low.extents[1:])}
        if value is None:
            return None
    return {"property": leaf.property.identifier, "place": "asked", **NO_LAYER, "array": array, "value": value, "layer": None,
            "stride": stride, "move": move, "missing": None, "through": None, "doubtful": False, "lookups": (), "check": None,
            "axes": axes_told(leaf, view, axes), "writing": _writing(leaf, kind, view, axes)}


def _writing(leaf, kind, view, axes):
    """An update where no more is asked of a datablock than to be assigned."""
    return {**NO_WRITING, "possible": False, "given": _given(leaf, kind, view, axes) if _is_plain(kind) else None}


def _is_plain(kind):
    """Whether datablocks have no edit mode, and Blender makes no geometry of them."""
    return kind.__name__ not in GEOMETRY and not {"is_editmode", "user"} & set(kind.bl_rna.properties.keys())


def _given(leaf, kind, view, axes):
    """How an update has bpy assign each datablock; None where nothing would keep it."""
    own = leaf.path.in_main if isinstance(leaf.path, Several) else leaf.path.root.in_main
    return given(leaf, view, kind, axes) if own else None
