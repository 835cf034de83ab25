# runtime/rnaslicer/entered/moving.py: the routes of a view, one after the other.
"""A route whose storage has changed since it was chosen is chosen anew here."""

import contextlib

from .. import _core
from ..errors import ContextError, ShapeChangedError, SlicerError, StorageChanged
from ..transfer.choice import choose
from ..transfer.scripts import calls_scripts


_NOTHING = "nothing was written"


def move_each(routes, view, move, memcache, region):
    """`refresh`, `check` or `update` of every route; one whose storage has changed is chosen anew, once, then left
    to bpy. A script's code that it calls may leave the context."""
    if move == "refresh" and len(routes) > 1:  # a later part must not fail after an earlier one has moved
        for route in [route for route in routes if route.leads]:
            with contextlib.suppress(StorageChanged):  # which the move itself finds out
                route.look(region)
    for done, route in enumerate(routes):
        try:
            if done and is_released(memcache):
                raise ValueError("the MemCache is released")
            if done and move == "update" and route.leaf.property.runtime and calls_scripts(route.leaf):
                _check_orders(view)
            try:
                getattr(route, move)(memcache, region)
            except StorageChanged:
                if not route.leaf.property.runtime:  # whose trails compare it
                    _core.forget_trails()
                route.leaf.check_length(route.leaf.path.follow())  # another length is an error
                route = routes[done] = choose(route.asked, view)
                try:
                    getattr(route, move)(memcache, region)
                except StorageChanged:  # an element that no sample showed lacks what the others have
                    route = routes[done] = choose(route.asked, view, direct=False)
                    getattr(route, move)(memcache, region)
        except BaseException as error:
            if isinstance(error, ValueError) and not isinstance(error, SlicerError) and is_released(memcache):
                error = ContextError(f"the context was left by a script's code that the {move} called; done were "
                                     f"{done} of {len(routes)} parts")
            if done and move == "update":
                names = ", ".join(dict.fromkeys(str(r.leaf.property.identifier) for r in routes[:done]))
                before = f"written before this: {names} ({done} of {len(routes)} parts)"
                if isinstance(error, SlicerError) and _NOTHING in str(error):  # so it is for this part only
                    error = type(error)(str(error).replace(_NOTHING, before))
                else:
                    error.add_note(before)
            raise error


def _check_orders(view):
    """Raises ShapeChangedError where a script's code that an assignment called has taken datablocks away, added some or
    renamed one: an index counts others since."""
    for path, _, order in view.walked:
        if order is not None and not order.is_kept(path.follow()):
            raise ShapeChangedError(f"{path} has other datablocks now, or in another order: changed while they were "
                                    "written, by a script's code that the assignments called")


def is_released(memcache):
    try:
        return memcache.nbytes < 0
    except ValueError:
        return True
