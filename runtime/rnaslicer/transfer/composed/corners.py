# runtime/rnaslicer/transfer/composed/corners.py: the route of polygons' vertices: that of the mesh's corners.
"""Moves a `CornerLeaf` (expression/corners.py). Each transfer compares first how the corners are divided among the
polygons."""

import array
import math

from ... import _core
from ...basis.records import replace
from ...blender.rna import describe
from ...errors import ShapeChangedError, StorageChanged
from ...layout.leaf import Leaf, Rows, View
from .flattened import FlattenedRoute, flat


_BORDERS = "loop_start", "loop_total"


def refuse_divided(path, starts, totals):
    """Raises ShapeChangedError unless the corners of the polygons at `path` begin there, and so many are of each."""
    coll = path.follow()
    now = [array.array("i", bytes(4 * len(coll))) for _ in _BORDERS]
    for name, values in zip(_BORDERS, now):
        coll.foreach_get(name, values)
    at = next((i for i, (before, after) in enumerate(zip(totals, now[1])) if before != after), None)
    if at is None and now[0].tolist() == starts:
        return
    which = "" if at is None else f": {path}[{at}] had {totals[at]} and has {now[1][at]} now"
    raise ShapeChangedError(f"the corners of {path} are divided among them in another way than when the context was "
                            f"entered{which}; enter again")


def _before(leaf, view):
    """How many numbers of the view lie before those of one of many meshes; None where there is one."""
    fixed = [at for kind, at in leaf.place if kind == "fixed"]
    if not fixed:
        return None
    found = 0
    for at, extent in zip(fixed, view.shape):
        found = found * extent + at
    return found * math.prod(view.shape[len(fixed):])


def _differences(starts, end):
    return [after - before for before, after in zip(starts, [*starts[1:], end])]


class CornerRoute(FlattenedRoute):
    """The route of the corners' leaf, and the borders of the polygons as they were at enter."""

    composed = True

    def __init__(self, leaf, view, choose):
        super().__init__(leaf, view, None)
        corners, total, before = leaf.corners, leaf.corners.rows.count, _before(leaf, view)
        if before is not None:  # those of one of many meshes, all of whose corners lie one behind the other in the cache
            corners, total = replace(corners, place=(("own", before),)), math.prod(view.shape)
        self._first = before or 0
        self._take(choose(corners, View((total,), view.scalar, (corners,), ())))
        coll = leaf.path.follow()
        rows = Rows(len(coll), 0, 1, len(coll))
        self._borders = []
        self.divides = []  # routes of the borders that are compared
        for name in leaf.borders:
            border = Leaf(leaf.path, rows, describe(coll[0].bl_rna, name), leaf.components, leaf.element, True,
                          exact=True, place=(("own", 0),))
            route = choose(border, View((len(coll),), "i32", (border,), ()))
            if name == leaf.borders[0] or route.name == "direct":  # else they are differences of the starts
                self._borders.append((route, self._read(route, len(coll))))
                self.divides.append(route)
        if all(hasattr(route, "absent") for route in (self.corners, *self.divides)):
            self.absent = False  # native code may follow (portions.py)

    @property
    def corners(self):
        """The route of the corners' leaf."""
        return self._inner

    @staticmethod
    def _read(route, count):
        cache = _core.allocate((count,), "i", None)
        route.refresh(cache, None)
        return bytes(cache)

    def compare(self, reached):
        """Raises ShapeChangedError if the corners are divided in another way."""
        count, known = len(reached), [values for _, values in self._borders]
        if (was := len(known[0]) // 4) != count:
            raise ShapeChangedError(f"{self.leaf.path} had {was} elements when the context was entered and has {count} now; "
                                    "enter again")
        if [self._read(route, count) for route, _ in self._borders] != known:
            starts, *totals = (memoryview(values).cast("i").tolist() for values in known)
            corners = self.corners.leaf.rows.length
            refuse_divided(self.leaf.path, starts, totals[0] if totals else _differences(starts, corners))
            raise StorageChanged(f"the borders of {self.leaf.path} lie elsewhere")  # the same, when asked of bpy

    def update(self, cache, region):
        """Cache to Blender. `check` has compared: this very update may write borders, too."""
        for part in self._parts(region):
            self._inner.update(cache, part)

    def _parts(self, region):
        """The region as regions of the flat corners."""
        nothing, spans = self.spans(region)
        if nothing:
            return []
        parts = [spans] if spans is None or self.leaf.each is None else flat(spans, self.leaf.each)
        return parts if not self._first or spans is None else [
            ((start + self._first, *rest),) for ((start, *rest),) in parts]


class SomeCorners(CornerRoute):
    """An update of corners that no region names, one behind the other, in that order."""

    def __init__(self, route, numbers, choose):
        self.__dict__.update(route.__dict__)
        leaf = route.corners.leaf
        at = leaf.rows.indices()
        leaf = replace(leaf, rows=Rows(leaf.rows.length, 0, 1, len(numbers), tuple(at[number] for number in numbers)))
        self._take(choose(leaf, View((len(numbers),), self.view.scalar, (leaf,), (), normalized=self.view.normalized)))

    def _parts(self, region):
        return [None]
