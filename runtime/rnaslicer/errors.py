# runtime/rnaslicer/errors.py: what can go wrong, as exceptions that scripts may already catch.
"""Every error of rnaslicer is a `SlicerError`; each is also the built-in error it resembles most.

An error is raised before anything is touched, unless its message says exactly what was written.
"""

import functools


class SlicerError(Exception):
    """Base of all errors raised by rnaslicer."""


class ExpressionError(SlicerError, TypeError):
    """The slice expression does not fit the supplier (the message names the item that failed), or an argument is
    none that the call takes."""


class RegionError(ExpressionError, ValueError):
    """A view given to refresh or update is no region of this wrapper's current MemCache; or a buffer given to read or
    write has another shape than the view, cannot be written or was released."""


class SupplierLostError(SlicerError, ReferenceError):
    """The supplier's data is gone: removed, replaced by a file load, or undone."""


class ShapeChangedError(SlicerError, BufferError):
    """A collection has another length or type than when the context was entered."""


class ReadOnlyError(SlicerError, TypeError):
    """The property or its data cannot be written, or a write would be lost."""


class ContextError(SlicerError, RuntimeError):
    """Not now or not here: off the main thread, during a render, or where bpy forbids writing."""


class ValueRangeError(SlicerError, ValueError):
    """A value that an update would store is none that the property may have, or that of a setting none that it
    may have."""


class StorageChanged(ShapeChangedError):
    """Values lie elsewhere or otherwise than when the context was entered. The wrapper looks anew; it
    reaches a script only where that fails, too."""


# ---- at the borders: what leaves a public call is right, or one of these


def passes(error):
    """Whether an error goes to the script as it is; so what a module that is loaded now says of the package's files."""
    return isinstance(error, (SlicerError, MemoryError, ImportError))


def shown(value):
    """repr, of objects that may have none, too; never long."""
    try:
        text = repr(value)
    except Exception:
        text = object.__repr__(value)
    return text if len(text) <= 200 else text[:200] + "…"


def refused(what, error):
    """The error for a call whose argument raised, or has a type or value that it cannot take."""
    text = f"{what}: {type(error).__name__}: {error}"
    if isinstance(error, ReferenceError):
        return SupplierLostError(text)
    return (ValueRangeError if isinstance(error, (ValueError, OverflowError)) else ExpressionError)(text)


def checked(function):
    """A public function of settings and counts: what its arguments do wrong is a SlicerError."""
    @functools.wraps(function)
    def call(*arguments, **named):
        try:
            return function(*arguments, **named)
        except Exception as error:
            if passes(error):
                raise
            raise refused(function.__name__, error) from error
    return call


def text_of(path):
    """A supplier as errors name it."""
    if hasattr(path, "said"):
        return f"Slicer([{', '.join(path.said()[:2])}{', ...' if len(path) > 2 else ''}])"
    if isinstance(path, list):
        shown = ", ".join(str(p) for p in path[:2])
        return f"Slicer([{shown}{', ...' if len(path) > 2 else ''}])"
    return f"Slicer({path})"
