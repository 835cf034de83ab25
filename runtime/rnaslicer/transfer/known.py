# runtime/rnaslicer/transfer/known.py: a trail with what the routes need where it declines.
"""`trails.py` makes these and keeps them."""

from __future__ import annotations

import math
from typing import Any

from .. import _core
from ..basis.records import Record
from ..supplier.identity import Path
from ..supplier.roster import Roster
from ..supplier.uids import id_places
from ..errors import ShapeChangedError
from .laid import KEYED, PICKED, PICKING, counted, counted_steps, keyed_steps
from ..layout.matrices import numbers_in


class Known(Record):
    """A trail of one collection, with what the routes need where it declines."""

    trail: object  # these three are read by native code (runtime/trail/python/context.cpp), in this order
    beyond: tuple  # steps from the supplier to the collection, an index as `told` has it: none where it is that
    signatures: tuple  # of the kernels
    leaves: tuple  # as first resolved: another datablock has another path and length
    layouts: tuple
    view: object
    rows: slice
    owner: type | None  # of the collection; None: the datablock
    kinds: tuple = ()  # classes that a list's elements may be of; none: the collection declares one
    passed: Any = None  # classes of what pointers on the way lead to, as native code compares them

    @property
    def leaf(self):
        """The first one, for errors."""
        return self.leaves[0]

    @property
    def route(self):
        """Of whoever does the same without a trail."""
        return "direct"


class KnownMany(Record):
    """A trail of one collection behind each of many structs."""

    trail: object
    steps: tuple | None  # from the one root to the structs' collection; None: each root is a struct
    rows: Any  # of that collection, or of the list: a slice, None, or PICKED
    form: str  # how the rows of all lie in the cache: equal, flat or pad
    signatures: tuple  # of the kernels
    levels: tuple = ()  # of `laid.Level`: from each of these to a collection, whose elements the structs are instead
    depths: tuple = ()  # steps from the root to one of these, and to one of the elements in each level
    apart: bool = False  # the values are those of a roster's or collection's datablocks themselves
    ones: int = 0  # axes of one key each, between the structs' and the rows
    outer: tuple | None = None  # `steps` as native code takes them: it compares the lengths that an index counts
    through: bool = False  # a matrix stands between the values and the cache
    row: tuple = ()  # padded: (format, shape) of one row
    kinds: tuple = ()  # as Known has them, of many lists' elements
    passed: Any = None  # as Known has them
    alone: bool = False  # made of lists of one element each, which may be more some day
    elements: frozenset = frozenset()  # `elements_of` the leaves
    asked: Any = False  # bpy tells the values: the route by which (composed/asked.py, own/apart.py)
    before: int = 0  # items that lead to the structs' collection
    of: Any = None  # the class of all datablocks whose values they are (apart, nested)
    nested: bool = False  # the values are those of the datablocks of the last level's collections
    scalar: str = ""  # of the view
    view: Any = None  # as first resolved, of custom properties (apart)

    @property
    def route(self):
        """As Known has it."""
        return self.asked or "direct"

    def differing(self, view, run):
        """The first collection of which an index on the way picks one, or whose rows are padded, and which had another
        length when the run entered: (path, length then, length now); None where there is none."""
        if self.apart:
            leaf, was = view.leaves[0], None if run.uids is None else len(run.uids) // 4
            return None if was in (None, leaf.rows.length) else (leaf.path, was, leaf.rows.length)
        if self.nested:
            return self._differing_nested(view, run)
        padded = run.lengths and memoryview(run.lengths).cast("q") or ()
        for at, (was, now) in enumerate(zip(padded, view.lengths or ())):
            if was != now:
                flat = view.leaves[0].flat
                return flat.leaves[at * (len(flat.leaves) // len(view.lengths))].path, was, now
        return self._first_other([(one.path, one.length) for one in counted(view, self.steps, self.depths)], run.counted)

    def check_length(self, path, run):
        """Raises ShapeChangedError where the structs' collection had another length when the run entered, for what would
        not be entered now."""
        if self.steps is None or self.rows == KEYED:
            return
        was = len(run.uids) // 4 if self.apart and run.uids is not None else run.counted[-1] if run.counted else None
        path = Path(path.root, self.steps)
        if was is not None and (now := len(path.follow())) != was:
            raise ShapeChangedError(f"{path} had {was} elements when the context was entered and has {now} now; enter again")

    def is_order_of(self, view, run):
        """Whether a run has entered the datablocks whose order the view holds."""
        return all(order.is_of(uids, rows) for order, uids, rows in self._orders(view, run))

    def recall_order(self, view, run):
        """A view that was made later: an update is for the datablocks that the run entered."""
        for order, uids, rows in self._orders(view, run):
            order.recall(uids, rows)

    @property
    def _ordered(self):
        """Which of a collection's datablocks a run knows."""
        return slice(None) if self.apart else self.rows

    def note(self, view, routes, run):
        """Tells routes of lists that were made anew of which classes the elements were at enter."""
        for route in routes if self.of is not None else ():
            route.kinds.noted_elements((self.of,))
        kinds, at = run.kinds or (), 0
        structs = len(view.offsets) - 1 if view.offsets else math.prod(view.shape[:max(len(self.depths), 1)])
        legs = max(len(routes) // max(structs, 1), 1)  # of each struct, one after the other
        for i, route in enumerate(routes if kinds else ()):
            count = 1 if route.leaf.rows is None else route.leaf.rows.length
            if count:
                route.kinds.noted_elements(kinds[at:at + count])
            at += count if type(route.leaf.path) is Path and i % legs == legs - 1 else 0

    def picking(self, path, items):
        """As one wrapper has entered those that its items name."""
        if self.apart:
            return self
        return self._replace(rows=memoryview(self._rows_now(path, items)).cast("q"))

    def _rows_now(self, path, items):
        """The numbers that a wrapper's item names, as bytes of int64; None where of structs that are not there."""
        outer = path if self.steps is None else Path(path.root, self.steps)
        return _rows_now(outer if self.before else path, items[self.before])

    def _orders(self, view, run):
        """(order, the datablocks' uids when the run entered, which of them these are) of all collections whose order the
        view holds."""
        if run.uids is None:
            return []
        orders = [one.order for one in view.walked if one.order is not None]
        if not self.nested:
            return [(order, run.uids, self._ordered) for order in orders]
        found, uids, left = [], run.uids, iter(orders)
        for length in filter(None, run.counted[:_structs(view)]):
            found.append((next(left), uids[:4 * length], slice(None)))
            uids = uids[4 * length:]
        return found + [(order, uids, self._ordered) for order in left]

    def _differing_nested(self, view, run):
        structs = _structs(view)
        leaves = view.leaves[::len(view.leaves) // structs]
        lengths = [(leaf.path, 0 if leaf.rows is None else leaf.rows.length) for leaf in leaves]
        lengths += [(one.path, one.length) for one in view.walked
                    if one.length is not None and one.path.steps == self.steps]
        return self._first_other(lengths, run.counted)

    def _first_other(self, lengths, then):
        """The first of (path, length now) that had another length, as `differing` tells it. Other structs have other
        numbers of lengths: of these only that of the structs' own collection, the last of both, is the same one's."""
        has_own = bool(lengths) and lengths[-1][0].steps == self.steps
        if len(then) - len(lengths) not in (0, int(self.steps is not None and not has_own)):
            lengths, then = lengths[-1:] if has_own else [], then[-1:]
        return next(((path, was, now) for (path, now), was in zip(lengths, then) if now != was), None)

    def read(self, path, more, items, out, rows):
        """True if a caller's packed buffer was filled. rows: how many there must be; only -1, any, is followed."""
        return rows < 0 and read_by_enter(self, path, more, items, out)

    def write(self, path, more, items, values, rows):
        """The same to Blender."""
        return rows < 0 and written_by_enter(self, path, more, items, values)

    def enter(self, path, wrapper, more, items):
        """(run, MemCache, offsets), or None where the trail declines. wrapper: or (a caller's buffer, whether it is
        filled), as native code has it."""
        if self.apart and self.steps is None and self.rows not in (None, slice(None)):
            return None  # it moves all of a list, in its order
        if type(path) is Roster:
            path.native.know(id_places())
        if self.apart and self.steps is not None:
            item = None if self.rows == slice(None) else items[self.before]
            return self.trail.enter_members(path.root, self.steps, item, id_places(), wrapper)
        if self.apart:
            return self.trail.enter_apart(path.native, wrapper)
        ways = () if self.rows == PICKED else keyed_steps(path, items)
        if self.steps is not None or ways:
            roots = _counted_ways(path.root, ways) if self.steps is None else (path.root,)
        elif type(path) is Roster:
            roots = path.native
        else:
            roots = tuple(path)
        form = self.form if self.form != "pad" else padding(self.row, more)
        rows = self.rows if self.rows != PICKED else self._rows_now(path, items)
        if form is None or rows is None and self.rows == PICKED:  # numbers of others
            return None
        given = roots, self.outer, rows, self.levels, self.ones, form, id_places(), wrapper
        if self.nested:
            return self.trail.enter_nested(*given)
        return self.trail.enter_many(numbers_in(more), given) if self.through else self.trail.enter_many(*given)


def _counted_ways(root, ways):
    """(root, steps as `counted_steps` has them) for each of such."""
    before = counted_steps(ways[0][:-1]) if ways else ()
    return tuple([(root, (*before, way[-1])) for way in ways])


def _structs(view):
    """How many structs a view of datablocks behind each is of."""
    return len(view.offsets) - 1 if view.offsets else view.shape[0]


def read_by_enter(known, path, more, items, out):
    """True if entering has filled a caller's packed buffer; any other declines."""
    entered = known.enter(path, (out, True), more, items)
    if entered is not None:
        _core.disable(entered[1])
    return entered is not None


def written_by_enter(known, path, more, items, values):
    """True if entering, which then reads nothing, and an update have written such a buffer."""
    entered = known.enter(path, (values, False), more, items)
    if entered is None:
        return False
    try:
        return entered[0].update(entered[1], None)
    finally:
        _core.disable(entered[1])


def _rows_now(path, item):
    """The numbers that an item names of the structs that are there now, as bytes of int64; None where of others."""
    return _core.picked(item, len(path.follow() if type(path) is Path else path)) if item[0] in PICKING else None


def padding(row, more):
    """(width or -1, bytes of a row that is not there) of a wrapper's other settings; None for what is no such row, of
    which the routes tell. row: (format, shape)."""
    made = _core.allocate((1, *row[1]), row[0], None)
    try:
        made[:] = more["fill"]
    except (TypeError, ValueError, OverflowError):
        return None
    return -1 if more["width"] is None else more["width"], bytes(made)
