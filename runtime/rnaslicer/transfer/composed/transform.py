# runtime/rnaslicer/transfer/composed/transform.py: the route of vectors that go through a matrix.
"""Moves a `TransformLeaf` (expression/transform.py): in one pass where the vectors lie in memory side by side or
indices lead to them, else by way of a packed copy that the vectors' own route fills. An update goes through the inverse
and is written as any other."""

import math
import struct

from ... import _core
from ...basis.records import replace
from ...layout.leaf import View
from ...layout.matrices import applied, back, check, packed, there
from ...layout.places import Linked
from ...layout.storage import SIZE, Storage, strides_of
from ..direct import DirectRoute
from ..kernels.lowering import Lowered, are_vectors, cache_strides, head, lane_offsets
from ..kernels.mover import Mover
from ..routes import Route
from .gather import GatherRoute
from .gather_transform import GatherTransform

_PACKED = Storage("f32", 0, 12)


class TransformRoute(Route):
    """The whole vectors have a route of their own; here is the matrix between them and the cache."""

    composed = True

    def __init__(self, leaf, view, choose):
        super().__init__(leaf, view, None)
        self.inner = choose(leaf.inner, View(leaf.inner.axes, "f32", (leaf.inner,), ()))
        self.name = self.inner.name
        self.gather = GatherTransform(leaf, view, self.inner) if type(self.inner) is GatherRoute else None
        self._is_direct = _in_memory(self.inner)
        if self.gather is not None:
            self.direct = self.gather
            if self.gather.storage() is not None:
                self.absent = self.inner.absent
            return
        prop = leaf.property._replace(clamp=None)  # the vectors' own route clamps
        self.copy = Mover(_lower(replace(leaf, property=prop), view, _PACKED, None))
        self.direct = self.copy
        if self._is_direct:
            self.absent = self.inner.absent
            self.direct = Mover(_lower(leaf, view, self.inner.layout.storage, leaf.inner.rows))

    @property
    def kernel(self):
        """The kernel with the matrix."""
        return self.direct.kernel

    def parts(self):
        """That of the vectors."""
        return (self.gather or self.inner,)

    def own_kernels(self):
        """Those with a matrix."""
        return [] if self.gather is not None else [self.copy.kernel, self.direct.kernel]

    def comparing(self):
        """Those of the vectors."""
        return self.inner.comparing()

    def follow(self):
        """As for the vectors; no matrix may fail after another leaf has moved."""
        reached = self.inner.follow()
        self._matrices()
        return reached

    def ready(self):
        """As for the vectors."""
        self.inner.ready()

    def _matrices(self):
        if not self.leaf.objects:
            return self.leaf.matrices
        found = []
        for path in self.leaf.objects:
            found.append([x for row in path.follow().matrix_world[:3] for x in row])
            check(found[-1], f"the world matrix of {path}")
        return found

    def _vectors(self):
        """All vectors as bpy has them, packed."""
        vectors = _core.allocate(self.leaf.inner.axes, "f", None)
        self.inner.refresh(vectors, None)
        return vectors

    def refresh(self, cache, region):
        """Blender to cache."""
        nothing, spans = self.spans(region)
        if nothing or not math.prod(self.leaf.axes):
            self.follow()
            return
        matrix = packed([there(self.leaf.kind, matrix) for matrix in self._matrices()])
        if self.gather is not None:
            self.gather.refresh(cache, region, matrix)
            return
        if self._is_direct:
            where = self.inner.where(self.inner.follow(), writing=False)
            if where is not None:
                self.direct.refresh(cache, where.address, spans, matrix=matrix)
                return
        self.copy.refresh(cache, self._vectors(), spans, matrix=matrix)

    def check(self, cache, region):
        """Raises where an update of the region must not even start."""
        matrices = self._matrices()
        nothing, spans = self.spans(region)
        if nothing:
            return
        if self.gather is None:
            self.inner.check(None, self._rows(spans))
        elif self._is_whole(spans):
            self.gather.check(cache, region, self._back(matrices))
        else:
            self.inner.check(self._vectors(), self._rows(spans))

    def update(self, cache, region):
        """Cache to Blender, through the inverse; a vector is written whole."""
        nothing, spans = self.spans(region)
        if nothing or not math.prod(self.leaf.axes):
            self.follow()
            return
        matrices, whole = self._matrices(), self._is_whole(spans)
        if whole and self.gather is not None:
            self.gather.update(cache, region, self._back(matrices))
            return
        vectors = self._vectors()
        if whole:
            self.copy.update(cache, vectors, spans, matrix=self._back(matrices))
        else:
            self._overlay(cache, spans, matrices, vectors)
        self.inner.update(vectors, self._rows(spans))

    def _back(self, matrices):
        return packed([back(self.leaf.kind, matrix) for matrix in matrices])

    def _is_whole(self, spans):
        """Whether what an update gives of each vector is all of it."""
        own = spans[len(self.leaf.inner.axes) - 1 :] if spans is not None else ()
        return gives_vectors(self.leaf) and (not own or own[0][2] == 3)

    def _rows(self, spans):
        """The region of whole vectors that a region of their components touches."""
        if spans is None:
            return None
        return tuple(spans[: len(self.leaf.inner.axes) - 1]) + ((0, 1, 3),)

    def _overlay(self, cache, spans, matrices, vectors):
        """Where components are missing, those of the vectors as they are count."""
        leaf, flat = self.leaf, memoryview(vectors).cast("B").cast("f")
        items = _numbers(leaf, self.view, cache)
        axes, shape = leaf.inner.axes[:-1], leaf.components.shape
        if spans is None:
            spans = tuple((0, 1, extent) for extent in leaf.axes)
        strides = strides_of(axes, 1)
        by_lane = strides_of(shape, 1)
        for at in _places(spans[: len(axes)]):
            row = sum(i * stride for i, stride in zip(at, strides))
            matrix = matrices[at[0] if len(matrices) > 1 else 0]
            vector = applied(leaf.kind, there(leaf.kind, matrix), flat[3 * row : 3 * row + 3])
            for lane in _places(spans[len(axes) :]):
                which = leaf.components.flat[sum(i * stride for i, stride in zip(lane, by_lane))]
                vector[which] = items(at + lane)
            vector = applied(leaf.kind, back(leaf.kind, matrix), vector)
            for i, number in enumerate(vector):
                flat[3 * row + i] = _narrowed(number)


def _numbers(leaf, view, cache):
    """Function from a place on the leaf's axes to the number that the cache holds there."""
    bits = 8 * SIZE[view.scalar] - (view.scalar[0] == "i")
    high = (1 << bits) - 1  # of integers

    def number(place):
        at, own = [], iter(place)
        for kind, offset in leaf.place:
            at.append(offset if kind == "fixed" else offset + next(own))
        found = cache[tuple(at)]
        return max(found / high, -1.0) if view.normalized else float(found)
    return number


def _narrowed(number):
    try:
        return struct.unpack("f", struct.pack("f", number))[0]
    except OverflowError:
        return math.copysign(math.inf, number)


def _places(spans):
    if not spans:
        yield ()
        return
    (start, step, count), *rest = spans
    for i in range(count):
        for tail in _places(rest):
            yield (start + i * step, *tail)


def _in_memory(route):
    """Whether a kernel can read the vectors where they lie."""
    if type(route) is not DirectRoute or isinstance(route.layout.place, Linked):
        return False
    return are_vectors(route.layout.storage)


def gives_vectors(leaf):
    """Whether its components are all three of each vector: else what a vector lacks comes from what it is."""
    return len(leaf.components.shape) == 1 and sorted(leaf.components.flat) == [0, 1, 2]


def _lower(leaf, view, storage, rows):
    """The plan between vectors that are stored so and the view's cache. rows: of the storage; None: all vectors, one
    behind the other."""
    cache_offset, own = cache_strides(leaf, view)
    counts = leaf.inner.axes[:-1]
    lines = head(leaf.property, storage, view.item)
    lines.insert(3, f"transform {leaf.kind} step {storage.step(1) - storage.step(0)}")
    offset, tables = storage.offset + storage.step(0), (None,) * len(counts)
    if rows is None:
        walks = [f"strided source {stride}" for stride in strides_of(counts, 12)]
    elif rows.table is not None:
        walks, tables = [f"indexed source {storage.stride}"], (rows.table,)
    else:
        walks = [f"strided source {storage.stride * rows.step}"]
        offset += rows.start * storage.stride
    lines += [f"loop {walk} cache {own[i]}" for i, walk in enumerate(walks)]
    shape = leaf.components.shape
    lines.append("lanes" + (" " + "x".join(map(str, shape)) if shape else ""))
    for flat, cache in zip(leaf.components.flat, lane_offsets(shape, own[len(counts) :])):
        lines.append(f"lane 0 -> {cache}" + (f" row {flat}" if flat else ""))
    return Lowered("\n".join(lines) + "\n", offset, cache_offset, tuple(counts), tables)
