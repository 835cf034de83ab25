# bench/small.py: what a call costs beyond its bytes, in units of bpy's own calls, and beside foreach
"""Runs in Blender (`./run bench small`): blender -b --python bench/small.py -- [--json FILE]

u is the time of `c = mesh.vertices; len(c); c[0].as_pointer()`, taken in turns with all else, so that what the machine
does besides falls on both. Figures are medians of the ratios of neighbours in time. "Beyond": without a memcpy
of the bytes touched, as docs/figures.md counts them; of an update also without the two assignments by bpy that it
contains.
"""
import argparse
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import bpy
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))
from measure import Memcpy, alternate, bytes_touched, counted, load, machine  # noqa: E402
from small_derived import derived_rows  # noqa: E402
from small_given import given_rows  # noqa: E402
from statistics import median  # noqa: E402

SIZES = (8, 64, 400, 2500, 10_000, 1_000_000)
GOALS = {"one-shot": 15, "refresh": 4, "update": 5}  # u, beyond
FIRST = 0.040  # seconds, beyond the first kernel
SESSIONS = 7  # of which the first enter is measured: the machine's clock differs by half from one to the next
CALLS = {"one-shot": 45, "refresh": 6, "update": 10}
ROW = "  {:<10}{:<24}{:>10}{:>10}{:>10}{:>14}{:>10}{:>10}{:>8}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", type=Path)
    parser.add_argument("--only", choices=("first", "plain", "given", "derived"),
                        help="one of the three tables, or this session's first enter alone")
    options = parser.parse_args(sys.argv[sys.argv.index("--") + 1:] if "--" in sys.argv else [])
    print(f"\n  Blender {bpy.app.version_string}, {machine()}, load {load()}")
    first = first_enter()
    if options.only == "first":
        options.json.write_text(json.dumps(first))
        return
    first = median_session([first] + [another_session() for _ in range(SESSIONS - 1)])
    print(f"  medians of {SESSIONS} sessions (least): from rnaslicer import Slicer: {of_least(first, 'import')} ms, "
          f"{'with' if first['cached'] else 'without'} .pyc files; the first enter, beyond its kernel: "
          f"{of_least(first, 'enter')} ms, its thread {of_least(first, 'thread')} ms (goal {FIRST * 1e3:.0f})")
    print(ROW.format("size", "what", "one-shot", "refresh", "update", "calls", "read ×", "write ×", ""))
    print(ROW.format("", "", "u beyond", "u beyond", "u beyond", "", "foreach", "foreach", ""))
    rows = []
    for size in SIZES if options.only in (None, "plain") else ():
        mesh, curve = scene(size)
        for name, give, prop in cases(mesh, curve):
            rows.append(measured(size, mesh, name, give, prop))
    given = given_rows(scene, cases) if options.only in (None, "given") else []
    derived = derived_rows(scene, GOALS, CALLS) if options.only in (None, "derived") else []
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps({"blender": bpy.app.version_string, "machine": machine(), "load": load(),
                                            "first": first, "rows": rows, "given": given, "derived": derived}, indent=1))


def first_enter():
    """Seconds of the session's first import, of its first enter beyond the kernel that it compiles or loads, and of
    that the thread's own: on a busy machine it waits for others."""
    mesh, _ = scene(64)
    cached = os.path.exists(importlib.util.find_spec("rnaslicer.slicer").cached)  # else Python compiles all modules
    begun = time.perf_counter()
    from rnaslicer import Slicer
    imported = time.perf_counter()
    used = time.thread_time()
    with Slicer(mesh.vertices)[:, "co"] as vw:
        entered, used = time.perf_counter(), time.thread_time() - used
        kernel = vw.kernel.refresh.compile_seconds or 0.0
    return {"import": imported - begun, "cached": cached, "enter": entered - imported - kernel, "thread": used - kernel}


def another_session():
    """What first_enter() gives in a Blender of its own."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "first.json"
        subprocess.run([bpy.app.binary_path, "-b", "--python-exit-code", "1", "--python", __file__, "--", "--only", "first",
                        "--json", str(file)], check=True, stdout=subprocess.DEVNULL)
        return json.loads(file.read_text())


def median_session(sessions):
    """Their medians, the least of each under "least". All have .pyc files but perhaps the first."""
    alike = [session for session in sessions if session["cached"] == sessions[-1]["cached"]]
    keys = ("import", "enter", "thread")
    return {"cached": sessions[-1]["cached"], "sessions": len(alike),
            **{key: median(session[key] for session in alike) for key in keys},
            "least": {key: min(session[key] for session in alike) for key in keys}}


def of_least(first, key):
    return f"{first[key] * 1e3:.1f} ({first['least'][key] * 1e3:.1f})"


def scene(size):
    """(a grid of about as many vertices, an F-curve of as many keys, at most 10 000)."""
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    side = max(2, round(size ** 0.5))
    verts = np.zeros((side, side, 3), "f")
    verts[..., 0], verts[..., 1] = np.meshgrid(np.arange(side), np.arange(side))
    corner = np.arange(side * side).reshape(side, side)
    faces = np.stack([corner[:-1, :-1], corner[:-1, 1:], corner[1:, 1:], corner[1:, :-1]], -1).reshape(-1, 4)
    mesh = bpy.data.meshes.new("Grid")
    mesh.vertices.add(side * side)
    mesh.loops.add(faces.size)
    mesh.polygons.add(len(faces))
    mesh.vertices.foreach_set("co", verts.ravel())
    mesh.loops.foreach_set("vertex_index", faces.ravel())
    mesh.polygons.foreach_set("loop_start", np.arange(0, faces.size, 4))
    if bpy.app.version < (4, 1):
        mesh.polygons.foreach_set("loop_total", np.full(len(faces), 4))
    mesh.update(calc_edges=True)
    mesh.uv_layers.new(name="UV")
    mesh.attributes.new("F", "FLOAT", "POINT")
    ob = bpy.data.objects.new("Grid", mesh)
    bpy.context.scene.collection.objects.link(ob)
    ob.keyframe_insert("location", index=0, frame=1)
    action = ob.animation_data.action
    curves = action.fcurves if hasattr(action, "fcurves") else action.layers[0].strips[0].channelbags[0].fcurves
    curves[0].keyframe_points.add(min(size, 10_000) - 1)
    keys = np.arange(2 * len(curves[0].keyframe_points), dtype="f")
    curves[0].keyframe_points.foreach_set("co", keys)
    curves[0].update()
    bpy.context.view_layer.update()
    return mesh, curves[0]


def cases(mesh, curve):
    yield "vertices.co", lambda: mesh.vertices, "co"
    yield "vertices.select", lambda: mesh.vertices, "select"
    yield "loops.vertex_index", lambda: mesh.loops, "vertex_index"
    yield "uv_layers[0].data.uv", lambda: mesh.uv_layers[0].data, "uv"
    yield "attributes['F'].value", lambda: mesh.attributes["F"].data, "value"
    yield "keyframe_points.co", lambda: curve.keyframe_points, "co"


def measured(size, mesh, name, give, prop):
    from rnaslicer import Slicer

    def unit():
        vertices = mesh.vertices
        len(vertices)
        vertices[0].as_pointer()

    def one_shot():
        with Slicer(give())[:, prop]:
            pass

    def assignments():
        for _ in range(2):
            element = give()[0]
            setattr(element, prop, getattr(element, prop))

    one_shot()
    with Slicer(give())[:, prop] as vw:
        values = np.array(vw.memcache)
        flat = np.ascontiguousarray(values).reshape(-1)

        def write():
            give().foreach_set(prop, flat)
            mesh.update_tag()

        times = alternate({"u": unit, "one-shot": one_shot, "refresh": vw.refresh, "update": vw.update,
                           "assignments": assignments, "copy": Memcpy(bytes_touched(vw, values)), "u again": unit,
                           "read": lambda: give().foreach_get(prop, flat), "write": write},
                          rounds=400 if size <= 10_000 else 25, seconds=3.0)
        calls = {way: counted(do) for way, do in (("one-shot", one_shot), ("refresh", vw.refresh), ("update", vw.update))}
        route = vw.kernel.route
    runs = {way: times[way].runs for way in times}

    def beyond(way, *without):
        rounds = zip(runs["u"], runs[way], *(runs[one] for one in without))
        return median((all_ - sum(parts)) / u for u, all_, *parts in rounds)

    found = {"one-shot": beyond("one-shot", "copy"), "refresh": beyond("refresh", "copy"),
             "update": beyond("update", "copy", "assignments")}
    read = median(a / b for a, b in zip(runs["one-shot"], runs["read"]))
    wrote = median(a / b for a, b in zip(runs["update"], runs["write"]))
    missed = [way for way in found if found[way] > GOALS[way] and size <= 10_000 or calls[way] > CALLS[way]]
    print(ROW.format(f"{size:,}", name, *(f"{found[way]:.1f}" for way in GOALS),
                     "/".join(str(calls[way]) for way in GOALS), f"{read:.2f}", f"{wrote:.2f}", route)
          + (f"  MISSED {', '.join(missed)}" if missed else ""), flush=True)
    return {"size": size, "what": name, "route": route, "beyond": found, "calls": calls, "read": read, "write": wrote,
            "u": median(runs["u"]), "missed": missed}


main()
