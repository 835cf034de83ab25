# runtime/rnaslicer/transfer/kernels/mover.py: a lowered plan and its kernel.
"""Plain bytes from here on: nothing in a mover knows of bpy."""

import array

from ... import _core


class Mover:
    """A lowered plan with its kernel: moves bytes between a cache and a source."""

    def __init__(self, lowered):
        self.lowered = lowered
        self.kernel = _core.Kernel(_core.Plan(lowered.text))
        self._tables = None
        if any(table is not None for table in lowered.tables):
            self._tables = tuple(table and array.array("q", table) for table in lowered.tables)

    def refresh(self, cache, source, spans=None, tables=None, lookups=None, target=None, matrix=None):
        """Source (address of element 0, or a buffer) to cache. `tables`: addresses instead of indices;
        `lookups`, `target`: what such storages need (layout/storage.py)."""
        self._run(self.kernel.refresh, cache, source, spans, tables, lookups, target, matrix)

    def update(self, cache, source, spans=None, tables=None, lookups=None, target=None, matrix=None):
        """Cache to source."""
        self._run(self.kernel.update, cache, source, spans, tables, lookups, target, matrix)

    def _run(self, entry, cache, source, spans, tables, lookups, target, matrix):
        low, more = self.lowered, {}
        if lookups is not None:
            more["lookups"] = lookups
        if target is not None:
            more["target"] = target
        if matrix is not None:
            more["matrix"] = matrix
        entry(cache, source, low.extents, source_offset=low.source_offset, offset=low.cache_offset,
              region=spans, tables=tables or self._tables, **more)


def move(mover, route, stride):
    """A mover as native code reads it, for elements `stride` bytes apart (runtime/trail/trail.hpp)."""
    low, leaf = mover.lowered, route.leaf
    tables = low.tables or (None,) * len(low.extents)
    return {"kernel": mover.kernel, "source_offset": low.source_offset - leaf.rows.start * stride,
            "cache_offset": low.cache_offset - route.view.first, "extents": low.extents[1:],
            "tables": tuple(table and tuple(table) for table in tables[1:])}
