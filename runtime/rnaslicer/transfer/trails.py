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
from .described import check_of, described, fits, is_followed
from .direct import DirectRoute

_trails = {}  # key -> Known
_apart = []  # (whether routes are of structs that lie apart, what describes their trail)
_MOST = 4096


def hand_in(is_for, describe):
    """What describes the trails of structs that lie apart (assembly.py)."""
    _apart.append((is_for, describe))


class Known(NamedTuple):
    """A trail of one collection, with what the routes need where it declines."""

    trail: object
    leaves: tuple  # as first resolved: another datablock has another path and length
    layouts: tuple
    view: object
    rows: slice
    owner: Optional[type]  # of the collection; None: the datablock
    signatures: tuple  # of the kernels
    beyond: tuple  # steps from the supplier to the collection: none where it is that

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
    apart: bool = False  # the values are those of a roster's datablocks themselves

    def differing(self, view, run):
        """The first collection of which an index on the way picks one, and which had another length when the run
        entered: (path, length then, length now); None where there is none."""
        counted = (one for one in view.walked if one.length is not None and one.path.steps != self.steps)
        return next(((one.path, was, one.length) for one, was in zip(counted, run.counted) if one.length != was), None)

    def enter(self, path, wrapper, _more, _items):
        """(run, MemCache, offsets), or None where the trail declines."""
        if type(path) is Roster:
            path.native.know(id_places())
        if self.apart:
            return self.trail.enter_apart(path.native, wrapper)
        if self.steps is not None:
            roots = (path.root,)
        else:
            roots = path.native if type(path) is Roster else tuple(one.root for one in path)
        return self.trail.enter_many(roots, self.steps, self.rows, self.flat, wrapper)


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
    return remember(name or key, Known(_core.Trail(description), view.leaves, layouts, view, rows, description["owner"],
                                       signatures(routes), beyond))


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
            description = None if view.walked else describe(view, routes, check_of)
            return description and remember(key, KnownMany(_core.Trail(description), None, None, False,
                                                           signatures(routes), True))
    outer, items = key[1:3]
    rows = rows_in(items)
    if rows is None or not routes or not _takes_all(items):
        return None
    first, flat = routes[0].leaf, view.offsets is not None
    if outer is None:
        prefix, walked = 0, 0
    else:
        prefix, walked = len(outer) + 1, 1
        if first.path.steps[:len(outer)] != outer or len(first.path.steps) <= prefix:
            return None
    count = len(view.offsets) - 1 if flat else view.shape[0]
    legs = len(routes) // max(count, 1)
    counted = [one for one in view.walked if outer is None or one.path.steps != outer]  # by an index on the way
    if legs * count != len(routes) or len(view.walked) != walked + len(counted) or not legs or (
            len(counted) not in (0, count) or any(one.order is not None for one in counted)):
        return None
    inner = first.path.steps[prefix:]
    for i, route in enumerate(routes):
        if not _is_like(route, routes[i % legs], prefix, inner, None if flat else i // legs):
            return None
    steps = tuple(("counted" if kind == "item" else kind, what) for kind, what in inner)
    own = {"steps": steps, "rows": slice(None), "inner": tuple(view.shape[1 if flat else 2:])}
    description = described(own, view, routes[:legs])
    if description is None:
        return None
    return remember(key, KnownMany(_core.Trail(description), outer, rows, flat, signatures(routes[:legs])))


def signatures(routes):
    return tuple(route.mover.kernel.signature for route in routes)


def _takes_all(items):
    """Whether all that stands between the outer selection and the property is names, `:` and indices from the start."""
    last = max((i for i, item in enumerate(items) if item[0] in ("name", "names")), default=0)
    return all(item[0] in ("name", "names") or item == ("slice", None, None, None) or item[0] == "int" and item[1] >= 0
               for item in items[1:last])


def _is_like(route, first, prefix, inner, fixed):
    """Whether a route does for its struct what the first struct's does for that."""
    if not is_followed(route):
        return False
    leaf, other = route.leaf, first.leaf
    place = leaf.place[1:] if fixed is not None else leaf.place
    if fixed is not None and leaf.place[0] != ("fixed", fixed):
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
