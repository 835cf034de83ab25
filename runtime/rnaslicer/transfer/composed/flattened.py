# runtime/rnaslicer/transfer/composed/flattened.py: what the routes of values that lie in one array elsewhere share.
"""Polygons' vertices are the mesh's corners, curves' points are the datablock's: one array, divided among the
elements. A route of its own moves the array; this one says which of it, and that it is divided as it was."""

from ..routes import Route


class FlattenedRoute(Route):
    """A route with `_inner`, that of the array. Inheritors give `compare` (raises where it is divided in another
    way) and `_parts` (a region of the view -> regions of the array)."""

    _inner: Route

    def _take(self, inner):
        self._inner, self.name = inner, inner.name

    @property
    def kernel(self):
        """The kernel of the array."""
        return self._inner.kernel

    def parts(self):
        """That of the array."""
        return (self._inner,)

    def follow(self):
        """The elements, once the array is divided among them as it was."""
        coll = self.leaf.path.follow()
        self.compare(coll)
        self._inner.follow()
        return coll

    def check(self, cache, region):
        """As for the array."""
        self.follow()
        for part in self._parts(region):
            self._inner.check(cache, part)

    def ready(self):
        """As for the array."""
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


def flat(region, each):
    """A region over (elements, each, ...) as regions over (elements * each, ...): one, or one for each place in an
    element."""
    (row, row_step, rows), (at, step, count), *rest = region
    if row_step == 1 and (at, step, count) == (0, 1, each):
        return [((row * each, 1, rows * each), *rest)]
    return [((row * each + at + k * step, row_step * each, rows), *rest) for k in range(count)]
