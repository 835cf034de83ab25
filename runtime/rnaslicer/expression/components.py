# runtime/rnaslicer/expression/components.py: items applied to an array value: slices, indices, swizzles.
"""From the dimensions of an array property and the items that select in it to flat component indices.

Small arrays (vectors, matrices) become an explicit list of flat indices, which kernels compile in.
Dimensions of large arrays (pixels) become strided loops with run-time extents.
"""

import math

from ..layout.leaf import Components, Loop, Rows, in_a_row

SMALL = 256  # more components than that and a dimension becomes a loop


def select(dims, items, letters, is_matrix, fail):
    """Applies `items` (of `_core.parse`) to an array value. `fail(item_number, text)` raises."""
    items = _expand_ellipsis(list(items), len(dims))
    base, loops = 0, []
    dims = list(dims)
    while dims and math.prod(dims) > SMALL:
        extent = dims.pop(0)
        stride = math.prod(dims)
        item = items.pop(0) if items else (None, ("slice", None, None, None))
        base += _large(item[1], extent, stride, loops, lambda t, n=item[0]: fail(n, t))
    value = _Lanes(dims, letters, is_matrix)
    for number, item in items:
        value.apply(item, lambda t, n=number: fail(n, t))
    return Components(base, tuple(loops), tuple(value.done + value.open), tuple(value.flat))


def _expand_ellipsis(items, ndim):
    for at, (number, item) in enumerate(items):
        if item[0] == "ellipsis":
            fill = max(0, ndim - (len(items) - 1))
            return items[:at] + [(number, ("slice", None, None, None))] * fill + items[at + 1 :]
    return items


def _large(item, extent, stride, loops, fail):
    """Applies an item to a large dimension: adds its loop, returns where it starts."""
    kind = item[0]
    if kind == "slice":
        picked = range(extent)[slice(*item[1:])]
        loops.append(Loop(len(picked), (picked.step if len(picked) > 1 else 1) * stride))
        return picked.start * stride
    if kind == "int":
        return index(item[1], extent, fail) * stride
    table = gathered(item, extent, fail)
    loops.append(Loop(len(table), stride, table))
    return 0


def rows(item, length, fail):
    """The `Rows` that an item selects of as many elements."""
    if item[0] == "slice":
        return Rows.sliced(length, slice(*item[1:]))
    table = ranged(item, length, fail) if item[0] == "range" else gathered(item, length, fail)
    if type(table) is range:
        return Rows(length, table.start, table.step if len(table) > 1 else 1, len(table))
    return Rows(length, 0, 1, len(table), tuple(table))


def gathered(item, extent, fail):
    """The checked indices of a list of indices or a mask."""
    kind, values = item[0], item[1] if len(item) > 1 else ()
    if kind == "indices":
        if values and 0 <= min(values) and max(values) < extent:  # millions are checked one by one only if need be
            return tuple(values)
        return tuple(index(i, extent, fail) for i in values)
    if kind == "range":
        return tuple(ranged(item, extent, fail))
    if kind == "mask":
        if len(values) != extent:
            fail(f"a mask of {len(values)} for an axis of {extent}")
        return tuple(i for i, keep in enumerate(values) if keep)
    fail(f"{describe(item)} does not select here; use a slice, an int, a list of ints or a mask")


def ranged(item, extent, fail):
    """The indices that a `range` names, as a range where they are in a row: none is left out, as a slice would."""
    picked = range(*item[1:])
    if not picked:
        return range(0)
    for end in (picked[0], picked[-1]):
        index(end, extent, fail)
    return in_a_row(picked, extent) or [i % extent for i in picked]


def index(i, extent, fail):
    """A checked, non-negative index."""
    if not -extent <= i < extent:
        fail(f"index {i} is out of range for {extent} elements")
    return i % extent


class _Lanes:
    """The value reached: result axes that are `done`, dimensions still `open`, flat indices of all."""

    def __init__(self, dims, letters, is_matrix):
        self.done, self.open, self.letters = [], list(dims), letters
        self.flat = list(range(math.prod(dims)))
        if is_matrix:  # RNA stores columns, bpy's Matrix indexes rows
            n_rows, n_cols = dims
            self.flat = [c * n_rows + r for r in range(n_rows) for c in range(n_cols)]

    def apply(self, item, fail):
        if not self.open:
            fail(f"{describe(item)} after the last axis: the value reached has no axes left")
        kind = item[0]
        if kind == "slice":
            self._take(range(self.open[0])[slice(*item[1:])])
        elif kind == "int":
            self._take([index(item[1], self.open[0], fail)], axis=False)
        elif kind == "name":
            self._swizzle((item[1],), fail, tuple_axis=False)
        elif kind == "names":
            self._swizzle(item[1], fail, tuple_axis=True)
        else:
            self._take(gathered(item, self.open[0], fail))
        if len(self.flat) > SMALL:
            fail(f"this makes {len(self.flat)} components of each value; {SMALL} is the most")

    def _take(self, picks, axis=True):
        block = math.prod(self.open)
        inner = block // self.open[0] if self.open[0] else 0
        self.flat = [i for at in range(0, len(self.flat), block or 1) for p in picks
                     for i in self.flat[at + p * inner : at + (p + 1) * inner]]
        self.open.pop(0)
        if axis:
            self.done.append(len(picks))

    def _swizzle(self, words, fail, tuple_axis):
        if len(self.open) != 1 or not self.letters or self.open[0] > len(self.letters):
            fail(f"a swizzle needs a vector or colour; the value reached has dimensions "
                 f"{tuple(self.open)}")
        known = self.letters[: self.open[0]]
        for word in words:
            if not word or set(word) - set(known):
                fail(f"{word!r} is no swizzle of {known!r}")
        if len({len(w) for w in words}) != 1:
            fail("swizzles in one tuple must have the same length")
        picks = [known.index(c) for word in words for c in word]
        block = self.open[0]
        self.flat = [self.flat[at + p] for at in range(0, len(self.flat), block) for p in picks]
        self.open.pop(0)
        if tuple_axis:
            self.done.append(len(words))
        if len(words[0]) > 1:
            self.open.append(len(words[0]))
        self.letters = None  # the letters now name something else


def describe(item):
    """An item as a reader would name it."""
    kind = item[0]
    if kind == "name":
        return repr(item[1])
    if kind in ("names", "keys"):
        return repr(tuple(item[1]) if kind == "names" else list(item[1]))
    if kind == "int":
        return f"index {item[1]}"
    if kind == "range":
        return repr(range(*item[1:]))
    if kind == "gather":
        return f"the collection {item[1]}"
    return {"slice": "a slice", "ellipsis": "'...'", "indices": "a list of indices",
            "mask": "a mask"}[kind]
