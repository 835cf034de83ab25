# runtime/rnaslicer/entered/compared.py: what has changed since, and how much of padded rows is real.
"""A part of `ViewWrapper`."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .. import _core

if TYPE_CHECKING:
    from .._core import Buffer


class Compared:
    """What scripts would else work out from two MemCaches."""

    _memcache: Any
    _ragged: str
    _entered: Callable[[], None]
    _by_routes: Callable[[], Any]
    _offsets_of: Callable[[Any], Any]
    refresh: Callable[[Any], None]

    def changes(self, view: Buffer | None = None) -> _core.MemCache:
        """Refreshes (the region that `view` covers) and gives the rows whose bytes differ from what the MemCache
        held: ranges of the first axis as an int64 MemCache of shape (n, 2). A NaN equals itself.

        Raises what `refresh` raises.
        """
        self._entered()
        return _core.changed_rows(self._memcache, functools.partial(self.refresh, view))

    @property
    def lengths(self) -> _core.MemCache | Any:  # not Optional: who said 'pad' need not ask
        """With ragged='pad': int64 MemCache, element i has lengths[i] real entries. Else None."""
        self._entered()
        lengths = self._by_routes()[0].lengths if self._ragged == "pad" else None
        return None if lengths is None else self._offsets_of(lengths)
