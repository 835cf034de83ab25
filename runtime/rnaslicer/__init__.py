# runtime/rnaslicer/__init__.py: the public names.
"""Memoryviews for any bpy collection: bulk access to Blender's data at the speed of memcpy.

    from rnaslicer import Slicer
    with Slicer(mesh.vertices)[:, 'co', :] as vw:
        positions = numpy.asarray(vw.memcache)   # zero copy, shape (N, 3)
        positions *= 2
        vw.update()
"""

from . import system

if system.missing():
    raise ImportError(system.missing())
try:
    from ._core import MemCache
except ImportError as error:
    raise ImportError(system.not_loaded(error)) from error
from .assembly import assemble
from .calls.assign import assign_weights
from .discovery import DiscoveryError, discover
from .errors import (ContextError, ExpressionError, ReadOnlyError, RegionError, ShapeChangedError,
                     SlicerError, SupplierLostError, ValueRangeError)
from .calls.foreach import foreach_get, foreach_set
from .inspection import History, KernelInfo, cache_info, clear_cache, configure, history, kernels
from .slicer import Slicer
from .supplier import events  # for the add-on: `events.resume`, `events.unsubscribe`
from .wrapper import ViewWrapper

assemble()

__version__ = "0.2.0"

__all__ = ["ContextError", "DiscoveryError", "ExpressionError", "History", "KernelInfo", "MemCache",
           "ReadOnlyError", "RegionError", "ShapeChangedError", "Slicer", "SlicerError", "SupplierLostError",
           "ValueRangeError", "ViewWrapper", "assign_weights", "cache_info", "clear_cache", "configure", "discover",
           "foreach_get", "foreach_set", "history", "kernels"]
