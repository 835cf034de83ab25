# runtime/rnaslicer/direct.py: the direct route: a kernel on Blender's own memory.
"""Addresses are asked of bpy right before each copy and forgotten after it."""

from dataclasses import replace

from .errors import ShapeChangedError
from .routes import Route
from .writing import finish, reassign, topology


class DirectRoute(Route):
    """A kernel between the cache and an array of elements whose storage is proven."""

    name = "direct"

    def __init__(self, leaf, view, found):
        if topology(leaf, leaf.path.follow()) is not None:  # checked before; what passes is in range
            leaf = replace(leaf, property=leaf.property._replace(clamp=None))
        super().__init__(leaf, view, found)
        self.storage = found
        self._last = leaf.rows.length - 1
        self._span = found.stride * self._last

    def address(self, coll):
        """Of element 0, now; proves again that the elements are the array they were at enter."""
        first, last = coll[0], coll[self._last]
        base = first.as_pointer()
        if (type(last) is not type(first)
                or last.as_pointer() - base != self._span):
            raise ShapeChangedError(f"{self.leaf.path} is no longer the array of {self.leaf.element} that "
                                    "it was when the context was entered; enter again")
        return base

    def refresh(self, cache, region):
        """Blender to cache."""
        nothing, spans = self.spans(region)
        coll = self.follow()
        if not nothing:
            self.mover.refresh(cache, self.address(coll), spans)

    def update(self, cache, region):
        """Cache to Blender, between two assignments through bpy (writing.py)."""
        nothing, spans = self.spans(region)
        coll = self.follow()
        if nothing:
            return
        self.address(coll)
        at = self.leaf.rows.indices()[spans[0][0] if spans else 0]
        reassign(self.leaf, coll[at])
        coll = self.follow()
        self.mover.update(cache, self.address(coll), spans)
        finish(self.leaf, coll, at)
