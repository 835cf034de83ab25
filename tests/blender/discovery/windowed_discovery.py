# tests/blender/discovery/windowed_discovery.py: a Blender with a window, in which discovery runs in the background
"""Started by test_discovery.py as `blender --python windowed_discovery.py -- FOLDER`; prints what it finds, and quits
while another run is under way."""
import os
import sys
import traceback

import bpy

import rnaslicer
from rnaslicer import discovery

rnaslicer.configure(cache_directory=sys.argv[sys.argv.index("--") + 1], disk_cache=True)
fractions = []


def find(what):
    sys.stdout.write(f"FOUND {what}\n")
    sys.stdout.flush()


def steps():
    """One after the other, each until the next tick of a timer."""
    discovery.allow(False)
    discovery.wanted()
    find(f"not allowed: {discovery.progress()}")
    discovery.allow(True)
    undo = bpy.data.is_dirty
    discovery.wanted()
    first = discovery._running
    discovery.wanted()
    find(f"one run: {discovery._running is first is not None}")
    while discovery.progress() is not None:
        fractions.append(discovery.progress()[0])
        yield
    find(f"progress: {fractions == sorted(fractions) and len(set(fractions)) > 2}")
    find(f"known: {len(discovery.known() or ()) > 500}")
    find(f"untouched: {bpy.data.is_dirty == undo}")
    discovery.wanted()
    find(f"once is enough: {discovery.progress()}")
    discovery.forget(disk=True)
    discovery.wanted()
    child, folder = discovery._running._child.pid, discovery._running.folder
    yield
    discovery.cancel()
    find(f"cancelled: {discovery.progress()} {os.path.exists(folder)} {alive(child)}")
    discovery.wanted()
    find(f"not again: {discovery.progress()} {discovery.known()}")
    discovery.forget()
    discovery.wanted()
    find(f"child {discovery._running._child.pid}")
    find("end")


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def tick(moving=steps()):
    try:
        next(moving)
    except StopIteration:
        bpy.ops.wm.quit_blender()
        return None
    except BaseException:
        traceback.print_exc()
        sys.stdout.flush()
        os._exit(3)
    return 0.2


bpy.app.timers.register(tick, first_interval=0.5)
