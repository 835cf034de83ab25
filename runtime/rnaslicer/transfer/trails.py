# runtime/rnaslicer/transfer/trails.py: what an expression leads to, remembered, so that native code can follow it.
"""A direct transfer of one collection depends on the expression, the settings and the RNA types on the way, not on
the datablock. What resolving and proving gave once is described here for `_core.Trail` (runtime/trail/trail.hpp),
which enters, refreshes and updates without Python. It declines wherever something is not as described; then the
routes do it, which resolve and prove anew or say what is wrong.
"""

from typing import Any

from .. import _core
from ..basis.records import Record, replace
from ..layout.alone import is_alone
from ..layout.findings import made_before
from ..layout.leaf import Rows, Walked, elements_of, forms_of
from ..layout.matrices import WORLD
from ..supplier.identity import MAIN, IDRoot, Path
from ..supplier.roster import Roster
from ..supplier.several import Several
from .described import asks_first, check_of, described, fits, is_followed, place_of_array
from .direct import DirectRoute
from .known import Known, KnownMany
from .routes import EmptyRoute
from .writing.noticing import TELLING
from .laid import (
    KEYED, PICKED, after_keys, as_picked, as_picked_of, keyed_steps, laid_out, led, named_steps, selection, way_of)

COMPOSED: set[type] = set()  # what is known of composed routes; the types come with transfer/composed/trails.py
_trails = {}  # key -> Known, or what is known of many; native code looks here, too
_apart = []  # (whether routes are of structs that lie apart, what describes their trail, how bpy tells their values)
_lists = None  # own/listed.py
_in_vain = set()  # keys whose trail the first few of many structs did not tell (entered/learning.py)
variants = {}  # key -> trails of other layers of that name (entered/variants.py)
_MOST = 4096


def hand_in(is_for, describe, asks):
    """What describes the trails of structs that lie apart (assembly.py)."""
    _apart.append((is_for, describe, asks))


class Lists(Record):
    """What describes the trails of the elements of linked lists and tables (own/listed.py)."""

    is_listed: Any  # whether routes are for one list
    follows: Any  # whether one route is for a list
    describe: Any
    describe_many: Any  # of one list behind each of many structs
    widen: Any  # a description, for an older trail's elements, too
    kinds_of: Any  # classes of a leaf's elements
    is_each: Any  # whether routes are for one struct behind each of many (own/each.py)
    lay_each: Any
    describe_each: Any
    asks_each: Any  # the route by which bpy tells their values, or False
    is_nested: Any  # whether routes are for datablocks of collections behind each (own/nested.py)
    lay_nested: Any
    describe_nested: Any


def hand_in_lists(lists):
    """A `Lists` (assembly.py)."""
    global _lists
    _lists = lists


_HASHED = {"slice", "int", "range", "name", "names", "keys", "ellipsis", PICKED, KEYED}  # items; the others are arrays


_PICKS = {"keys", "indices", "mask"}


def key_of(path, items, scalar, ragged, more=None):
    """Everything that a trail depends on and cannot see for itself; None where there is none."""
    settings = _settings(ragged, more) if more else ()
    if settings is None:
        return None
    picks, names = False, False  # without a call for each: this is done for every wrapper
    for item in items:
        picks, names = picks or item[0] in _PICKS, names or item[0] == "keys"
    if type(path) in (list, Roster):
        items = as_picked(items)
    elif not picks:
        pass
    elif names and (ways := keyed_steps(path, items)):  # their trail is that of a list of these structs
        some = ways[:1] if TELLING.isdisjoint([way[-1][1] for way in ways]) else ways  # else all have its form
        path, items = [Path(path.root, way) for way in some], after_keys(items)
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
        kinds = set(map(_form_of, _core.unlike(path, TELLING)))
        return None if len(kinds) != 1 or None in kinds else (tuple(kinds), None, items, scalar, ragged, settings)
    if type(path) is not Path or not path.root.has_trails or path.root.evaluates and path.steps not in _OF_DEPSGRAPHS:
        return None  # of a depsgraph's other collections native code follows none
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
    each use. None where an item is an array of more than a few components, or a collection is no datablock's own."""
    found = ()  # without a call for each: this is done for every wrapper
    for item in items:
        if item[0] == "gather" and type(item[1].root) is IDRoot:
            found += (("gather", item[1].root.type, item[1].steps),)
        elif item[0] in _HASHED:
            found += (item,)
        elif item[0] == "indices" and found and found[-1][0] == "name" and len(item[1]) <= _MOST_COMPONENTS:
            found += (("indices", tuple(item[1])),)  # of components: compiled in
        else:
            return None
    return found


_CURVE = "fcurve", None
_OF_DEPSGRAPHS = (("attr", "objects"),), (("attr", "object_instances"),)
_MOST_COMPONENTS = 16


def _form_of(path):
    """Of a list's struct: the type of its datablock; with the names on the way to it, if it lies within, or is evaluated,
    and of its keys those that tell what an update asks; else None."""
    root, is_own = path.root, type(path.root) is IDRoot
    if not is_own and not root.has_trails:
        return None
    names = tuple([what if kind == "attr" else (kind, what) if kind == "key" and what in TELLING else (kind,)
                   for kind, what in path.steps])
    if root is MAIN and not names:
        return None
    return (getattr(root, "type", None), names) if names or not is_own else root.type


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


def look_up(key):
    """The same for who only looks; perhaps it is stale."""
    return _trails.get(key)


def forget_all():
    for kept in (_trails, _in_vain, variants):
        kept.clear()
    _core.forget_recalled()


def unlearn(key):
    """Forgets what turned out to lead elsewhere."""
    _trails.pop(key, None)
    variants.pop(key, None)
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
    if (PICKED,) in key[2] or (KEYED,) in key[2]:
        return _learn_many(key, view, routes) if name is None else None
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


def tells_no_step(leaf, rows):
    """Whether kernels were made for rows so few that their step is not the slice's."""
    return leaf.rows.count < 2 and rows.step not in (None, 1)


def _described(own, view, routes, older):
    """What `_core.Trail` reads of routes on one collection; None where native code could not follow."""
    if _lists.is_listed(routes):
        description = _lists.describe(own, view, routes)
        return description and _lists.widen(description, routes, older if type(older) is Known else None)
    if not all(fits(route, routes[0].leaf.path) for route in routes):
        return None
    return described_alone(own, view, routes)


def described_list(own, view, routes):
    """The same of some elements of a list, by their numbers. None of those of another kind."""
    if not all(map(_lists.follows, routes)):
        return None
    description = _lists.describe(own, view, routes)
    for leg in description["legs"] if description else ():
        leg["is_copied"] = False  # foreach_get gives all
    return description


def widened_list(description, routes, older):
    """As `Lists.widen`."""
    return _lists.widen(description, routes, older)


def described_alone(own, view, routes):
    """The same of routes that all are on one collection's elements in an array."""
    import bpy
    path = routes[0].leaf.path
    # The key of an F-curve does not say what leads to its list: perhaps a datablock within another one.
    within = "fcurve" not in [kind for kind, _ in path.steps] and not any(
        [isinstance(one, bpy.types.ID) for one in Path(path.root, path.steps).passed()[1:]])
    holder = place_of_array(getattr(routes[0], "inner", routes[0]))
    return described({**own, "within": within, "holder": holder}, view, routes)


def is_told_since(known):
    """Whether the name of a layer is known by now that a trail had two for."""
    return known is not None and getattr(known.trail, "unsure", False) and made_before() is not None


def widens(known, routes):
    """Whether a trail declined what it knows once it is made anew: of lists, classes that their elements have by now; of
    groups, what was registered since; that memory tells what foreach_get told; how a layer is called."""
    if is_told_since(known):
        return True
    if getattr(known, "asked", False) and any(hasattr(route, "absent") for route in routes):
        return True
    if hasattr(known, "lacks"):
        return known.lacks(routes)
    if getattr(known, "alone", False):
        followed = [route for route in routes if _lists.follows(route)]
        if followed and not any(is_alone(route.layout) for route in followed) or any(map(is_followed, routes)):
            return True
    kinds = set(getattr(known, "kinds", ()))
    return bool(kinds) and any(not route.leaf.exact and not set(_lists.kinds_of(route.leaf)) <= kinds
                               for route in (routes[:1] if type(known) is Known else routes))


def _learn_many(key, view, routes):
    """The same for one collection behind each of many structs."""
    if _lists.is_nested(routes, view):
        laid = _lists.lay_nested(key, view, routes)
        description = laid and _lists.describe_nested(laid, view, routes, check_of)
        return description and remember(key, known_of(laid, _core.Trail(description), of=description["element"],
                                                      nested=True)) or None
    for is_for, describe, asks in _apart:
        if is_for(routes, view):
            steps, rows, before = _members_way(key, view, routes) or (None, None, 0)
            description = None if view.walked and steps is None else describe(
                view, routes, check_of, rows not in (None, KEYED, slice(None)))
            return description and remember(key, KnownMany(_core.Trail(description), steps, rows, "equal",
                                                           signatures(routes), apart=True, before=before, asked=asks(routes),
                                                           of=description["element"], scalar=view.scalar,
                                                           elements=elements_of(view.leaves),
                                                           view=view if forms_of(view.leaves) else None))
    return _learn_laid(key, view, routes)


def _learn_laid(key, view, routes):
    """The same where each has a collection, or another struct, of its own."""
    older = _trails.get(key)
    older = older if type(older) is KnownMany else None
    if _lists.is_each(routes):
        laid = _lists.lay_each(key, view, routes)
        description = laid and _lists.describe_each(laid, view, routes, older)
        return description and remember(key, known_of(laid, _core.Trail(description), asked=_lists.asks_each(routes),
                                                      kinds=description["list"]["kinds"])) or None
    laid = laid_out(key, view, routes, _lists.follows) if any(map(_lists.follows, routes)) else None
    if laid is not None:
        description = laid.form != "pad" and _lists.describe_many(
            laid.own, view, laid.legs, routes, older)
        alone = any(is_alone(getattr(route, "layout", None)) for route in routes)
        return description and remember(key, known_of(laid, _core.Trail(description), alone=alone,
                                                      kinds=description["list"]["kinds"])) or None
    laid = laid_out(key, view, routes)  # an only element may be of an array, as longer ones
    description = laid and described(laid.own, view, laid.legs)
    return description and remember(key, known_of(laid, _core.Trail(description), passed=description["passed"]))


def _members_way(key, view, routes):
    """(steps from the root to the one collection of whose datablocks some are moved, selection of these, how many items
    lead there), where native code may follow; else None."""
    path = routes[0].leaf.path
    named = path.paths[0].steps[:-1] if type(path) is Several else None
    path = path.paths[0] if named is not None else getattr(path, "path", path)
    steps = path.steps if named is None else named
    if type(path) is not Path or key[1] is None or asks_first(path) or (
            [one.path.steps for one in view.walked] != ([] if named is not None else [steps])):
        return None
    outer, items = named_steps(*key[1:3], steps)
    rows = selection(items)
    is_one = named is not None or all(route.leaf.path.steps == steps for route in routes)
    fits = outer == steps and (rows == KEYED) == (named is not None)
    return (steps, rows, len(key[2]) - len(items)) if is_one and fits and rows is not None else None


def known_of(laid, trail, **more):
    """As what is remembered of the trail that was made of collections that lie so."""
    return KnownMany(trail, laid.outer, laid.rows, **{"form": laid.form, **more}, signatures=signatures(laid.legs),
                     levels=laid.levels, depths=laid.depths, ones=laid.ones, outer=laid.way, before=laid.before,
                     elements=elements_of([leg.leaf for leg in laid.legs]), scalar=laid.legs[0].view.scalar)


def signatures(routes):
    return tuple((route.mover or route.dense(None).mover).kernel.signature for route in routes)


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
    if not rows.count:
        return view, [EmptyRoute(leaf, view) for leaf in leaves]
    routes = [DirectRoute(leaf, view, layout) for leaf, layout in zip(leaves, known.layouts)]
    for route, missing in zip(routes, run.missing or (route.absent for route in routes)):
        route.absent, route.beside = missing, False  # as it was compared when entering: native code declines namesakes
        if known.owner is not None:
            route.kinds.noted(known.owner, run.domain)
        if run.kinds:
            route.kinds.noted_elements(run.kinds)
    return view, routes
