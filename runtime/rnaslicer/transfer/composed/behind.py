# runtime/rnaslicer/transfer/composed/behind.py: the route of the points that lie behind curves.
"""Moves a `BehindLeaf` (expression/corners.py): the points by a route of their own, once they are divided among the
curves as they were when the context was entered."""

from dataclasses import replace

from ...errors import ShapeChangedError
from ...layout.whole import starts_of_points
from ..routes import Route


class BehindRoute(Route):
    """The route of the points' leaf, whose cache is the same bytes with one axis less."""

    def __init__(self, leaf, view, choose):
        super().__init__(leaf, view, None)
        self._cut = leaf.each is not None
        place, shape = leaf.place, view.shape
        if self._cut:
            place, shape = place[1:], (shape[0] * shape[1], *shape[2:])
        inner = replace(leaf.points, components=leaf.components, place=place)
        self._inner = choose(inner, replace(view, shape=shape, leaves=(inner,), offsets=None))
        self.name = self._inner.name
        self._starts = starts_of_points(leaf.path.follow().data)

    @property
    def kernel(self):
        """The kernel of the points."""
        return self._inner.kernel

    def prepare(self):
        """Compiles what a refresh needs."""
        self._inner.prepare()

    def follow(self):
        """The curves, once their points are divided among them as they were."""
        coll = self.leaf.path.follow()
        self.compare(coll)
        self._inner.follow()
        return coll

    def compare(self, reached):
        """Raises ShapeChangedError if the points are divided in another way."""
        if starts_of_points(reached.data) != self._starts:
            raise ShapeChangedError(f"the points of {self.leaf.path} are divided among them in another way than when "
                                    "the context was entered; enter again")

    def check(self, cache, region):
        """As for the points."""
        self.follow()
        for part in self._parts(region):
            self._inner.check(cache, part)

    def ready(self):
        """As for the points."""
        self._inner.ready()

    def refresh(self, cache, region):
        """Blender to cache."""
        self.compare(self.leaf.path.follow())
        for part in self._parts(region):
            self._inner.refresh(cache, part)

    def update(self, cache, region):
        """Cache to Blender."""
        self.compare(self.leaf.path.follow())
        for part in self._parts(region):
            self._inner.update(cache, part)

    def _parts(self, region):
        """The view's region as regions of the flat points: all at once, or one for each place in a curve."""
        if region is None or not self._cut:
            return [region]
        (row, row_step, rows), (at, step, count), *rest = region
        each = self.view.shape[1]
        if row_step == 1 and (at, step, count) == (0, 1, each):
            return [((row * each, 1, rows * each), *rest)]
        return [((row * each + at + k * step, row_step * each, rows), *rest) for k in range(count)]
