# runtime/rnaslicer/entered/learning.py: trails made from what routes have just done, and from the first few of many.
"""To make a trail from thousands of structs would be to resolve and prove each of them in Python. All that a trail
depends on is in its key (transfer/trails.py), so the first few tell it: the routes move them, native code does the same
and must give the same bytes. Then native code enters all: it compares types, lengths and places of each, and values of
each that it meets for the first time with bpy's. Where one of them differs it declines, and all are resolved."""

from __future__ import annotations

import functools
import traceback
from typing import Any

from ..basis.later import later
from ..blender.registered import fixed_type
from ..errors import SlicerError
from ..supplier.identity import Path
from ..supplier.roster import Roster, roster_of
from ..transfer.laid import PICKED, as_picked, is_picked, picked_by, rows_in, selection
from ..transfer import trails
from ..transfer.element import are_single
from ..transfer.foreach import are_arrays, are_asked, are_ones
from ..transfer.known import KnownMany
from ..transfer.routes import are_nothing
from ..transfer.trails import find_known, is_in_vain, note_in_vain, remember, unlearn

_composed, _asked = later("transfer.composed.trails"), later("transfer.composed.asked")
_single, _arrays = later("transfer.own.single"), later("transfer.own.arrays")
_nothing, _instanced = later("transfer.own.nothing"), later("transfer.own.instanced")
_FEW = 16  # structs; as many as are looked at where it is learnt how their arrays are held (transfer/described.py)
_MANY = 8 * _FEW  # of fewer all are resolved: trying costs as much as a part of them

_ALL = slice(None)

TROUBLE: list[str] = []  # the last errors that learning has raised, which no script sees
_MOST_TROUBLE = 16


def harmless(learn: Any) -> Any:
    """Decorates a method that makes a trail of what was just done. If it fails the call succeeds all the same, for its
    values have moved; the wrapper goes on without a trail. Tests look at TROUBLE."""

    @functools.wraps(learn)
    def learnt(wrapper: Any, *args: Any, **options: Any) -> None:
        try:
            learn(wrapper, *args, **options)
        except Exception as error:
            if wrapper._memcache is not None:  # else it was left meanwhile
                note_trouble(error)
            unlearn(wrapper._key)

    return learnt


def learn_trail(key: Any, path: Any, view: Any, routes: Any, name: Any = None) -> Any:
    """What is known from now on of what routes have done; None where native code could not follow."""
    picked = any(item[0] == PICKED for item in key[2])  # the key does not say which, nor how often
    if are_nothing(routes):
        return _nothing.learn_nothing(key, path, view, routes) if name is None and not picked else None
    if are_ones(routes) and not picked and name is None:
        found = _single.learn_one(key, path, view, routes)
        if found is not None:
            return found
    if are_asked(routes) and not picked and not routes[0].leaf.alike:  # datablocks of a collection have an order
        return _asked.learn_asked(key, path, view, routes) if name is None else None
    if are_single(routes):
        return _single.learn_single(key, path, view, routes) if name is None else None
    if are_arrays(routes):
        learn = _instanced.learn_instances if routes[0].leaf.moved_by else _arrays.learn_array
        return learn(key, path, view, routes) if name is None else None
    plain = not picked and not any(route.composed for route in routes)
    return (trails if plain else _composed).learn(key, path, view, routes, name)


def note_trouble(error: Exception) -> None:
    """Keeps an error of learning for the tests; not one that only says how Blender's data are, or that memory is short."""
    if isinstance(error, (SlicerError, MemoryError)):
        return
    del TROUBLE[:-_MOST_TROUBLE]
    TROUBLE.append("".join(traceback.format_exception(type(error), error, error.__traceback__)))


def learnt_from_few(wrapper: Any, key: Any, scalar: Any) -> Any:
    """What is known now for a key that nothing was known for, or None. `scalar`: the type of the items, as in the key.

    Whoever finds that native code declines all says so by `was_in_vain`.
    """
    if key is None or is_in_vain(key):
        return None
    try:
        few = _few_of(wrapper._path, wrapper._items)
        known = None if few is None else _learnt(wrapper, key, scalar, *few)
    except Exception as error:
        note_trouble(error)
        return None
    if few is not None and known is None:
        note_in_vain(key)
    return known


def was_in_vain(key: Any) -> None:
    """All are not like the first few: the trail is made of all, if it can be."""
    unlearn(key)
    note_in_vain(key)


def _learnt(wrapper, key, scalar, path, items):
    few = type(wrapper)(path, items, wrapper._expression, scalar, wrapper._ragged, None, wrapper._more)
    if few._key is None or items == wrapper._items and few._key != key:
        return None
    known = find_known(few._key)  # the same of other rows
    if known is None:
        known = _learnt_entering(few)
        if known is not None and few._key != key:
            unlearn(few._key)
    if type(known) is not KnownMany or few._key == key:
        return known if type(known) is KnownMany else None
    # A trail of those themselves moves all of a list, in its order: other rows are for the routes.
    if known.apart or is_picked(key[2]) and key[5]:
        return None
    return remember(key, known._replace(rows=selection(key[2])))


def _learnt_entering(few):
    """What is known once the few were entered, if native code has entered them, too, and to the same values."""
    try:
        few._enter()
    except Exception:  # all fail in the same way, and with the right words
        return None
    try:
        return find_known(few._key) if few._run is not None else None
    finally:
        few._leave(few._memcache, few._offsets)


def _few_of(path, items):
    """(path, items) of the first few of the structs that an expression selects; None where these are not many, or it is
    one collection that they are in."""
    rows, listed = rows_in(items), type(path) in (list, Roster)
    picked = picked_by(items[0], len(path)) if listed and items else None
    named = items[1:] if picked is not None or items and items[0][0] == "slice" else items
    if type(path) is Path and rows is None and items and is_picked(as_picked(items)):
        return _few_elements(path, items[0], items[1:])
    if rows is None and picked is None or not named or named[0][0] not in ("name", "names"):
        return None
    if type(path) is Path:
        return _few_elements(path, rows, named)
    if not listed:
        return None
    picked = range(len(path))[rows] if picked is None else picked
    if len(picked) < _MANY:
        return None
    of = path.find() if type(path) is Roster else path
    some = [of[i] for i in picked[:_FEW]]
    some = roster_of(some) if type(path) is Roster else some
    return None if some is None else (some, items if rows == _ALL else (("slice", None, None, None), *named))


def _few_elements(path, rows, named):
    """The same of a collection, where each of its elements leads on. rows: a slice, or an item that picks some."""
    if named[0][0] != "name" or not path.steps or path.steps[-1][0] != "attr":
        return None
    coll = path.follow()
    owner = getattr(coll, "data", None)
    if owner is None or not hasattr(coll, "foreach_get"):
        return None
    # The declaration tells, for touching an element of an array would un-share it.
    declared = fixed_type(type(owner), owner.bl_rna.properties.get(path.steps[-1][1]))
    prop = declared and declared.properties.get(named[0][1])
    if prop is None or prop.type not in ("POINTER", "COLLECTION"):
        return None
    picked = range(len(coll))[rows] if type(rows) is slice else picked_by(rows, len(coll)) or ()
    if len(picked) < _MANY:
        return None
    few = ("slice", picked[0], picked[_FEW], picked.step) if type(rows) is slice else ("indices", picked[:_FEW])
    return path, (few, *named)
