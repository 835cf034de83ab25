# runtime/rnaslicer/transfer/weights.py: the route of vertex weights: a kernel on Blender's own assignments.
"""Moves a `WeightLeaf` (expression/weights.py), whose storage layout/deform.py finds."""

import array
import bisect

from .. import _core
from ..errors import ShapeChangedError
from ..layout import deform
from ..layout.storage import Storage
from .kernels.lowering import cache_strides, head
from .routes import Route
from .writing.noticing import reassign, settle
from .writing.permission import check_writable, probe_writing

_AT_ONCE = 1 << 14  # assignments in one call of the kernel: 128 kB of addresses


def _is_mesh(coll):
    return coll.data.bl_rna.identifier == "Mesh"


class WeightRoute(Route):
    """A kernel on Blender's own assignments, by a table of their addresses made anew for each copy."""

    name = "direct"
    absent = False  # native code may follow (composed/portions.py)
    composed = True

    def __init__(self, leaf, view):
        super().__init__(leaf, view, None)
        form, prop = deform.build(), leaf.property
        self._offset, own = cache_strides(leaf, view)
        self._stride = own[0]
        lines = head(prop, Storage(prop.value, 0, None), view.item) + [f"loop pointers source 0 cache {own[0]}"]
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
        lattice bpy would crash there (hazards.LATTICE_WEIGHT): only tagged."""
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


class SomeWeights(WeightRoute):
    """An update of assignments that no region names, one behind the other, in that order."""

    def __init__(self, route, numbers):
        self.__dict__.update(route.__dict__)
        self._numbers = numbers

    def _move(self, move, found, cache, spans, nothing):
        table = array.array("q", bytes(_core.row_addresses(*found.arguments(), deform.build().size, self.leaf.offsets,
                                                           table=found.table)))
        table = array.array("q", [table[number] for number in self._numbers])
        move(cache, 0, (len(table),), tables=(table,))

    def _assign(self, coll, spans):
        super()._assign(coll, ((self._numbers[0], 1, 1),))
