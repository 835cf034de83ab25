# runtime/rnaslicer/entered/lent.py: a buffer of a script's, for the length of one read or write.
"""What may be wrong with it is said before anything is touched. While it is lent its owner cannot release it."""

from __future__ import annotations

import math
from typing import Any

from .. import _core
from ..errors import ExpressionError, RegionError, passes, shown
from ..basis.records import Record
from ..layout.storage import FORMAT, SCALAR, SIZE, strides_of

_INTEGERS = {"l": "i", "q": "i", "i": "i", "L": "u", "Q": "u", "I": "u"}  # of a size that the item's tells
_EXAMPLES = "numpy.empty(wrapper.shape, wrapper.format)"


class Lent(Record):
    """A buffer whose items are of a format of ours."""

    cache: Any  # a MemCache on the buffer's memory, of the buffer's shape
    scalar: str

    @property
    def strides(self) -> tuple[int, ...]:
        """Bytes from item to item of each axis; of an axis with one step, as if packed."""
        found: list[int] = []
        below = SIZE[self.scalar]
        for extent, stride in zip(reversed(self.cache.shape), reversed(self.cache.strides)):
            found.append(stride if extent > 1 else below)
            below = abs(found[-1]) * max(extent, 1)
        return tuple(reversed(found))

    @property
    def is_packed(self) -> bool:
        """Whether the items lie as in a MemCache of that shape."""
        return not self.cache.nbytes or self.strides == strides_of(self.cache.shape, SIZE[self.scalar]) and not self.is_indirect

    @property
    def is_indirect(self) -> bool:
        """Whether pointers lead to the items."""
        return any(at >= 0 for at in self.cache.suboffsets)

    @property
    def is_nested(self) -> bool:
        """Whether all of an axis lies within one step of the axis before it, as a plan wants it: not so a transpose,
        nor what was broadcast."""
        reach = SIZE[self.scalar]
        for stride, extent in zip(reversed(self.strides), reversed(self.cache.shape)):
            if abs(stride) < reach and extent > 1:
                return False
            reach += abs(stride) * (extent - 1)
        return not self.is_indirect

    def release(self) -> None:
        """Its owner may release it again."""
        _core.disable(self.cache)


def lend(buffer: Any, doing: str, name: str, writable: bool) -> Lent:
    """The buffer as `name` of what is being done. ExpressionError for what is no buffer of numbers in native order,
    RegionError for one that cannot be written or was released."""
    try:
        # A view of another's MemCache would be released with it.
        own = isinstance(buffer, (_core.MemCache, _core.Exporter))
        cache = _core.from_buffer(memoryview(buffer) if own else buffer, writable=writable)
    except Exception as error:
        if passes(error):
            raise
        if isinstance(error, TypeError):
            example = _EXAMPLES if writable else "numpy.broadcast_to(values, wrapper.shape), of one number, a row or a list"
            raise ExpressionError(f"{doing}: {name}={shown(buffer)} is no buffer; give one such as {example}"
                                  ) from error
        raise RegionError(f"{doing}: the buffer {name} is not to be had: {type(error).__name__}: {error}") from error
    try:
        scalar = _scalar_of(cache.format, cache.itemsize)
        if scalar is None:
            raise ExpressionError(f"{doing}: items of {name} have the format {cache.format!r}, of {cache.itemsize} "
                                  f"bytes, which is none of {' '.join(SCALAR)} in native byte order; convert it first, "
                                  "or give a buffer of another dtype")
        if writable and cache.readonly:
            raise RegionError(f"{doing}: {name} is read-only; give a buffer that can be written, such as {_EXAMPLES}")
        if cache.format not in SCALAR and cache.format not in _INTEGERS:  # spelled with its byte order
            cache = _plain(cache, scalar)
        return Lent(cache, scalar)
    except BaseException:
        _core.disable(cache)
        raise


def check_shape(lent: Lent, shape: tuple[int, ...], doing: str, name: str) -> None:
    """RegionError unless the buffer has just that shape."""
    if lent.cache.shape == shape:
        return
    count, wanted = math.prod(lent.cache.shape), math.prod(shape)
    fits = f"; it has as many items: give {name}.reshape({shape})" if count == wanted else ""
    raise RegionError(f"{doing}: {name} has the shape {lent.cache.shape}, which must be {shape}{fits}")


def check_apart(lent: Lent, doing: str, name: str) -> None:
    """RegionError where one item of a buffer that is to be filled stands for several. (NumPy gives all axes of what is
    empty the stride 0.)"""
    if lent.cache.nbytes and any(n > 1 and not s for n, s in zip(lent.cache.shape, lent.cache.strides)):
        raise RegionError(f"{doing}: {name} has one item for all steps of an axis (it was broadcast); give a buffer "
                          "that has an item for each value")


def scalar_of(buffer: Any) -> str | None:
    """The type of a buffer's items; None where they are of none of ours, or it is none."""
    try:
        view = memoryview(buffer)
    except Exception as error:
        if passes(error):
            raise
        return None
    return _scalar_of(view.format, view.itemsize)


def _scalar_of(format: str, itemsize: int) -> str | None:
    char = format[1:] if format[:1] in ("@", "=", "<") else format
    if char in _INTEGERS:
        return f"{_INTEGERS[char]}{8 * itemsize}" if itemsize in (4, 8) else None
    scalar = SCALAR.get(char)
    return scalar if scalar is not None and SIZE[scalar] == itemsize else None


def _plain(cache: Any, scalar: str) -> Any:
    """The same items, in the format as memoryviews spell it."""
    if not math.prod(cache.shape):
        return _core.from_buffer(bytearray(0), cache.shape, FORMAT[scalar])
    span, first = _core.spread(cache)
    return _core.from_buffer(memoryview(span), cache.shape, FORMAT[scalar], cache.strides, first, cache.readonly)
