# runtime/rnaslicer/__init__.py: the public names.
"""Memoryviews for any bpy collection: bulk access to Blender's data at the speed of memcpy.

    from rnaslicer import Slicer
    with Slicer(mesh.vertices)[:, 'co', :] as vw:
        positions = numpy.asarray(vw.memcache)   # zero copy, shape (N, 3)
        positions *= 2
        vw.update()
"""

import gc as _gc
import importlib as _importlib
import os as _os
import sys as _sys

from . import system

if system.missing():
    raise ImportError(system.missing())
try:
    from ._core import MemCache
except ImportError as error:
    raise ImportError(system.not_loaded(error)) from error

__version__ = "0.2.0"

TYPE_CHECKING = False
if TYPE_CHECKING:  # for type checkers and editors; Python loads what is asked for, see __getattr__
    from .calls.assign import assign_weights
    from .calls.foreach import foreach_get, foreach_set
    from .discovery import DiscoveryError, discover
    from .errors import (ContextError, ExpressionError, ReadOnlyError, RegionError, ShapeChangedError,
                         SlicerError, SupplierLostError, ValueRangeError)
    from .inspection import cache_info, clear_cache, configure
    from .inspection.info import KernelInfo, kernels
    from .inspection.recording import History, history
    from .slicer import Slicer
    from .supplier import events  # for the add-on: `events.resume`, `events.unsubscribe`
    from .wrapper import ViewWrapper

# Blender loads the package whenever it starts, and most sessions use nothing of it: name -> module that has it.
_MODULE_OF = {name: module for module, names in {
    "calls.assign": ("assign_weights",), "calls.foreach": ("foreach_get", "foreach_set"),
    "discovery": ("DiscoveryError", "discover"),
    "errors": ("ContextError", "ExpressionError", "ReadOnlyError", "RegionError", "ShapeChangedError", "SlicerError",
               "SupplierLostError", "ValueRangeError"),
    "inspection.info": ("KernelInfo", "kernels"), "inspection.recording": ("History", "history"),
    "inspection": ("cache_info", "clear_cache", "configure"),
    "slicer": ("Slicer",), "supplier": ("events",), "wrapper": ("ViewWrapper",)}.items() for name in names}
_ASSEMBLED = ("assign_weights", "foreach_get", "foreach_set", "ViewWrapper")  # need all rooms put together

__all__ = ["ContextError", "DiscoveryError", "ExpressionError", "History", "KernelInfo", "MemCache",
           "ReadOnlyError", "RegionError", "ShapeChangedError", "Slicer", "SlicerError", "SupplierLostError",
           "ValueRangeError", "ViewWrapper", "assign_weights", "cache_info", "clear_cache", "configure", "discover",
           "foreach_get", "foreach_set", "history", "kernels"]


def _stamp():
    """What tells this package's files from those of another build that took their place; None: there are none.

    A packed build has a file BUILD, the same wherever and whenever Blender unpacks it: it takes a wheel away where its
    add-on is switched off, and unpacks it anew where that is switched on.
    """
    try:
        with open(_os.path.join(_os.path.dirname(__file__), "BUILD"), encoding="ascii") as file:
            return file.read()
    except OSError:
        pass
    try:
        info = _os.stat(__file__)
    except OSError:
        return None
    return info.st_ino, info.st_mtime_ns, info.st_size


_loaded_from = _stamp()


def _load(module):
    """A module of the package. Raises ImportError where its files were replaced, or are gone, since it was imported."""
    name = f"{__name__}.{module}"
    if name not in _sys.modules and (now := _stamp()) != _loaded_from:  # what is loaded goes on
        if now is not None:
            raise ImportError(f"rnaslicer {__version__} was replaced while Blender ran: restart Blender")
        raise ImportError(f"the files of rnaslicer {__version__} are gone from {_os.path.dirname(__file__)}: its add-on "
                          "was switched off, as factory settings do, or removed; switch it on again")
    if name in _sys.modules:
        return _importlib.import_module(name)
    collects = _gc.isenabled()
    _gc.disable()
    try:
        found = _importlib.import_module(name)
        # Python's collector takes all that is there for old: thousands of objects came and none went, and it would look
        # at them, and at what Blender's Python holds, four times, 10 ms of a session's first slicing.
        if not _gc.get_freeze_count():  # else a script has frozen what `unfreeze` would thaw
            _gc.freeze()
            _gc.unfreeze()
        return found
    finally:
        if collects:
            _gc.enable()


def _assemble():
    """Loads what moves data and puts it together."""
    _load("assembly").assemble()


def __getattr__(name):
    """A public name or a room, when it is first asked for."""
    if name.startswith("__"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name in _MODULE_OF:
        if name in _ASSEMBLED:
            _assemble()
        module = _load(_MODULE_OF[name])
        found = getattr(module, name, None) or _load(f"{_MODULE_OF[name]}.{name}")
        globals()[name] = found
        return found
    try:
        return _load(name)
    except ModuleNotFoundError as error:
        if error.name != f"{__name__}.{name}":
            raise
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted({*globals(), *__all__, *_MODULE_OF})
