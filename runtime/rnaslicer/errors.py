# runtime/rnaslicer/errors.py: what can go wrong, as exceptions that scripts may already catch.
"""Every error of rnaslicer is a `SlicerError`; each is also the built-in error it resembles most.

An error is raised before anything is touched, unless its message says exactly what was written.
"""


class SlicerError(Exception):
    """Base of all errors raised by rnaslicer."""


class ExpressionError(SlicerError, TypeError):
    """The slice expression does not fit the supplier; the message names the item that failed."""


class RegionError(ExpressionError, ValueError):
    """A view given to refresh or update is no region of this wrapper's current MemCache."""


class SupplierLostError(SlicerError, ReferenceError):
    """The supplier's data is gone: removed, replaced by a file load, or undone."""


class ShapeChangedError(SlicerError, BufferError):
    """A collection has another length or type than when the context was entered."""


class ReadOnlyError(SlicerError, TypeError):
    """The property or its data cannot be written, or a write would be lost."""


class ContextError(SlicerError, RuntimeError):
    """Not now or not here: off the main thread, during a render, or where bpy forbids writing."""


class ValueRangeError(SlicerError, ValueError):
    """A value that an update would store is none that the property may have."""


class StorageChanged(ShapeChangedError):
    """Values lie elsewhere or otherwise than when the context was entered. The wrapper looks anew; it
    reaches a script only where that fails, too."""
