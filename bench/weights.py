# bench/weights.py: all vertex weights of a mesh at once, against the loop in Python, which is all that bpy has
import bpy
import numpy as np

from measure import Memcpy, alternate, duration, median_ratio

GOAL = 30  # times the loop
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
            ratio, median = times["loop"].best / times["slicer"].best, median_ratio(times["loop"], times["slicer"])
            reached = ratio >= GOAL
            print(LINE.format(f"{direction:<8}mesh.vertices[:, 'groups', :, 'weight']",
                              *(duration(times[name].best) for name in ("slicer", "loop", "memcpy")), f"{ratio:.0f}",
                              f"{median:.0f}", vw.kernel.route, f"≥ {GOAL} × loop" + ("" if reached else "  MISSED")))
            rows.append({"what": f"{direction} of {count} weights", "times": {n: t.as_json() for n, t in times.items()},
                         "times_loop": [ratio, median], "goal": GOAL, "reached": reached})
    return rows
