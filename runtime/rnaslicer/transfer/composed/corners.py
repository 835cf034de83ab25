# runtime/rnaslicer/transfer/composed/corners.py: the route of polygons' vertices: that of the mesh's corners.
"""Moves a `CornerLeaf` (expression/corners.py). Each transfer compares first how the corners are divided among the
polygons."""

from ... import _core
from ...blender.rna import describe
from ...errors import ShapeChangedError
from ...layout.leaf import Leaf, Rows, View
from ..routes import Route


class CornerRoute(Route):
    """The route of the corners' leaf, and the borders of the polygons as they were at enter."""

    def __init__(self, leaf, view, choose):
        super().__init__(leaf, view, None)
        self._inner = choose(leaf.corners, View((leaf.corners.rows.count,), view.scalar, (leaf.corners,), ()))
        self.name = self._inner.name
        coll = leaf.path.follow()
        rows = Rows(len(coll), 0, 1, len(coll))
        self._borders = []
        for name in leaf.borders:
            border = Leaf(leaf.path, rows, describe(coll[0].bl_rna, name), leaf.components, leaf.element, True,
                          exact=True, place=(("own", 0),))
            route = choose(border, View((len(coll),), "i32", (border,), ()))
            if name == leaf.borders[0] or route.name == "direct":  # else they are differences of the starts
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
