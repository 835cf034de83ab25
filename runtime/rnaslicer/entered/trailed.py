# runtime/rnaslicer/entered/trailed.py: how a wrapper follows trails, and goes without.
"""Native code enters, refreshes and updates where this session knows a trail (transfer/trails.py). Where that
declines, view and routes do it, as they do at first."""

from __future__ import annotations

import array
from typing import Any

from .. import _core
from ..basis.later import later
from ..errors import ExpressionError, ShapeChangedError, SlicerError
from ..layout.leaf import forms_of
from ..layout.storage import FORMAT
from ..supplier.identity import Path
from ..supplier.roster import Roster
from ..transfer.choice import choose
from ..transfer.described import is_few
from ..transfer.element import are_of_several, are_single
from ..transfer.foreach import are_arrays, are_asked, are_ones
from ..transfer.kinds import note_layers
from ..transfer.known import Known, KnownMany
from ..transfer.laid import PICKED, follow_keys
from ..transfer.routes import are_nothing
from ..transfer.trails import COMPOSED, find_known, is_told_since, let_native_code_follow, routes_of, unlearn
from ..transfer.writing.permission import translated
from .again import entered_again, keep
from .packed import scalar_in
from .retold import leads_elsewhere
from .learning import harmless, learnt_from_few, was_in_vain
from .variants import entered_as_other, learnt_now


_forms = later("transfer.own.forms")


class Trailed(_core.Context):
    """The part of `ViewWrapper` that has native code at hand: its base enters and leaves along a known trail of one
    collection without a step of Python."""

    # Native fields, None until they are set.
    _path: Any
    _items: Any
    _more: Any
    _key: Any
    _memcache: Any  # these only while entered
    _offsets: Any
    _view: Any  # these two are made when needed, where a trail does without
    _routes: Any
    _run: Any  # follows a trail; None where there is none
    _since = _forgotten = None  # _forgotten: how often trails were when it was last tried to make one
    _known: Any  # what that was made from, where it was followed from enter on
    _made: Any = None  # where routes were made later than at enter: how often trails had been forgotten then

    def _enter_by_trail(self):
        """True if native code has done it all, along a trail of many collections or through a matrix that this session
        knows."""
        known, from_few = find_known(self._key), False
        if known is None and self._enter_again():
            return True
        if known is None:
            known = learnt_from_few(self, self._key, self._scalar)
            from_few = known is not None
        if known is None:
            return False
        entered = self._enter_along(known, self)
        if entered is None:
            if from_few:
                was_in_vain(self._key)
            return self._enter_by_other(known)
        self._take(known, entered)
        return True

    def _enter_by_other(self, declined=None):
        """The same along another trail of the key than that which declined."""
        declined = find_known(self._key) if declined is None else declined
        found = declined and entered_as_other(self._key, declined, lambda other: self._enter_along(other, self))
        if found:
            self._take(*found)
        return found is not None

    def _take(self, known, entered):
        self._run, self._memcache, *offsets = entered
        if offsets and offsets[0] is not None:
            self._offsets = self._offsets_of(array.array("q", offsets[0]))
        path = self._path
        self._known = known
        if type(known) is KnownMany and known.rows == PICKED and self._run.uids is not None:  # else nobody asks which
            self._known = known.picking(path, self._items)
        self._told, self._since = False, _core.now()
        # As many as a text tells.
        named = path[:3] if type(path) is list else path.said() if type(path) is Roster else path
        _core.note_entered(known.signatures, named, self._expression, self._key)
        self._subscribe()

    def _enter_again(self):
        """True if the routes of an earlier enter have done it all."""
        entered = entered_again(self._key, self._path, self)
        if entered is None:
            return False
        self._view, self._routes, self._memcache = entered
        self._told, self._since = False, _core.now()
        _core.note_entered(tuple(route.kernel.signature for route in self._routes), self._path, self._expression,
                           self._key)
        self._subscribe()
        return True

    def _enter_along(self, known, wrapper):
        """(run, filled MemCache), and for many collections offsets; None where the trail declines."""
        path = self._path
        if type(known) is Known:
            return known.trail.enter(path.root, path.steps + known.beyond, wrapper)
        return known.enter(path, wrapper, self._more, self._items)

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

    @harmless
    def _learn_trail(self, entering=False):
        """From now on native code does what the routes have just done, if it can. A trail is made anew when `entering`,
        and of routes that were made since trails were forgotten: older ones may have kernels that were cleared."""
        if self._key is None or self._routes is None:
            return
        known = find_known(self._key)
        if not entering and is_told_since(known):
            known = None
        filled = [route for route in self._routes if not is_few(route)]
        followed = are_asked(self._routes) or are_single(self._routes) or are_arrays(
            self._routes) or are_ones(self._routes) or are_of_several(self._routes) or are_nothing(self._routes) or (
            filled and all(hasattr(route, "absent") for route in filled))
        if followed and known is None and not entering:
            known = self._known_anew()
        anew = entering or self._made == _core.trails_forgotten()
        if not followed or known is None and not anew:
            self._run = None
            if known is None and entering:
                keep(self._key, self._path, self._view, self._routes)
            return
        if entering:
            self._forgotten = _core.trails_forgotten()
        if entering or known is None:
            known = learnt_now(self._key, self._path, self._view, self._routes)
            if known is None:
                keep(self._key, self._path, self._view, self._routes)
        if known is not None and scalar_in(known) != self._view.scalar:  # of a property that had another form
            self._run = None
        elif type(known) is KnownMany:
            self._adopt_many(known, entering)
        elif type(known) in COMPOSED:
            self._run = known.adopt(self._path, self._more, self._items, self._memcache.shape)
            if self._run is not None and hasattr(known, "is_order_of") and not known.is_order_of(self._view, self._run):
                self._run = None
        else:
            if known is not None and are_asked(self._routes):
                self._by_memory()
            missing = tuple(getattr(route, "absent", None) for route in self._routes)
            self._run = None if known is None or None in missing else known.trail.adopt(
                self._path.root, self._path.steps + known.beyond, self._view.leaves[0].rows.length, missing)

    def _by_memory(self):
        """Other routes, where bpy told the values at enter and a trail says that memory tells them by now; what they compare
        is what was at enter."""
        anew = [choose(route.asked, self._view) for route in self._routes]
        for other, route in zip(anew, self._routes):
            other.kinds = route.kinds
        self._routes = anew

    def _known_anew(self):
        """The trail that entering the expression makes, where all were forgotten since this wrapper was entered: else each
        call would be the routes' until somebody enters it. Once for each time; None where none is made."""
        forgotten = _core.trails_forgotten()
        if self._forgotten == forgotten:
            return None
        self._forgotten = forgotten
        again = type(self)(self._path, self._items, self._expression, self._scalar, self._ragged, None, self._more)
        try:
            with again:
                return find_known(self._key)
        except SlicerError:  # it would not be entered now
            return None

    def _adopt_many(self, known, entering):
        """Enters once more along the trail, since a run notes things when it enters. It is taken if it has the same shape,
        and when `entering` the same values: later the cache may hold what is not written yet."""
        self._run = None
        entered = known.enter(self._path, self, self._more, self._items)
        if entered is None:
            return
        run, memcache, offsets = entered
        known = known if known.rows != PICKED else known.picking(self._path, self._items)
        same = memcache.shape == self._memcache.shape and (offsets is None or offsets == self._offsets.tobytes()) and (
            run.lengths is None or run.lengths == array.array("q", self._view.lengths).tobytes())
        if same and known.is_order_of(self._view, run):
            if not entering or memoryview(memcache).cast("B") == memoryview(self._memcache).cast("B"):
                self._run = run
            else:
                unlearn(self._key)
        _core.disable(memcache)

    def _resolved_now(self):
        """The view as entering now would find it."""
        try:
            return self._resolve()
        except ExpressionError as error:
            if self._memcache is None:
                raise
            raise self._told_of(ShapeChangedError(leads_elsewhere(self, error))) from error

    def _by_routes(self):
        """View and routes, made now if a trail has done without; what they compare is what was at enter."""
        moment = getattr(self._run, "moment", None)
        if moment is not None:
            (self._path if type(self._path) is Path else self._path[0]).noted(moment)
        if self._routes is None and type(self._known) is not Known:
            try:
                view = self._view_at_enter() or self._resolve()
            except ExpressionError as error:
                follow_keys(self._path, self._items)
                if hasattr(self._known, "check_length"):
                    self._known.check_length(self._path, self._run)
                raise ShapeChangedError(leads_elsewhere(self, error)) from error
            if hasattr(self._known, "compare"):
                self._known.compare(view, self._run)
            offsets = None if view.offsets is None else array.array("q", view.offsets).tobytes()
            if FORMAT[view.scalar] != self._memcache.format:
                raise ShapeChangedError(f"{self._text}: the values were of format {self._memcache.format!r} when the "
                                        f"context was entered and are of {FORMAT[view.scalar]!r} now; enter again")
            other = self._known.differing(view, self._run)
            if other is None and offsets is not None and offsets != self._offsets.tobytes():
                other = _differing_row(self._offsets.tolist(), view)
            if other is not None:
                raise ShapeChangedError(f"{self._text}: {other[0]} had {other[1]} elements when the context was "
                                        f"entered and has {other[2]} now; enter again")
            if view.shape != self._memcache.shape:
                raise ShapeChangedError(f"{self._text}: the shape went from {self._memcache.shape} to {view.shape} "
                                        "since the context was entered; enter again")
            if type(self._known) is KnownMany:
                self._known.recall_order(view, self._run)
            self._made = _core.trails_forgotten()
            self._view, self._routes = view, [choose(leaf, view) for leaf in view.leaves]
            if type(self._known) is KnownMany or type(self._known) in COMPOSED:
                self._known.note(self._view, self._routes, self._run)
            if type(self._known) is KnownMany and self._run.domain:
                note_layers(self._routes, self._run.domain)
        elif self._routes is None:
            self._made = _core.trails_forgotten()
            self._view, self._routes = routes_of(self._known, self._path, self._run)
        return self._view, self._routes

    def _view_at_enter(self):
        """That of custom properties, which may be of another form by now; None where it has to be resolved."""
        view = getattr(self._known, "view", None)
        is_custom = view is not None and forms_of(view.leaves)
        return _forms.view_at_enter(self._known, self._path, self._items, self._run) if is_custom else None


def _differing_row(before, view):
    """The first element that has another number of rows: (what, number then, number now)."""
    lengths = zip(before, before[1:], view.offsets, view.offsets[1:])
    legs, rest = divmod(len(view.leaves), max(len(view.offsets) - 1, 1))
    for at, (start, end, first, stop) in enumerate(lengths):
        if end - start != stop - first:
            path = None if rest or not legs else view.leaves[at * legs].path
            return path if type(path) is Path else f"element {at}", end - start, stop - first
    return "the supplier", len(before) - 1, len(view.offsets) - 1


let_native_code_follow()
