# runtime/rnaslicer/transfer/composed/behind.py: the route of the points that lie behind curves.
"""Moves a `BehindLeaf` (expression/corners.py): the points by a route of their own, once they are divided among the
curves as they were when the context was entered."""

import copy

from ..direct import DirectRoute
from ...layout import proof
from ...errors import ShapeChangedError
from ...basis.records import replace
from ...layout.whole import starts_of_points
from .flattened import FlattenedRoute, flat


class BehindRoute(FlattenedRoute):
    """The route of the points' leaf, whose cache is the same bytes with one axis less."""

    def __init__(self, leaf, view, choose):
        super().__init__(leaf, view, None)
        self._cut = leaf.each is not None
        place, shape = leaf.place, view.shape
        if self._cut:
            place, shape = place[1:], (shape[0] * shape[1], *shape[2:])
        inner = replace(leaf.points, components=leaf.components, place=place)
        self._take(choose(inner, replace(view, shape=shape, leaves=(inner,), offsets=None)))
        self._starts = starts_of_points(leaf.path.follow().data)

    def compare(self, reached):
        """Raises ShapeChangedError if the points are divided in another way."""
        if starts_of_points(reached.data) != self._starts:
            raise ShapeChangedError(f"the points of {self.leaf.path} are divided among them in another way than when "
                                    "the context was entered; enter again")

    @property
    def may_enter_again(self):
        """Whether `enter_again` asks all that this route depends on: not where a layer is missing."""
        return type(self._inner) is DirectRoute and not self._inner.absent

    def copied(self):
        """The same for another context."""
        route = _copied(self)
        route._inner = _copied(self._inner)
        return route

    def enter_again(self, cache):
        """Fills a cache as the first refresh does, in another context than the route was chosen in. False, or an error,
        where choosing one might give another now: the division, length, class and proof are asked for."""
        self.compare(self.leaf.path.follow())
        points = self._inner.follow()
        if proof.layout(self._inner.asked, points) != self._inner.layout:
            return False
        self._inner.refresh(cache, None)
        return True

    def _parts(self, region):
        """The view's region as regions of the flat points."""
        return [region] if region is None or not self._cut else flat(region, self.view.shape[1])


def _copied(route):
    found = copy.copy(route)
    found.kinds = copy.copy(route.kinds)
    return found
