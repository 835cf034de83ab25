# runtime/rnaslicer/discovery/__init__.py: storage behind getters, found in a throw-away run of the same Blender.
"""`discover()` runs it by hand; `wanted()` lets it start by itself where that would profit; `known()` is
what it found. All of it is a proposal: bpy decides in each session (layout/proof.py)."""

from __future__ import annotations

import functools
import os
import sys
import time
from typing import TYPE_CHECKING

from .. import _core
from ..basis.later import later
from ..errors import ExpressionError, SlicerError
from . import store
from .found import Found, Known
from .handed import hand_in, handed

if TYPE_CHECKING:
    from . import reports as _report, run as _run
else:
    _report, _run = later("discovery.reports"), later("discovery.run")

__all__ = ["DiscoveryError", "Found", "Known", "allow", "cancel", "discover", "forget", "hand_in", "known",
           "progress", "report", "start", "wanted"]

AT_ONCE = "RNASLICER_DISCOVER"  # environment: whether sessions without a window discover on first need; 0: they do not
POLL = 0.25  # seconds between looks at a background run

_known = None
_missing = None  # the folder that was looked into in vain
_asked = False  # a background run was started, or decided against, in this session
_allowed = True  # to start by itself
_at_once = False  # also in sessions without a window, which wait for it
_running = None  # in the background


class DiscoveryError(SlicerError, RuntimeError):
    """A discovery run could not finish; what it had found is kept all the same."""


@functools.cache
def build():
    """Identity of the running build; '' where its executable cannot be read."""
    return store.running()


def folder():
    """Where results are kept, or None while the disk cache is off."""
    settings = _core.configure()
    return _folder(settings["cache_directory"]) if settings["disk_cache"] else None


@functools.cache
def _folder(_setting):
    directory = _core.cache_directory()
    return os.path.join(directory, "discovery") if directory else None


def known():
    """The `Known` of this build, or None where nothing valid was found. Cheap after the first call."""
    global _known, _missing
    if _known is None:
        where = folder()
        if where is not None and where != _missing and build():
            _known = store.load(where, build())
            _missing = where if _known is None else None
            handed.learnt()
    return _known


def forget(disk: bool = False) -> None:
    """Forgets what this session knows, and with `disk` also what is kept. For tests."""
    global _known, _missing, _asked
    _known, _missing, _asked = None, None, False
    handed.learnt()
    if disk and folder() and build():
        store.remove(folder(), build())


def discover(limit: float = store.LIMIT, quiet: bool = False) -> _report.Report:
    """Runs discovery now, prints a summary and returns a `Report`.

    `limit` is the processor time, in seconds, that the run may use: other work on the machine makes it
    slower and does not end it. The running session, its file and its undo history are not touched.
    DiscoveryError says why a run did not finish; what it found until then counts.
    """
    import bpy

    try:
        limit = float(limit)
        if not limit > 0:
            raise ValueError(limit)
    except Exception as error:
        raise ExpressionError(f"limit is a number of seconds above 0: {type(error).__name__}: {error}") from error
    cancel()
    try:
        current = _run.Run(bpy.app.binary_path, limit)
    except OSError as error:
        raise DiscoveryError(f"discovery cannot start {bpy.app.binary_path!r}: {error}") from error
    try:
        while current.poll():
            time.sleep(0.05)
    finally:
        current.stop("interrupted")
    _keep(current)
    if current.error:
        raise DiscoveryError(f"discovery did not finish: {current.error}; {len(known() or ())} properties were found")
    result = report()
    if not quiet:
        print(result.summary(current))
    return result


def report(name: str | None = None) -> _report.Report:
    """A `Report` of what is known of this build; of one element type only, where its name is given ('MeshVertex')."""
    if name is None:
        return _report.Report(known())
    import bpy

    if not isinstance(name, str) or not hasattr(bpy.types, name):
        import difflib

        close = difflib.get_close_matches(name, dir(bpy.types), 3) if isinstance(name, str) else ()
        hint = f"; did you mean {' or '.join(map(repr, close))}?" if close else ", such as 'MeshVertex'"
        raise ExpressionError(f"discovery.report: {name!r} is no type of elements{hint}")
    return _report.Report(known(), name)


def _keep(current):
    """Takes over what a run found, and writes it down where that is allowed."""
    global _known
    if not current.error and current.build != build():
        current.error = "it met another Blender than this one; was Blender replaced since it was started?"
    if current.build != build() or current.error and not current.lines:
        return
    _known = current.known()
    handed.learnt()
    where = folder()
    if where is not None and build():
        try:
            store.save(where, build(), store.encode(build(), _known))
        except OSError as error:
            print(f"rnaslicer: the result of discovery is not kept: {error}", file=sys.stderr)


# ---- in the background

def wanted() -> bool:
    """Called where an enter would profit: starts a background run, once per session, where none is kept already. Under
    --background, where nobody waits at a window, it runs right away if the environment or the preferences say so, and
    one line says what would make the script faster if they do not. True if something is known now that was not."""
    global _asked
    if _asked or not _allowed:
        return False
    import bpy

    _asked = True
    if bpy.app.background:
        return _without_window()
    if known() is None and build():
        try:
            start()
        except OSError as error:
            print(f"rnaslicer: discovery does not start: {error}", file=sys.stderr)
    return False


def _without_window():
    if known() is not None or not build():
        return False
    import bpy

    told = os.environ.get(AT_ONCE, "")
    if told == "0":  # who says so needs no advice
        return False
    if not (_at_once or told):
        how = "blender --command rnaslicer discover" if bpy.app.version >= (4, 2) else "rnaslicer.discover()"
        print(f"rnaslicer: how this Blender stores its data is not known yet; `{how}`, once, or {AT_ONCE}=1 in the "
              "environment makes scripts like this one faster", file=sys.stderr)
        return False
    try:
        discover(quiet=True)
    except DiscoveryError as error:
        print(f"rnaslicer: {error}", file=sys.stderr)
    return known() is not None


def allow(automatic: bool, without_window: bool = False) -> None:
    """Whether `wanted` may start a run, and whether it may under --background, where the script waits for it (the
    environment's RNASLICER_DISCOVER says otherwise); a call of `discover` or `start` always may."""
    global _allowed, _at_once
    _allowed, _at_once = bool(automatic), bool(without_window)


def start() -> None:
    """Starts a background run if there is none."""
    import bpy

    global _running
    if _running is None:
        _running = _run.Run(bpy.app.binary_path)
        _run.at_end(lambda: _running)
        bpy.app.timers.register(_tick, first_interval=POLL, persistent=True)
        _show(0.0)


def progress() -> tuple[float, str] | None:
    """(fraction, text) of the background run, or None."""
    current = _running
    if current is None:
        return None
    return current.progress, f"Examining how this Blender stores its data: {len(current.lines)} found"


def cancel() -> None:
    """Ends the background run, if there is one. It is not started again in this session."""
    global _asked, _running
    _asked = True
    if _running is not None:
        _running.stop()
        _running = None
        _show(None)


def _tick():
    """Called by Blender's timers."""
    global _running
    current = _running
    if current is None:
        return None
    if current.poll():
        _show(current.progress)
        return POLL
    _running = None
    _show(None)
    _keep(current)
    if current.error:
        print(f"rnaslicer: discovery did not finish: {current.error}", file=sys.stderr)
    return None


def _show(fraction):
    """Progress in the workspace's status bar, and in the add-on's preferences, which ask `progress`."""
    import bpy

    try:
        text = None
        if fraction is not None:
            text = f"RNA Slicer examines this Blender: {fraction:.0%} (cancel in its preferences)"
        for window in bpy.context.window_manager.windows:
            if not getattr(window, "modal_operators", ()):  # whose own text stands there
                window.workspace.status_text_set_internal(text)
        for window in bpy.context.window_manager.windows:
            for area in window.screen.areas:
                if area.type in ("PREFERENCES", "STATUSBAR"):
                    area.tag_redraw()
    except (AttributeError, ReferenceError, TypeError, RuntimeError):
        pass  # no window, or an area without it: the run goes on all the same
