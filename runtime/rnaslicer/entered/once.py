# runtime/rnaslicer/entered/once.py: a whole view moved once, between Blender and a buffer of the caller's.
"""`read`, `write` and what else a wrapper does without a MemCache that it keeps."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from .. import _core
from ..errors import ContextError
from .at_once import AtOnce
from .lent import check_apart, lend
from .packed import read_packed, write_packed

if TYPE_CHECKING:
    from typing import Generic, TypeVar, overload

    from .._core import Buffer

    _Out = TypeVar("_Out", bound="Buffer")
    _Once = TypeVar("_Once", bound="Once")
else:  # for checkers only: those of `typing` took a tenth of a session's first slicing
    _Once = None

    class Generic:
        """Of what kind, nobody asks."""

        __slots__ = ()

        def __class_getitem__(cls, _of):
            return cls

    def overload(func):
        """The last one stays, which takes all."""
        return func


class Edit(Generic[_Once]):
    """What `edit()` gives."""

    __slots__ = ("_cache", "_opened", "_wrapper")

    def __init__(self, wrapper: _Once) -> None:
        self._opened, self._cache = False, None
        self._wrapper: Any = wrapper

    def __enter__(self) -> _Once:
        """The wrapper, entered and with the values of now."""
        if self._cache is not None:
            raise ContextError(f"this edit of {self._wrapper._text} is entered already; say edit() again for a second")
        self._opened = self._wrapper._memcache is None
        if self._opened:
            self._wrapper.__enter__()
        else:
            self._wrapper.refresh()
        self._cache = self._wrapper._memcache
        return self._wrapper

    def __exit__(self, kind: object, *_: object) -> None:
        """Writes where nothing was raised, and leaves a context that it entered."""
        wrapper, cache, self._cache = self._wrapper, self._cache, None
        if wrapper._memcache is not cache:
            if kind is None:
                raise ContextError(f"{wrapper._text} was left within its edit(), so that nothing was written; end the "
                                   "edit first")
            return
        try:
            if kind is None:
                wrapper.update()
        finally:
            if self._opened:
                wrapper.__exit__(None, None, None)


class Once(AtOnce, _core.Exporter):
    """The part of `ViewWrapper` that moves all values at once. As a buffer it is its MemCache."""

    memcache: Any

    @overload
    def read(self, out: None = None) -> _core.MemCache: ...
    @overload
    def read(self, out: _Out) -> _Out: ...
    def read(self, out: Any = None) -> Any:
        """All values as Blender has them now, entered or not; the MemCache stays as it is.

        out: a writable buffer of the view's shape, with any strides and any format of `dtype`, into which the values
            are converted as by `dtype`; it is returned. None: a new MemCache, which is the caller's and lives on.

        Raises ExpressionError for what is no such buffer, RegionError where its shape is another or it cannot be
        written, SupplierLostError, ShapeChangedError (entered, shape or type are others now) or ContextError; then `out`
        is as it was.
        """
        try:
            if out is None:
                return self._read_new(self._scalar)
            if read_packed(self, out):
                return out
            doing = f"reading {self._text}"
            lent = lend(out, doing, "out", writable=True)
            try:
                check_apart(lent, doing, "out")
                self._read_into(lent, doing)
            finally:
                lent.release()
            return out
        except Exception as error:
            raise self._failed("reading", error)

    def write(self, values: Buffer) -> None:
        """Gives all values to Blender, entered or not, as `update` does; the MemCache stays as it is.

        values: a buffer of the view's shape, with any strides and any format of `dtype`.

        Raises what `update` raises, ExpressionError for what is no such buffer, and RegionError where its shape is
        another; then nothing was written.
        """
        try:
            if write_packed(self, values):
                return
            doing = f"writing {self._text}"
            lent = lend(values, doing, "values", writable=False)
            try:
                self._write_from(lent, doing)
            finally:
                lent.release()
        except Exception as error:
            raise self._failed("writing", error, True)

    def edit(self: _Once) -> Edit[_Once]:
        """`with wrapper.edit() as vw:` enters (entered already, it refreshes) and updates at the end, but writes
        nothing after an exception. Raises what enter, refresh and update raise."""
        return Edit(self)

    def open(self: _Once) -> _Once:
        """Enters, as `with` does, for handlers and modal operators that have none; gives the wrapper. `close` it."""
        return self.__enter__()  # type: ignore[attr-defined]

    def close(self) -> None:
        """Leaves, as `with` does; does nothing where it is not entered."""
        self.__exit__(None, None, None)  # type: ignore[attr-defined]

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        """NumPy asks here where the buffer is refused: outside the context it must not make an array of objects."""
        made = sys.modules["numpy"].asarray(memoryview(self.memcache), dtype)
        return made.copy() if copy else made
