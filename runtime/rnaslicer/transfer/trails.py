# runtime/rnaslicer/transfer/trails.py: what an expression leads to, remembered, so that native code can follow it.
"""A direct transfer of one collection depends on the expression, the settings and the RNA types on the way, not on
the datablock. What resolving and proving gave once is described here for `_core.Trail` (runtime/trail/trail.hpp),
which enters, refreshes and updates without Python. It declines wherever something is not as described; then the
routes do it, which resolve and prove anew or say what is wrong.
"""

import math
from typing import Any, Optional

from .. import _core
from ..basis.records import Record, replace
from ..layout.leaf import Rows, Walked
from ..layout.matrices import WORLD, numbers_in
from ..supplier.identity import IDRoot, MainRoot, Path
from ..supplier.roster import Roster
from ..supplier.uids import id_places
from .described import asks_first, check_of, described, fits, place_of_array
from .direct import DirectRoute
from .laid import (
    PICKED, after_keys, as_picked, as_picked_of, counted, counted_steps, is_picked, keyed_steps, laid_out, leads_elsewhere, led,
    named_steps, padding, rows_in, rows_now, tells_no_step, way_of)

COMPOSED: set[type] = set()  # what is known of composed routes; the types come with transfer/composed/trails.py
_trails = {}  # key -> Known, or what is known of many; native code looks here, too
_apart = []  # (whether routes are of structs that lie apart, what describes their trail)
_lists = None  # own/listed.py
_in_vain = set()  # keys whose trail the first few of many structs did not tell (entered/learning.py)
_relearnt = {}  # key -> how often its layer had another type than the trail's
_MOST_RELEARNT = 8  # else datablocks whose layers differ are used in turns, and each would make it anew
_MOST = 4096


def hand_in(is_for, describe):
    """What describes the trails of structs that lie apart (assembly.py)."""
    _apart.append((is_for, describe))


class Lists(Record):
    """What describes the trails of the elements of linked lists and tables (own/listed.py)."""

    is_listed: Any  # whether routes are for one list
    follows: Any  # whether one route is for a list
    describe: Any
    describe_many: Any  # of one list behind each of many structs
    widen: Any  # a description, for an older trail's elements, too
    kinds_of: Any  # classes of a leaf's elements


def hand_in_lists(lists):
    """A `Lists` (assembly.py)."""
    global _lists
    _lists = lists


class Known(Record):
    """A trail of one collection, with what the routes need where it declines."""

    trail: object  # these three are read by native code (runtime/trail/python/context.cpp), in this order
    beyond: tuple  # steps from the supplier to the collection, an index as `told` has it: none where it is that
    signatures: tuple  # of the kernels
    leaves: tuple  # as first resolved: another datablock has another path and length
    layouts: tuple
    view: object
    rows: slice
    owner: Optional[type]  # of the collection; None: the datablock
    kinds: tuple = ()  # classes that a list's elements may be of; none: the collection declares one
    passed: Any = None  # classes of what pointers on the way lead to, as native code compares them

    @property
    def leaf(self):
        """The first one, for errors."""
        return self.leaves[0]


class KnownMany(Record):
    """A trail of one collection behind each of many structs."""

    trail: object
    steps: Optional[tuple]  # from the one root to the structs' collection; None: each root is a struct
    rows: Any  # of that collection, or of the list: a slice, None, or PICKED
    form: str  # how the rows of all lie in the cache: equal, flat or pad
    signatures: tuple  # of the kernels
    levels: tuple = ()  # of `laid.Level`: from each of these to a collection, whose elements the structs are instead
    depths: tuple = ()  # steps from the root to one of these, and to one of the elements in each level
    apart: bool = False  # the values are those of a roster's or collection's datablocks themselves
    ones: int = 0  # axes of one key each, between the structs' and the rows
    outer: Optional[tuple] = None  # `steps` as native code takes them: it compares the lengths that an index counts
    through: bool = False  # a matrix stands between the values and the cache
    row: tuple = ()  # padded: (format, shape) of one row
    kinds: tuple = ()  # as Known has them, of many lists' elements
    passed: Any = None  # as Known has them

    def differing(self, view, run):
        """The first collection of which an index on the way picks one, or whose rows are padded, and which had another
        length when the run entered: (path, length then, length now); None where there is none."""
        padded = run.lengths and memoryview(run.lengths).cast("q") or ()
        for at, (was, now) in enumerate(zip(padded, view.lengths or ())):
            if was != now:
                flat = view.leaves[0].flat
                return flat.leaves[at * (len(flat.leaves) // len(view.lengths))].path, was, now
        pairs = zip(counted(view, self.steps, self.depths), run.counted)
        return next(((one.path, was, one.length) for one, was in pairs if one.length != was), None)

    def is_order_of(self, view, run):
        """Whether a run has entered the datablocks whose order the view holds."""
        return all(order.is_of(run.uids, self.rows) for order in self._orders(view, run))

    def recall_order(self, view, run):
        """A view that was made later: an update is for the datablocks that the run entered."""
        for order in self._orders(view, run):
            order.recall(run.uids, self.rows)

    def note(self, view, routes, run):
        """Tells routes of lists that were made anew of which classes the elements were at enter."""
        kinds, at = run.kinds or (), 0
        structs = len(view.offsets) - 1 if view.offsets else math.prod(view.shape[:max(len(self.depths), 1)])
        legs = max(len(routes) // max(structs, 1), 1)  # of each struct, one after the other
        for i, route in enumerate(routes if kinds else ()):
            count = route.leaf.rows.length
            if count:
                route.kinds.noted_elements(kinds[at:at + count])
            at += count if i % legs == legs - 1 else 0

    def picking(self, path, items):
        """As one wrapper has entered those that its items name."""
        return self._replace(rows=memoryview(rows_now(path, items)).cast("q"))

    def _orders(self, view, run):
        return [] if run.uids is None else [one.order for one in view.walked if one.order is not None]

    def enter(self, path, wrapper, more, items):
        """(run, MemCache, offsets), or None where the trail declines."""
        if self.apart and self.rows not in (None, slice(None)):
            return None  # it moves all of a list, in its order
        if type(path) is Roster:
            path.native.know(id_places())
        if self.apart and self.steps is not None:
            return self.trail.enter_members(path.root, self.steps, id_places(), wrapper)
        if self.apart:
            return self.trail.enter_apart(path.native, wrapper)
        ways = keyed_steps(path, items)
        if self.steps is not None or ways:
            roots = tuple((path.root, counted_steps(steps)) for steps in ways) if self.steps is None else (path.root,)
        else:
            roots = path.native if type(path) is Roster else tuple(
                (one.root, one.steps) if one.steps else one.root for one in path)
        form = self.form if self.form != "pad" else padding(self.row, more)
        rows = self.rows if self.rows != PICKED else rows_now(path, items)
        if form is None or rows is None and self.rows == PICKED:  # numbers of others
            return None
        given = roots, self.outer, rows, self.levels, self.ones, form, id_places(), wrapper
        return self.trail.enter_many(numbers_in(more), given) if self.through else self.trail.enter_many(*given)


_HASHED = {"slice", "int", "name", "names", "keys", "ellipsis", PICKED}  # items; the others are arrays


def key_of(path, items, scalar, ragged, more=None):
    """Everything that a trail depends on and cannot see for itself; None where there is none."""
    settings = _settings(ragged, more) if more else ()
    if settings is None:
        return None
    if type(path) in (list, Roster):
        items = as_picked(items)
    elif ways := keyed_steps(path, items):  # their trail is that of a list of these structs
        path, items = [Path(path.root, one) for one in ways], after_keys(items)
    else:
        items = as_picked_of(items)
    for item in items:
        if item[0] not in _HASHED:
            items = _without_roots(items)
            break
    if items is None:
        return None
    if type(path) is Roster:
        return (path.type, Roster), None, items, scalar, ragged, settings
    if type(path) is list:
        kinds = set(map(_form_of, path))
        return None if len(kinds) != 1 or None in kinds else (tuple(kinds), None, items, scalar, ragged, settings)
    if type(path) is not Path or not path.root.has_trails:
        return None
    steps = path.steps
    if len(steps) > 1 and steps[-2][0] == "fcurve":  # which curve, in which list, is told at each use
        steps = _CURVE, steps[-1]
    return getattr(path.root, "type", None), steps, items, scalar, ragged, settings


def _settings(ragged, more):
    """What is compiled in of the other settings; None where no trail is for them: padded rows whose fill is any object,
    and what an empty sequence would hold."""
    if ragged == "pad" and type(more["fill"]) not in (int, float, bool) or "of" in more:
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


def _form_of(path):
    """Of a list's struct: the type of its datablock; with the names on the way to it, if it lies within; else None."""
    if type(path.root) is not IDRoot:
        return None
    names = tuple([what if kind == "attr" else (kind,) for kind, what in path.steps])
    return (path.root.type, names) if names else path.root.type


def let_native_code_follow():
    """Native code enters along what is known here."""
    _core.set_session(_trails, Known)


def find_known(key):
    """What is known for a key, or None. Whoever learns that something is not as it was calls
    `_core.forget_trails`."""
    known = _trails.get(key)
    if known is not None and known.trail.stale:
        forget_all()
        return None
    return known


def forget_all():
    for kept in (_trails, _in_vain, _relearnt):
        kept.clear()
    _core.forget_recalled()


def unlearn(key):
    """Forgets what turned out to lead elsewhere."""
    _trails.pop(key, None)
    _core.forget_recalled()


def is_in_vain(key):
    """Whether it was said of a key that a few structs do not tell its trail."""
    return key in _in_vain


def note_in_vain(key):
    """Says so."""
    if len(_in_vain) >= _MOST:
        _in_vain.clear()
    _in_vain.add(key)


def remember(key, known):
    if len(_trails) >= _MOST:  # scripts may make expressions without end
        forget_all()
    if key in _trails:
        _core.forget_recalled()
    _trails[key] = known
    return known


def learn(key, path, view, routes, name=None):
    """Remembers the trail of what was just resolved and proven, as `name` (None: as `key`); None where native code
    could not follow."""
    if is_picked(key[2]):
        return _learn_laid(key, view, routes) if name is None else None
    is_one = len({route.leaf.path.steps for route in routes[:1] + routes[-1:]}) <= 1
    beyond, rows = key[1] is not None and is_one and way_of(key, path, view, routes, counts=True) or (None, None)
    if beyond is None and (key[1] is None or view.walked or not is_one):
        return _learn_many(key, view, routes) if name is None else None
    if beyond is None or tells_no_step(routes[0].leaf, rows):
        return None
    own = {"steps": path.steps + beyond, "rows": rows, "inner": tuple(view.shape[1:])}
    description = _described(own, view, routes, _trails.get(name or key))
    if description is None:
        return None
    if description.get("derivable") and description["surface"] is None:  # to ask Python first costs more than bpy's own call
        return None
    layouts = tuple(route.layout for route in routes)
    kinds = description["list"]["kinds"] if "list" in description else ()
    return remember(name or key, Known(_core.Trail(description), beyond, signatures(routes), view.leaves, layouts, view,
                                       rows, description["owner"], kinds, description.get("passed")))


def _described(own, view, routes, older):
    """What `_core.Trail` reads of routes on one collection; None where native code could not follow."""
    if _lists.is_listed(routes):
        description = _lists.describe(own, view, routes)
        return description and _lists.widen(description, routes, older)
    if not all(fits(route, routes[0].leaf.path) for route in routes):
        return None
    return described_alone(own, view, routes)


def described_alone(own, view, routes):
    """The same of routes that all are on one collection's elements in an array."""
    import bpy
    path = routes[0].leaf.path
    passed = (Path(path.root, path.steps[:at]).follow() for at in range(1, len(path.steps)))
    # The key of an F-curve does not say what leads to its list: perhaps a datablock within another one.
    within = "fcurve" not in (kind for kind, _ in path.steps) and not any(
        isinstance(one, bpy.types.ID) for one in passed)
    holder = place_of_array(getattr(routes[0], "inner", routes[0]))
    return described({**own, "within": within, "holder": holder}, view, routes)


def lacks(key, known, routes):
    """Whether a trail declined what another one could lead to, made now: of lists, it knows not all classes that their
    elements have by now; of a layer, one of that name had another type when it was made; or objects' data had."""
    elsewhere = leads_elsewhere(known, routes[0].leaf)
    if elsewhere or type(known) is Known and routes[0].leaf.exact:
        if not elsewhere and known.leaf.element == routes[0].leaf.element:
            return False
        _relearnt[key] = _relearnt.get(key, 0) + 1
        return _relearnt[key] <= _MOST_RELEARNT
    if hasattr(known, "lacks"):
        return known.lacks(routes)
    if not getattr(known, "kinds", ()):
        return False
    return any(not route.leaf.exact and not set(_lists.kinds_of(route.leaf)) <= set(known.kinds)
               for route in (routes[:1] if type(known) is Known else routes))


def _learn_many(key, view, routes):
    """The same for one collection behind each of many structs."""
    for is_for, describe in _apart:
        if is_for(routes):
            steps = _members_way(key, view, routes)
            description = None if view.walked and steps is None else describe(view, routes, check_of)
            return description and remember(key, KnownMany(_core.Trail(description), steps, steps and slice(None),
                                                           "equal", signatures(routes), apart=True))
    return _learn_laid(key, view, routes)


def _learn_laid(key, view, routes):
    """The same where each has a collection of its own."""
    if any(map(_lists.follows, routes)):
        laid = laid_out(key, view, routes, _lists.follows)
        description = laid and laid.form != "pad" and _lists.describe_many(
            laid.own, view, laid.legs, routes, _trails.get(key))
        return description and remember(key, known_of(laid, _core.Trail(description),
                                                      kinds=description["list"]["kinds"])) or None
    laid = laid_out(key, view, routes)
    description = laid and described(laid.own, view, laid.legs)
    return description and remember(key, known_of(laid, _core.Trail(description), passed=description["passed"]))


def _members_way(key, view, routes):
    """Steps from the root to the one collection all of whose datablocks are moved, where native code may follow them;
    else None."""
    path = getattr(routes[0].leaf.path, "path", None)
    if path is None or key[1] is None or [one.path.steps for one in view.walked] != [path.steps] or asks_first(path):
        return None
    outer, items = named_steps(*key[1:3], path.steps)
    is_one = all(route.leaf.path.steps == path.steps for route in routes)
    return path.steps if is_one and outer == path.steps and rows_in(items) == slice(None) else None


def known_of(laid, trail, **more):
    """As what is remembered of the trail that was made of collections that lie so."""
    return KnownMany(trail, laid.outer, laid.rows, **{"form": laid.form, **more}, signatures=signatures(laid.legs),
                     levels=laid.levels, depths=laid.depths, ones=laid.ones, outer=laid.way)


def signatures(routes):
    return tuple(route.mover.kernel.signature for route in routes)


def routes_of(known, path, run):
    """(view, routes) as resolving the expression on what a run entered gave them."""
    rows = Rows.sliced(run.length, known.rows)
    walked, before = (), len(path.steps)
    if known.beyond:
        steps, picks = led(known.beyond, run.counted)
        path = Path(path.root, path.steps + steps)
        walked = tuple(Walked(Path(path.root, path.steps[:before + at]), length, None) for at, length in picks)
    if getattr(known.leaf.path, "counts", False):
        path = known.leaf.path.like(path, run.length)
    leaves = tuple(replace(leaf, path=path, rows=rows) for leaf in known.leaves)
    view = replace(known.view, shape=(rows.count, *known.view.shape[1:]), leaves=leaves, walked=walked)
    routes = [DirectRoute(leaf, view, layout) for leaf, layout in zip(leaves, known.layouts)]
    for route, missing in zip(routes, run.missing or (route.absent for route in routes)):
        route.absent, route.beside = missing, False  # as it was compared when entering: native code declines namesakes
        if known.owner is not None:
            route.kinds.noted(known.owner, run.domain)
        if run.kinds:
            kinds = run.kinds if len(run.kinds) == 1 else tuple(run.kinds[i] for i in rows.indices())
            route.kinds.noted_elements(kinds)
    return view, routes
