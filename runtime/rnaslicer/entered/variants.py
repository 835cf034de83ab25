# runtime/rnaslicer/entered/variants.py: trails of one key, of layers whose types differ.
"""A key says what layers and custom properties are called, not of which type they are, nor what an object's data are. The
trail in force is that of those that were met last; the others wait here, so that scripts that make and remove layers, or
use datablocks that differ in turns, have none made anew."""

from ..layout.leaf import elements_of
from ..transfer.known import KnownMany
from ..transfer.laid import ways_now
from ..transfer.routes import are_nothing
from ..transfer.trails import find_known, remember, variants, widens
from .learning import learn_trail
from .packed import scalar_in

_MOST = 64  # of one key


def learnt_now(key, path, view, routes, name=None):
    """The trail of what routes have just done, where that in force declined; perhaps that itself. name: as `learn`."""
    known = find_known(key if name is None else name)
    if known is None or widens(known, routes):
        return learn_trail(key, path, view, routes, name)
    now, its = _variant_of(view, routes, known), _variant(known)
    if now == its:
        return known
    others = variants.setdefault(key if name is None else name, {})
    _keep(others, its, known)
    if now not in others or others[now] is not None and others[now].trail.stale:
        _keep(others, now, learn_trail(key, path, view, routes, name))  # None: it cannot be followed
    elif others[now] is not None:
        remember(key if name is None else name, others[now])
    return others[now]  # not that in force, which is of another


def entered_as_other(key, declined, enter):
    """(trail, what it entered) of the first of the others that does; None where none does. enter(trail): None where it
    declines."""
    for known in tuple(variants.get(key, {}).values()):
        if known is None or known is declined or known.trail.stale:
            continue
        entered = enter(known)
        if entered is not None:
            _keep(variants.setdefault(key, {}), _variant(declined), declined)
            remember(key, known)
            return known, entered
    return None


def _keep(others, variant, known):
    if variant not in others and len(others) >= _MOST:
        others.clear()
    others[variant] = known


def _variant(known):
    """What tells a trail from the others of its key."""
    elements = known.elements if type(known) is KnownMany else elements_of(known.view.leaves)
    return elements, getattr(known, "nothing", False), scalar_in(known), getattr(known, "passed", None), getattr(known, "levels", ())


def _variant_of(view, routes, known):
    """The same of what routes have just moved."""
    return elements_of([route.leaf for route in routes]), are_nothing(routes), view.scalar, *ways_now(known, routes[0].leaf)
