# bench/in_blender.py: how fast, as ratios within one run: against memcpy of the bytes touched and against foreach
"""Runs in Blender (`./run bench 5.2`): blender -b --python bench/in_blender.py -- [--json FILE] [--figures FILE] [--small] [-k TEXT]

Ways to do the same are run in turns. A ratio is given twice: of the best times, and the median of the ratios of
neighbouring runs. Goals are those of a quiet machine; a figure beyond its goal is marked, and no failure.
"""
import argparse
import json
import re
import sys
from pathlib import Path

import bpy
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))
import latencies  # noqa: E402
import properties  # noqa: E402
import scene  # noqa: E402
import weights  # noqa: E402
from examples import EVERY, Example, of_mesh, setter  # noqa: E402
from measure import Memcpy, alternate, discover, duration, load, machine, median_ratio  # noqa: E402

ALLOWANCE = 10e-6  # seconds that a call may take whatever its size
COLUMNS = "  {:<82}{:>9}{:>9}{:>9}{:>8}{:>8}{:>9}{:>9}  {:<9}{}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", type=Path)
    parser.add_argument("--figures", type=Path, help="a Markdown file for the figures of each property")
    parser.add_argument("--small", action="store_true", help="10 000 vertices: to try the script itself")
    parser.add_argument("-k", dest="text", default="", help="only rows whose text contains this")
    options = parser.parse_args(sys.argv[sys.argv.index("--") + 1:] if "--" in sys.argv else [])
    print(f"\n  Blender {bpy.app.version_string}, {machine()}")
    discover(lambda text: print(f"  {text}", flush=True))
    side = 100 if options.small else 1000
    grid(side)
    each = list(properties.measure(side, options.text))
    rows = throughput(side, options.text)
    by_loop = weights.measure(10_000 if options.small else 1_000_000) if options.text in "weights" else []
    goals = [] if options.text else latencies.measure(100 if options.small else 1000)
    if goals:
        print_goals(goals)
    if options.figures:
        mesh = bpy.data.meshes["Grid"]
        images = [one for one in rows if one["expression"].startswith("image")]
        properties.write_figures(options.figures, each, images, by_loop, {
            "blender": bpy.app.version_string, "version": "{}.{}".format(*bpy.app.version), "machine": machine(),
            "vertices": len(mesh.vertices), "corners": len(mesh.loops), "load": load()})
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps({"blender": bpy.app.version_string, "machine": machine(),
                                            "properties": each, "throughput": rows, "by_loop": by_loop, "latency": goals}, indent=1))


def grid(side):
    """A mesh of side × side quads: side² vertices and about four times as many corners."""
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    bpy.ops.mesh.primitive_grid_add(x_subdivisions=side, y_subdivisions=side)
    ob = bpy.context.object
    ob.name = ob.data.name = "Grid"
    scene.add_layers(ob.data)
    return ob


def throughput(side, text):
    """One row for each expression and direction; prints the table as it goes."""
    ob = grid(side)
    scene.objects(20 if side < 1000 else 10_000)
    image = bpy.data.images.new("Image", 2 * side, side, float_buffer=True)
    curve = scene.keyframes(ob, 100 * side)
    mesh = ob.data
    print(f"  {len(mesh.vertices):,} vertices, {len(mesh.loops):,} corners\n")
    print(COLUMNS.format("", "Slicer", "foreach", "memcpy", "/memcpy", "(med)", "×foreach", "(med)", "route", "goal"))
    rows = []
    for example, dtype in [(e, None) for e in of_mesh(mesh, curve)] + list(more(mesh, image)):
        shown = f"{example.supplier_text}{example.text}" + (f" dtype={dtype!r}" if dtype else "")
        if text in shown:
            rows += measured(example, dtype, shown)
    return rows


def more(mesh, image):
    """(example, dtype) beyond those of the demo."""
    vertices, loops = lambda: mesh.vertices, lambda: mesh.loops  # noqa: E731
    yield Example("mesh.vertices", "[:, 'co', ::-1]", vertices, (EVERY, "co", slice(None, None, -1)), vertices, ("co",), 3,
                  None, None, pick=lambda co: co[:, ::-1], place=_place_reversed), None
    yield Example("mesh.vertices", "[::10, 'co', :]", vertices, (slice(None, None, 10), "co", EVERY), vertices, ("co",), 3,
                  None, None, pick=lambda co: co[::10]), None
    yield Example("mesh.vertices", "[:, 'co', :]", vertices, (EVERY, "co", EVERY), vertices, ("co",), 3,
                  None, None, pick=lambda co: co, place=_place_all), "d"
    yield Example("mesh.loops", "[:, 'vertex_index']", loops, (EVERY, "vertex_index"), loops, ("vertex_index",), 1,
                  None, None, np.int32, pick=lambda v: v, place=_place_all), "q"
    objects = lambda: bpy.data.objects  # noqa: E731
    yield Example("bpy.data.objects", "[:, 'location', :]", objects, (EVERY, "location", EVERY), objects, ("location",), 3,
                  None, setter("location")), None
    yield Example("bpy.data.objects", "[:, ('location','scale'), :]", objects, (EVERY, ("location", "scale"), EVERY), objects,
                  ("location", "scale"), 3, None, None, pick=lambda *parts: np.stack(parts, axis=1), place=_place_parts), None
    yield Pixels(image), None


class Pixels:
    """image.pixels, whose bulk calls are its own."""

    supplier_text, text, subscript, rows_first = "image.pixels", "[:]", EVERY, True
    place = write_one = setter  # it can be written

    def __init__(self, image):
        self.image, self.count = image, len(image.pixels)

    def supplier(self):
        return self.image.pixels

    def foreach_read(self, target):
        self.image.pixels.foreach_get(target)

    def foreach_write(self, result):
        self.image.pixels.foreach_set(result)


def _place_reversed(result, co):
    co[...] = result[:, ::-1]
    return True


def _place_all(result, values):
    values[...] = result
    return True


def _place_parts(result, *parts):
    for i, part in enumerate(parts):
        part[...] = result[:, i]
    return True


def measured(example, dtype, shown):
    from rnaslicer import Slicer
    rows = []
    with Slicer(example.supplier(), dtype=dtype)[example.subscript] as vw:
        cache = np.asarray(vw.memcache)
        target = np.empty_like(cache)
        touched = bytes_touched(vw, cache)
        memcpy = Memcpy(touched)
        rows.append(row(shown, "refresh", vw, touched, timed(
            {"slicer": vw.refresh, "foreach": lambda: example.foreach_read(target)}, memcpy, vw)))
        if not vw.readonly and (example.place or example.write_one):
            ways = {"slicer": vw.update, "foreach": lambda: example.foreach_write(cache)}
            if is_list(vw):
                ways["loop"] = loop(example, cache)
            rows.append(row(shown, "update", vw, touched, timed(ways, memcpy, vw)))
    return rows


def timed(ways, memcpy, vw):
    """Times in turns. By bpy's own call, memcpy is timed apart: else one of the two ways always finds what the other
    has just brought into the caches, and the other what memcpy left there."""
    if vw.kernel.route == "direct":
        return alternate({**ways, "memcpy": memcpy}, 25, 2.0, {"loop": 3} if "loop" in ways else None)
    return {**alternate(ways, 25, 2.0), **alternate({"memcpy": memcpy}, 25, 2.0)}


def is_list(vw):
    """Whether the elements lie in a list: bpy itself assigns each, and memcpy says little."""
    return "loop pointers" in (vw.kernel.plan or "")


def loop(example, cache):
    """The assignments of a script that has the values in an array."""
    names = example.properties

    def every():
        for element, values in zip(example.collection(), cache.tolist()):
            for name, value in zip(names, values if len(names) > 1 else (values,)):
                setattr(element, name, value)
    return every


def bytes_touched(vw, cache):
    """(Bytes of Blender's memory that the reads span + bytes of the cache) / 2, summed over the wrapper's kernels."""
    spanned = 0
    for kernel in getattr(vw, "kernels", [vw.kernel]):
        strides = re.findall(r"^loop strided source (-?\d+)", kernel.plan, re.MULTILINE)
        if kernel.route != "direct" or not strides:
            return cache.nbytes
        spanned += abs(int(strides[-1])) * max(vw.shape[:2] if vw.shape[0] == 1 else vw.shape[:1])
    return (spanned + cache.nbytes) // 2


def row(shown, direction, vw, touched, times):
    kernel, plan = vw.kernel, vw.kernel.plan
    converts = len({m for m in re.findall(r"^(?:storage|value|format) (\S+)", plan, re.MULTILINE)}) > 1 or \
        bool(re.search(r"flag|field|unorm|inverted|gather", plan))
    limit = 1.6 if converts else 1.3
    slicer, foreach, memcpy = (times[name] for name in ("slicer", "foreach", "memcpy"))
    over_memcpy = max(0.0, slicer.best - ALLOWANCE) / memcpy.best
    if is_list(vw) and direction == "refresh":
        over = min(slicer.best / foreach.best, median_ratio(slicer, foreach))
        goal, reached = "≤ 1.2 foreach", over <= 1.2
    elif is_list(vw):
        by_loop = times["loop"]
        goal, reached = "≤ the loop", min(slicer.best / by_loop.best, median_ratio(slicer, by_loop)) <= 1
    elif kernel.route == "direct":
        goal, reached = f"≤ {limit} memcpy + 10 µs", over_memcpy <= limit
    else:
        goal, reached = "≤ 1.1 foreach + 10 µs", slicer.best <= 1.1 * foreach.best + ALLOWANCE
    print(COLUMNS.format(f"{direction:<8}{shown}", duration(slicer.best), duration(foreach.best), duration(memcpy.best),
                         f"{slicer.best / memcpy.best:.2f}", f"{median_ratio(slicer, memcpy):.2f}",
                         f"{foreach.best / slicer.best:.1f}", f"{median_ratio(foreach, slicer):.1f}", kernel.route,
                         goal if reached else f"{goal}  MISSED"), flush=True)
    return {"expression": shown, "direction": direction, "route": kernel.route, "signature": kernel.signature,
            "bytes_touched": touched, "times": {name: t.as_json() for name, t in times.items()},
            "over_memcpy": [slicer.best / memcpy.best, median_ratio(slicer, memcpy)],
            "times_foreach": [foreach.best / slicer.best, median_ratio(foreach, slicer)], "goal": goal, "reached": reached}


def print_goals(goals):
    print(f"\n  {'latency':<60}{'best':>10}{'median':>10}{'goal':>10}")
    for goal in goals:
        print(f"  {goal['what']:<60}{duration(goal['min']):>10}{duration(goal['median']):>10}{duration(goal['goal']):>10}"
              + ("" if goal["min"] <= goal["goal"] else "  MISSED"))
    print()


main()
