# runtime/rnaslicer/routes.py: what the routes (direct, foreach, element) share, and the choice.
"""Same values, different speed. A route is made at enter for one leaf and lives until exit.

`refresh(cache, region)` and `update(cache, region)` move the part of the view's region (None: all)
that falls on the leaf. Each call finds its data anew and forgets every address before it returns.
"""

import array
import math

from . import _core
from .errors import ShapeChangedError
from .lowering import lower, own_spans
from .writing import check_writable


def choose(leaf, view):
    """The fastest proven route of a leaf."""
    from .direct import DirectRoute
    from .element import ElementRoute
    from .foreach import ArrayRoute, ForeachRoute
    from .proof import storage

    if not math.prod(leaf.axes):
        return EmptyRoute(leaf, view)
    if leaf.rows is None:
        return ArrayRoute(leaf, view) if leaf.components.loops else ElementRoute(leaf, view)
    coll = leaf.path.follow()
    found = storage(leaf, coll)
    if found is not None:
        return DirectRoute(leaf, view, found)
    if ForeachRoute.agrees(leaf, coll):
        return ForeachRoute(leaf, view)
    return ElementRoute(leaf, view)


class Mover:
    """A lowered plan with its kernel: moves bytes between a cache and a source."""

    def __init__(self, lowered):
        self.lowered = lowered
        self.kernel = _core.Kernel(_core.Plan(lowered.text))
        self._tables = None
        if lowered.table is not None:
            self._tables = (array.array("q", lowered.table), *[None] * (len(lowered.extents) - 1))

    def refresh(self, cache, source, spans=None):
        """Source (address of element 0, or a buffer) to cache."""
        low = self.lowered
        self.kernel.refresh(cache, source, low.extents, source_offset=low.source_offset,
                            offset=low.cache_offset, region=spans, tables=self._tables)

    def update(self, cache, source, spans=None):
        """Cache to source."""
        low = self.lowered
        self.kernel.update(cache, source, low.extents, source_offset=low.source_offset,
                           offset=low.cache_offset, region=spans, tables=self._tables)


class Route:
    """One leaf on its way between bpy and the cache."""

    name = ""

    def __init__(self, leaf, view, layout):
        self.leaf, self.view = leaf, view
        self.mover = Mover(lower(leaf, view, layout)) if layout is not None else None

    @property
    def kernel(self):
        """The kernel that moves this leaf, or None where no copy is compiled."""
        return self.mover and self.mover.kernel

    def prepare(self):
        """Compiles what a refresh needs."""
        if self.mover:
            self.mover.kernel.prepare("refresh")

    def spans(self, region):
        """(nothing, spans): whether the region misses this leaf, and its part on the leaf's axes."""
        if region is None:
            return False, None
        found = own_spans(self.leaf, region)
        return found is None, found

    def follow(self):
        """The collection or struct now, with the length it had at enter."""
        reached = self.leaf.path.follow()
        rows = self.leaf.rows
        if rows is not None and len(reached) != rows.length:
            raise ShapeChangedError(f"{self.leaf.path} had {rows.length} elements when the context was "
                                    f"entered and has {len(reached)} now; enter again")
        return reached

    def check_writable(self):
        """Raises ReadOnlyError where an update must not even start."""
        check_writable(self.leaf)


class EmptyRoute(Route):
    """A leaf without values: only its length can change."""

    name = "direct"

    def __init__(self, leaf, view):
        super().__init__(leaf, view, None)

    def refresh(self, cache, region):
        self.follow()

    def update(self, cache, region):
        self.follow()
