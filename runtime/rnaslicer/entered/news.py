# runtime/rnaslicer/entered/news.py: what a wrapper is told of its supplier, and tells others.
"""Blender's events (supplier/events.py) call `_notice`; scripts are told by `on_lost`."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from typing import Any

from ..supplier import events
from .retold import retold


class Watcher:
    """The half of `ViewWrapper` that hears of losses."""

    _path: Any
    _view: Any
    _memcache: Any
    _run: Any
    _since: Any  # when all was last seen to be there, where no run tells

    _told: Any  # of the loss that there is now
    on_lost: list[Callable[[Any], object]]

    # `on_lost` is called once per loss, at Blender's next event or the next refresh or update; again
    # if the data came back by undo or redo, or the add-on was switched on again, and is lost once more.

    def _roots(self):
        return {path.root for path in self._path}

    def _subscribe(self):
        events.watch(self, self._roots() if type(self._path) is list else self._path.root)

    def _unsubscribe(self):
        events.unwatch(self, self._roots() if type(self._path) is list else self._path.root)

    def _told_of(self, error, writing=False):
        """The error to raise for one of what changed, after `on_lost` if the supplier is lost."""
        before = None if self._memcache is None else self._memcache.shape
        since = getattr(self._run, "moment", None) or self._since
        self._notice()
        return error if before is None else retold(self, error, before, since, writing)

    def _notice(self):
        """Called when something may have gone or come back."""
        if self._memcache is None:
            return
        if not self.alive and not self._told:
            self._told = True
            try:
                callbacks = list(self.on_lost)
            except Exception:  # a script has put something else there
                traceback.print_exc(file=sys.stderr)
                return
            for callback in callbacks:
                try:
                    callback(self)
                except Exception:  # a script's mistake must not hide the loss from the others
                    traceback.print_exc(file=sys.stderr)
