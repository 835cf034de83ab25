# bench/scenes/check.py: all tasks, and that their ways agree; tests/blender/package/test_scenes.py asks it, too
import contextlib

import animation
import bpy
import geometry
import images
import instances
import numpy as np
from task import kept


def tasks():
    """Those that this Blender can do."""
    return [task for task in (*geometry.TASKS, *instances.TASKS, *images.TASKS, *animation.TASKS)
            if task.since <= bpy.app.version[:2] < task.before]


def ways_agree(task, small):
    """Each way on a scene of its own, and Slicer kept entered; to the last digits: matrices are multiplied in several
    orders."""
    results = {}
    for name, way in {**task.ways, "kept": lambda data: _kept(task, data)}.items():
        bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
        data = task.make(small)
        before = task.written(data) if task.written else None
        found = way(data)
        results[name] = task.written(data) if task.written else found
        assert before is None or any((a != b).any() for a, b in zip(before, results[name])), f"{name} wrote nothing"
    for name, found in results.items():
        for a, b in zip(found, results["loop"]):
            np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-5, err_msg=f"{task.text}: {name} and the loop")


def _kept(task, data):
    with contextlib.ExitStack() as stack:
        return kept(task, data, [stack.enter_context(view) for view in task.views(data)])
