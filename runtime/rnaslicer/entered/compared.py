# runtime/rnaslicer/entered/compared.py: what has changed since, and how much of padded rows is real.
"""A part of `ViewWrapper`."""

from __future__ import annotations

import array
import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .. import _core

if TYPE_CHECKING:
    from .._core import Buffer


class Compared:
    """What scripts would else work out from two MemCaches."""

    _memcache: Any
    _run: Any
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
        if self._ragged != "pad":
            return None
        noted = getattr(self._run, "lengths", None)  # where a trail did without view and routes
        lengths = self._by_routes()[0].lengths if noted is None else array.array("q", noted)
        return None if lengths is None else self._offsets_of(lengths)
