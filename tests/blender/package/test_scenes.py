# tests/blender/package/test_scenes.py: the tasks of ./run bench scenes: their three ways do the same, on tiny scenes.
import sys

from pages import ROOT, text_of
from support import VERSION

sys.path[:0] = [str(ROOT / "bench"), str(ROOT / "bench" / "scenes")]
import check  # noqa: E402


def test_ways_agree(task):
    check.ways_agree(task, True)


test_ways_agree.cases = {task.text: (task,) for task in check.tasks()}


def test_there_are_tasks():
    """All that the page promises, in each Blender but where it has no such data."""
    words = ["export of 2000 objects", "weights", "40 shape keys", "10 million vertices", "100 000 instances",
             "4K image", "300 f-curves × 1000 keys", "100 bones × 250 frames"]
    for word in words + ["Grease Pencil"] * (VERSION >= (4, 3)):
        assert any(word in task.text for task in check.tasks()), word


def test_every_task_is_on_the_page():
    table = text_of("docs/scenes.md").split(f"### Blender {'.'.join(map(str, VERSION))}\n")[1].split("###")[0]
    for task in check.tasks():
        assert f"| {task.text} |" in table, f"{task.text}: ./run bench scenes writes it"
