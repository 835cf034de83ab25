# runtime/rnaslicer/transfer/laid.py: how collections lie that one expression reaches, as far as native code can follow.
from __future__ import annotations

import array
import itertools
import math
from collections import Counter

from ..basis.records import Record
from ..blender.names import key_in
from ..blender.rna import COMPUTED
from ..layout.alone import is_alone
from ..supplier.identity import MAIN, IDRoot, Path
from ..supplier.order import One
from ..supplier.uids import leads_on
from .described import is_few, is_followed, layer_of_drawings, passed_by, place_of_arrays
from .kept import holder_of
from .kinds import classes_on


class Level(Record):
    """All elements of a collection behind each struct, which are the structs of the next level."""

    steps: tuple  # from a struct to the collection
    kinds: tuple  # by step: the class of the struct that it leads to, or None


class Laid(Record):
    """One collection behind each of many structs: of a collection or list, or, level by level, of the elements of the
    collections behind these."""

    outer: tuple | None  # steps to the first structs' collection; None: each root is one, or leads to one
    rows: object  # of that collection, or of the list: a slice; PICKED
    form: str  # equal or flat
    prefix: int  # steps from the root to one of the last structs
    legs: list  # the routes that are described: those of the first struct that has elements
    own: dict  # for `described`
    depths: tuple = ()  # steps from the root to one of the first structs, and to those of each level
    levels: tuple = ()  # of `Level`
    ones: int = 0  # as KnownMany has them
    way: tuple | None = None
    before: int = 0  # how many items lead to the first structs' collection


def laid_out(key, view, routes, follows=is_followed):
    """How the collections that routes move lie behind structs; None where native code could not follow. follows: the
    routes that it does."""
    if not routes:
        return None
    first, flat = routes[0].leaf, view.offsets is not None
    outer, items = named_steps(*key[1:3], first.path.steps)
    rows, ones = selection(items), sum(item[0] == "keys" for item in items[1:])
    if rows in (None, KEYED) or not takes_all(items) or ones and flat:
        return None
    if outer is not None and first.path.steps[:len(outer)] != outer:
        return None
    start = steps_within(key) if outer is None else len(outer) + 1
    steps = first.path.steps[start:]
    at = _axes_in(first, items, steps, flat, ones)
    if start and not steps or at is None or ones and any(kind == "key" for kind, _ in steps[:max(at, default=0)]):
        return None
    count = len(view.offsets) - 1 if flat else view.shape[0]
    shape = count, *view.shape[1:1 + len(at)]
    legs, depths = len(routes) // max(math.prod(shape), 1), (start, *(start + i + 1 for i in at))
    if not legs or legs * math.prod(shape) != len(routes) or not is_walked(key, view, outer, steps, depths, shape):
        return None
    by_struct = [routes[i:i + legs] for i in range(0, len(routes), legs)]
    described_by = next((some for one_too in (False, True) for some in by_struct
                         if not any(is_few(route) or not one_too and _is_one(route) for route in some)), None)
    if described_by is None or not _are_like(routes, described_by, depths, () if flat else shape, ones, follows):
        return None
    axes = len(shape) + ones  # above the rows
    own = {"steps": counted_steps(first.path.steps[depths[-1]:]), "rows": slice(None),
           "inner": tuple(view.shape[1 if flat else axes + 1:]), "axes": 1 if flat else axes,
           **_of_many(routes, legs, outer)}
    return Laid(outer, rows, "flat" if flat else "equal", depths[-1], described_by, own, depths,
                _levels(first.path, depths), ones, outer and (*key[1], *counted_steps(outer[len(key[1]):])),
                len(key[2]) - len(items))


def _axes_in(leaf, items, steps, flat, ones):
    """Which of the steps from a struct pick each element of a collection, as an axis of the view; what other items pick
    is named by an index. None where that cannot be told."""
    picked = [i for i, (kind, _) in enumerate(steps) if kind == "item"]
    count = 0 if flat else sum(1 for _ in itertools.takewhile(lambda one: one[0] == "fixed", leaf.place)) - 1 - ones
    if count in (0, len(picked)):
        return tuple(picked[:count])
    marks = [item[0] for item in between(items) if item[0] in ("int", "slice")]  # the last one's are the rows
    at = tuple(i for i, mark in zip(picked, marks) if mark == "slice")
    return at if len(marks) == len(picked) + 1 and len(at) == count else None


def is_walked(key, view, outer, steps, depths, shape):
    """Whether the collections on the way are those that native code compares: that of the first structs and those by an
    index on the way to it; behind each struct those that steps pick elements of."""
    known = [one for one in view.walked if one.length is not None or one.order]  # not a list's that are not picked
    others = [one for one in known if outer is None or one.path.steps != outer]
    behind = [one for one in others if not is_above(one, outer, depths)]
    above = sum(kind == "item" for kind, _ in outer[len(key[1]):]) if outer is not None else (
        sum(name == ("item",) for name in key[0][0][1]) if len(others) > len(behind) else 0)
    there = Counter(len(one.path.steps) for one in behind)
    needed = {depths[0] + i: math.prod(shape[:sum(depth <= depths[0] + i for depth in depths)])
              for i, (kind, _) in enumerate(steps) if kind == "item"}
    return (len(known) - len(others) == (outer is not None) and len(others) - len(behind) == above
            and dict(there) == needed and all(one.order is None for one in others))


def _are_like(routes, described_by, depths, shape, ones, follows):
    """Whether all routes do for their structs what those of one do for that. shape: of structs, by level; none where
    their rows lie one behind the other."""
    legs, path = len(described_by), described_by[0].leaf.path
    inner, begin = path.steps[depths[-1]:], depths[0]
    for i, route in enumerate(routes):
        at = _position(shape, i // legs)
        expected = list(path.steps[begin:depths[-1]])
        for depth, place in zip(depths[1:], at[1:]):
            expected[depth - begin - 1] = "item", place
        fixed = (*at, *(0,) * ones) if shape else ()
        if not _is_like(route, described_by[i % legs], depths[-1], inner, fixed, follows) or (
                route.leaf.path.steps[begin:depths[-1]] != tuple(expected)):
            return False
    return True


def _position(shape, at):
    """Where the struct of that number is, by level."""
    found = []
    for width in reversed(shape[1:]):
        at, place = divmod(at, width)
        found.append(place)
    return (at, *reversed(found))


def ways_now(known, leaf):
    """The classes of what pointers lead to on the way, and the levels, as a trail's are, by now; its own where it
    compares none."""
    passed, path = getattr(known, "passed", None), getattr(leaf, "path", None)
    if passed is None or type(path) is not Path or len(path.steps) < len(passed):
        return passed, getattr(known, "levels", ())
    return passed_by(path, passed), _levels(path, getattr(known, "depths", ()))


def _levels(path, depths):
    """A `Level` for each."""
    return tuple(Level(counted_steps(path.steps[begin:end - 1]), classes_on(path, begin, end - 1))
                 for begin, end in zip(depths, depths[1:]))


def steps_within(key):
    """How many steps lead to each struct of a list, as its key has them."""
    form = key[0][0] if type(key[0]) is tuple and len(key[0]) == 1 else None
    return len(form[1]) if type(form) is tuple else 0


def _of_many(routes, legs, outer):
    """What native code need not ask of each: its datablock, where all are of that of their collection, and where its
    elements lie, where its struct or layer has the pointer."""
    import bpy

    path, within = routes[0].leaf.path, outer is not None
    for at in range(len(outer) if within else 0, len(path.steps)):
        within = within and not isinstance(Path(path.root, path.steps[:at + 1]).follow(), bpy.types.ID)
    firsts = [route for route in routes[::legs] if not is_few(route)]
    return {"within": within, "holder": holder_of(firsts, place_of_arrays(firsts)), "layer": layer_of_drawings(firsts)}


def counted(view, outer, depths):
    """What a view walked, where an index picks an element, in the order of a run's lengths: behind each of the structs;
    then from the root to the first structs' collection; then level by level; then that collection itself, of which
    perhaps some are picked. A view walks from within."""
    found, seen = [], Counter()
    for one in view.walked:
        depth = len(one.path.steps)
        if one.length is not None and one.path.steps == outer:
            found.append((len(depths) + 1, 0, depth, one))
            continue
        if one.length is None or depth + 1 in depths[1:]:
            continue
        if is_above(one, outer, depths):
            found.append((0, 0, depth, one))
            continue
        level = sum(begin <= depth for begin in depths) or 1
        found.append((-1 if level == len(depths) else level, seen[depth], depth, one))
        seen[depth] += 1
    return [one for *_, one in sorted(found, key=lambda each: each[:3])]


def is_above(walked, outer, depths):
    """Whether a collection is one on the way to the structs' own, or to structs that keys name, of which an index picks an
    element."""
    steps = walked.path.steps
    return len(steps) < max(depths[:1], default=0) if outer is None else len(steps) < len(outer) and outer[:len(steps)] == steps


def counted_steps(steps):
    """Steps of which native code compares the lengths that an index counts."""
    return tuple(("counted" if kind == "item" else kind, what) for kind, what in steps)


def way_of(key, path, view, routes, counts=False, ones=False):
    """(steps from the supplier to the one collection, slice of its elements); None where it is another way: more than
    names of properties and keys, or several collections. counts: an index may pick an element on the way, too; ones:
    also a datablock."""
    if type(path) is not Path or not routes or view.offsets is not None:
        return None
    steps, items, at = routes[0].leaf.path.steps, key[2], len(path.steps)
    beyond = tuple(map(told, steps[at:], items))
    if steps[:at] != path.steps or len(beyond) != len(steps) - at or None in beyond:
        return None
    picks = [at + i for i, (kind, _) in enumerate(beyond) if kind == "counted"]
    walked = [len(one.path.steps) for one in reversed(view.walked) if one.order is None or ones and type(one.order) is One]
    rows = rows_in(items[len(beyond):], ranges=True)
    if rows is None or len(walked) != len(view.walked) or walked != picks or picks and not counts:
        return None
    computed = any(kind == "attr" and what in COMPUTED for kind, what in beyond[:-1])
    return None if computed else (beyond, rows)


def told(step, item):
    """A step as the item before it tells it for every datablock: by a name, a key, or an index into a collection whose
    length native code compares. None where it does not."""
    if item[0] == "name":
        kind, what = step
        return step if kind == "attr" and what == item[1] or kind == "key" and what == key_in(item[1]) else None
    return ("counted", item[1]) if item[0] == "int" and step[0] == "item" else None


def led(beyond, lengths):
    """Such steps as a path has them, and of each index (number of steps to its collection, length of that), where these
    were the lengths."""
    steps, picks = (), []
    for kind, what in beyond:
        if kind == "counted":
            length = lengths[len(picks)]
            picks.append((len(steps), length))
            kind, what = "item", what % length
        steps += ((kind, what),)
    return steps, picks


def _keys_in(items):
    """The place of the item that names keys, if names, keys and indices from the start alone lead to it; else None."""
    for at, item in enumerate(items):
        if item[0] == "keys":
            return at
        if item[0] != "name" and (item[0] != "int" or item[1] < 0):
            return None
    return None


def keyed_steps(path, items):
    """Steps from a datablock to each of the structs that keys name, or from bpy.data to its datablocks, where more than
    their own values is wanted; none where no such are named."""
    if type(path) is not Path or type(path.root) is not IDRoot and not (
            path.root is MAIN and len(path.steps) == 1 and [item[0] for item in items[:2]] == ["keys", "name"]
            and len(items) > 2 and leads_on(path.steps[0][1], items[1][1])):
        return ()
    return _steps_of_keys(path, items)


def _steps_of_keys(path, items):
    at = _keys_in(items)
    if at is None or any(item[1] in COMPUTED for item in items[:at]):
        return ()
    steps = path.steps
    for kind, what in items[:at]:
        key = key_in(what) if kind == "name" else None
        steps += (("item", what) if kind == "int" else ("attr", what) if key is None else ("key", key),)
    return tuple([(*steps, ("key", key)) for key in items[at][1]])


def follow_keys(path, items):
    """Raises SupplierLostError where one of the structs that keys name is gone, of any root."""
    for steps in _steps_of_keys(path, items) if type(path) is Path else ():
        Path(path.root, steps).follow()


def after_keys(items):
    """The items for a list of these structs."""
    return (("slice", None, None, None), *items[_keys_in(items) + 1:])


def named_steps(outer, items, steps):
    """The steps to the structs' collection and the items from there, where names and indices lead to it from the
    supplier."""
    if outer is None or steps[:len(outer)] != outer:  # of an F-curve the key does not tell which
        return outer, items
    at = len(outer)
    while items and len(steps) > at and _is_step(items[0], steps[at]):
        at, items = at + 1, items[1:]
    return steps[:at], items


def _is_step(item, step):
    """Whether an item is a step by a name, a key or an index from the start, which makes no axis."""
    return told(step, item) in (step, ("counted", step[1]))


def between(items):
    """What stands between the outer selection and the property's own name."""
    last = max((i for i, item in enumerate(items) if item[0] in ("name", "names")), default=0)
    return items[1:last]


def takes_all(items):
    """Whether all of that is names, `:` and indices from the start."""
    return all(item[0] in ("name", "names") or item == ("slice", None, None, None) or item[0] == "int" and item[1] >= 0
               or item[0] == "keys" and len(item[1]) == 1 for item in between(items))


def _is_like(route, first, prefix, inner, fixed, follows=is_followed):
    """Whether a route does for its struct what the first struct's does for that."""
    leaf, other, place = route.leaf, first.leaf, route.leaf.place[len(fixed):]
    if leaf.place[:len(fixed)] != tuple(("fixed", i) for i in fixed):
        return False
    alike = (type(leaf.path) is Path and leaf.path.steps[prefix:] == inner and place[0][0] == "own"
             and place[1:] == other.place[len(other.place) - len(place) + 1:]
             and _has_its_property(leaf, other, follows) and leaf.components == other.components)
    picked = getattr(route, "inner", route).leaf.rows
    if not alike or picked is None or not picked.is_all or picked.table is not None or picked.step != 1:
        return False
    return is_few(route) or _is_one(route) and not _is_one(first) or follows(route) and _is_held_like(route, first)


def _is_one(route):
    """Whether a route has an only element that proves nothing alone: it may be of a list, or of an array as longer ones."""
    return is_alone(getattr(route, "layout", None))


def _is_held_like(route, first):
    """Whether values of both lie in memory in the same way, or for both bpy tells them."""
    if not hasattr(route, "layout") or not hasattr(first, "layout"):
        return type(route) is type(first) and (route.leaf.element, route.scalar) == (first.leaf.element, first.scalar)
    return route.layout.storage == first.layout.storage and type(route.layout.place) is type(first.layout.place)


def _has_its_property(leaf, other, follows):
    """Elements of lists may be of several types: whoever follows such compares these (own/listed.py)."""
    if follows is is_followed:
        return (leaf.property, leaf.element) == (other.property, other.element)
    return leaf.property._replace(struct="") == other.property._replace(struct="")


PICKED = "picked"  # stands for the numbers of a list's structs that an item names, which are told at each use
PICKING = {"indices", "mask", "range"}  # such items
KEYED = "keyed"  # the same for names of datablocks
_MOST = 1 << 24
_MOST_ROWS = 1 << 40


def as_picked(items):
    """Items in which that stands for the first, where it is such a one and leads on; else as they are."""
    leads_on = len(items) > 1 and items[0][0] in PICKING and items[1][0] == "name"
    return ((PICKED,), *items[1:]) if leads_on else items


def as_picked_of(items):
    """The same of indices or a mask on the elements that names, keys and indices from the start lead to from another
    supplier. A range's numbers are compiled in, as a slice's are."""
    at = next((i for i, item in enumerate(items) if item[0] != "name" and (item[0] != "int" or item[1] < 0)), None)
    if at is None or items[at][0] not in ("indices", "mask", "keys") or len(items) < at + 2 or (
            items[at + 1][0] not in ("name", "names")):
        return items
    return (*items[:at], (KEYED if items[at][0] == "keys" else PICKED,), *items[at + 1:])


def is_picked(items):
    """Whether such items begin so."""
    return bool(items) and items[0][0] == PICKED


def picked_by(item, length):
    """The numbers that an item names of as many structs, from 0, as int64; None where it names others, or is none."""
    if item[0] not in PICKING:
        return None
    values = range(*item[1:]) if item[0] == "range" else item[1] if len(item) > 1 else ()
    if item[0] == "mask":
        return array.array("q", itertools.compress(range(length), values)) if len(values) == length else None
    if not 0 < len(values) < _MOST or not -length <= min(values) <= max(values) < length:
        return None
    return array.array("q", values if min(values) >= 0 else [i % length for i in values])


def rows_in(items, ranges=False):
    """The selection on the supplier's own elements as a slice, or None. ranges: or as a range."""
    kind = items[0][0] if items else None
    if kind == "slice":
        return slice(*items[0][1:])
    if kind == "range" and ranges:
        found = range(*items[0][1:])
        return found if len(found) > 1 and max(abs(found[0]), abs(found[-1])) < _MOST_ROWS else None
    return slice(None) if kind in ("name", "names", "ellipsis") else None


def selection(items):
    """The selection on many structs: a slice, PICKED, KEYED, or None."""
    if items and items[0] == (KEYED,):
        return KEYED
    return PICKED if items and items[0][0] in (PICKED, "range") else rows_in(items)
