# tests/blender/package/test_scenes.py: the tasks of ./run bench scenes: their three ways do the same, on tiny scenes.
import sys

from pages import ROOT

sys.path[:0] = [str(ROOT / "bench"), str(ROOT / "bench" / "scenes")]
import check  # noqa: E402


def test_ways_agree(task):
    check.ways_agree(task, True)


test_ways_agree.cases = {task.text: (task,) for task in check.tasks()}


def test_there_are_tasks():
    assert len(check.tasks()) >= 9
