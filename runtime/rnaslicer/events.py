# runtime/rnaslicer/events.py: Blender's news: evaluations, undo, redo, file loads.
"""Counts generations, and tells entered wrappers to look whether their supplier still exists."""

import sys
import traceback
import weakref

_generation = 0
_watched = weakref.WeakSet()
_HANDLERS = ("depsgraph_update_post", "frame_change_post", "undo_post", "redo_post", "load_post")


def generation():
    """Grows with every evaluation, undo, redo and file load since the first call."""
    subscribe()
    return _generation


def watch(wrapper):
    """From now on `wrapper._notice()` is called after each event."""
    subscribe()
    _watched.add(wrapper)


def unwatch(wrapper):
    """Ends it."""
    _watched.discard(wrapper)


def _happened(*_):
    global _generation
    _generation += 1
    for wrapper in list(_watched):
        try:
            wrapper._notice()
        except Exception:  # a script's callback must not stop Blender's other handlers
            traceback.print_exc(file=sys.stderr)


def subscribe():
    """Installs the handlers, again after someone cleared the lists."""
    import bpy

    global _generation
    bpy.app.handlers.persistent(_happened)
    for name in _HANDLERS:
        handlers = getattr(bpy.app.handlers, name)
        if _happened not in handlers:
            handlers.insert(0, _happened)  # before handlers that use wrappers
            _generation += 1  # something may have passed while nobody counted


def unsubscribe():
    """Takes the handlers out again; the add-on does so when it is switched off."""
    import bpy

    for name in _HANDLERS:
        handlers = getattr(bpy.app.handlers, name)
        while _happened in handlers:
            handlers.remove(_happened)
