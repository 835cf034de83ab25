# runtime/rnaslicer/supplier/contexts.py: where Blender's data may be touched (docs/contexts.md).
"""Asked by enter, refresh and update before anything else."""

import sys

from .. import _core
from ..errors import ContextError
from .identity import check_running


def check_context(what):
    """Raises ContextError off Blender's main thread, in drivers, while a render job runs, while the
    add-on is switched off, and when Blender exits."""
    if _core.is_free():
        return
    check_running()
    check_unrestricted(what)
    if not _core.is_main_thread():
        raise ContextError(f"{what} must run on Blender's main thread; hand the work to it, for "
                           "example with bpy.app.timers.register")
    import bpy

    for job in ("RENDER", "OBJECT_BAKE"):
        if bpy.app.is_job_running(job):
            raise ContextError(f"{what} while a render job runs; wait until bpy.app.is_job_running({job!r}) "
                               "is False")
    if _in_driver():
        raise ContextError(f"{what} in a driver: Blender evaluates on any thread, and on others meanwhile; "
                           "use a handler such as bpy.app.handlers.depsgraph_update_post")


def check_unrestricted(what):
    """Raises ContextError while Blender registers add-ons: what stands for bpy.data then has no data."""
    import bpy

    if not isinstance(bpy.data, bpy.types.BlendData):
        raise ContextError(f"{what} while Blender registers add-ons, where bpy.data is not to be had; wait for a "
                           "timer (bpy.app.timers.register) or the handler load_post")


def _in_driver():
    frame = sys._getframe(2)
    while frame is not None:
        if frame.f_code.co_filename == "<bpy driver>":
            return True
        frame = frame.f_back
    return False
