# runtime/rnaslicer/transfer/composed/behind.py: the route of the points that lie behind curves.
"""Moves a `BehindLeaf` (expression/corners.py): the points by a route of their own, once they are divided among the
curves as they were when the context was entered."""

from ...errors import ShapeChangedError
from ...basis.records import replace
from ...layout.whole import starts_of_points
from .flattened import FlattenedRoute, flat


class BehindRoute(FlattenedRoute):
    """The route of the points' leaf, whose cache is the same bytes with one axis less."""

    composed = True

    def __init__(self, leaf, view, choose):
        super().__init__(leaf, view, None)
        self._cut = leaf.each is not None
        place, shape = leaf.place, view.shape
        if self._cut:
            place, shape = place[1:], (shape[0] * shape[1], *shape[2:])
        inner = replace(leaf.points, components=leaf.components, place=place)
        self._take(choose(inner, replace(view, shape=shape, leaves=(inner,), offsets=None)))
        self._starts = starts_of_points(leaf.path.follow().data)
        if hasattr(self._inner, "absent"):
            self.absent = False  # native code may follow (portions.py)

    @property
    def points(self):
        """The route of the points' leaf."""
        return self._inner

    def compare(self, reached):
        """Raises ShapeChangedError if the points are divided in another way."""
        if starts_of_points(reached.data) != self._starts:
            raise divided_anew(self.leaf.path)

    def _parts(self, region):
        """The view's region as regions of the flat points."""
        return [region] if region is None or not self._cut else flat(region, self.view.shape[1])


def divided_anew(path):
    """The error of curves at `path` whose points are divided in another way."""
    return ShapeChangedError(f"the points of {path} are divided among them in another way than when the context was "
                             "entered; enter again")
