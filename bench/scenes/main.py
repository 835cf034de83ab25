# bench/scenes/main.py: whole tasks, each as plain loop, best bpy + NumPy by hand and Slicer: checked equal, timed in turns
"""Runs in Blender (`./run bench scenes`): blender -b --python bench/scenes/main.py -- --json FILE [--small] [-k TEXT]"""
import argparse
import contextlib
import json
import sys
from pathlib import Path

import bpy

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import check  # noqa: E402
import headline  # noqa: E402
from task import kept  # noqa: E402
from measure import alternate, discover, duration, load, machine  # noqa: E402


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", type=Path, required=True)
    parser.add_argument("--small", action="store_true", help="tiny scenes, to try the script")
    parser.add_argument("-k", dest="text", default="", help="only tasks whose text contains one of these (a,b,c)")
    options = parser.parse_args(sys.argv[sys.argv.index("--") + 1:] if "--" in sys.argv else [])
    discover(lambda text: print(f"  {text}", flush=True))
    rows = [measured(task, options.small) for task in check.tasks() if any(text in task.text for text in options.text.split(","))]
    facts = {} if options.text else headline.measure(options.small)
    options.json.write_text(json.dumps({"blender": bpy.app.version_string, "machine": machine(), "load": load(),
                                        "rows": rows, "headline": facts}))


def measured(task, small):
    check.ways_agree(task, True)
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    data = task.make(small)
    ways = {name: lambda way=way: way(data) for name, way in reversed(task.ways.items())}
    with contextlib.ExitStack() as stack:
        views = [stack.enter_context(view) for view in task.views(data)]
        ways = {"kept": lambda: kept(task, data, views), **ways}
        times = alternate(ways, 15, 4.0, {"loop": 2})
    times["loop"] = times["loop"].scaled(task.part)
    print(f"  {task.text:<45}" + "".join(f"{name} {duration(t.best):<10}" for name, t in times.items()), flush=True)
    return {"task": task.text, "scaled": task.part, "times": {name: t.as_json() for name, t in times.items()}}


main()
