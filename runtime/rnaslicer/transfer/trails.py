# runtime/rnaslicer/transfer/trails.py: what an expression leads to, remembered, so that native code can follow it.
"""A direct transfer of one collection depends on the expression, the settings and the RNA types on the way, not on
the datablock. What resolving and proving gave once is described here for `_core.Trail` (runtime/trail/trail.hpp),
which enters, refreshes and updates without Python. It declines wherever something is not as described; then the
routes do it, which resolve and prove anew or say what is wrong.
"""

from dataclasses import replace
from typing import NamedTuple, Optional

from .. import _core
from ..layout.leaf import Rows
from ..layout.matrices import WORLD
from ..supplier.evaluated import EvaluatedRoot, SharedDataRoot
from ..supplier.identity import IDRoot, MainRoot, Path
from ..supplier.roster import Roster
from ..supplier.uids import id_places
from .described import asks_first, check_of, described, fits, is_followed, layer_of_drawings, place_of_arrays
from .direct import DirectRoute

_trails = {}  # key -> Known, or what is known of many; native code looks here, too
_apart = []  # (whether routes are of structs that lie apart, what describes their trail)
_MOST = 4096


def hand_in(is_for, describe):
    """What describes the trails of structs that lie apart (assembly.py)."""
    _apart.append((is_for, describe))


class Known(NamedTuple):
    """A trail of one collection, with what the routes need where it declines."""

    trail: object  # these three are read by native code (runtime/trail/context_python.cpp), in this order
    beyond: tuple  # steps from the supplier to the collection: none where it is that
    signatures: tuple  # of the kernels
    leaves: tuple  # as first resolved: another datablock has another path and length
    layouts: tuple
    view: object
    rows: slice
    owner: Optional[type]  # of the collection; None: the datablock

    @property
    def leaf(self):
        """The first one, for errors."""
        return self.leaves[0]


class KnownMany(NamedTuple):
    """A trail of one collection behind each of many structs."""

    trail: object
    steps: Optional[tuple]  # from the one root to the structs' collection; None: each root is a struct
    rows: Optional[slice]  # of that collection
    flat: bool
    signatures: tuple  # of the kernels
    mid: tuple = ()  # steps from each of these to a collection, whose elements the structs are instead
    apart: bool = False  # the values are those of a roster's or collection's datablocks themselves
    ones: int = 0  # axes of one key each, between the structs' and the rows
    outer: Optional[tuple] = None  # `steps` as native code takes them: it compares the lengths that an index counts

    def differing(self, view, run):
        """The first collection of which an index on the way picks one, and which had another length when the run
        entered: (path, length then, length now); None where there is none."""
        counted = (one for one in view.walked if one.length is not None and one.path.steps != self.steps)
        return next(((one.path, was, one.length) for one, was in zip(counted, run.counted) if one.length != was), None)

    def is_order_of(self, view, run):
        """Whether a run has entered the datablocks whose order the view holds."""
        return all(order.is_of(run.uids, self.rows) for order in self._orders(view, run))

    def recall_order(self, view, run):
        """A view that was made later: an update is for the datablocks that the run entered."""
        for order in self._orders(view, run):
            order.recall(run.uids, self.rows)

    def _orders(self, view, run):
        return [] if run.uids is None else [one.order for one in view.walked if one.order is not None]

    def enter(self, path, wrapper, _more, _items):
        """(run, MemCache, offsets), or None where the trail declines."""
        if type(path) is Roster:
            path.native.know(id_places())
        if self.apart and self.steps is not None:
            return self.trail.enter_members(path.root, self.steps, id_places(), wrapper)
        if self.apart:
            return self.trail.enter_apart(path.native, wrapper)
        if self.steps is not None:
            roots = (path.root,)
        else:
            roots = path.native if type(path) is Roster else tuple(one.root for one in path)
        return self.trail.enter_many(roots, self.outer, self.rows, self.mid, self.ones, self.flat, id_places(), wrapper)


_HASHED = {"slice", "int", "name", "names", "keys", "ellipsis"}  # items; the others are arrays


def key_of(path, items, scalar, ragged, more=None):
    """Everything that a trail depends on and cannot see for itself; None where there is none."""
    settings = _settings(ragged, more) if more else ()
    if settings is None:
        return None
    for item in items:
        if item[0] not in _HASHED:
            items = _without_roots(items)
            break
    if items is None:
        return None
    if type(path) is Roster:
        return (path.type, Roster), None, items, scalar, ragged, settings
    if type(path) is list:
        kinds = {one.root.type if type(one.root) is IDRoot and not one.steps else None for one in path}
        return None if len(kinds) != 1 or None in kinds else (tuple(kinds), None, items, scalar, ragged, settings)
    if type(path) is not Path or type(path.root) not in (IDRoot, MainRoot, EvaluatedRoot, SharedDataRoot):
        return None
    steps = path.steps
    if len(steps) > 1 and steps[-2][0] == "fcurve":  # which curve, in which list, is told at each use
        steps = _CURVE, steps[-1]
    return getattr(path.root, "type", None), steps, items, scalar, ragged, settings


def _settings(ragged, more):
    """What is compiled in of the other settings; None where no trail is for them: padded rows, whose fill may be any
    object, and what an empty sequence would hold."""
    if ragged == "pad" or "of" in more:
        return None
    transform = more["transform"]
    return more["normalized"], transform if transform is None or transform == WORLD else transform.alone


def _without_roots(items):
    """Items in which the collections that integers name are told by their way alone: from which datablock is told at
    each use. None where an item is an array, or a collection is no datablock's own."""
    found = ()  # without a call for each: this is done for every wrapper
    for item in items:
        if item[0] == "gather" and type(item[1].root) is IDRoot:
            found += (("gather", item[1].root.type, item[1].steps),)
        elif item[0] in _HASHED:
            found += (item,)
        else:
            return None
    return found


_CURVE = "fcurve", None


def let_native_code_follow(entered):
    """Native code enters along what is known here and appends (signatures, path, expression) to `entered`."""
    _core.set_session(_trails, Known, entered)


def find_known(key):
    """What is known for a key, or None. Whoever learns that something is not as it was calls
    `_core.forget_trails`."""
    known = _trails.get(key)
    if known is not None and known.trail.stale:
        _trails.clear()
        return None
    return known


def remember(key, known):
    if len(_trails) >= _MOST:  # scripts may make expressions without end
        _trails.clear()
    _trails[key] = known
    return known


def learn(key, path, view, routes, name=None):
    """Remembers the trail of what was just resolved and proven, as `name` (None: as `key`); None where native code
    could not follow."""
    if key[1] is None or view.walked or len(routes) > 1 and routes[0].leaf.path.steps != routes[-1].leaf.path.steps:
        return _learn_many(key, view, routes) if name is None else None
    way = way_of(key, path, view, routes)
    if way is None or not all(fits(route, routes[0].leaf.path) for route in routes) or (
            tells_no_step(routes[0].leaf, way[1])):
        return None
    if any(route.leaf.derived for route in routes):  # of one collection bpy's own call costs less than asking first
        return None
    beyond, rows = way
    own = {"steps": path.steps + beyond, "rows": rows, "inner": tuple(view.shape[1:])}
    description = described(own, view, routes)
    if description is None:
        return None
    layouts = tuple(route.layout for route in routes)
    return remember(name or key, Known(_core.Trail(description), beyond, signatures(routes), view.leaves, layouts, view,
                                       rows, description["owner"]))


def tells_no_step(leaf, rows):
    """Whether kernels were made for rows so few that their step is not the slice's."""
    return leaf.rows.count < 2 and rows.step not in (None, 1)


def way_of(key, path, view, routes):
    """(steps from the supplier to the one collection, slice of its elements); None where it is another way: more than
    the names of properties, or several collections."""
    if type(path) is not Path or not routes:
        return None
    steps, items, at = routes[0].leaf.path.steps, key[2], len(path.steps)
    beyond = steps[at:]
    if view.offsets is not None or view.walked or steps[:at] != path.steps:
        return None
    if any(kind != "attr" or item != ("name", what) for (kind, what), item in zip(beyond, items)):
        return None
    rows = rows_in(items[len(beyond) :])
    return None if rows is None else (beyond, rows)


def _learn_many(key, view, routes):
    """The same for one collection behind each of many structs."""
    for is_for, describe in _apart:
        if is_for(routes):
            steps = _members_way(key, view, routes)
            description = None if view.walked and steps is None else describe(view, routes, check_of)
            return description and remember(key, KnownMany(_core.Trail(description), steps, steps and slice(None),
                                                           False, signatures(routes), apart=True))
    if not routes:
        return None
    first, flat = routes[0].leaf, view.offsets is not None
    outer, items = _named(*key[1:3], first.path.steps)
    rows = rows_in(items)
    if rows is None or not _takes_all(items):
        return None
    if outer is None:
        prefix, walked, above = 0, 0, 0
    else:
        prefix, walked, above = len(outer) + 1, 1, sum(kind == "item" for kind, _ in outer[len(key[1]):])
        if first.path.steps[:len(outer)] != outer or len(first.path.steps) <= prefix:
            return None
    count = len(view.offsets) - 1 if flat else view.shape[0]
    legs = len(routes) // max(count, 1)
    others = [one for one in view.walked if outer is None or one.path.steps != outer]
    counted = [one for one in others if outer is None or not _is_above(one, outer)]  # by an index on the way
    if legs * count != len(routes) or len(view.walked) != walked + len(others) or not legs or (
            len(others) != len(counted) + above or len(counted) not in (0, count)
            or any(one.order is not None for one in others)):
        return None
    inner, ones = first.path.steps[prefix:], sum(item[0] == "keys" for item in items[1:])
    known = KnownMany(None, outer, rows, flat, (), ones=ones, outer=outer and (*key[1], *_counted(outer[len(key[1]):])))
    if ones and flat:
        return None
    if not all(_is_like(route, routes[i % legs], prefix, inner, () if flat else (i // legs, *(0,) * ones))
               for i, route in enumerate(routes)):
        return _learn_nested(key, view, routes, known) if outer is not None and counted and not flat else None
    own = {"steps": _counted(inner), "rows": slice(None), "inner": tuple(view.shape[1 if flat else 2 + ones:]),
           **_of_many(routes, legs, outer)}
    description = described(own, view, routes[:legs])
    if description is None:
        return None
    return remember(key, known._replace(trail=_core.Trail(description), signatures=signatures(routes[:legs])))


def _of_many(routes, legs, outer):
    """What native code need not ask of each: its datablock, where all are of that of their collection, and where its
    elements lie, where its struct or layer has the pointer."""
    import bpy

    path, within = routes[0].leaf.path, outer is not None
    for at in range(len(outer) if within else 0, len(path.steps)):
        within = within and not isinstance(Path(path.root, path.steps[:at + 1]).follow(), bpy.types.ID)
    return {"within": within, "holder": place_of_arrays(routes[::legs]), "layer": layer_of_drawings(routes[::legs])}


def _is_above(walked, outer):
    """Whether a collection is one on the way to the structs' own, of which an index picks an element."""
    steps = walked.path.steps
    return len(steps) < len(outer) and outer[:len(steps)] == steps


def _counted(steps):
    """Steps of which native code compares the lengths that an index counts."""
    return tuple(("counted" if kind == "item" else kind, what) for kind, what in steps)


def _learn_nested(key, view, routes, known):
    """The same for one collection behind each of the elements of equally long collections, one behind each struct: what
    is behind the frames of layers. Not of datablocks, which change places."""
    outer, ones = known.steps, known.ones
    steps = routes[0].leaf.path.steps[len(outer) + 1:]
    at = next(i for i, (kind, _) in enumerate(steps) if kind == "item")
    mid, inner, width = steps[:at], steps[at + 1:], view.shape[1]
    legs = len(routes) // (view.shape[0] * width)
    if not legs or legs * view.shape[0] * width != len(routes) or any(kind == "item" for kind, _ in inner) or (
            any(one.order is not None for one in view.walked)):
        return None
    for i, route in enumerate(routes):
        fixed = divmod(i // legs, width)
        if not _is_like(route, routes[i % legs], len(outer) + at + 2, inner, (*fixed, *(0,) * ones)) or (
                route.leaf.path.steps[len(outer) + 1:len(outer) + at + 2] != (*mid, ("item", fixed[1]))):
            return None
    own = {"steps": inner, "rows": slice(None), "inner": tuple(view.shape[3 + ones:]), **_of_many(routes, legs, outer)}
    description = described(own, view, routes[:legs])
    return description and remember(key, known._replace(trail=_core.Trail(description),
                                                        signatures=signatures(routes[:legs]), mid=mid))


def _members_way(key, view, routes):
    """Steps from the root to the one collection all of whose datablocks are moved, where native code may follow them;
    else None."""
    path = getattr(routes[0].leaf.path, "path", None)
    if path is None or key[1] is None or [one.path.steps for one in view.walked] != [path.steps] or asks_first(path):
        return None
    outer, items = _named(*key[1:3], path.steps)
    is_one = all(route.leaf.path.steps == path.steps for route in routes)
    return path.steps if is_one and outer == path.steps and rows_in(items) == slice(None) else None


def signatures(routes):
    return tuple(route.mover.kernel.signature for route in routes)


def _named(outer, items, steps):
    """The steps to the structs' collection and the items from there, where names and indices lead to it from the
    supplier."""
    if outer is None or steps[:len(outer)] != outer:  # of an F-curve the key does not tell which
        return outer, items
    at = len(outer)
    while items and len(steps) > at and _is_step(items[0], steps[at]):
        at, items = at + 1, items[1:]
    return steps[:at], items


def _is_step(item, step):
    """Whether an item is a step by a name or by an index from the start, which makes no axis."""
    return item[0] == "name" and step == ("attr", item[1]) or item[0] == "int" and step == ("item", item[1])


def _takes_all(items):
    """Whether all that stands between the outer selection and the property is names, `:` and indices from the start."""
    last = max((i for i, item in enumerate(items) if item[0] in ("name", "names")), default=0)
    return all(item[0] in ("name", "names") or item == ("slice", None, None, None) or item[0] == "int" and item[1] >= 0
               or item[0] == "keys" and len(item[1]) == 1 for item in items[1:last])


def _is_like(route, first, prefix, inner, fixed):
    """Whether a route does for its struct what the first struct's does for that."""
    if not is_followed(route):
        return False
    leaf, other, place = route.leaf, first.leaf, route.leaf.place[len(fixed):]
    if leaf.place[:len(fixed)] != tuple(("fixed", i) for i in fixed):
        return False
    return (leaf.path.steps[prefix:] == inner and leaf.rows.is_all and leaf.rows.table is None and leaf.rows.step == 1
            and place[0][0] == "own" and place[1:] == other.place[len(other.place) - len(place) + 1:]
            and (leaf.property, leaf.components, leaf.element) == (other.property, other.components, other.element)
            and route.layout.storage == first.layout.storage and type(route.layout.place) is type(first.layout.place))


def routes_of(known, path, run):
    """(view, routes) as resolving the expression on what a run entered gave them."""
    rows = Rows.sliced(run.length, known.rows)
    path = path if not known.beyond else Path(path.root, path.steps + known.beyond)
    leaves = tuple(replace(leaf, path=path, rows=rows) for leaf in known.leaves)
    view = replace(known.view, shape=(rows.count, *known.view.shape[1:]), leaves=leaves)
    routes = [DirectRoute(leaf, view, layout) for leaf, layout in zip(leaves, known.layouts)]
    for route in routes:
        if known.owner is not None:
            route.kinds.noted(known.owner, run.domain)
    return view, routes


def rows_in(items):
    """The selection on the supplier's own elements as a slice, or None."""
    kind = items[0][0] if items else None
    if kind == "slice":
        return slice(*items[0][1:])
    return slice(None) if kind in ("name", "names") else None
