# runtime/rnaslicer/transfer/enums.py: enums whose word in memory may hold other bits too.
"""foreach reads and writes the whole stored word of an enum (rna_access.cc, raw arrays), while bpy's
getter masks it (hazards.FOREACH_ENUM_WORD). So each bulk call is
checked: where no bit beside the items' is set, the word is the enum; else bpy moves the values one
by one."""

from .. import _core
from .element import ElementRoute
from .foreach import ForeachRoute
from ..layout.storage import SIZE


class EnumRoute(ForeachRoute):
    """The foreach route, as long as no bit beside the enum's own items is set."""

    def __init__(self, leaf, view, items):
        super().__init__(leaf, view)
        own = 0
        for item in items:
            own |= item.value
        self._others = ~own & (1 << 8 * SIZE[self.scalar]) - 1
        self._one_by_one = ElementRoute(leaf, view)

    def refresh(self, cache, region):
        """Blender to cache."""
        nothing, spans = self.spans(region)
        if nothing:
            self.follow()
            return
        values = self.buffer()
        self.get(values)
        if _core.int_bits(values) & self._others:
            self._one_by_one.refresh(cache, region)
        else:
            self.mover.refresh(cache, values, spans)

    def update(self, cache, region):
        """Cache to Blender."""
        values = self.buffer()
        self.get(values)
        if _core.int_bits(values) & self._others:
            self._one_by_one.update(cache, region)
        else:
            super().update(cache, region)
