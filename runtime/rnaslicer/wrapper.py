# runtime/rnaslicer/wrapper.py: ViewWrapper, the context in which a MemCache lives.
"""Ties supplier, access path, routes and MemCache together from `__enter__` to `__exit__`."""

from __future__ import annotations

import array
import contextlib
import types
from typing import TYPE_CHECKING, Any

from . import _core
from .transfer.choice import choose
from .transfer.trails import key_of
from .supplier.contexts import check_context
from .errors import (ContextError, RegionError, ShapeChangedError, SlicerError, StorageChanged, SupplierLostError, passes,
                     text_of)
from .supplier.identity import check_running
from .inspection.seen import note_seen
from .layout.storage import FORMAT
from .entered.compared import Compared
from .entered.moving import move_each
from .entered.explained import Explained, asking
from .entered.news import Watcher
from .entered.once import Once
from .entered.retold import readonly_first
from .expression.gather import text_of_items
from .expression.resolve import resolve
from .entered.trailed import Trailed
from .transfer.writing.permission import is_locked, why_readonly

if TYPE_CHECKING:
    from ._core import Buffer


class ViewWrapper(Trailed, Explained, Compared, Watcher, Once):
    """The context manager that `Slicer(...)[...]` gives.

    Inside the context `memcache` holds the values; `refresh` fills it from Blender, `update` writes
    it to Blender, whole or by region. Leaving never writes. `read` and `write` need no context.
    """

    # Named here, where a history replaces what moves data. Where a trail is known, enter and exit are all native.
    __enter__, __exit__, read, write = Trailed.__enter__, Trailed.__exit__, Once.read, Once.write

    def __init__(self, path: Any, items: tuple, expression: Any, scalar: str | None, ragged: str,
                 named: Any = None, more: Any = None) -> None:
        self._path, self._items = path, items
        self._scalar, self._ragged, self._more = scalar, ragged, more  # `more`: resolve's other settings
        self._key = key_of(path, items, scalar, ragged, more)  # of its trail
        expression = expression if named is None else named  # collections stand in it, which nobody may keep
        # Index arrays are named as they are now; all else cannot change.
        self._expression = expression if self._key else text_of(path) + text_of_items(expression)

    @property
    def _text(self):
        """The expression as it was typed, for errors."""
        if self._key is None:
            return self._expression
        return text_of(self._path) + text_of_items(self._expression)

    def __repr__(self) -> str:
        return f"<ViewWrapper {self._text}{' (entered)' if self._memcache is not None else ''}>"

    # The context.

    def _enter_anyhow(self, has_declined):
        """What `__enter__` does where native code has not: `has_declined`, since the trail declined."""
        if self._memcache is not None:
            raise ContextError(f"{self._text} is entered already; make a second wrapper for a second context")
        try:
            try:
                return self if (self._enter_by_other if has_declined else self._enter_by_trail)() else self._enter()
            except ShapeChangedError:  # Blender may evaluate between counting instances and reading them
                return self._enter()
        except BaseException as error:  # an interrupt may come when all is done
            self._leave(self._memcache, self._offsets)
            self._raise_entering(error)

    def _raise_entering(self, error):
        if passes(error) or not isinstance(error, Exception):
            raise error
        raise self._explained("entering", None, None, error) from error

    def _enter(self):
        check_context(f"entering {self._text}")
        view = self._resolve(reads=True)
        routes = [choose(leaf, view) for leaf in view.leaves]
        memcache, offsets = _core.allocate(view.shape, FORMAT[view.scalar], self), None
        try:
            move_each(routes, view, "refresh", memcache, None)
            note_seen(routes, self)
            if view.offsets is not None:
                offsets = self._offsets_of(view.offsets)
            self._memcache, self._view, self._routes, self._offsets = memcache, view, routes, offsets
            self._told, self._since = False, _core.now()
            self._learn_trail(entering=True)
            self._subscribe()
            return self
        except BaseException:
            self._leave(memcache, offsets)
            raise

    def _offsets_of(self, values):
        offsets = _core.allocate((len(values),), "q", self)
        offsets[:] = array.array("q", values) if isinstance(values, tuple) else values
        return offsets

    def _leave(self, *caches):
        self._memcache = self._view = self._routes = self._offsets = self._run = self._known = None
        try:
            self._unsubscribe()
        finally:
            for cache in caches:
                if cache is not None:
                    _core.disable(cache)

    def _resolve(self, reads=False):
        check_running()
        path, reached = self._path, None
        if isinstance(path, list):
            path = [(one, one.follow()) for one in path]
        else:
            reached = path.follow()
        return resolve(path, reached, self._items, self._text, scalar=self._scalar, ragged=self._ragged, reads=reads,
                       **self._more or {})

    def leaves(self):
        """The leaves as entering now would find them; for discovery and tests."""
        return self._resolve().leaves

    def _entered(self):
        if self._memcache is None:
            raise ContextError(f"{self._text} is not entered; its MemCache exists only inside `with`")

    # Moving data.

    def refresh(self, view: Buffer | None = None) -> None:
        """Fills the MemCache, or the region that `view` covers, from Blender.

        Raises RegionError, SupplierLostError, ShapeChangedError or ContextError with nothing changed.
        """
        memcache = self._memcache
        try:
            if self._run is not None and self._run.refresh(memcache, view):
                self._told = False
                return
            region = self._prepare("refreshing", view)
            routes, what = self._routes, self._view  # another thread or a callback may leave the context from here on
            move_each(routes, what, "refresh", memcache, region)
            self._told = False
            self._learn_trail()
        except (SupplierLostError, ShapeChangedError) as error:
            raise self._told_of(error) from None
        except RegionError as error:
            raise self._named("refreshing", error) from None
        except Exception as error:
            if passes(error):
                raise
            raise self._explained("refreshing", memcache, view, error) from error

    def update(self, view: Buffer | None = None) -> None:
        """Writes the MemCache, or the region that `view` covers, to Blender. Never changes the cache:
        after clamping or duplicate targets, refresh to see what Blender holds.

        Raises RegionError, ReadOnlyError, ValueRangeError, SupplierLostError, ShapeChangedError or
        ContextError before anything is touched.
        """
        memcache = self._memcache
        try:
            if self._update_by_trail(view):
                self._told = False
                return
            region = self._prepare("updating", view)
            routes, what = self._routes, self._view
            move_each(routes, what, "check", memcache, region)
            for route in routes:
                route.ready()
            move_each(routes, what, "update", memcache, region)
            self._told = False
            self._learn_trail()
        except (SupplierLostError, ShapeChangedError) as error:
            raise self._told_of(error, writing=True) from None
        except RegionError as error:
            raise self._named("updating", error) from None
        except Exception as error:
            if passes(error):
                raise error if self._memcache is None else readonly_first(self, error)
            raise self._explained("updating", memcache, view, error) from error

    def _prepare(self, doing, view):
        self._entered()
        _core.is_free() or check_context(f"{doing} {self._text}")  # a text that is rarely read
        region, memcache = None, self._memcache
        if view is not None and view is not memcache:
            region = _core.region(memcache, view)
            self._check_same(memcache, doing)  # a buffer of Python code may do anything
        self._by_routes()
        # A view walks from within; where an outer one has fewer now, the inner one's way is broken.
        for path, length, order in sorted(self._view.walked, key=lambda one: len(one.path.steps)):
            reached = path.follow()
            if doing != "updating":
                order = None
            elif order is not None and order.is_kept(reached):
                continue  # and so as many
            if length is not None and len(reached) != length:
                raise ShapeChangedError(f"{self._text}: {path} had {length} elements when the context was "
                                        f"entered and has {len(reached)} now; enter again")
            if order is not None:
                order.check_count(path, reached)
                raise ShapeChangedError(f"{self._text}: the elements of {path} are others or have changed places "
                                        "since the context was entered (renaming re-sorts them); enter again")
        if len(self._routes) > 1:  # a later leaf must not fail after an earlier one has moved
            for route in self._routes:
                with contextlib.suppress(StorageChanged):  # which the move itself finds out
                    route.follow()
        return region

    # What it is.

    @property
    def memcache(self) -> _core.MemCache:
        """The MemCache; ContextError outside the context."""
        self._entered()
        return self._memcache

    @property
    def offsets(self) -> _core.MemCache | Any:  # not Optional: who said 'flat' need not ask
        """With ragged='flat': int64 MemCache, element i has rows offsets[i]:offsets[i + 1]. Else None."""
        self._entered()
        return self._offsets

    @property
    def supplier(self) -> Any:
        """The bpy object, found anew at each access; SupplierLostError if it is gone."""
        try:
            return self._find()
        except SupplierLostError as error:
            raise self._told_of(error) from None
        except Exception as error:
            if passes(error):
                raise
            raise self._explained("asking for the supplier of", None, None, error) from error

    def _find(self):
        check_running()
        if isinstance(self._path, list):
            return [path.follow() for path in self._path]
        return self._path.follow()

    @property
    @asking("asking for the shape of")
    def shape(self) -> tuple[int, ...]:
        """Shape of the result; outside the context, what entering now would give."""
        return self._resolve().shape if self._memcache is None else self._memcache.shape

    @property
    @asking("asking for the format of")
    def format(self) -> str:
        """Format character of the result's items."""
        return FORMAT[self._resolve().scalar] if self._memcache is None else self._memcache.format

    @property
    @asking("asking whether to write")
    def readonly(self) -> bool:
        """True if update would always be refused."""
        check_running()
        leaves = [(leaf, leaf.path.follow()) for one in self._resolved_now().leaves for leaf in one.whole]
        return any(why_readonly(*one) or is_locked(*one) for one in leaves)

    @property
    def alive(self) -> bool:
        """True while the supplier can be found: not after its deletion, nor while the add-on is off.
        This asks; it does not call `on_lost`."""
        try:
            check_running()
            for path in self._path if type(self._path) is list else (self._path,):
                path.look()
        except (SlicerError, ReferenceError, AttributeError):  # the latter of bpy, where the way broke
            return False
        self._told = False
        return True


# Python names a method by the class that it was written in, where a call has an argument that it does not take.
for _name in dir(ViewWrapper):
    if isinstance(_method := getattr(ViewWrapper, _name), types.FunctionType):
        _method.__qualname__ = f"ViewWrapper.{_name}"
