# tests/blender/package/test_scenes.py: the tasks of ./run bench scenes: their three ways do the same, on tiny scenes.
import sys

import bpy

from pages import ROOT

sys.path[:0] = [str(ROOT / "bench"), str(ROOT / "bench" / "scenes")]
import check  # noqa: E402


def test_ways_agree(task):
    check.ways_agree(task, True)


test_ways_agree.cases = {task.text: (task,) for task in check.tasks()}


def test_there_are_tasks():
    """All that the page promises, in each Blender but where it has no such data."""
    for word in ("export of 2000 objects", "weights", "40 shape keys", "10 million vertices", "100 000 instances", "4K image",
                 "300 f-curves × 1000 keys", "100 bones × 250 frames", *(["Grease Pencil"] if bpy.app.version >= (4, 3) else [])):
        assert any(word in task.text for task in check.tasks()), word
