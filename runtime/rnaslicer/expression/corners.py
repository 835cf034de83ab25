# runtime/rnaslicer/expression/corners.py: the vertices of polygons in bulk: those of the mesh's corners.
"""A polygon's `vertices` are its corners' `vertex_index` (rna_mesh.cc: both are the same array), and
which corners are whose say `loop_start` and `loop_total`. So one leaf on `mesh.loops` serves all
polygons, where resolve would make one for each. Each transfer compares the borders first.
"""

import array
import itertools
import operator
from dataclasses import dataclass, replace
from typing import Optional

from .. import _core
from ..transfer.choice import choose
from .components import select
from ..errors import ShapeChangedError
from ..supplier.identity import Path
from .block import Block, skip_ellipsis
from ..layout.leaf import Leaf, Rows, View, Walked
from ..blender.rna import describe
from ..transfer.routes import Route
from .weights import equal_lengths

_ALL = ("slice", None, None, None)
_BORDERS = "loop_start", "loop_total"


@dataclass(frozen=True, eq=False)
class CornerLeaf(Leaf):
    """The corners of the picked polygons; `path` leads to the polygons."""

    corners: Optional[Leaf] = None  # the same values on mesh.loops, flat
    each: Optional[int] = None  # corners of every polygon, where they are an axis of their own

    @property
    def axes(self):
        """All corners, or polygons by corners."""
        total = self.corners.rows.count
        return (total,) if self.each is None else (total // self.each if self.each else 0, self.each)

    def route(self, view):
        """What moves it."""
        return CornerRoute(self, view)


def block(walk, path, coll, rows, items):
    """The block of resolve's `walk` for the vertices of the picked polygons; None if it is something
    else."""
    (number, item), rest = items[0], skip_ellipsis(items[1:], 1)
    mesh = coll.data
    if (item != ("name", "vertices") or walk.depth or not rows.count or mesh is None
            or mesh.bl_rna.identifier != "Mesh" or path.steps[-1:] != (("attr", "polygons"),)
            or [one for _, one in rest] not in ([], [_ALL])):
        return None
    starts, totals = (array.array("i", bytes(4 * len(coll))) for _ in _BORDERS)
    for name, borders in zip(_BORDERS, (starts, totals)):
        coll.foreach_get(name, borders)
    picked = rows.indices()
    if rows.table is None and rows.step == 1:
        starts_of, totals_of = (one[rows.start : rows.start + rows.count] for one in (starts, totals))
    else:
        starts_of, totals_of = ([one[at] for at in picked] for one in (starts, totals))
    offsets = array.array("q", itertools.accumulate(totals_of, initial=0))
    in_a_row = all(map(operator.eq, starts_of, itertools.accumulate(totals_of, initial=starts_of[0])))
    each = None
    if walk.ragged != "flat":
        each = equal_lengths(walk, rest[0][0] if rest else None, path, rows, offsets)
    table = None
    if not in_a_row:
        table = tuple(corner for at in picked for corner in range(starts[at], starts[at] + totals[at]))
    loops = Path(path.root, path.steps[:-1]).attr("loops")
    found = Rows(len(mesh.loops), 0 if table else starts[picked[0]], 1, offsets[-1], table)
    corner = mesh.loops[0].bl_rna if len(mesh.loops) else None
    if corner is None:
        return None
    leaf = Leaf(loops, found, describe(corner, "vertex_index"), select((), (), None, False, None),
                corner.identifier, True, place=(("own", 0),))
    prop = describe(coll[0].bl_rna, "vertices")._replace(dims=())
    leaf = CornerLeaf(path, None, prop, leaf.components, coll[0].bl_rna.identifier, True, corners=leaf, each=each)
    leaf = replace(leaf, place=(("own", 0),) * len(leaf.axes))
    return Block(leaf.axes, [leaf], [Walked(path, rows.length, None)], offsets if each is None else None)


class CornerRoute(Route):
    """The route of the corners' leaf, and the borders of the polygons as they were at enter."""

    def __init__(self, leaf, view):
        super().__init__(leaf, view, None)
        self._inner = choose(leaf.corners, View((leaf.corners.rows.count,), view.scalar, (leaf.corners,), ()))
        self.name = self._inner.name
        coll = leaf.path.follow()
        rows = Rows(len(coll), 0, 1, len(coll))
        self._borders = []
        for name in _BORDERS:
            border = Leaf(leaf.path, rows, describe(coll[0].bl_rna, name), leaf.components, leaf.element, True,
                          place=(("own", 0),))
            route = choose(border, View((len(coll),), "i32", (border,), ()))
            if name == _BORDERS[0] or route.name == "direct":  # else they are differences of the starts
                self._borders.append((route, self._read(route, len(coll))))

    @staticmethod
    def _read(route, count):
        cache = _core.allocate((count,), "i", None)
        route.refresh(cache, None)
        return bytes(cache)

    @property
    def kernel(self):
        """The kernel of the corners."""
        return self._inner.kernel

    def prepare(self):
        """Compiles what a refresh needs."""
        self._inner.prepare()

    def follow(self):
        """The polygons, once their borders are what they were."""
        coll = self.leaf.path.follow()
        for route, known in self._borders:
            if 4 * len(coll) != len(known) or self._read(route, len(coll)) != known:
                raise ShapeChangedError(f"the corners of {self.leaf.path} are divided among them in another way "
                                        "than when the context was entered; enter again")
        self._inner.follow()
        return coll

    def check(self, cache, region):
        """As for the corners."""
        self.follow()
        for part in self._parts(region):
            self._inner.check(cache, part)

    def ready(self):
        """As for the corners."""
        self._inner.ready()

    def refresh(self, cache, region):
        """Blender to cache."""
        self.follow()
        for part in self._parts(region):
            self._inner.refresh(cache, part)

    def update(self, cache, region):
        """Cache to Blender."""
        for part in self._parts(region):
            self._inner.update(cache, part)

    def _parts(self, region):
        """The region as regions of the flat corners: all at once, or one for each place in a polygon."""
        if region is None:
            return [None]
        nothing, spans = self.spans(region)
        each = self.leaf.each
        if nothing or each is None:
            return [] if nothing else [spans]
        (row, row_step, rows), (at, step, count) = spans
        if row_step == 1 and (at, step, count) == (0, 1, each):
            return [((row * each, 1, rows * each),)]
        return [((row * each + at + k * step, row_step * each, rows),) for k in range(count)]
