# runtime/rnaslicer/transfer/own/listed.py: the trail of what the elements of a list or table have.
"""What `_core.Trail` (runtime/trail/several/listed.cpp) follows for bones of a pose, nodes, modifiers, splines. An update
writes all at once where the direct route would. What that depends on changes (which properties were seen to be stored
as assigned, where the message bus is, scripts' node classes), so native code gets the very objects that keep it."""

from ...blender import lists, subscribers
from ...blender.hazards import may_crash
from ...blender.registered import BUILT_IN
from ...blender.rna import find
from ...layout.alone import Alone
from ...layout.places import Linked
from ...layout.proof import is_doubtful
from ...layout.storage import FORMAT
from ...supplier.identity import Path
from ...supplier.several import Several
from ..described import around_writes, asks_first, check_of, is_few
from ..direct import AS_ASSIGNED, DirectRoute
from ..element import given
from ..foreach import ForeachRoute
from ..kernels.lowering import axes_within, bytes_before, is_packed_copy
from ..kernels.mover import move
from ..scripts import NODE_NAMES, is_built_in, node_bases
from ..writing.bulk import may_be_bulk
from ..writing.noticing import GEOMETRY, told_of_tags

_NO_WRITING = {"tags": False, "shares": False, "touches_layer": False, "allowed": (), "remakes": False, "moves": False,
               "told": None, "bounds": (), "indexed": None}


def is_listed(routes):
    """Whether all routes are for elements of one list."""
    path = routes[0].leaf.path
    return all(follows(route) and route.leaf.path.steps == path.steps and route.leaf.rows.table is None
               and route.leaf.place[:1] == (("own", 0),) for route in routes)


def follows(route):
    """Whether a route is of the kind that trails of lists follow."""
    if type(route) is not DirectRoute or not isinstance(route.layout.place, Linked):
        return False
    leaf, storage = route.leaf, route.layout.storage
    return (type(leaf.path) is Path and not leaf.property.dynamic and not leaf.derived and not leaf.moved_by
            and not leaf.alike and storage.stride is None and storage.through is None and is_built_in(leaf)
            and (leaf.path.root.in_main or not may_crash(leaf.element, leaf.property.identifier)))


def described(own, view, routes):
    """What `_core.Trail` reads, with steps, rows and inner shape as in `own`; None where native code could not follow."""
    leaf = routes[0].leaf
    kind, name = leaf.path.steps[-1] if leaf.path.steps else (None, None)
    coll = leaf.path.follow()
    if kind != "attr" or asks_first(leaf.path) or any(route.layout.place.name != name for route in routes):
        return None
    owner = Path(leaf.path.root, leaf.path.steps[:-1]).follow()
    is_alone = type(routes[0].layout.place) is Alone  # and so are all
    found = None if is_alone else lists.proven(coll.data, name)
    if any(one.__module__ not in BUILT_IN for one in kinds_of(leaf)):  # scripts' classes come and go
        return None
    if found is None and not is_alone or type(owner) is not type(coll.data) or owner.as_pointer() != coll.data.as_pointer():
        return None
    legs = [leg_of(route, coll, coll.id_data, own.get("axes", 0)) for route in routes]
    if None in legs:
        return None
    around = around_writes(leaf, coll.id_data)
    for leg, route in zip(legs, routes):
        leg["move"]["cache_offset"] -= bytes_before(route.leaf, view, own.get("axes", 0))
    is_of_root = type(owner) is type(coll.id_data) and len(own["steps"]) == 1 and leaf.of_root
    return {**own, "element": None, "owner": None if is_of_root else type(owner), "is_layers": False,
            "format": FORMAT[view.scalar], "packed": view.strides is None, "by_user": type(coll.id_data).__name__ == "Key",
            "derivable": None, "surface": None, "stays": False, "legs": tuple(legs), **around,
            "list": asked(leaf, kinds_of(leaf), "alone") if is_alone else _list(leaf, coll, name, found)}


def described_many(own, view, routes, every, older):
    """The same of one list behind each of many structs: `routes` are those of one of them, `every` those of all. For
    the classes of an older trail's (`KnownMany`; None) elements, too."""
    filled = [route for route in every if not is_few(route)]
    legs, width = {route.leaf.property.identifier: route for route in routes}, len(routes)
    if len(legs) != width or not all(_is_same(route.layout, legs[route.leaf.property.identifier].layout)
                                     for route in filled):
        return None
    kinds = dict.fromkeys(kind for route in every for kind in kinds_of(route.leaf))
    kinds = tuple(dict.fromkeys([*(older.kinds if older else ()), *kinds]))
    if any(kind.__module__ not in BUILT_IN for kind in kinds) or not all(is_one(kinds, name) for name in legs):
        return None
    description = described(own, view, routes)
    if description is None or bool(kinds) != bool(description["list"]["kinds"]):
        return None
    names = tuple(dict.fromkeys(route.leaf.element for route in every))
    return {**description, "list": {**description["list"], "kinds": kinds, "names": names}}


def is_one(kinds, name):
    """Whether classes have the very same property."""
    found = {prop and prop.as_pointer() for prop in (find(kind.bl_rna, name) for kind in kinds)}
    return not kinds or len(found) == 1 and None not in found


def kinds_of(leaf):
    """The classes of a collection's elements, or of a struct; nothing where the collection declares it."""
    if leaf.exact:
        return ()
    reached = leaf.path.follow()
    structs = [reached] if leaf.rows is None else reached
    return tuple(sorted({type(one) for one in structs}, key=lambda one: one.__name__))


def widened(description, routes, older):
    """The description for the classes of an older trail's elements, too (`Known`; None: as it is). None where these do
    not hold each property in the very same way: then the older one stays."""
    if older is None:
        return description
    if not older.kinds or len(older.layouts) != len(routes):
        return None
    found = description["list"]
    kinds = tuple(dict.fromkeys(older.kinds + found["kinds"]))
    for route, leaf, layout in zip(routes, older.leaves, older.layouts):
        if not _is_same(route.layout, layout) or leaf.property.identifier != route.leaf.property.identifier:
            return None
        if not is_one(kinds, leaf.property.identifier):
            return None
    names = tuple(dict.fromkeys([*(leaf.element for leaf in older.leaves), *found["names"]]))
    return {**description, "list": {**found, "kinds": kinds, "names": names}}


def _is_same(layout, other):
    place, its = layout.place, other.place
    return layout.storage == other.storage and type(place) is type(its) and (place.name, place.unless) == (its.name, its.unless)


def listing(leaf, coll, name, holder):
    """How the elements are found of which bpy tells the values, and what an update asks; None where they may be of classes
    that native code does not know."""
    kinds = kinds_of(leaf)
    if any(one.__module__ not in BUILT_IN for one in kinds) or not is_one(kinds, leaf.property.identifier):
        return None
    is_its = type(holder) is type(coll.data) and holder.as_pointer() == coll.data.as_pointer()
    found = lists.proven(coll.data, name) if is_its and lists.addresses(coll, name) is not None else None
    return asked(leaf, kinds, "each") if found is None else _list(leaf, coll, name, found)


def _list(leaf, coll, name, found):
    """How the elements are found, and what an update asks."""
    import bpy

    is_table = isinstance(found, lists.Table)
    kinds = kinds_of(leaf)
    places = {"at": found.pointer, "next_at": 0, "prev_at": 0} if is_table else {
        "at": found.head, "next_at": found.next_at, "prev_at": found.prev_at}
    type_at = lists.type_word(coll, name) if kinds else None
    of_nodes = isinstance(coll.id_data, bpy.types.NodeTree)
    return {**places, "how": "table" if is_table else "list", "counted": lists.nests(coll, name), "kinds": kinds,
            "type_at": -1 if type_at is None else type_at, **_around(leaf, of_nodes)}


def asked(leaf, kinds, how):
    """The same of elements of which bpy is asked each time where they lie."""
    return {"at": 0, "next_at": 0, "prev_at": 0, "how": how, "counted": False, "kinds": kinds, "type_at": -1,
            **_around(leaf, of_nodes=True)}


def _around(leaf, of_nodes):
    return {"names": (leaf.element,), "as_assigned": AS_ASSIGNED, "bus": subscribers.known(),
            "script_bases": node_bases() if of_nodes else None, "script_names": NODE_NAMES, "built_in": BUILT_IN}


def leg_of(route, coll, owner, axes):
    """What native code reads of a route to elements of `coll`, of the datablock `owner`. axes: of the cache, above the rows."""
    leaf, layout = route.leaf, route.layout
    prop, storage, unless = leaf.property, layout.storage, getattr(layout.place, "unless", None)
    check, doubtful = check_of(prop, storage), is_doubtful(leaf, coll, layout)
    if doubtful and check is None:
        return None
    return {"property": prop.identifier, "place": "listed", "name": None, "data_type": None, "domain": None,
            "layer": None, "stride": 0, "move": move(route.mover, route, 0), "missing": None, "through": None,
            "lookups": route.lookups or (), "check": check, "doubtful": doubtful,
            "axes": axes_within(leaf, route.view, axes), "hop": -1 if storage.hop is None else storage.hop, "unless": -1 if unless is None else unless,
            "unless_is_own": unless is not None and lists.holds_pointer(coll, leaf.path.steps[-1][1], unless),
            "is_copied": type(layout.place) is Linked and _is_copied(leaf, route.view, coll),
            "writing": {**_NO_WRITING, "possible": _is_written(leaf, storage, owner), "given": _given(route, coll, owner, axes),
                        # As the routes: what may be written at once is told by an assignment alone.
                        "tags": type(route.leaf.path) is Path and type(owner).__name__ in GEOMETRY and not (
                            storage.writes and may_be_bulk(leaf)),
                        "told": told_of_tags(leaf, owner)}}


def _is_copied(leaf, view, coll):
    """Whether the cache is, byte for byte, what foreach_get gives, which was seen to give what getattr does."""
    raw = leaf.property.raw
    return (leaf.uniform and (raw is None or raw.scalar == "f32") and is_packed_copy(leaf, view, "f32")
            and ForeachRoute.agrees(leaf, coll))


def _given(route, coll, owner, axes):
    """How an update may have bpy assign each element. A mesh's own lists ask for more."""
    leaf, view = route.leaf, route.view
    prop, path = leaf.property, leaf.path
    may = ((path.in_main if isinstance(path, Several) else path.root.in_main) and not prop.runtime
           and type(owner).__name__ != "Mesh" and len(coll))
    return given(leaf, view, coll[0], axes) if may else None


def _is_written(leaf, storage, owner):
    """Whether an update may write all at once and assign one. Of meshes routes ask for more."""
    return (leaf.path.root.in_main and storage.writes and may_be_bulk(leaf) and not leaf.property.readonly
            and not leaf.property.is_flag and type(owner).__name__ != "Mesh")
