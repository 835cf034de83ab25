# runtime/rnaslicer/entered/packed.py: a caller's buffer along what is entered or known, all in native code.
"""A buffer of the items' own type moves where it lies, or, with other strides, by way of a packed copy: small data never has
a kernel of its layout compiled. What is declined here is left to at_once.py, which says why."""

from __future__ import annotations

from .. import _core
from ..basis.records import replace
from ..errors import SlicerError
from ..layout.leaf import elements_of
from ..layout.storage import FORMAT
from ..supplier.identity import Path
from ..transfer.known import Known, KnownMany
from ..transfer.writing.permission import translated
from .lent import scalar_of

_ALL = "slice", None, None, None
_NONE = None, None, None


def read_packed(wrapper, out):
    """True if a buffer was filled."""
    run, memcache = wrapper._run, wrapper._memcache
    found = None if run is None else _core.as_packed(out, memcache.format, True)
    if found is not None and wrapper._run is run:  # code of the buffer's own may have left the context
        packed, own = found
        if packed.shape != memcache.shape or not run.refresh(packed, None):
            return False
    else:
        known = wrapper._known_for(wrapper._key)
        if _moves(wrapper, known, out, False):
            return True
        known, packed, own = _known_to(wrapper, known, out, True)
        if not _moves(wrapper, known, packed, False):
            return False
    if own is not None:
        own[...] = packed
    return True


def write_packed(wrapper, values):
    """True if a buffer's values were written."""
    run, memcache = wrapper._run, wrapper._memcache
    found = None if run is None else _core.as_packed(values, memcache.format, False)
    if found is not None and wrapper._run is run:
        packed, own = found
        if packed.shape != memcache.shape:
            return False
        if own is not None:
            packed[...] = own
        return wrapper._update_by_run(packed)
    known = wrapper._known_for(wrapper._key)
    try:
        if _moves(wrapper, known, values, True):
            return True
        known, packed, own = _known_to(wrapper, known, values, False)
        if own is not None:
            packed[...] = own
        return _moves(wrapper, known, packed, True)
    except SlicerError:
        raise
    except (AttributeError, TypeError, ValueError, RuntimeError) as error:  # after the values were written
        raise told(error, known, wrapper._path) from error


def _moves(wrapper, known, buffer, writes):
    """True if native code has moved all along what is known. None is: nothing."""
    if known is None or _is_compared(wrapper, known):
        return False
    path, memcache = wrapper._path, wrapper._memcache
    rows = memcache.shape[0] if memcache is not None and memcache.shape else -1  # of what is entered as many as then
    if type(known) is Known:
        move = known.trail.write_packed if writes else known.trail.read_packed
        return move(path.root, path.steps + known.beyond, buffer, rows)
    return (known.write if writes else known.read)(path, wrapper._more, wrapper._items, buffer, rows)


def _known_to(wrapper, known, buffer, writable):
    """(what is known that moves a buffer's items, *_core.as_packed): `known`, the wrapper's own, where they are of its type,
    else what is known of theirs. None three times where there is none."""
    found = None if known is None else _core.as_packed(buffer, FORMAT[scalar_in(known)], writable)
    if found is None:
        scalar = scalar_of(buffer)
        known = None if scalar is None else wrapper._known_for(wrapper._key_of(scalar))
        found = None if known is None else _core.as_packed(buffer, FORMAT[scalar], writable)
    return _NONE if found is None else (known, *found)


def _is_compared(wrapper, known):
    """Whether what a read or write may reach is compared with what was entered, as a refresh or update does: more than one
    collection, datablocks that a number counts, or a collection of which these are a part may be others now; a layer or
    custom property may be of another type than that, which trails of other items know, too."""
    if wrapper._memcache is None:
        return False
    entered = wrapper._view or getattr(wrapper._known, "view", None)
    return entered is None or type(known) is not Known or any(
        item[0] in ("int", "slice") and tuple(item) != _ALL for item in wrapper._items) or (
            entered is not known.view and elements_of(entered.leaves) != elements_of(known.view.leaves))


def scalar_in(known):
    """The type of the items that a trail moves."""
    return known.scalar if type(known) is KnownMany else known.view.scalar


def told(error, known, path):
    """bpy's error as ours, of what `path` leads to, not of what the trail was learnt from; of many collections the routes
    have told."""
    leaf = getattr(known, "leaf", None)
    if leaf is not None and type(path) is Path and hasattr(known, "beyond"):
        leaf = replace(leaf, path=Path(path.root, path.steps + known.beyond))
    return error if leaf is None else translated(error, leaf, 1, 1)
