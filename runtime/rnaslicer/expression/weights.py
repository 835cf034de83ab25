# runtime/rnaslicer/expression/weights.py: vertex weights in bulk, which bpy itself does not offer.
"""`[:, 'groups', :, 'weight']` on a mesh's vertices or a lattice's points as one leaf, where resolve
would make one for each vertex. Where the storage is not proven (deform.py) it still does.
"""

import array
import bisect
from dataclasses import dataclass
from typing import Optional

from .. import _core
from ..layout import deform
from . import components
from ..errors import ShapeChangedError
from ..layout.storage import Storage
from ..transfer.lowering import cache_strides, head
from .block import Block, listing, skip_ellipsis
from ..layout.leaf import Leaf, Rows, Walked
from ..blender.rna import describe, find, numeric
from ..transfer.routes import Route
from ..transfer.writing import check_writable, probe_writing, reassign, settle

_ALL = ("slice", None, None, None)
_AT_ONCE = 1 << 14  # assignments in one call of the kernel: 128 kB of addresses


@dataclass(frozen=True, eq=False)
class WeightLeaf(Leaf):
    """One property of all group assignments of the picked elements; `path` leads to the elements."""

    picks: Optional[Rows] = None
    offsets: object = None  # int64, one more than there are rows
    each: Optional[int] = None  # assignments of every row, where they are an axis of their own
    item: Optional[int] = None  # the one of every row that is wanted

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

    def route(self, view):
        """What moves it."""
        return WeightRoute(self, view)


def block(walk, path, coll, rows, items):
    """The block of resolve's `walk` for weights of the picked `rows` of `coll`; None if it is
    something else, or if resolve's own way is the one."""
    (number, item), rest = items[0], items[1:]
    if item[0] != "name" or walk.depth or not rows.count:
        return None
    kind = _element_type(path, coll, item[1])
    if kind is None:
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
        blocks.append(Block(leaf.axes, [_placed(leaf, own)]))
    made = blocks[0] if what == "name" else walk.beside(blocks, named, names, len(blocks[0].shape))
    made.offsets = offsets if each is None and one is None else None
    made.walked.append(Walked(path, rows.length, None))
    return made


def _placed(leaf, place):
    from dataclasses import replace

    return replace(leaf, place=place)


def _element_type(path, coll, name):
    """The RNA struct of group assignments if `name` is what holds them in the elements of `coll`. Asks
    for no element: that would make Blender copy shared arrays."""
    if deform.build() is None or not path.steps or path.steps[-1][0] != "attr" or coll.data is None:
        return None
    declared = coll.data.bl_rna.properties.get(path.steps[-1][1])
    element = getattr(declared, "fixed_type", None)
    prop = element and element.properties.get(name)
    if prop is None or prop.type != "COLLECTION" or prop.fixed_type.identifier != "VertexGroupElement":
        return None
    return prop.fixed_type


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


def _is_mesh(coll):
    return coll.data.bl_rna.identifier == "Mesh"


class WeightRoute(Route):
    """A kernel on Blender's own assignments, by a table of their addresses made anew for each copy."""

    name = "direct"

    def __init__(self, leaf, view):
        super().__init__(leaf, view, None)
        form, prop = deform.build(), leaf.property
        self._offset, own = cache_strides(leaf, view)
        self._stride = own[0]
        lines = head(prop, Storage(prop.value, 0, None), view.scalar) + [f"loop pointers source 0 cache {own[0]}"]
        if leaf.each is not None:
            lines.append(f"loop strided source {form.size} cache {own[1]}")
        lines += ["lanes", f"lane {form.offsets[prop.identifier] + form.size * (leaf.item or 0)} -> 0"]
        self._kernel = _core.Kernel(_core.Plan("\n".join(lines) + "\n"))

        # Elements that transfers compare with bpy: both ends, and one that has assignments.
        rows = leaf.picks.indices()
        self._samples = sorted({rows[0], rows[-1], rows[self._row_of(0) if leaf.offsets[-1] else 0]})

    def _row_of(self, at):
        """The row that assignment `at` belongs to."""
        return bisect.bisect_right(self.leaf.offsets, at) - 1

    @property
    def kernel(self):
        """The kernel of the assignments' addresses."""
        return self._kernel

    def prepare(self):
        """Compiles what a refresh needs."""
        self._kernel.prepare("refresh")

    def follow(self):
        """The elements now, as many as there were at enter."""
        coll, length = self.leaf.path.follow(), self.leaf.picks.length
        if len(coll) != length:
            raise ShapeChangedError(f"{self.leaf.path} had {length} elements when the context was entered "
                                    f"and has {len(coll)} now; enter again")
        return coll

    def check(self, cache, region):
        """Permission, and whether all assignments are there; before anything is written."""
        check_writable(self.leaf, self.leaf.path.follow())
        self._found(self.follow())

    def ready(self):
        """Nothing: the assignment that un-shares comes with the update."""

    def refresh(self, cache, region):
        """Blender to cache."""
        nothing, spans = self.spans(region)
        self._move(self._kernel.refresh, self._found(self.follow()), cache, spans, nothing)

    def update(self, cache, region):
        """Cache to Blender, between two assignments through bpy."""
        nothing, spans = self.spans(region)
        coll = self.follow()
        if nothing or not self.leaf.offsets[-1]:
            return
        self._assign(coll, spans)
        coll = self.follow()
        if not deform.confirmed(coll, self._samples):
            self._changed()
        self._move(self._kernel.update, self._found(coll), cache, spans, False)
        self._assign(coll, spans)
        if _is_mesh(coll):
            settle(self.leaf, coll)
        else:  # no assignment has told Blender
            coll.data.update_tag()

    def _found(self, coll):
        """The rows now, with as many assignments in each as at enter."""
        leaf = self.leaf
        found = deform.locate(coll, leaf.picks, self._samples)
        if found is None:
            self._changed()
        if found.base:
            row = _core.row_difference(*found.arguments(), leaf.offsets, table=found.table)
        else:
            row = self._row_of(0) if leaf.offsets[-1] else None
        if row is not None:
            self._differs(coll, row)
        return found

    def _move(self, move, found, cache, spans, nothing):
        """Calls the kernel: whole, or some thousand assignments at a time, whose addresses and values
        then stay in the CPU's caches."""
        leaf, size = self.leaf, 0 if self.leaf.by_rows else deform.build().size
        total = leaf.offsets[-1]
        if nothing or not total:
            return
        if spans is not None or size == 0 or found.table is not None or total <= 2 * _AT_ONCE:
            table = _core.row_addresses(*found.arguments(), size, leaf.offsets, table=found.table)
            move(cache, 0, leaf.axes, offset=self._offset, region=spans,
                 tables=(table,) if leaf.each is None else (table, None))
            return
        step = max(1, _AT_ONCE * found.count // total)
        for row in range(0, found.count, step):
            count = min(step, found.count - row)
            part = found._replace(base=found.base + row * found.stride, count=count)
            offsets = leaf.offsets[row : row + count + 1]
            table = _core.row_addresses(*part.arguments(), size, offsets)
            if len(table):
                move(cache, 0, (len(table),), offset=self._offset + offsets[0] * self._stride, tables=(table,))

    def _changed(self):
        raise ShapeChangedError(f"the groups of {self.leaf.path} are no longer where they were when the "
                                "context was entered; enter again")

    def _differs(self, coll, row):
        leaf = self.leaf
        i, before = leaf.picks.indices()[row], leaf.offsets[row + 1] - leaf.offsets[row]
        raise ShapeChangedError(f"{leaf.path}[{i}].groups had {before} elements when the context was "
                                f"entered and has {len(coll[i].groups)} now; enter again")

    def _assign(self, coll, spans):
        """Gives an assignment that is written its own weight through bpy: un-shares and tags. On a
        lattice bpy takes the owner for a mesh there and crashes (3.4, 4.3, 5.2): only tagged."""
        leaf = self.leaf
        if not _is_mesh(coll):
            return probe_writing(leaf, coll)
        first = tuple(span[0] for span in spans) if spans else (0,) * len(leaf.axes)
        if leaf.item is not None:
            row, k = first[0], leaf.item
        elif leaf.each is not None:
            row, k = first
        else:
            row = self._row_of(first[0])
            k = first[0] - leaf.offsets[row]
        reassign(leaf, coll[leaf.picks.indices()[row]].groups[k])
