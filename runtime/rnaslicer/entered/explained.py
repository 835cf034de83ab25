# runtime/rnaslicer/entered/explained.py: why a call of a wrapper failed; and copies, which are refused while it is entered.
"""Whatever a call meets (an argument that raises, another thread, a callback that removes what is being written) ends
in an error of ours. Why it failed is asked afterwards, so that what goes well pays nothing."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .. import _core
from ..basis.later import later
from ..errors import ContextError, ExpressionError, RegionError, ShapeChangedError, SlicerError, passes, shown
from ..supplier.contexts import check_context
from ..inspection.seen import title
from .retold import what_changed

if TYPE_CHECKING:
    from typing import TypeVar

    from ..inspection import info as _info

    _Answer = TypeVar("_Answer")
else:
    _info = later("inspection.info")


def asking(what: str) -> Callable[[Callable[[Any], _Answer]], Callable[[Any], _Answer]]:
    """A method of a wrapper that only asks."""
    def decorate(method: Callable[[Any], _Answer]) -> Callable[[Any], _Answer]:
        @functools.wraps(method)
        def call(self: Any) -> _Answer:
            memcache = self._memcache
            try:
                return method(self)
            except Exception as error:
                if passes(error):
                    raise
                raise self._explained(what, memcache, None, error) from error
        return call
    return decorate


class Explained:
    """The part of `ViewWrapper` that says what happened, and by which kernels."""

    _text: Any
    _memcache: Any
    _entered: Callable[[], None]
    _by_routes: Callable[[], Any]

    @property
    def kernel(self) -> _info.KernelInfo:
        """`KernelInfo` of the first leaf: plan, IR, assembly, route, origin, times."""
        return self.kernels[0]

    @property
    def kernels(self) -> list[_info.KernelInfo]:
        """`KernelInfo` of every leaf, in the order in which they fill the MemCache."""
        self._entered()
        text = title(self)
        return [_info.info_of(route, text) for route in self._by_routes()[1]]

    def _explained(self, doing, memcache, view, error):
        """What to raise for `error`. `memcache`: the one that there was when the call began, or None; `view`: what was
        given as region, or None."""
        doing = f"{doing} {self._text}"
        found = self._reason(doing, memcache, view)
        if found is None and isinstance(error, IndexError):  # of bpy's, for elements that were there
            found = ShapeChangedError(f"{doing}: elements were taken away meanwhile, by a script's code that was called: {error}")
        found = found or SlicerError(f"{doing}: {type(error).__name__}: {error}")
        for note in getattr(error, "__notes__", ()):
            found.add_note(note)
        return found

    def _named(self, doing, error):
        """A RegionError with the expression, which native code does not know."""
        text = self._text
        return error if text in str(error) else RegionError(f"{doing} {text}: {error}")

    def _reason(self, doing, memcache, view):
        """What is not as it was, asked of Blender now; None where nothing is."""
        try:
            check_context(doing)
            if memcache is not None:
                self._check_same(memcache, doing)
                self._check_region(memcache, view)
            self._find()
            if memcache is not None:
                for route in self._by_routes()[1]:
                    route.follow()
                changed = what_changed(self, memcache.shape)
                if changed:
                    return ShapeChangedError(f"{doing}: {'; '.join(changed)}; enter again")
        except SlicerError as why:
            return why
        except Exception:  # the first error tells more
            return None
        return None

    def _check_same(self, memcache, doing):
        """Raises ContextError if the context that had this MemCache was left."""
        if self._memcache is not memcache:
            raise ContextError(f"{doing}: the context was left meanwhile, by another thread or a callback")

    def _check_region(self, memcache, view):
        """Raises RegionError if `view` is no region; one whose buffer raises is none."""
        if view is None or view is memcache:
            return
        try:
            _core.region(memcache, view)
        except Exception as error:
            if passes(error):
                raise
            raise RegionError(f"{self._text}: {shown(view)} is no region of the MemCache: {type(error).__name__}: "
                              f"{error}") from error

    # Values are in the MemCache: `wrapper[...]` is what people try first.

    def __getitem__(self, _at: Any) -> Any:
        """Refused, with what to write: a wrapper is no array."""
        raise TypeError(self._no_array())

    def __setitem__(self, _at: Any, _values: Any) -> None:
        """Refused, with what to write: a wrapper is no array."""
        raise TypeError(f"{self._no_array()} = ..., and then call its update()")

    def _no_array(self):
        return f"{self._text} is no array, but has its values in a MemCache; while entered, write wrapper.memcache[...]"

    # Copies.

    def __copy__(self) -> Any:
        """Another wrapper of the same expression; ContextError while entered, for a MemCache has one owner."""
        if self._memcache is not None:
            raise ContextError(f"{self._text} cannot be copied while entered; make a second wrapper for a second "
                               "context, or copy its MemCache (numpy.array)")
        made = type(self).__new__(type(self))
        vars(made).update(vars(self))
        for name in ("_path", "_items", "_scalar", "_ragged", "_more", "_key", "_expression", "_told"):
            setattr(made, name, getattr(self, name))
        made.on_lost = list(self.on_lost)
        return made

    def __deepcopy__(self, _memo: object) -> Any:
        return self.__copy__()

    def __reduce_ex__(self, _protocol: object) -> Any:
        raise ExpressionError(f"{self._text} cannot be pickled: it names data of this session; keep the names of "
                              "the datablock and of the properties, and slice again")
