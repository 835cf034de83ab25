# runtime/rnaslicer/entered/trailed.py: how a wrapper follows trails, and goes without.
"""Native code enters, refreshes and updates where this session knows a trail (transfer/trails.py). Where that
declines, view and routes do it, as they do at first."""

from __future__ import annotations

import array
from typing import Any

from .. import _core
from ..errors import ShapeChangedError, SlicerError
from ..inspection.seen import RECENT
from ..supplier.roster import Roster
from ..transfer.choice import choose
from ..transfer.trails import KnownMany, find_known, learn, routes_of
from ..transfer.writing.permission import translated


class Trailed:
    """The third of `ViewWrapper` that native code does."""

    _path: Any
    _items: Any
    _view: Any
    _routes: Any
    _memcache: Any
    _offsets: Any
    _named: Any
    _more: Any
    _key: Any

    _run: Any = None  # follows a trail; None where there is none
    _known: Any = None  # what that was made from, where it was followed from enter on

    def _enter_by_trail(self):
        """True if native code has done it all, along a trail that this session knows."""
        known = find_known(self._key)
        if known is None:
            return False
        many = type(known) is KnownMany
        path = self._path
        entered = known.enter(path, self) if many else known.trail.enter(path.root, path.steps, self)
        if entered is None:
            return False
        if many:
            self._run, self._memcache, offsets = entered
            self._offsets = offsets and self._offsets_of(array.array("q", offsets))
        else:
            self._run, self._memcache = entered
        self._known = known
        self._told = False
        # As many as a text tells.
        named = path[:3] if type(path) is list else path.said() if type(path) is Roster else path
        RECENT.append((known.signatures, named, self._expression))
        try:
            self._subscribe()
        except BaseException:
            self._leave(self._memcache, self._offsets)
            raise
        return True

    def _update_by_trail(self, view):
        """True if native code has done it all."""
        if self._run is None:
            return False
        try:
            return self._run.update(self._memcache, view)
        except SlicerError:  # a view that is no region
            raise
        except (AttributeError, TypeError, ValueError, RuntimeError) as error:  # after the values were written
            self._check_region(self._memcache, view)  # or before
            raise translated(error, self._by_routes()[0].leaves[0], 1, 1) from error

    def _learn_trail(self, entering=False):
        """From now on native code does what the routes have just done, if it can. Only `entering` makes a trail anew:
        older routes may have kernels that were cleared since."""
        if self._key is None or self._routes is None:
            return
        known = find_known(self._key)
        if not all(hasattr(route, "absent") for route in self._routes) or known is None and not entering:
            self._run = None
            return
        if known is None:
            known = learn(self._key, self._path, self._view, self._routes)
        if type(known) is KnownMany:
            self._adopt_many(known)
        else:
            missing = tuple(route.absent for route in self._routes)
            self._run = known and known.trail.adopt(self._path.root, self._path.steps,
                                                    self._view.leaves[0].rows.length, missing)

    def _adopt_many(self, known):
        """Enters once more, for what a run notes, if that leads to the same shape."""
        self._run = None
        entered = known.enter(self._path, self)
        if entered is None:
            return
        run, memcache, offsets = entered
        if memcache.shape == self._memcache.shape and (offsets is None or offsets == self._offsets.tobytes()):
            self._run = run
        _core.disable(memcache)

    def _by_routes(self):
        """View and routes, made now if a trail has done without; what they compare is what was at enter."""
        moment = getattr(self._run, "moment", None)
        if moment is not None:
            self._path.noted(moment)
        if self._routes is None and type(self._known) is KnownMany:
            view = self._resolve()
            offsets = None if view.offsets is None else array.array("q", view.offsets).tobytes()
            if view.shape != self._memcache.shape or offsets is not None and offsets != self._offsets.tobytes():
                raise ShapeChangedError(f"{self._text}: the shape went from {self._memcache.shape} to {view.shape} "
                                        "since the context was entered; enter again")
            other = self._known.differing(view, self._run)
            if other is not None:
                raise ShapeChangedError(f"{self._text}: {other[0]} had {other[1]} elements when the context was "
                                        f"entered and has {other[2]} now; enter again")
            self._view, self._routes = view, [choose(leaf, view) for leaf in view.leaves]
            for route in self._routes:
                route.prepare()
        elif self._routes is None:
            self._view, self._routes = routes_of(self._known, self._path, self._run)
        return self._view, self._routes
