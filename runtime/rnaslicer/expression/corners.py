# runtime/rnaslicer/expression/corners.py: what of many elements lies in one array: polygons' vertices, curves' points.
"""A polygon's `vertices` are its corners' `vertex_index` (rna_mesh.cc: both are the same array), and
which corners are whose say `loop_start` and `loop_total`. So one leaf on `mesh.loops` serves all
polygons, where resolve would make one for each. Each transfer (transfer/composed/corners.py) compares the
borders first.

The points of a Curves' curve are a part of the datablock's `points`, one curve's behind the other's, and
`curve_offset_data` says where each begins (rna_curves.cc). So the leaves on `points` serve all curves, in the same way
(transfer/composed/behind.py).
"""

from __future__ import annotations

import array

from .. import _core
from ..basis.records import replace
from .components import select
from ..layout.whole import borders_fault, fault, starts_of_points
from ..supplier.identity import Path
from .block import Block, skip_ellipsis
from ..layout.leaf import Leaf, Rows, Walked
from ..blender.rna import describe
from .weights import equal_lengths

_ALL = ("slice", None, None, None)


class CornerLeaf(Leaf):
    """The corners of the picked polygons; `path` leads to the polygons."""

    moved_by = "corners"
    borders = "loop_start", "loop_total"

    corners: Leaf | None = None  # the same values on mesh.loops, flat
    each: int | None = None  # corners of every polygon, where they are an axis of their own

    @property
    def axes(self):
        """All corners, or polygons by corners."""
        total = self.corners.rows.count
        return (total,) if self.each is None else (total // self.each if self.each else 0, self.each)


class BehindLeaf(Leaf):
    """A property of the picked curves' points; `path` leads to the curves."""

    moved_by = "behind"

    points: Leaf | None = None  # the same on the datablock's points, flat
    each: int | None = None  # points of every curve, where they are an axis of their own

    @property
    def axes(self):
        """All points, or curves by points; then those of the property."""
        total = self.points.rows.count
        rows = (total,) if self.each is None else (total // self.each if self.each else 0, self.each)
        return rows + self.components.axes


def block(walk, path, coll, rows, items):
    """The block of resolve's `walk` for the vertices of the picked polygons, or the points of curves; None if it is
    something else."""
    return _vertices(walk, path, coll, rows, items) or _points(walk, path, coll, rows, items)


def _vertices(walk, path, coll, rows, items):
    (number, item), rest = items[0], skip_ellipsis(items[1:], 1)
    mesh = coll.data
    if (item != ("name", "vertices") or walk.depth and walk.ragged == "flat" or not rows.count or mesh is None
            or mesh.bl_rna.identifier != "Mesh" or path.steps[-1:] != (("attr", "polygons"),)
            or [one for _, one in rest] not in ([], [_ALL])):
        return None
    why = borders_fault(mesh)
    if why:
        walk.fail(number, f"{why}; complete the geometry first")
    starts, totals = (array.array("i", bytes(4 * len(coll))) for _ in CornerLeaf.borders)
    for name, borders in zip(CornerLeaf.borders, (starts, totals)):
        coll.foreach_get(name, borders)
    picked = rows.indices()
    if rows.table is None and rows.step == 1:
        starts_of, totals_of = (one[rows.start : rows.start + rows.count] for one in (starts, totals))
    else:
        starts_of, totals_of = (array.array("i", [one[at] for at in picked]) for one in (starts, totals))
    borders, in_a_row = _core.divided(starts_of, totals_of)
    offsets = array.array("q", borders)
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
                corner.identifier, True, exact=True, place=(("own", 0),))
    prop = describe(coll[0].bl_rna, "vertices")._replace(dims=())
    leaf = CornerLeaf(path, None, prop, leaf.components, coll[0].bl_rna.identifier, True, corners=leaf, each=each)
    leaf = replace(leaf, place=(("own", 0),) * len(leaf.axes))
    return Block(leaf.axes, [leaf], [Walked(path, rows.length, None)], offsets if each is None else None,
                 varies=walk.depth > 0)


def _points(walk, path, coll, rows, items):
    (number, item), rest = items[0], items[1:]
    curves = coll.data
    if (item != ("name", "points") or walk.depth or rows.count < 2 or rows.table is not None or rows.step != 1
            or path.steps[-1:] != (("attr", "curves"),) or getattr(curves, "points", None) is None
            or curves.bl_rna.identifier != "Curves" or fault(curves)):
        return None
    if rest and rest[0][1] == _ALL:
        rest = rest[1:]
    if not rest or rest[0][1][0] not in ("name", "names"):
        return None
    starts = array.array("i", starts_of_points(curves))[rows.start : rows.start + rows.count + 1]
    if len(starts) != rows.count + 1 or starts[0] == starts[-1]:
        return None
    each, offsets = starts[1] - starts[0], ()
    if walk.ragged == "flat":
        each = None
    elif each <= 0 or starts != array.array("i", range(starts[0], starts[-1] + 1, each)):
        equal_lengths(walk, number, path, rows, _from_first(starts))  # which says so
        return None
    if each is None:
        offsets = _from_first(starts)
    points = Path(path.root, path.steps[:-1]).attr("points")
    flat = walk.elements(points, curves.points, Rows(len(curves.points), starts[0], 1, starts[-1] - starts[0]), rest)
    if any(leaf.moved_by or leaf.rows is None for leaf in flat.leaves) or flat.walked or flat.offsets:
        return None
    leaves = [BehindLeaf(path, None, leaf.property, leaf.components, leaf.element, leaf.uniform, leaf.exact,
                         place=leaf.place, points=leaf, each=each) for leaf in flat.leaves]
    walked = [Walked(path, rows.length, None)]
    if each is None:
        return Block(flat.shape, leaves, walked, tuple(offsets))
    leaves = [replace(leaf, place=leaf.place[:1] + leaf.place) for leaf in leaves]
    return Block((rows.count, each, *flat.shape[1:]), leaves, walked)


def _from_first(starts):
    return array.array("q", (start - starts[0] for start in starts))
