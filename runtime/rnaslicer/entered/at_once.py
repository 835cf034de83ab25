# runtime/rnaslicer/entered/at_once.py: how a whole view moves between Blender and a buffer of the caller's.
"""By the trail that is known, else by routes made for this one move; into the buffer where it lies, else by way of a
packed MemCache that goes at once."""

from __future__ import annotations

import contextlib
from typing import Any

from .. import _core
from ..errors import ContextError, ExpressionError, ShapeChangedError, SlicerError, StorageChanged, SupplierLostError, passes
from ..basis.records import replace
from ..expression.resolve import resolve
from ..inspection.seen import note_seen
from ..layout.storage import FORMAT
from ..supplier.contexts import check_context
from ..supplier.identity import Path, check_running
from ..transfer.choice import choose
from ..transfer.described import is_few
from ..transfer.element import are_of_several, are_single
from ..transfer.foreach import are_arrays, are_asked, are_ones
from ..transfer.known import Known, KnownMany
from ..transfer.trails import find_known
from ..transfer.writing.permission import translated
from .learning import harmless, learnt_from_few, was_in_vain
from .variants import learnt_now
from .lent import Lent, check_shape
from .moving import move_each
from .packed import scalar_in, told
from .retold import readonly_first

_LARGE = 1 << 20  # bytes; a copy of less costs less than a kernel that is made for one layout and never used again
_MOST = 4096  # layouts that are remembered

_met: set[Any] = set()  # layouts of buffers that were met before: whoever comes twice gets a kernel


class AtOnce:
    """The part of `ViewWrapper` behind `read` and `write`."""

    _path: Any
    _items: Any
    _scalar: Any
    _ragged: Any
    _more: Any
    _key: Any
    _run: Any
    _text: Any
    _memcache: Any
    _prepare: Any
    unclamped = False  # for foreach_set, which stores what it is given

    def _failed(self, doing, error, writing=False):
        if passes(error):
            if isinstance(error, (SupplierLostError, ShapeChangedError)) and self._memcache is not None:
                return self._told_of(error, writing)
            return readonly_first(self, error) if writing else error
        return self._explained(doing, None, None, error)

    def _key_of(self, scalar):
        """The key of trails for items of that type; None where there are none."""
        return self._key and (*self._key[:3], scalar, *self._key[4:])

    def _same_shape(self, shape, doing):
        if self._memcache is not None and self._memcache.shape != shape:
            raise ShapeChangedError(f"{doing}: the shape went from {self._memcache.shape} to {shape} since the context "
                                    "was entered; enter again")

    def _view_of(self, scalar, doing):
        check_context(doing)
        if (self._more or {}).get("normalized") and scalar not in ("i8", "u8", "i16", "u16", "i32", "u32"):
            raise ExpressionError(f"{doing}: with normalized=True the buffer holds integers of 8, 16 or 32 bits: one "
                                  f"of b B h H i I, not {FORMAT[scalar]}")
        check_running()
        path, reached = self._path, None
        if isinstance(path, list):
            path = [(one, one.follow()) for one in path]
        else:
            reached = path.follow()
        view = resolve(path, reached, self._items, self._text, scalar=scalar, ragged=self._ragged, **self._more or {})
        self._same_shape(view.shape, doing)
        if self.unclamped:
            view = replace(view, leaves=tuple(replace(leaf, property=leaf.property._replace(clamp=None))
                                              for leaf in view.leaves))
        return view

    @harmless
    def _learn_once(self, key, view, routes, laid=None):
        """As `_learn_trail`: from now on native code does what these routes have just done, if it can."""
        if key is None or not (are_asked(routes) or are_single(routes) or are_arrays(routes) or are_ones(routes)
                               or are_of_several(routes)) and not all(
                hasattr(route, "absent") or is_few(route) for route in routes):
            return
        learnt_now(key, self._path, view, routes, self._trail_name(key, laid))

    def _trail_name(self, key, laid):
        return None if laid is None and not self.unclamped else (key, laid, self.unclamped)

    def _known_for(self, key, laid=None):
        return None if key is None else find_known(self._trail_name(key, laid) or key)

    def _known_or_few(self, key, scalar):
        """(what is known for a key, whether it was just learnt of the first few)."""
        known = self._known_for(key)
        if known is not None or self.unclamped:
            return known, False
        known = learnt_from_few(self, key, scalar)
        return known, known is not None

    def _read_new(self, scalar):
        if self._run is not None and scalar in (self._scalar, _scalar_entered(self)):
            memcache = _core.allocate(self._memcache.shape, self._memcache.format, None)
            if self._run.refresh(memcache, None):
                return memcache
        _compare_entered(self, "reading")
        key = self._key_of(scalar)
        known, from_few = self._known_or_few(key, scalar)
        if known is not None:
            made = self._enter_along(known, None)
            if made is None and from_few:
                was_in_vain(key)
            if made is not None:
                self._same_shape(made[1].shape, f"reading {self._text}")
                return made[1]
        view = self._view_of(scalar, f"reading {self._text}")
        memcache = _core.allocate(view.shape, FORMAT[view.scalar], None)
        self._refresh_once(view, memcache, key)
        return memcache

    def _refresh_once(self, view, cache, key, laid=None):
        routes = self._routes_for(view)
        move_each(routes, view, "refresh", cache, None)
        note_seen(routes, self, key)
        self._learn_once(key, view, routes, laid)

    def _routes_for(self, view):
        return [choose(leaf, view) for leaf in view.leaves]

    def _read_into(self, lent: Lent, doing: str) -> None:
        if self._memcache is not None:
            check_shape(lent, self._memcache.shape, doing, "out")
        if lent.is_packed:
            if self._by_run(lent) and self._run.refresh(lent.cache, None):
                return
            _compare_entered(self, "reading")
            key, known, from_few = self._key_for(lent)
            if type(known) is Known and _fits(known, lent) and known.trail.read(
                    self._path.root, self._path.steps + known.beyond, lent.cache, lent.cache.shape[0], 0):
                return
            if known is not None and type(known) is not Known and _read_along(self, known, lent):
                return
            if from_few:
                was_in_vain(key)
            if from_few or type(known) is not KnownMany:
                view, key = self._viewed(lent, key, doing, "out")
                self._refresh_once(view, lent.cache, key)
                return
        elif lent.is_nested and _may_take_strides(self, lent):
            _compare_entered(self, "reading")
            key, laid = self._key_of(lent.scalar), lent.strides
            known = self._known_for(key, laid)
            if known is not None or _is_worth(key, laid, lent):
                cache, first = _core.spread(lent.cache)
                if known is not None and _fits(known, lent) and known.trail.read(
                        self._path.root, self._path.steps + known.beyond, cache, lent.cache.shape[0], first):
                    return
                view = self._view_of(lent.scalar, doing)
                check_shape(lent, view.shape, doing, "out")
                if _takes_strides(view):
                    self._refresh_once(replace(view, strides=laid, first=first), memoryview(cache), key, laid)
                    return
        try:
            made = self._read_new(lent.scalar)
        except ContextError:  # the shape is told first, as where no trail is known
            check_shape(lent, self._view_of(lent.scalar, doing).shape, doing, "out")
            raise
        check_shape(lent, made.shape, doing, "out")
        lent.cache[...] = made

    def _write_from(self, lent: Lent, doing: str) -> None:
        if self._memcache is not None:
            check_shape(lent, self._memcache.shape, doing, "values")
        if not lent.is_packed and lent.is_nested and _may_take_strides(self, lent):
            key, laid = self._key_of(lent.scalar), lent.strides
            known = self._known_for(key, laid)
            if known is not None or _is_worth(key, laid, lent):
                _compare_entered(self, "updating")
                cache, first = _core.spread(lent.cache)
                if self._write_by(known, lent, cache, first):
                    return
                view = self._view_of(lent.scalar, doing)
                check_shape(lent, view.shape, doing, "values")
                if _takes_strides(view):
                    self._update_once(replace(view, strides=laid, first=first), memoryview(cache), key, laid)
                    return
        if not lent.is_packed:
            packed = _core.allocate(lent.cache.shape, FORMAT[lent.scalar], None)
            packed[...] = lent.cache
            lent = Lent(packed, lent.scalar)
        if self._by_run(lent) and self._update_by_run(lent.cache):
            return
        _compare_entered(self, "updating")
        key, known, from_few = self._key_for(lent)
        if self._write_by(known, lent, lent.cache, 0):
            return
        if from_few:
            was_in_vain(key)
        view, key = self._viewed(lent, key, doing, "values")
        self._update_once(view, lent.cache, key)

    def _update_once(self, view, cache, key, laid=None):
        routes = self._routes_for(view)
        move_each(routes, view, "check", cache, None)
        for route in routes:
            route.ready()
        move_each(routes, view, "update", cache, None)
        note_seen(routes, self, key)
        self._learn_once(key, view, routes, laid)

    def _write_by(self, known, lent, cache, first):
        """True if native code has written it all along a trail."""
        if known is None or not lent.cache.nbytes:
            return False
        try:
            if type(known) is not Known:
                return _write_along(self, known, lent)
            if not _fits(known, lent):
                return False
            steps = self._path.steps + known.beyond
            return known.trail.write(self._path.root, steps, cache, lent.cache.shape[0], first)
        except SlicerError:
            raise
        except (AttributeError, TypeError, ValueError, RuntimeError) as error:  # after the values were written
            raise told(error, known, self._path) from error

    def _by_run(self, lent):
        """Whether the buffer is as the entered MemCache, which a trail fills."""
        return (self._run is not None and not self.unclamped and lent.cache.shape == self._memcache.shape
                and lent.scalar == _scalar_entered(self))

    def _update_by_run(self, cache):
        try:
            return self._run.update(cache, None)
        except SlicerError:
            raise
        except (AttributeError, TypeError, ValueError, RuntimeError) as error:
            raise translated(error, self._by_routes()[0].leaves[0], 1, 1) from error

    def _key_for(self, lent):
        """(key, what is known for it, whether that was just learnt of the first few): the key of the wrapper's own trail
        where the items are of its type, else of one for theirs."""
        own, key = self._known_or_few(self._key, self._scalar), self._key_of(lent.scalar)
        if key == self._key or own[0] is not None and scalar_in(own[0]) == lent.scalar:
            return self._key, *own
        return key, *self._known_or_few(key, lent.scalar)

    def _viewed(self, lent, key, doing, name):
        """(view, key) for items of a buffer's type: the wrapper's own key where its items are of that type now, if that is
        known or nothing is; what was known for it may be of what was there before."""
        if self._key and not self.unclamped and (key == self._key or self._known_for(self._key) is None):
            with contextlib.suppress(ExpressionError):  # perhaps only of that type
                view = self._view_of(self._scalar, doing)
                if view.scalar == lent.scalar:
                    check_shape(lent, view.shape, doing, name)
                    return view, self._key
        view = self._view_of(lent.scalar, doing)
        check_shape(lent, view.shape, doing, name)
        return view, self._key_of(lent.scalar)


def _scalar_entered(wrapper):
    return next(scalar for scalar, format in FORMAT.items() if format == wrapper._memcache.format)


def _compare_entered(wrapper, doing):
    """While entered, what is there now is compared with what was then, as a refresh or an update does it."""
    if wrapper._memcache is None:
        return
    wrapper._prepare(doing, None)
    for route in wrapper._routes:
        with contextlib.suppress(StorageChanged):  # for which the move has routes of its own
            route.follow()
        for one in route.comparing():
            if one.leaf.moved_by == "custom":  # the forms of all
                one.look(None)
            if type(one.leaf.path) is Path:  # of a list that is left to the walk over it
                one.leaf.check_length(one.leaf.path.follow())


def _may_take_strides(wrapper, lent):
    """Whether strides may be moved in one pass, not by way of a packed copy: not along trails of many collections or
    with a kernel between."""
    return all(type(wrapper._known_for(key)) in (Known, type(None)) for key in (wrapper._key, wrapper._key_of(lent.scalar)))


def _takes_strides(view):
    """Whether the routes of all leaves move between Blender and a cache with strides of its own. Where collections are
    many, only a packed one has a trail."""
    first = view.leaves[0].path
    return type(first) is Path and all(leaf.moved_by in ("", "weights") and leaf.path.steps == first.steps and (
        leaf.path.root is first.root) for leaf in view.leaves)


def _read_along(wrapper, known, lent):
    """True if native code has filled a packed buffer along a trail that is not of one array's elements alone."""
    if hasattr(known, "fits"):
        return known.fits(lent.cache.shape) and known.enter(wrapper._path, None, wrapper._more, wrapper._items, lent.cache)
    return known.read(wrapper._path, wrapper._more, wrapper._items, lent.cache, -1)


def _write_along(wrapper, known, lent):
    """The same to Blender."""
    if not hasattr(known, "fits"):
        return known.write(wrapper._path, wrapper._more, wrapper._items, lent.cache, -1)
    run = known.adopt(wrapper._path, wrapper._more, wrapper._items, lent.cache.shape)
    return run is not None and run.update(lent.cache, None)


def _fits(known, lent):
    """Whether a buffer has the cache's shape, as far as the trail knows it."""
    return len(lent.cache.shape) > 0 and lent.cache.shape[1:] == known.view.shape[1:]


def _is_worth(key, laid, lent):
    """Whether a kernel is made for a layout: of much data, or one that was met before."""
    met = key, laid
    if lent.cache.nbytes >= _LARGE or key is not None and met in _met:
        return True
    if len(_met) >= _MOST:
        _met.clear()
    _met.update([met] if key is not None else ())
    return False
