# tests/window/screen.py: what the window tests share: pixels from the X server, tests as generators, Blender's timer.
"""Scripts here run in a Blender with a window, on an X server whose screen is a file (Xvfb -fbdir):

    blender --python SCRIPT -- SCREEN_FILE COUNTS_FILE DISCOVERY_FOLDER

Each test is a generator: it yields seconds for Blender to draw by itself. Pixels are read from the X server,
not from Blender."""
import json
import struct
import sys
import traceback

import bpy
import numpy as np

SCREEN, COUNTS, KEPT = sys.argv[sys.argv.index("--") + 1 :][:3]


def shot():
    """The screen as (height, width, 3) numbers, top row first (XWD file: XWDFile.h)."""
    with open(SCREEN, "rb") as file:
        data = file.read()
    header = struct.unpack(">25I", data[:100])
    height, width, row, colors = header[5], header[4], header[12], header[19]
    pixels = np.frombuffer(data, np.uint8, height * row, header[0] + 12 * colors)
    return pixels.reshape(height, row)[:, : 4 * width].reshape(height, width, 4)[:, :, :3].astype(np.int16)


def step(tests, counts):
    """Called by Blender's timer: one step of the test at hand; quits after the last."""
    while tests:
        name, steps = tests[0]
        try:
            return next(steps)
        except StopIteration:
            if name != "warm_up":
                counts["passed"] += 1
                print(f"PASSED  {name}", flush=True)
        except BaseException:
            counts["failed"] += 1
            print(f"FAILED  {name}\n{traceback.format_exc()}", flush=True)
        tests.pop(0)
    with open(COUNTS, "w", encoding="utf-8") as file:
        json.dump(counts, file)
    bpy.ops.wm.quit_blender()
    return None


def main(names):
    """Runs `warm_up` and the tests among a script's globals."""
    bpy.context.preferences.use_preferences_save = False
    bpy.context.preferences.view.show_splash = False
    bpy.context.preferences.system.viewport_aa = "OFF"  # which goes on drawing for a while
    tests = [(name, function()) for name, function in names.items() if name == "warm_up"]
    tests += [(name, function()) for name, function in names.items() if name.startswith("test_")]
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    bpy.app.timers.register(lambda: step(tests, counts), first_interval=4.0)
