# runtime/rnaslicer/expression/behind.py: the points of many curves in bulk: those of the datablock, in one array.
"""The points of a Curves' curve are a part of the datablock's `points`, one curve's behind the other's, and
`curve_offset_data` says where each begins (rna_curves.cc). So the leaves on `points` serve all curves, where resolve
would make some for each. Each transfer (transfer/composed/behind.py) compares the borders first.
"""

import array
from dataclasses import dataclass, replace
from typing import Optional

from ..layout.leaf import Leaf, Rows, Walked
from ..layout.whole import fault, starts_of_points
from ..supplier.identity import Path
from .block import Block
from .weights import equal_lengths

_ALL = ("slice", None, None, None)


@dataclass(frozen=True, eq=False)
class BehindLeaf(Leaf):
    """A property of the picked curves' points; `path` leads to the curves."""

    moved_by = "behind"

    points: Optional[Leaf] = None  # the same on the datablock's points, flat
    each: Optional[int] = None  # points of every curve, where they are an axis of their own

    @property
    def axes(self):
        """All points, or curves by points; then those of the property."""
        total = self.points.rows.count
        rows = (total,) if self.each is None else (total // self.each if self.each else 0, self.each)
        return rows + self.components.axes


def block(walk, path, coll, rows, items):
    """The block of resolve's `walk` for the points of the picked curves; None if it is something else."""
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
