# bench/weights.py: all vertex weights of a mesh at once, against the loop in Python, which is all that bpy has
import time

import bpy
import numpy as np

from measure import Memcpy, Times, alternate, duration, median_ratio

GOAL = 30  # times the loop
GOAL_MADE = 8  # where there were no assignments yet
LINE = "  {:<50}{:>10}{:>10}{:>10}{:>10}{:>10}  {:<9}{}"


def mesh_with_weights(count):
    """A mesh of count / 4 vertices with four groups of random weights each."""
    mesh = bpy.data.meshes.new("Weights")
    mesh.vertices.add(count // 4)
    ob = bpy.data.objects.new("Weights", mesh)
    bpy.context.scene.collection.objects.link(ob)
    for group in range(4):
        ob.vertex_groups.new(name=f"Group{group}").add(range(count // 4), 0.5, "REPLACE")
    return mesh


def measure(count):
    """Rows of times for `count` assignments; prints them as it goes."""
    from rnaslicer import Slicer
    mesh = mesh_with_weights(count)
    print(LINE.format(f"weights: {count:,}", "Slicer", "loop", "memcpy", "×loop", "(med)", "route", "goal"))
    rows = []
    with Slicer(mesh.vertices, ragged="flat")[:, "groups", :, "weight"] as vw:
        np.asarray(vw.memcache)[:] = np.random.default_rng(1).random(count, np.float32)
        values = vw.memcache.tolist()

        def write():
            at = 0
            for vertex in mesh.vertices:
                for assignment in vertex.groups:
                    assignment.weight = values[at]
                    at += 1

        for direction, move, loop in (
                ("update", vw.update, write),
                ("refresh", vw.refresh, lambda: [a.weight for v in mesh.vertices for a in v.groups])):
            times = alternate({"slicer": move, "loop": loop, "memcpy": Memcpy(4 * count)}, 9, 8.0)
            rows.append(row(f"{direction:<8}mesh.vertices[:, 'groups', :, 'weight']", f"{direction} of {count} weights",
                            times, vw.kernel.route, GOAL))
    rows.append(row("rnaslicer.assign_weights", f"`assign_weights` of {count} that were not there", made(count),
                    "direct", GOAL_MADE))
    return rows


def row(shown, what, times, route, goal):
    """A row of figures, which it prints."""
    ratio, median = times["loop"].best / times["slicer"].best, median_ratio(times["loop"], times["slicer"])
    reached = max(ratio, median) >= goal
    print(LINE.format(shown, *(duration(times[name].best) for name in ("slicer", "loop", "memcpy")), f"{ratio:.1f}",
                      f"{median:.1f}", route, f"≥ {goal} × loop" + ("" if reached else "  MISSED")))
    return {"what": what, "times": {n: t.as_json() for n, t in times.items()}, "times_loop": [ratio, median],
            "goal": goal, "reached": reached}


def made(count):
    """{name: Times} of four assignments for each vertex of a mesh that has none, made anew for each run."""
    from rnaslicer import assign_weights
    vertex = np.repeat(np.arange(count // 4, dtype=np.int32), 4)
    group = np.tile(np.arange(4, dtype=np.int32), count // 4)
    weight = np.random.default_rng(2).random(count, np.float32)
    of_loop = list(zip(vertex.tolist(), group.tolist(), weight.tolist()))

    def loop(ob):
        groups = list(ob.vertex_groups)
        for v, g, w in of_loop:
            groups[g].add((v,), w, "REPLACE")

    copy = Memcpy(4 * count)
    ways = {"slicer": lambda ob: assign_weights(ob, vertex, group, weight), "loop": loop, "memcpy": lambda ob: copy()}
    times = {name: Times() for name in ways}
    for _ in range(5):
        for name, way in ways.items():
            ob = without_weights(count // 4)
            before = time.perf_counter()
            way(ob)
            times[name].runs.append(time.perf_counter() - before)
            bpy.data.meshes.remove(ob.data)  # the object goes with it
    return times


def without_weights(vertices):
    mesh = bpy.data.meshes.new("Bare")
    mesh.vertices.add(vertices)
    ob = bpy.data.objects.new("Bare", mesh)
    for group in range(4):
        ob.vertex_groups.new(name=f"Group{group}")
    return ob
