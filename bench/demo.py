# bench/demo.py: the main job on a real mesh: the 2010 proposal's examples on Suzanne, checked and timed
"""Runs in Blender (`./run demo`): blender -b --python bench/demo.py -- [--json FILE] [--levels N]

Afterwards `bench/chart.py FILE docs/demo.png` draws the table, under the system's Python with the
Debian package python3-matplotlib, for Blender's own Python cannot be counted on to have it.
"""
import argparse
import json
import sys
import time
from itertools import islice
from pathlib import Path

import bpy
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))
import examples  # noqa: E402
import scene  # noqa: E402
from measure import Memcpy, alternate, discover, duration, machine  # noqa: E402
from report import print_kernels, print_table  # noqa: E402

SAMPLE = 4000  # elements for the plain Python loop, whose time is then scaled
FRAMES = 24


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", type=Path, help="leave the figures here")
    parser.add_argument("--levels", type=int, default=5, help="subdivisions of Suzanne (5: 500 000 vertices)")
    options = parser.parse_args(sys.argv[sys.argv.index("--") + 1:] if "--" in sys.argv else [])

    say(f"Blender {bpy.app.version_string}, {machine()}")
    discover(say)
    say("subdividing Suzanne")
    ob = scene.suzanne(options.levels)
    mesh = ob.data
    scene.add_layers(mesh)
    keys = scene.keyframes(ob, 20_000)
    say(f"{len(mesh.vertices):,} vertices, {len(mesh.edges):,} edges, {len(mesh.polygons):,} polygons, "
        f"{len(mesh.loops):,} corners")

    rows = []
    for example in examples.of_mesh(mesh, keys):
        say(f"Slicer({example.supplier_text}){example.text}")
        rows.append(run(example))
    run_generator(mesh)
    frames = deform(ob)
    print_table("refresh: Blender to MemCache", [row["refresh"] for row in rows])
    print_table("update: MemCache to Blender", [row["update"] for row in rows if row["update"]])
    print_kernels(rows)
    print(f"\n  Times are the best of runs taken in turns (median: of Slicer's); ~ marks a loop over {SAMPLE} elements,"
          f"\n  scaled. 'foreach' is foreach_get or foreach_set with NumPy to the same array. memcpy moves as many bytes"
          f"\n  as the MemCache has. Every value was compared with bpy's.\n")
    print(f"  {FRAMES} frames of a wave over all vertices, normals and bounds right after each: "
          f"{duration(frames['slicer'])} a frame through a MemCache, {duration(frames['foreach'])} with foreach_set, "
          f"of which NumPy's own sums take {duration(frames['numpy'])}.\n")
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps({
            "blender": bpy.app.version_string, "machine": machine(), "vertices": len(mesh.vertices),
            "corners": len(mesh.loops), "rows": rows, "frames": frames}, indent=1))


def say(text):
    print(f"• {text}", flush=True)


def same(a, b, what):
    """Bit for bit, any NaN equal to any NaN."""
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape or a.dtype != b.dtype or not np.array_equal(a, b, equal_nan=a.dtype.kind == "f"):
        raise SystemExit(f"WRONG: {what}: MemCache and bpy disagree")


def run(example):
    """Check and time one example: {'refresh': figures, 'update': figures or None}."""
    from rnaslicer import Slicer
    with Slicer(example.supplier())[example.subscript] as vw:
        cache = np.asarray(vw.memcache)
        check(example, cache)
        memcpy = Memcpy(cache.nbytes)
        factor = example.count / min(SAMPLE, example.count)
        target = np.empty_like(cache)

        times = alternate({"python": lambda: [example.read(e) for e in islice(example.collection(), SAMPLE)],
                           "foreach": lambda: example.foreach_read(target),
                           "slicer": vw.refresh, "memcpy": memcpy})
        refresh = figures(example, times, factor, cache, vw.kernel.refresh, vw.kernel)
        check(example, cache)

        update = None
        if not vw.readonly:
            check_update(example, vw, cache)
            values = cache.reshape(example.count, -1)[:SAMPLE].tolist() if example.rows_first \
                else cache[0].reshape(example.count, -1)[:SAMPLE].tolist()
            times = alternate({"python": lambda: example.write(islice(example.collection(), SAMPLE), values),
                               "foreach": lambda: example.foreach_write(cache),
                               "slicer": vw.update, "memcpy": memcpy})
            update = figures(example, times, factor, cache, vw.kernel.update, vw.kernel)
            check(example, cache)
        return {"refresh": refresh, "update": update}


def check(example, cache):
    """All values against foreach_get, and some against getattr, element by element."""
    same(cache, example.foreach_read(np.empty_like(cache)), f"{example.text} and foreach_get")
    by_row = cache if example.rows_first else cache[0]
    collection = example.collection()
    for i in np.linspace(0, example.count - 1, 300, dtype=int):
        same(by_row[i], np.array(example.read(collection[int(i)]), cache.dtype), f"{example.text} of element {i}")


def check_update(example, vw, cache):
    """Other values go in and are there, then the old ones come back."""
    before = cache.copy()
    if example.may_change:
        cache[...] = np.roll(cache, 1, axis=0 if example.rows_first else 1)
    written = example.winner(cache.copy())
    vw.update()
    same(written, example.foreach_read(np.empty_like(cache)), f"update of {example.text}")
    cache[...] = before
    vw.update()
    check(example, cache)


def figures(example, times, factor, cache, entry, kernel):
    times["python"] = times["python"].scaled(factor)
    return {"expression": example.text, "supplier": example.supplier_text, "bytes": int(cache.nbytes),
            "shape": list(cache.shape), "times": {name: t.as_json() for name, t in times.items()},
            "kernel": {"signature": kernel.signature, "route": kernel.route, "origin": entry.origin,
                       "compile_seconds": entry.compile_seconds}}


def updater(name):
    """The generator of the proposal, as written there."""
    from rnaslicer import Slicer
    slicer = Slicer(bpy.data.meshes[name].polygons)
    with slicer["normal", :] as vw:
        subcache = yield vw.memcache
        while True:
            vw.refresh(subcache)
            subcache = yield float(sum(subcache.tolist()[0]))
            if subcache is None:
                return


def run_generator(mesh):
    steps = updater(mesh.name)
    memcache = next(steps)
    for i in (0, 1000, len(mesh.polygons) - 2):
        total = steps.send(memcache[i:i + 2, :])
        if total != float(sum(mesh.polygons[i].normal)):
            raise SystemExit(f"WRONG: the generator's sum for polygon {i}")
    steps.close()
    say("the proposal's generator: right")


def deform(ob):
    """A wave through the mesh, frame by frame; seconds per frame of each way."""
    from rnaslicer import Slicer
    mesh, spent = ob.data, {"slicer": 0.0, "foreach": 0.0, "numpy": 0.0}
    with Slicer(mesh.vertices)[:, "co", :] as vw:
        co = np.asarray(vw.memcache)
        rest, flat = co.copy(), np.empty(co.size, np.float32)
        for frame in range(1, FRAMES + 1):
            start = time.perf_counter()
            wave = rest[:, 2] + 0.1 * np.sin(6 * rest[:, 0] + 0.3 * frame, dtype=np.float32)
            spent["numpy"] += time.perf_counter() - start
            co[:, 2] = wave
            vw.update()
            spent["slicer"] += time.perf_counter() - start
            mesh.vertices.foreach_get("co", flat)
            same(flat.reshape(-1, 3), co, f"frame {frame}")
            check_evaluated(ob, co, frame)

            start = time.perf_counter()
            wave = rest[:, 2] + 0.1 * np.sin(6 * rest[:, 0] + 0.3 * frame, dtype=np.float32)
            flat.reshape(-1, 3)[:, 2] = wave
            mesh.vertices.foreach_set("co", flat)
            mesh.update()
            spent["foreach"] += time.perf_counter() - start
        co[...] = rest
        vw.update()
    say(f"{FRAMES} frames of deformation: right, in the mesh and in its evaluated copy")
    return {name: seconds / FRAMES for name, seconds in spent.items()}


def check_evaluated(ob, co, frame):
    """What the viewport would draw: a copy that Blender evaluates from the mesh."""
    vertices = ob.evaluated_get(bpy.context.evaluated_depsgraph_get()).data.vertices
    for i in np.linspace(0, len(co) - 1, 50, dtype=int):
        same(np.array(vertices[int(i)].co, np.float32), co[i], f"evaluated mesh in frame {frame}")


main()
