# runtime/rnaslicer/expression/weights.py: vertex weights in bulk, which bpy itself does not offer.
"""`[:, 'groups', :, 'weight']` on a mesh's vertices or a lattice's points as one leaf, where resolve
would make one for each vertex. Where the storage is not proven (layout/deform.py) it still does. What moves it is
transfer/weights.py.
"""

from __future__ import annotations

import array

from .. import _core
from ..basis.records import replace
from ..layout import deform
from . import components
from .block import Block, listing, skip_ellipsis
from .kinds import assignments
from .stacking import beside
from ..layout.leaf import Leaf, Rows, Walked
from ..blender.rna import describe, find, numeric

_ALL = ("slice", None, None, None)


class WeightLeaf(Leaf):
    """One property of all group assignments of the picked elements; `path` leads to the elements."""

    moved_by = "weights"

    picks: Rows | None = None
    offsets: object = None  # int64, one more than there are rows
    each: int | None = None  # assignments of every row, where they are an axis of their own
    item: int | None = None  # the one of every row that is wanted

    @property
    def axes(self):
        """All assignments, or rows, or rows by assignments."""
        if self.item is not None:
            return (self.picks.count,)
        return (self.offsets[-1],) if self.each is None else (self.picks.count, self.each)

    @property
    def by_rows(self):
        """Whether the table of addresses has one for each row."""
        return self.item is not None or bool(self.each)


def block(walk, path, coll, rows, items):
    """The block of resolve's `walk` for weights of the picked `rows` of `coll`; None if it is
    something else, or if resolve's own way is the one."""
    (number, item), rest = items[0], items[1:]
    if item[0] != "name" or walk.depth or not rows.count:
        return None
    kind = assignments(path, coll, item[1])
    if kind is None or deform.build() is None:
        return None
    rest, one = skip_ellipsis(rest, 1), None
    if rest and (rest[0][1] == _ALL or rest[0][1][0] == "int"):
        one = rest[0][1][1] if rest[0][1] != _ALL else None
        rest = rest[1:]
    if len(rest) != 1 or rest[0][1][0] not in ("name", "names"):
        return None
    named, (what, names) = rest[0]
    props = [find(kind, name) for name in ((names,) if what == "name" else names)]
    if any(prop is None or not numeric(prop) or prop.identifier not in deform.build().offsets
           for prop in props):
        return None
    found = deform.locate(coll, rows)
    offsets = found and _offsets(found)
    if offsets is None:
        return None
    each = None
    if one is not None and not _all_have(offsets, one):
        return None  # which says of whom it is too many
    if one is None and walk.ragged != "flat":
        each = equal_lengths(walk, number, path, rows, offsets)
    blocks = []
    for prop in props:
        prop = describe(kind, prop.identifier)
        leaf = WeightLeaf(path, None, prop, components.select((), (), None, False, None),
                          kind.identifier, True, picks=rows, offsets=offsets, each=each, item=one)
        own = (("own", 0),) * len(leaf.axes)
        blocks.append(Block(leaf.axes, [replace(leaf, place=own)]))
    made = blocks[0] if what == "name" else beside(walk, blocks, named, names, len(blocks[0].shape))
    made.offsets = offsets if each is None and one is None else None
    made.walked.append(Walked(path, rows.length, None))
    return made


def _offsets(found):
    """Where each row begins, as a buffer of int64; None if it cannot be said."""
    if not found.base:
        return array.array("q", bytes(8 * (found.count + 1)))
    rows = _core.rows_of(*found.arguments(), deform.build().size, table=found.table, safe=True)
    return rows and rows[0]


def _all_have(offsets, item):
    """Whether every row has an assignment number `item`, counted from the front."""
    values = offsets.tolist()
    return item >= 0 and all(after - before > item for before, after in zip(values, values[1:]))


def equal_lengths(walk, number, path, rows, offsets):
    """How many items every row has; fails as resolve does where they differ."""
    each = offsets[1]
    if bytes(offsets) == array.array("q", range(0, each * rows.count + 1, each) if each else
                                     [0] * (rows.count + 1)).tobytes():
        return each
    firsts = {}
    for i, row in enumerate(rows.indices()):
        firsts.setdefault(offsets[i + 1] - offsets[i], row)
    listed = listing([path.item(row) for row in firsts.values()], list(firsts))
    walk.fail(number, f"the lengths differ: {listed}; Slicer(..., ragged='flat') joins them and gives "
                      "the offsets")
