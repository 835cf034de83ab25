# runtime/rnaslicer/supplier/events.py: Blender's news: evaluations, undo, redo, file loads, switching off, exit.
"""Keeps a log of what happened, and tells entered wrappers to look whether their supplier still exists.

Blender tells of no deletion. So every event asks each watched root (a datablock, identity.py) once, however
many wrappers hang on it, and bothers only the wrappers of those that went or came back.
"""

import collections
import sys
import threading
import time
import traceback
import weakref

from .. import _core
from ..basis.records import Record


class Event(Record):
    """Something that may end or replace data."""

    number: int  # grows with each
    kind: str  # undo, redo, load, evaluation, frame, render
    when: float  # time.time()
    detail: str  # the file's path, for a load


class _State:
    number = 0  # of the last event; native code counts (runtime/supplier/moment.cpp), this is what it said
    heard = 0  # number since which Blender tells us of all
    loads = 0
    stopped = ""  # why nothing may be done any more
    look = 0  # number of the look that is going on, or 0
    looks = 0


_state = _State()
_log = collections.deque(maxlen=32)  # without evaluations and frames: too many, and they end no datablock
_last = {}  # kind -> its last event
_main_thread = threading.main_thread()
_EXIT = "Blender is exiting"
_roots = weakref.WeakSet()  # all there are
_watched = set()  # those with watchers


now = _core.now  # this moment: (number of the event before it, time.time())


def clock(when):
    """time.time() as a user reads it."""
    return time.strftime("%H:%M:%S", time.localtime(when))


def since(moment, *kinds):
    """The first event of these kinds after `moment` that the log still has, or None."""
    return next((e for e in _log if e.number > moment[0] and e.kind in kinds), None)


def last(kind):
    """The last event of a kind, or None."""
    return _last.get(kind)


def lasts():
    """The last event by kind; native code looks there."""
    return _last


def generation():
    """Grows with every event since the first call. Evaluated data does not survive an event."""
    subscribe()
    return _state.number


def deaf_since(moment):
    """Whether Blender told nothing for a while after `moment`: a script had cleared the lists of handlers."""
    import bpy

    return _state.heard > moment[0] or _on_load not in bpy.app.handlers.load_post


def loads():
    """How many files were loaded since the first call."""
    return _state.loads


returns = _core.returns  # how many undos and redos there were since the first call


def stopped():
    """Why rnaslicer must not touch Blender now ("the add-on ... was switched off at ..."), or ""."""
    # Python ends its threads first, then calls atexit's functions; Blender has freed its data before.
    if not _state.stopped and not _main_thread.is_alive():
        _halt(_EXIT)
    return _state.stopped


def _halt(why):
    _state.stopped = why
    _core.set_stopped(bool(why))


# Native code does not ask whether the main thread is alive. Python calls these functions when it has ended its
# threads, right before atexit's (concurrent.futures relies on it, too).
threading._register_atexit(lambda: _halt(_state.stopped or _EXIT))


def look():
    """The number of the look at all roots that is going on, or 0: what one root learns, others may use."""
    return _state.look


# Watching.


class Watched(_core.Watched):
    """Base of roots: who watches it, and whether it was there when an event last asked."""

    in_main = False
    unwritable = "is evaluated or temporary data: a write would be lost"
    is_passing = False
    has_trails = False  # native code may follow what leads from it
    evaluates = False  # `find` has Blender evaluate what waits for it

    def __init__(self):
        self.was_there = True
        _roots.add(self)

    def is_there(self):
        """Whether `find` would give it; asked at each event, so cheap."""
        raise NotImplementedError


watch, unwatch = _core.watch, _core.unwatch  # a wrapper, and a root or a set of them


def _look(thorough):
    """Asks each watched root once. `thorough`: also those that nobody watches, and wrappers look whether
    the ways from their roots are whole."""
    if not _core.is_main_thread():  # a render job's handlers: counted, looked at on the next occasion
        return
    _state.looks += 1
    _state.look = _state.looks
    concerned = []
    try:
        for root in list(_roots if thorough else _watched):
            was_there, root.was_there = root.was_there, root.is_there()
            if not root.watchers:  # also of wrappers that were dropped without leaving their context
                _watched.discard(root)
            elif thorough or root.was_there != was_there:
                concerned.extend(root.watchers)
    finally:
        _state.look = 0
    for wrapper in concerned:  # may run scripts' callbacks, which may change anything
        _tell(wrapper)


def _tell(wrapper):
    try:
        wrapper._notice()
    except Exception:  # must not stop Blender's other handlers
        traceback.print_exc(file=sys.stderr)


def _happened(kind, detail=""):
    _state.number = _core.tick()
    event = _last[kind] = Event(_state.number, kind, time.time(), detail)
    if kind not in ("evaluation", "frame"):
        _log.append(event)


# Blender's handlers. Those before an undo or load tell what was gone already from what the event takes.


def _before(*_):
    _look(True)


def _on_evaluation(*_):
    _happened("evaluation")
    _look(False)


def _on_frame(*_):
    _happened("frame")
    _look(False)


def _on_render(*_):
    _happened("render")  # its evaluated data goes with it
    _look(False)


def _on_undo(*_):
    _core.tick_return()
    _happened("undo")
    _look(True)


def _on_redo(*_):
    _core.tick_return()
    _happened("redo")
    _look(True)


def _on_load(*_):
    import bpy

    _state.loads += 1
    _happened("load", bpy.data.filepath)
    _look(True)


def _on_exit(*_):  # 5.x; later than this, on_lost cannot be called: hazards.LATE_EXIT
    if not _state.stopped:
        _stop(_EXIT)


_HANDLERS = {"undo_pre": _before, "redo_pre": _before, "load_pre": _before, "undo_post": _on_undo,
             "redo_post": _on_redo, "load_post": _on_load, "depsgraph_update_post": _on_evaluation,
             "frame_change_post": _on_frame, "render_post": _on_render, "render_complete": _on_render,
             "render_cancel": _on_render, "object_bake_complete": _on_render,
             "object_bake_cancel": _on_render, "exit_pre": _on_exit}


def subscribe():
    """Installs the handlers, again after someone cleared the lists; not while switched off."""
    if _state.stopped or _core.is_hearing():
        return
    import bpy

    for name, function in _HANDLERS.items():
        handlers = getattr(bpy.app.handlers, name, None)
        if handlers is not None and function not in handlers:
            bpy.app.handlers.persistent(function)
            handlers.insert(0, function)  # before handlers that use wrappers
            _state.number = _state.heard = _core.tick()  # something may have passed while nobody counted
    lists = ((getattr(bpy.app.handlers, name, None), function) for name, function in _HANDLERS.items())
    _core.set_handlers(tuple(pair for pair in lists if pair[0] is not None))


_core.set_handlers(())  # those of a package that was imported before tell that one alone
_core.set_news(subscribe, _watched)


def unsubscribe():
    """Switched off: takes the handlers out and tells entered wrappers, which can do nothing until
    `resume`."""
    import bpy

    for name, function in _HANDLERS.items():
        handlers = getattr(bpy.app.handlers, name, ())
        while function in handlers:
            handlers.remove(function)
    _stop(f"the add-on rnaslicer was switched off, as factory settings do, at {clock(time.time())}; switch it on again: "
          f"bpy.ops.preferences.addon_enable(module={_addon()!r})")


def _addon():
    """The name that Blender knows the add-on by: an extension has its repository's before it."""
    return next((name for name in sys.modules if name.rpartition(".")[2] == "rnaslicer_addon"), "rnaslicer_addon")


def resume():
    """Switched on again: wrappers that are still entered work again."""
    if _state.stopped and _state.stopped != _EXIT:
        _halt("")
        _state.number = _core.tick()
        subscribe()
        _look(True)


def _stop(why):
    _halt(_state.stopped or why)
    for wrapper in {wrapper for root in _watched for wrapper in root.watchers}:
        _tell(wrapper)
